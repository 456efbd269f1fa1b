"""The portal itself: wiring on top, accounts and audit below.

The Celery app is imported here so that a task called in the web process finds this broker and no default one.
"""

from vpdportal.celery import app as celery_app

__all__ = ["celery_app"]
