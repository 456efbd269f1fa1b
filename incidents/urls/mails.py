"""What each person chooses about mail and days, away or at work."""

from django.urls import path

from incidents.views import absences, own_mails, unsubscribing

urlpatterns = [
    path("afwezig/", absences.absence, name="absence"),
    path("afwezig/<uuid:pk>/vervalt/", absences.cancel, name="absence_cancel"),
    path("mijn-mails/", own_mails.choices, name="my_mails"),
    path("afmelden/<str:token>/", unsubscribing.ask, name="unsubscribe"),
]
