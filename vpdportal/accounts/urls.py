from django.contrib.auth.views import LogoutView
from django.urls import path

from vpdportal.accounts import views

urlpatterns = [
    path("inloggen/", views.SignIn.as_view(), name="sign_in"),
    path("uitloggen/", LogoutView.as_view(), name="sign_out"),
    path("taal/", views.choose_language, name="set_language"),
]
