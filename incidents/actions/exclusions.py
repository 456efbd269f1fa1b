"""Who must not see a case: keeping someone out, letting someone in again, and whether the manager may see it.

Who is kept out is stored by person, so that no role given later opens the case (design of access, R1).
"""

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from unicodedata import normalize
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.actions.duty import handlers_of, on_duty
from incidents.actions.leaving import leave_to_who_is_on_duty, stop_telling
from incidents.actions.refusals import ReasonNeeded, Refused
from incidents.actions.together import hold_joined
from incidents.actions.trail import note_in_trail
from incidents.models import Exclusion, Incident, Note
from incidents.vocabulary import NoticeStep, TimelineKind
from vpdportal.accounts.access import memberships_at, standing
from vpdportal.accounts.models import Department, Membership, Organisation, User
from vpdportal.accounts.roles import Right, Role

SEES_CASES = (Role.MANAGER, Role.ADVISER, Role.DEPUTY)
SHORTEST_SURNAME = 4  # letters; shorter ones (Wit, Bos) are words too often
UNDECOMPOSED = str.maketrans("øłđı", "oldi")  # letters that Unicode does not take apart
Seer = tuple[User, Role]


class IsAParty(Refused):
    message = _("The reporter and the person it happened to always see the report. They cannot be kept out.")


class NotAColleague(Refused):
    message = _("This is not a colleague with an account in this organisation.")


class NotYoursToChange(Refused):
    message = _("Someone else decided this. Ask the VPD adviser to change it.")


class ManagerMustNotSee(Refused):
    message = _(
        "Who reported it does not want the manager to see it, so this manager cannot be given a task of it. Is that "
        "right after all? First change it on the page “Who sees this case?”, with a reason."
    )


class NobodyElse(Refused):
    """Everyone who could act on the case would be kept out. Says whom to call instead."""

    message = _(
        "Nobody else here can act on this report, so this person cannot be kept out in the portal. Talk with the "
        "confidential adviser of your organisation first, and ask for a deputy VPD adviser. Nothing was changed."
    )
    named = _(
        "Nobody else here can act on this report, so this person cannot be kept out in the portal. Talk with the "
        "confidential adviser first: %(confidant)s. Ask for a deputy VPD adviser. Nothing was changed."
    )

    def __init__(self, organisation: Organisation) -> None:
        confidant = organisation.confidant
        super().__init__(str(self.named) % {"confidant": confidant} if confidant else str(self.message))


def people_who_would_see(
    organisation: Organisation, department: Department | None, now: datetime, without: Collection[UUID] = ()
) -> list[Seer]:
    """Who would see a case of this department by role: its managers, the advisers, the deputies. One query.

    Someone with two such roles stands there twice. `without`: ids of who is asked or is a party, never offered.
    """
    return _seers(_would_see(organisation, department, now).exclude(user__in=without))


def people_who_see(incident: Incident, now: datetime) -> list[Seer]:
    """Who sees this case by role now: as above, but a manager only where allowed, and nobody who is kept out.

    Of a restricted case: who handles it and who stands in. One query more then.
    """
    rows = _would_see(incident.organisation, incident.department, now)
    if incident.is_restricted:
        rows = rows.filter(user__in=handlers_of(incident, now)).exclude(role=Role.MANAGER)
    if not incident.may_manager_see:
        rows = rows.exclude(role=Role.MANAGER)
    return _seers(rows.exclude(user__in=Exclusion.objects.filter(incident=incident).values("user")))


def managers_left_out(incident: Incident, now: datetime) -> set[UUID]:
    """The managers of the department who must not see it, and so are given no task of it. One query at most.

    Not who knows of it anyway: who works on cases, and who decides who sees it.
    """
    if incident.may_manager_see:
        return set()
    seers = people_who_would_see(incident.organisation, incident.department, now)
    desk = {person.pk for person, role in seers if role != Role.MANAGER}
    return {person.pk for person, _role in seers if not decides_who_sees(incident, person)} - desk


def named_for(viewer: User, incident: Incident, seers: Iterable[Seer], more: Iterable[str] = ()) -> list[User]:
    """Who of these is named in the report (or in `more`, what was told later): perhaps a party, to be kept out.

    A proposal only, for who may decide it. Someone who is named is shown nothing: who might be kept out is not asked
    whom to keep out, and is not warned either.
    """
    parties = {incident.reporter_id, incident.affected_id}
    texts = [incident.story, incident.perpetrator_description, incident.place, *incident.details.values(), *more]
    named = named_in(texts, [person for person, _role in seers if person.pk not in parties])
    return [] if viewer in named else named


