"""The addresses of signing in and of second factors. allauth asks for those with `account_` and `mfa_`."""

from django.urls import path

from vpdportal.accounts.signing_in import again, factor_views, sign_in

urlpatterns = [
    path("inloggen/", sign_in.SignIn.as_view(), name="sign_in"),
    path("inloggen/", sign_in.SignIn.as_view(), name="account_login"),
    path("inloggen/tweede-stap/", sign_in.second_step, name="mfa_authenticate"),
    path("inloggen/sleutel/", sign_in.passkey_answer, name="passkey_answer"),
    path("inloggen/sleutel/vraag/", sign_in.passkey_question, name="passkey_question"),
    path("opnieuw-inloggen/", again.sign_in_again, name="sign_in_again"),
    path("mijn-inloggen/", factor_views.mine, name="my_sign_in"),
    path("mijn-inloggen/app/", factor_views.app, name="factor_app"),
    path("mijn-inloggen/app/weg/", factor_views.app_gone, name="factor_app_gone"),
    path("mijn-inloggen/sleutel/", factor_views.passkey, name="factor_passkey"),
    path("mijn-inloggen/sleutel/<int:pk>/weg/", factor_views.passkey_gone, name="factor_passkey_gone"),
    path("mijn-inloggen/herstelcodes/", factor_views.codes, name="factor_codes"),
]
