"""Before a contact: does something run against this person? The answer is an instruction, never a case or a story.

Design of access, "Colleague before a home visit"; handbook 7.2: the desk sees only that a measure runs, and what to do.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.actions.person_search import digests_by_kind
from incidents.actions.refusals import ReasonNeeded, Refused
from incidents.models import PersonKey, Reaction, RestrictionCheck
from incidents.models.person import Identifiers
from incidents.need_to_know import kept_out_from
from vpdportal.accounts.access import duty_adviser
from vpdportal.accounts.models import Organisation, User
from vpdportal.audit.chain import record

MOST_A_DAY = 10


class TooManyChecks(Refused):
    message = _("You asked ten times today, and that is the most in one day. Call the VPD adviser: %(contact)s.")

    def __init__(self, adviser: User | None) -> None:
        super().__init__(self.message % {"contact": contact_of(adviser)})


class NothingAsked(Refused):
    message = _("Fill in one thing by which this person is known, whole and exact.")


@dataclass(frozen=True)
class Running:
    """What someone has to know before a contact."""

    instruction: str
    ends_on: date


@dataclass(frozen=True)
class Answer:
    running: list[Running]
    adviser: User | None
    left_today: int

    @property
    def contact(self) -> str:
        return contact_of(self.adviser)


def check_person(
    *, organisation: Organisation, identifiers: Identifiers, reason: str, by: User, now: datetime
) -> Answer:
    """Whether a measure runs today against who goes by one of these. Each question counts and is written down.

    A measure in a case from which the asker is kept out does not exist for them (R1).
    Raises ReasonNeeded, NothingAsked, TooManyChecks.
    """
    if not reason.strip():
        raise ReasonNeeded
    digests = digests_by_kind(identifiers, organisation.pk)
    if not digests:
        raise NothingAsked
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two at once are two, not one
        adviser = duty_adviser(organisation.pk, now)
        asked = asked_today(by, now)
        if asked >= MOST_A_DAY:
            raise TooManyChecks(adviser)
        running = _running(organisation, list(digests), by, now)
        check = RestrictionCheck(
            organisation=organisation, user=by, at=now, reason=reason.strip(), has_hit=bool(running)
        )
        check.save(force_insert=True)
        record(
            action="person.checked",
            now=now,
            actor_id=by.pk,
            organisation_id=organisation.pk,
            object_type="check",
            object_id=check.pk,
            fields=sorted({*digests.values(), "hit" if running else "none"}),
        )
    return Answer(running, adviser, MOST_A_DAY - asked - 1)


def asked_today(by: User, now: datetime) -> int:
    """How often this person asked since midnight, in whatever organisation."""
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(now), time()))
    return RestrictionCheck.objects.filter(user=by, at__gte=midnight, at__lte=now).count()


def contact_of(adviser: User | None) -> str:
    return ", ".join(filter(None, (adviser.name, adviser.phone or adviser.email))) if adviser else "-"


def _running(organisation: Organisation, digests: list[str], by: User, now: datetime) -> list[Running]:
    people = PersonKey.objects.filter(organisation=organisation, digest__in=digests).values("person")
    reactions = (
        Reaction.objects.running(timezone.localdate(now))
        .filter(~kept_out_from(by, "incident"), organisation=organisation, person__in=people)
        .order_by("-ends_on", "pk")
        .only("instruction", "ends_on")
    )
    return [Running(one.instruction, one.ends_on) for one in reactions]
