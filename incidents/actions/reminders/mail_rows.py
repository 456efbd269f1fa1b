"""What claimed mails tell of, judged as they go out: the world may have moved since they were made.

Read for some mails at a time, so that a mail costs few questions, and anew when a while has passed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db.models import Count

from incidents.actions.reminders.bundling import OF_NEWS, OF_NOTICE
from incidents.actions.reminders.news_readers import Readers, is_still_news
from incidents.actions.reminders.rota import is_still_due, may_know
from incidents.actions.reminders.watch import Watch
from incidents.models import Alarm, Exclusion, Mail, News, Notice
from vpdportal.accounts.access import know_standings

FRESH = timedelta(seconds=5)  # what was read longer ago is read again: a mail server can take its time
ROWS = 1000  # notices that are read together, at most; those of one mail always are


@dataclass
class Told:
    """What one mail tells of. Empty when all of it has come to nothing, or mail does not reach the person."""

    notices: list[Notice] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.notices or self.news or self.alarms)


class Reading:
    """The rows of the mails of one claim, given in their order."""

    def __init__(self, mails: Sequence[Mail], watch: Watch) -> None:
        self._mails, self._watch = mails, watch
        self._told: dict[UUID, Told] = {}
        self._read_at = watch.now

    def of(self, number: int) -> Told:
        """What the mail with this number tells of now."""
        mail = self._mails[number]
        if mail.pk not in self._told or self._watch.now > self._read_at + FRESH:
            self._read(self._mails[number:])
        return self._told.pop(mail.pk)

    def _read(self, mails: Sequence[Mail]) -> None:
        """Those of the first of these mails, and of those after it as far as there is room."""
        self._read_at = self._watch.now
        some = _as_many_as_fit(mails)
        self._told = {mail.pk: Told() for mail in some}
        within_reach = [mail for mail in some if mail.recipient.mail_refused_at is None and mail.recipient.is_active]
        reached = {mail.pk: mail for mail in within_reach}
        out_of_reach = [mail.pk for mail in some if mail.pk not in reached]
        if out_of_reach:
            for model in (Notice, News, Alarm):
                model._default_manager.filter(mail__in=out_of_reach).update(mail=None)
        if not reached:
            return
        know_standings([mail.recipient for mail in within_reach], self._read_at)
        self._read_notices(reached)
        self._read_news(reached)
        alarms = Alarm.objects.filter(mail__in=reached, cancelled_at__isnull=True).select_related("organisation")
        for alarm in alarms:
            self._told[alarm.mail_id].alarms.append(alarm)

    def _read_notices(self, mails: dict[UUID, Mail]) -> None:
        """The notices that still tell something. What the reader may not know (any more) goes back.

        Judged here and not in one UPDATE: for that PostgreSQL may go through every notice for every other one.
        """
        rows = Notice.objects.filter(mail__in=mails).select_related("task__incident").only("mail", *OF_NOTICE)
        kept_out = _kept_out({mail.recipient_id for mail in mails.values()})
        hidden = []
        for row in rows.order_by("due_at", "id"):
            reader = mails[row.mail_id].recipient
            if (row.task.incident_id, reader.pk) in kept_out or not may_know(row, reader, self._read_at):
                hidden.append(row.pk)
            elif is_still_due(row):
                self._told[row.mail_id].notices.append(row)
        if hidden:
            Notice.objects.filter(pk__in=hidden).update(mail=None)

    def _read_news(self, mails: dict[UUID, Mail]) -> None:
        """What is still news for its reader. The rest is cancelled, or goes back to find another reader."""
        rows = News.objects.filter(mail__in=mails, cancelled_at__isnull=True).select_related("incident")
        found = list(rows.only("mail", *OF_NEWS).order_by("due_at", "id"))
        readers = Readers(found, self._read_at)
        hidden, moot = [], []
        for row in found:
            if not readers.may_read(row, mails[row.mail_id].recipient):
                hidden.append(row.pk)
            elif not is_still_news(row):
                moot.append(row.pk)
            else:
                self._told[row.mail_id].news.append(row)
        if hidden:
            News.objects.filter(pk__in=hidden).update(mail=None)
        if moot:
            News.objects.filter(pk__in=moot).update(cancelled_at=self._read_at)


def _as_many_as_fit(mails: Sequence[Mail]) -> list[Mail]:
    rows = Notice.objects.filter(mail__in=mails).order_by().values("mail").annotate(number=Count("pk"))
    numbers = dict(rows.values_list("mail", "number"))
    total, some = 0, []
    for mail in mails:
        total += numbers.get(mail.pk, 0)
        if some and total > ROWS:
            break
        some.append(mail)
    return some


def _kept_out(people: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """The cases that do not exist for these people, as pairs of case and person."""
    return set(Exclusion.objects.filter(user__in=people).order_by().values_list("incident_id", "user_id"))
