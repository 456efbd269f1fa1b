"""The first page of a case: what to do now, what the menu says and why, the report. Nothing is changed here."""

from typing import Any

from django.http import HttpResponse

from guidance.cards import version_name
from guidance.explaining import fact_text
from incidents.actions.advice import advice_for
from incidents.actions.exclusions import named_for, people_who_see
from incidents.actions.news import mark_additions_seen, unseen_additions
from incidents.forms.casework import AssessmentForm, DecisionForm, SeveralForm
from incidents.forms.questions import FactsForm
from incidents.forms.report import told_beside
from incidents.models import Incident, Measure, Statement, Task
from incidents.need_to_know import hidden_from
from incidents.views.case_frame import show_part
from incidents.views.case_menu import what_the_menu_says
from incidents.views.folded import Folded
from incidents.views.places import PortalRequest
from incidents.vocabulary import TaskStatus


def case_page(request: PortalRequest, incident: Incident, status: int = 200, **bound: Any) -> HttpResponse:
    """The overview of the case, with a form that came back with errors in place of its empty one."""
    has_news = getattr(incident, "has_addition", False) or getattr(incident, "is_reopened", False)
    new = unseen_additions(incident) if has_news else []
    advised = advice_for(incident)
    measures: list[Measure] = list(
        incident.measures.annotate(runs_out_of_sight=hidden_from(request.user, "runs_in", request.now)).select_related(
            "decided_by", "runs_in"
        )
    )
    tasks = list(Task.objects.filter(incident=incident).select_related("assignee"))
    statements: list[Statement] = list(incident.statements.select_related("by")) if incident.statement_number else []
    told = [statement.text for statement in statements]
    facts_form = bound.get("facts_form") or FactsForm(advised=advised)
    context = {
        "facts": [
            (description.label, fact_text(description.name, value)) for description, value in incident.facts.known()
        ],
        "told_beside": told_beside(incident.details),
        "statements": Folded(statements[::-1]),
        **_what_was_done(tasks),
        **what_the_menu_says(measures, advised),
        "named": named_for(request.user, incident, people_who_see(incident, request.now), told),
        "has_newer_card": not incident.is_closed and version_name(incident.card_number) != incident.menu_version,
        "facts_form": None if incident.is_closed else facts_form,
        "assessment_form": AssessmentForm(incident=incident),
        "decision_form": DecisionForm(auto_id=False),
        "several_form": SeveralForm(),
        "deciding": None,
        "ticked": (),
        **bound,
    }
    page = show_part(request, incident, "case", "incidents/case.html", context, status=status)
    if request.method == "GET" and new:
        mark_additions_seen(shown=new, now=request.now)
    return page


def _what_was_done(tasks: list[Task]) -> dict[str, Any]:
    still_open = [task for task in tasks if task.status == TaskStatus.OPEN]
    return {
        "tasks": tasks,
        "open_tasks": Folded(still_open),
        "next_task": next((task for task in still_open if not task.is_on_hold), None),
        "ended_tasks": [task for task in tasks if task.status != TaskStatus.OPEN],
    }
