"""From what is due to mails: what cannot wait at once, the rest in the one mail of the day (ADR 22).

Each row that is due gets one mail, is cancelled because it came to nothing, or waits for a better moment: so a round
comes to an end. Any number may run at once: what another one holds is left to it.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Case, Min, QuerySet, UUIDField, Value, When
from django.utils import timezone

from guidance.office import DAY, Office
from incidents.actions.duty import out_of_sight_of
from incidents.actions.reminders import news_readers
from incidents.actions.reminders.alarm_readers import is_still_to_hear
from incidents.actions.reminders.moments import AT_ONCE_FROM, can_wait, is_still_urgent, urgent_at
from incidents.actions.reminders.rota import Rota, is_still_due, is_wanted
from incidents.models import Alarm, Mail, News, Notice
from incidents.vocabulary import MailKind, MailStatus, NewsKind
from vpdportal.accounts.models import User

log = logging.getLogger(__name__)

Due = Notice | News | Alarm
Row = TypeVar("Row", Notice, News, Alarm, Mail)
PEOPLE = 50  # whose rows are looked at in one transaction
ROWS = 500  # of these people, at most: someone who finishes one of the tasks waits for that long
MANY = 1000  # people who are found at a time: to find them, all that is due is looked through
UNREACHED = timedelta(minutes=10)  # after which is asked again whether mail reaches someone
NEXT_ROUND = timedelta(minutes=1)
AT_ANY_HOUR = frozenset({NewsKind.RECEIVED, NewsKind.ABOUT_YOU})  # someone sent something a moment ago, and waits


@dataclass
class Post:
    """What there is for one person: to go at once, and with the mail of the day."""

    at_once: list[Due] = field(default_factory=list)
    with_digest: list[Due] = field(default_factory=list)


def bundle(*, now: datetime, may_go_on: Callable[[], bool] = lambda: True) -> int:
    """Put what is due for each person in mails. Gives the number of mails. `may_go_on`: asked between transactions.

    A row that cannot be judged keeps only its reader's mail back. Raises the first thing that broke, after all others.
    """
    broken: dict[UUID, Exception] = {}
    mails = _bundle(now, may_go_on, broken)
    for error in broken.values():
        raise error
    return mails


def _bundle(now: datetime, may_go_on: Callable[[], bool], broken: dict[UUID, Exception]) -> int:
    mails, is_progress = 0, True
    while is_progress and (people := _people_with_something_due(now, broken)):
        is_progress = False
        for first in range(0, len(people), PEOPLE):
            is_more = True
            while is_more:
                if not may_go_on():
                    return mails
                made, is_more, are_there = _file(now, people[first : first + PEOPLE], broken)
                mails, is_progress = mails + made, is_progress or are_there
    return mails


def _file(now: datetime, people: list[UUID], broken: dict[UUID, Exception]) -> tuple[int, bool, bool]:
    """The mails that were made for these people, whether there is more for them, and whether there was anything."""
    try:
        with transaction.atomic():
            sorting = Sorting(now, people)
            return sorting.file(), sorting.is_more, bool(sorting.rows)
    except (OperationalError, InterfaceError):  # of the database, not of a row
        raise
    except Exception as error:
        if len(people) == 1:
            log.exception("what one person has to hear of could not be bundled")
            broken[people[0]] = error
            return 0, False, False
    made, is_more, are_there = zip(*(_file(now, [one], broken) for one in people), strict=True)
    return sum(made), any(is_more), any(are_there)


def _due(now: datetime) -> tuple[QuerySet[Notice], QuerySet[News], QuerySet[Alarm]]:
    waits = {"mail__isnull": True, "cancelled_at__isnull": True}
    notices = Notice.objects.filter(**waits, send_at__lte=now, task__is_on_hold=False)
    return notices, News.objects.filter(**waits, due_at__lte=now), Alarm.objects.filter(**waits, send_at__lte=now)


def _people_with_something_due(now: datetime, without: Collection[UUID]) -> list[UUID]:
    """Some of them, who has waited longest first."""
    first: dict[UUID, datetime] = {}
    sets: list[tuple[QuerySet[Any], str]] = list(zip(_due(now), ("send_at", "due_at", "send_at"), strict=True))
    for rows, moment in sets:
        others = rows.exclude(recipient__in=list(without))
        people = others.order_by().values("recipient").annotate(first=Min(moment)).order_by("first", "recipient")
        for person, since in people.values_list("recipient", "first")[:MANY]:
            first[person] = min(since, first.get(person, since))
    return sorted(first, key=lambda person: (first[person], person))


def skipping_locked(rows: QuerySet[Row]) -> QuerySet[Row]:
    """PostgreSQL: leave what another sweep holds. SQLite has one writer at a time and needs nothing."""
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True, of=("self",))
    return rows


class Sorting:
    """The due rows of some people, and what becomes of each."""

    def __init__(self, now: datetime, people: Collection[UUID]) -> None:
        self.now = now
        notices, news, alarms = _due(now)
        related = notices.select_related("task__incident").only(*OF_NOTICE)
        self.notices: list[Notice] = _held(related.filter(recipient__in=people))
        self.news: list[News] = _held(news.filter(recipient__in=people).select_related("incident").only(*OF_NEWS))
        self.alarms: list[Alarm] = _held(alarms.filter(recipient__in=people))
        self.rows: list[Due] = [*self.notices, *self.news, *self.alarms]
        self.is_more = ROWS in {len(self.notices), len(self.news), len(self.alarms)}
        self.post: dict[UUID, Post] = defaultdict(Post)
        self.moot: list[Due] = []
        self.later: dict[datetime, list[Due]] = defaultdict(list)
        self.not_yet: dict[UUID, list[Due]] = defaultdict(list)  # for the mail of the day, when its hour comes

    def file(self) -> int:
        """Give each row its place, and write it down. Gives the number of mails that were made."""
        if not self.rows:
            return 0
        recipients = User.objects.in_bulk({row.recipient_id for row in self.rows})
        for row in self.rows:
            row.recipient = recipients[row.recipient_id]
        self.rota = Rota({row.organisation_id for row in self.rows}, recipients.values(), self.now)
        self._sort_notices()
        self._sort_news()
        for alarm in self.alarms:
            if is_still_to_hear(alarm, alarm.recipient, self.now):
                self._put(alarm, alarm.recipient, self.now, is_daily=False)
            else:
                self.moot.append(alarm)
        for model in (Notice, News, Alarm):
            if gone := [row.pk for row in self.moot if isinstance(row, model)]:
                model._default_manager.filter(pk__in=gone).update(cancelled_at=self.now)
        made = self._fill_mails()
        for moment, rows in self.later.items():
            _put_off(rows, moment)
        return made

    def _sort_notices(self) -> None:
        without = out_of_sight_of({notice.task.incident_id for notice in self.notices}, self.now)
        for notice in self.notices:
            case, ends_at = notice.task.incident, notice.task.due_at
            is_at_once = is_still_urgent(severity=case.severity, ends_at=ends_at, moment=notice.due_at, now=self.now)
            is_worth_it = is_still_due(notice) and is_wanted(notice)
            reader = self.rota.reader_of(notice, without[case.pk], is_at_once) if is_worth_it else None
            if reader is None:
                self.moot.append(notice)
            elif is_at_once:
                office = self.rota.offices.office_of(notice.organisation_id, reader.pk)
                self._put(notice, reader, urgent_at(self.now, ends_at, office), is_daily=False)
            else:
                self._put(notice, reader, self.now, is_daily=True)

    def _sort_news(self) -> None:
        readers = news_readers.Readers(self.news, self.now)
        for row in self.news:
            is_worth_it = news_readers.is_still_news(row) and news_readers.is_wanted(row, readers)
            reader = readers.reader_of(row, self.rota) if is_worth_it else None
            if reader is None:
                self.moot.append(row)
                continue
            office = self.rota.offices.office_of(row.organisation_id, reader.pk)
            is_daily = not readers.is_of_case(row, reader) and row.incident.severity < AT_ONCE_FROM
            moment = self.now if row.kind in AT_ANY_HOUR else office.after_quiet(self.now)
            self._put(row, reader, moment, is_daily)

    def _put(self, row: Due, reader: User, moment: datetime, is_daily: bool) -> None:
        """Into the post of its reader; off to `moment` when that is later, or to when mail reaches the person again."""
        office = self.rota.offices.office_of(row.organisation_id, reader.pk)
        if not self.rota.can_be_reached(reader):
            self.later[self.now + UNREACHED].append(row)
        elif moment > self.now:
            self.later[moment].append(row)
        elif not is_daily:
            self.post[reader.pk].at_once.append(row)
        elif office.is_time_for_digest(self.now):
            self.post[reader.pk].with_digest.append(row)
        else:
            self._wait_for_digest(row, reader.pk, office)

    def _wait_for_digest(self, row: Due, reader: UUID, office: Office) -> None:
        """Until the next one; at once where the task ends before it."""
        ends_at = row.task.due_at if isinstance(row, Notice) else None
        if can_wait(self.now, ends_at, office.next_digest(self.now)):
            self.not_yet[reader].append(row)
        elif (moment := urgent_at(self.now, ends_at, office)) > self.now:
            self.later[moment].append(row)
        else:
            self.post[reader].at_once.append(row)

    def _fill_mails(self) -> int:
        people = {pk for pk, post in self.post.items() if post.with_digest or post.at_once}
        waiting, gone = self._mails_there(people)
        mails, made = self._choose_mails(waiting, gone)
        Mail.objects.bulk_create(made, ignore_conflicts=True)
        there = set(Mail.objects.filter(pk__in=[mail.pk for mail in made]).values_list("pk", flat=True))
        contents = {pk: [*self.post[pk].with_digest, *self.post[pk].at_once] for pk in mails}
        for mail in made:
            if mail.pk not in there:  # another round made today's in this moment: what is here goes with it, or later
                self.later[self.now + NEXT_ROUND] += contents.pop(mail.recipient_id)
                del mails[mail.recipient_id]
        for pk, rows in self.not_yet.items():
            if pk in mails and mails[pk].kind == MailKind.DIGEST:  # of an organisation with a later hour: with this one
                contents[pk] += rows
            else:
                self._wait(pk, rows, gone.get(pk))
        _attach(contents, mails)
        for pk, mail in mails.items():
            if mail.kind == MailKind.DIGEST and (pk, MailKind.AT_ONCE) in waiting:
                _fold(waiting[pk, MailKind.AT_ONCE], mail, self.now)
        return len(there)

    def _choose_mails(
        self, waiting: dict[tuple[UUID, str], Mail], gone: dict[UUID, Mail]
    ) -> tuple[dict[UUID, Mail], list[Mail]]:
        """The mail in which each person's post goes, one that waits or a new one; and the new ones."""
        mails: dict[UUID, Mail] = {}
        made: list[Mail] = []
        for pk, post in sorted(self.post.items()):  # in one order, as two rounds may wait for each other
            if post.with_digest and pk in gone and (pk, MailKind.DIGEST) not in waiting:  # today's has gone
                self._put_off_digest(pk)
            if not (post.with_digest or post.at_once):
                continue
            kind = MailKind.DIGEST if post.with_digest else MailKind.AT_ONCE
            found = waiting.get((pk, kind))
            mails[pk] = found or self._new(pk, kind)
            if not found:
                made.append(mails[pk])
        return mails, made

    def _put_off_digest(self, person: UUID) -> None:
        post = self.post[person]
        rows, post.with_digest = post.with_digest, []
        for row in rows:
            self._wait_for_digest(row, person, self.rota.offices.office_of(row.organisation_id, person))

    def _mails_there(self, people: set[UUID]) -> tuple[dict[tuple[UUID, str], Mail], dict[UUID, Mail]]:
        """Mails of these people that nobody has taken to be sent, which can hold more; and today's digests.

        One that has waited since yesterday, as the mail server was away, is today's.
        """
        today = timezone.localdate(self.now)
        rows = Mail.objects.filter(recipient__in=people).exclude(status=MailStatus.CANCELLED)
        gone = {mail.recipient_id: mail for mail in rows.filter(day=today, kind=MailKind.DIGEST)}
        free = rows.filter(status=MailStatus.WAITING, claim__isnull=True).order_by("recipient", "-day", "pk")
        waiting: dict[tuple[UUID, str], Mail] = {}
        for mail in free.select_for_update(no_key=True):
            waiting.setdefault((mail.recipient_id, mail.kind), mail)
        for (pk, kind), mail in waiting.items():
            if kind == MailKind.DIGEST and mail.day != today and pk not in gone:
                mail.day = today
                mail.save(update_fields=["day"])
        return waiting, gone

    def _wait(self, person: UUID, rows: list[Due], gone: Mail | None) -> None:
        """Until the next mail of the day: of the office of each row, or sooner of another one of this person."""
        for row in rows:
            moment = self.rota.offices.office_of(row.organisation_id, person).next_digest(self.now)
            tomorrow = gone.created_at + DAY if gone else moment
            self.later[min(moment, tomorrow) if tomorrow > self.now else moment].append(row)

    def _new(self, person: UUID, kind: MailKind) -> Mail:
        return Mail(
            recipient_id=person,
            kind=kind,
            day=timezone.localdate(self.now),
            created_at=self.now,
            next_attempt_at=self.now,
        )


