"""What claimed mails tell of, judged as they go out: the world may have moved since they were made.

Read for some mails at a time, so that a mail costs few questions, and anew when a while has passed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from incidents.actions.duty import out_of_sight_of
from incidents.actions.reminders.alarm_readers import is_still_to_hear
from incidents.actions.reminders.bundling import AT_ANY_HOUR, OF_NEWS, OF_NOTICE, Due
from incidents.actions.reminders.moments import is_still_urgent, urgent_at
from incidents.actions.reminders.news_readers import Readers, is_still_news
from incidents.actions.reminders.rota import Rota, is_still_due
from incidents.actions.reminders.watch import Watch
from incidents.models import Alarm, Mail, News, Notice
from incidents.vocabulary import AlarmKind
from vpdportal.accounts.models import User

FRESH = timedelta(seconds=5)  # what was read longer ago is read again: a mail server can take its time
ROWS = 1000  # notices that are read together, at most; those of one mail always are
Key = UUID | None  # of a mail, as its rows name it


@dataclass
class Told:
    """What one mail tells of. Empty when all of it has come to nothing, or mail does not reach the person."""

    notices: list[Notice] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)  # from which each of them may be mailed: it may be quiet now

    def __bool__(self) -> bool:
        return bool(self.moments)

    @property
    def may_go_at(self) -> datetime:
        return min(self.moments)


class Reading:
    """The rows of the mails of one claim, given in their order."""

    def __init__(self, mails: Sequence[Mail], watch: Watch) -> None:
        self._mails, self._watch = mails, watch
        self._told: dict[Key, Told] = {}
        self._read_at = watch.now

    def of(self, number: int) -> Told:
        """What the mail with this number tells of now."""
        mail = self._mails[number]
        if mail.pk not in self._told or self._watch.now > self._read_at + FRESH:
            try:
                self._read(self._mails[number:])
            except Exception:
                self._told = {}  # half judged: a mail would seem to tell of nothing
                raise
        return self._told.pop(mail.pk)

    def _read(self, mails: Sequence[Mail]) -> None:
        """Those of the first of these mails, and of those after it as far as there is room."""
        self._read_at = self._watch.now
        some = _as_many_as_fit(mails)
        self._told = {mail.pk: Told() for mail in some}
        within_reach = [mail for mail in some if mail.recipient.mail_refused_at is None and mail.recipient.is_active]
        reached: dict[Key, Mail] = {mail.pk: mail for mail in within_reach}
        out_of_reach = [mail.pk for mail in some if mail.pk not in reached]
        if out_of_reach:
            for model in (Notice, News, Alarm):
                model._default_manager.filter(mail__in=out_of_reach).update(mail=None)
        if reached:
            self._judge(reached)

    def _judge(self, mails: dict[Key, Mail]) -> None:
        """Keep what still tells something to its reader. What another one should read now goes back to be bundled."""
        notices = list(_of(mails, Notice).select_related("task__incident").only("mail", *OF_NOTICE))
        news = list(_of(mails, News).select_related("incident").only("mail", *OF_NEWS))
        alarms = list(_of(mails, Alarm).select_related("organisation"))
        rows: list[Due] = [*notices, *news, *alarms]
        people = {mail.recipient_id: mail.recipient for mail in mails.values()}
        people |= User.objects.in_bulk({row.recipient_id for row in rows} - people.keys())
        self._rota = Rota({row.organisation_id for row in rows}, people.values(), self._read_at)
        self._judge_alarms(alarms, people)
        self._judge_notices(notices, mails)
        self._judge_news(news, mails, people)

    def _judge_alarms(self, rows: list[Alarm], people: dict[UUID, User]) -> None:
        moot = []
        for row in rows:
            reader = people[row.recipient_id]
            if is_still_to_hear(row, reader, self._read_at):
                is_now = row.kind == AlarmKind.GLASS_BROKEN
                self._keep(row, self._read_at if is_now else self._awake(row, reader))
            else:
                moot.append(row.pk)
        if moot:
            Alarm.objects.filter(pk__in=moot).update(cancelled_at=self._read_at)

    def _judge_notices(self, rows: list[Notice], mails: dict[Key, Mail]) -> None:
        """Judged here and not in one UPDATE: for that PostgreSQL may go through every notice for every other one."""
        without = out_of_sight_of({row.task.incident_id for row in rows}, self._read_at)
        back = []
        for row in rows:
            case, ends_at, reader = row.task.incident, row.task.due_at, mails[row.mail_id].recipient
            is_at_once = is_still_urgent(severity=case.severity, ends_at=ends_at, moment=row.due_at, now=self._read_at)
            if not is_still_due(row):
                continue
            if self._rota.reader_of(row, without[case.pk], is_at_once) != reader:
                back.append(row.pk)
                continue
            office = self._rota.offices.office_of(row.organisation_id, reader.pk)
            self._keep(row, urgent_at(self._read_at, ends_at, office))
        if back:
            Notice.objects.filter(pk__in=back).update(mail=None)

    def _judge_news(self, rows: list[News], mails: dict[Key, Mail], people: dict[UUID, User]) -> None:
        readers = Readers(rows, self._read_at)
        back, moot = [], []
        for row in rows:
            row.recipient = people[row.recipient_id]
            reader = mails[row.mail_id].recipient
            if not is_still_news(row):
                moot.append(row.pk)
            elif readers.reader_of(row, self._rota) != reader:
                back.append(row.pk)
            else:
                self._keep(row, self._read_at if row.kind in AT_ANY_HOUR else self._awake(row, reader))
        if back:
            News.objects.filter(pk__in=back).update(mail=None)
        if moot:
            News.objects.filter(pk__in=moot).update(cancelled_at=self._read_at)

    def _keep(self, row: Due, moment: datetime) -> None:
        told = self._told[row.mail_id]
        told.moments.append(moment)
        if isinstance(row, Notice):
            told.notices.append(row)
        elif isinstance(row, News):
            told.news.append(row)
        else:
            told.alarms.append(row)

    def _awake(self, row: Due, reader: User) -> datetime:
        return self._rota.offices.office_of(row.organisation_id, reader.pk).after_quiet(self._read_at)


def _of(mails: Collection[Key], model: type[Any]) -> QuerySet[Any]:
    moment = "due_at" if model is not Alarm else "send_at"
    rows: QuerySet[Any] = model._default_manager.filter(mail__in=mails, cancelled_at__isnull=True)
    return rows.order_by(moment, "id")


def _as_many_as_fit(mails: Sequence[Mail]) -> list[Mail]:
    rows = Notice.objects.filter(mail__in=mails).order_by().values("mail").annotate(number=Count("pk"))
    numbers = dict(rows.values_list("mail", "number"))
    total, some = 0, list[Mail]()
    for mail in mails:
        total += numbers.get(mail.pk, 0)
        if some and total > ROWS:
            break
        some.append(mail)
    return some
