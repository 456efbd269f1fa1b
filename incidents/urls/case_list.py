"""Lists of cases, and what is taken out of them."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
