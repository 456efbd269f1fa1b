"""Letters of a case: made from a template, changed, brought back from Word, marked as sent, or withdrawn.

Sending happens outside the portal. What was marked as sent never changes again; each version before it is kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from incidents.actions.informing import tell_person
from incidents.actions.letter_docx import checked_docx, paragraphs_of
from incidents.actions.letter_ends import refuse_other_end
from incidents.actions.letter_files import fingerprint, remove_letter, store_letter
from incidents.actions.letter_refusals import (
    FieldsEmpty,
    LetterIsFixed,
    LetterKeptBefore,
    LetterMovedOn,
    PoliceAskToWait,
    ReactionNeeded,
    ReactionNotSigned,
    SentOnNoSuchDay,
)
from incidents.actions.letter_signed import refuse_other_than_signed
from incidents.actions.letter_tags import plain, refuse_fields_left, rendered
from incidents.actions.letter_templates import template_for
from incidents.actions.letter_values import refuse_names, refuse_names_in_text
from incidents.actions.refusals import CaseClosed, ReasonNeeded
from incidents.actions.stored_words import in_stored_language
from incidents.actions.trail import note_in_trail
from incidents.letter_fields import fields_of, still_empty
from incidents.letter_kinds import CARRIES, REACHES_PERPETRATOR
from incidents.models import Incident, Involvement, Letter, LetterVersion, Note, Person, Reaction
from incidents.vocabulary import InvolvedAs, LetterKind, LetterStatus, ReactionStatus, SentBy, TimelineKind
from vpdportal.accounts.models import User

# What is also written when a case has ended: a measure and damage run longer, and the reporter hears at the end.
AFTER_THE_END = frozenset({LetterKind.OUTCOME, LetterKind.BAN_END, LetterKind.AVG14, LetterKind.DAMAGE})
SIGNED = (ReactionStatus.SIGNED, ReactionStatus.ACTIVE, ReactionStatus.DONE, ReactionStatus.ENDED)
BEGUN = (ReactionStatus.ACTIVE, ReactionStatus.ENDED)


@dataclass(frozen=True)
class NewLetter:
    """What a letter begins with. `key`: of the form, so that a second press makes no second letter."""

    key: UUID
    incident: Incident
    kind: LetterKind
    values: dict[str, str]
    person: Person | None = None
    reaction: Reaction | None = None


def make_letter(*, new: NewLetter, by: User, now: datetime) -> Letter:
    """A letter with its first version, from the template in use.

    Raises CaseClosed, ReactionNeeded, NamesSomeone, TemplateBroken, LetterNotKept, LetterKeptBefore.
    """
    _check_belongs(new)
    refuse_names(incident=new.incident, kind=new.kind, values=new.values)
    version, content = _from_template(new.incident, new.kind, new.values, by, now)

    with _kept_with(version):
        incident = _locked_case(new.incident.pk, new.kind)
        letter: Letter | None = Letter.objects.filter(pk=new.key, incident=incident, made_by=by).first()
        if letter is not None:
            if letter.versions.get(number=1).values != version.values:
                raise LetterKeptBefore
            return letter
        letter = Letter.objects.create(
            pk=new.key,
            organisation_id=incident.organisation_id,
            incident=incident,
            kind=new.kind,
            person=new.reaction.person if new.reaction else new.person,
            reaction=new.reaction,
            made_at=now,
            made_by=by,
        )
        _add(letter, version, content, number=1)
        _note(letter, TimelineKind.LETTER_MADE, by, now)
    return letter


def change_letter(*, letter: Letter, values: dict[str, str], seen: int, by: User, now: datetime) -> LetterVersion:
    """A new version with other values; `seen` is the number of the version that the form began from.

    Raises CaseClosed, LetterIsFixed, LetterMovedOn, NamesSomeone, TemplateBroken, LetterNotKept.
    """
    kind = LetterKind(letter.kind)
    refuse_names(incident=letter.incident, kind=kind, values=values)
    version, content = _from_template(letter.incident, kind, values, by, now)

    with _kept_with(version):
        mine = _locked(letter)
        _add(mine, version, content, number=_next_after(mine, seen))
        _note(mine, TimelineKind.LETTER_CHANGED, by, now)
    return version


def bring_back(*, letter: Letter, content: bytes, seen: int, by: User, now: datetime) -> LetterVersion:
    """A new version: the .docx as it was changed in a word processor. The values stay those of the version before.

    Raises DocxRefused (unsafe, or a field still stands in it), FieldsEmpty, NamesSomeone, and what change_letter does.
    """
    kind, parts = LetterKind(letter.kind), checked_docx(content)
    refuse_fields_left(parts)
    before = latest_version(letter)
    _refuse_empty(letter, before.values)
    text = " ".join(text for _part, text in paragraphs_of(parts))
    refuse_names_in_text(incident=letter.incident, kind=kind, values=before.values, text=text)
    version = _version(letter.incident, before.values, content, by, now)
    version.template_id, version.template_name = before.template_id, before.template_name
    version.is_brought = True

    with _kept_with(version):
        mine = _locked(letter)
        _add(mine, version, content, number=_next_after(mine, seen))
        _note(mine, TimelineKind.LETTER_CHANGED, by, now)
    return version


def mark_sent(*, letter: Letter, seen: int, sent_on: date, sent_by: SentBy, by: User, now: datetime) -> Letter:
    """Write down that the newest version went out, on which day and how. From then on nothing changes in it.

    Raises CaseClosed, LetterIsFixed, LetterMovedOn, FieldsEmpty, PoliceAskToWait, ReactionNotSigned,
    OtherThanSigned, EndsOtherwise, SentOnNoSuchDay.
    """
    with transaction.atomic():
        letter = _locked(letter)
        _next_after(letter, seen)
        version = latest_version(letter)
        _refuse_empty(letter, version.values)
        _refuse_too_early(letter)
        refuse_other_than_signed(letter, version)
        refuse_other_end(letter, version)
        if not timezone.localdate(letter.made_at) <= sent_on <= timezone.localdate(now):
            raise SentOnNoSuchDay
        letter.status, letter.sent_on, letter.sent_by, letter.marked_by = LetterStatus.SENT, sent_on, sent_by, by
        letter.save(update_fields=["status", "sent_on", "sent_by", "marked_by"])
        _note(letter, TimelineKind.LETTER_SENT, by, now)
        if letter.kind == LetterKind.AVG14:
            _person_is_told(letter, sent_on, by, now)
    return letter


def _person_is_told(letter: Letter, sent_on: date, by: User, now: datetime) -> None:
    """This letter is how the person was told that data are kept; nothing changes where that was written down before."""
    told = Involvement.objects.filter(
        incident=letter.incident_id, person=letter.person_id, role=InvolvedAs.PERPETRATOR, informed_on__isnull=True
    )
    for involvement in told:
        tell_person(involvement=involvement, on=sent_on, by=by, now=now)


def withdraw_letter(*, letter: Letter, seen: int, reason: str, by: User, now: datetime) -> Letter:
    """A draft that does not go; the reason becomes a note. `seen`: as in change_letter.

    Raises CaseClosed, LetterIsFixed, LetterMovedOn, ReasonNeeded.
    """
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic(), in_stored_language():
        letter = _locked(letter)
        _next_after(letter, seen)
        letter.status = LetterStatus.WITHDRAWN
        letter.save(update_fields=["status"])
        Note.objects.create(
            organisation_id=letter.organisation_id,
            incident=letter.incident,
            at=now,
            by=by,
            text=f"{letter.get_kind_display()}: {reason.strip()}",
        )
        _note(letter, TimelineKind.LETTER_WITHDRAWN, by, now)
    return letter


def latest_version(letter: Letter) -> LetterVersion:
    """The version that counts: each letter has at least one."""
    found: LetterVersion = letter.versions.select_related("by").order_by("-number")[0]
    return found


def reactions_for(incident: Incident, kind: LetterKind) -> list[Reaction]:
    """The reactions of the case of which a letter of this kind can be made."""
    kinds = CARRIES.get(kind, ())
    possible = incident.reactions.filter(kind__in=kinds).exclude(status=ReactionStatus.WITHDRAWN)
    if kind == LetterKind.BAN_END:
        possible = possible.filter(status__in=BEGUN)
    return list(possible.select_related("person", "signer"))


# --- what makes it possible -----------------------------------------------------------------------------


def _check_belongs(new: NewLetter) -> None:
    """The reaction carries this kind of letter, and the person did it, both in this case."""
    if new.kind in CARRIES:
        possible = {reaction.pk for reaction in reactions_for(new.incident, new.kind)}
        if new.reaction is None or new.reaction.pk not in possible:
            raise ReactionNeeded
    if new.person is not None and not new.reaction:
        involved = new.incident.involvements.filter(person=new.person, role=InvolvedAs.PERPETRATOR)
        if new.kind not in REACHES_PERPETRATOR or not involved.exists():
            raise ValueError("a letter to someone who is no perpetrator in this case")


def _refuse_empty(letter: Letter, values: dict[str, str]) -> None:
    empty = still_empty(letter.kind, values, is_minor=bool(letter.person and letter.person.is_minor))
    if empty:
        raise FieldsEmpty(field.label for field in empty)


def _refuse_too_early(letter: Letter) -> None:
    if letter.kind in REACHES_PERPETRATOR and letter.incident.facts.police_ask_to_wait:
        raise PoliceAskToWait
    if letter.kind in CARRIES or letter.reaction_id:
        allowed = BEGUN if letter.kind == LetterKind.BAN_END else SIGNED
        if letter.reaction is None or letter.reaction.status not in allowed:
            raise ReactionNotSigned


def _locked_case(pk: UUID, kind: str) -> Incident:
    incident: Incident = (
        Incident.objects.select_for_update(of=("self",), no_key=True).select_related("organisation").get(pk=pk)
    )
    if incident.is_merged or (incident.is_closed and kind not in AFTER_THE_END):
        raise CaseClosed
    return incident


def _locked(letter: Letter) -> Letter:
    """The letter while it is a draft, under the lock of its case."""
    incident = _locked_case(letter.incident_id, letter.kind)
    mine: Letter = Letter.objects.select_for_update(of=("self",), no_key=True).get(pk=letter.pk)
    mine.incident = incident
    if mine.status != LetterStatus.DRAFT:
        raise LetterIsFixed
    return mine


def _next_after(letter: Letter, seen: int) -> int:
    """The number of the next version. Raises LetterMovedOn when `seen` is not the newest any more."""
    newest = latest_version(letter)
    if newest.number != seen:
        raise LetterMovedOn(newest.by.name, newest.at)
    return newest.number + 1


# --- versions -------------------------------------------------------------------------------------------


def _from_template(
    incident: Incident, kind: LetterKind, values: dict[str, str], by: User, now: datetime
) -> tuple[LetterVersion, bytes]:
    """A version and its .docx, made before anything is locked: it takes a tenth of a second."""
    template = template_for(incident.organisation, kind)
    kept = {field.name: plain(values.get(field.name, "")).strip() for field in fields_of(kind)}
    content = rendered(template.content, kept)
    version = _version(incident, kept, content, by, now)
    version.template, version.template_name = template.row, template.name
    return version, content


def _version(incident: Incident, values: dict[str, str], content: bytes, by: User, now: datetime) -> LetterVersion:
    version = LetterVersion(
        pk=uuid4(),
        organisation_id=incident.organisation_id,
        size=len(content),
        sha256=fingerprint(content),
        at=now,
        by=by,
    )
    version.values = values
    return version


def _add(letter: Letter, version: LetterVersion, content: bytes, *, number: int) -> None:
    version.letter, version.number = letter, number
    store_letter(version, content)
    version.save(force_insert=True)


@contextmanager
def _kept_with(version: LetterVersion) -> Iterator[None]:
    """One transaction, in which the file of the version does not stay when its row does not."""
    try:
        with transaction.atomic():
            yield
    except BaseException:
        remove_letter(version)
        raise


def _note(letter: Letter, kind: TimelineKind, by: User, now: datetime) -> None:
    note_in_trail(incident=letter.incident, kind=kind, by=by, now=now, fields=[letter.kind, str(letter.pk)])
