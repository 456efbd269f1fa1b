"""Restricted cases, and breaking the glass."""

from django.urls import path

from incidents.views import glass, restricting

urlpatterns = [
    path("dossier/<uuid:pk>/afschermen/", restricting.case_restriction, name="case_restriction"),
    path("afgeschermd/", glass.restricted_cases, name="restricted_cases"),
    path("afgeschermd/<uuid:pk>/", glass.restricted_open, name="restricted_open"),
    path("logboek/<slug:slug>/openingen/", glass.openings, name="openings"),
    path("logboek/<slug:slug>/openingen/<uuid:pk>/", glass.opening, name="opening"),
]
