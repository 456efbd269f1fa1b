"""The status page of one report: receipt, what was done, what comes next, and all that a person can do from it."""

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render

from incidents.actions.duty import on_duty
from incidents.actions.messages import open_questions
from incidents.actions.news import ON_STATUS, mark_seen
from incidents.actions.people import called_before
from incidents.actions.trail import record_view
from incidents.forms.additions import ColleagueForm, SupportForm, open_facts
from incidents.forms.messages import plain_label
from incidents.forms.report import told_beside
from incidents.models import Evidence, Message, Statement
from incidents.views.care_answers import care_of_own
from incidents.views.closing import closing_context, joined_context
from incidents.views.folded import Folded
from incidents.views.own_report import OwnReport
from incidents.views.places import PortalRequest
from incidents.views.status_words import Line, what_comes, what_was_done
from incidents.views.typed import mark_of_writer
from incidents.vocabulary import StatementBy


def status_page(request: PortalRequest, own: OwnReport, status: int = 200, **bound: Any) -> HttpResponse:
    """The page, with a form that came back with errors in place of its empty one."""
    incident = own.incident
    record_view(incident=incident, by=request.user, now=request.now, part="status")
    if request.method == "GET":
        mark_seen(incident=incident, by=request.user, kinds=ON_STATUS, now=request.now)
    context = {
        "own": own,
        "incident": incident,
        "adviser": on_duty(incident, request.now),
        "has_new_message": Message.objects.filter(
            incident=incident, person=request.user, is_from_desk=True, seen_at__isnull=True
        ).exists(),
        "open_questions": open_questions(incident, request.user),
        **joined_context(incident, request.user),
        "writer": mark_of_writer(request.user),
        **({} if own.is_receipt_only else _whole(request, own)),
        **bound,
    }
    return render(request, "incidents/report_status.html", context, status=status)


def _whole(request: PortalRequest, own: OwnReport) -> dict[str, Any]:
    """What is more than the receipt."""
    incident = own.incident
    coming: list[Line] = [] if incident.is_closed else what_comes(own, request.now)
    return {
        **closing_context(incident, request.user, request.now),
        **care_of_own(incident, request),
        "first_call": next((line for line in coming if line.is_first_call), None),
        "coming": Folded(coming),
        "done": Folded(what_was_done(own)),
        "still_open": Folded(_open_questions(own)),
        "statements": _statements(own),
        "told_beside": told_beside(incident.details),
        "files": Evidence.objects.filter(incident=incident, uploaded_by=request.user),
        "called_before": called_before(incident, request.now),
        "support_form": SupportForm(initial={"contact": _known_contact(own)}, auto_id="support-%s"),
        "witness_form": ColleagueForm(auto_id="witness-%s"),
    }


def _known_contact(own: OwnReport) -> str:
    """How this person can be reached: as they wrote in the own report, else at work. Never what someone else wrote."""
    is_theirs = own.is_about_viewer and not own.is_made_by_other
    return (own.incident.contact if is_theirs else "") or own.viewer.phone


def _open_questions(own: OwnReport) -> list[Any]:
    """What can still be told, in words. Of a near miss nothing more is asked."""
    if own.incident.is_closed or own.incident.is_near_miss:
        return []
    facts = open_facts(own.incident.facts)
    return [plain_label(name, is_about_self=own.is_about_viewer) for name in facts]


def _statements(own: OwnReport) -> list[Statement]:
    """What was added by this person, and before them by who reported it. Never what a witness told."""
    theirs = Q(by=own.viewer.pk)
    if own.is_made_by_other:
        theirs |= Q(by=own.incident.reporter_id)
    added = (StatementBy.REPORTER, StatementBy.AFFECTED)
    return list(own.incident.statements.filter(theirs, given_as__in=added))
