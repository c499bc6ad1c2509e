import time

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

WAIT_SECONDS = 120


class Command(BaseCommand):
    help = "Brings the tables up to date, once the database answers: its host may still be at work."

    def handle(self, *args, **options):
        end = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                connection.ensure_connection()
                break
            except OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(1)
        call_command("migrate", interactive=False)
