"""From due notices and news to mails that went out: bundle, claim, send, record.

One sweep may stop at any line, run twice at once, or be days late. A notice or a piece of news gets exactly one mail
(an UPDATE that matches "no mail yet"); a mail is claimed by a lease, sent, then recorded, so it goes out at least once,
and a second time only when the process dies between the mail server's yes and the record, with the same Message-ID.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import TypeVar
from uuid import UUID, uuid4

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from incidents.actions.duty import kept_out_of
from incidents.actions.mail_text import compose
from incidents.actions.notices import plan_overdue
from incidents.actions.readers import Readers, is_still_news
from incidents.actions.tasks import DECIDED_ELSEWHERE
from incidents.models import Heartbeat, Mail, News, Notice
from incidents.vocabulary import MailStatus, NoticeStep, TaskStatus
from vpdportal.accounts.access import duty_adviser, is_absent, standing
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right

log = logging.getLogger(__name__)
Row = TypeVar("Row", Notice, News, Mail)

LEASE = timedelta(minutes=5)  # must exceed CLAIM_SIZE sends of settings.EMAIL_TIMEOUT seconds
CLAIM_SIZE = 10
BUNDLE_SIZE = 500
ROUNDS = 50  # at most this many claims a sweep; the next sweep goes on
MAX_ATTEMPTS = 8
SWEEP = "sweep"


@dataclass
class Tally:
    """What one sweep did, in numbers, for the log and the command line."""

    planned: int = 0
    bundled: int = 0
    sent: int = 0
    failed: int = 0


def sweep(*, now: datetime) -> Tally:
    """Plan what became overdue, bundle what is due, send what waits. Safe to run at any time, any number at once."""
    tally = Tally(planned=plan_overdue(now=now))
    tally.bundled = bundle(now=now)
    with get_connection() as outbox:
        for _round in range(ROUNDS):
            mails = claim(now=now)
            for mail in mails:
                _deliver(mail, outbox, now, tally)
            if len(mails) < CLAIM_SIZE:
                break
    Heartbeat.objects.update_or_create(name=SWEEP, defaults={"at": now})
    return tally


def bundle(*, now: datetime) -> int:
    """Put what is due for each person in one mail; cancel what came to nothing. Gives the number of mails."""
    with transaction.atomic():
        notices, news = _due_notices(now), _due_news(now)
        people = dict.fromkeys([*notices, *news])
        mails = [_mail_for(person, notices.get(person, []), news.get(person, []), now) for person in people]
    return len(mails)


def _due_notices(now: datetime) -> dict[UUID, list[Notice]]:
    """The due notices by who reads them. Cancels those of finished tasks and those that nobody may read."""
    due = (
        Notice.objects.filter(mail__isnull=True, cancelled_at__isnull=True, due_at__lte=now)
        .filter(task__is_on_hold=False)
        .select_related("task__incident", "recipient")
        .order_by("due_at", "id")
    )
    notices = list(_skipping_locked(due)[:BUNDLE_SIZE])
    per_person: dict[UUID, list[Notice]] = defaultdict(list)
    readers: dict[tuple[UUID, UUID, frozenset[UUID], frozenset[Right]], User | None] = {}
    kept_out = kept_out_of({notice.task.incident_id for notice in notices})
    moot: list[UUID] = []
    for notice in notices:
        without = frozenset(kept_out[notice.task.incident_id])
        key = (notice.recipient_id, notice.organisation_id, without, _needed(notice))
        if key not in readers:
            readers[key] = _who_reads(notice, now, without)
        reader = readers[key]
        if reader is None or notice.task.status != TaskStatus.OPEN or not _may_know(notice, reader, now):
            moot.append(notice.pk)
        else:
            per_person[reader.pk].append(notice)
    Notice.objects.filter(pk__in=moot).update(cancelled_at=now)
    return per_person


def _due_news(now: datetime) -> dict[UUID, list[News]]:
    """The due news by who reads it. Cancels what is no news any more and what nobody may read."""
    due = (
        News.objects.filter(mail__isnull=True, cancelled_at__isnull=True, due_at__lte=now)
        .select_related("incident", "recipient")
        .order_by("due_at", "id")
    )
    rows = list(_skipping_locked(due)[:BUNDLE_SIZE])
    readers = Readers(rows, now)
    per_person: dict[UUID, list[News]] = defaultdict(list)
    moot: list[UUID] = []
    for row in rows:
        reader = readers.reader_of(row) if is_still_news(row) else None
        if reader is None:
            moot.append(row.pk)
        else:
            per_person[reader.pk].append(row)
    News.objects.filter(pk__in=moot).update(cancelled_at=now)
    return per_person


def claim(*, now: datetime) -> list[Mail]:
    """Take some waiting mails until the lease ends. What a process held that died comes back by itself."""
    token = uuid4()
    free = Q(status=MailStatus.WAITING, next_attempt_at__lte=now) & (
        Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    )
    with transaction.atomic():
        chosen = _skipping_locked(Mail.objects.filter(free).order_by("next_attempt_at"))
        ids = list(chosen.values_list("pk", flat=True)[:CLAIM_SIZE])
        Mail.objects.filter(free, pk__in=ids).update(claim=token, leased_until=now + LEASE, attempts=F("attempts") + 1)
    return list(Mail.objects.filter(claim=token).select_related("recipient"))


def _deliver(mail: Mail, outbox: BaseEmailBackend, now: datetime, tally: Tally) -> None:
    """Send one claimed mail and write down how it went. One that fails never stops the others."""
    notices, news = _notices_to_send(mail, now), _news_to_send(mail, now)
    if not notices and not news:
        _finish(mail, MailStatus.CANCELLED, now)
        return
    try:
        outbox.send_messages([compose(mail, notices, news, now)])
    except (SMTPException, OSError) as error:
        tally.failed += 1
        _retry_later(mail, error, now)
        return
    tally.sent += 1
    _finish(mail, MailStatus.SENT, now)


def _notices_to_send(mail: Mail, now: datetime) -> list[Notice]:
    """The notices in this mail of tasks that are open still. What the reader may not know (any more) goes back.

    Judged here and not in one UPDATE: for that PostgreSQL may go through every notice for every other one.
    """
    rows = list(mail.notices.select_related("task__incident").order_by("due_at", "id"))
    without = kept_out_of({row.task.incident_id for row in rows})
    reader = mail.recipient
    hidden = [row.pk for row in rows if reader.pk in without[row.task.incident_id] or not _may_know(row, reader, now)]
    if hidden:
        Notice.objects.filter(pk__in=hidden).update(mail=None)
    return [row for row in rows if row.pk not in hidden and row.task.status == TaskStatus.OPEN]


def _news_to_send(mail: Mail, now: datetime) -> list[News]:
    """What in this mail is still news for its reader. The rest is cancelled, or goes back to find another reader."""
    rows = list(mail.news.filter(cancelled_at__isnull=True).select_related("incident").order_by("due_at", "id"))
    readers = Readers(rows, now)
    hidden = [row.pk for row in rows if not readers.may_read(row, mail.recipient)]
    moot = [row.pk for row in rows if row.pk not in hidden and not is_still_news(row)]
    if hidden:
        News.objects.filter(pk__in=hidden).update(mail=None)
    if moot:
        News.objects.filter(pk__in=moot).update(cancelled_at=now)
    return [row for row in rows if row.pk not in {*hidden, *moot}]


def _finish(mail: Mail, status: MailStatus, now: datetime) -> None:
    """Record the end, only while the claim is still ours."""
    Mail.objects.filter(pk=mail.pk, claim=mail.claim).update(
        status=status, finished_at=now, claim=None, leased_until=None
    )


def _retry_later(mail: Mail, error: Exception, now: datetime) -> None:
    """Wait twice as long each time (1 minute to 1 hour); after eight tries it is failed, and the work list says so."""
    log.warning("mail %s not sent (attempt %s): %s", mail.pk, mail.attempts, type(error).__name__)
    mine = Mail.objects.filter(pk=mail.pk, claim=mail.claim)
    failure = type(error).__name__[:80]
    if mail.attempts >= MAX_ATTEMPTS:
        mine.update(status=MailStatus.FAILED, finished_at=now, claim=None, leased_until=None, failure=failure)
        return
    pause = timedelta(minutes=min(60, 2 ** (mail.attempts - 1)))
    mine.update(next_attempt_at=now + pause, claim=None, leased_until=None, failure=failure)


def _mail_for(person_id: UUID, notices: Iterable[Notice], news: Iterable[News], now: datetime) -> Mail:
    mail = Mail.objects.create(recipient_id=person_id, created_at=now, next_attempt_at=now)
    for rows, model in ((notices, Notice), (news, News)):
        ids = [row.pk for row in rows]
        if ids:
            model.objects.filter(pk__in=ids, mail__isnull=True).update(mail=mail)
    return mail


def _who_reads(notice: Notice, now: datetime, without: Collection[UUID]) -> User | None:
    """The recipient; who is on duty when that person is absent, or has no role for the task any more.

    None for who is kept out of the case (`without`).
    """
    person = notice.recipient
    if person.pk in without:
        return None
    if is_absent(person.pk, notice.organisation_id, now) or not _may_have(notice, person, now):
        return duty_adviser(notice.organisation_id, now, without)
    return person


def _needed(notice: Notice) -> frozenset[Right]:
    """The rights of which one lets someone know of the task as its owner. None for who only hears that it is late."""
    if notice.step == NoticeStep.ESCALATED:
        return frozenset()
    signs = {Right.SIGN} if notice.task.kind in DECIDED_ELSEWHERE else set()
    return frozenset({Right.BE_GIVEN_TASKS, *signs})


def _may_have(notice: Notice, person: User, now: datetime) -> bool:
    here, needed = standing(person, now), _needed(notice)
    return not needed or any(here.may(right, notice.organisation_id) for right in needed)


def _may_know(notice: Notice, person: User, now: datetime) -> bool:
    """Whether this person's roles still let them know of the task; a manager only of what the manager may see."""
    here = standing(person, now)
    if here.may(Right.WORK_CASES, notice.organisation_id):
        return True
    if notice.step != NoticeStep.ESCALATED:
        return _may_have(notice, person, now)
    case = notice.task.incident
    return case.may_manager_see and case.department_id in here.departments(Right.SEE_TEAM)


def _skipping_locked(rows: QuerySet[Row]) -> QuerySet[Row]:
    """PostgreSQL: leave what another sweep holds. SQLite has one writer at a time and needs nothing."""
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True, of=("self",))
    return rows
