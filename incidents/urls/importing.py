"""Bringing in an earlier registration."""

from django.urls import path

from incidents.views import importing

urlpatterns = [
    path("inlezen/", importing.sheets, name="imports"),
    path("inlezen/voorbeeld.<slug:kind>", importing.example, name="import_example"),
    path("inlezen/<uuid:pk>/", importing.sheet, name="import_sheet"),
    path("inlezen/<uuid:pk>/uitvoeren/", importing.begin, name="import_start"),
    path("inlezen/<uuid:pk>/terugdraaien/", importing.take_back, name="import_undo"),
    path("inlezen/<uuid:pk>/weg/", importing.throw_away, name="import_drop"),
]
