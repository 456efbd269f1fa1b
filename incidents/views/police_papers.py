"""One sheet for the police: writing it, its paper as PDF and .docx, that it was filed or not, and its outcome."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BaseForm, ChoiceField
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.actions.police_content import (
    paper_of,
    parts_as_filed,
    perpetrators_of,
    sheet_of,
    usable_evidence,
)
from incidents.actions.police_refusals import ChangedMeanwhile
from incidents.actions.police_sheets import (
    change_sheet,
    file_sheet,
    leave_sheet,
    note_names_given,
    record_outcome,
)
from incidents.actions.refusals import Refused
from incidents.actions.trail import record_view
from incidents.forms.police_sheets import FiledForm, NotFiledForm, PoliceOutcomeForm, PoliceSheetForm, initial_of
from incidents.models import Evidence, Incident, PoliceSheet
from incidents.police_sheet import PAPER_LANGUAGE, Part, missing, under_number_helps
from incidents.views.case_frame import show_part
from incidents.views.places import PortalRequest, case_for
from incidents.views.police_docx import as_docx
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, status_of_return
from incidents.vocabulary import PoliceOutcome, PoliceStatus
from vpdportal import pdf
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right
from vpdportal.accounts.signing_in.again import proven_recently

STYLESHEETS = ("portal/paper.css",)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Acts = Callable[[PoliceSheet, BaseForm], object]


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
def sheet(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The sheet as a form; one that was filed, as it went."""
    found, incident = _sheet_for(request, pk)
    if request.method != "POST" or is_of_another(request):
        return _page(request, found, incident)
    form = _sheet_form(request, found, incident, usable_evidence(incident), request.POST)

    def act(row: PoliceSheet, valid: Any) -> None:
        change_sheet(
            sheet=row,
            revision=valid.cleaned_data["revision"],
            answers=valid.answers(),
            evidence=valid.chosen_files(),
            is_vpt_code_asked=valid.cleaned_data["is_vpt_code_asked"],
            is_under_number=valid.cleaned_data["is_under_number"],
            by=request.user,
            now=request.now,
        )

    return _judged(request, pk, form, act, _("The sheet is kept."), "form")


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def filed(request: PortalRequest, pk: UUID) -> HttpResponse:
    """It went to the police, or what was written of that is corrected."""
    _found, incident = _sheet_for(request, pk)
    since = timezone.localdate(incident.occurred_at)

    def act(row: PoliceSheet, valid: Any) -> None:
        data = valid.cleaned_data
        file_sheet(
            sheet=row,
            revision=data["revision"],
            on=data["filed_on"],
            police_number=data["police_number"],
            contact=data["contact"],
            is_vpt_code_asked=data["is_vpt_code_asked"],
            by=request.user,
            now=request.now,
        )

    form = FiledForm(request.POST, now=request.now, since=since, auto_id="filed-%s")
    return _judged(request, pk, form, act, _("Kept. What had to be done for it is done."), "filed_form")


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def not_filed(request: PortalRequest, pk: UUID) -> HttpResponse:
    """It does not go to the police, with the reason."""

    def act(row: PoliceSheet, valid: Any) -> None:
        data = valid.cleaned_data
        leave_sheet(sheet=row, revision=data["revision"], reason=data["reason"], by=request.user, now=request.now)

    form = NotFiledForm(request.POST, auto_id="not-filed-%s")
    return _judged(request, pk, form, act, _("Kept, with your reason."), "not_filed_form")


@keeps_what_is_typed
@require_POST
@require(Right.WORK_CASES)
def outcome(request: PortalRequest, pk: UUID) -> HttpResponse:
    """What police, prosecutor or court did with it."""
    found, incident = _sheet_for(request, pk)
    since = found.filed_on or timezone.localdate(incident.occurred_at)

    def act(row: PoliceSheet, valid: Any) -> None:
        data = valid.cleaned_data
        record_outcome(
            sheet=row,
            revision=data["revision"],
            outcome=PoliceOutcome(data["outcome"]),
            on=data["outcome_on"],
            words=data["outcome_words"],
            by=request.user,
            now=request.now,
        )

    form = PoliceOutcomeForm(request.POST, now=request.now, since=since, auto_id="outcome-%s")
    return _judged(request, pk, form, act, _("The outcome is kept."), "outcome_form")


