"""The people of a case on its page: what they told, who was asked and has not answered, whose account is linked."""

from typing import Any
from uuid import UUID

from incidents.forms.additions import ColleagueForm
from incidents.forms.report_people import AFFECTED_EMAIL
from incidents.models import Incident, Statement
from incidents.views.folded import Folded
from incidents.vocabulary import ReporterIs


def case_people(incident: Incident) -> dict[str, Any]:
    """For templates/incidents/case_people.html. Three queries."""
    statements: list[Statement] = list(incident.statements.select_related("by"))
    answered: set[UUID] = {statement.by_id for statement in statements}
    answered |= set(incident.evidence.values_list("uploaded_by_id", flat=True))
    witnesses = list(incident.witnesses.select_related("user"))
    return {
        "statements": Folded(statements[::-1]),
        "witnesses_waiting": [witness for witness in witnesses if witness.user_id not in answered],
        "is_for_other": incident.reporter_is != ReporterIs.SELF or bool(incident.affected_name),
        "witness_form": ColleagueForm(auto_id="witness-%s"),
        "affected_form": ColleagueForm(initial={"email": incident.details.get(AFFECTED_EMAIL)}, auto_id="affected-%s"),
    }


def told_later(people: dict[str, Any]) -> list[str]:
    """The words that were added to the report: someone may be named in them who should not see it."""
    return [statement.text for statement in people["statements"].rows]
