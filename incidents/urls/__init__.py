"""All addresses, by who comes."""

from incidents.urls import (
    administration,
    care,
    case_list,
    desk,
    ending,
    letters,
    machine_room,
    mails,
    menu,
    persons,
    reactions,
    reporting,
)

urlpatterns = [
    *administration.urlpatterns,
    *care.urlpatterns,
    *case_list.urlpatterns,
    *desk.urlpatterns,
    *ending.urlpatterns,
    *letters.urlpatterns,
    *machine_room.urlpatterns,
    *mails.urlpatterns,
    *menu.urlpatterns,
    *persons.urlpatterns,
    *reactions.urlpatterns,
    *reporting.urlpatterns,
]