def named_in(texts: Iterable[str], people: Iterable[User]) -> list[User]:
    """Those of these people whose name stands in a text: in full, or a surname of four letters or more as a word.

    Capitals and accents do not count. It proposes; a person decides ("Berg" is also a mountain).
    """
    text = " ".join(["", *(word for one in texts for word in _words(one)), ""])
    return [person for person in dict.fromkeys(people) if any(f" {name} " in text for name in _names(person))]


def keep_out_at_start(*, incident: Incident, people: Iterable[User], by: User, now: datetime) -> None:
    """Keep these people out of a report that is being stored, before the menu makes tasks of it.

    In the caller's transaction. Raises IsAParty, NotAColleague, NobodyElse.
    """
    _exclude(incident, people, by, now)


def keep_out(*, incident: Incident, person: User, by: User, now: datetime, reason: str = "") -> None:
    """From now on this case does not exist for the person. See `keep_out_people`."""
    keep_out_people(incident=incident, people=[person], by=by, now=now, reason=reason)


def keep_out_people(
    *, incident: Incident, people: Iterable[User], by: User, now: datetime, reason: str = ""
) -> User | None:
    """From now on this case does not exist for these people; gives who is on duty for it now.

    Nor do the reports that are joined with it. Their open tasks go to who is on duty, and what they would still have
    heard of it is stopped. What they did before stays history. The desk gives a reason, which is kept as a note; not
    the parties, nor who keeps themselves out. Also in a closed case.
    Raises IsAParty, NotAColleague, NobodyElse, ReasonNeeded.
    """
    people = list(people)
    with transaction.atomic():
        held = hold_joined(incident)
        incident = held[incident.pk]
        _keep_reason(incident, reason, by, now, is_needed=people != [by] and not decides_who_sees(incident, by))
        for case in held.values():
            fresh = _exclude(case, people, by, now)
            leave_to_who_is_on_duty(case, [person.pk for person in fresh], now)
        return on_duty(incident, now)


def keep_out_as_in(*, incident: Incident, other: Incident, by: User, now: datetime) -> None:
    """Keep out of this case, which the caller holds, who is kept out of the other one; also who works here no more.

    In the caller's transaction. Raises IsAParty, NobodyElse.
    """
    people = User.objects.filter(pk__in=Exclusion.objects.filter(incident=other).values("user"))
    fresh = _exclude(incident, people, by, now, must_work_here=False)
    leave_to_who_is_on_duty(incident, [person.pk for person in fresh], now)


def let_in_again(*, incident: Incident, person: User, by: User, now: datetime, reason: str = "") -> None:
    """The person may see the case again as far as their roles go; tasks do not come back by themselves.

    A party may take back what that party decided; anything else is for the desk, with a reason that is kept as a note.
    Raises NotYoursToChange, ReasonNeeded.
    """
    with transaction.atomic():
        held = hold_joined(incident)
        incident = held[incident.pk]
        exclusion = Exclusion.objects.filter(incident=incident, user=person).first()
        if exclusion is None:  # a second click
            return
        is_own = exclusion.by_id == by.pk and decides_who_sees(incident, by)
        if not is_own and not standing(by, now).may(Right.WORK_CASES, incident.organisation_id):
            raise NotYoursToChange
        _keep_reason(incident, reason, by, now, is_needed=not is_own)
        alike = Exclusion.objects.filter(incident__in=held, user=person, by=exclusion.by_id, at=exclusion.at)
        for case in [held[one.incident_id] for one in alike]:
            _note(case, by, now, "let_in", str(person.pk))
        alike.delete()


