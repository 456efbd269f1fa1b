"""All addresses, by who comes."""

from incidents.urls import (
    administration,
    analysis,
    care,
    case_list,
    desk,
    ending,
    letters,
    machine_room,
    mails,
    menu,
    overview,
    overview_files,
    persons,
    reactions,
    reporting,
)

urlpatterns = [
    *administration.urlpatterns,
    *analysis.urlpatterns,
    *care.urlpatterns,
    *case_list.urlpatterns,
    *desk.urlpatterns,
    *ending.urlpatterns,
    *letters.urlpatterns,
    *machine_room.urlpatterns,
    *mails.urlpatterns,
    *menu.urlpatterns,
    *overview.urlpatterns,
    *overview_files.urlpatterns,
    *persons.urlpatterns,
    *reactions.urlpatterns,
    *reporting.urlpatterns,
]
