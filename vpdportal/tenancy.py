"""The second lock between organisations: of whom the rows are that a query may touch (ADR 31).

PostgreSQL refuses every other row, whatever the query asks: `vpdportal.database` tells it this scope before each
query, and the policies of the tables (`vpdportal.row_level_security`) hold each row against it. Where nothing was said
nothing is there. On SQLite, which serves one organisation, this says the same and nothing listens.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

Organisations = Collection[UUID]


@dataclass(frozen=True)
class Scope:
    """Of whom rows may be touched: of every organisation and of the installation, or of these organisations only."""

    is_everywhere: bool = False
    organisations: frozenset[UUID] = frozenset()

    def holds(self, organisation_id: UUID) -> bool:
        return self.is_everywhere or organisation_id in self.organisations


NOWHERE, EVERYWHERE = Scope(), Scope(is_everywhere=True)

# A scope, or a function that tells the organisations when a query asks: who signs in halfway a request has others then.
Told = Scope | Callable[[], Organisations]
_told: ContextVar[Told] = ContextVar("vpdportal.tenancy", default=NOWHERE)


def present() -> Scope:
    """The scope that holds here and now. A thread that was told nothing is nowhere."""
    told = _told.get()
    if isinstance(told, Scope):
        return told
    with everywhere():  # who asks this reads memberships, and has no scope yet to read them in
        return Scope(organisations=frozenset(told()))


@contextmanager
def told(scope: Told) -> Iterator[None]:
    """Inside holds what `told_now` gave elsewhere: for what goes on after a request, or in another thread."""
    token = _told.set(scope)
    try:
        yield
    finally:
        _told.reset(token)


def told_now() -> Told:
    """What holds here, to take it along to where it would be forgotten."""
    return _told.get()


def everywhere() -> AbstractContextManager[None]:
    """Inside, rows of all organisations: for the machine's own work, and pages that say why they need it."""
    return told(EVERYWHERE)


def within(organisations: Organisations | Callable[[], Organisations]) -> AbstractContextManager[None]:
    """Inside, rows of these organisations only (their ids, or a function that tells them when a query asks)."""
    return told(organisations if callable(organisations) else Scope(organisations=frozenset(organisations)))


def reaching(organisation_id: UUID) -> AbstractContextManager[None]:
    """Inside, rows of this organisation: as things are where they are in reach, else only these."""
    return told(told_now() if present().holds(organisation_id) else Scope(organisations=frozenset({organisation_id})))
