"""How often a card would have advised something: earlier incidents are advised again, and nothing is kept.

Who may not see cases gets a number only for items of the menu, in fives and none below five. For an organisation's own
items conditions are chosen freely, and any threshold could be used to find out about a single report.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from guidance.advice import Decision, decide
from guidance.card import Card
from incidents.models import Incident
from incidents.overview.told import FEW
from incidents.vocabulary import ReportKind
from vpdportal.accounts.models import Organisation, User

YEAR = timedelta(days=365)
AT_ONCE = 500  # rows in memory at a time


def advised_again(incidents: Any, card: Card) -> Iterator[tuple[Incident, Decision]]:
    """Each incident of the queryset with what the card says of it now. One query, in constant memory."""
    for incident in incidents.iterator(chunk_size=AT_ONCE):
        values = incident.facts.values()
        if incident.severity_confirmed_at:
            values["severity"] = incident.severity
        yield incident, decide(values, card)


@dataclass(frozen=True)
class Preview:
    """What one item would have done in twelve months: in which incidents it is advised, of how many."""

    incidents: list[Incident]
    of: int

    @property
    def count(self) -> int:
        return len(self.incidents)

    @property
    def rounded(self) -> int | None:
        """The count in fives for who may not see cases; None below five, zero included."""
        return self.count // FEW * FEW if self.count >= FEW else None


def preview_of(organisation: Organisation, *, code: str, card: Card, now: datetime, without: User) -> Preview:
    """The same over an organisation's incidents, for an item of the menu: its condition nobody can choose.

    Who may not see cases may only be shown `rounded`; what they reported themselves (`without`) does not count, else
    made-up reports would find out how many there were. Nor does a case from which they are kept out.
    """
    others = Incident.objects.not_kept_out(without).filter(organisation=organisation).exclude(reporter=without)
    return preview(others, code=code, card=card, now=now)


def preview(incidents: Any, *, code: str, card: Card, now: datetime) -> Preview:
    """In which of these incidents, of the last twelve months, the card advises this item. One query."""
    counted = incidents.counted().filter(kind=ReportKind.INCIDENT, reported_at__gt=now - YEAR, reported_at__lte=now)
    recent = counted.select_related("department")
    shown = recent.only(
        "reference",
        "reported_at",
        "main_behaviour",
        "severity",
        "severity_confirmed_at",
        "sealed_facts",
        "status",
        "department__name",
    )
    found, total = [], 0
    for incident, decision in advised_again(shown, card):
        total += 1
        if code in decision.fits:
            found.append(incident)
    return Preview(found, total)
