"""What is promised about reminders (handbook 11.1, ADR 22), worked out a second time.

Plain Python over the clock on the wall (tests/guidance/wall.py). It sees the work as rows of a list (`State`) and
keeps what it promised by itself; nothing of the portal plans, sorts or computes here.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from guidance.office import Office
from tests.guidance.wall import DAY, MINUTE, comes, is_quiet, minutes_of, wall, whole_minute, works

SHORT = timedelta(hours=8)
SEVERE = 3
OFFICE = Office()
DESK = frozenset({"adviser", "deputy"})
GIVEN_TASKS = frozenset({"adviser", "deputy", "manager", "support", "legal"})
AHEAD = frozenset({"halfway", "day_before", "deadline"})


@dataclass(frozen=True)
class Job:
    """A task as it stands."""

    owner: UUID | None
    given_at: datetime
    due_at: datetime | None
    severity: int = 2
    is_open: bool = True
    is_on_hold: bool = False
    case: UUID | None = None
    may_manager_see: bool = False
    handler: UUID | None = None  # of the case


@dataclass(frozen=True)
class Person:
    """Someone who works here. `is_away`: absent, or out of reach of mail (`is_reachable`)."""

    roles: frozenset[str]
    days: str = ""
    is_away: bool = False
    is_reachable: bool = True
    is_last_day: bool = False
    wants_halfway: bool = True


@dataclass(frozen=True)
class Choices:
    """What the organisation chose."""

    office: Office = OFFICE
    halfway: bool = True
    before: timedelta = DAY
    escalates_after: timedelta = 3 * DAY
    to_deputy: bool = True
    to_manager: bool = True


@dataclass(frozen=True)
class State:
    """All that matters at a moment. `people` in the order in which they got their first role."""

    jobs: dict[UUID, Job]
    people: dict[UUID, Person]
    choices: Choices = Choices()
    kept_out: frozenset[tuple[UUID | None, UUID]] = frozenset()

    def office_of(self, person: UUID) -> Office:
        office = self.choices.office
        own = "".join(day for day in office.days if day in self.people[person].days) if person in self.people else ""
        return replace(office, days=own or office.days)


@dataclass(frozen=True)
class Term:
    """A task as someone has it, and the office as that person knows it."""

    job: Job
    office: Office

    def moments(self, given_at: datetime, choices: Choices) -> dict[str, datetime]:
        """When each step that comes after "it is yours" speaks up."""
        due_at = self.job.due_at
        if due_at is None or due_at <= given_at:
            return {}
        found = {"deadline": due_at}
        last = self._last_before(given_at, due_at, choices.before)
        if last:
            found["day_before"] = last
        half = given_at + (due_at - given_at) / 2
        if not works(self.office, wall(half).date()) and self._on_the_day_before(half) > given_at:
            half = self._on_the_day_before(half)
        if choices.halfway and due_at - given_at > SHORT and not (last and half >= last):
            found["halfway"] = half
        return found

    def mail_from(self, step: str, moment: datetime, planned_at: datetime) -> datetime:
        """From when a step that was planned then may be mailed."""
        if self.is_urgent(moment):
            return self.at_once(moment)
        if step not in {"assigned", "handed_over"} and self._mail_of_its_day(moment) > planned_at:
            return self._mail_of_its_day(moment)
        if is_mail_time(self.office, moment):
            return moment
        return self.at_once(moment) if self.is_too_late(moment) else next_morning(self.office, moment)

    def is_urgent(self, moment: datetime) -> bool:
        due_at = self.job.due_at
        return self.job.severity >= SEVERE or (due_at is not None and wall(due_at).date() == wall(moment).date())

    def is_urgent_still(self, moment: datetime, now: datetime) -> bool:
        """After a stop of some days: what ended before today comes with the mail of the day."""
        due_at = self.job.due_at
        is_over = due_at is not None and wall(due_at).date() < wall(now).date()
        return self.job.severity >= SEVERE or (self.is_urgent(moment) and not is_over)

    def at_once(self, moment: datetime) -> datetime:
        """Now; in the quiet hours after them, unless the task ends in them, or did a quarter of an hour ago."""
        awake, due_at = moment, self.job.due_at
        while is_quiet(self.office, awake):
            awake = whole_minute(awake) + MINUTE
        return moment if due_at is not None and moment - 15 * MINUTE <= due_at < awake else awake

    def is_too_late(self, moment: datetime) -> bool:
        """Whether it ends before the next mail of the day."""
        return self.job.due_at is not None and moment <= self.job.due_at <= next_morning(self.office, moment)

    def _mail_of_its_day(self, moment: datetime) -> datetime:
        day = wall(moment).date()
        while not works(self.office, day):
            day -= DAY
        return comes(day, self.office.digest_at)

    def _last_before(self, given_at: datetime, due_at: datetime, before: timedelta) -> datetime | None:
        wanted = due_at - before
        forward = self._on_a_working_day(wanted)
        tries = [min(forward, self._on_a_working_day(due_at)), forward]
        if not works(self.office, wall(wanted).date()):
            tries.append(next_coming(self.office, given_at, self.office.opens))
        return next((moment for moment in tries if given_at < moment < due_at), None)

    def _on_a_working_day(self, moment: datetime) -> datetime:
        return moment if works(self.office, wall(moment).date()) else self._on_the_day_before(moment)

    def _on_the_day_before(self, moment: datetime) -> datetime:
        """Three hours before closing, on the last working day before."""
        day = wall(moment).date() - DAY
        while not works(self.office, day):
            day -= DAY
        minute = max(minutes_of(self.office.opens), minutes_of(self.office.closes) - 180)
        return comes(day, time(minute // 60, minute % 60))


def next_coming(office: Office, moment: datetime, hour: time) -> datetime:
    """When this hour comes first after this moment on a working day."""
    day = wall(moment).date()
    while not works(office, day) or comes(day, hour) <= moment:
        day += DAY
    return comes(day, hour)


def next_morning(office: Office, moment: datetime) -> datetime:
    """When the mail of the day goes out first after this moment."""
    return next_coming(office, moment, office.digest_at)


def is_mail_time(office: Office, moment: datetime) -> bool:
    """Whether the mail of the day may go out now."""
    day = wall(moment).date()
    return works(office, day) and comes(day, office.digest_at) <= moment and not is_quiet(office, moment)


class Row(NamedTuple):
    """That someone hears of a step; each at most once."""

    task: UUID
    step: str
    day: date
    to: UUID


class Said(NamedTuple):
    row: Row
    reader: UUID


@dataclass
class Promises:
    """`waiting`: row → when it speaks up, and from when that may be mailed. `said` and `ended` (came to nothing)."""

    waiting: dict[Row, tuple[datetime, datetime]] = field(default_factory=dict)
    said: set[Row] = field(default_factory=set)
    ended: set[Row] = field(default_factory=set)
    digests: set[tuple[UUID, date]] = field(default_factory=set)

    # --- what people do ---

    def see(self, before: State, after: State, by: UUID | None, looked_at: set[UUID], now: datetime) -> None:
        """Something was done: of each task, what has changed. `looked_at`: whose terms were worked out anew."""
        shut_out = after.kept_out - before.kept_out
        self._end([row for row in self.waiting if (after.jobs[row.task].case, row.to) in shut_out])
        for task, job in after.jobs.items():
            old = before.jobs.get(task)
            if not job.is_open:
                if old and old.is_open:
                    self._end(self._of(task))
                continue
            is_given = old is None or not old.is_open
            if old and old.is_open and (old.owner, old.given_at) != (job.owner, job.given_at):
                self._end([row for row in self._of(task) if row.step != "handed_over"])
                self._give(task, after, now)
                self._say_again(task, after, now)
                self._tell_former(task, old.owner, by, after, now)
            elif is_given:
                self._give(task, after, now)
            elif task in looked_at and job.owner:
                self._plan_again(task, after, now)

    def _of(self, task: UUID) -> list[Row]:
        return [row for row in self.waiting if row.task == task]

    def _end(self, rows: list[Row]) -> None:
        for row in rows:
            del self.waiting[row]
            self.ended.add(row)

    def _promise(self, step: str, task: UUID, to: UUID, moment: datetime, state: State, now: datetime) -> None:
        due_at = state.jobs[task].due_at
        day = due_at if step == "escalated" and due_at else moment  # one for each term
        row = Row(task, step, wall(day).date(), to)
        if row not in self.said | self.ended and row not in self.waiting:
            term = Term(state.jobs[task], state.office_of(to))
            self.waiting[row] = moment, term.mail_from(step, moment, now)

    def _give(self, task: UUID, state: State, now: datetime) -> None:
        owner = state.jobs[task].owner
        if owner is None:
            return
        self.ended -= {row for row in self.ended if row.task == task}
        self._promise("assigned", task, owner, now, state, now)
        self._promise_ahead(task, owner, now, state, now)

    def _promise_ahead(self, task: UUID, owner: UUID, given_at: datetime, state: State, now: datetime) -> None:
        term = Term(state.jobs[task], state.office_of(owner))
        for step, moment in term.moments(given_at, state.choices).items():
            if given_at == now or moment > now:
                self._promise(step, task, owner, moment, state, now)

    def _say_again(self, task: UUID, state: State, now: datetime) -> None:
        """Who was told today that it is theirs, and that it is gone, and has it back."""
        owner, today = state.jobs[task].owner, wall(now).date()
        if owner and {Row(task, step, today, owner) for step in ("assigned", "handed_over")} <= self.said:
            self.said.remove(Row(task, "assigned", today, owner))
            self._promise("assigned", task, owner, now, state, now)

    def _tell_former(self, task: UUID, former: UUID | None, by: UUID | None, state: State, now: datetime) -> None:
        heard = any(row.task == task and row.to == former for row in self.said)
        if former and heard and former not in {by, state.jobs[task].owner}:
            self._promise("handed_over", task, former, now, state, now)

    def _plan_again(self, task: UUID, state: State, now: datetime) -> None:
        job = state.jobs[task]
        assert job.owner is not None
        for row in self._of(task):
            if row.step in AHEAD and self.waiting[row][0] > now:
                del self.waiting[row]
        self.ended -= {row for row in self.ended if row.task == task and row.step in AHEAD}
        self._promise_ahead(task, job.owner, min(job.given_at, now), state, now)
        for row in self._of(task):
            moment, mail_from = self.waiting[row]
            sooner = Term(job, state.office_of(row.to)).mail_from(row.step, moment, now)
            if moment <= now and sooner < mail_from:
                self.waiting[row] = moment, sooner

    # --- a round of the reminders ---

    def round(self, state: State, now: datetime) -> set[Said]:
        """What goes out now, and to whom."""
        self._promise_late(state, now)
        said: set[Said] = set()
        with_digest: dict[UUID, list[Row]] = {}
        for row in list(self.waiting):
            job = state.jobs[row.task]
            if self.waiting[row][1] > now or job.is_on_hold:
                continue
            reader = _reader(row, self.waiting[row][0], state, now)
            if reader is None:
                self._end([row])
                continue
            term = Term(job, state.office_of(reader))
            if not state.people[reader].is_reachable:
                self._later(row, next_morning(term.office, now))
            elif term.is_urgent_still(self.waiting[row][0], now):
                self._say_at_once(row, reader, term, now, said)
            elif is_mail_time(term.office, now) and (reader, wall(now).date()) not in self.digests:
                with_digest.setdefault(reader, []).append(row)
            elif term.is_too_late(now):
                self._say_at_once(row, reader, term, now, said)
            else:
                self._later(row, next_morning(term.office, now))
        for reader, rows in with_digest.items():
            self.digests.add((reader, wall(now).date()))
            said |= {Said(row, reader) for row in rows}
        for row in {one.row for one in said}:
            del self.waiting[row]
            self.said.add(row)
        return said

    def _later(self, row: Row, moment: datetime) -> None:
        self.waiting[row] = self.waiting[row][0], moment

    def _say_at_once(self, row: Row, reader: UUID, term: Term, now: datetime, said: set[Said]) -> None:
        if term.at_once(now) > now:
            self._later(row, term.at_once(now))
        else:
            said.add(Said(row, reader))

    def _promise_late(self, state: State, now: datetime) -> None:
        """Each day to the owner of what was late this morning; and once to others when that lasts."""
        today, choices = wall(now).date(), state.choices
        morning = comes(today, choices.office.digest_at)
        for task, job in state.jobs.items():
            is_late = job.is_open and not job.is_on_hold and job.due_at is not None and job.due_at < morning <= now
            if not is_late or job.owner is None or job.due_at is None:
                continue
            if job.severity < SEVERE and not works(choices.office, today):
                continue
            daily = Row(task, "overdue", today, job.owner)
            if daily in self.said | self.ended or daily in self.waiting:
                continue
            if job.severity >= SEVERE or works(state.office_of(job.owner), today):
                self._promise("overdue", task, job.owner, now, state, now)
            since = job.due_at + choices.escalates_after
            if since <= now:
                for person in _others(job, state):
                    self._promise("escalated", task, person, since, state, now)


def _others(job: Job, state: State) -> set[UUID]:
    """The deputies, and the manager who may see it; where that is nobody, the other advisers."""
    found, advisers = set(), set()
    for key, person in state.people.items():
        if key == job.owner or (job.case, key) in state.kept_out:
            continue
        is_deputy = "deputy" in person.roles and state.choices.to_deputy
        is_manager = "manager" in person.roles and state.choices.to_manager and job.may_manager_see
        if is_deputy or is_manager:
            found.add(key)
        if "adviser" in person.roles:
            advisers.add(key)
    return found or advisers


def _reader(row: Row, moment: datetime, state: State, now: datetime) -> UUID | None:
    """Who hears of it now. None: it came to nothing."""
    job, person, today = state.jobs[row.task], state.people[row.to], wall(now).date()
    if not job.is_open or (job.case, row.to) in state.kept_out:
        return None
    if row.step != "escalated" and (job.owner == row.to) is (row.step == "handed_over"):
        return None
    if row.step == "halfway" and not person.wants_halfway:
        return None
    may_have = row.step == "escalated" or bool(person.roles & GIVEN_TASKS)
    if row.step == "handed_over":
        return row.to if may_have else None
    reader = row.to
    is_severe = Term(job, state.choices.office).is_urgent_still(moment, now)
    if person.is_away or not may_have:
        reader = _on_duty(job, state, today, set(), job.handler) or row.to
    elif is_severe and _has_day_off(row.to, state, today):
        other = _on_duty(job, state, today, {row.to})
        is_there = other and not state.people[other].is_away and not _has_day_off(other, state, today)
        reader = other if other and is_there else row.to
    roles = state.people[reader].roles
    if roles & DESK:
        return reader
    if row.step == "escalated":
        return reader if "manager" in roles and job.may_manager_see else None
    return reader if roles & GIVEN_TASKS else None


def _has_day_off(key: UUID, state: State, today: date) -> bool:
    return works(state.choices.office, today) and not works(state.office_of(key), today)


def _on_duty(job: Job, state: State, today: date, without: set[UUID], handler: UUID | None = None) -> UUID | None:
    """Who is there before who is not; not on a last day; who handles the case; who works today; advisers first."""

    def order(key: UUID) -> tuple[bool, bool, bool, bool, bool]:
        person = state.people[key]
        is_off = bool(person.days) and str(today.isoweekday()) not in person.days
        return person.is_away, person.is_last_day, key != handler, is_off, "adviser" not in person.roles

    desk = [key for key, person in state.people.items() if person.roles & DESK]
    possible = [key for key in desk if key not in without and (job.case, key) not in state.kept_out]
    return min(possible, key=order, default=None)
