"""The audit log as a file: what stands on the page, without the reasons, which never leave it. Text is no formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.overview.audit_log import Line
from incidents.overview.files.cells import add_ods_row, add_ods_sheet, for_csv, new_ods, ods_cell, saved

TITLES = (_("Position"), _("When"), _("Who"), _("What"), _("Of"), _("Number"), _("Whose"), _("Details"), _("Hash"))


def titles() -> list[str]:
    """The first row, in the language of the screen."""
    return [str(title) for title in TITLES]


def written(lines: Iterable[Line]) -> list[list[str]]:
    """The rows of the file. A moment as on the clock here, with its offset: seconds tell what came first."""
    return [
        [
            str(line.event.position),
            timezone.localtime(line.event.at).isoformat(sep=" ", timespec="seconds"),
            line.who,
            line.what,
            line.about,
            line.case,
            line.whom,
            ", ".join(line.event.fields),
            line.event.hash,
        ]
        for line in lines
    ]


def as_csv(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """As Dutch spreadsheets read it: semicolons, and a mark that says that it is UTF-8."""
    file = io.StringIO()
    writer: Any = csv.writer(file, delimiter=";", lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows([for_csv(text) for text in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def as_ods(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    document = new_ods()
    sheet = add_ods_sheet(document, gettext("Audit log"))
    for row in (heading, *rows):
        add_ods_row(sheet, [ods_cell(text) for text in row])
    return saved(document)
