"""The addresses about where someone is signed in."""

from django.urls import path

from vpdportal.accounts.signing_in import session_views

urlpatterns = [
    path("mijn-inloggen/apparaten/", session_views.my_sessions, name="my_sessions"),
    path("mijn-inloggen/apparaten/andere/uit/", session_views.end_others, name="my_sessions_end_others"),
    path("mijn-inloggen/apparaten/<int:pk>/uit/", session_views.end_one, name="my_session_end"),
]
