"""People outside the organisation, and the question whether something runs against someone."""

from django.urls import path

from incidents.views import case_person_changes, case_persons, person_checks, persons

urlpatterns = [
    path("dossier/<uuid:pk>/mensen/", case_persons.case_people, name="case_people"),
    path("dossier/<uuid:pk>/mensen/zoeken/", case_person_changes.find, name="case_person_find"),
    path("dossier/<uuid:pk>/mensen/koppelen/", case_person_changes.link, name="case_person_link"),
    path("dossier/<uuid:pk>/mensen/feiten/", case_person_changes.facts, name="case_person_facts"),
    path("dossier/<uuid:pk>/mensen/<uuid:involvement_pk>/eraf/", case_person_changes.unlink, name="case_person_unlink"),
    path(
        "dossier/<uuid:pk>/mensen/<uuid:involvement_pk>/informeren/",
        case_person_changes.inform,
        name="case_person_inform",
    ),
    path("persoon/<uuid:pk>/", persons.person, name="person"),
    path("persoon/<uuid:pk>/openen/", persons.open_record, name="person_open"),
    path("persoon/<uuid:pk>/wijzigen/", persons.change, name="person_change"),
    path("persoon/<uuid:pk>/lezing/", persons.reading, name="person_reading"),
    path("persoon/<uuid:pk>/samenvoegen/", persons.merge, name="person_merge"),
    path("controle/", person_checks.check, name="person_check"),
]
