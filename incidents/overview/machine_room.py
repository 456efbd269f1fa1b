"""Whether reminders go out: what the sweep, the queue and the mail server say, and what of it is wrong.

Nothing here says what a mail is about. What many pages ask is one row, which costs the same however long the queue is;
how much waits is counted only where it is shown.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents.actions.reminders.again import mails_to
from incidents.models import Alarm, Heartbeat, Mail, News, Notice
from incidents.overview.one_row import CountOf, in_one_row
from incidents.vocabulary import Beat, MailStatus
from vpdportal.accounts.access import memberships_at
from vpdportal.accounts.models import Organisation
from vpdportal.written_once import Question

# [OWN] A round begins each minute: fifteen that did not come are no hiccup.
LATE = timedelta(minutes=15)
AHEAD = timedelta(minutes=1)  # two machines may differ so much; a round that lies further ahead was before a step back
FAILING = timedelta(hours=1)
GROWING = timedelta(minutes=30)
APART = timedelta(minutes=1)  # design of reliability, T39: clock 60 s off the database's

CLOCK_LATE, MAIL_FAILING, QUEUE_GROWS = "clock late", "mail failing", "queue grows"  # the words of `/-/ready`
CLOCKS_APART, MAILS_FAILED = "clocks apart", "mails failed"
CODES = (CLOCK_LATE, MAIL_FAILING, QUEUE_GROWS, CLOCKS_APART, MAILS_FAILED)
GRAVE = frozenset({CLOCK_LATE, MAIL_FAILING, QUEUE_GROWS})  # people do not hear what they must do
MACHINE_CLOCK = "vpdportal.clock.system_now"


@dataclass(frozen=True)
class Trouble:
    """What is wrong, since when, what it means for people, and what to do: in the language of who asks."""

    code: str
    what: str
    since: datetime | None
    means: str
    remedy: str


@dataclass(frozen=True)
class Waiting:
    """How much waits to go out, and since when the oldest does."""

    number: int
    oldest_at: datetime | None


@dataclass(frozen=True)
class MachineRoom:
    """How the machine room stands at `now`. Moments are None when the thing never was, or does not wait."""

    now: datetime
    swept_at: datetime | None  # the end of the last whole round
    counts: dict[str, int]  # what that round did
    mailed_at: datetime | None  # when the mail server last took a mail
    failing_since: datetime | None
    due_since: datetime | None  # since when the oldest could have gone out, tries that are to come left aside
    failed: int  # mails that were given up
    database_at: datetime  # the moment by the clock of the database
    kept_at: datetime | None = None  # when what is past its term was last destroyed
    kept: dict[str, int] = field(default_factory=dict)  # what came of that

    @property
    def is_set_back(self) -> bool:
        return self.swept_at is not None and self.swept_at > self.now + AHEAD

    @property
    def is_late(self) -> bool:
        return self.swept_at is None or self.is_set_back or self.now - self.swept_at >= LATE

    @property
    def is_mail_failing(self) -> bool:
        return self.failing_since is not None and self.now - self.failing_since >= FAILING

    @property
    def is_queue_growing(self) -> bool:
        return not self.is_late and self.due_since is not None and self.now - self.due_since > GROWING

    @property
    def apart(self) -> timedelta:
        """How far the clock of the portal is from the database's; nothing where the portal's is not the machine's."""
        return abs(self.database_at - self.now) if settings.CLOCK == MACHINE_CLOCK else timedelta()

    @property
    def codes(self) -> list[str]:
        """The codes of what is wrong, in the order of CODES."""
        wrong = (
            self.is_late,
            self.is_mail_failing,
            self.is_queue_growing,
            self.apart >= APART,
            self.failed > 0,
        )
        return [code for code, is_wrong in zip(CODES, wrong, strict=True) if is_wrong]

    @property
    def is_grave(self) -> bool:
        return bool(GRAVE & set(self.codes))

    @property
    def troubles(self) -> list[Trouble]:
        """What is wrong in plain words; empty when all is well."""
        words = {
            CLOCK_LATE: self._late,
            MAIL_FAILING: self._failing,
            QUEUE_GROWS: self._growing,
            CLOCKS_APART: self._apart,
            MAILS_FAILED: self._failed,
        }
        return [words[code]() for code in self.codes]

    def _late(self) -> Trouble:
        means = _("No mail goes out to anybody. The deadlines on the screen are right.")
        worker = _(
            "Ask your system administrator to look at the Celery worker and beat, or at what runs “manage.py sweep”."
        )
        if self.is_set_back:
            what = _("The last reminders went out at a moment that has yet to come. Someone set the clock back.")
            return Trouble(CLOCK_LATE, what, None, means, _("Ask your system administrator to set the clock right."))
        never = self.swept_at is None
        what = (
            _("The reminders have never run.") if never else _("The reminders have not run for 15 minutes or longer.")
        )
        return Trouble(CLOCK_LATE, what, self.swept_at, means, worker)

    def _failing(self) -> Trouble:
        return Trouble(
            MAIL_FAILING,
            _("The mail server takes no mail."),
            self.failing_since,
            _("Reminders reach nobody now. Nothing is lost: they go out as soon as the mail server works again."),
            _("Ask your system administrator to look at the mail server, and at EMAIL_URL in the portal's settings."),
        )

    def _growing(self) -> Trouble:
        return Trouble(
            QUEUE_GROWS,
            _("Mails wait for more than half an hour before they go out."),
            self.due_since,
            _("People hear too late what they have to do."),
            _("Ask your system administrator to look at the log of the Celery worker."),
        )

    def _apart(self) -> Trouble:
        seconds = {"seconds": round(self.apart.total_seconds())}
        return Trouble(
            CLOCKS_APART,
            _("The clock of the portal and that of the database are %(seconds)s seconds apart.") % seconds,
            None,
            _("Reminders may go out too early or too late, and moments in a case may be wrong."),
            _("Ask your system administrator to set both clocks by the same time server."),
        )

    def _failed(self) -> Trouble:
        number = {"number": self.failed}
        return Trouble(
            MAILS_FAILED,
            ngettext("%(number)s mail could not be sent.", "%(number)s mails could not be sent.", self.failed) % number,
            None,
            _("For whom they were may not know what there is to do."),
            _("The administrator sees in the machine room for whom they were, and why, and can send them again."),
        )


