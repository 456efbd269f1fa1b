"""Reactions to perpetrators, and the register of what runs."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
