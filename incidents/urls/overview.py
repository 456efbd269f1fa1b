"""The overviews that management reads."""

from django.urls import path

from incidents.views import overview, overview_charts

A_PERIOD = "overzicht/<slug:slug>/<slug:code>/"

urlpatterns = [
    path("overzicht/", overview.choose, name="overview_choose"),
    path("overzicht/<slug:slug>/", overview.latest, name="overview_latest"),
    path(A_PERIOD, overview.period, name="overview"),
    path(A_PERIOD + "grafiek/<slug:name>.svg", overview_charts.chart, name="overview_chart"),
]
