from django.conf import settings
from django.shortcuts import render

from pages.models import Event


def events(request):
    found = {"title": settings.TITLE, "events": Event.objects.all()}
    return render(request, "pages/events.html", found)
