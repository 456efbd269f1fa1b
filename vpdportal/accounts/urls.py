from django.urls import path

from vpdportal.accounts import views

urlpatterns = [
    path("inloggen/", views.SignIn.as_view(), name="sign_in"),
    path("uitloggen/", views.SignOut.as_view(), name="sign_out"),
    path("wachtwoord/", views.AskForPassword.as_view(), name="password_ask"),
    path("wachtwoord/gevraagd/", views.PasswordAsked.as_view(), name="password_asked"),
    path("wachtwoord/<uidb64>/<token>/", views.ChoosePassword.as_view(), name="password_choose"),
    path("taal/", views.choose_language, name="set_language"),
]
