"""A list of cases as a file for a spreadsheet: plain facts, no person, no text. Text is never a formula."""

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guidance.vocabulary import Behaviour, Channel, Motive, TargetGroup
from incidents.overview.files.cells import Value, add_ods_row, add_ods_sheet, new_ods, ods_cell, saved, write_xlsx
from incidents.vocabulary import CaseStatus, ReportKind


def _label_of(choices: Any) -> Callable[[Any], Value]:
    labels = dict(choices.choices)
    return lambda code: str(labels.get(code, code))


def _moment(moment: datetime | None) -> Value:
    """As on the clock here: a spreadsheet knows no time zones."""
    return timezone.localtime(moment).replace(tzinfo=None, microsecond=0) if moment else None


def _yes_no(answer: Any) -> Value:
    return gettext("Yes") if answer else gettext("No")


def _known(answer: bool | None) -> Value:
    return gettext("Not filled in") if answer is None else _yes_no(answer)


# Title, column, and how a value is written. No names, no words of anyone, not what the reporter wants or feels.
COLUMNS: tuple[tuple[Any, str, Callable[[Any], Value]], ...] = (
    (_("Number"), "reference", str),
    (_("Organisation"), "organisation__name", str),
    (_("Department"), "department__name", str),
    (_("Kind"), "kind", _label_of(ReportKind)),
    (_("Status"), "status", _label_of(CaseStatus)),
    (_("Reported"), "reported_at", _moment),
    (_("Happened"), "occurred_at", _moment),
    (_("Behaviour"), "main_behaviour", _label_of(Behaviour)),
    (_("Channel or place"), "channel", _label_of(Channel)),
    (_("Target group"), "target_group", _label_of(TargetGroup)),
    (_("Motive"), "motive", _label_of(Motive)),
    (_("Perpetrator known"), "is_perpetrator_known", _known),
    (_("Severity"), "severity", int),
    (_("Severity confirmed"), "severity_confirmed_at", _yes_no),
    (_("Last changed"), "touched_at", _moment),
    (_("Closed"), "closed_at", _moment),
    (_("Use limited (AVG 18)"), "is_limited", _yes_no),
)
FIELDS = tuple(field for _title, field, _write in COLUMNS)


def titles() -> list[str]:
    """The first row, in the language of the screen."""
    return [str(title) for title, _field, _write in COLUMNS]


def written(row: Sequence[Any]) -> list[Value]:
    """One row of FIELDS as it stands in the file."""
    return [write(value) for (_title, _field, write), value in zip(COLUMNS, row, strict=True)]


def as_xlsx(heading: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """An Excel file with one sheet. Rows go to disk as they come, so memory does not grow with them."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_urls": False})
    sheet = book.add_worksheet(gettext("Cases"))
    bold = book.add_format({"bold": True})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(heading) - 1, 20)
    for column, title in enumerate(heading):
        write_xlsx(sheet, 0, column, title, bold)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            write_xlsx(sheet, number, column, value, moment if isinstance(value, datetime) else None)
    book.close()
    return file.getvalue()


def as_ods(heading: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """An OpenDocument file with one table."""
    document = new_ods()
    sheet = add_ods_sheet(document, gettext("Cases"))
    for row in (heading, *rows):
        add_ods_row(sheet, [ods_cell(value) for value in row])
    return saved(document)
