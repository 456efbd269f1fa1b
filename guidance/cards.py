"""An organisation's menu card: what it left off. Law cannot be left off."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from guidance.card import Card
from guidance.menu import load_menu
from guidance.models import CardItem, MenuCard
from guidance.vocabulary import ItemStatus
from vpdportal.accounts.models import Organisation, User
from vpdportal.audit.chain import record


class CannotBeLeftOff(ValueError):
    """An item that law or a national norm asks for was left off the card."""


def card_for(organisation: Organisation) -> Card:
    """The card that the organisation published last, else the whole menu. At most two queries."""
    card = MenuCard.objects.filter(organisation=organisation).order_by("-number").first()
    if card is None:
        return Card.default()
    off = card.items.filter(is_on=False).values_list("code", flat=True)
    return Card(version=f"{load_menu().version}/{card.number}", off=frozenset(off))


def publish_card(*, organisation: Organisation, off: set[str], by: User, now: datetime) -> MenuCard:
    """A new version of the card without these items. Raises CannotBeLeftOff for what is not optional."""
    items = load_menu().items
    for code in sorted(off):
        if code not in items or items[code].status != ItemStatus.OPTIONAL:
            raise CannotBeLeftOff(_("%(code)s cannot be left off: only optional items can.") % {"code": code})
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        last = MenuCard.objects.filter(organisation=organisation).order_by("-number").first()
        card = MenuCard.objects.create(
            organisation=organisation, number=last.number + 1 if last else 1, published_at=now, published_by=by
        )
        CardItem.objects.bulk_create(
            CardItem(organisation=organisation, card=card, code=code, is_on=code not in off) for code in items
        )
        record(
            action="menu_card.published",
            now=now,
            actor_id=by.pk,
            organisation_id=organisation.pk,
            object_type="menucard",
            object_id=card.pk,
            fields=sorted(off),
        )
    return card
