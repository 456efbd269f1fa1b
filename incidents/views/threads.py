"""A thread of messages as a page shows it, for the person whose it is and for the desk."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Case, Q, When

from incidents.actions.messages import Party, parties_of
from incidents.actions.news import mark_messages_seen
from incidents.forms.messages import MessageForm, QuestionForm, plain_label
from incidents.models import Incident, Message
from incidents.views.places import PortalRequest
from vpdportal.accounts.models import User

MOST = 500  # messages of one case on a page; more is no conversation any more
NEWEST = 3  # messages that are always unfolded


@dataclass(frozen=True)
class Line:
    """One message. `asks`: its questions in words; `is_new`: not seen before by who looks now."""

    message: Message
    asks: list[str]
    is_new: bool
    is_open: bool  # a question without an answer


@dataclass
class Thread:
    """What one person and the desk wrote each other, newest first. Without `party`: one may only read it."""

    person: User
    party: Party | None
    lines: list[Line] = field(default_factory=list)
    message_form: MessageForm | None = None
    question_form: QuestionForm | None = None

    @property
    def recent(self) -> list[Line]:
        return split(self.lines)[0]

    @property
    def earlier(self) -> list[Line]:
        return split(self.lines)[1]

    @property
    def unseen(self) -> int:
        return sum(line.is_new for line in self.lines)

    @property
    def has_errors(self) -> bool:
        return any(form is not None and form.is_bound for form in (self.message_form, self.question_form))

    @property
    def is_asking(self) -> bool:
        return self.question_form is not None and self.question_form.is_bound


def split(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """What stands above the form (the newest, and all that is new), and what stands folded below it."""
    oldest_new = max((number + 1 for number, line in enumerate(lines) if line.is_new), default=0)
    shown = max(NEWEST, oldest_new)
    return lines[:shown], lines[shown:]


def is_about(incident: Incident, person: User) -> bool:
    """Whether it happened to this person, so that a question may say "you"."""
    return person.pk == incident.affected_id or (
        incident.affected_id is None and not incident.affected_name and person.pk == incident.reporter_id
    )


def own_lines(incident: Incident, person: User) -> list[Line]:
    """The thread of this person, as that person sees it."""
    found = _messages(Q(incident=incident, person=person), is_from_desk=True)
    return [_line(message, is_from_other=message.is_from_desk, is_self=is_about(incident, person)) for message in found]


def case_threads(request: PortalRequest, incident: Incident, facts: list[str], bound: dict[str, Any]) -> dict[str, Any]:
    """All threads for the page of messages, those with something new first; on a look they count as seen from now on.

    `facts`: what would change the advice, and so may be asked. `bound`: `message_form` or `question_form` that came
    back, with `writing_to` (the person's id).
    """
    threads = {party.person.pk: Thread(party.person, party) for party in parties_of(incident)}
    messages = _messages(Q(incident=incident), is_from_desk=False)
    for message in messages:
        thread = threads.setdefault(message.person_id, Thread(message.person, None))
        thread.lines.append(_line(message, is_from_other=not message.is_from_desk, is_self=False))
    if request.method == "GET" and any(thread.unseen for thread in threads.values()):
        mark_messages_seen(incident=incident, shown=[message.pk for message in messages], now=request.now)
    for pk, thread in threads.items():
        if thread.party is not None:
            _add_forms(thread, facts, incident, bound if bound.get("writing_to") == pk else {})
    return {
        "threads": sorted(threads.values(), key=lambda thread: not (thread.unseen or thread.has_errors)),
        "unseen_messages": sum(thread.unseen for thread in threads.values()),
    }


def _add_forms(thread: Thread, facts: list[str], incident: Incident, bound: dict[str, Any]) -> None:
    assert thread.party is not None
    place = f"to-{thread.person.pk}"
    thread.message_form = bound.get("message_form") or MessageForm(auto_id=f"{place}-%s")
    thread.question_form = bound.get("question_form")
    if thread.question_form is None and not incident.is_closed:
        waiting = {fact for line in thread.lines if line.is_open for fact in line.message.asks}
        asked = [fact for fact in facts if fact not in waiting] if thread.party.tells_facts else []
        thread.question_form = QuestionForm(facts=asked, auto_id=f"{place}-ask-%s")


def _messages(those: Q, *, is_from_desk: bool) -> list[Message]:
    """As many of those as a page shows, newest first.

    What the other side (`is_from_desk`) wrote and nobody saw has room before the rest: else it stayed new for good.
    """
    rows = Message.objects.filter(those).select_related("by", "person", "answers", "answer")
    is_new = When(is_from_desk=is_from_desk, seen_at__isnull=True, then=0)
    found = rows.order_by(Case(is_new, default=1), "-at", "-id")[:MOST]
    return sorted(found, key=lambda message: (message.at, message.pk), reverse=True)


def _line(message: Message, *, is_from_other: bool, is_self: bool) -> Line:
    return Line(
        message,
        asks=[str(plain_label(name, is_about_self=is_self)) for name in message.asks],
        is_new=is_from_other and message.seen_at is None,
        is_open=message.is_question and not hasattr(message, "answer"),
    )


def person_in(incident: Incident, pk: UUID) -> Party | None:
    """The person of this case with that id, who may be written to."""
    return next((party for party in parties_of(incident) if party.person.pk == pk), None)
