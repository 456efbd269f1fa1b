"""Whatever happens in whatever order: exactly the promised reminders go out, to exactly the people, each once.

Each example is a new organisation. After each round of the reminders what went out is held against tests/incidents/
promised.py, which only sees tasks, people and choices, and works out by itself what was to be said.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
from django.db import connection, transaction
from django.db.models import F
from hypothesis import HealthCheck, event, given, note, settings

from incidents.actions.advice import complete_facts
from incidents.actions.assignment import assign_case
from incidents.actions.case import confirm_severity
from incidents.actions.closing import close_case, reopen_for_desk
from incidents.actions.exclusions import keep_out
from incidents.actions.handing_over import hand_over_all
from incidents.actions.leavers import give_back_of_leavers, give_out_ownerless
from incidents.actions.measures import decline_measure, take_measure
from incidents.actions.own_tasks import WantedTask, add_own_task
from incidents.actions.own_terms import give_own_term
from incidents.actions.refusals import Refused
from incidents.actions.reminders.plans import plan_mark, plan_of, save_own_choices, save_reminder_plan
from incidents.actions.tasks import decline_task, finish_task, hand_over_task
from incidents.models import Incident, Measure, Task
from tests import clock
from tests.guidance.wall import wall
from tests.incidents.village import STAFF, Village
from tests.world import make_incident
from vpdportal.accounts.actions import AlreadyAway, cancel_absence, plan_absence
from vpdportal.accounts.models import Absence, Membership, User

MOST_CASES, TASKS_A_CASE = 3, 3  # the menu gives more; what happens to a few says the same and is sooner done
REPORTS = (
    {"behaviours": ("verbal_abuse",)},
    {"behaviours": ("threat",)},
    {"behaviours": ("physical_violence",), "injury": True, "offence_suspected": True},
)


class Busy(Village):
    """Where anything may happen."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        super().__init__()
        self.draw = draw
        self.cases: list[UUID] = []  # in the order in which they came in: an example means the same when tried again

    # --- choosing ---

    def pick(self, choices: Any) -> Any:
        """One of these. Drawn as a plain number, so that an example means the same when it is tried again."""
        found = list(choices)
        if not found:
            raise Refused("nothing to do that with")
        return found[self.draw(st.integers(0, 1000)) % len(found)]

    def person(self, *names: str) -> User:
        """Read anew: who someone is stands still as long as the object lives."""
        found: User = User.objects.get(pk=self.place.people[self.pick(names or STAFF)].pk)
        return found

    def desk(self) -> User:
        found = self.person("adviser", "deputy")
        self.by = found.pk
        return found

    def case(self) -> Incident:
        return Incident.objects.get(pk=self.pick(self.cases))

    def in_order(self, rows: Any, *names: str) -> list[Any]:
        return sorted(
            rows, key=lambda row: (self.cases.index(row.incident_id), *(str(getattr(row, name)) for name in names))
        )

    def task(self) -> Task:
        rows = self.tasks().filter(status="open").annotate(role=F("assignee__email"))
        found: Task = self.pick(self.in_order(rows, "kind", "code", "step", "assigned_at", "due_at", "role"))
        return found

    # --- what people do ---

    def do_report(self) -> None:
        if len(self.cases) >= MOST_CASES:
            raise Refused("enough")
        case = make_incident(self.place, may_manager_see=self.pick([True, False]), **self.pick(REPORTS))
        kept = case.tasks.order_by("due_at", "code", "step")[:TASKS_A_CASE]
        case.tasks.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
        self.cases.append(case.pk)

    def do_ask_of_someone(self) -> None:
        term = timedelta(hours=self.pick([2, 10, 24, 48, 60, 72, 150, 400]))
        wanted = WantedTask("Bel de beveiliging.", self.person(), clock.now() + term)
        add_own_task(incident=self.case(), wanted=wanted, by=self.desk(), now=clock.now())

    def do_hand_over(self) -> None:
        hand_over_task(task=self.task(), to=self.person(), by=self.desk(), now=clock.now())

    def do_hand_over_all(self) -> None:
        organisation = self.place.organisation
        hand_over_all(
            person=self.person(), organisation=organisation, to=self.person(), by=self.desk(), now=clock.now()
        )

    def do_assign(self) -> None:
        to = self.person("adviser", "deputy")
        assign_case(incident=self.case(), to=to, moves_tasks=True, by=self.desk(), now=clock.now())

    def do_finish(self) -> None:
        finish_task(task=self.task(), by=self.desk(), now=clock.now())

    def do_leave_task(self) -> None:
        decline_task(task=self.task(), reason="Niet nodig.", by=self.desk(), now=clock.now())

    def do_leave_out(self) -> None:
        decline_measure(measure=self.measure("taken"), reason="Past niet.", by=self.desk(), now=clock.now())

    def do_take_back(self) -> None:
        take_measure(measure=self.measure("declined"), by=self.desk(), now=clock.now())

    def measure(self, status: str) -> Measure:
        rows = Measure.objects.filter(organisation=self.place.organisation, status=status, tasks__isnull=False)
        found: Measure = self.pick(self.in_order(rows.distinct(), "code"))
        return found

    def do_close(self) -> None:
        case = self.case()
        for task in case.tasks.filter(status="open"):
            decline_task(task=task, reason="Niet meer nodig.", by=self.desk(), now=clock.now())
        close_case(incident=case, outcome="Besproken.", by=self.desk(), now=clock.now())

    def do_reopen(self) -> None:
        reopen_for_desk(incident=self.case(), reason="Er is meer.", by=self.desk(), now=clock.now())

    def do_move_the_end(self) -> None:
        task = self.task()
        due_at = clock.now() + timedelta(hours=self.pick([-30, 3, 20, 30, 50, 100, 300]))
        self.looked_at = {task.pk}
        give_own_term(task=task, due_at=due_at, now=clock.now())

    def do_assess(self) -> None:
        case = self.case()
        confirm_severity(
            incident=case, severity=self.pick([1, 2, 3, 4]), reason="Zo was het.", by=self.desk(), now=clock.now()
        )
        if Incident.objects.get(pk=case.pk).severity != case.severity:
            self.looked_at = set(case.tasks.values_list("pk", flat=True))

    def do_hear_from_the_police(self) -> None:
        case, answers = self.case(), {"police_ask_to_wait": self.pick([True, False])}
        complete_facts(incident=case, answers=answers, by=self.desk(), now=clock.now())
        self.looked_at = set(case.tasks.values_list("pk", flat=True))

    def do_go_away(self) -> None:
        starts_at = clock.now() + timedelta(hours=self.pick([0, 0, 20]))
        ends_at = starts_at + timedelta(days=self.pick([1, 2, 6]))
        person = self.person("adviser", "deputy", "support")
        organisation = self.place.organisation
        plan_absence(
            user=person, organisation=organisation, starts_at=starts_at, ends_at=ends_at, by=person, now=clock.now()
        )

    def do_come_back(self) -> None:
        absence = self.pick(
            Absence.objects.filter(organisation=self.place.organisation).order_by("starts_at", "ends_at")
        )
        cancel_absence(absence=absence, by=absence.user, now=clock.now())

    def do_work_other_days(self) -> None:
        person = self.person()
        person.works_on = self.pick(["", "12", "135", "345", "67"])
        save_own_choices(person=person, changed=["works_on"], by=person, now=clock.now())
        self.looked_at = set(Task.objects.filter(assignee=person).values_list("pk", flat=True))

    def do_unsubscribe(self) -> None:
        person = self.person()
        person.wants_halfway_mail = not person.wants_halfway_mail
        save_own_choices(person=person, changed=["wants_halfway_mail"], by=person, now=clock.now())

    def do_choose_other_hours(self) -> None:
        plan = plan_of(self.place.organisation)
        seen = plan_mark(plan)
        name, value = self.pick(
            [("digest_at", time(7, 15)), ("digest_at", time(13, 0)), ("works_on", "1234"), ("works_on", "1234567")]
            + [("halfway", False), ("hours_before", 4), ("hours_before", 60), ("escalate_days", 1)]
            + [("to_manager", False), ("quiet_from", time(17, 30)), ("quiet_until", time(0, 0))]
        )
        setattr(plan, name, value)
        save_reminder_plan(plan=plan, changed=[name], seen=seen, by=self.place.administrator, now=clock.now())
        self.looked_at = set(self.tasks().values_list("pk", flat=True))

    def do_end_a_role(self) -> None:
        last_day = wall(clock.now()).date() - timedelta(days=self.pick([0, 1]))
        person = self.person("deputy", "manager", "support")
        Membership.objects.filter(user=person).update(ends_on=last_day)

    def do_tidy(self) -> None:
        give_back_of_leavers(now=clock.now())
        give_out_ownerless(now=clock.now())

    def do_keep_out(self) -> None:
        person = self.person("deputy", "manager", "support")
        keep_out(incident=self.case(), person=person, by=self.place.employee, now=clock.now())

    def do_refuse_mail(self) -> None:
        User.objects.filter(pk=self.person().pk).update(mail_refused_at=clock.now())

    def do_mend_mail(self) -> None:
        User.objects.filter(pk__in=self.keys).update(mail_refused_at=None)

    def do_wait(self) -> None:
        clock.move(minutes=self.pick([10, 60, 300, 720, 1440, 3 * 1440]))

    def do_let_a_round_go(self) -> None:
        self.round()

    def do_let_days_go(self) -> None:
        for _step in range(self.pick([4, 8, 24])):
            clock.move(hours=3)
            self.round()


