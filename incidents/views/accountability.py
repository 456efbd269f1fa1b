"""Sheets by which an organisation accounts for what it keeps: to read, to print, and to answer its own questions."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from incidents.actions.privacy_answers import answers_of, mark_of_answers, save_answers
from incidents.actions.refusals import Refused
from incidents.forms.accountability import AnswersForm
from incidents.overview.accountability import sheet_of
from incidents.overview.accountability_questions import Sheet, questions_of
from incidents.overview.files.text_odt import as_odt
from incidents.views.overview_files import TYPES, FileKind, as_pdf
from incidents.views.places import PortalRequest, organisation_for
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, mark_of_writer, status_of_return
from vpdportal import pdf
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Right
from vpdportal.audit.chain import record

READING = (Right.SEE_OVERVIEW, Right.ADMINISTER)
WRITERS = {FileKind.PDF: as_pdf, FileKind.ODT: as_odt}


@require_safe
@require(*READING)
def choose(request: PortalRequest) -> HttpResponse:
    here = standing(request.user, request.now)
    organisations = {one.pk: one for right in READING for one in here.organisations(right)}
    places = [(one, reverse("accountability", args=[one.slug])) for one in organisations.values()]
    if len(places) == 1:
        return redirect(places[0][1])
    return render(request, "incidents/choose.html", {"places": places, "subject": "accountability"})


@require_safe
@require(*READING)
def sheets(request: PortalRequest, slug: str) -> HttpResponse:
    found = organisation_for(request, slug, *READING)
    answered = {code for code, answer in answers_of(found).items() if answer.text}
    rows = []
    for sheet in Sheet:
        codes = {question.code for question in questions_of(sheet)}
        rows.append((sheet, len(codes & answered), len(codes)))
    return render(request, "incidents/accountability.html", {"organisation": found, "rows": rows})


@require_safe
@require(*READING)
def sheet(request: PortalRequest, slug: str, code: str) -> HttpResponse:
    found = organisation_for(request, slug, *READING)
    return _page(request, found, _sheet(code))


@keeps_what_is_typed
@require_POST
@require(*READING)
def answer(request: PortalRequest, slug: str, code: str) -> HttpResponse:
    """The administrator writes; who reads along does not."""
    found, wanted = organisation_for(request, slug, *READING), _sheet(code)
    if not standing(request.user, request.now).may(Right.ADMINISTER, found.pk):
        raise PermissionDenied
    if is_of_another(request):
        return redirect("accountability_sheet", slug=slug, code=code)
    form = AnswersForm(request.POST, sheet=wanted, answers=answers_of(found))
    if is_shown_again(request, form):
        return _page(request, found, wanted, status_of_return(request), form)
    seen = form.cleaned_data["seen"]
    try:
        save_answers(organisation=found, texts=form.texts(), seen=seen, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, found, wanted, 409, form)
    messages.success(request, _("Saved."))
    return redirect("accountability_sheet", slug=slug, code=code)


@require_safe
@require(*READING)
def file(request: PortalRequest, slug: str, code: str, kind: str) -> HttpResponse:
    """As PDF or .odt; 503 in words where no PDF can be made here."""
    found, wanted = organisation_for(request, slug, *READING), _sheet(code)
    if kind not in WRITERS:
        raise Http404
    document = sheet_of(wanted, found, answers_of(found), request.now)
    try:
        content = WRITERS[FileKind(kind)](document)
    except pdf.PdfUnavailable:
        return render(request, "incidents/accountability_no_pdf.html", {"organisation": found}, status=503)
    _note(request, found, wanted, request.now)
    headers = {
        "Content-Disposition": f'attachment; filename="{wanted}-{found.slug}.{kind}"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type=TYPES[FileKind(kind)], headers=headers)


def _sheet(code: str) -> Sheet:
    if code not in Sheet.values:
        raise Http404
    return Sheet(code)


def _note(request: PortalRequest, organisation: Organisation, wanted: Sheet, now: datetime) -> None:
    record(
        action="privacy.sheet_taken",
        now=now,
        actor_id=request.user.pk,
        organisation_id=organisation.pk,
        object_type="organisation",
        object_id=organisation.pk,
        fields=[wanted.value],
    )


def _page(
    request: PortalRequest, found: Organisation, wanted: Sheet, status: int = 200, form: AnswersForm | None = None
) -> HttpResponse:
    answers = answers_of(found)
    seen = mark_of_answers(answers, [question.code for question in questions_of(wanted)])
    if form is not None:  # what was typed stays; saved once more it takes the place of what is kept now
        typed = request.POST.copy()
        typed["seen"] = seen
        form.data = typed
    context = {
        "organisation": found,
        "sheet": wanted,
        "document": sheet_of(wanted, found, answers, request.now),
        "may_write": standing(request.user, request.now).may(Right.ADMINISTER, found.pk),
        "form": form or AnswersForm(sheet=wanted, answers=answers, seen=seen),
        "writer": mark_of_writer(request.user),
    }
    return render(request, "incidents/accountability_sheet.html", context, status=status)
