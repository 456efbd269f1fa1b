"""What an analyst takes out of the portal."""

from django.urls import path

from incidents.views import analysis

urlpatterns = [path("analyse/", analysis.analysis, name="analysis")]
