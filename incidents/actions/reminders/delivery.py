"""From waiting mails to mails that went out: claim, send, record.

A mail is claimed by a lease, sent, then recorded, so it goes out at least once; a second time only when the process
dies, or the line drops, between the mail server's yes and the record, and then with the same Message-ID. One that
fails never stops the others. What a failure means: mail_failures.py.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from smtplib import SMTPException, SMTPSenderRefused
from uuid import uuid4

from django.core.mail import EmailMessage, get_connection
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q, QuerySet

from incidents.actions.password_mails import compose_password_mail
from incidents.actions.reminders.bundling import skipping_locked
from incidents.actions.reminders.mail_failures import failure_of, trouble_of
from incidents.actions.reminders.mail_rows import Reading, Told
from incidents.actions.reminders.mail_text import compose
from incidents.actions.reminders.unreachable import mark_unreachable
from incidents.actions.reminders.watch import Watch
from incidents.models import Heartbeat, Mail
from incidents.vocabulary import Beat, MailKind, MailStatus, MailTrouble

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
LAST_CALL = timedelta(minutes=2)  # of a lease: what was not begun by then is left to another round
CLAIM_SIZE = 10
MOST_TRIES = {MailTrouble.LATER: 24, MailTrouble.MESSAGE: 8}  # with pauses of at most an hour: 19 hours, and 2 hours
LONGEST_PAUSE = timedelta(hours=1)
SERVER_PAUSE = timedelta(minutes=5)  # of the mail that was tried on a server that does not work; the next is another
WORKS = timedelta(hours=1)  # a server that took a mail so lately works: what it does not take is that mail's fault
SKEW = timedelta(minutes=5)  # by which the clocks of two machines may differ


@dataclass
class Tally:
    """What one round did, in numbers, for the log, the command line and the machine room."""

    planned: int = 0
    bundled: int = 0
    sent: int = 0
    failed: int = 0


class Outbox:
    """The line to the mail server: opened for the first mail, and anew after trouble."""

    def __init__(self) -> None:
        self._line = get_connection()
        self.is_open = False  # at the last try: what was refused after that may be about that one mail

    def send(self, message: EmailMessage) -> None:
        """Raises what the mail server or the line makes of it."""
        self.is_open = False
        try:
            self._line.open()  # else it is closed after each mail, before that can be written down
            self.is_open = True
            self._line.send_messages([message])
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        try:
            self._line.close()
        except Exception:  # noqa: BLE001  a line that is broken cannot be closed well, and need not be
            self._line = get_connection()


def deliver(*, watch: Watch, until: timedelta, tally: Tally) -> None:
    """Send what waits, until nothing does, the time is over, or the mail server does not work."""
    outbox = Outbox()
    try:
        while watch.elapsed < until:
            mails = claim(now=watch.now)
            if not _send_all(mails, outbox, watch, tally) or len(mails) < CLAIM_SIZE:
                break
    finally:
        outbox.close()
    _write_down(watch.now, tally)


def claim(*, now: datetime) -> list[Mail]:
    """Take some waiting mails until the lease ends. What a process held that died comes back by itself.

    A lease or a pause longer than there can be was written before the clock was set back: it does not count.
    """
    token = uuid4()
    is_time = Q(next_attempt_at__lte=now) | Q(next_attempt_at__gt=now + LONGEST_PAUSE + SKEW)
    is_free = Q(leased_until__isnull=True) | Q(leased_until__lt=now) | Q(leased_until__gt=now + LEASE + SKEW)
    free = Q(status=MailStatus.WAITING) & is_time & is_free
    with transaction.atomic():
        chosen = skipping_locked(Mail.objects.filter(free).order_by("next_attempt_at", "created_at"))
        ids = list(chosen.values_list("pk", flat=True)[:CLAIM_SIZE])
        Mail.objects.filter(free, pk__in=ids).update(claim=token, leased_until=now + LEASE, attempts=F("attempts") + 1)
    mails = Mail.objects.filter(claim=token).select_related("recipient")
    return list(mails.order_by("next_attempt_at", "created_at"))


def _send_all(mails: list[Mail], outbox: Outbox, watch: Watch, tally: Tally) -> bool:
    """Send these claimed mails; False when the mail server does not work, and when their time is over."""
    begun, reading = watch.now, Reading(mails, watch)
    for number, mail in enumerate(mails):
        is_late = watch.now > begun + LEASE - LAST_CALL
        if is_late or not _try(mail, number, reading, outbox, watch, tally):
            _give_back(mails[number if is_late else number + 1 :])
            return False
    return True


def _try(mail: Mail, number: int, reading: Reading, outbox: Outbox, watch: Watch, tally: Tally) -> bool:
    """Send one; False when the mail server does not work. What it tells of may not be readable: then it has failed."""
    try:
        told = _told(mail, number, reading, watch)
    except (OperationalError, InterfaceError):  # of the database, not of a row
        raise
    except Exception as error:  # noqa: BLE001  whatever it is, the other mails go out
        tally.failed += 1
        return _fail(mail, error, outbox.is_open, watch.now)
    return _deliver(mail, told, outbox, watch, tally)


def _told(mail: Mail, number: int, reading: Reading, watch: Watch) -> Told:
    """Mails are read together; where that breaks, on another one of them perhaps, this one alone."""
    try:
        return reading.of(number)
    except Exception:  # noqa: BLE001  it is tried again alone
        return Reading([mail], watch).of(0)


def _give_back(mails: list[Mail]) -> None:
    """These were not tried: that does not count."""
    for mail in mails:
        _mine(mail).update(claim=None, leased_until=None, attempts=F("attempts") - 1)


def _deliver(mail: Mail, told: Told, outbox: Outbox, watch: Watch, tally: Tally) -> bool:
    """Send one claimed mail and write down how it went; False when the mail server does not work."""
    now = watch.now
    if mail.kind == MailKind.PASSWORD:
        return _send(mail, partial(compose_password_mail, mail, now), outbox, watch, tally)
    if not told:
        _finish(mail, MailStatus.CANCELLED, now)
        return True
    if told.may_go_at > now:  # it waited into the quiet hours
        again_at = min(told.may_go_at, now + LONGEST_PAUSE)
        _mine(mail).update(claim=None, leased_until=None, attempts=F("attempts") - 1, next_attempt_at=again_at)
        return True
    written = partial(compose, mail, told.notices, told.news, told.alarms, now)
    return _send(mail, written, outbox, watch, tally)


def _send(mail: Mail, written: Callable[[], EmailMessage], outbox: Outbox, watch: Watch, tally: Tally) -> bool:
    try:
        outbox.send(written())
    except Exception as error:  # noqa: BLE001  whatever it is, the other mails go out
        tally.failed += 1
        return _fail(mail, error, outbox.is_open, watch.now)
    _finish(mail, MailStatus.SENT, watch.now)  # nothing may come between the mail server's yes and this
    tally.sent += 1
    if tally.sent == 1:
        _works_again(watch.now)
    return True


def _fail(mail: Mail, error: Exception, was_open: bool, now: datetime) -> bool:
    """Write down that it did not go out, and when it is tried again; False when the mail server does not work.

    `was_open`: the server had let the portal in.
    """
    trouble = trouble_of(error)
    is_ours = trouble == MailTrouble.MESSAGE and not isinstance(error, SMTPException)
    log.warning("mail %s not sent (%s, %s): %s", mail.pk, mail.attempts, trouble, failure_of(error), exc_info=is_ours)
    if trouble == MailTrouble.SERVER:
        Heartbeat.objects.get_or_create(name=Beat.MAIL_FAILING, defaults={"at": now})
        if was_open and not isinstance(error, SMTPSenderRefused) and _took_a_mail_lately(now):
            trouble = MailTrouble.LATER
    said = {"trouble": trouble, "failure": failure_of(error), "claim": None, "leased_until": None}
    if trouble == MailTrouble.SERVER:
        _mine(mail).update(next_attempt_at=now + SERVER_PAUSE, attempts=F("attempts") - 1, **said)
        return False
    if trouble == MailTrouble.ADDRESS or mail.attempts >= MOST_TRIES[trouble]:
        with transaction.atomic():
            is_still_ours = _mine(mail).update(status=MailStatus.FAILED, finished_at=now, **said)
            if is_still_ours:
                mark_unreachable(mail=mail, trouble=trouble, now=now)
        return True
    pause = min(LONGEST_PAUSE, timedelta(minutes=2 ** min(mail.attempts - 1, 10)))
    _mine(mail).update(next_attempt_at=now + pause, **said)
    return True


def _took_a_mail_lately(now: datetime) -> bool:
    return Heartbeat.objects.filter(name=Beat.MAIL, at__gt=now - WORKS).exists()


def _works_again(now: datetime) -> None:
    """The mail server took something: what it refused before need not wait out its pause."""
    Heartbeat.objects.update_or_create(name=Beat.MAIL, defaults={"at": now})
    if Heartbeat.objects.filter(name=Beat.MAIL_FAILING).delete()[0]:
        refused = Mail.objects.filter(status=MailStatus.WAITING, trouble=MailTrouble.SERVER, claim__isnull=True)
        refused.update(next_attempt_at=now)


def _write_down(now: datetime, tally: Tally) -> None:
    if not tally.sent and not Mail.objects.filter(status=MailStatus.WAITING, trouble=MailTrouble.SERVER).exists():
        Heartbeat.objects.filter(name=Beat.MAIL_FAILING).delete()  # what it refused is not to be sent any more


def _finish(mail: Mail, status: MailStatus, now: datetime) -> None:
    _mine(mail).update(status=status, finished_at=now, claim=None, leased_until=None)


def _mine(mail: Mail) -> QuerySet[Mail]:
    """The row, only while the claim is still ours."""
    return Mail.objects.filter(pk=mail.pk, claim=mail.claim)
