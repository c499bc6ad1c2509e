from django.db import models


class Event(models.Model):
    title = models.CharField(max_length=200)
    place = models.CharField(max_length=200)
    day = models.DateField()

    class Meta:
        ordering = ["day", "title"]