@require_safe
@require(Right.WORK_CASES)
@proven_recently
def as_pdf(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The paper as a tagged PDF; 503 where this installation cannot make one: the .docx stays."""
    found, incident = _sheet_for(request, pk)

    def make(parts: list[Part], title: str) -> bytes:
        html = render_to_string("incidents/police_paper.html", {"parts": parts, "title": title, "incident": incident})
        return pdf.as_pdf(html, language=PAPER_LANGUAGE, title=title, stylesheets=STYLESHEETS)

    try:
        return _paper(request, found, incident, make, "application/pdf", "pdf")
    except pdf.PdfUnavailable:
        messages.error(request, _("This installation cannot make a PDF. Take the sheet as a Word document instead."))
        return _page(request, found, incident, 503)


@require_safe
@require(Right.WORK_CASES)
@proven_recently
def as_word(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The same paper as a .docx, for who wants to write on in it."""
    found, incident = _sheet_for(request, pk)

    def make(parts: list[Part], title: str) -> bytes:
        return as_docx(parts, title=title, author=incident.organisation.name)

    return _paper(request, found, incident, make, DOCX, "docx")


def _paper(
    request: PortalRequest,
    found: PoliceSheet,
    incident: Incident,
    make: Callable[[list[Part], str], bytes],
    content_type: str,
    ending: str,
) -> HttpResponse:
    """The paper in the language of the police. Who made it, and whose name is on it, is written down first."""
    try:
        parts = paper_of(found, incident)
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, found, incident, 409)
    record_view(incident=incident, by=request.user, now=request.now, part="police_sheet")
    note_names_given(incident=incident, sheet=found, by=request.user, now=request.now)
    with translation.override(PAPER_LANGUAGE):
        content = make(parts, _("Sheet for the police: %(number)s") % {"number": incident.reference})
    headers = {"Content-Disposition": f'attachment; filename="{incident.reference}-politie.{ending}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


def _sheet_for(request: PortalRequest, pk: UUID) -> tuple[PoliceSheet, Incident]:
    """The sheet and its case, for who works on the case; for anyone else it does not exist."""
    found = get_object_or_404(PoliceSheet, pk=pk)
    incident = case_for(request, found.incident_id)
    found.incident = incident
    return found, incident


def _judged(request: PortalRequest, pk: UUID, form: BaseForm, act: Acts, done: str, name: str) -> HttpResponse:
    """Act on a form that is right; else the page again with what was typed. Nobody sees what someone else typed."""
    found, incident = _sheet_for(request, pk)
    if is_of_another(request):
        return redirect("police_sheet", pk=pk)
    if is_shown_again(request, form):
        return _page(request, found, incident, status_of_return(request), **{name: form})
    try:
        act(found, form)
    except Refused as refused:
        messages.error(request, str(refused))
        found, incident = _sheet_for(request, pk)
        more = {"meanwhile": _now_there(found, form)} if isinstance(refused, ChangedMeanwhile) else {}
        return _page(request, found, incident, 409, **{name: _seen_now(form, found)}, **more)
    messages.success(request, done)
    return redirect("police_sheet", pk=pk)


def _seen_now(form: Any, found: PoliceSheet) -> Any:
    """What was typed, on the sheet as it is now: who saves again has seen it."""
    form.data = form.data.copy()
    form.data["revision"] = str(found.revision)
    return form


def _now_there(found: PoliceSheet, form: Any) -> list[tuple[Any, str]]:
    """What stands on the sheet now, in words, where it is not what was typed. Of a step: what was written of it."""
    if isinstance(form, PoliceSheetForm):
        there = initial_of(found)
    else:
        there = {name: value for name in form.fields if (value := getattr(found, name, None))}
    both = [
        (field.label, _in_words(field, there[name]), _in_words(field, form.cleaned_data.get(name)))
        for name, field in form.fields.items()
        if name in there and not field.widget.is_hidden
    ]
    return [(label, now) for label, now, typed in both if now != typed]


def _in_words(field: Any, value: Any) -> str:
    """A value of a field as one reads it: a tick, what is chosen of a list as far as it is offered, a day, a text."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, ChoiceField):
        chosen, offered = value if isinstance(value, list) else [value], dict(field.choices)  # type: ignore[arg-type]
        return "; ".join(str(label) for one, label in offered.items() if one in chosen)
    return date_format(value, "DATE_FORMAT") if isinstance(value, date) else str(value or "").strip()


def _sheet_form(
    request: PortalRequest, found: PoliceSheet, incident: Incident, files: list[Evidence], data: Any = None
) -> PoliceSheetForm:
    return PoliceSheetForm(
        data,
        sheet=found,
        files=files,
        persons=perpetrators_of(incident, request.user, request.now),
        does_number_help=under_number_helps(incident.facts),
    )


def _page(
    request: PortalRequest, found: PoliceSheet, incident: Incident, status: int = 200, **bound: Any
) -> HttpResponse:
    files = usable_evidence(incident)
    content = sheet_of(found, incident, answers=found.answers, files=files, with_names=False)
    is_open = not incident.is_closed and found.status != PoliceStatus.FILED
    revision = {"revision": found.revision}
    day, happened = timezone.localdate(request.now), timezone.localdate(incident.occurred_at)
    about_filing = {
        "filed_on": found.filed_on or day,
        "police_number": found.police_number,
        "contact": found.contact,
        "is_vpt_code_asked": found.is_vpt_code_asked,
    }
    about_outcome = {
        "outcome": found.outcome,
        "outcome_on": found.outcome_on or day,
        "outcome_words": found.outcome_words,
    }
    form = bound.get("form") or (_sheet_form(request, found, incident, files) if is_open else None)
    context = {
        "sheet": found,
        "missing": missing(content),
        "parts_as_filed": parts_as_filed(content.answers),
        "does_number_help": under_number_helps(incident.facts),
        "form": form,
        "filed_form": FiledForm(
            initial={**about_filing, **revision}, now=request.now, since=happened, auto_id="filed-%s"
        ),
        "not_filed_form": NotFiledForm(initial=revision, auto_id="not-filed-%s"),
        "outcome_form": PoliceOutcomeForm(
            initial={**about_outcome, **revision}, now=request.now, since=happened, auto_id="outcome-%s"
        ),
        **bound,
    }
    return show_part(request, incident, "police_sheet", "incidents/police_sheet.html", context, status=status)
