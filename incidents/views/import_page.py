"""The page of one sheet: what its columns are and what will come of it; how far it is; or what came of it."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from guidance.vocabulary import Behaviour
from incidents.actions.importing.judging import Row, rows_of, rules_of
from incidents.actions.importing.sheets import KEPT_FOR, look_at_rows
from incidents.actions.importing.undoing import worked_on
from incidents.forms.importing import ColumnsForm
from incidents.models import CaseImport, Incident
from incidents.views.places import PortalRequest
from incidents.vocabulary import ImportField, ImportProblem, ImportStatus, ReportKind
from vpdportal.accounts.access import standing
from vpdportal.accounts.models import Department
from vpdportal.accounts.roles import Right

FIRST = 10  # rows that are shown as they will be, and cases that came of it
PROBLEMS = 50  # a page


@dataclass(frozen=True)
class Fault:
    """One cell that is wrong: the number of its row on the sheet, the heading of its column, and how to mend it."""

    row: int
    column: str
    advice: Any


def sheet_for(request: PortalRequest, pk: UUID) -> CaseImport:
    """A sheet of an organisation for which this person brings cases in."""
    allowed = standing(request.user, request.now).organisations(Right.IMPORT_CASES)
    rows = CaseImport.objects.filter(organisation__in=allowed)
    found: CaseImport = get_object_or_404(rows.select_related("organisation", "by", "undone_by", "department"), pk=pk)
    return found


def own_sheet_for(request: PortalRequest, pk: UUID) -> CaseImport:
    """The same, for who brought it: until it is brought in, its rows are for nobody else."""
    found = sheet_for(request, pk)
    if found.by_id != request.user.pk:
        raise PermissionDenied
    return found


def columns_form(sheet: CaseImport, data: Any = None) -> ColumnsForm:
    departments = Department.objects.filter(organisation=sheet.organisation_id, is_active=True)
    first = {"other": str(sheet.department_id or ""), "takes_unknown_words": sheet.takes_unknown_words}
    columns = json.loads(sheet.sealed_columns)
    return ColumnsForm(data, columns=columns, departments=departments, mapping=sheet.mapping, initial=first)


def show_sheet(
    request: PortalRequest, sheet: CaseImport, status: int = 200, form: ColumnsForm | None = None
) -> HttpResponse:
    """The page as the sheet stands now."""
    sheet = sheet_for(request, sheet.pk)
    is_read, is_own = sheet.status == ImportStatus.READ, sheet.by_id == request.user.pk
    context: dict[str, Any] = {
        "sheet": sheet,
        "is_own": is_own,
        "coming": sheet.rows_read - sheet.rows_wrong - sheet.rows_known,
        "thrown_away_at": sheet.at + KEPT_FOR,
        "page": Paginator(_faults(sheet), PROBLEMS).get_page(request.GET.get("page")),
    }
    if is_read and is_own:
        look_at_rows(sheet=sheet, by=request.user, now=request.now)
        context |= {"form": form or columns_form(sheet), "rows": _first_rows(sheet, request)}
    if sheet.status == ImportStatus.DONE:
        cases = Incident.objects.worked_by(request.user, request.now).filter(imported__of=sheet)
        context |= {"cases": cases.order_by("imported__row").defer("story")[:FIRST], "worked_on": worked_on(sheet)}
    return render(request, "incidents/import_sheet.html", context, status=status)


def _faults(sheet: CaseImport) -> list[Fault]:
    columns = json.loads(sheet.sealed_columns)
    titles = {name: columns[index] for name, index in sheet.mapping.items() if index < len(columns)}
    return [
        Fault(row, titles.get(what) or str(ImportField(what).label), ImportProblem(why).label)
        for problems in sheet.blocks.values_list("problems", flat=True)
        for row, what, why in problems
    ]


def _first_rows(sheet: CaseImport, request: PortalRequest) -> list[dict[str, Any]]:
    """The first rows that come in, as they will be."""
    rules, seen, found = rules_of(sheet, request.now), set[str](), []
    for block in sheet.blocks.iterator(chunk_size=1):
        for row in rows_of(block, rules, seen):
            if row.comes_in:
                found.append(_as_shown(row))
            if len(found) == FIRST:
                return found
    return found


def _as_shown(row: Row) -> dict[str, Any]:
    values = row.judged.values
    return {
        "row": row.judged.row,
        "number": values[ImportField.NUMBER],
        "at": values[ImportField.OCCURRED_ON],
        "kind": ReportKind(values[ImportField.KIND]).label,
        "behaviour": Behaviour(values[ImportField.BEHAVIOUR]).label,
        "severity": values[ImportField.SEVERITY],
        "department": values[ImportField.DEPARTMENT].name,
        "story": values[ImportField.STORY],
    }
