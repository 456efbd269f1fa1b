"""What the desk and the people of a case write each other, as a page of the case."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from incidents.actions.advice import advice_for
from incidents.forms.questions import FactsForm
from incidents.models import Incident
from incidents.views.case_frame import show_part
from incidents.views.places import PortalRequest, case_for
from incidents.views.threads import case_threads
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right


@require_safe
@require(Right.WORK_CASES)
def case_messages(request: PortalRequest, pk: UUID) -> HttpResponse:
    return messages_page(request, case_for(request, pk))


def messages_page(request: PortalRequest, incident: Incident, status: int = 200, **bound: Any) -> HttpResponse:
    """All threads, with a form that came back (`message_form` or `question_form`, `writing_to`: the person's id)."""
    facts = [question.fact for question in FactsForm(advised=advice_for(incident)).questions]
    context = {**case_threads(request, incident, facts, bound), **bound}
    return show_part(request, incident, "case_messages", "incidents/case_messages.html", context, status=status)