def state_of(now: datetime, organisations: Collection[Organisation] | None = None) -> MachineRoom:
    """How the machine room stands. One query. `organisations`: whose people's failed mails count; None: all mails."""
    return room_of(in_one_row(facts(now, organisations)), now)


def facts(now: datetime, organisations: Collection[Organisation] | None = None) -> dict[str, Any]:
    """What `room_of` needs, as values that may stand in any query of one row."""
    here = [] if organisations is None else [organisation.pk for organisation in organisations]
    failed = FAILED.here() if organisations is None else _failed_to(len(here)).here(now, *here)
    return {
        **{name: question.here() for name, question in BEATS.items()},
        **{name: question.here(now) for name, question in DUE.items()},
        "failed": failed,
        "database_at": Now(),
    }


def room_of(row: dict[str, Any], now: datetime) -> MachineRoom:
    """The machine room from a row that holds the `facts`."""
    due = [row[name] for name in DUE]
    return MachineRoom(
        now=now,
        swept_at=row["swept_at"],
        counts=row["counts"] or {},
        mailed_at=row["mailed_at"],
        failing_since=row["failing_since"],
        due_since=min((moment for moment in due if moment), default=None),
        failed=row["failed"],
        database_at=row["database_at"],
        kept_at=row["kept_at"],
        kept=row["kept"] or {},
    )


def waiting_at(now: datetime) -> Waiting:
    """All that waits to go out, also what is tried again later. One query, which takes as long as the queue is long."""
    waiting = {**_due(now), "mail": (Mail.objects.filter(status=MailStatus.WAITING), "created_at")}
    numbers = {name: CountOf(rows.order_by().values("pk")) for name, (rows, _moment) in waiting.items()}
    oldest = {
        f"{name}_since": Subquery(rows.order_by(moment).values(moment)[:1]) for name, (rows, moment) in waiting.items()
    }
    row = in_one_row({**numbers, **oldest})
    moments = [row[name] for name in oldest if row[name]]
    return Waiting(sum(row[name] for name in numbers), min(moments, default=None))


