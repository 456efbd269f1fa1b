"""Damage, links, joining double reports, and ending a case."""

from django.urls import path

from incidents.views import assignment, case_damage, case_ending, case_links, handing_over

urlpatterns = [
    path("dossier/<uuid:pk>/verband/", case_links.links, name="case_links"),
    path("dossier/<uuid:pk>/verband/nieuw/", case_links.link, name="case_link"),
    path("dossier/<uuid:pk>/verband/<uuid:link_pk>/weg/", case_links.unlink, name="case_unlink"),
    path("dossier/<uuid:pk>/samenvoegen/<uuid:other_pk>/", case_links.merge, name="case_merge"),
    path("dossier/<uuid:pk>/uit-elkaar/", case_links.unmerge, name="case_unmerge"),
    path("dossier/<uuid:pk>/afsluiten/", case_ending.ending, name="case_ending"),
    path("dossier/<uuid:pk>/sluiten/", case_ending.close, name="case_close"),
    path("dossier/<uuid:pk>/evaluatie/", case_ending.evaluate, name="case_evaluate"),
    path("dossier/<uuid:pk>/taak/", assignment.task_add, name="task_add"),
    path("dossier/<uuid:pk>/toewijzen/", assignment.assign, name="case_assign"),
    path("overdragen/", handing_over.own, name="hand_over_all"),
    path("beheer/<slug:slug>/overdragen/<uuid:pk>/", handing_over.of, name="hand_over_of"),
    path("dossier/<uuid:pk>/schade/", case_damage.case_damage, name="case_damage"),
    path("schade/<uuid:pk>/", case_damage.line, name="damage_line"),
    path("schade/<uuid:pk>/weg/", case_damage.remove, name="damage_remove"),
]
