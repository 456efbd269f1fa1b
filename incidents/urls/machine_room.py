"""What the machines that keep the portal up ask, and what people see of how the reminders go out."""

from django.urls import path

from incidents.views import health, machine_room

urlpatterns = [
    path("-/live", health.live, name="live"),
    path("-/ready", health.ready, name="ready"),
    path("-/metrics", health.metrics, name="metrics"),
    path("beheer/<slug:slug>/machinekamer/", machine_room.machine_room, name="machine_room"),
    path("beheer/<slug:slug>/machinekamer/opnieuw/", machine_room.all_again, name="mails_again"),
    path("beheer/<slug:slug>/machinekamer/<uuid:pk>/opnieuw/", machine_room.again, name="mail_again"),
]
