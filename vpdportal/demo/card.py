"""The menu card of the demonstration: one version from the start, a newer one since days, and a draft to look at."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from guidance.cards import change_draft, draft_of, publish_draft
from guidance.changes import Changes, ItemChange, OwnItem
from guidance.deadlines import Deadline
from guidance.menu import LadderStep, Text
from guidance.rules import Test
from guidance.vocabulary import Phase
from vpdportal.accounts.models import Organisation, User
from vpdportal.seen import mark_of

FLOWERS = OwnItem(
    code="E1",
    phase=Phase.AFTERCARE,
    title=Text("Kaart of bloemen van het team", "Card or flowers from the team"),
    purpose=Text("Laat merken dat collega's meeleven.", "Show that colleagues care."),
    role=Text("Teamleider", "Team leader"),
    condition=((Test("severity", "min", 3),),),
    deadline=Deadline("report", "wd", 3),
)
HOST = OwnItem(
    code="E2",
    phase=Phase.PREVENTION,
    title=Text("Gastheer bij de balie inzetten", "Put a host at the counter"),
    purpose=Text("Iemand die mensen opvangt, neemt spanning weg.", "Someone who receives people takes tension away."),
    role=Text("Hoofd Publiekszaken", "Head of public services"),
    condition=((Test("channel", "in", ("counter",)), Test("motive", "in", ("frustration",))),),
    deadline=Deadline("report", "d", 30),
)


def publish_first_card(organisation: Organisation, by: User, now: datetime) -> None:
    """The board's support left off, and a card from the team of its own."""
    _change(organisation, lambda changes: changes.with_item("R25", ItemChange(is_on=False)), by, now)
    _change(organisation, lambda changes: changes.with_own(FLOWERS), by, now)
    _publish(organisation, by, now)


def publish_second_card(organisation: Organisation, by: User, now: datetime) -> None:
    """The reception talk sooner than the norm, the board back on, and a longer first ban in the ladder."""
    sooner = ItemChange(deadlines=(Deadline("incident", "h", 48),))
    first_ban = (LadderStep("R06"), LadderStep("R07", (6, 6)), LadderStep("R09", (6, 6)), LadderStep("R11"))
    _change(organisation, lambda changes: changes.with_item("N02", sooner), by, now)
    _change(organisation, lambda changes: changes.with_item("R25", ItemChange()), by, now)
    _change(organisation, lambda changes: changes.with_ladder((3, "first"), first_ban), by, now)
    _publish(organisation, by, now)


def begin_draft(organisation: Organisation, by: User, now: datetime) -> None:
    """What the administrators are still thinking about."""
    _change(organisation, lambda changes: changes.with_own(HOST), by, now)
    other_words = Text("Gezien worden door het team: bespreek het samen", "Being seen by the team: discuss it together")
    _change(organisation, lambda changes: _with_title(changes, "P16", other_words), by, now)


def _with_title(changes: Changes, code: str, title: Text) -> Changes:
    return changes.with_item(code, replace(changes.change_of(code), title=title))


def _change(organisation: Organisation, change: Callable[[Changes], Changes], by: User, now: datetime) -> None:
    def nothing(_changes: Changes) -> Any:
        return None

    change_draft(
        organisation=organisation, change=change, part=nothing, seen=mark_of(None), about="demo", by=by, now=now
    )


def _publish(organisation: Organisation, by: User, now: datetime) -> None:
    draft = draft_of(organisation)
    assert draft is not None
    publish_draft(organisation=organisation, revision=draft.revision, by=by, now=now)
