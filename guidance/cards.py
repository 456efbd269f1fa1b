"""Menu cards in the database: which one holds, the draft that administrators work on, and publishing it.

A published version never changes, so a process may keep it. Two administrators at once: each change says what it saw,
and is refused when that is no longer so; nothing of either is lost.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from guidance.card import Card
from guidance.changes import OWN_PREFIX, Changes
from guidance.menu import Item
from guidance.menu_checks import ladder_fault
from guidance.menu_file import load_menu, menu_of
from guidance.models import MenuCard, MenuDraft
from guidance.tightening import NOT_A_TERM, NotAllowed, check_change, freedom_of, is_term
from vpdportal.accounts.models import Organisation, User
from vpdportal.audit.chain import record
from vpdportal.seen import mark_of


class CardError(ValueError):
    """A change to a card that cannot be made now. `str()` is the sentence for the screen."""


class ChangedMeanwhile(CardError):
    """Someone else changed the same thing after it was shown."""


def card_for(organisation: Organisation) -> Card:
    """The card that the organisation published last, else the whole menu. One query."""
    number = MenuCard.objects.filter(organisation=organisation).values_list("number", flat=True).first()
    return card_at(organisation.pk, version_name(number or 0))


def newest_number() -> Coalesce:
    """The number of that card, 0 before the first, of the `organisation` of a row of another query."""
    mine = MenuCard.objects.filter(organisation=OuterRef("organisation"))
    return Coalesce(Subquery(mine.values("number")[:1]), 0)


def version_name(number: int) -> str:
    """What advice carries: the menu's version and, after a stroke, the number of the organisation's card."""
    return f"{load_menu().version}/{number}" if number else load_menu().version


@lru_cache(maxsize=512)
def card_at(organisation_id: UUID, version: str) -> Card:
    """The card of this version, as advice of that time names it. At most one query, and none the next time."""
    base, _stroke, number = version.partition("/")
    if not number:
        return Card.default() if base == load_menu().version else Card(version, menu=menu_of(base))
    published = MenuCard.objects.get(organisation_id=organisation_id, number=int(number))
    return Card(version, published.read_changes(), menu_of(base))


def item_at(organisation_id: UUID, version: str, code: str) -> Item:
    """The item as it stood on that version of the card, also when it has been switched off since."""
    return card_at(organisation_id, version).every[code]


# --- the draft -------------------------------------------------------------------------------------------------------


def published_changes(organisation: Organisation) -> tuple[int, Changes]:
    """The number and the content of the version that holds; 0 and nothing changed before the first."""
    last = MenuCard.objects.filter(organisation=organisation).first()
    return (last.number, last.read_changes()) if last else (0, Changes())


def draft_of(organisation: Organisation) -> MenuDraft | None:
    return MenuDraft.objects.filter(organisation=organisation).select_related("changed_by").first()


def change_draft(
    *,
    organisation: Organisation,
    change: Callable[[Changes], Changes],
    part: Callable[[Changes], Any],
    seen: str,
    about: str,
    by: User,
    now: datetime,
) -> MenuDraft:
    """Work one change into the draft, which begins as a copy of what holds.

    `part` picks what the change is about and `seen` is its `mark_of` when it was shown; `about` is a code for the
    audit. Raises ChangedMeanwhile when somebody else changed that part, tightening.NotAllowed for what may not be.
    """
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        number, published = published_changes(organisation)
        draft = draft_of(organisation)
        current = as_allowed(draft.read_changes() if draft else published)
        if mark_of(part(current)) != seen:
            raise ChangedMeanwhile(_meanwhile(draft))
        changed = change(current)
        _check(changed)
        if draft is None:
            # A start of its own, so that nobody publishes a later draft by a page that showed an earlier one.
            draft = MenuDraft(organisation=organisation, based_on=number, revision=secrets.randbelow(2**30))
        draft.changes, draft.revision = changed.to_data(), draft.revision + 1
        draft.changed_at, draft.changed_by = now, by
        draft.save()
        _record("menu_card.draft_changed", organisation, [about], by, now)
    return draft


def as_allowed(changes: Changes) -> Changes:
    """Without what a newer menu no longer allows or knows: a card leaves that out already (Card), and an administrator
    who changes something else must not be stopped by it."""
    items = load_menu().items
    for code, change in changes.items.items():
        if code not in items:
            continue
        is_on = change.is_on or not freedom_of(items[code]).may_be_off
        deadlines = change.deadlines if len(change.deadlines) == len(items[code].steps) else ()
        changes = changes.with_item(code, replace(change, is_on=is_on, deadlines=deadlines))
    return changes


def next_own_code(changes: Changes) -> str:
    """A code for a new item of the organisation's own. Published ones never go, so no number comes back."""
    taken = [int(code[len(OWN_PREFIX) :]) for code in changes.own]
    return f"{OWN_PREFIX}{max(taken, default=0) + 1}"


def discard_draft(*, organisation: Organisation, revision: int, by: User, now: datetime) -> None:
    """Throw the draft away. Raises ChangedMeanwhile when it is not the one that was shown."""
    with transaction.atomic():
        _locked_draft(organisation, revision).delete()
        _record("menu_card.draft_discarded", organisation, [], by, now)


def publish_draft(*, organisation: Organisation, revision: int, by: User, now: datetime) -> MenuCard:
    """Make the draft the version that holds from now on. Open cases keep theirs until someone takes this one over.

    Raises ChangedMeanwhile when the draft is not the one that was shown, NotAllowed for what may not be.
    """
    with transaction.atomic():
        draft = _locked_draft(organisation, revision)
        changes = as_allowed(draft.read_changes())
        _check(changes)
        number, _published = published_changes(organisation)
        card = MenuCard.objects.create(
            organisation=organisation,
            number=number + 1,
            published_at=now,
            published_by=by,
            changes=changes.to_data(),
        )
        draft.delete()
        _record("menu_card.published", organisation, [str(card.number)], by, now)
    return card


def _locked_draft(organisation: Organisation, revision: int) -> MenuDraft:
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    draft = draft_of(organisation)
    if draft is None or draft.revision != revision:
        raise ChangedMeanwhile(_meanwhile(draft, organisation))
    return draft


def _meanwhile(draft: MenuDraft | None, organisation: Organisation | None = None) -> str:
    if draft:
        return _("%(name)s changed this after you opened it. Look at it again; nothing was lost.") % {
            "name": draft.changed_by.name
        }
    last = MenuCard.objects.filter(organisation=organisation).select_related("published_by").first()
    if last:
        return _("%(name)s published this as version %(number)s just before you. Nothing was lost.") % {
            "name": last.published_by.name,
            "number": last.number,
        }
    return _("There is no draft any more: it was published or thrown away.")


def _check(changes: Changes) -> None:
    """Raises NotAllowed for what law, norm or the ladder's one rule forbid, whichever way it came here."""
    menu, card = load_menu(), Card("to check", changes)
    for code, change in changes.items.items():
        if code in menu.items:
            check_change(menu.items[code], change)
    for own in changes.own.values():
        if own.deadline and not is_term(own.deadline):
            raise NotAllowed(NOT_A_TERM)
    for steps in changes.ladder.values():
        if ladder_fault(steps, card.every):
            raise NotAllowed(_("The sanction ladder names this as a step. Change the ladder first."))


def _record(action: str, organisation: Organisation, fields: list[str], by: User, now: datetime) -> None:
    record(
        action=action,
        now=now,
        actor_id=by.pk,
        organisation_id=organisation.pk,
        object_type="menucard",
        object_id=organisation.pk,
        fields=fields,
    )
