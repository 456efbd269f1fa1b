"""A person's secret address of deadlines: making it, replacing it, stopping it. Only its hash is kept."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.actions.refusals import Refused
from incidents.models import CalendarFeed, CareMoment
from incidents.need_to_know import kept_out_from
from incidents.vocabulary import CareFor
from vpdportal.accounts.access import standing
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right
from vpdportal.audit.chain import record

SECRET_BYTES = 32
GIVES_DEADLINES = (Right.BE_GIVEN_TASKS, Right.SIGN)


class FeedChanged(Refused):
    message = _(
        "Your address was made or stopped on another page, or this page was sent twice. Nothing was changed now. "
        "Did you lose the address? Make a new one."
    )


def may_have_feed(user: User, now: datetime) -> bool:
    """Whether some role of this person brings deadlines, or a talk of aftercare with them was planned.

    Also once it was held: a calendar goes on reading, and the person can stop the address.
    """
    return any(standing(user, now).may(right) for right in GIVES_DEADLINES) or _planned_for(user).exists()


def make_feed(*, user: User, seen: str, now: datetime) -> str:
    """A new secret for this person; the one before stops at once. It is given here and nowhere else.

    `seen`: `feed_mark` of the feed as the page showed it, so that sending a page twice makes one. Raises FeedChanged.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        if feed_mark(_locked(user)) != seen:
            raise FeedChanged
        CalendarFeed.objects.update_or_create(
            user=user, defaults={"digest": digest_of(secret), "made_at": now, "used_on": None}
        )
        _note(user, "feed.made", user, now)
    return secret


def stop_feed(*, user: User, by: User, now: datetime) -> None:
    """The address stops working at once. A second click changes nothing."""
    with transaction.atomic():
        feed = _locked(user)
        if feed is not None:
            feed.delete()
            _note(user, "feed.stopped", by, now)


def feed_with(secret: str, now: datetime) -> CalendarFeed | None:
    """The feed of this secret, while its person is active and may have one; else None."""
    feed = CalendarFeed.objects.select_related("user").filter(digest=digest_of(secret)).first()
    if feed is None or not feed.user.is_active or not may_have_feed(feed.user, now):
        return None
    return feed


def note_use(*, feed: CalendarFeed, now: datetime) -> None:
    """Keep the day on which it was last read, once a day: who sees an old one knows that it can be stopped."""
    today = timezone.localdate(now)
    if feed.used_on != today:
        CalendarFeed.objects.filter(pk=feed.pk, digest=feed.digest).update(used_on=today)


def feed_mark(feed: CalendarFeed | None) -> str:
    """What a page carries of the feed that it showed; it says nothing about the secret."""
    return feed.made_at.isoformat() if feed else ""


def digest_of(secret: str) -> str:
    """SHA-256, as 64 hex digits. The secret has 256 bits of its own, so it needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _locked(user: User) -> CalendarFeed | None:
    """The feed as it is now; the person's row is held, so that two pages at once make one after the other."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    return CalendarFeed.objects.filter(user=user).first()


def _note(user: User, action: str, by: User, now: datetime) -> None:
    """In the log of each organisation whose deadlines or talks stand in it."""
    here = standing(user, now)
    organisations = {o.pk for right in GIVES_DEADLINES for o in here.organisations(right)}
    organisations |= set(_planned_for(user).values_list("organisation", flat=True))
    for organisation in sorted(organisations, key=str):
        record(
            action=action,
            now=now,
            actor_id=by.pk,
            organisation_id=organisation,
            object_type="user",
            object_id=user.pk,
        )


def _planned_for(user: User) -> Any:
    """The planned talks with this person: as who was hit (whoever that is now), or with an own moment."""
    is_hit = Q(incident__affected=user.pk) | Q(incident__affected=None, user=user.pk)
    mine = Q(is_hit, care_for=CareFor.AFFECTED) | Q(~Q(care_for=CareFor.AFFECTED), user=user.pk)
    return CareMoment.objects.filter(mine, ~kept_out_from(user, "incident"), planned_at__isnull=False)
