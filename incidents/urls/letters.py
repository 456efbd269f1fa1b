"""Letters, their templates, and the sheet for the police."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
