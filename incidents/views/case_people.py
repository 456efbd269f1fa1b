"""Colleagues of a case on its page of people: who was asked and has not answered, whose account is linked."""

from typing import Any

from django.db.models import Exists, OuterRef

from incidents.forms.additions import ColleagueForm
from incidents.forms.report_people import AFFECTED_EMAIL
from incidents.models import Evidence, Incident, Statement
from incidents.vocabulary import ReporterIs


def case_people(incident: Incident) -> dict[str, Any]:
    """For templates/incidents/case_people.html. One query."""
    told = Statement.objects.filter(incident=incident, by=OuterRef("user"))
    brought = Evidence.objects.filter(incident=incident, uploaded_by=OuterRef("user"))
    silent = incident.witnesses.filter(~Exists(told), ~Exists(brought))
    return {
        "witnesses_waiting": list(silent.select_related("user")),
        "is_for_other": incident.reporter_is != ReporterIs.SELF or bool(incident.affected_name),
        "witness_form": ColleagueForm(auto_id="witness-%s"),
        "affected_form": ColleagueForm(initial={"email": incident.details.get(AFFECTED_EMAIL)}, auto_id="affected-%s"),
    }
