"""The reminders and the clock: nights in which it jumps, odd days, a clock that is set, a beat that was down.

Each round is held against tests/incidents/promised.py (see village.py); what people notice is asserted beside it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from incidents.actions.case import confirm_severity
from incidents.actions.reminders.plans import plan_mark, plan_of, save_own_choices, save_reminder_plan
from incidents.actions.reminders.sweep import sweep
from incidents.actions.tasks import add_task
from incidents.models import Incident, Mail, News, Notice, Task
from incidents.vocabulary import TaskKind
from tests import clock
from tests.guidance.wall import DAY, HOUR, MINUTE, comes, is_quiet, wall, works
from tests.incidents.promised import OFFICE, Row
from tests.incidents.village import Sent, Village
from tests.world import make_incident
from vpdportal.accounts.models import User

CANARIES = (
    "kanarie-verhaal",
    "kanarie-plaats",
    "kanarie-dader",
    "Kanarie Getroffene",
    "kanarie-contact",
    "kanarie-taak",
)
WHEN = {
    "a clock that goes back": "2026-10-23T10:30:00+02:00",
    "the night in which it goes back": "2026-10-24T22:30:00+02:00",
    "a clock that goes on, and Easter": "2027-03-25T10:30:00+01:00",
    "the night in which it goes on": "2027-03-27T23:30:00+01:00",
    "a leap day": "2028-02-28T10:30:00+01:00",
    "new year": "2026-12-30T16:30:00+01:00",
    "Christmas": "2026-12-23T08:00:00+01:00",
    "a Friday afternoon": "2026-11-27T15:00:00+01:00",
    "an evening": "2026-11-24T19:30:00+01:00",
}


class Town(Village):
    """Where tasks have the terms that a test gives them."""

    def case(self, severity: int = 2, **more: Any) -> Incident:
        """A case without any task, of which nobody hears anything."""
        found = make_incident(self.place, **more)
        found.tasks.all().delete()
        News.objects.all().delete()
        Incident.objects.filter(pk=found.pk).update(severity=severity)
        return found

    def ask(self, case: Incident, owner: str, due_at: datetime | None) -> Task:
        with transaction.atomic():
            return add_task(
                incident=case,
                kind=TaskKind.OWN,
                assignee=self.place.people[owner],
                due_at=due_at,
                by=None,
                now=clock.now(),
                words=CANARIES[-1],
            )

    def works_on(self, owner: str, days: str) -> None:
        person = User.objects.get(pk=self.place.people[owner].pk)
        person.works_on = days
        save_own_choices(person=person, changed=["works_on"], by=person, now=clock.now())
        self.looked_at |= set(Task.objects.filter(assignee=person).values_list("pk", flat=True))

    def choose(self, **values: Any) -> None:
        plan = plan_of(self.place.organisation)
        seen = plan_mark(plan)
        for name, value in values.items():
            setattr(plan, name, value)
        by = self.place.administrator
        save_reminder_plan(plan=plan, changed=list(values), seen=seen, by=by, now=clock.now())
        self.looked_at |= set(self.tasks().values_list("pk", flat=True))

    def go(self, until: datetime, longest: timedelta = 4 * HOUR) -> None:
        """Rounds at all moments at which something is to go out, a minute before each, and some hours apart."""
        self.round()
        while clock.now() < until:
            now, day = clock.now(), wall(clock.now()).date()
            mornings = [comes(one, self.state().choices.office.digest_at) for one in (day, day + DAY)]
            coming = [moment for moment in (*self._mail_from(), *mornings) if moment > now]
            next_one = min(
                [until, now + longest, *coming, *(moment - MINUTE for moment in coming if moment - MINUTE > now)]
            )
            clock.set_to(next_one)
            self.round()

    def _mail_from(self) -> list[datetime]:
        return [mail_from for _moment, mail_from in self.promises.waiting.values()]

    def to(self, owner: str) -> list[Sent]:
        return [sent for sent in self.sent if sent.message.to == [self.place.people[owner].email]]

    def local(self, owner: str) -> list[str]:
        """When this person had a mail, as on the wall."""
        return [f"{wall(sent.at):%a %d %H:%M}" for sent in self.to(owner)]


@pytest.fixture
def village(db: None) -> Town:
    return Town()


def fill(village: Town) -> list[Task]:
    """Tasks of two severities and all terms, for who works all week and for who does not."""
    given_at = clock.now()
    terms = [given_at + hours * HOUR for hours in (24, 48, 72)] + [end_of(given_at, 1)]
    tasks = []
    with village.watched():
        village.works_on("support", "124")
        for severity in (2, 3):
            case = village.case(severity)
            tasks += [village.ask(case, owner, due_at) for due_at in terms for owner in ("adviser", "support")]
    return tasks


def end_of(moment: datetime, days: int) -> datetime:
    """Five o'clock on the working day so many after it."""
    day = wall(moment).date()
    for _count in range(days):
        day += DAY
        while not works(OFFICE, day):
            day += DAY
    return comes(day, time(17))


