import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "events.settings")
# The code is root's; nobody writes beside it.
sys.dont_write_bytecode = True
execute_from_command_line(sys.argv)