# No sealed column, and nothing else that a reminder does not ask for.
OF_NOTICE = (
    *("organisation", "recipient", "task", "step", "due_at", "send_at", "day"),
    *("task__" + name for name in ("kind", "status", "assignee", "finished_by", "due_at", "incident")),
    *(
        "task__incident__" + name
        for name in ("reference", "severity", "may_manager_see", "is_restricted", "department", "adviser")
    ),
)
OF_NEWS = (
    *("organisation", "recipient", "incident", "kind", "due_at", "seen_at"),
    *("incident__" + name for name in ("reference", "severity", "status", "reporter", "affected", "merged_into")),
)


def _held(rows: QuerySet[Any]) -> list[Any]:
    return list(skipping_locked(rows.order_by("recipient", "pk"))[:ROWS])


def _attach(post: dict[UUID, list[Due]], mails: dict[UUID, Mail]) -> None:
    """Put these rows in the mail of who reads them. One statement for all whose recipient reads them."""
    own = Case(*(When(recipient=pk, then=Value(mail.pk)) for pk, mail in mails.items()), output_field=UUIDField())
    for model in (Notice, News, Alarm):
        to_recipient: list[UUID] = []
        for pk, rows in post.items():
            mine = [row for row in rows if isinstance(row, model)]
            to_recipient += [row.pk for row in mine if row.recipient_id == pk]
            if for_others := [row.pk for row in mine if row.recipient_id != pk]:
                model._default_manager.filter(pk__in=for_others, mail__isnull=True).update(mail=mails[pk])
        if to_recipient:
            model._default_manager.filter(pk__in=to_recipient, mail__isnull=True).update(mail=own)


def _fold(mail: Mail, digest: Mail, now: datetime) -> None:
    """What could not go out at once, as the mail server was away, goes with the mail of the day that is made now."""
    for model in (Notice, News, Alarm):
        model._default_manager.filter(mail=mail).update(mail=digest)
    Mail.objects.filter(pk=mail.pk).update(status=MailStatus.CANCELLED, finished_at=now)


def _put_off(rows: Iterable[Due], moment: datetime) -> None:
    for model, column in ((Notice, "send_at"), (News, "due_at"), (Alarm, "send_at")):
        if ids := [row.pk for row in rows if isinstance(row, model)]:
            model._default_manager.filter(pk__in=ids).update(**{column: moment})
