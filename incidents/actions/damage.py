"""The damage of a case, line by line: whose, how much, by which route it is claimed, and what came back [S04][S17]."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.actions.advice import complete_facts
from incidents.actions.refusals import CaseClosed, ReasonNeeded, Refused
from incidents.actions.trail import note_in_trail
from incidents.models import DamageLine, Incident
from incidents.vocabulary import DamageKind, DamageOf, DamageRoute, TimelineKind
from vpdportal.accounts.models import User
from vpdportal.tenancy import everywhere

WHAT = ("of", "kind", "words", "amount")  # what was damaged: of an open case only
FOLLOWED = ("route", "claimed", "claimed_on", "recovered", "recovered_on", "is_finished", "remark")
SEALED = ("words", "remark")


class WasClaimed(Refused):
    message = _("Something of it was claimed or came back, so this line stays. Change it, or say that it is finished.")


class DayDoesNotFit(Refused):
    message = _("Give the day of an amount that was claimed or came back: not in the future.")


class ChangedMeanwhile(Refused):
    """Told who was first, and when."""

    by_someone = _("%(name)s changed this line %(moment)s. Look at what stands there now, then save again.")

    def __init__(self, name: str, moment: datetime | None) -> None:
        when = timezone.localtime(moment).strftime("%d-%m-%Y %H:%M") if moment else ""
        super().__init__(self.by_someone % {"name": name, "moment": when})


@dataclass
class Total:
    """Of one side, in cents. `still_open`: of what is not finished, the amount less what came back."""

    of: DamageOf
    amount: int = 0
    claimed: int = 0
    recovered: int = 0
    still_open: int = 0

    @property
    def label(self) -> Any:
        return self.of.label


def totals_of(lines: Iterable[DamageLine]) -> list[Total]:
    """The totals of the person hit and of the organisation, in that order; also where there is nothing."""
    found = {of: Total(of) for of in DamageOf}
    for line in lines:
        total = found[DamageOf(line.of)]
        total.amount += line.amount
        total.claimed += line.claimed
        total.recovered += line.recovered
        total.still_open += 0 if line.is_finished else max(0, line.amount - line.recovered)
    return list(found.values())


def add_damage(
    *,
    incident: Incident,
    of: DamageOf,
    kind: DamageKind,
    words: str,
    amount: int,
    by: User,
    now: datetime,
    key: UUID | None = None,
) -> DamageLine:
    """One loss, `amount` in cents. With the first one the case knows that there is damage. Raises CaseClosed.

    `key`: of the form, so that a second press makes no second line; other damage on a page sent before is a line of
    its own. The key of a line of another case is passed over.
    """
    with transaction.atomic():
        incident = _locked(incident)
        with everywhere():  # also of another organisation
            taken = DamageLine.objects.filter(pk=key).first() if key else None
        if taken and taken.incident_id == incident.pk and _is_same(taken, (of, kind, words.strip(), amount)):
            return taken
        if incident.is_closed:
            raise CaseClosed
        line = DamageLine(
            pk=uuid4() if taken or key is None else key,
            organisation_id=incident.organisation_id,
            incident=incident,
            of=of,
            kind=kind,
            amount=amount,
            at=now,
            by=by,
        )
        line.words = words.strip()
        line.save(force_insert=True)
        note_in_trail(incident=incident, kind=TimelineKind.DAMAGE_CHANGED, by=by, now=now, fields=["added", kind])
        if incident.facts.damage is not True:
            complete_facts(incident=incident, answers={"damage": True}, by=by, now=now)
    return line


def change_damage(*, line: DamageLine, revision: int, values: dict[str, Any], by: User, now: datetime) -> DamageLine:
    """Keep what was changed of a line (`values`: of WHAT and FOLLOWED). What is claimed and comes back is also kept of
    a closed case, for that often takes longer; what was damaged is not.

    Raises ChangedMeanwhile, ReasonNeeded (not recovered, without a remark), DayDoesNotFit, CaseClosed.
    """
    with transaction.atomic():
        incident = _locked(line.incident)
        fresh = DamageLine.objects.select_related("by").get(pk=line.pk)
        changed = [name for name in (*WHAT, *FOLLOWED) if name in values and values[name] != _value(fresh, name)]
        if incident.is_merged or (incident.is_closed and set(changed) & set(WHAT)):
            raise CaseClosed
        if fresh.revision != revision:
            raise _meanwhile(fresh)
        for name in changed:
            setattr(fresh, name, values[name])
        _check(fresh, timezone.localdate(now))
        if changed:
            fresh.revision, fresh.by = fresh.revision + 1, by
            fresh.save(update_fields=[*changed, "revision", "by"])
            note_in_trail(incident=incident, kind=TimelineKind.DAMAGE_CHANGED, by=by, now=now, fields=changed)
    return fresh


def remove_damage(*, line: DamageLine, revision: int, by: User, now: datetime) -> None:
    """Take a line away that was a mistake. Raises WasClaimed, ChangedMeanwhile, CaseClosed."""
    with transaction.atomic():
        incident = _locked(line.incident)
        if incident.is_closed:
            raise CaseClosed
        fresh = DamageLine.objects.select_related("by").filter(pk=line.pk).first()
        if fresh is None:  # a second click
            return
        if fresh.claimed or fresh.recovered:
            raise WasClaimed
        if fresh.revision != revision:
            raise _meanwhile(fresh)
        fields = ["removed", fresh.kind]
        fresh.delete()
        note_in_trail(incident=incident, kind=TimelineKind.DAMAGE_CHANGED, by=by, now=now, fields=fields)


def _check(line: DamageLine, today: date) -> None:
    if line.route == DamageRoute.NONE and not line.remark:
        raise ReasonNeeded
    for amount, day in ((line.claimed, line.claimed_on), (line.recovered, line.recovered_on)):
        if bool(amount) != bool(day) or (day and day > today):
            raise DayDoesNotFit


def _is_same(line: DamageLine, said: tuple[str, str, str, int]) -> bool:
    """Whether this is what was said when the line was made; of one that was changed since, nobody can tell."""
    return bool(line.revision) or (line.of, line.kind, line.words or "", line.amount) == said


def _value(line: DamageLine, name: str) -> Any:
    value = getattr(line, name)
    return (value or "") if name in SEALED else value


def _meanwhile(line: DamageLine) -> ChangedMeanwhile:
    entries = line.incident.timeline.filter(kind=TimelineKind.DAMAGE_CHANGED, by=line.by_id)
    return ChangedMeanwhile(line.by.name, entries.values_list("at", flat=True).first())


def _locked(incident: Incident) -> Incident:
    rows = Incident.objects.select_for_update(of=("self",), no_key=True)
    fresh: Incident = rows.select_related("organisation").get(pk=incident.pk)
    return fresh
