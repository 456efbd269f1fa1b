"""Who reads a piece of news at the moment it goes out: the world may have moved since it was written."""

from collections.abc import Collection
from datetime import datetime

from incidents.actions.duty import out_of_sight_of
from incidents.actions.reminders.rota import Rota
from incidents.models import News, Witness
from incidents.vocabulary import NewsKind
from vpdportal.accounts.access import standing
from vpdportal.accounts.models import Membership, User
from vpdportal.accounts.roles import DESK_ROLES, Right

# Read when it suits: who does not want it mailed finds it in the portal. A question waits for an answer, so it goes.
AT_LEISURE = frozenset({NewsKind.MESSAGE, NewsKind.CLOSED, NewsKind.REOPENED, NewsKind.CARE})

FOR_DESK = frozenset({NewsKind.MESSAGE, NewsKind.ADDED, NewsKind.REOPENED})  # waits for whoever is at the desk


def is_still_news(news: News) -> bool:
    """Whether a mail of it still tells something: not when it was seen on the screen, or is true no longer.

    A receipt goes out whatever was seen: it is what the reporter keeps.
    """
    if news.kind == NewsKind.RECEIVED:
        return True
    if news.kind == NewsKind.CLOSED and not (news.incident.merged_into or news.incident).is_closed:
        return False
    return news.seen_at is None


def is_wanted(news: News, readers: "Readers") -> bool:
    """What someone of a case can read at leisure is mailed to who wants that; a question or a receipt always."""
    is_at_leisure = news.kind in AT_LEISURE and readers.is_of_case(news, news.recipient)
    return news.recipient.wants_news_mail or not is_at_leisure


class Readers:
    """The readers of these rows of news (with their `incident`), asked three questions whatever their number."""

    def __init__(self, rows: Collection[News], now: datetime) -> None:
        self.now = now
        self.kept_out = out_of_sight_of({row.incident_id for row in rows}, now)
        pairs = Witness.objects.filter(incident__in=self.kept_out).values_list("incident_id", "user_id")
        self.witnesses = set(pairs) if rows else set()
        ever = Membership.objects.filter(organisation__in={row.organisation_id for row in rows}, role__in=DESK_ROLES)
        self._was_at_desk = set(ever.values_list("user_id", "organisation_id")) if rows else set()

    def reader_of(self, news: News, rota: Rota) -> User | None:
        """The recipient; for the desk, when away or gone, who is on duty. None for who may not know of the case."""
        person = rota.people[news.recipient_id]
        if person.pk in self.kept_out[news.incident_id]:
            return None
        if self.is_of_case(news, person):
            return person if person.is_active else None
        if not rota.is_away(person, news.organisation_id) and _works_here(news, person, self.now):
            return person
        is_for_desk = news.kind in FOR_DESK and (person.pk, news.organisation_id) in self._was_at_desk
        return rota.on_duty(news.organisation_id, self.kept_out[news.incident_id]) if is_for_desk else None

    def is_of_case(self, news: News, person: User) -> bool:
        """Reporter, person hit or witness: they hear of it whatever role they have, or none."""
        case = news.incident
        return person.pk in {case.reporter_id, case.affected_id} or (case.pk, person.pk) in self.witnesses


def _works_here(news: News, person: User, now: datetime) -> bool:
    return standing(person, now).may(Right.WORK_CASES, news.organisation_id)