def set_manager_may_see(*, incident: Incident, may: bool, by: User, now: datetime, reason: str = "") -> None:
    """Whether the department's manager sees that this was reported. The desk gives a reason. Raises ReasonNeeded.

    A manager who may see it no more has no task of it either: the open ones go to who is on duty.
    """
    with transaction.atomic():
        incident = _locked(incident)
        if incident.may_manager_see == may:
            return
        _keep_reason(incident, reason, by, now, is_needed=not decides_who_sees(incident, by))
        incident.may_manager_see = may
        incident.save(update_fields=["may_manager_see"])
        if not may:
            seers = people_who_would_see(incident.organisation, incident.department, now)
            desk = {person.pk for person, role in seers if role != Role.MANAGER}
            managers = {person.pk for person, role in seers if role == Role.MANAGER} - desk
            stop_telling(incident, now, managers, NoticeStep.ESCALATED)
            leave_to_who_is_on_duty(incident, managers_left_out(incident, now) - {incident.reporter_id}, now)
        _note(incident, by, now, "may_manager_see")


def decides_who_sees(incident: Incident, person: User) -> bool:
    """Whether this is the party who decides: the person it happened to, or the reporter until that person is known."""
    return person.pk == (incident.affected_id or incident.reporter_id)


def _locked(incident: Incident) -> Incident:
    """The row as it is now, held for this transaction: who becomes a party or an owner meanwhile waits."""
    rows = Incident.objects.select_for_update(of=("self",), no_key=True).select_related("organisation", "department")
    fresh: Incident = rows.get(pk=incident.pk)
    return fresh


def _keep_reason(incident: Incident, reason: str, by: User, now: datetime, *, is_needed: bool) -> None:
    """Keep the reason where only the desk reads it. Raises ReasonNeeded."""
    if is_needed and not reason.strip():
        raise ReasonNeeded
    if reason.strip():
        Note.objects.create(
            organisation_id=incident.organisation_id, incident=incident, at=now, by=by, text=reason.strip()
        )


def _exclude(
    incident: Incident, people: Iterable[User], by: User, now: datetime, *, must_work_here: bool = True
) -> list[User]:
    """Write the exclusions that were not there yet, with one row in the trail; gives who is newly kept out."""
    asked = dict.fromkeys(people)
    if not asked:
        return []
    there = set(Exclusion.objects.filter(incident=incident).values_list("user_id", flat=True))
    fresh = [person for person in asked if person.pk not in there]
    for person in fresh:
        if person.pk in {incident.reporter_id, incident.affected_id}:
            raise IsAParty
        works_here = memberships_at(now).filter(user=person, organisation=incident.organisation_id)
        if must_work_here and not works_here.exists():
            raise NotAColleague
        Exclusion.objects.create(
            organisation_id=incident.organisation_id, incident=incident, user=person, at=now, by=by
        )
    could_act = any(standing(person, now).may(Right.WORK_CASES, incident.organisation_id) for person in fresh)
    if could_act and on_duty(incident, now) is None:
        raise NobodyElse(incident.organisation)
    if fresh:
        _note(incident, by, now, "kept_out", *(str(person.pk) for person in fresh))
    return fresh


def _note(incident: Incident, by: User, now: datetime, *fields: str) -> None:
    """The timeline says that it changed and never whom it is about; the audit row holds ids."""
    note_in_trail(incident=incident, kind=TimelineKind.VISIBILITY_CHANGED, by=by, now=now, fields=fields)


def _would_see(organisation: Organisation, department: Department | None, now: datetime) -> QuerySet[Membership]:
    by_role = Q(role__in=(Role.ADVISER, Role.DEPUTY))
    if department:
        by_role |= Q(role=Role.MANAGER, department=department)
    return memberships_at(now).filter(by_role, organisation=organisation).select_related("user")


def _seers(rows: Iterable[Membership]) -> list[Seer]:
    found = {(row.user, Role(row.role)) for row in rows}
    return sorted(found, key=lambda seer: (SEES_CASES.index(seer[1]), seer[0].name, str(seer[0].pk)))


def _words(text: str) -> list[str]:
    plain = normalize("NFKD", text.casefold().translate(UNDECOMPOSED))
    return re.findall(r"[^\W_]+", "".join(sign for sign in plain if not "\u0300" <= sign <= "\u036f"))


def _names(person: User) -> Iterable[str]:
    """How someone may be named: in full, and each part of the surname that is long enough ("Jansen-de Vries")."""
    last, comma, first = person.name.partition(",")
    pieces = f"{first} {last}".split() if comma else person.name.split()
    if len(pieces) > 1:
        yield " ".join(_words(" ".join(pieces)))
    surname = [piece for piece in pieces[1:-1] if "-" in piece] + pieces[-1:]
    yield from (word for piece in surname for word in _words(piece) if len(word) >= SHORTEST_SURNAME)
