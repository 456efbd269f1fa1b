"""How far each chain goes, kept where who can change the database cannot: in the log of the machine, or on paper.

A chain that was cut at its end, or written anew from some event on, is whole in itself. It shows only beside what was
known of it earlier: an anchor. Once a day the anchors go to the logger `vpdportal.audit.anchor`; those of the
organisations stand in the chain of the installation too, which a change must then forge as well.

What was cut off behind its term is gone, so anchors from before it say only how long the chain was then: a cut that
took what came after one of them, and was not five years old, is false.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from logging import getLogger
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from vpdportal.audit.chain import INSTALLATION, Verdict, chain_of, record, verify
from vpdportal.audit.cuts import Cut, cuts_of, told_by
from vpdportal.audit.models import AuditEvent, ChainHead

ANCHORED = "audit.anchored"  # action of the events in the chain of the installation
LINE = re.compile(
    r"(?P<chain>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|installation) (?P<cut>cut )?(?P<position>\d{1,19}) "
    r"(?P<hash>[0-9a-f]{64}) (?P<at>\d{4}-\d\d-\d\dT[\d:.]+Z)"
)
log = getLogger("vpdportal.audit.anchor")


@dataclass(frozen=True)
class Anchor:
    """At `at` (UTC, as text) the event at `position` of this chain had this hash.

    `is_cut`: it was the last of those that went then, and says nothing of how long the chain was.
    """

    chain: str
    position: int
    hash: str
    at: str
    is_cut: bool = False

    def __str__(self) -> str:
        return f"{self.chain} {self.position} {self.hash} {self.at}"


def present_anchors(now: datetime) -> list[Anchor]:
    """Of every chain that has an event, as it is now."""
    at = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    heads = ChainHead.objects.filter(position__gt=0).order_by("chain")
    return [Anchor(head.chain, head.position, head.hash, at) for head in heads]


def anchors_in(lines: Iterable[str]) -> Iterator[Anchor]:
    """The anchors in a file: one a line, also within the lines of a log."""
    for line in lines:
        if found := LINE.search(line):
            yield Anchor(found["chain"], int(found["position"]), found["hash"], found["at"], bool(found["cut"]))


def kept_anchors() -> list[Anchor]:
    """What the chain of the installation holds of the others."""
    events = AuditEvent.objects.filter(organisation_id=None, action=ANCHORED).order_by("position")
    found = []
    for at, chain, fields in events.values_list("at", "object_id", "fields"):
        told = told_by(fields)
        if {"position", "hash"} <= told.keys() and told["position"].isdigit():
            found.append(Anchor(str(chain), int(told["position"]), told["hash"], f"{at.astimezone(UTC):%FT%TZ}"))
    return found


def that_do_not_fit(anchors: Iterable[Anchor]) -> list[Anchor]:
    """The anchors whose event is gone or has another hash now: the chain was cut falsely, or written anew."""
    cuts: dict[str, list[Cut]] = {}
    strange = []
    for anchor in anchors:
        if anchor.chain not in cuts:
            cuts[anchor.chain] = cuts_of(id_of(anchor.chain), anchor.chain)
        if not _fits(anchor, cuts[anchor.chain]):
            strange.append(anchor)
    return strange


def _fits(anchor: Anchor, cuts: list[Cut]) -> bool:
    """Whether its event is there as it was, or went in a cut that may have taken it."""
    if not anchor.is_cut and any(cut.took_too_young(anchor.position, _moment(anchor)) for cut in cuts):
        return False
    if cuts and anchor.position < cuts[-1].position:
        return True  # it went: nothing is left to lay beside it
    if cuts and anchor.position == cuts[-1].position:
        return anchor.hash == cuts[-1].hash
    return AuditEvent.objects.filter(
        organisation_id=id_of(anchor.chain), position=anchor.position, hash=anchor.hash
    ).exists()


def _moment(anchor: Anchor) -> datetime:
    """When it was taken; the end of time where that cannot be read: so it hides no false cut."""
    try:
        return datetime.fromisoformat(anchor.at)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)


def all_chains() -> list[str]:
    """Of every organisation that has events or a head, and of the installation."""
    events = AuditEvent.objects.order_by().values_list("organisation_id", flat=True).distinct()
    heads = ChainHead.objects.values_list("chain", flat=True)
    return sorted({INSTALLATION, *heads, *(chain_of(one) for one in events)})


def verdict_of(chain: str) -> Verdict:
    return verify(id_of(chain))


def id_of(chain: str) -> UUID | None:
    return None if chain == INSTALLATION else UUID(chain)


def anchor_each_day(*, now: datetime) -> int:
    """Write down how far each chain goes, once a local day. Gives how many; the machine's work, for the hourly tidying.

    First in the chain of the installation, and then all of them in the log: so the last line holds the others. Stopped
    halfway, the next call does all of it: the lines of organisations are in the log before the day counts as done. That
    of the installation comes after: of an event that was undone it would say later that someone took it away.
    """
    last = AuditEvent.objects.filter(organisation_id=None, action=ANCHORED).order_by("-position").first()
    if last and timezone.localdate(last.at) >= timezone.localdate(now):
        return 0
    with transaction.atomic(durable=True):
        anchors = [anchor for anchor in present_anchors(now) if anchor.chain != INSTALLATION]
        for anchor in anchors:
            record(
                action=ANCHORED,
                now=now,
                actor_id=None,
                organisation_id=None,
                object_type="organisation",
                object_id=UUID(anchor.chain),
                fields=[f"position:{anchor.position}", f"hash:{anchor.hash}"],
            )
        _log(anchors)
    own = [anchor for anchor in present_anchors(now) if anchor.chain == INSTALLATION]
    _log(own)
    return len(anchors) + len(own)


def _log(anchors: Iterable[Anchor]) -> None:
    for anchor in anchors:
        log.info("%s", anchor)
