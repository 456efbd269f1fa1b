"""Whatever is done in whatever order: states stay what they may be, and nothing goes unseen.

Each example is a new organisation with three cases; people do what comes up. A refusal is fine, and changes nothing.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import hypothesis.strategies as st
from django.db import connection, models, transaction
from django.utils.timezone import localdate
from hypothesis import HealthCheck, event, given, note, settings

from incidents.actions import breaches, reaction_ends, reaction_signing, reaction_steps
from incidents.actions.advice import complete_facts
from incidents.actions.assignment import assign_case
from incidents.actions.care import Appointment, hold_care, plan_care
from incidents.actions.care_answers import ask_care_again, decline_care
from incidents.actions.case import add_note, confirm_severity
from incidents.actions.closing import close_case, reopen_for_desk
from incidents.actions.damage import add_damage
from incidents.actions.exclusions import keep_out
from incidents.actions.handing_over import hand_over_all
from incidents.actions.letters import NewLetter, make_letter
from incidents.actions.linking import link_cases
from incidents.actions.measures import adapt_measure, decline_measure, hold_measure, take_measure
from incidents.actions.merging import merge_cases, unmerge_case
from incidents.actions.own_tasks import WantedTask, add_own_task
from incidents.actions.persons import Typed, make_person
from incidents.actions.police_sheets import file_sheet, leave_sheet, start_sheet
from incidents.actions.reactions import ReactionWords, draft_reaction
from incidents.actions.refusals import Refused
from incidents.actions.tasks import decline_task, finish_task, hand_over_task
from incidents.models import (
    CareMoment,
    CaseLink,
    DamageLine,
    Exclusion,
    Incident,
    Involvement,
    Letter,
    Measure,
    PoliceSheet,
    Reaction,
    Task,
    TimelineEntry,
)
from incidents.overview.desk import TABS, Desk
from incidents.vocabulary import (
    RESTRICTING,
    CaseStatus,
    DamageKind,
    DamageOf,
    EndKind,
    FiledBy,
    LetterKind,
    LinkKind,
    PoliceKind,
    ReactionKind,
    TaskKind,
    TaskStatus,
)
from tests import clock
from tests.incidents.reactions import words_of
from tests.world import Place, make_incident, make_place
from vpdportal.audit.models import AuditEvent

# Written a second time, by hand: from where a reaction, a case and an advice may go.
REACTIONS = {
    "draft": {"proposed", "done", "withdrawn"},
    "proposed": {"draft", "signed", "withdrawn"},
    "signed": {"active", "done", "withdrawn"},
    "active": {"ended"},
}
CASES = {
    "received": {"in_progress", "closed", "merged"},
    "in_progress": {"closed", "merged"},
    "closed": {"in_progress"},
    "merged": {"in_progress", "received"},
}
MEASURES = {
    "proposed": {"taken", "held", "declined"},
    "held": {"taken", "declined"},
    "taken": {"declined"},
    "declined": {"taken", "held"},
}
TASKS = {"open": {"done", "declined"}, "done": set(), "declined": {"open"}}  # joined reports come apart again
LOOKED_AT = (Incident, Measure, Task, Reaction, PoliceSheet, Letter, CareMoment, DamageLine, CaseLink)
BESIDE = (Involvement, Exclusion)
NOT_A_CHANGE = {"touched_at", "menu_version"}
ORDER = {Task: ("kind", "code", "step", "assigned_at"), Measure: ("code",), Reaction: ("kind", "drafted_at")}
Act = Callable[[], object]


class Office:
    """Three cases and the people who work on them, with what each can do next."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self.draw = draw
        self.place: Place = make_place(f"Plaats{uuid4().hex[:10]}")
        self.cases = [
            make_incident(self.place, behaviours=("threat",), perpetrator_visits_premises=True, safe_to_meet=True),
            make_incident(self.place, behaviours=("physical_violence",), injury=True, offence_suspected=True),
            make_incident(self.place),
        ]
        for case in self.cases[:2]:
            typed = Typed(name="Kees Verzonnen", identifiers={"phone": [f"06{case.pk.int % 10**8:08}"]})
            make_person(incident=case, typed=typed, seen=set(), by=self.place.adviser, now=clock.now())

    def pick(self, rows: Any) -> Any:
        """One of these. Drawn as a plain number, so that an example means the same when it is tried again."""
        choices = list(rows)
        return choices[self.draw(st.integers(0, 10_000)) % len(choices)]

    @property
    def desk(self) -> Any:
        return self.pick([self.place.adviser, self.place.deputy])

    def case(self) -> Incident:
        case: Incident = self.pick(self.cases)
        case.refresh_from_db()
        return case

    def one(self, rows: Any) -> Any:
        """One of these rows of one case; none is a refusal as any other."""
        found = list(rows.order_by(*ORDER.get(rows.model, ())))
        if not found:
            raise Refused("nothing to do that with")
        return self.pick(found)

    def acts(self) -> dict[str, Act]:
        return {name.removeprefix("do_"): getattr(self, name) for name in dir(self) if name.startswith("do_")}

    # --- what can be done --------------------------------------------------------------------------------------------

    def do_move_the_clock(self) -> None:
        clock.move(hours=self.pick([1, 20, 30, 24 * 12, 24 * 45]))
        reaction_ends.end_expired(now=clock.now())
        reaction_ends.plan_reviews(now=clock.now())

    def do_take(self) -> None:
        take_measure(measure=self.one(self.case().measures), by=self.desk, now=clock.now())

    def do_adapt(self) -> None:
        day = self.pick([None, localdate(clock.now()) + timedelta(days=5)])
        measure = self.one(self.case().measures)
        adapt_measure(measure=measure, words="Met de wijkagent.", day=day, by=self.desk, now=clock.now())

    def do_put_off(self) -> None:
        until = localdate(clock.now()) + timedelta(days=self.pick([0, 7, 91]))
        measure = self.one(self.case().measures)
        hold_measure(measure=measure, reason="Eerst horen.", until=until, by=self.desk, now=clock.now())

    def do_leave_out(self) -> None:
        decline_measure(measure=self.one(self.case().measures), reason="Past niet.", by=self.desk, now=clock.now())

    def do_finish(self) -> None:
        finish_task(task=self.one(self.case().tasks), by=self.desk, now=clock.now())

    def do_give_away(self) -> None:
        to = self.pick([self.place.support, self.place.manager, self.place.deputy, self.place.employee])
        hand_over_task(task=self.one(self.case().tasks), to=to, by=self.desk, now=clock.now())

    def do_add_a_task(self) -> None:
        wanted = WantedTask("Bel de beveiliging.", self.place.manager, clock.now() + timedelta(days=2))
        add_own_task(incident=self.case(), wanted=wanted, by=self.desk, now=clock.now())

    def do_answer(self) -> None:
        name = self.pick(["police_ask_to_wait", "criticism_only", "offence_suspected", "damage", "weapon"])
        complete_facts(incident=self.case(), answers={name: self.pick([True, False])}, by=self.desk, now=clock.now())

    def do_assess(self) -> None:
        severity = self.pick([1, 2, 3, 4])
        confirm_severity(incident=self.case(), severity=severity, reason="Zo was het.", by=self.desk, now=clock.now())

    def do_note(self) -> None:
        add_note(incident=self.case(), text="Gebeld.", by=self.desk, now=clock.now())

    def do_assign(self) -> None:
        assign_case(
            incident=self.case(), to=self.desk, moves_tasks=self.pick([True, False]), by=self.desk, now=clock.now()
        )

    def do_hand_over_everything(self) -> None:
        person, to = self.desk, self.desk
        hand_over_all(
            person=person, organisation=self.place.organisation, to=to, by=self.place.adviser, now=clock.now()
        )

    def do_keep_out(self) -> None:
        person = self.pick([self.place.deputy, self.place.manager, self.place.management])
        keep_out(incident=self.case(), person=person, by=self.place.employee, now=clock.now())

    def do_draft(self) -> None:
        case, kind = self.case(), self.pick(list(ReactionKind))
        person = self.one(case.involvements).person
        words = {**words_of(case, self.place), "person": person, "second": self.pick([None, self.place.deputy])}
        words |= {"starts_on": localdate(clock.now()), "ends_on": localdate(clock.now()) + timedelta(days=60)}
        draft_reaction(incident=case, kind=kind, words=ReactionWords(words), by=self.place.adviser, now=clock.now())

    def do_step(self) -> None:
        """The next step of a reaction, or one that is not possible now."""
        reaction: Reaction = self.one(self.case().reactions)
        known = {"reaction": reaction, "seen": reaction.revision, "now": clock.now()}
        today = localdate(clock.now())
        steps: dict[str, Act] = {
            "propose": lambda: reaction_signing.propose(**known, by=self.place.adviser),
            "agree": lambda: reaction_signing.agree(**known, by=self.place.deputy),
            "sign": lambda: reaction_signing.sign(**known, by=self.place.management),
            "send back": lambda: reaction_signing.send_back(**known, remark="Te lang.", by=self.place.management),
            "take back": lambda: reaction_signing.take_back(**known, by=self.place.adviser),
            "withdraw": lambda: reaction_signing.withdraw(**known, reason="Toch niet.", by=self.place.adviser),
            "police": lambda: reaction_steps.tell_police(**known, by=self.place.adviser),
            "give": lambda: reaction_steps.give(**known, day=today, by=self.place.adviser),
            "held": lambda: reaction_steps.hold(**known, day=today, heard="Ja.", agreed="Ja.", by=self.place.adviser),
            "review": lambda: reaction_ends.review(**known, remark="Loopt goed.", by=self.place.adviser),
            "end": lambda: reaction_ends.end_early(
                **known, end_kind=EndKind.EARLY, reason="Gaat beter.", by=self.place.adviser
            ),
            "extend": lambda: reaction_ends.draft_extension(reaction=reaction, by=self.place.adviser, now=clock.now()),
            "breach": lambda: breaches.record_breach(
                reaction=reaction,
                happened_at=clock.now(),
                words="Stond binnen.",
                is_police_told=True,
                by=self.place.adviser,
                now=clock.now(),
            ),
        }
        steps[self.pick(sorted(steps))]()

    def do_let_a_measure_run(self) -> None:
        """All that it takes in the right order: else nothing would ever run here."""
        case = self.case()
        kind = self.pick([ReactionKind.BAN, ReactionKind.CONDITIONS, ReactionKind.WARNING])
        today = localdate(clock.now())
        person = self.one(case.involvements).person
        words = {**words_of(case, self.place), "person": person}
        words |= {"starts_on": today, "ends_on": today + timedelta(days=self.pick([1, 60]))}
        words |= {"conduct_on": today, "override_reason": "Het is nodig."}
        reaction = draft_reaction(
            incident=case, kind=kind, words=ReactionWords(words), by=self.place.adviser, now=clock.now()
        )
        for act, by in (
            (reaction_signing.propose, self.place.adviser),
            (reaction_signing.agree, self.place.deputy),
            (reaction_signing.sign, self.place.management),
        ):
            reaction = act(reaction=reaction, seen=reaction.revision, by=by, now=clock.now())
        if kind in RESTRICTING:
            reaction = reaction_steps.tell_police(
                reaction=reaction, seen=reaction.revision, by=self.place.adviser, now=clock.now()
            )
        reaction_steps.give(
            reaction=reaction, seen=reaction.revision, day=today, by=self.place.adviser, now=clock.now()
        )

    def do_end_the_case(self) -> None:
        """Leave what is open, and close."""
        case = self.case()
        for task in case.tasks.filter(status=TaskStatus.OPEN).order_by(*ORDER[Task]):
            decline_task(task=task, reason="Niet meer nodig.", by=self.place.adviser, now=clock.now())
        lesson = WantedTask("Oefen het alarm.", self.place.manager, clock.now() + timedelta(days=30))
        close_case(
            incident=case, outcome="Besproken.", lessons=self.pick([[], [lesson]]), by=self.desk, now=clock.now()
        )

    def do_plan_care(self) -> None:
        task = self.one(self.case().tasks.filter(code__startswith="N0"))
        appointment = Appointment(clock.now() + timedelta(days=1), "Kamer 2", self.place.support)
        revision = getattr(CareMoment.objects.filter(task=task).first(), "revision", 0)
        plan_care(task=task, appointment=appointment, revision=revision, by=self.desk, now=clock.now())

    def do_answer_care(self) -> None:
        moment: CareMoment = self.one(CareMoment.objects.filter(incident=self.case()))
        known = {"incident": moment.incident, "key": moment.pk, "revision": moment.revision, "now": clock.now()}
        if self.pick([True, False]):
            decline_care(**known, by=self.place.employee)
        else:
            ask_care_again(**known, wish="Toch graag.", by=self.place.employee)

    def do_hold_care(self) -> None:
        moment: CareMoment = self.one(CareMoment.objects.filter(incident=self.case()))
        hold_care(
            task=moment.task, held_at=clock.now(), revision=moment.revision, by=self.place.support, now=clock.now()
        )

    def do_police(self) -> None:
        case = self.case()
        sheets = list(case.police_sheets.order_by("pk"))
        if not sheets:
            kind, by = self.pick(list(PoliceKind)), self.pick(list(FiledBy))
            start_sheet(incident=case, kind=kind, filed_by=by, by=self.desk, now=clock.now())
        elif self.pick([True, False]):
            leave_sheet(sheet=sheets[0], revision=sheets[0].revision, reason="Wil niet.", by=self.desk, now=clock.now())
        else:
            file_sheet(
                sheet=sheets[0],
                revision=sheets[0].revision,
                on=localdate(clock.now()),
                police_number="PL1",
                contact="",
                is_vpt_code_asked=True,
                by=self.desk,
                now=clock.now(),
            )

    def do_damage(self) -> None:
        add_damage(
            incident=self.case(),
            of=DamageOf.VICTIM,
            kind=DamageKind.GOODS,
            words="Een bril.",
            amount=12_050,
            by=self.desk,
            now=clock.now(),
        )

    def do_letter(self) -> None:
        new = NewLetter(uuid4(), self.case(), LetterKind.OUTCOME, {})
        make_letter(new=new, by=self.desk, now=clock.now())

    def do_link(self) -> None:
        link_cases(incident=self.case(), other=self.case(), kind=LinkKind.RELATED, by=self.desk, now=clock.now())

    def do_join(self) -> None:
        merge_cases(incident=self.case(), into=self.case(), by=self.place.adviser, now=clock.now())

    def do_take_apart(self) -> None:
        unmerge_case(incident=self.case(), by=self.place.adviser, now=clock.now())

    def do_close(self) -> None:
        close_case(incident=self.case(), outcome="Besproken.", by=self.desk, now=clock.now())

    def do_reopen(self) -> None:
        reopen_for_desk(incident=self.case(), reason="Er is iets bij gekomen.", by=self.desk, now=clock.now())


