"""An organisation whose reminders are held, round by round, against what was promised (promised.py)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.core import mail

from incidents.actions.reminders.plans import plan_of
from incidents.actions.reminders.sweep import sweep
from incidents.models import Exclusion, Mail, News, Notice, Task
from tests import clock
from tests.guidance.wall import wall
from tests.incidents.promised import Choices, Job, Person, Promises, Row, Said, State
from tests.world import Place, make_place
from vpdportal.accounts.models import Absence, Membership, User

STAFF = ("adviser", "deputy", "manager", "support", "legal")


class Sent(NamedTuple):
    at: datetime
    message: Any


class Village:
    """`promises` sees what is done in `watched`, and says before each `round` what will go out; `sent` is what did."""

    def __init__(self) -> None:
        self.place: Place = make_place(f"Dorp{uuid4().hex[:10]}")
        self.keys = {self.place.people[name].pk: name for name in STAFF}
        self.promises = Promises()
        self.sent: list[Sent] = []
        self.looked_at: set[UUID] = set()
        self.by: UUID | None = None

    def tasks(self) -> Any:
        rows = Task.objects.filter(organisation=self.place.organisation)
        return rows.order_by("incident__reference", "kind", "code", "step", "assigned_at")

    def state(self) -> State:
        """What the promises are about, as it is now."""
        now, today = clock.now(), wall(clock.now()).date()
        plan = plan_of(self.place.organisation)
        choices = Choices(
            office=plan.office("lustrum"),
            halfway=plan.halfway,
            before=timedelta(hours=plan.hours_before),
            escalates_after=timedelta(days=plan.escalate_days),
            to_deputy=plan.to_deputy,
            to_manager=plan.to_manager,
        )
        jobs = {
            task.pk: Job(
                owner=task.assignee_id,
                given_at=task.assigned_at,
                due_at=task.due_at,
                severity=task.incident.severity,
                is_open=task.status == "open",
                is_on_hold=task.is_on_hold,
                case=task.incident_id,
                may_manager_see=task.incident.may_manager_see,
                handler=task.incident.adviser_id,
            )
            for task in self.tasks().select_related("incident")
        }
        kept_out = Exclusion.objects.filter(incident__organisation=self.place.organisation)
        return State(jobs, self._people(now, today), choices, frozenset(kept_out.values_list("incident_id", "user_id")))

    def _people(self, now: datetime, today: date) -> dict[UUID, Person]:
        away = set(Absence.objects.filter(starts_at__lte=now, ends_at__gt=now).values_list("user_id", flat=True))
        roles = {one.user_id: one for one in Membership.objects.filter(user__in=self.keys)}
        return {
            user.pk: Person(
                roles=frozenset({roles[user.pk].role} if (roles[user.pk].ends_on or today) >= today else ()),
                days=user.works_on,
                is_away=user.pk in away or user.mail_refused_at is not None,
                is_reachable=user.mail_refused_at is None,
                is_last_day=roles[user.pk].ends_on == today,
                wants_halfway=user.wants_halfway_mail,
            )
            for user in User.objects.filter(pk__in=self.keys)
        }

    @contextmanager
    def watched(self) -> Iterator[None]:
        """What is done in here is seen by the promises."""
        before, self.looked_at, self.by = self.state(), set(), None
        yield
        self.promises.see(before, self.state(), self.by, self.looked_at, clock.now())

    def round(self) -> None:
        """A round of the reminders, held against what was promised."""
        News.objects.filter(mail=None).delete()  # what else would come with the mail of the day: test_news.py
        known = set(Notice.objects.filter(mail__status="sent").values_list("pk", flat=True))
        mail.outbox.clear()
        promised = self.promises.round(self.state(), clock.now())
        sweep(now=clock.now())
        self.sent += [Sent(clock.now(), message) for message in mail.outbox]
        rows = Notice.objects.filter(mail__status="sent", organisation=self.place.organisation).exclude(pk__in=known)
        said = {
            Said(Row(row.task_id, row.step, row.day, row.recipient_id), row.mail.recipient_id)
            for row in rows.select_related("mail", "task")
        }
        assert said == promised, (
            f"at {wall(clock.now()):%a %d %b %H:%M} said and not promised: {self.words(said - promised)}, "
            f"promised and not said: {self.words(promised - said)}"
        )
        self.check(rows.select_related("mail__recipient", "task__incident"))

    def words(self, said: set[Said]) -> list[str]:
        """To be read by people."""
        known = {pk: f"task {number}" for number, pk in enumerate(self.tasks().values_list("pk", flat=True), 1)}
        return sorted(
            f"{known[row.task]} {row.step} {row.day} for {self.keys[row.to]} to {self.keys[reader]}"
            for row, reader in said
        )

    def check(self, rows: Any) -> None:
        """What always holds, whatever was promised."""
        shut_out = set(Exclusion.objects.values_list("incident_id", "user_id"))
        for row in rows:
            assert row.task.status == "open" and not row.task.is_on_hold
            assert (row.task.incident_id, row.mail.recipient_id) not in shut_out
            if row.step not in {"escalated", "handed_over"}:
                assert row.recipient_id == row.task.assignee_id, "it is the owner's"
        sent = [message.to[0] for message in mail.outbox if "handed" not in message.to[0]]
        assert len(sent) == len(set(sent)), "one mail a person in a round"
        digests = Mail.objects.filter(kind="digest", status="sent").values_list("recipient", "day")
        assert len(digests) == len(set(digests)), "one mail of the day"
        late = Notice.objects.filter(mail=None, cancelled_at=None, send_at__lte=clock.now(), task__is_on_hold=False)
        assert not late.exists(), "what was due was sent, cancelled or put off"
