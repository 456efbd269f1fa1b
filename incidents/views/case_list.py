"""All cases of the organisations served: narrowed, sorted, searched, and taken out as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.actions.case_export import ExportPurpose, FileKind, export_cases
from incidents.actions.case_search import Found, search_cases
from incidents.actions.refusals import Refused
from incidents.actions.words import can_search_words
from incidents.data_request_rows import limited_in_case
from incidents.forms.case_list import CaseFilterForm, ExportForm, SearchForm
from incidents.forms.saved_lists import ListNameForm
from incidents.models import Incident, SavedList
from incidents.overview import case_files
from incidents.overview.case_list import NEWEST_FIRST, SORTS, in_order, listed, narrowed
from incidents.views.machine_room import banner
from incidents.views.places import PortalRequest
from vpdportal.accounts.access import memberships_at, require, standing
from vpdportal.accounts.models import Department, Organisation, User
from vpdportal.accounts.roles import DESK_ROLES, Right
from vpdportal.accounts.signing_in.again import proven_recently
from vpdportal.pages import page_of

PAGE = 25
FROM_A = ("number", "department")  # columns of names
WRITERS = {FileKind.XLSX: case_files.as_xlsx, FileKind.ODS: case_files.as_ods}
TYPES = {
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.ODS: "application/vnd.oasis.opendocument.spreadsheet",
}


@dataclass(frozen=True)
class Column:
    """A head of the table that sorts. `turn`: what the link asks for; `aria`: how it is sorted now."""

    label: Any
    turn: str
    aria: str


@require_safe
@require(Right.WORK_CASES)
def case_list(request: PortalRequest) -> HttpResponse:
    return show_case_list(request)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
def search(request: PortalRequest) -> HttpResponse:
    """What was typed comes by POST and is answered at once: it stands in no address, and is kept nowhere."""
    if request.method != "POST":  # Back, or signing in again: the words are gone on purpose
        return redirect("case_list")
    form = SearchForm(request.POST, auto_id="search-%s")
    return show_case_list(request, 200 if form.is_valid() else 400, search_form=form)


@require_POST
@require(Right.EXPORT_CASES)
@proven_recently
def export(request: PortalRequest) -> HttpResponse:
    """The list as a file, with the filters of the address."""
    form, filters = ExportForm(request.POST, auto_id="export-%s"), _filters(request)
    if not (form.is_valid() and filters.is_valid()):
        return show_case_list(request, 400, export_form=form)
    file = FileKind(form.cleaned_data["file"])
    try:
        rows = export_cases(
            cases=_ordered(_cases(request, filters), request.GET).annotate(is_limited=limited_in_case()),
            columns=case_files.FIELDS,
            purpose=ExportPurpose(form.cleaned_data["purpose"]),
            file=file,
            by=request.user,
            now=request.now,
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return show_case_list(request, 409, export_form=form)
    content = WRITERS[file](case_files.titles(), map(case_files.written, rows))
    name = f"dossiers-{timezone.localdate(request.now):%Y-%m-%d}.{file}"
    return HttpResponse(
        content, content_type=TYPES[file], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def show_case_list(
    request: PortalRequest,
    status: int = 200,
    search_form: SearchForm | None = None,
    export_form: ExportForm | None = None,
    name_form: ListNameForm | None = None,
) -> HttpResponse:
    """The list with the filters of the address; what is wrong with a form stands with it."""
    filters = _filters(request)
    is_search = search_form is not None
    asked = request.POST if is_search else request.GET  # page and order come the same way as the words
    cases = _cases(request, filters)
    found = None
    if search_form is not None:
        found = _found(request, search_form, filters, cases)
        cases = found.cases if found else cases.none()
    here = standing(request.user, request.now)
    served, exported = (here.organisations(right) for right in (Right.WORK_CASES, Right.EXPORT_CASES))
    context = {
        "form": filters,
        "search_form": search_form or SearchForm(auto_id="search-%s"),
        "is_search": is_search,
        "is_logged": bool(found and found.is_logged),
        "can_search_words": can_search_words(),
        "page": page_of(listed(_ordered(cases, asked)), asked.get("page"), PAGE),
        "columns": {name: _column(name, asked.get("sort", NEWEST_FIRST)) for name in SORTS},
        "sort": asked.get("sort", "") if asked.get("sort", "").removeprefix("-") in SORTS else "",
        "export_form": (export_form or ExportForm(auto_id="export-%s")) if exported and not is_search else None,
        "exported": exported if len(exported) < len(served) else [],
        "has_several": len(served) > 1,
        "may_import": here.may(Right.IMPORT_CASES),
        "saved": SavedList.objects.filter(user=request.user, page="case_list"),
        "saved_page": "case_list",
        "name_form": name_form or ListNameForm(auto_id="list-%s"),
        **banner(request, served),
    }
    return render(request, "incidents/case_list.html", context, status=status)


def _filters(request: PortalRequest) -> CaseFilterForm:
    served = standing(request.user, request.now).organisations(Right.WORK_CASES)
    ids = [organisation.pk for organisation in served]
    desk = memberships_at(request.now).filter(organisation__in=ids, role__in=DESK_ROLES)
    return CaseFilterForm(
        request.GET,
        organisations=served,
        departments=Department.objects.filter(organisation__in=ids),
        advisers=User.objects.filter(pk__in=desk.values("user")).order_by("name"),
    )


def _cases(request: PortalRequest, filters: CaseFilterForm) -> Any:
    """The cases that fit the filters; none while a filter is wrong."""
    cases = Incident.objects.worked_by(request.user, request.now)
    if not filters.is_valid():
        return cases.none()
    served = standing(request.user, request.now).organisations(Right.WORK_CASES)
    return narrowed(cases, filters.cleaned_data, served, request.now)


def _found(request: PortalRequest, form: SearchForm, filters: CaseFilterForm, cases: Any) -> Found | None:
    """The cases that fit what was typed, within the filters; None where either is wrong."""
    if not (form.is_valid() and filters.is_valid()):
        return None
    return search_cases(
        cases=cases,
        typed=form.cleaned_data["search"],
        organisations=list(_searched(request, filters)),
        by=request.user,
        now=request.now,
    )


def _searched(request: PortalRequest, filters: CaseFilterForm) -> Iterator[Organisation]:
    chosen = filters.cleaned_data.get("organisation")
    for organisation in standing(request.user, request.now).organisations(Right.WORK_CASES):
        if chosen in (None, organisation.pk):
            yield organisation


def _ordered(cases: Any, asked: QueryDict) -> Any:
    return in_order(cases, asked.get("sort", NEWEST_FIRST))


def _column(name: str, sort: str) -> Column:
    """The first click gives what one looks for most: the newest, the most severe, and names from A."""
    is_this, is_down = sort.removeprefix("-") == name, sort.startswith("-")
    aria = ("descending" if is_down else "ascending") if is_this else "none"
    goes_up = is_down if is_this else name in FROM_A
    return Column(SORTS[name][0], name if goes_up else f"-{name}", aria)
