"""Someone goes away: all that waits for them in one organisation goes to someone else, in one go."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from incidents.actions.assignment import give_case, give_task, owners_of
from incidents.actions.duty import kept_out_of
from incidents.actions.exclusions import managers_left_out
from incidents.actions.refusals import CannotBeGiven, Refused
from incidents.actions.reminders.planning import move_notices
from incidents.actions.tasks import DECIDED_ELSEWHERE
from incidents.actions.together import hold_cases
from incidents.models import Incident, Task
from incidents.querysets import IncidentQuerySet
from incidents.vocabulary import TaskKind
from vpdportal.accounts.access import duty_adviser, staying
from vpdportal.accounts.actions import end_role
from vpdportal.accounts.models import Membership, Organisation, User
from vpdportal.accounts.roles import RIGHTS, Right, Role

# Any one of these lets a person keep a task of this kind. Who works on the cases may look along, and not sign.
NEEDED = {kind: frozenset({Right.BE_GIVEN_TASKS}) for kind in TaskKind} | {
    TaskKind.SIGN: frozenset({Right.SIGN}),
    TaskKind.SECOND_LOOK: frozenset({Right.SIGN, Right.WORK_CASES}),
}


class ToThemselves(Refused):
    message = _("This is the person who has it now. Choose someone else.")


class StillHasWork(Refused):
    """Someone would keep what their role was needed for. Says how much, and who can change that.

    `to_sign` is not handed over: who is on duty (`on_duty`) takes the measure back and lets someone else sign.
    """

    message = _("This role cannot end yet.")

    def __init__(self, tasks: int, cases: int, to_sign: int, on_duty: User | None) -> None:
        sentences = [_to_hand_over(tasks, cases)] if tasks or cases else [str(self.message)]
        sentences += [to_take_back(to_sign, on_duty)] if to_sign else []
        super().__init__(" ".join(sentences))


def _to_hand_over(tasks: int, cases: int) -> str:
    parts = {
        "tasks": ngettext("%(count)s open task", "%(count)s open tasks", tasks) % {"count": tasks},
        "cases": ngettext("%(count)s case", "%(count)s cases", cases) % {"count": cases},
    }
    text = _("This role cannot end yet: %(tasks)s and %(cases)s of this person need it. Hand them over first.")
    return str(text) % parts


def to_take_back(to_sign: int, on_duty: User | None) -> str:
    """What to do about so much that waits to be signed, in words."""
    text = ngettext(
        "%(count)s measure waits for this person's signature or second look: "
        "the VPD adviser takes it back and lets someone else do that.",
        "%(count)s measures wait for this person's signature or second look: "
        "the VPD adviser takes them back and lets someone else do that.",
        to_sign,
    )
    sentence = text % {"count": to_sign}
    if on_duty:
        sentence += " " + str(_("Ask %(name)s for that.")) % {"name": on_duty.name}
    return sentence


@dataclass(frozen=True)
class Work:
    """What waits for one person in one organisation. `to_sign`: decided on by name, so not handed over here."""

    tasks: int
    cases: int
    to_sign: int

    @property
    def is_nothing(self) -> bool:
        return not (self.tasks or self.cases)


@dataclass(frozen=True)
class HandedOver:
    """How much went over. `elsewhere`: of these, what the chosen one could not have and who is on duty got.

    `to_nobody`: of those, what waits for nobody now, because nobody is there. `to_sign`: what stays.
    """

    tasks: int
    cases: int
    elsewhere: int
    to_nobody: int
    to_sign: int


def work_of(person: User, organisation: Organisation) -> Work:
    """How much waits for a person: two queries, and nothing of what it is about."""
    tasks = Task.objects.unfinished().filter(organisation=organisation, assignee=person)
    found = tasks.order_by().aggregate(every=Count("pk"), to_sign=Count("pk", filter=Q(kind__in=DECIDED_ELSEWHERE)))
    to_sign = found["to_sign"]
    return Work(found["every"] - to_sign, _cases_of(person, organisation).count(), to_sign)


def hand_over_all(*, person: User, organisation: Organisation, to: User, by: User, now: datetime) -> HandedOver:
    """Give all open tasks of a person in an organisation, and the cases the person handles, to someone else.

    What `to` may not have (kept out, a manager who must not see it, a case without the role for it) goes to who is on
    duty. What is to be signed stays: the proposal names who does that. Raises ToThemselves, CannotBeGiven.
    """
    if to.pk == person.pk:
        raise ToThemselves
    if not staying(to, now).may(Right.BE_GIVEN_TASKS, organisation.pk):
        raise CannotBeGiven
    with transaction.atomic():
        mine = Task.objects.unfinished().filter(organisation=organisation, assignee=person)
        touched = {
            *mine.values_list("incident", flat=True),
            *_cases_of(person, organisation).values_list("pk", flat=True),
        }
        held = hold_cases(touched)
        tasks = list(mine.filter(incident__in=held).order_by("pk").select_for_update(of=("self",), no_key=True))
        heirs = _Heirs(person, to, held, now)
        moved = [task for task in tasks if task.kind not in DECIDED_ELSEWHERE]
        handled = [case for case in held.values() if case.adviser_id == person.pk and not case.is_closed]
        for case in handled:
            give_case(case, heirs.of_case(case), by, now)
        former = owners_of(moved)
        for task in moved:
            task.incident = held[task.incident_id]
            give_task(task, heirs.of_task(task), by, now)
        move_notices(tasks=moved, former=former, by=by, now=now)
    owners = [task.assignee_id for task in moved] + [case.adviser_id for case in handled]
    return HandedOver(
        tasks=len(moved),
        cases=len(handled),
        elsewhere=sum(owner != to.pk for owner in owners),
        to_nobody=owners.count(None),
        to_sign=len(tasks) - len(moved),
    )


def end_role_of(*, membership: Membership, by: User, last_day: date, now: datetime) -> None:
    """Let a role end, unless something waits for that person that only this role lets them have.

    The organisation is held while it counts, so that two roles never end at once. Giving a task does not ask for that
    lock: what is given in between is given back the next day (incidents.actions.leavers).
    Raises StillHasWork, and what end_role raises.
    """
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=membership.organisation_id)
        rights = _rights_after(membership, last_day)
        mine = Task.objects.unfinished().filter(organisation=membership.organisation_id, assignee=membership.user_id)
        lost = [kind for kind in mine.order_by().values_list("kind", flat=True) if not rights & NEEDED[TaskKind(kind)]]
        cases = 0 if Right.WORK_CASES in rights else _cases_of(membership.user, membership.organisation).count()
        if lost or cases:
            to_sign = sum(kind in DECIDED_ELSEWHERE for kind in lost)
            asked = duty_adviser(membership.organisation_id, now, without={membership.user_id}) if to_sign else None
            raise StillHasWork(len(lost) - to_sign, cases, to_sign, asked)
        end_role(membership=membership, by=by, last_day=last_day, now=now)


def _rights_after(membership: Membership, last_day: date) -> set[Right]:
    """What the person may do in the organisation after that day by the other roles."""
    others = Membership.objects.filter(user=membership.user_id, organisation=membership.organisation_id)
    others = others.filter(Q(ends_on=None) | Q(ends_on__gt=last_day)).exclude(pk=membership.pk)
    return {right for role in others.values_list("role", flat=True) for right in RIGHTS[Role(role)]}


def _cases_of(person: User, organisation: Organisation) -> IncidentQuerySet:
    cases: IncidentQuerySet = Incident.objects.unfinished().filter(organisation=organisation, adviser=person)
    return cases


class _Heirs:
    """Who gets what of someone who goes: the chosen one, or who is on duty without the one who goes."""

    def __init__(self, person: User, to: User, held: dict[UUID, Incident], now: datetime) -> None:
        self.person, self.to, self.now = person, to, now
        self.kept_out = kept_out_of(held)
        self.left_out: dict[UUID, bool] = {}
        self.on_duty: dict[tuple[frozenset[UUID], UUID | None], User | None] = {}

    def of_case(self, case: Incident) -> User | None:
        works_here = staying(self.to, self.now).may(Right.WORK_CASES, case.organisation_id)
        is_able = works_here and self.to.pk not in self.kept_out[case.pk]
        return self.to if is_able else self._who_is_on_duty(case)

    def of_task(self, task: Task) -> User | None:
        case = task.incident
        if self.to.pk in self.kept_out[case.pk] or self._must_not_see(case):
            return self._who_is_on_duty(case)
        return self.to

    def _must_not_see(self, case: Incident) -> bool:
        """Whether the chosen one is the manager who must not see it. Asked once a case."""
        if case.pk not in self.left_out:
            self.left_out[case.pk] = self.to.pk in managers_left_out(case, self.now)
        return self.left_out[case.pk]

    def _who_is_on_duty(self, case: Incident) -> User | None:
        without = frozenset({*self.kept_out[case.pk], self.person.pk})
        first = case.adviser_id
        if (without, first) not in self.on_duty:
            self.on_duty[without, first] = duty_adviser(case.organisation_id, self.now, without, first)
        return self.on_duty[without, first]
