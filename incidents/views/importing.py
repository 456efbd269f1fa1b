"""Bringing in an earlier registration: a sheet, what its columns are, a look at what will come, and taking it back."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.actions.case_export import FileKind
from incidents.actions.importing.carrying_out import AT_ONCE, carry_out, start
from incidents.actions.importing.refusals import SheetRefused
from incidents.actions.importing.sheets import bring_sheet, choose_columns, drop_sheet
from incidents.actions.importing.undoing import undo
from incidents.actions.refusals import Refused
from incidents.forms.importing import ColumnsForm, SheetForm
from incidents.models import CaseImport
from incidents.overview.import_sheet import example_sheet, held_in
from incidents.views.case_list import TYPES
from incidents.views.import_page import columns_form, own_sheet_for, sheet_for, show_sheet
from incidents.views.places import PortalRequest
from incidents.vocabulary import ImportField
from vpdportal.accounts.access import require, standing
from vpdportal.accounts.roles import Right
from vpdportal.accounts.signing_in.again import proven_recently

PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.IMPORT_CASES)
def sheets(request: PortalRequest) -> HttpResponse:
    """The sheets that were brought; posting brings one."""
    allowed = standing(request.user, request.now).organisations(Right.IMPORT_CASES)
    if request.method != "POST":
        return _list(request, SheetForm(organisations=allowed))
    form = SheetForm(request.POST, request.FILES, organisations=allowed)
    if not form.is_valid():
        return _list(request, form, 400)
    try:
        brought = bring_sheet(
            organisation=form.chosen(),
            name=form.cleaned_data["sheet"].name,
            content=form.content(),
            by=request.user,
            now=request.now,
        )
    except SheetRefused as refused:
        form.add_error("sheet", str(refused))
        return _list(request, form, 400)
    return redirect("import_sheet", pk=brought.pk)


def _list(request: PortalRequest, form: SheetForm, status: int = 200) -> HttpResponse:
    allowed = standing(request.user, request.now).organisations(Right.IMPORT_CASES)
    brought = CaseImport.objects.filter(organisation__in=allowed).select_related("organisation", "by")
    page = Paginator(brought.defer("sealed_columns"), PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "fields": [(field.label, held_in(field)) for field in ImportField],
        "has_several": len(allowed) > 1,
        "kinds": list(FileKind),
    }
    return render(request, "incidents/imports.html", context, status=status)


@require_safe
@require(Right.IMPORT_CASES)
def example(request: PortalRequest, kind: str) -> HttpResponse:
    if kind not in FileKind.values:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{_("example")}.{kind}"'}
    return HttpResponse(example_sheet(FileKind(kind)), content_type=TYPES[FileKind(kind)], headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.IMPORT_CASES)
def sheet(request: PortalRequest, pk: UUID) -> HttpResponse:
    """One sheet as it stands; posting says what its columns are."""
    if request.method != "POST":
        return show_sheet(request, sheet_for(request, pk))
    found = sheet_for(request, pk)
    form: ColumnsForm = columns_form(found, request.POST)
    if not form.is_valid():
        return show_sheet(request, found, 400, form)
    try:
        choose_columns(
            sheet=found,
            mapping=form.mapping(),
            department=form.other_department(),
            takes_unknown_words=form.cleaned_data["takes_unknown_words"],
            by=request.user,
            now=request.now,
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return show_sheet(request, found, 409, form)
    messages.success(request, _("Judged again with these columns. Nothing is brought in yet."))
    return redirect("import_sheet", pk=pk)


@require_POST
@require(Right.IMPORT_CASES)
@proven_recently
def begin(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Bring the rows in: a small sheet while the person waits, a large one behind the page."""
    found = own_sheet_for(request, pk)
    try:
        begun = start(sheet=found, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return show_sheet(request, found, 409)
    if begun.rows_read <= AT_ONCE:
        carry_out(sheet=begun, now=request.now)
    return redirect("import_sheet", pk=pk)


@require_POST
@require(Right.IMPORT_CASES)
@proven_recently
def take_back(request: PortalRequest, pk: UUID) -> HttpResponse:
    found = sheet_for(request, pk)
    try:
        number = undo(sheet=found, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return show_sheet(request, found, 409)
    done = ngettext("%(number)s case is taken back and gone.", "%(number)s cases are taken back and gone.", number)
    messages.success(request, done % {"number": number})
    return redirect("import_sheet", pk=pk)


@require_POST
@require(Right.IMPORT_CASES)
def throw_away(request: PortalRequest, pk: UUID) -> HttpResponse:
    found = own_sheet_for(request, pk)
    try:
        drop_sheet(sheet=found, by=request.user, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused))
        return show_sheet(request, found, 409)
    messages.success(request, _("The sheet is thrown away. Nothing was brought in."))
    return redirect("imports")
