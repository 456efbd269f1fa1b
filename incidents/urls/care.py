"""Aftercare and the calendar feed."""

from django.urls import path

from incidents.views import calendar_feeds, care_answers, care_planning, case_care

urlpatterns = [
    path("dossier/<uuid:pk>/nazorg/", case_care.case_care, name="case_care"),
    path("taak/<uuid:pk>/afspraak/", care_planning.care_plan, name="care_plan"),
    path("melding/<uuid:pk>/nazorg/<uuid:key>/", care_answers.care_answer, name="care_answer"),
    path("agenda/", calendar_feeds.calendar_feed, name="calendar_feed"),
    path("agenda/<str:secret>.ics", calendar_feeds.calendar_file, name="calendar_file"),
]
