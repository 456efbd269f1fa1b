"""Taking out one row for each report, for an analyst: for a purpose, over whole months that are past, written down.

The row of the audit is kept before the first byte leaves, so that a file that broke off is written down too.
"""

from datetime import datetime

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from incidents.actions.overview_plans import plan_of
from incidents.actions.refusals import Refused
from vpdportal.accounts.models import Organisation, User
from vpdportal.audit.chain import record, times_today

EXPORTED = "rows.exported"  # audit action
MOST_A_DAY = 10  # for one person in one organisation [OWN]: enough to choose anew, too few to cut out single days


class RowPurpose(models.TextChoices):
    """Why the rows leave the portal. The code goes to the audit row."""

    POLICY = "policy", _("To make policy about safe work, or to look back on it")
    RISKS = "risks", _("For the risk inventory (RI&E) and its plan")
    WORKS_COUNCIL = "council", _("For the works council")
    RESEARCH = "research", _("For research by the organisation, or on its order")


class NothingInPeriod(Refused):
    message = _("There are no reports in this period that you may take out. Choose other months.")


class TooManyFiles(Refused):
    message = _(
        "You took out ten files today, and that is the most in one day. Go on tomorrow, or use a file that you have."
    )


class PeriodTooLong(Refused):
    """`most`: months of one file in this organisation."""

    def __init__(self, most: int) -> None:
        message = ngettext(
            "One file holds %(most)s month at most. Choose one month.",
            "One file holds %(most)s months at most. Choose a shorter period, or take it out in parts.",
            most,
        )
        super().__init__(message % {"most": most})


def most_months(organisation: Organisation) -> int:
    """How many months one file holds at most."""
    return plan_of(organisation).export_months


def export_rows(
    *,
    rows: QuerySet[models.Model],
    organisation: Organisation,
    months: list[str],
    purpose: RowPurpose,
    by: User,
    now: datetime,
) -> int:
    """Write down that these rows of the organisation leave, and give their number. The caller then reads them.

    `rows`: of these months and only what `by` may know of; `months`: their codes such as "2026-11", in order.
    The audit row holds the purpose, the first and last month, and the number of rows.
    Raises PeriodTooLong, TooManyFiles, NothingInPeriod; then nothing is written and nothing may leave.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two at once are two, not one
        most = most_months(organisation)
        if len(months) > most:
            raise PeriodTooLong(most)
        if times_today(action=EXPORTED, actor_id=by.pk, organisation_id=organisation.pk, now=now) >= MOST_A_DAY:
            raise TooManyFiles
        number = rows.count()
        if not number:
            raise NothingInPeriod
        record(
            action=EXPORTED,
            now=now,
            actor_id=by.pk,
            organisation_id=organisation.pk,
            object_type="organisation",
            object_id=organisation.pk,
            fields=[f"purpose:{purpose}", f"from:{months[0]}", f"to:{months[-1]}", f"rows:{number}"],
        )
    return number
