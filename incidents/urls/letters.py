"""Letters, their templates, and the sheet for the police."""

from django.urls import path

from incidents.views import case_letters, case_police, letter_papers, letter_templates, letters, police_papers

urlpatterns = [
    path("dossier/<uuid:pk>/brieven/", case_letters.case_letters, name="case_letters"),
    path("dossier/<uuid:pk>/brieven/nieuw/<slug:kind>/", letters.new, name="letter_new"),
    path("dossier/<uuid:pk>/brieven/<uuid:letter_pk>/", letters.letter, name="letter"),
    path("dossier/<uuid:pk>/brieven/<uuid:letter_pk>/terug/", letters.brought, name="letter_brought"),
    path("dossier/<uuid:pk>/brieven/<uuid:letter_pk>/verzonden/", letters.sent, name="letter_sent"),
    path("dossier/<uuid:pk>/brieven/<uuid:letter_pk>/intrekken/", letters.withdraw, name="letter_withdraw"),
    path("dossier/<uuid:pk>/brieven/<uuid:letter_pk>/voorbeeld.pdf", letter_papers.preview, name="letter_preview"),
    path(
        "dossier/<uuid:pk>/brieven/<uuid:letter_pk>/versie/<int:number>.docx",
        letter_papers.file,
        name="letter_file",
    ),
    path("beheer/<slug:slug>/brieven/", letter_templates.index, name="letter_templates"),
    path("beheer/<slug:slug>/brieven/velden/", letter_templates.fields, name="letter_fields"),
    path("beheer/<slug:slug>/brieven/<slug:kind>/", letter_templates.template, name="letter_template"),
    path("beheer/<slug:slug>/brieven/<slug:kind>/terug/", letter_templates.withdraw, name="letter_template_withdraw"),
    path(
        "beheer/<slug:slug>/brieven/<slug:kind>/<slug:which>.docx", letter_templates.file, name="letter_template_file"
    ),
    path("dossier/<uuid:pk>/politie/", case_police.case_police, name="case_police"),
    path("dossier/<uuid:pk>/politie/wachten/", case_police.wait, name="police_wait"),
    path("politie/<uuid:pk>/", police_papers.sheet, name="police_sheet"),
    path("politie/<uuid:pk>/formulier.pdf", police_papers.as_pdf, name="police_pdf"),
    path("politie/<uuid:pk>/formulier.docx", police_papers.as_word, name="police_docx"),
    path("politie/<uuid:pk>/gedaan/", police_papers.filed, name="police_filed"),
    path("politie/<uuid:pk>/niet/", police_papers.not_filed, name="police_not_filed"),
    path("politie/<uuid:pk>/afloop/", police_papers.outcome, name="police_outcome"),
]
