"""docs/access.md, made from the code: `manage.py access_page > docs/access.md`. A test holds the page to it."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from incidents.matrix import GROUPS, LETTERS, MATRIX, RELATIONS, letters_of
from incidents.querysets import IncidentQuerySet
from incidents.vocabulary import AlarmKind
from vpdportal.accounts.roles import FORBIDDEN_PAIRS, RIGHTS, Right, Role

WAYS_IN = ("visible_to", "own", "of_team", "worked_by", "witnessed_by", "shut_for")
OPENING = """# Who may do what

Made by `manage.py access_page` from `incidents/matrix.py`, `vpdportal/accounts/roles.py` and `incidents/querysets.py`:
change it there. What pages really show is held against a copy that was written by hand
(`tests/access/field_groups.py`), every address and role against `tests/access/rights*.py`.

Above the tables: who is kept out of a case has no role in it (ADR 11). Of a restricted case the desk is who handles it
and who stands in (ADR 30). Rights are read anew with each request. What is not for someone is answered as if it were
not there."""


class Command(BaseCommand):
    help = "Write docs/access.md: who may do what, from the code."

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            self.stdout.write("\n".join(_lines()))


def _lines() -> Iterator[str]:
    yield OPENING
    yield from ("", "## Parts of a case", "")
    yield " · ".join(f"**{letter}** {words}" for letter, words in LETTERS.items())
    yield ""
    yield from (f"- {group}: {words}" for group, words in GROUPS.items())
    yield ""
    yield from _table(["Who", *GROUPS], ([str(RELATIONS[one]), *letters_of(one).values()] for one in MATRIX))
    yield from ("", "## Ways in to a case", "")
    for name in WAYS_IN:
        first = (getattr(IncidentQuerySet, name).__doc__ or "").strip().splitlines()[0]
        yield f"- `{name}`: {first}"
    yield from ("", "## Rights of a role", "")
    yield from _table(
        ["Right", *(str(role.label) for role in Role)],
        ([str(right.label), *("x" if right in RIGHTS[role] else "" for role in Role)] for right in Right),
    )
    yield ""
    pairs = sorted(" and ".join(sorted(str(role.label) for role in pair)) for pair in FORBIDDEN_PAIRS)
    yield "Nobody is both: " + "; ".join(pairs) + "."
    yield from ("", "## What people are warned of by mail", "")
    yield from (f"- `{kind.value}`: {kind.label}" for kind in AlarmKind)


def _table(head: list[str], rows: Any) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