def steps_said(tasks: Sequence[Task]) -> Counter[tuple[Any, ...]]:
    rows = Notice.objects.filter(task__in=tasks, mail__status="sent")
    return Counter(rows.values_list("task", "step", "day", "recipient"))


@pytest.mark.parametrize("start", WHEN.values(), ids=WHEN)
def test_each_step_goes_out_once_at_its_hour(village: Town, start: str):
    given_at = clock.set_to(datetime.fromisoformat(start).astimezone(UTC))
    tasks = fill(village)
    village.go(max(task.due_at for task in tasks if task.due_at) + 25 * HOUR)
    said = steps_said(tasks)
    assert set(said.values()) == {1}
    for task in tasks:
        steps = {step for key, step, _day, _to in said if key == task.pk}
        assert {"assigned", "deadline"} <= steps
        assert task.due_at is not None and task.due_at > given_at
    at_once = Mail.objects.filter(kind="at_once", status="sent")
    for one in Mail.objects.filter(status="sent"):
        assert one.kind == "at_once" or works(OFFICE, wall(one.created_at).date())
        if is_quiet(OFFICE, one.created_at):
            ends_in_it = [row.task.due_at < one.created_at + 12 * HOUR for row in one.notices.select_related("task")]
            assert one in at_once and all(ends_in_it)
    assert not Notice.objects.filter(mail=None, cancelled_at=None, send_at__lt=clock.now()).exists()


@pytest.mark.parametrize("jump", [-HOUR, -5 * HOUR, -3 * DAY, HOUR, 5 * HOUR, 3 * DAY], ids=str)
def test_a_clock_that_is_set_loses_nothing_and_says_nothing_twice(village: Town, jump: timedelta):
    clock.set_to(datetime(2026, 11, 24, 14, 30, tzinfo=UTC))
    tasks = fill(village)
    village.go(clock.now() + 44 * HOUR)
    clock.set_to(clock.now() + jump)
    village.go(datetime(2026, 11, 30, 12, tzinfo=UTC), longest=6 * HOUR)
    said = steps_said(tasks)
    assert set(said.values()) == {1}
    for task in tasks:
        assert {"assigned", "deadline"} <= {step for key, step, _day, _to in said if key == task.pk}
    digests = Mail.objects.filter(kind="digest", status="sent").values_list("recipient", "day")
    assert len(digests) == len(set(digests))


