"""People outside the organisation in a case: linked by role, and taken off again. The facts and the advice follow."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guidance.vocabulary import Relation
from incidents.actions.person_facts import facts_from_records, news_for, said_by_records, take_facts_back
from incidents.actions.person_search import MOST_SHOWN, digests_by_kind, find_persons
from incidents.actions.refusals import CaseClosed, ReasonNeeded, Refused
from incidents.actions.trail import note_in_trail
from incidents.models import Incident, Involvement, Letter, Note, Person, PersonKey, Reaction
from incidents.models.person import Identifiers
from incidents.person_keys import looks_like_bsn
from incidents.vocabulary import IdentifierKind, InvolvedAs, LetterStatus, PersonKind, ReactionStatus, TimelineKind
from vpdportal.accounts.models import Organisation, User

INTERNAL = (Relation.COLLEAGUE, Relation.OFFICE_HOLDER)


class HasBsn(Refused):
    message = _(
        "This looks like a citizen service number (BSN). The portal never keeps one. Take it out; use the client or "
        "case number of your own organisation instead."
    )


class InternalTrack(Refused):
    message = _(
        "For a colleague or an office holder the internal track holds (HR, clerk or mayor), and no record is made. "
        "Is one needed all the same? Then write why."
    )


class LinkedBefore(Refused):
    message = _("This person is linked to the case in this role already. Nothing was changed.")


class PersonGone(Refused):
    message = _("Someone else just joined this record with another one. Look for the person again.")


class OtherOrganisation(Refused):
    message = _("This record is of another organisation. Records never go from one organisation to another.")


class MadeMeanwhile(Refused):
    message = _("Someone else just made a record that goes by the same. Look at what was found, then choose.")


class IsUsed(Refused):
    message = _("A reaction or a letter in this case is about this person. Withdraw that first, then try again.")


class NothingKnown(Refused):
    message = _("Fill in a name, or something by which this person is known again.")


@dataclass(frozen=True)
class Typed:
    """What someone knows of a person: what is kept of it, and what it does in the case."""

    name: str = ""
    identifiers: Identifiers = field(default_factory=dict)
    kind: PersonKind = PersonKind.PERSON
    relation: Relation = Relation.UNKNOWN
    is_minor: bool | None = None
    role: InvolvedAs = InvolvedAs.PERPETRATOR
    remark: str = ""


def link_person(
    *, incident: Incident, person: Person, typed: Typed, by: User, now: datetime, reason: str = ""
) -> Involvement:
    """Link a person who is known already. What was not known yet (an identifier, a minor) is added to the record.

    A colleague or office holder needs a reason, which is kept as a note. The facts stay as they are where `by` is kept
    out of another case of someone who did it (R1). Raises CaseClosed, LinkedBefore, PersonGone, OtherOrganisation,
    InternalTrack, HasBsn.
    """
    with transaction.atomic():
        incident = _locked(incident)
        person = locked_person(person.pk)
        if person.organisation_id != incident.organisation_id:
            raise OtherOrganisation
        if incident.involvements.filter(person=person, role=typed.role).exists():
            raise LinkedBefore
        _complete(person, typed)
        return _link(incident, person, typed, reason, by, now)


def make_person(
    *, incident: Incident, typed: Typed, seen: set[UUID], by: User, now: datetime, reason: str = ""
) -> Involvement:
    """Make a record and link it. `seen`: the records that were shown and are someone else.

    Raises CaseClosed, MadeMeanwhile, NothingKnown, InternalTrack, HasBsn.
    """
    if not typed.name.strip() and not any(typed.identifiers.values()):
        raise NothingKnown
    with transaction.atomic():
        incident = _locked(incident)
        # Two who make the same record at once, in two cases: the second is shown what the first made.
        Organisation.objects.select_for_update(no_key=True).get(pk=incident.organisation_id)
        known = find_persons(organisation_id=incident.organisation_id, identifiers=typed.identifiers, by=by, now=now)
        if {found.person.pk for found in known[:MOST_SHOWN]} - seen:
            raise MadeMeanwhile
        person = Person(organisation_id=incident.organisation_id, kind=typed.kind, created_at=now, created_by=by)
        person.sealed_name = typed.name.strip()
        person.save(force_insert=True)
        _complete(person, typed)
        return _link(incident, person, typed, reason, by, now)


def unlink_person(*, involvement: Involvement, reason: str, by: User, now: datetime) -> None:
    """It was someone else: take the person off the case. What the records said of the facts is unknown again.

    A fact that a person set or changed stays. The reason is kept as a note. A second click changes nothing.
    Raises CaseClosed, ReasonNeeded, IsUsed.
    """
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        incident = _locked(involvement.incident)
        found = incident.involvements.select_related("person").filter(pk=involvement.pk).first()
        if found is None:
            return
        _refuse_when_used(found)
        said = said_by_records(incident, now)
        found.delete()
        _keep_note(incident, reason, by, now)
        fields = [str(involvement.pk), str(found.person_id), found.role]
        note_in_trail(incident=incident, kind=TimelineKind.PERSON_UNLINKED, by=by, now=now, fields=fields)
        if found.role == InvolvedAs.PERPETRATOR:
            take_facts_back(incident, said, by, now)


def locked_person(pk: UUID) -> Person:
    """The record as it is now, held for this transaction. Raises PersonGone."""
    person: Person | None = Person.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
    if person is None:
        raise PersonGone
    return person


def set_identifiers(person: Person, identifiers: Identifiers) -> None:
    """Keep these identifiers, and the hashes by which they are found. Raises HasBsn."""
    if any(looks_like_bsn(value) for kind, values in identifiers.items() if kind != "phone" for value in values):
        raise HasBsn
    person.identifiers = identifiers
    wanted = digests_by_kind(identifiers, person.organisation_id)
    kept = set(person.keys.values_list("digest", flat=True))
    person.keys.exclude(digest__in=wanted).delete()
    PersonKey.objects.bulk_create(
        PersonKey(organisation_id=person.organisation_id, person=person, kind=kind, digest=digest)
        for digest, kind in wanted.items()
        if digest not in kept
    )


def joined(first: Identifiers, second: Identifiers) -> Identifiers:
    """All identifiers of both, each once, in the order of their kinds."""
    return {
        kind: list(dict.fromkeys([*first.get(kind, []), *second.get(kind, [])]))
        for kind in IdentifierKind.values
        if kind in first or kind in second
    }


def _complete(person: Person, typed: Typed) -> None:
    """Add what the record did not hold yet. What stands there stays: changing it is done in the record itself."""
    if looks_like_bsn(f"{typed.name}\n{typed.remark}"):
        raise HasBsn
    set_identifiers(person, joined(person.identifiers, typed.identifiers))
    person.sealed_name = person.sealed_name or typed.name.strip()
    if person.relation == Relation.UNKNOWN:
        person.relation = typed.relation
    if person.is_minor is None:
        person.is_minor = typed.is_minor
    person.save(update_fields=["sealed_name", "sealed_identifiers", "relation", "is_minor"])


def _link(incident: Incident, person: Person, typed: Typed, reason: str, by: User, now: datetime) -> Involvement:
    if typed.role == InvolvedAs.PERPETRATOR and {person.relation, typed.relation} & set(INTERNAL):
        if not reason.strip():
            raise InternalTrack
        _keep_note(incident, reason, by, now)
    involvement = Involvement(
        organisation_id=incident.organisation_id, incident=incident, person=person, role=typed.role, at=now, by=by
    )
    involvement.remark = typed.remark.strip()
    involvement.save(force_insert=True)
    fields = [str(involvement.pk), str(person.pk), typed.role]
    note_in_trail(incident=incident, kind=TimelineKind.PERSON_LINKED, by=by, now=now, fields=fields)
    if typed.role == InvolvedAs.PERPETRATOR:
        facts_from_records(incident, news_for(incident, by, now), by, now)
    return involvement


def _refuse_when_used(involvement: Involvement) -> None:
    about = {"incident": involvement.incident_id, "person": involvement.person_id}
    reactions = Reaction.objects.filter(**about).exclude(status=ReactionStatus.WITHDRAWN)
    letters = Letter.objects.filter(**about).exclude(status=LetterStatus.WITHDRAWN)
    if reactions.exists() or letters.exists():
        raise IsUsed


def _keep_note(incident: Incident, text: str, by: User, now: datetime) -> None:
    Note.objects.create(organisation_id=incident.organisation_id, incident=incident, at=now, by=by, text=text.strip())


def _locked(incident: Incident) -> Incident:
    rows = Incident.objects.select_for_update(of=("self",), no_key=True).select_related("organisation")
    fresh: Incident = rows.get(pk=incident.pk)
    if fresh.is_closed:
        raise CaseClosed
    return fresh
