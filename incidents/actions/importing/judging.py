"""All rows of a sheet judged: which can be brought in, which were before, and what is wrong with the others."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incidents.actions.importing.rows import Judged, Rules, judge
from incidents.import_words import plain
from incidents.models import CaseImport, ImportBlock, ImportedCase
from incidents.vocabulary import ImportField, ImportProblem
from vpdportal.accounts.models import Department


@dataclass(frozen=True)
class Row:
    """A row as it will be, or what is wrong with it. `is_known`: it was brought in before."""

    judged: Judged
    is_known: bool
    cells: list[str]

    @property
    def comes_in(self) -> bool:
        return not self.judged.problems and not self.is_known


def rules_of(sheet: CaseImport, now: datetime) -> Rules:
    departments = Department.objects.filter(organisation=sheet.organisation_id).order_by("is_active", "name")
    return Rules(
        organisation_id=sheet.organisation_id,
        mapping=sheet.mapping,
        departments={plain(one.name): one for one in departments if plain(one.name)},  # of two alike, the one in use
        other_department=sheet.department if sheet.department and sheet.department.is_active else None,
        takes_unknown_words=sheet.takes_unknown_words,
        now=now,
    )


def judge_all(sheet: CaseImport, now: datetime) -> None:
    """Judge every row, and keep what is wrong and how many there are. In the caller's transaction."""
    rules, seen = rules_of(sheet, now), set[str]()
    sheet.rows_wrong = sheet.rows_known = 0
    for block in sheet.blocks.all():
        rows = list(rows_of(block, rules, seen))
        problems = problems_of(rows)
        sheet.rows_wrong += sum(bool(row.judged.problems) for row in rows)
        sheet.rows_known += sum(row.is_known and not row.judged.problems for row in rows)
        if problems != block.problems:
            block.problems = problems
            block.save(update_fields=["problems"])
    sheet.save(update_fields=["rows_wrong", "rows_known"])


def problems_of(rows: Iterable[Row]) -> list[list[Any]]:
    """What is wrong with them, as a block keeps it: the number of the row, the field, why."""
    return [[row.judged.row, what.value, why.value] for row in rows for what, why in row.judged.problems]


def rows_of(block: ImportBlock, rules: Rules, seen: set[str]) -> Iterator[Row]:
    """The rows of one block. `seen`: digests of the rows of this sheet before it, to which these are added."""
    found = [(judge(number, cells, rules), cells) for number, cells in json.loads(block.sealed_rows or "[]")]
    digests = [judged.digest for judged, _cells in found]
    mine = ImportedCase.objects.filter(organisation=block.organisation_id, digest__in=digests)
    known = set(mine.values_list("digest", flat=True))
    for judged, cells in found:
        is_known = judged.digest in known
        if judged.digest in seen and not is_known:
            judged.wrong(ImportField.NUMBER, ImportProblem.TWICE)
        if not judged.problems:  # one that is mended in a later row is not there twice
            seen.add(judged.digest)
        yield Row(judged, is_known, cells)
