"""Exact figures of fixed periods go by their own term, which counts from the end of the period.

What management was told stays: it was told.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from incidents.actions.keeping.certificates import add_counts, open_round
from incidents.actions.keeping.terms import terms_of
from incidents.models import Correction, Release
from incidents.vocabulary import KeptPart
from vpdportal.accounts.models import Organisation
from vpdportal.audit.chain import record


@dataclass(frozen=True)
class DueFigures:
    """One fixed period whose exact figures are there, and the first day on which they may go."""

    release: UUID
    period: str  # its kind, year and number
    on: date


def figures_due(organisation: Organisation, until: date) -> list[DueFigures]:
    """What may go by this day, the oldest first; nothing where no term was agreed. Two queries."""
    terms, found = terms_of(organisation), []
    rows = Release.objects.filter(organisation=organisation, sealed_exact__isnull=False)
    for row in rows.only("kind", "year", "number"):
        on = terms.end_of(KeptPart.EXACT_FIGURES, row.last_day, until)
        if on is not None and on <= until:
            found.append(DueFigures(row.pk, str(row), on))
    return sorted(found, key=lambda one: (one.on, one.period))


def destroy_figures(*, organisation: Organisation, now: datetime) -> int:
    """Destroy the exact figures that are due, with those of their corrections. Gives of how many periods.

    Fixing a period holds the organisation too, so no period is added up from months that go meanwhile.
    """
    today = timezone.localdate(now)
    if not figures_due(organisation, today):
        return 0
    with transaction.atomic():
        destruction = open_round(organisation=organisation, now=now)
        due = figures_due(organisation, today)
        releases = [one.release for one in due]
        gone = {
            "Release": Release.objects.filter(pk__in=releases).update(sealed_exact=None),
            "Correction": Correction.objects.filter(release__in=releases, sealed_exact__isnull=False).update(
                sealed_exact=None
            ),
        }
        add_counts(destruction, gone)
        for one in due:
            record(
                action="retention.figures_destroyed",
                now=now,
                actor_id=None,
                organisation_id=organisation.pk,
                object_type="release",
                object_id=one.release,
                fields=[one.period, f"number:{destruction.number}"],
            )
    return len(due)
