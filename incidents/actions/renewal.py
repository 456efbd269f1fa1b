"""Advising an open case again by the newest card: first what that would change, then taking it over."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from guidance.cards import card_for
from incidents.actions.advice import advice_for, anchors_of, ask_the_menu, propose_anew
from incidents.actions.difference import Difference, difference_of
from incidents.actions.refusals import CardChanged, CaseClosed
from incidents.actions.trail import note_in_trail
from incidents.models import Incident
from incidents.vocabulary import TimelineKind
from vpdportal.accounts.models import User


@dataclass(frozen=True)
class Renewal:
    """What the newest card would change in a case. `version` names that card."""

    version: str
    difference: Difference


def renewal_of(incident: Incident) -> Renewal | None:
    """What taking over the newest card would change; None when the case is advised by it already, or closed."""
    newest = card_for(incident.organisation)
    if newest.version == incident.menu_version or incident.is_closed:
        return None
    anchors = anchors_of(incident)
    before, after = advice_for(incident, anchors), advice_for(incident, anchors, newest)
    return Renewal(newest.version, difference_of(before, after))


def take_over_card(*, incident: Incident, version: str, by: User, now: datetime) -> Incident:
    """Advise the case by the newest card from now on. What a person decided stays as decided.

    `version` is the card that was shown. Raises CardChanged when a newer one came meanwhile, CaseClosed.
    """
    with transaction.atomic():
        incident = (
            Incident.objects.select_for_update(of=("self",), no_key=True)
            .select_related("organisation")
            .get(pk=incident.pk)
        )
        if incident.is_closed:
            raise CaseClosed
        if card_for(incident.organisation).version != version:
            raise CardChanged
        if incident.menu_version == version:  # a second click, or someone else was first
            return incident
        incident.menu_version = version
        propose_anew(incident)
        incident.save(update_fields=["menu_version", "severity", "severity_proposed"])
        note_in_trail(incident=incident, kind=TimelineKind.CARD_RENEWED, by=by, now=now, fields=[version])
        ask_the_menu(incident=incident, now=now, by=by)
    return incident
