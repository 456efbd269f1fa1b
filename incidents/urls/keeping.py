"""How long things are kept: terms, what goes soon, one case, certificates."""

from django.urls import path

from incidents.views import case_keeping, retention_preview, retention_terms

urlpatterns = [
    path("bewaren/", retention_terms.choose_place, name="retention_place"),
    path("bewaren/<slug:slug>/termijnen/", retention_terms.terms, name="retention_terms"),
    path("bewaren/<slug:slug>/termijnen/kiezen/", retention_terms.choose, name="retention_choose"),
    path("bewaren/<slug:slug>/termijnen/<uuid:pk>/akkoord/", retention_terms.agree, name="retention_agree"),
    path("bewaren/<slug:slug>/binnenkort/", retention_preview.preview, name="retention_preview"),
    path("bewaren/<slug:slug>/verklaringen/", retention_preview.certificates, name="retention_certificates"),
    path(
        "bewaren/<slug:slug>/verklaringen/<int:number>.pdf",
        retention_preview.certificate,
        name="retention_certificate",
    ),
    path("dossier/<uuid:pk>/bewaren/", case_keeping.keeping, name="case_keeping"),
    path("dossier/<uuid:pk>/bewaren/langer/", case_keeping.longer, name="case_keep_longer"),
    path("dossier/<uuid:pk>/bewaren/<uuid:stay_pk>/opheffen/", case_keeping.lift, name="case_stay_lift"),
]
