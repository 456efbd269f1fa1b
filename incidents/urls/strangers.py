"""What everyone may read, signed in or not."""

from django.urls import path

from incidents.views import strangers

urlpatterns = [
    path("privacy/", strangers.privacy, name="privacy"),
    path("toegankelijkheid/", strangers.accessibility, name="accessibility"),
    path("robots.txt", strangers.robots, name="robots"),
    path(".well-known/security.txt", strangers.security, name="security"),
]
