from django.urls import include, path

from vpdportal.accounts import views

urlpatterns = [
    path("", include("vpdportal.accounts.signing_in.urls")),
    path("uitloggen/", views.SignOut.as_view(), name="sign_out"),
    path("wachtwoord/", views.AskForPassword.as_view(), name="password_ask"),
    path("wachtwoord/gevraagd/", views.PasswordAsked.as_view(), name="password_asked"),
    path("wachtwoord/<uidb64>/<token>/", views.ChoosePassword.as_view(), name="password_choose"),
    path("", include("vpdportal.accounts.signing_in.session_urls")),
    path("", include("vpdportal.accounts.signing_in.single_sign_on.urls")),
    path("taal/", views.choose_language, name="set_language"),
]
