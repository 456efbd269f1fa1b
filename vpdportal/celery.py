"""Celery is the clock, not the queue: it only calls the sweep, the database holds what is to be done."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpdportal.settings")

app = Celery("vpdportal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["incidents"])