Picture = dict[tuple[type[models.Model], Any], dict[str, Any]]


def picture(place: Place) -> Picture:
    """Every row of this organisation that people work on, column by column; sealed columns as they lie there."""
    found: Picture = {}
    for model in (*LOOKED_AT, *BESIDE):
        names = [field.attname for field in model._meta.concrete_fields if field.name not in NOT_A_CHANGE]
        for row in model._default_manager.filter(organisation=place.organisation).values("pk", *names):
            found[model, row["pk"]] = row
    return found


def trail(place: Place) -> tuple[int, int]:
    of_place = {"organisation_id": place.organisation.pk}
    return TimelineEntry.objects.filter(**of_place).count(), AuditEvent.objects.filter(**of_place).count()


def broken(office: Office, before: Picture, after: Picture) -> Iterator[str]:
    """What may not be."""
    yield from _steps_that_are_none(before, after)
    for reaction in Reaction.objects.filter(organisation=office.place.organisation, status="active"):
        if reaction.kind in RESTRICTING and not (reaction.starts_on and reaction.ends_on):
            yield f"{reaction.kind} runs without an end"
    yield from _tasks_in_the_wrong_place(office)
    for person in (office.place.adviser, office.place.deputy):
        desk = Desk(person, clock.now(), [office.place.organisation], [office.place.organisation])
        numbers = desk.numbers()
        for tab in TABS:
            listed = len(desk.rows(tab, numbers)[0:500])
            if listed != numbers.of(tab):
                yield f"{tab} counts {numbers.of(tab)} and lists {listed}"


