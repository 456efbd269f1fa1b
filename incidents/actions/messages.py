"""Words between the desk and one person of a case, and questions that the person answers.

A thread is of one person: the reporter, the person hit, a witness. Nobody else of the case reads it; the desk reads
all. Also in a closed case, however long ago, a person may write and the desk may answer: someone who was hit must not
find a shut door, and who is on duty hears of it. Only a question needs an open case, because an answer works on it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from guidance.facts import FactsError
from incidents.actions.advice import complete_facts
from incidents.actions.duty import kept_out
from incidents.actions.exclusions import decides_who_sees
from incidents.actions.news import tell, tell_the_desk
from incidents.actions.refusals import CaseClosed, Refused
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Message
from incidents.vocabulary import NewsKind, StatementBy, TimelineKind
from vpdportal.accounts.models import User


class NotOfThisCase(Refused):
    message = _("This person has nothing to read in this case (any more), so nothing was sent.")


class FormUsedBefore(Refused):
    message = _("This form was sent before, for something else. Send it again.")


class NothingToSend(Refused):
    message = _("There was nothing to send yet. Write something first.")


@dataclass(frozen=True)
class Party:
    """A person of a case with a thread, and as what.

    `tells_facts`: whether an answer of theirs fills in facts. Not of a witness, nor of who reported it for someone who
    follows it themselves now: their words are read by the desk, and change nothing of what that person told.
    """

    person: User
    role: StatementBy
    tells_facts: bool


def parties_of(incident: Incident) -> list[Party]:
    """Who of this case may have a thread: reporter, person hit, witnesses; each once, without who is kept out."""
    found = {incident.reporter: StatementBy.REPORTER}
    if incident.affected is not None:
        found[incident.affected] = StatementBy.AFFECTED
    for witness in incident.witnesses.select_related("user"):
        found.setdefault(witness.user, StatementBy.WITNESS)
    silent = kept_out(incident)
    return [
        Party(person, role, decides_who_sees(incident, person))
        for person, role in found.items()
        if person.pk not in silent
    ]


def write_to_desk(*, incident: Incident, text: str, form_key: UUID, by: User, now: datetime) -> Message:
    """A person of the case writes. The same form sends the same words once.

    Raises NothingToSend, FormUsedBefore, NotOfThisCase.
    """

    def store(key: UUID) -> Message:
        _must_be_party(incident, by)
        message = _store(incident, person=by, by=by, now=now, form_key=key, text=text, is_from_desk=False)
        _tell_that_it_was_written(incident, message, by, now)
        return message

    return _once(_Sending(incident, by, by, form_key, text), store)


def write_to_person(*, incident: Incident, person: User, text: str, form_key: UUID, by: User, now: datetime) -> Message:
    """The desk writes to a person of the case. Raises NothingToSend, FormUsedBefore, NotOfThisCase."""

    def store(key: UUID) -> Message:
        _must_be_party(incident, person)
        message = _store(incident, person=person, by=by, now=now, form_key=key, text=text, is_from_desk=True)
        note_in_trail(incident=incident, kind=TimelineKind.MESSAGE_SENT, by=by, now=now)
        tell(incident=incident, kind=NewsKind.MESSAGE, recipients=[person], about=message.pk, by=by, now=now)
        return message

    return _once(_Sending(incident, person, by, form_key, text), store)


def ask_person(
    *, incident: Incident, person: User, asks: list[str], text: str, form_key: UUID, by: User, now: datetime
) -> Message:
    """The desk asks a person of the case for facts (`asks`, dotted names; only who tells facts), in own words, or both.

    Raises NothingToSend, FormUsedBefore, NotOfThisCase, CaseClosed.
    """

    def store(key: UUID) -> Message:
        fresh = _locked(incident)
        party = _must_be_party(fresh, person)
        if fresh.is_closed:
            raise CaseClosed
        question = _store(
            incident,
            person=person,
            by=by,
            now=now,
            form_key=key,
            text=text,
            is_from_desk=True,
            is_question=True,
            asks=asks if party.tells_facts else [],
        )
        note_in_trail(incident=incident, kind=TimelineKind.QUESTION_ASKED, by=by, now=now, fields=question.asks)
        tell(incident=incident, kind=NewsKind.QUESTION, recipients=[person], about=question.pk, by=by, now=now)
        return question

    return _once(_Sending(incident, person, by, form_key, text, asks), store)


def answer_question(
    *, question: Message, answers: Mapping[str, Any], text: str, form_key: UUID, by: User, now: datetime
) -> Message:
    """The person answers: the words as a message (`text` names the answers too), the facts into the case.

    `answers`: dotted fact → value, of what was answered. The words are kept whatever happens to the facts. They change
    nothing in a case that closed meanwhile, of who tells no facts (any more), and for a question that was answered
    before: then they are a message like any other (without `answers`). Raises NothingToSend, FormUsedBefore,
    NotOfThisCase.
    """

    def store(key: UUID) -> Message:
        incident = _locked(question.incident)
        party = _must_be_party(incident, by)
        asked = Message.objects.select_for_update(of=("self",), no_key=True).get(pk=question.pk)
        words = {"person": by, "by": by, "now": now, "form_key": key, "text": text, "is_from_desk": False}
        if Message.objects.filter(answers=asked).exists():
            message = _store(incident, **words)
            _tell_that_it_was_written(incident, message, by, now)
            return message
        message = _store(incident, **words, answers=asked)
        told = {name: value for name, value in answers.items() if name in asked.asks and value is not None}
        told = told if party.tells_facts else {}
        note_in_trail(incident=incident, kind=TimelineKind.QUESTION_ANSWERED, by=by, now=now, fields=sorted(told))
        tell_the_desk(incident=incident, kind=NewsKind.MESSAGE, about=message.pk, by=by, now=now)
        _take_over(incident, told, by, now)
        return message

    return _once(_Sending(question.incident, by, by, form_key, text), store)


def open_questions(incident: Incident, person: User) -> list[Message]:
    """The questions to this person that wait for an answer, oldest first."""
    return list(_of_thread(incident, person).filter(is_question=True, answer__isnull=True).select_related("by"))


def _of_thread(incident: Incident, person: User) -> Any:
    return Message.objects.filter(incident=incident, person=person)


def _must_be_party(incident: Incident, person: User) -> Party:
    """As what this person belongs to the case. Raises NotOfThisCase."""
    for party in parties_of(incident):
        if party.person.pk == person.pk:
            return party
    raise NotOfThisCase


@dataclass(frozen=True)
class _Sending:
    """What a form sends, and in whose thread."""

    incident: Incident
    person: User
    by: User
    form_key: UUID
    text: str
    asks: list[str] = field(default_factory=list)

    def before(self) -> Message | None:
        """What this form sent already. Raises FormUsedBefore when that went somewhere else."""
        sent = Message.objects.filter(by=self.by, form_key=self.form_key).first()
        if sent is not None and (sent.incident_id, sent.person_id) != (self.incident.pk, self.person.pk):
            raise FormUsedBefore
        return sent

    def is_same(self, sent: Message) -> bool:
        """Whether it was a second click. Other words on a page that was sent before are not: they get their own key."""
        return sent.text == self.text.strip() and (not self.asks or sent.asks == self.asks)


def _once(sending: _Sending, store: Callable[[UUID], Message]) -> Message:
    """The message of this form: as it was sent before, or stored now, whoever of two clicks is first."""
    if not sending.text.strip() and not sending.asks:
        raise NothingToSend
    sent = sending.before()
    if sent is None:
        try:
            with transaction.atomic():
                return store(sending.form_key)
        except IntegrityError:
            sent = sending.before()
            if sent is None:
                raise
    if sending.is_same(sent):
        return sent
    with transaction.atomic():
        return store(uuid4())


def _store(incident: Incident, **values: Any) -> Message:
    values["text"] = values["text"].strip()
    message: Message = Message.objects.create(
        organisation_id=incident.organisation_id, incident=incident, at=values.pop("now"), **values
    )
    return message


def _tell_that_it_was_written(incident: Incident, message: Message, by: User, now: datetime) -> None:
    note_in_trail(incident=incident, kind=TimelineKind.MESSAGE_SENT, by=by, now=now)
    tell_the_desk(incident=incident, kind=NewsKind.MESSAGE, about=message.pk, by=by, now=now)


def _take_over(incident: Incident, told: dict[str, Any], by: User, now: datetime) -> None:
    """Add what was told to the facts, unless the case is closed or the facts refuse it: the words are there anyway."""
    if not told:
        return
    try:
        with transaction.atomic():
            complete_facts(incident=incident, answers=told, by=by, now=now)
    except (CaseClosed, FactsError):
        return


def _locked(incident: Incident) -> Incident:
    """The row as it is now, held for this transaction: nobody comes in, and no fact changes, meanwhile."""
    rows = Incident.objects.select_for_update(of=("self",), no_key=True).select_related(
        "organisation", "reporter", "affected"
    )
    fresh: Incident = rows.get(pk=incident.pk)
    return fresh
