"""It was more than a near miss: the report becomes an incident, with all that the menu has to say of it."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from incidents.actions.advice import ask_the_menu
from incidents.actions.refusals import CaseClosed, Refused
from incidents.actions.trail import note_in_trail
from incidents.models import Incident
from incidents.vocabulary import ReportKind, TimelineKind
from vpdportal.accounts.models import User


class IsIncident(Refused):
    message = _("This is an incident already. Look at the page again to see who changed it.")


def make_incident_of_near_miss(*, incident: Incident, by: User, now: datetime) -> Incident:
    """Ask the menu as for any incident. Raises IsIncident, CaseClosed."""
    with transaction.atomic():
        incident = (
            Incident.objects.select_for_update(of=("self",), no_key=True)
            .select_related("organisation")
            .get(pk=incident.pk)
        )
        if incident.is_closed:
            raise CaseClosed
        if not incident.is_near_miss:
            raise IsIncident
        facts = incident.facts
        incident.kind = ReportKind.INCIDENT
        incident.facts = replace(facts, reports_in_team_90d=(facts.reports_in_team_90d or 0) + 1)  # now it counts too
        incident.save(update_fields=["kind", "sealed_facts"])
        note_in_trail(incident=incident, kind=TimelineKind.BECAME_INCIDENT, by=by, now=now)
        ask_the_menu(incident=incident, now=now, by=by)
    return incident