@pytest.mark.parametrize(
    ("down", "up", "heard"),
    [
        ("2026-11-27T16:00:00+01:00", "2026-11-30T10:00:00+01:00", "Mon 30 10:00"),  # over a weekend
        ("2026-11-27T16:00:00+01:00", "2026-11-30T04:00:00+01:00", "Mon 30 08:30"),
        ("2026-11-24T16:00:00+01:00", "2026-11-27T08:00:00+01:00", "Fri 27 08:30"),
        ("2026-11-24T16:00:00+01:00", "2026-11-27T16:00:00+01:00", "Fri 27 16:00"),
        ("2026-11-24T16:00:00+01:00", "2026-11-27T20:00:00+01:00", "Mon 30 08:30"),
        ("2026-11-25T16:00:00+01:00", "2026-11-29T12:00:00+01:00", "Mon 30 08:30"),  # up in a weekend
    ],
)
def test_after_three_days_without_a_beat_all_comes_once_in_one_mail(village: Town, down: str, up: str, heard: str):
    given_at = clock.set_to(datetime.fromisoformat(down).astimezone(UTC) - 5 * HOUR)
    cases = {}
    with village.watched():
        for hours in (70, 6, 30, 400, 54, 200):
            case = cases[hours] = village.case()
            for owner in ("adviser", "support"):
                village.ask(case, owner, given_at + hours * HOUR)
    village.round()
    village.sent.clear()
    clock.set_to(datetime.fromisoformat(up).astimezone(UTC))
    late = [hours for hours in sorted(cases) if given_at + hours * HOUR < clock.now()]
    for _half_an_hour in range(2 * 65):
        village.round()
        clock.move(minutes=30)
        if village.local("support"):
            break
    for owner in ("adviser", "support"):
        assert village.local(owner) == [heard]
        (digest,) = village.to(owner)
        shown = re.findall(r"VW-\w{5}-\w", digest.message.body)
        wanted = [cases[hours].reference for hours in [*late, *(hours for hours in sorted(cases) if hours not in late)]]
        assert list(dict.fromkeys(shown)) == wanted, "too late first, the oldest first"
    for owner in ("adviser", "support"):
        assert Mail.objects.filter(kind="digest", recipient=village.place.people[owner]).count() == 2
    overdue = Notice.objects.filter(step="overdue", mail__isnull=False).values_list("task", "mail")
    assert len(set(overdue)) == len({task for task, _mail in overdue}), "not once for every day missed"


