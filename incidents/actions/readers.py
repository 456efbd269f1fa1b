"""Who reads a piece of news at the moment it goes out: the world may have moved since it was written."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from incidents.actions.duty import kept_out_of
from incidents.models import News, Witness
from incidents.vocabulary import NewsKind
from vpdportal.accounts.access import duty_adviser, is_absent, standing
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right


def is_still_news(news: News) -> bool:
    """Whether a mail of it still tells something: not when it was seen on the screen, or is true no longer.

    A receipt goes out whatever was seen: it is what the reporter keeps.
    """
    if news.kind == NewsKind.RECEIVED:
        return True
    if news.kind == NewsKind.CLOSED and not (news.incident.merged_into or news.incident).is_closed:
        return False
    return news.seen_at is None


class Readers:
    """The readers of these rows of news (with their `incident`), asked a fixed number of questions a desk."""

    def __init__(self, rows: Collection[News], now: datetime) -> None:
        self.now = now
        self.kept_out = kept_out_of({row.incident_id for row in rows})
        pairs = Witness.objects.filter(incident__in=self.kept_out).values_list("incident_id", "user_id")
        self.witnesses = set(pairs) if rows else set()
        self._desk: dict[tuple[UUID, UUID, frozenset[UUID]], User | None] = {}

    def reader_of(self, news: News) -> User | None:
        """The recipient; for the desk, when absent, who is on duty. None for who may no longer know of the case."""
        person = news.recipient
        if person.pk in self.kept_out[news.incident_id] or not person.is_active:
            return None
        return person if self._is_of_case(news, person) else self._at_desk(news, person)

    def may_read(self, news: News, person: User) -> bool:
        """Whether this person, who may stand in for the recipient, may know of the case now."""
        if person.pk in self.kept_out[news.incident_id] or not person.is_active:
            return False
        return self._is_of_case(news, person) or _works_here(news, person, self.now)

    def _is_of_case(self, news: News, person: User) -> bool:
        """Reporter, person hit or witness: they hear of it whatever role they have, or none."""
        case = news.incident
        return person.pk in {case.reporter_id, case.affected_id} or (case.pk, person.pk) in self.witnesses

    def _at_desk(self, news: News, person: User) -> User | None:
        without = frozenset(self.kept_out[news.incident_id])
        key = (person.pk, news.organisation_id, without)
        if key not in self._desk:
            if is_absent(person.pk, news.organisation_id, self.now):
                self._desk[key] = duty_adviser(news.organisation_id, self.now, without)
            else:
                self._desk[key] = person if _works_here(news, person, self.now) else None
        return self._desk[key]


def _works_here(news: News, person: User, now: datetime) -> bool:
    return standing(person, now).may(Right.WORK_CASES, news.organisation_id)