def failed_mails(organisation: Organisation, now: datetime) -> QuerySet[Mail]:
    """The mails that were given up, to people who have or had a role here, newest first. `is_here`: who has one now."""
    here = memberships_at(now).filter(user=OuterRef("recipient"), organisation=organisation)
    failed = mails_to(organisation).filter(status=MailStatus.FAILED).annotate(is_here=Exists(here))
    return failed.select_related("recipient").order_by("-finished_at", "-id")


def _due(now: datetime) -> dict[str, tuple[QuerySet[Any], str]]:
    """What could have gone out already, and the column that says since when."""
    waits: dict[str, Any] = {"mail__isnull": True, "cancelled_at__isnull": True}
    return {
        "notice": (Notice.objects.filter(**waits, send_at__lte=now, task__is_on_hold=False), "send_at"),
        "news": (News.objects.filter(**waits, due_at__lte=now), "due_at"),
        "alarm": (Alarm.objects.filter(**waits, send_at__lte=now), "send_at"),
        "mail": (Mail.objects.filter(status=MailStatus.WAITING, next_attempt_at__lte=now), "next_attempt_at"),
    }


def _beat(name: Beat, column: str) -> Subquery:
    return Subquery(Heartbeat.objects.filter(name=name).values(column))


def _due_since(name: str, now: datetime) -> Subquery:
    rows, moment = _due(now)[name]
    return Subquery(rows.order_by(moment).values(moment)[:1])


def _failed() -> QuerySet[Any, Any]:
    return Mail.objects.filter(status=MailStatus.FAILED).order_by().values("pk")


def _failed_here(now: datetime, *here: UUID) -> CountOf:
    people = memberships_at(now).filter(user=OuterRef("recipient"), organisation__in=here)
    return CountOf(_failed().filter(Exists(people)))


def _day_and_keys(now: datetime, *here: UUID) -> tuple[Value, ...]:
    keys = (Value(key, models.UUIDField()) for key in here)
    return (Value(timezone.localdate(now), models.DateField()), *keys)


# The banner stands on the pages that an adviser opens all day. No question is about a row: they name no column of it.
ROW = "incidents.Heartbeat"
MARKS = (datetime(2200, 1, 1, tzinfo=UTC), datetime(2203, 5, 10, 7, tzinfo=UTC))


def _question(name: str, beat: Beat, column: str, answer: "models.Field[Any, Any]") -> Question:
    return Question(name, ROW, partial(_beat, beat, column), columns=(), answer=answer)


BEATS = {
    "swept_at": _question("swept_at", Beat.SWEEP, "at", models.DateTimeField()),
    "counts": _question("counts", Beat.SWEEP, "counts", models.JSONField()),
    "mailed_at": _question("mailed_at", Beat.MAIL, "at", models.DateTimeField()),
    "failing_since": _question("failing_since", Beat.MAIL_FAILING, "at", models.DateTimeField()),
    "kept_at": _question("kept_at", Beat.RETENTION, "at", models.DateTimeField()),
    "kept": _question("kept", Beat.RETENTION, "counts", models.JSONField()),
}
DUE = {
    f"due_{name}": Question(
        f"due_{name}",
        ROW,
        partial(_due_since, name),
        lambda now: [Value(now, models.DateTimeField())],
        ((MARKS[0],), (MARKS[1],)),
        columns=(),
        answer=models.DateTimeField(),
    )
    for name in ("notice", "news", "alarm", "mail")
}
FAILED = Question("failed", ROW, lambda: CountOf(_failed()), columns=(), answer=models.IntegerField())


@cache
def _failed_to(number: int) -> Question:
    """How many mails failed to people of so many organisations: each has its own place in the text."""
    keys = [UUID(int=key) for key in range(1, 2 * number + 1)]
    one, other = (MARKS[0], *keys[:number]), (MARKS[1], *keys[number:])
    return Question(
        f"failed_{number}", ROW, _failed_here, _day_and_keys, (one, other), columns=(), answer=models.IntegerField()
    )
