"""Damage, links, joining double reports, and ending a case."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