def _steps_that_are_none(before: Picture, after: Picture) -> Iterator[str]:
    tables: dict[Any, dict[str, set[str]]] = {Reaction: REACTIONS, Incident: CASES, Measure: MEASURES, Task: TASKS}
    for key, row in after.items():
        if key[0] in tables and key in before:
            old, new = before[key]["status"], row["status"]
            if new != old and new not in tables[key[0]].get(old, set()):
                yield f"{key[0].__name__} went from {old} to {new}"


def _tasks_in_the_wrong_place(office: Office) -> Iterator[str]:
    kept_out = set(Exclusion.objects.values_list("incident_id", "user_id"))
    for task in Task.objects.filter(organisation=office.place.organisation, status="open").select_related("incident"):
        if task.assignee_id is None:
            yield f"{task} has no owner"
        if (task.incident_id, task.assignee_id) in kept_out:
            yield f"{task} is with someone who is kept out"
        if task.incident.status in {CaseStatus.CLOSED, CaseStatus.MERGED} and task.kind != TaskKind.LESSON:
            yield f"{task} is open in a case that is {task.incident.status}"


EXAMPLES = 12 if connection.vendor == "postgresql" else 4  # all that is promised, on the database of real use


@given(data=st.data())
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_whatever_is_done_in_whatever_order(db: None, data: st.DataObject):
    clock.set_to(clock.START)
    with transaction.atomic():
        office = Office(data.draw)
        before, written = picture(office.place), trail(office.place)
        for _step in range(data.draw(st.integers(10, 30))):
            name, refused = data.draw(st.sampled_from(ACTS)), None
            try:
                with transaction.atomic():
                    office.acts()[name]()
            except Refused as why:
                refused = why
            note(f"{name}: {refused or 'done'}")
            event(f"{name}: {'refused' if refused else 'done'}")
            after, now_written = picture(office.place), trail(office.place)
            if refused is not None:
                assert after == before, f"{name} was refused and changed something"
            elif after != before:
                assert now_written[0] > written[0] and now_written[1] > written[1], f"{name} left no trail"
                assert list(broken(office, before, after)) == [], name
            before, written = after, now_written
        transaction.set_rollback(True)


ACTS = sorted(name.removeprefix("do_") for name in vars(Office) if name.startswith("do_"))
