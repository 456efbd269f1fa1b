"""Taking a list of cases out of the portal: plain facts only, for a purpose, and written in the audit."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import Refused
from vpdportal.accounts.access import standing
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right
from vpdportal.audit.chain import record

MOST = 10_000  # rows of one file; more is a copy of the portal and no list [OWN]


class ExportPurpose(models.TextChoices):
    """Why a list leaves the portal. The code goes to the audit row."""

    PLANNING = "planning", _("To plan and divide the work")
    CHECK = "check", _("To check whether cases are complete and in time")
    FIGURES = "figures", _("To make figures that the monthly overview does not have")
    MEETING = "meeting", _("For a meeting about safety at work")
    MOVE = "move", _("To take the work over into another system")


class FileKind(models.TextChoices):
    XLSX = "xlsx", _("Excel (.xlsx)")
    ODS = "ods", _("OpenDocument (.ods)")


class NothingToExport(Refused):
    message = _("There are no cases in this list that you may take out. Choose other filters.")


class TooManyCases(Refused):
    message = _("This list has more than 10,000 cases. Narrow it, for example to one year, and take it out in parts.")


def export_cases(
    *,
    cases: QuerySet[Any],
    columns: Sequence[str],
    purpose: ExportPurpose,
    file: FileKind,
    by: User,
    now: datetime,
) -> list[tuple[Any, ...]]:
    """The values of `columns` of these cases, of the organisations whose lists `by` may take out. Always logged.

    The audit of each organisation says the purpose, the kind of file and how many rows. Raises NothingToExport,
    TooManyCases.
    """
    allowed = [organisation.pk for organisation in standing(by, now).organisations(Right.EXPORT_CASES)]
    wanted = cases.filter(organisation__in=allowed).values_list("organisation", *columns)
    with transaction.atomic():
        rows = list(wanted[: MOST + 1])
        if not rows:
            raise NothingToExport
        if len(rows) > MOST:
            raise TooManyCases
        for organisation_id, number in sorted(Counter(row[0] for row in rows).items()):
            record(
                action="cases.exported",
                now=now,
                actor_id=by.pk,
                organisation_id=organisation_id,
                object_type="organisation",
                object_id=organisation_id,
                fields=[f"purpose:{purpose}", f"file:{file}", f"rows:{number}"],
            )
    return [row[1:] for row in rows]
