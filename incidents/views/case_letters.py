"""The letters of a case: a list, and which ones can be written now."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incidents.actions.letters import AFTER_THE_END, BEGUN
from incidents.letter_kinds import CARRIES, REACHES_PERPETRATOR
from incidents.models import Incident, LetterVersion, Person, Reaction
from incidents.views.case_frame import show_part
from incidents.views.places import PortalRequest, case_for
from incidents.vocabulary import InvolvedAs, LetterKind, ReactionStatus
from vpdportal.accounts.access import require
from vpdportal.accounts.roles import Right


@dataclass(frozen=True)
class Offer:
    """A letter that can be written now: of what kind, about what, and where."""

    kind: LetterKind
    about: str
    url: str


@require_safe
@require(Right.WORK_CASES)
def case_letters(request: PortalRequest, pk: UUID) -> HttpResponse:
    incident = case_for(request, pk)
    return letters_page(request, incident)


def letters_page(request: PortalRequest, incident: Incident, status: int = 200) -> HttpResponse:
    offers = list(_offers(incident, possible_reactions(incident), perpetrators(request, incident)))
    offered = {offer.kind for offer in offers}
    versions = LetterVersion.objects.select_related("by").defer("sealed_values")
    letters = incident.letters.select_related("marked_by", "reaction")
    context = {
        "letters": letters.prefetch_related(Prefetch("versions", versions, to_attr="newest_first")),
        "offers": offers,
        "not_yet": [] if incident.is_closed else [kind.label for kind in LetterKind if kind not in offered],
        "is_asked_to_wait": incident.facts.police_ask_to_wait is True,
    }
    return show_part(request, incident, "case_letters", "incidents/case_letters.html", context, status=status)


def perpetrators(request: PortalRequest, incident: Incident) -> list[Person]:
    """Who did it, as far as this person may handle what is kept of them. That they exist; not who they are."""
    involved = incident.involvements.filter(role=InvolvedAs.PERPETRATOR).values("person")
    return list(Person.objects.handled_by(request.user, request.now).filter(pk__in=involved))


def possible_reactions(incident: Incident) -> list[Reaction]:
    found = incident.reactions.exclude(status=ReactionStatus.WITHDRAWN)
    return list(found.only("id", "kind", "status", "incident", "person", "starts_on", "ends_on"))


def _offers(incident: Incident, reactions: list[Reaction], people: list[Person]) -> Iterator[Offer]:
    for kind in LetterKind:
        if incident.is_merged or (incident.is_closed and kind not in AFTER_THE_END):
            continue
        if kind in CARRIES:
            for one in reactions:
                is_too_early = kind == LetterKind.BAN_END and one.status not in BEGUN
                if one.kind in CARRIES[kind] and not is_too_early:
                    yield Offer(kind, _about(kind, one), address_of_new(incident, kind, maatregel=one.pk))
        elif kind in REACHES_PERPETRATOR and people:
            for number, person in enumerate(people, 1):
                about = _("person %(number)s") % {"number": number} if len(people) > 1 else ""
                yield Offer(kind, about, address_of_new(incident, kind, persoon=person.pk))
        else:
            yield Offer(kind, "", address_of_new(incident, kind))


def _about(kind: LetterKind, reaction: Reaction) -> str:
    """Which of the reactions it is about: where it stands, and what it is where the letter does not say that."""
    what = [str(reaction.get_kind_display())] if len(CARRIES[kind]) > 1 else []
    start = [_("from %(day)s") % {"day": date_format(reaction.starts_on, "j F Y")}] if reaction.starts_on else []
    return ", ".join([*what, str(reaction.get_status_display()), *start])


def address_of_new(incident: Incident, kind: LetterKind, **about: Any) -> str:
    """Where a letter of this kind is begun. Ids say nothing of a person: they may stand in an address."""
    address = reverse("letter_new", args=[incident.pk, kind])
    return f"{address}?{urlencode(about)}" if about else address
