from django.urls import path

from pages.views import events

urlpatterns = [path("", events)]
