"""That two cases have to do with each other. A link changes nothing in either, so it is also made in a closed case."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.actions.duty import kept_out
from incidents.actions.refusals import Refused
from incidents.actions.together import hold_cases
from incidents.actions.trail import note_in_trail
from incidents.models import CaseLink, Incident
from incidents.vocabulary import LinkKind, TimelineKind
from vpdportal.accounts.models import User


class NoSuchCase(Refused):
    message = _("There is no case with this number here. Look at the number again.")


class SameCase(Refused):
    message = _("This is the number of this case itself. Fill in the number of the other one.")


class LinkedBefore(Refused):
    message = _("These two cases are linked already. Take that link away first to give it another reason.")


def link_cases(*, incident: Incident, other: Incident, kind: LinkKind, by: User, now: datetime) -> CaseLink:
    """Link a case with another one of the same organisation that `by` may know of. Both timelines say so.

    A link has a direction only where its kind has: with FOLLOWS the `other` one follows from this one.
    Raises SameCase, NoSuchCase, LinkedBefore.
    """
    if other.pk == incident.pk:
        raise SameCase
    with transaction.atomic():
        held = hold_cases({incident.pk, other.pk})
        incident, other = held[incident.pk], held[other.pk]
        if other.organisation_id != incident.organisation_id or by.pk in kept_out(other) | kept_out(incident):
            raise NoSuchCase
        if links_of(incident).filter(Q(one=other) | Q(other=other)).exists():
            raise LinkedBefore
        link = CaseLink.objects.create(
            organisation_id=incident.organisation_id, one=incident, other=other, kind=kind, at=now, by=by
        )
        _note(incident, other, TimelineKind.LINKED, kind, by, now)
    return link


def unlink_cases(*, link: CaseLink, by: User, now: datetime) -> None:
    """Take a link away again. A second click changes nothing."""
    with transaction.atomic():
        held = hold_cases({link.one_id, link.other_id})
        deleted, _rows = CaseLink.objects.filter(pk=link.pk).delete()
        if deleted:
            _note(held[link.one_id], held[link.other_id], TimelineKind.UNLINKED, LinkKind(link.kind), by, now)


def links_of(incident: Incident) -> QuerySet[CaseLink]:
    """The links of a case, whichever of the two it is."""
    return CaseLink.objects.filter(Q(one=incident) | Q(other=incident))


def _note(one: Incident, other: Incident, kind: TimelineKind, link: LinkKind, by: User, now: datetime) -> None:
    for case, counterpart in ((one, other), (other, one)):
        note_in_trail(incident=case, kind=kind, by=by, now=now, fields=[link, str(counterpart.pk)])
