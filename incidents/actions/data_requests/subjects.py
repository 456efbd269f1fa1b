"""Whose data are collected, and the shape of one source of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from incidents.models import DataRequest, Incident, Involvement, Person
from incidents.vocabulary import InvolvedAs, WithholdGround
from vpdportal.accounts.models import Organisation, User

OTHERS, INTERNAL, PROSECUTION = WithholdGround.RIGHTS_OF_OTHERS, WithholdGround.INTERNAL, WithholdGround.PROSECUTION
Proposal = WithholdGround | None  # None: give it, with others masked
Answers = Mapping[str, Sequence[str]]  # of a form: name of the field → its values
# Puts the answers of a form in its own words, as (label, text). The forms stand above this floor, and bring it.
InWords = Callable[[Answers], Iterable[tuple[str, str]]]


@dataclass(frozen=True)
class Subject:
    """Who asks, in one organisation: someone with an account, or a citizen with a record, or neither."""

    request: DataRequest
    in_words: InWords

    @property
    def organisation(self) -> Organisation:
        return self.request.organisation

    @property
    def user(self) -> User | None:
        return self.request.user

    @property
    def person(self) -> Person | None:
        return self.request.person

    @cached_property
    def party_of(self) -> frozenset[UUID]:
        """The cases that this employee reported or that happened to them."""
        cases = Incident.objects.filter(Q(reporter=self.user) | Q(affected=self.user), organisation=self.organisation)
        return frozenset(cases.values_list("pk", flat=True)) if self.user else frozenset()

    @cached_property
    def roles(self) -> dict[UUID, set[str]]:
        """The cases of this citizen → as what."""
        found: dict[UUID, set[str]] = {}
        for case, role in Involvement.objects.filter(person=self.person).values_list("incident", "role"):
            found.setdefault(case, set()).add(role)
        return found if self.person else {}

    @cached_property
    def accused_in(self) -> frozenset[UUID]:
        """The cases in which this citizen stands as who did it."""
        return frozenset(case for case, roles in self.roles.items() if InvolvedAs.PERPETRATOR in roles)

    @cached_property
    def sole_in(self) -> frozenset[UUID]:
        """Of those, the cases in which nobody else stands as who did it: a description there is of this citizen."""
        others = Involvement.objects.filter(role=InvolvedAs.PERPETRATOR, incident__in=self.accused_in)
        return self.accused_in - set(others.exclude(person=self.person).values_list("incident", flat=True))


@dataclass(frozen=True)
class Source:
    """One thing that is kept of someone.

    `name`: "model.column", behind an @ in what way it is theirs. `label`: what it is called in the answer; `rows`: the
    rows that are theirs; `text`: what stands there, empty where nothing; `propose`: the proposal to who looks at it;
    `answers`: what was answered in a form, in place of a text.
    """

    name: str
    label: Any
    rows: Callable[[Subject], Iterable[Any]]
    text: Callable[[Any], str]
    propose: Callable[[Any, Subject], Proposal]
    at: str = ""  # the name of the row's moment
    answers: Callable[[Any], Answers] | None = None

    def said(self, row: Any, subject: Subject) -> str:
        """What stands there, in words; empty where nothing."""
        return as_lines(subject.in_words(self.answers(row))) if self.answers else self.text(row)

    @property
    def column(self) -> str:
        """Which column it reads, as "model.column"."""
        return self.name.partition("@")[0]

    def moment(self, row: Any) -> datetime | None:
        found = getattr(row, self.at) if self.at else None
        return found if isinstance(found, datetime) else None


def give(row: Any, subject: Subject) -> Proposal:
    return None


def withhold(ground: WithholdGround) -> Callable[[Any, Subject], Proposal]:
    return lambda row, subject: ground


def columns(
    model: str,
    labels: dict[str, Any],
    rows: Callable[[Subject], QuerySet[Any]],
    propose: Callable[[Any, Subject], Proposal] = give,
    *,
    at: str = "",
    how: str = "",
) -> list[Source]:
    """A source for each of these columns of the same rows."""
    return [
        Source(
            f"{model}.{column}{f'@{how}' if how else ''}",
            label,
            rows,
            lambda row, column=column: as_text(getattr(row, column)),  # type: ignore[misc]
            propose,
            at,
        )
        for column, label in labels.items()
    ]


def of_form(
    name: str,
    label: Any,
    rows: Callable[[Subject], Iterable[Any]],
    answers: Callable[[Any], Answers],
    propose: Callable[[Any, Subject], Proposal] = give,
    *,
    at: str = "",
) -> Source:
    """A source of what was answered in a form."""
    return Source(name, label, rows, as_text, propose, at, answers)


def as_text(value: Any) -> str:
    """A value of a row in words; empty for None."""
    return "" if value is None else str(value)


def as_lines(told: Iterable[tuple[Any, Any]]) -> str:
    """A line for each thing that was filled in."""
    return "\n".join(f"{label}: {text}" for label, text in told if str(text).strip())
