"""The addresses of signing in with the organisation's own account. A provider knows them: they may not change."""

from django.urls import path

from vpdportal.accounts.signing_in.single_sign_on import saml_views, views

urlpatterns = [
    path("inloggen/via/gelukt/", views.single_sign_on_done, name="single_sign_on_done"),
    path("inloggen/via/<slug:provider_id>/", views.single_sign_on, name="single_sign_on"),
    path("inloggen/via/<slug:provider_id>/terug/", views.single_sign_on_return, name="single_sign_on_return"),
    path("inloggen/via/<slug:provider_id>/uitloggen/", views.single_sign_out, name="single_sign_out"),
    path("inloggen/via/<slug:provider_id>/saml/", saml_views.saml_return, name="saml_return"),
    path("inloggen/via/<slug:provider_id>/saml/gegevens/", saml_views.saml_metadata, name="saml_metadata"),
]
