"""Who else comes into a case: someone who calls, a colleague who saw it, and the account of the person hit."""

from datetime import datetime, timedelta
from uuid import uuid5

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guidance.deadlines import Deadline, Moments, due
from incidents.actions.advice import card_of
from incidents.actions.closing import take_answer_back
from incidents.actions.duty import kept_out
from incidents.actions.exclusions import NotAColleague
from incidents.actions.news import tell, tell_the_desk
from incidents.actions.refusals import CaseClosed, Refused
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, News, Witness
from incidents.vocabulary import MailStatus, NewsKind, TimelineKind
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import User

MOST_WITNESSES = 20  # asked in one case; more is no case of a few who saw it [OWN]
CALL_WITHIN = Deadline(anchor="report", unit="wd", amount=1)  # as the first call to a reporter (R03)
ONCE_AN_HOUR = timedelta(hours=1)


class IsKeptOut(Refused):
    message = _("This person is kept out of the case. Let them in first, if that is right.")


class IsInTheCase(Refused):
    message = _("This is the reporter or the person it happened to: they tell it in the report itself.")


class AskedBefore(Refused):
    message = _("This colleague was asked before. The question stands on their start page.")


class TooManyWitnesses(Refused):
    message = _("Twenty colleagues were asked already. Ask the VPD adviser whether more are needed.")


class IsTheReporter(Refused):
    message = _("This is who reported it, and already sees the report.")


class IsLinked(Refused):
    message = _("Another account is linked. Take that away first, then link this one.")


class LinkedToAnother(Refused):
    """What was to be taken away is not what is linked now."""

    message = _("Someone else linked another account meanwhile. Look at who follows the report now, then decide again.")


class ForYourself(Refused):
    """Of who has a receipt only: the report is no longer theirs, but help for themselves is near."""

    message = _(
        "Your colleague goes on with this report. Do you want help for yourself? Call one of the numbers below."
    )


def ask_for_support(*, incident: Incident, contact: str, by: User, now: datetime) -> Incident:
    """Someone wants to be called. Also in a closed case: who was hit must not find a shut door.

    A second click tells nobody twice; a new number, or asking again an hour later, does. The number of the person hit
    does not replace that of the reporter: the account may turn out to be the wrong one. Raises ForYourself.
    """
    with transaction.atomic():
        incident = _locked(incident)
        if by.pk != (incident.affected_id or incident.reporter_id):
            raise ForYourself
        contact = contact.strip() or incident.contact
        is_of_other = by.pk != incident.reporter_id and contact != incident.contact
        before = incident.timeline.filter(kind=TimelineKind.SUPPORT_ASKED, by=by).first()
        if before and now - before.at < ONCE_AN_HOUR and contact == incident.contact:
            return incident
        if is_of_other and incident.reporter_contact is None:
            incident.reporter_contact = incident.contact
        incident.wants_support, incident.contact = True, contact
        incident.save(update_fields=["wants_support", "contact", "reporter_contact"])
        note_in_trail(incident=incident, kind=TimelineKind.SUPPORT_ASKED, by=by, now=now, fields=["contact"])
        about = uuid5(incident.pk, f"support {now.isoformat()}")
        tell_the_desk(incident=incident, kind=NewsKind.ADDED, about=about, by=by, now=now)
    return incident


def called_before(incident: Incident, now: datetime) -> datetime | None:
    """Before when someone who asks for help now is called: the end of the next working day."""
    moments = Moments(incident_at=now, reported_at=now)
    return due(CALL_WITHIN, moments, fifth_of_may=card_of(incident).changes.closed_day).at


def ask_witness(*, incident: Incident, email: str, by: User, now: datetime) -> Witness:
    """Ask a colleague of the organisation to tell what they saw. Told once.

    Raises CaseClosed, NotAColleague, IsKeptOut, IsInTheCase, AskedBefore, TooManyWitnesses.
    """
    with transaction.atomic():
        incident = _locked(incident)
        if incident.is_closed:
            raise CaseClosed
        person = _colleague(incident, email, now)
        if person.pk in {incident.reporter_id, incident.affected_id}:
            raise IsInTheCase
        if incident.witnesses.filter(user=person).exists():
            raise AskedBefore
        if incident.witnesses.count() >= MOST_WITNESSES:
            raise TooManyWitnesses
        witness = Witness.objects.create(
            organisation_id=incident.organisation_id, incident=incident, user=person, asked_at=now, asked_by=by
        )
        note_in_trail(incident=incident, kind=TimelineKind.WITNESS_ASKED, by=by, now=now, fields=[str(person.pk)])
        tell(incident=incident, kind=NewsKind.WITNESS_ASKED, recipients=[person], about=witness.pk, by=by, now=now)
    return witness


def link_affected(*, incident: Incident, email: str, by: User, now: datetime) -> User:
    """Give the person hit a view of their own; the reporter keeps a receipt. The same person twice changes nothing.

    Raises NotAColleague, IsKeptOut, IsTheReporter, IsLinked.
    """
    with transaction.atomic():
        incident = _locked(incident)
        person = _colleague(incident, email, now)
        if person.pk == incident.affected_id:
            return person
        if person.pk == incident.reporter_id:
            raise IsTheReporter
        if incident.affected_id:
            raise IsLinked
        incident.affected = person
        incident.save(update_fields=["affected"])
        note_in_trail(incident=incident, kind=TimelineKind.AFFECTED_LINKED, by=by, now=now, fields=[str(person.pk)])
        about = uuid5(incident.pk, f"about {person.pk} {now.isoformat()}")  # linked again is told again
        tell(incident=incident, kind=NewsKind.ABOUT_YOU, recipients=[person], about=about, by=by, now=now)
    return person


def unlink_affected(*, incident: Incident, by: User, now: datetime, seen: str = "") -> None:
    """Take the view of the person hit away again, and what they would still hear of it. It was the wrong account.

    Who reported it is shown nothing of what that person told, and is reached as before. `seen`: the id of the account
    that was on the screen. Raises LinkedToAnother.
    """
    with transaction.atomic():
        incident = _locked(incident)
        if incident.affected_id is None:  # a second click
            return
        if seen and seen != str(incident.affected_id):
            raise LinkedToAnother
        person, incident.affected = incident.affected_id, None
        if incident.reporter_contact is not None:
            incident.contact, incident.reporter_contact = incident.reporter_contact, None
        incident.save(update_fields=["affected", "contact", "reporter_contact"])
        take_answer_back(incident, person)
        waiting = Q(mail__isnull=True) | Q(mail__status=MailStatus.WAITING)
        told = News.objects.filter(waiting, incident=incident, recipient=person, cancelled_at__isnull=True)
        told.update(mail=None, cancelled_at=now)
        fields = ["affected_unlinked", str(person)]
        note_in_trail(incident=incident, kind=TimelineKind.VISIBILITY_CHANGED, by=by, now=now, fields=fields)


def _colleague(incident: Incident, email: str, now: datetime) -> User:
    """Who has this address and an account in the organisation. Raises NotAColleague, IsKeptOut."""
    here = memberships_at(now).filter(organisation=incident.organisation_id)
    person = User.objects.filter(email=email.strip().lower(), pk__in=here.values("user")).first()
    if person is None:
        raise NotAColleague
    if person.pk in kept_out(incident):
        raise IsKeptOut
    return person


def _locked(incident: Incident) -> Incident:
    """The row as it is now, held for this transaction."""
    fresh: Incident = (
        Incident.objects.select_for_update(of=("self",), no_key=True).select_related("organisation").get(pk=incident.pk)
    )
    return fresh
