"""Telling a person of a case that there is something to read. What it is stands on the page only.

Writing the row is part of the action it tells of; the sweep sends it (actions/delivery.py). It goes out whatever the
person chose as feedback ("call me", "talk with me"): that wish is about hearing what was done, and a mail that names
nothing also reaches who does not look at the portal by themselves.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from incidents.actions.duty import kept_out, on_duty
from incidents.models import Incident, Message, News
from incidents.vocabulary import NewsKind
from vpdportal.accounts.models import User

IN_THREAD = frozenset({NewsKind.MESSAGE, NewsKind.QUESTION})  # read in the thread of messages
# On the status page.
ON_STATUS = frozenset({NewsKind.RECEIVED, NewsKind.ABOUT_YOU, NewsKind.CLOSED, NewsKind.REOPENED, NewsKind.CARE})


def tell(
    *,
    incident: Incident,
    kind: NewsKind,
    recipients: Iterable[User | None],
    about: UUID,
    now: datetime,
    by: User | None = None,
) -> None:
    """Write that these people must hear of it, once for each `about` (the id of what it tells of).

    Not who is kept out of the case, and not who did it (`by`; None where also that person gets a receipt).
    In the caller's transaction.
    """
    named = {person.pk for person in recipients if person is not None} - ({by.pk} if by else set())
    if not named:
        return
    people = named - kept_out(incident)
    rows = [
        News(
            organisation_id=incident.organisation_id,
            incident=incident,
            recipient_id=person,
            kind=kind,
            about=about,
            due_at=now,
        )
        for person in people
    ]
    News.objects.bulk_create(rows, ignore_conflicts=True)


def tell_the_desk(*, incident: Incident, kind: NewsKind, about: UUID, by: User, now: datetime) -> None:
    """Tell who is on duty for the case now. With nobody on duty the work list still shows it."""
    tell(incident=incident, kind=kind, recipients=[on_duty(incident, now)], about=about, by=by, now=now)


def tell_the_parties(*, incident: Incident, kind: NewsKind, about: UUID, by: User | None, now: datetime) -> None:
    """Tell who reported it and whom it is about."""
    tell(incident=incident, kind=kind, recipients=[incident.reporter, incident.affected], about=about, by=by, now=now)


def tell_that_it_came_in(incident: Incident, now: datetime) -> None:
    """A receipt for the reporter, and for the person hit that someone else reported it."""
    tell(incident=incident, kind=NewsKind.RECEIVED, recipients=[incident.reporter], about=incident.pk, now=now)
    if incident.affected_id != incident.reporter_id:
        tell(incident=incident, kind=NewsKind.ABOUT_YOU, recipients=[incident.affected], about=incident.pk, now=now)


def mark_seen(*, incident: Incident, by: User, kinds: Collection[NewsKind], now: datetime) -> None:
    """This person had it on the screen: ON_STATUS with the status page."""
    News.objects.filter(incident=incident, recipient=by, kind__in=kinds, seen_at__isnull=True).update(seen_at=now)


def mark_thread_seen(*, incident: Incident, by: User, shown: Collection[UUID], now: datetime) -> None:
    """This person had these messages of the own thread on the screen (`shown`: their ids); their news along.

    Not what came in after the page was read, nor what it had no room for.
    """
    from_desk = Message.objects.filter(pk__in=shown, incident=incident, person=by, is_from_desk=True)
    from_desk.filter(seen_at__isnull=True).update(seen_at=now)
    told = News.objects.filter(incident=incident, recipient=by, kind__in=IN_THREAD, about__in=shown)
    told.filter(seen_at__isnull=True).update(seen_at=now)


def unseen_additions(incident: Incident) -> list[UUID]:
    """The news that something was added, or that the case was opened again, which nobody of the desk saw yet."""
    is_party = Q(recipient=incident.reporter_id) | Q(recipient=incident.affected_id)
    told = Q(kind=NewsKind.ADDED) | (Q(kind=NewsKind.REOPENED) & ~is_party)
    return list(News.objects.filter(told, incident=incident, seen_at__isnull=True).values_list("pk", flat=True))


def mark_additions_seen(*, shown: Collection[UUID], now: datetime) -> None:
    """Someone of the desk had what these tell of on the screen (`shown`: asked before the page was read).

    One of them is enough: the desk works on a case together. What came in while the page was made stays new.
    """
    News.objects.filter(pk__in=shown, seen_at__isnull=True).update(seen_at=now)


def mark_messages_seen(*, incident: Incident, shown: Collection[UUID], now: datetime) -> None:
    """Someone of the desk had these messages of the case on the screen (`shown`: their ids); their news along."""
    from_people = Message.objects.filter(pk__in=shown, incident=incident, is_from_desk=False)
    News.objects.filter(
        incident=incident, kind=NewsKind.MESSAGE, about__in=from_people.values("pk"), seen_at__isnull=True
    ).update(seen_at=now)
    from_people.filter(seen_at__isnull=True).update(seen_at=now)
