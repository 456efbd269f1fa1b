"""Lists of cases, and what is taken out of them."""

from django.urls import path

from incidents.views import case_list, saved_lists

urlpatterns = [
    path("dossiers/", case_list.case_list, name="case_list"),
    path("dossiers/zoeken/", case_list.search, name="case_search"),
    path("dossiers/bestand/", case_list.export, name="case_export"),
    path("lijst/<slug:page>/bewaren/", saved_lists.keep, name="saved_list_keep"),
    path("lijst/<uuid:pk>/", saved_lists.saved_list, name="saved_list"),
    path("lijst/<uuid:pk>/weg/", saved_lists.throw_away, name="saved_list_drop"),
]
