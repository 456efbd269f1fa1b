"""What a mail is about: cases with open tasks by how late they are, what there is to read, and what is in danger.

A mail of the day holds everything that is open for its reader; one that could not wait only what it was made for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from guidance.office import DAY, at
from incidents.actions.reminders.news_readers import AT_LEISURE
from incidents.models import Alarm, Incident, Mail, News, Notice, Task
from incidents.vocabulary import AlarmKind, MailKind, NewsKind, NoticeStep
from vpdportal.accounts.models import Organisation, User


class Case(NamedTuple):
    """A case as a mail names it."""

    reference: str
    pk: UUID


Tasks = dict[UUID, tuple[Case, datetime | None]]


@dataclass
class CaseTasks:
    """The open tasks of one case for one reader: how many, and how many of them are too late or end today."""

    case: Case
    first: datetime | None = None
    tasks: set[UUID] = field(default_factory=set)
    late: set[UUID] = field(default_factory=set)
    today: set[UUID] = field(default_factory=set)

    def add(self, task: UUID, due_at: datetime | None, now: datetime, midnight: datetime) -> None:
        self.tasks.add(task)
        if due_at is None:
            return
        self.first = min(self.first or due_at, due_at)
        if due_at < now:
            self.late.add(task)
        elif due_at < midnight:
            self.today.add(task)


@dataclass(frozen=True)
class Contents:
    """`cases`: what is too late first, then by what ends first. `told`: kinds of news a case. `gone`: handed over.

    `alarms`: what is in danger, by organisation. `overviews`: of which organisations a new one is there.
    `choice`: which kind of mail this is, where its reader may leave that off (mail_choices.py); else empty.
    """

    cases: list[CaseTasks]
    told: dict[Case, set[str]]
    gone: list[Case]
    alarms: dict[Organisation, set[str]]
    overviews: list[Organisation]
    choice: str

    @property
    def tasks(self) -> int:
        return sum(len(case.tasks) for case in self.cases)

    @property
    def late(self) -> int:
        return sum(len(case.late) for case in self.cases)

    @property
    def is_receipt(self) -> bool:
        """Whether it only says to someone that a report has come in."""
        is_else = self.cases or self.gone or self.alarms or self.overviews
        return not is_else and all(kinds == {NewsKind.RECEIVED} for kinds in self.told.values())

    @property
    def is_overview(self) -> bool:
        """Whether it only says that a new overview is there."""
        return bool(self.overviews) and not (self.cases or self.told or self.gone or self.alarms)


def contents_of(
    mail: Mail, notices: Sequence[Notice], news: Sequence[News], alarms: Sequence[Alarm], now: datetime
) -> Contents:
    """What this mail says to its reader now. One query more for a mail of the day."""
    gone = {_case(row.task.incident) for row in notices if row.step == NoticeStep.HANDED_OVER}
    tasks = {
        row.task_id: (_case(row.task.incident), row.task.due_at)
        for row in notices
        if row.step != NoticeStep.HANDED_OVER
    }
    if mail.kind == MailKind.DIGEST:
        tasks |= _open_tasks(mail.recipient, now)
    told: dict[Case, set[str]] = {}
    for piece in news:
        told.setdefault(_case(piece.incident), set()).add(piece.kind)
    in_danger: dict[Organisation, set[str]] = {}
    for alarm in alarms:
        if alarm.kind != AlarmKind.OVERVIEW_READY:
            in_danger.setdefault(alarm.organisation, set()).add(alarm.kind)
    ready = {alarm.organisation for alarm in alarms if alarm.kind == AlarmKind.OVERVIEW_READY}
    overviews = sorted(ready, key=lambda organisation: organisation.name)
    cases = _by_case(tasks, now)
    choice = _choice(notices, news, alarms, is_work=bool(cases))
    return Contents(cases, told, sorted(gone), in_danger, overviews, choice)


def _choice(notices: Sequence[Notice], news: Sequence[News], alarms: Sequence[Alarm], is_work: bool) -> str:
    if alarms:
        is_ready = all(alarm.kind == AlarmKind.OVERVIEW_READY for alarm in alarms)
        return "overview" if is_ready and not (notices or news or is_work) else ""
    if notices and news:
        return ""
    if notices:
        return "halfway" if all(row.step == NoticeStep.HALFWAY for row in notices) else ""
    at_leisure = all(
        row.kind in AT_LEISURE and row.recipient_id in {row.incident.reporter_id, row.incident.affected_id}
        for row in news
    )
    return "news" if at_leisure else ""


def _case(incident: Incident) -> Case:
    return Case(incident.reference, incident.pk)


def _open_tasks(reader: User, now: datetime) -> Tasks:
    """Bare values: someone may have thousands."""
    mine = Task.objects.visible_to(reader, now).unfinished().filter(assignee=reader, is_on_hold=False).order_by()
    rows = mine.values_list("pk", "incident__reference", "incident", "due_at")
    return {pk: (Case(reference, case), due_at) for pk, reference, case, due_at in rows}


def _by_case(tasks: Tasks, now: datetime) -> list[CaseTasks]:
    midnight = at(timezone.localdate(now) + DAY, time.min)
    cases: dict[Case, CaseTasks] = {}
    for task, (case, due_at) in tasks.items():
        if case not in cases:
            cases[case] = CaseTasks(case)
        cases[case].add(task, due_at, now, midnight)
    far = now + timedelta(days=36500)
    return sorted(cases.values(), key=lambda one: (not one.late, one.first or far, one.case.reference))