ACTS = sorted(name.removeprefix("do_") for name in vars(Busy) if name.startswith("do_"))
OFTEN = ["let_days_go", "let_a_round_go", "wait", "report", "ask_of_someone", "work_other_days", "assess"]
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday


EXAMPLES = 12 if connection.vendor == "postgresql" else 4  # all that is promised, on the database of real use


@given(data=st.data())
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_exactly_what_was_promised_goes_out(db: None, data: st.DataObject):
    clock.set_to(START + timedelta(minutes=15 * data.draw(st.integers(0, 4 * 24 * 7))))
    with transaction.atomic():
        village = Busy(data.draw)
        for number in range(data.draw(st.integers(12, 24))):
            name = data.draw(st.sampled_from([*ACTS, *OFTEN])) if number else "report"
            try:
                act(village, name)
            except (Refused, AlreadyAway) as why:
                note(f"{name}: refused: {why}")
                event(f"{name}: refused")
            else:
                note(f"{name}: now {wall(clock.now()):%a %d %b %H:%M}")
                event(f"{name}: done")
        for _step in range(10):
            clock.move(hours=7)
            village.round()
        transaction.set_rollback(True)


def act(village: Busy, name: str) -> None:
    do = getattr(village, f"do_{name}")
    if name in {"wait", "let_a_round_go", "let_days_go"}:
        do()
        return
    with village.watched(), transaction.atomic():
        do()
