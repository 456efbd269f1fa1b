"""Aftercare and the calendar feed."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
