"""Overviews as files."""

from django.urls import path

from incidents.views import overview_files

urlpatterns = [
    path("overzicht/<slug:slug>/<slug:code>/bestand/<slug:kind>/", overview_files.overview_file, name="overview_file"),
]
