"""People outside the organisation, and the question whether something runs against someone."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
