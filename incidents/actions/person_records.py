"""The record of a person itself: corrected, given the person's own reading, joined with one that is the same person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guidance.vocabulary import Relation
from incidents.actions.person_facts import ChangedMeanwhile
from incidents.actions.person_openings import refuse_when_shut
from incidents.actions.persons import HasBsn, OtherOrganisation, joined, locked_person, set_identifiers
from incidents.actions.police_sheets import name_as_joined
from incidents.actions.refusals import Refused
from incidents.models import (
    CareMoment,
    DataRequest,
    Incident,
    Involvement,
    Letter,
    Person,
    PersonKey,
    PersonOpening,
    Reaction,
)
from incidents.models.person import Identifiers
from incidents.person_keys import looks_like_bsn, plain_words
from vpdportal.accounts.models import User
from vpdportal.audit.chain import record
from vpdportal.seen import mark_of


class SamePerson(Refused):
    message = gettext_lazy("This is one record, not two. Open the other record first, then join them.")


@dataclass(frozen=True)
class Kept:
    """All that can be changed of a record."""

    name: str
    identifiers: Identifiers
    address: str
    note: str
    relation: Relation
    is_minor: bool | None


def kept_of(person: Person) -> Kept:
    return Kept(
        name=person.sealed_name,
        identifiers=person.identifiers,
        address=person.sealed_address,
        note=person.sealed_note,
        relation=Relation(person.relation),
        is_minor=person.is_minor,
    )


def mark_of_record(person: Person) -> str:
    """A short mark of the record as it was shown, by which a change notices that someone was first."""
    return mark_of(vars(kept_of(person)))


def change_person(*, person: Person, kept: Kept, seen: str, by: User, now: datetime) -> list[str]:
    """Correct the record; gives the names of what changed. `seen`: `mark_of_record` of what was on the screen.

    Raises RecordShut, ChangedMeanwhile, PersonGone, HasBsn.
    """
    with transaction.atomic():
        person = locked_person(person.pk)
        refuse_when_shut(person=person, by=by, now=now)
        if mark_of_record(person) != seen:
            raise ChangedMeanwhile
        if looks_like_bsn(f"{kept.name}\n{kept.note}\n{kept.address}"):
            raise HasBsn
        before = vars(kept_of(person))
        changed = sorted(name for name, value in vars(kept).items() if value != before[name])
        set_identifiers(person, kept.identifiers)
        person.sealed_name, person.sealed_address, person.sealed_note = kept.name, kept.address, kept.note
        person.relation, person.is_minor = kept.relation, kept.is_minor
        person.save(
            update_fields=[
                *("sealed_name", "sealed_identifiers", "sealed_address", "sealed_note"),
                *("relation", "is_minor"),
            ]
        )
        if changed:
            _note(person, "person.changed", by, now, changed)
    return changed


def add_reading(*, person: Person, words: str, by: User, now: datetime) -> None:
    """What this person says about it: kept beside what was reported, with its day (handbook 7.2: the other side).

    Raises RecordShut, PersonGone, HasBsn.
    """
    if looks_like_bsn(words):
        raise HasBsn
    with transaction.atomic():
        person = locked_person(person.pk)
        refuse_when_shut(person=person, by=by, now=now)
        day = date_format(timezone.localdate(now), "j F Y")
        line = _("%(day)s, says about it: %(words)s") % {"day": day, "words": words.strip()}
        person.sealed_note = f"{person.sealed_note}\n\n{line}".strip()
        person.save(update_fields=["sealed_note"])
        _note(person, "person.own_reading", by, now)


def merge_persons(*, kept: Person, other: Person, by: User, now: datetime) -> Person:
    """Both are one person: all that hangs under `other` moves to `kept`, and the record of `other` goes.

    Both must be open to who does it: nobody joins what they have not read. The facts of the cases stay as they are;
    the page of each case says what the records say now. Raises SamePerson, OtherOrganisation, PersonGone, RecordShut.
    """
    if kept.pk == other.pk:
        raise SamePerson
    if kept.organisation_id != other.organisation_id:
        raise OtherOrganisation
    with transaction.atomic():
        _lock_cases_of(kept, other)
        locked = {pk: locked_person(pk) for pk in sorted((kept.pk, other.pk))}  # two at once wait for each other
        kept, other = locked[kept.pk], locked[other.pk]
        for person in (kept, other):
            refuse_when_shut(person=person, by=by, now=now)
        _move(kept, other)
        _join(kept, other)
        _note(kept, "person.merged", by, now, [str(other.pk)])
        other.delete()
    return kept


def _lock_cases_of(*people: Person) -> None:
    cases = Incident.objects.filter(involvements__person__in=[person.pk for person in people]).order_by("pk")
    pks = sorted(set(cases.values_list("pk", flat=True)))
    list(Incident.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks).order_by("pk").only("pk"))


def _move(kept: Person, other: Person) -> None:
    """Everything under the other record. In a case where both stand in one role, one line of it stays."""
    mine = {(row.incident_id, row.role): row for row in kept.involvements.all()}
    for row in other.involvements.select_for_update():
        twin = mine.get((row.incident_id, row.role))
        if twin is None:
            row.person = kept
            row.save(update_fields=["person"])
        else:
            _join_lines(twin, row)
            row.delete()
    for rows in (Reaction.objects, Letter.objects, CareMoment.objects, PersonOpening.objects, DataRequest.objects):
        rows.filter(person=other).update(person=kept)
    name_as_joined(kept=kept, other=other, cases=set(kept.involvements.values_list("incident", flat=True)))
    known = set(kept.keys.values_list("digest", flat=True))
    PersonKey.objects.filter(person=other).exclude(digest__in=known).update(person=kept)


def _join_lines(twin: Involvement, row: Involvement) -> None:
    """Told once is told; and what was noted of either stays."""
    twin.informed_on = min(filter(None, (twin.informed_on, row.informed_on)), default=None)
    twin.remark = "\n".join(dict.fromkeys(filter(None, (twin.remark, row.remark))))
    twin.save(update_fields=["informed_on", "remark"])


def _join(kept: Person, other: Person) -> None:
    """One record of two: what `kept` does not say, `other` may say; another name or address stays in the note."""
    kept.identifiers = joined(kept.identifiers, other.identifiers)
    also = []
    if _differ(kept.sealed_name, other.sealed_name):
        also.append(_("Also known as: %(name)s") % {"name": other.sealed_name})
    if _differ(kept.sealed_address, other.sealed_address):
        also.append(_("Also at: %(address)s") % {"address": other.sealed_address})
    kept.sealed_note = "\n\n".join(_each_once([kept.sealed_note, other.sealed_note, *also]))
    kept.sealed_name = kept.sealed_name or other.sealed_name
    kept.sealed_address = kept.sealed_address or other.sealed_address
    if kept.relation == Relation.UNKNOWN:
        kept.relation = other.relation
    if kept.is_minor is None:
        kept.is_minor = other.is_minor
    kept.save(
        update_fields=[
            *("sealed_name", "sealed_identifiers", "sealed_address", "sealed_note"),
            *("relation", "is_minor"),
        ]
    )


def _differ(one: str, other: str) -> bool:
    """Whether both say something, and not the same."""
    return bool(one and other) and plain_words(one) != plain_words(other)


def _each_once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))


def _note(person: Person, action: str, by: User, now: datetime, fields: Iterable[str] = ()) -> None:
    record(
        action=action,
        now=now,
        actor_id=by.pk,
        organisation_id=person.organisation_id,
        object_type="person",
        object_id=person.pk,
        fields=fields,
    )
