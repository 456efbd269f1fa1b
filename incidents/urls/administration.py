"""Pages of the administrator and the auditor."""

from django.urls import path

from incidents.views import (
    administration,
    administration_person,
    audit,
    card_conditions,
    card_editing,
    card_publishing,
    closing_accounts,
    locations,
    overview_plan,
    posters,
    reminder_plan,
)

A_PERSON = "beheer/<slug:slug>/mensen/<uuid:pk>/"

urlpatterns = [
    path("beheer/", administration.choose, name="administration_choose"),
    path("beheer/<slug:slug>/", administration.organisation, name="administration"),
    path("beheer/<slug:slug>/gegevens/", administration.details, name="administration_details"),
    path("beheer/<slug:slug>/afdeling/", administration.new_department, name="administration_department_new"),
    path("beheer/<slug:slug>/afdeling/<uuid:pk>/", administration.department, name="administration_department"),
    path("beheer/<slug:slug>/rol/", administration.new_role, name="administration_role_new"),
    path("beheer/<slug:slug>/rol/<uuid:pk>/einde/", administration.end, name="administration_role_end"),
    path("beheer/<slug:slug>/herinneringen/", reminder_plan.settings, name="reminder_plan"),
    path("beheer/<slug:slug>/overzichten/", overview_plan.settings, name="overview_plan"),
    path(A_PERSON, administration_person.person, name="administration_person"),
    path(A_PERSON + "dagen/", administration_person.days, name="administration_person_days"),
    path(A_PERSON + "afwezig/", administration_person.away, name="administration_person_away"),
    path(
        A_PERSON + "afwezig/<uuid:absence_pk>/vervalt/", administration_person.back, name="administration_person_back"
    ),
    path(A_PERSON + "adres/", administration_person.address, name="administration_person_address"),
    path(A_PERSON + "adres/hersteld/", administration_person.mended, name="administration_person_mended"),
    path(A_PERSON + "sluiten/", closing_accounts.close, name="administration_person_close"),
    path(A_PERSON + "openen/", closing_accounts.reopen, name="administration_person_open"),
    path("beheer/<slug:slug>/locaties/", locations.index, name="locations"),
    path("beheer/<slug:slug>/locaties/nieuw/", locations.new, name="location_new"),
    path("beheer/<slug:slug>/locaties/lijst/", locations.many, name="location_many"),
    path("beheer/<slug:slug>/locaties/posters/", posters.every, name="location_posters"),
    path("beheer/<slug:slug>/locaties/posters.pdf", posters.every_pdf, name="location_posters_pdf"),
    path("beheer/<slug:slug>/locaties/<uuid:pk>/", locations.location, name="location"),
    path("beheer/<slug:slug>/locaties/<uuid:pk>/uit/", locations.off, name="location_off"),
    path("beheer/<slug:slug>/locaties/<uuid:pk>/poster/", posters.one, name="location_poster"),
    path("beheer/<slug:slug>/locaties/<uuid:pk>/poster.pdf", posters.one_pdf, name="location_poster_pdf"),
    path("beheer/<slug:slug>/menukaart/", card_editing.edit, name="card_edit"),
    path("beheer/<slug:slug>/menukaart/nieuw/", card_editing.new_item, name="card_item_new"),
    path("beheer/<slug:slug>/menukaart/bekijken/", card_publishing.review, name="card_review"),
    path("beheer/<slug:slug>/menukaart/publiceren/", card_publishing.publish, name="card_publish"),
    path("beheer/<slug:slug>/menukaart/weggooien/", card_publishing.discard, name="card_discard"),
    path("beheer/<slug:slug>/menukaart/versies/", card_publishing.versions, name="card_versions"),
    path("beheer/<slug:slug>/menukaart/5-mei/", card_editing.calendar, name="card_calendar"),
    path("beheer/<slug:slug>/menukaart/ladder/", card_conditions.ladder, name="card_ladder"),
    path(
        "beheer/<slug:slug>/menukaart/ladder/<int:severity>/<slug:occurrence>/",
        card_conditions.ladder_cell,
        name="card_ladder_cell",
    ),
    path("beheer/<slug:slug>/menukaart/maatregel/<slug:code>/", card_editing.item, name="card_item"),
    path("beheer/<slug:slug>/menukaart/maatregel/<slug:code>/weg/", card_editing.remove_item, name="card_item_remove"),
    path(
        "beheer/<slug:slug>/menukaart/maatregel/<slug:code>/als/<int:alternative>/",
        card_conditions.condition,
        name="card_condition",
    ),
    path(
        "beheer/<slug:slug>/menukaart/maatregel/<slug:code>/als/<int:alternative>/<int:number>/weg/",
        card_conditions.remove_test,
        name="card_test_remove",
    ),
    path("logboek/", audit.choose, name="audit_choose"),
    path("logboek/<slug:slug>/", audit.log, name="audit_log"),
]
