"""What the machines that keep the portal up ask."""

from django.urls import path

from incidents.views import health

urlpatterns = [
    path("-/live", health.live, name="live"),
    path("-/ready", health.ready, name="ready"),
]
