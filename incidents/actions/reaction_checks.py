"""What a reaction has to hold before it can be signed, by the rules of the menu and the handbook; and who may sign.

Nothing here changes anything.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from guidance.deadlines import add_months
from guidance.menu import Rule
from incidents.actions.advice import advice_for, card_of
from incidents.actions.exclusions import managers_left_out
from incidents.models import Exclusion, Incident, Involvement, Person, Reaction
from incidents.vocabulary import MENU_CODES, RESTRICTING, InvolvedAs, ReactionKind
from vpdportal.accounts.access import memberships_at, staying_at
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import RIGHTS, Right, Role

RECENT_MONTHS = 6  # conduct that a reaction answers is recent [S46]; how recent is [OWN]
LONGEST_MONTHS = 12  # where the menu gives no longest term [OWN]
CRITICISM = "criticism"  # the rule of the menu that nobody overrides [S48]

# A talk and a verbal limit are held, not signed. The others are signed, and most take something away for a time.
SPOKEN = (ReactionKind.TALK, ReactionKind.VERBAL)
WITH_SCOPE = (ReactionKind.CONDITIONS, ReactionKind.BAN, ReactionKind.CIVIL_ORDER)
POLICE_FIRST = (ReactionKind.CONDITIONS, ReactionKind.PAUSE, ReactionKind.BAN)  # [S30], R10

MAY_SIGN = [role for role in Role if Right.SIGN in RIGHTS[role]]
MAY_LOOK = [role for role in Role if RIGHTS[role] & {Right.SIGN, Right.WORK_CASES}]

# What each part is called where it is still missing, in the order of the form.
PART_LABELS = {
    "conduct": _("what exactly happened"),
    "hearing_words": _("the other side, or why it was not heard"),
    "proportionality": _("why this, and not less"),
    "scope": _("for which places, channels or conditions"),
    "core_services": _("what stays available"),
    "instruction": _("what the desk does"),
    "starts_on": _("the first day"),
    "ends_on": _("the last day"),
    "override_reason": _("why all the same"),
    "signer": _("who signs"),
    "second": _("who looks along"),
}


def rule_against(incident: Incident, kind: str) -> Rule | None:
    """The rule of the menu that takes this reaction away for these facts, if any: its text says why."""
    advised = advice_for(incident)
    name = advised.decision.dropped.get(MENU_CODES[ReactionKind(kind)])
    return next((rule for rule in advised.card.menu.rules if rule.name == name), None)


def perpetrators_of(incident: Incident) -> QuerySet[Person]:
    """The people linked to this case as perpetrator."""
    linked = Involvement.objects.filter(incident=incident, role=InvolvedAs.PERPETRATOR)
    return Person.objects.filter(pk__in=linked.values("person"))


def is_long_ago(conduct_on: date, now: datetime) -> bool:
    """Whether the conduct is no longer recent: then the reaction needs a reason of its own [OWN]."""
    return conduct_on < add_months(localdate(now), -RECENT_MONTHS)


def longest_months(incident: Incident, kind: str) -> int:
    """For how many months a restriction of this kind may last, by the card of the case."""
    item = card_of(incident).every.get(MENU_CODES[ReactionKind(kind)])
    return item.restricts.at_most if item and item.restricts else LONGEST_MONTHS


def latest_end(incident: Incident, kind: str, starts_on: date) -> date:
    """The last day that a restriction from this day may have."""
    return add_months(starts_on, longest_months(incident, kind))


def needs_second(reaction: Reaction, incident: Incident) -> bool:
    """Whether someone else looks along before it is signed: from the severity of the organisation, or for a minor."""
    if reaction.kind in SPOKEN:
        return False
    is_minor = bool(reaction.person.is_minor or incident.facts.perpetrator_minor)
    return is_minor or incident.severity >= incident.organisation.second_eyes_from


def needed_parts(reaction: Reaction, incident: Incident, now: datetime) -> list[str]:
    """The names of the fields that have to be filled before it can be laid before who signs, in order."""
    kind = reaction.kind
    parts = ["conduct", "hearing_words", "proportionality"]
    parts += ["scope"] if kind in WITH_SCOPE else []
    # Whatever is taken away from someone, core services stay [S42].
    parts += ["core_services", "instruction", "starts_on", "ends_on"] if kind in RESTRICTING else []
    parts += ["override_reason"] if needs_reason(reaction, incident, now) else []
    parts += ["signer"]
    return parts + (["second"] if needs_second(reaction, incident) else [])


def needs_reason(reaction: Reaction, incident: Incident, now: datetime) -> bool:
    """Whether it asks "why all the same": a rule of the menu says another way, or the conduct is long ago."""
    return is_long_ago(reaction.conduct_on, now) or rule_against(incident, reaction.kind) is not None


def missing_in(reaction: Reaction, incident: Incident, now: datetime) -> list[str]:
    """What still has to be filled in, in words for the screen; none when it can be laid before who signs."""
    return [str(PART_LABELS[name]) for name in needed_parts(reaction, incident, now) if not _is_filled(reaction, name)]


def _is_filled(reaction: Reaction, name: str) -> bool:
    value = getattr(reaction, f"{name}_id" if name in {"signer", "second"} else name)
    return bool(value.strip() if isinstance(value, str) else value)


def people_for(
    incident: Incident, drafters: Collection[UUID] | QuerySet[Any], now: datetime, is_to_come: bool = False
) -> QuerySet[User]:
    """Who may look along with a reaction in this case; marked with `may_sign`. No party, nobody who is kept out.

    Nor who drafts it: `drafters` are ids, or a query of them. That the two are different people is checked apart.
    `is_to_come`: who is asked for it will answer some day, so nobody whose last day is today.
    """
    here = (staying_at if is_to_come else memberships_at)(now).filter(organisation=incident.organisation_id)
    signing = here.filter(role__in=MAY_SIGN, user=OuterRef("pk"))
    kept_out = Exclusion.objects.filter(incident=incident).values("user")
    parties = [pk for pk in (incident.reporter_id, incident.affected_id) if pk]
    able = User.objects.filter(pk__in=here.filter(role__in=MAY_LOOK).values("user")).exclude(pk__in=kept_out)
    able = able.exclude(pk__in=parties).exclude(pk__in=drafters).exclude(pk__in=managers_left_out(incident, now))
    return able.annotate(may_sign=Exists(signing)).order_by("name")
