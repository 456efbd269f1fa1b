"""Who reads a reminder at the moment it goes out: the world may have moved since it was planned.

The owner; who is on duty when the owner is away, has left, or cannot be reached by mail, and for what cannot wait also
when the owner does not work today. Nobody who is kept out of the case.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from incidents.actions.reminders.offices import Offices
from incidents.actions.tasks import DECIDED_ELSEWHERE
from incidents.models import Notice
from incidents.vocabulary import NoticeStep, TaskStatus
from vpdportal.accounts.access import Standing, duty_order, know_standings, memberships_at, standing
from vpdportal.accounts.models import Absence, Membership, User
from vpdportal.accounts.roles import DESK_ROLES, Right, Role

_TO_DO = frozenset({Right.BE_GIVEN_TASKS})
_TO_SIGN = frozenset({Right.BE_GIVEN_TASKS, Right.SIGN})


class Rota:
    """Who is there in these organisations, and what these people are. Seven queries, whatever their number."""

    def __init__(self, organisations: Collection[UUID], people: Iterable[User], now: datetime) -> None:
        self.now, self.day = now, timezone.localdate(now)
        roles = memberships_at(now).filter(organisation__in=organisations, role__in=DESK_ROLES).select_related("user")
        desk = list(roles.order_by("starts_on", "id"))
        self.people = {person.pk: person for person in (*(m.user for m in desk), *people)}
        know_standings(self.people.values(), now)
        self._desk: dict[UUID, list[Membership]] = defaultdict(list)
        for membership in desk:
            self._desk[membership.organisation_id].append(membership)
        away = Absence.objects.filter(organisation__in=organisations, starts_at__lte=now, ends_at__gt=now)
        self._away = set(away.values_list("user_id", "organisation_id"))
        self.offices = Offices(organisations, self.people)

    def reader_of(self, notice: Notice, without: Collection[UUID], is_urgent: bool) -> User | None:
        """Who reads this notice. None for nobody: who is kept out (`without`), or who may know of it no longer."""
        person = self.people[notice.recipient_id]
        if person.pk in without:
            return None
        if notice.step == NoticeStep.HANDED_OVER:
            return person if may_have(notice, person, self.now) else None
        reader: User | None = person
        if self.is_away(person, notice.organisation_id) or not may_have(notice, person, self.now):
            reader = self.on_duty(notice.organisation_id, without, notice.task.incident.adviser_id) or person
        elif is_urgent and self._is_day_off(person, notice.organisation_id):
            reader = self._stands_in_today(notice.organisation_id, {*without, person.pk}) or person
        return reader if reader and may_know(notice, reader, self.now) else None

    def is_away(self, person: User, organisation: UUID) -> bool:
        """Absent, without an account that is open, or out of reach of mail."""
        return (person.pk, organisation) in self._away or not self.can_be_reached(person)

    @staticmethod
    def can_be_reached(person: User) -> bool:
        return person.is_active and person.mail_refused_at is None

    def on_duty(self, organisation: UUID, without: Collection[UUID], first: UUID | None = None) -> User | None:
        """As accounts.access.duty_adviser has it, and before all others who can be reached by mail."""
        possible = [m for m in self._desk[organisation] if m.user_id not in without]
        possible.sort(key=lambda m: (duty_order(m, self.day, first), m.role != Role.ADVISER))
        present = [m.user for m in possible if not self.is_away(m.user, organisation)]
        return next(iter(present), None) or next((m.user for m in possible), None)

    def _stands_in_today(self, organisation: UUID, without: Collection[UUID]) -> User | None:
        """Someone who is at work today, if anyone is."""
        found = self.on_duty(organisation, without)
        is_here = found and not self.is_away(found, organisation) and not self._is_day_off(found, organisation)
        return found if is_here else None

    def _is_day_off(self, person: User, organisation: UUID) -> bool:
        """A day on which the office works and this person does not."""
        office, own = self.offices.office_of(organisation), self.offices.office_of(organisation, person.pk)
        return office.is_working_day(self.day) and not own.is_working_day(self.day)


def needed(notice: Notice) -> frozenset[Right]:
    """The rights of which one lets someone know of the task as its owner. None for who only hears that it is late."""
    if notice.step == NoticeStep.ESCALATED:
        return frozenset()
    return _TO_SIGN if notice.task.kind in DECIDED_ELSEWHERE else _TO_DO


def may_have(notice: Notice, person: User, now: datetime) -> bool:
    return _may_have(notice, standing(person, now))


def _may_have(notice: Notice, here: Standing) -> bool:
    rights = needed(notice)
    return not rights or any(here.may(right, notice.organisation_id) for right in rights)


def may_know(notice: Notice, person: User, now: datetime) -> bool:
    """Whether this person's roles still let them know of the task; a manager only of what the manager may see."""
    here = standing(person, now)
    if here.may(Right.WORK_CASES, notice.organisation_id):
        return True
    if notice.step != NoticeStep.ESCALATED:
        return _may_have(notice, here)
    case = notice.task.incident
    return case.may_manager_see and not case.is_restricted and case.department_id in here.departments(Right.SEE_TEAM)


def is_still_due(notice: Notice) -> bool:
    """Whether it still tells something: the task is open, and whose it was said to be has it (or, then, not).

    Of a task that ended only that it is gone, to who has it and did not end it: a talk that was declined.
    """
    task = notice.task
    if task.status != TaskStatus.OPEN:
        is_theirs = task.assignee_id == notice.recipient_id != task.finished_by_id
        return is_theirs and notice.step == NoticeStep.HANDED_OVER
    if notice.step == NoticeStep.ESCALATED:
        return True
    is_owner = task.assignee_id == notice.recipient_id
    return not is_owner if notice.step == NoticeStep.HANDED_OVER else is_owner


def is_wanted(notice: Notice) -> bool:
    """Half of the term is said to who wants to hear it."""
    return notice.step != NoticeStep.HALFWAY or notice.recipient.wants_halfway_mail