def test_one_mail_a_day_in_a_fortnight_of_much_work(village: Town):
    clock.set_to(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    with village.watched():
        village.works_on("support", "1245")
    for number in range(14):
        if works(OFFICE, wall(clock.now()).date()):
            with village.watched():
                case = village.case(1 + number % 2)
                for owner, days in (("adviser", 3), ("support", 5), ("adviser", 9), ("support", 2)):
                    village.ask(case, owner, end_of(clock.now(), days))
        village.go(clock.now() + DAY, longest=6 * HOUR)
    for owner in ("adviser", "support"):
        digests = Mail.objects.filter(kind="digest", recipient=village.place.people[owner]).order_by("day")
        days = list(digests.values_list("day", flat=True))
        assert len(days) == len(set(days)) >= 7
        assert {day.isoweekday() for day in days} <= ({1, 2, 4, 5} if owner == "support" else {1, 2, 3, 4, 5})
    at_once = Notice.objects.filter(mail__kind="at_once").select_related("task", "mail")
    assert at_once.exists()
    for row in at_once:
        assert wall(row.task.due_at).date() == row.mail.day, "only what ends today comes beside it"


def test_what_is_severe_goes_at_once_and_only_that(village: Town):
    clock.set_to(datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
    with village.watched():
        village.ask(village.case(2), "adviser", clock.now() + 60 * HOUR)
    village.round()
    clock.move(hours=2)
    with village.watched():
        mild, severe = village.case(2), village.case(3)
        for case in (mild, severe):
            village.ask(case, "adviser", clock.now() + 60 * HOUR)
    village.go(clock.now() + HOUR)
    assert village.local("adviser") == ["Tue 24 09:00", "Tue 24 11:00"]
    assert severe.reference in village.sent[-1].message.body and mild.reference not in village.sent[-1].message.body


def test_a_severity_that_is_raised_lets_what_waited_go_at_once(village: Town):
    clock.set_to(datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
    with village.watched():
        village.ask(village.case(2), "adviser", clock.now() + 60 * HOUR)
    village.round()
    clock.move(hours=2)
    with village.watched():
        case = village.case(2)
        Incident.objects.filter(pk=case.pk).update(severity_proposed=2)
        task = village.ask(case, "adviser", clock.now() + 60 * HOUR)
    village.go(clock.now() + 2 * HOUR)
    assert village.local("adviser") == ["Tue 24 09:00"], "it waits for the next morning"
    with village.watched():
        case.refresh_from_db()
        confirm_severity(incident=case, severity=3, reason="Hij kwam terug.", by=village.place.adviser, now=clock.now())
        case.tasks.exclude(pk=task.pk).delete()
        village.looked_at = {task.pk}
    village.round()
    assert village.local("adviser") == ["Tue 24 09:00", "Tue 24 13:00"]
    assert Row(task.pk, "assigned", wall(clock.now()).date(), village.place.adviser.pk) in village.promises.said


def test_a_new_task_that_ends_before_the_next_mail_does_not_wait_for_it(village: Town):
    """Else who has it would hear of it for the first time when it is too late."""
    clock.set_to(datetime(2026, 11, 27, 8, 0, tzinfo=UTC))  # a Friday
    with village.watched():
        village.ask(village.case(), "adviser", end_of(clock.now(), 5))
    village.round()
    clock.move(hours=5)
    with village.watched():
        village.ask(village.case(), "adviser", clock.now() + 48 * HOUR)
        village.ask(village.case(), "adviser", clock.now() + 72 * HOUR)
    village.round()
    assert village.local("adviser") == ["Fri 27 09:00", "Fri 27 14:00"]
    clock.move(hours=5, minutes=30)  # in the evening
    with village.watched():
        village.ask(village.case(), "deputy", clock.now() + 48 * HOUR)
        village.ask(village.case(), "deputy", clock.now() + 72 * HOUR)
    village.go(clock.now() + 40 * HOUR)
    assert village.local("deputy") == ["Sat 28 07:00", "Sun 29 07:00"], "that it is there, and half of its time"


def test_a_day_before_the_end_means_that_day(village: Town):
    """A term that ends before the mail of the day: the morning before, not the one before that."""
    clock.set_to(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    with village.watched():
        village.choose(halfway=False)
        village.ask(village.case(), "adviser", datetime(2026, 11, 27, 7, 0, tzinfo=UTC))
    village.go(datetime(2026, 11, 27, 7, 30, tzinfo=UTC))
    assert village.local("adviser")[:3] == ["Mon 23 09:00", "Thu 26 08:30", "Fri 27 08:00"]


MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("choices", "heard"),
    [
        ({}, ["Mon 23 10:00", "Wed 25 08:30", "Thu 26 08:30", "Fri 27 17:00", "Mon 30 08:30", "Tue 01 08:30"]),
        (
            {"digest_at": time(13, 0)},
            ["Mon 23 13:00", "Wed 25 13:00", "Thu 26 13:00", "Fri 27 17:00", "Mon 30 13:00", "Tue 01 13:00"],
        ),
        ({"works_on": "13"}, ["Mon 23 10:00", "Wed 25 08:30", "Fri 27 17:00", "Mon 30 08:30"]),
        ({"hours_before": 48}, ["Mon 23 10:00", "Wed 25 08:30", "Fri 27 17:00", "Mon 30 08:30", "Tue 01 08:30"]),
        ({"halfway": False}, ["Mon 23 10:00", "Thu 26 08:30", "Fri 27 17:00", "Mon 30 08:30", "Tue 01 08:30"]),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_chosen_later", [False, True])
def test_the_choices_of_the_organisation_are_followed(
    village: Town, choices: dict[str, Any], heard: list[str], is_chosen_later: bool
):
    clock.set_to(MONDAY)
    with village.watched():
        if not is_chosen_later:
            village.choose(**choices)
        village.ask(village.case(), "adviser", end_of(MONDAY, 4))
    if is_chosen_later:  # before anything was said; what waits is planned anew
        if "digest_at" in choices:
            clock.set_to(MONDAY - HOUR)
        with village.watched():
            village.choose(**choices)
    village.go(datetime(2026, 12, 1, 15, 0, tzinfo=UTC))
    if is_chosen_later and "digest_at" in choices:
        heard = ["Mon 23 13:00", *heard[1:]]
    assert village.local("adviser") == heard


@pytest.mark.parametrize(
    ("choices", "days", "told"),
    [
        ({}, 3, ("deputy", "manager")),
        ({"escalate_days": 1}, 1, ("deputy", "manager")),
        ({"escalate_days": 6}, 6, ("deputy", "manager")),
        ({"to_deputy": False}, 3, ("manager",)),
        ({"to_manager": False}, 3, ("deputy",)),
    ],
    ids=str,
)
def test_who_hears_that_it_lasts_and_when(village: Town, choices: dict[str, Any], days: int, told: tuple[str, ...]):
    clock.set_to(MONDAY)
    due_at = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)  # before the mail of that morning
    with village.watched():
        village.choose(**choices)
        village.ask(village.case(may_manager_see=True), "adviser", due_at)
    village.go(due_at + 10 * DAY, longest=6 * HOUR)
    morning = comes(wall(due_at + days * DAY).date(), time(8, 30))
    for owner in ("deputy", "manager"):
        assert [sent.at for sent in village.to(owner)] == ([morning] if owner in told else [])


def test_other_days_of_a_person_move_what_waits(village: Town):
    clock.set_to(MONDAY)
    with village.watched():
        village.ask(village.case(), "adviser", end_of(MONDAY, 4))  # Friday
    village.round()
    with village.watched():
        village.works_on("adviser", "12")
    village.go(datetime(2026, 12, 1, 15, 0, tzinfo=UTC))
    assert village.local("adviser") == ["Mon 23 10:00", "Tue 24 08:30", "Mon 30 08:30", "Tue 01 08:30"]
    assert village.local("deputy")[0] == "Fri 27 17:00", "the end comes on a day off of the owner"


def test_both_forms_of_a_mail_say_the_same_and_nothing_of_the_case(village: Town):
    clock.set_to(MONDAY)
    details = dict(
        zip(("story", "place", "perpetrator_description", "affected_name", "contact"), CANARIES[:5], strict=True)
    )
    for owner, language in (("adviser", "nl"), ("support", "en")):
        User.objects.filter(pk=village.place.people[owner].pk).update(language=language)
    with village.watched():
        for severity in (1, 2, 3):
            case = village.case(severity, **details)
            for owner in ("adviser", "support"):
                village.ask(case, owner, MONDAY + 30 * HOUR * severity)
    village.go(MONDAY + 7 * DAY, longest=6 * HOUR)
    assert {"adviser", "support"} <= {owner for owner in ("adviser", "support") if len(village.to(owner)) > 4}
    for sent in village.sent:
        text, (html, kind) = sent.message.body, sent.message.alternatives[0]
        assert kind == "text/html" and len(sent.message.alternatives) == 1
        assert set(re.findall(r"http://\S+", text)) == set(re.findall(r'href="([^"]+)"', html))
        whole = f"{sent.message.subject}\n{text}\n{html}".lower()
        names = [person.name for person in village.place.people.values()]
        assert [word for word in (*CANARIES, *names, "Publiekszaken") if word.lower() in whole] == []
    for owner, said, lang in (("adviser", "Er is werk voor u", 'lang="nl"'), ("support", "There is work", 'lang="en"')):
        assert all(said in sent.message.body and lang in sent.message.alternatives[0][0] for sent in village.to(owner))


def test_only_a_mail_that_may_be_left_off_can_be_stopped(village: Town):
    clock.set_to(MONDAY)
    with village.watched():
        for owner in ("adviser", "support"):
            village.ask(village.case(), owner, end_of(MONDAY, 4))
        village.ask(village.case(), "support", comes(wall(MONDAY + 3 * DAY).date(), time(17)))
    village.go(datetime(2026, 11, 27, 17, 0, tzinfo=UTC))

    def stoppable(owner: str) -> list[str]:
        return [f"{wall(one.at):%a}" for one in village.to(owner) if "List-Unsubscribe" in one.message.extra_headers]

    assert village.local("adviser") == ["Mon 23 10:00", "Wed 25 08:30", "Thu 26 08:30", "Fri 27 17:00"]
    assert stoppable("adviser") == ["Wed"], "half of the time of all that is in it"
    assert stoppable("support") == [], "another task ends a day later: its mail cannot be left off"
    for one in village.sent:
        assert ("List-Unsubscribe" in one.message.extra_headers) == (
            "List-Unsubscribe-Post" in one.message.extra_headers
        )


def test_a_sweep_that_runs_twice_at_one_moment_says_nothing_twice(village: Town):
    clock.set_to(MONDAY)
    fill(village)
    village.round()
    mail.outbox.clear()
    sweep(now=clock.now())
    assert mail.outbox == []
