"""From due notices to mails that went out: bundle, claim, send, record.

One sweep may stop at any line, run twice at once, or be days late. A notice gets exactly one mail (an UPDATE that
matches "no mail yet"); a mail is claimed by a lease, sent, then recorded, so it goes out at least once, and a second
time only when the process dies between the mail server's yes and the record, with the same Message-ID.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import TypeVar
from uuid import UUID, uuid4

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from incidents.actions.mail_text import compose
from incidents.actions.notices import plan_overdue
from incidents.models import Heartbeat, Mail, Notice
from incidents.vocabulary import MailStatus, NoticeStep, TaskStatus
from vpdportal.accounts.access import duty_adviser, is_absent, standing
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right

log = logging.getLogger(__name__)
Row = TypeVar("Row", Notice, Mail)

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
    """Put the due notices of each person in one mail; cancel those that came to nothing. Gives the number of mails."""
    with transaction.atomic():
        due = (
            Notice.objects.filter(mail__isnull=True, cancelled_at__isnull=True, due_at__lte=now)
            .filter(task__is_on_hold=False)
            .select_related("task", "recipient")
            .order_by("due_at", "id")
        )
        notices = list(_skipping_locked(due)[:BUNDLE_SIZE])
        per_person: dict[UUID, list[Notice]] = defaultdict(list)
        stand_ins: dict[tuple[UUID, UUID], User | None] = {}
        moot: list[UUID] = []
        for notice in notices:
            key = (notice.recipient_id, notice.organisation_id)
            if key not in stand_ins:
                stand_ins[key] = _who_reads(notice, now)
            reader = stand_ins[key]
            if reader is None or notice.task.status != TaskStatus.OPEN:
                moot.append(notice.pk)
            else:
                per_person[reader.pk].append(notice)
        Notice.objects.filter(pk__in=moot).update(cancelled_at=now)
        mails = [_mail_for(person, rows, now) for person, rows in per_person.items()]
    return len(mails)


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
    rows = mail.notices.filter(task__status=TaskStatus.OPEN).select_related("task__incident").order_by("due_at", "id")
    notices = list(rows)
    if not notices:
        _finish(mail, MailStatus.CANCELLED, now)
        return
    try:
        outbox.send_messages([compose(mail, notices, now)])
    except (SMTPException, OSError) as error:
        tally.failed += 1
        _retry_later(mail, error, now)
        return
    tally.sent += 1
    _finish(mail, MailStatus.SENT, now)


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


def _mail_for(person_id: UUID, notices: Iterable[Notice], now: datetime) -> Mail:
    mail = Mail.objects.create(recipient_id=person_id, created_at=now, next_attempt_at=now)
    Notice.objects.filter(pk__in=[notice.pk for notice in notices], mail__isnull=True).update(mail=mail)
    return mail


def _who_reads(notice: Notice, now: datetime) -> User | None:
    """The recipient, or when absent the one on duty; None for someone who no longer may know of the task."""
    person = notice.recipient
    if is_absent(person.pk, notice.organisation_id, now):
        return duty_adviser(notice.organisation_id, now)
    right = Right.SEE_TEAM if notice.step == NoticeStep.ESCALATED else Right.BE_GIVEN_TASKS
    here = standing(person, now)
    may_read = here.may(right, notice.organisation_id) or here.may(Right.WORK_CASES, notice.organisation_id)
    return person if may_read else None


def _skipping_locked(rows: QuerySet[Row]) -> QuerySet[Row]:
    """PostgreSQL: leave what another sweep holds. SQLite has one writer at a time and needs nothing."""
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True, of=("self",))
    return rows
