"""What stands on a sheet for the police, read from its case. Refuses what must never be on it; changes nothing."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils import translation
from django.utils.translation import gettext as _

from incidents.actions.police_refusals import HoldsPrivate, NamesTheVictim, UnderNumberNoHelp
from incidents.models import CareMoment, DamageLine, Evidence, Incident, Involvement, Person, PoliceSheet
from incidents.money import euros
from incidents.police_sheet import (
    AS_FILED,
    BESIDE,
    PAPER_LANGUAGE,
    PERSONS,
    SEVEN_WS,
    STORY,
    TEXTS,
    WITNESS_NAMES,
    Answers,
    File,
    Lines,
    Part,
    Report,
    Sheet,
    ending,
    is_at_home,
    paper,
    under_number_helps,
)
from incidents.private_words import holds_private, is_same_name, mails_in, marks_of, marks_of_address, named_by
from incidents.vocabulary import FiledBy, IdentifierKind, InvolvedAs, PoliceKind, ReporterIs
from vpdportal.accounts.models import User

REACHED_BY = (IdentifierKind.EMAIL, IdentifierKind.PHONE)


def victim_of(incident: Incident) -> str:
    """The name of who was hit; empty where it was reported without one."""
    if incident.affected:
        return incident.affected.name
    return incident.affected_name or (incident.reporter.name if incident.reporter_is == "self" else "")


def private_marks(incident: Incident) -> frozenset[str]:
    """By what the person hit, and who is close, would be found: never on the sheet. Two queries."""
    involved = Involvement.objects.filter(incident=incident, role__in=(InvolvedAs.AFFECTED, InvolvedAs.RELATIVE))
    marks = marks_of(incident.contact, incident.reporter_contact)
    marks |= marks_of(*(moment.contact for moment in CareMoment.objects.filter(incident=incident)))
    for involvement in involved.select_related("person"):
        person = involvement.person
        marks |= marks_of_address(person.sealed_address)
        marks |= marks_of(*(text for kind in REACHED_BY for text in person.identifiers.get(kind, [])))
        for address in person.identifiers.get(IdentifierKind.ADDRESS, []):
            marks |= marks_of_address(address)
    if is_at_home(incident.facts):
        marks |= marks_of_address(incident.place)
    return marks - marks_of_address(incident.organisation.postal_address)


def report_of(incident: Incident) -> Report:
    """What the report tells, for the first answers of a sheet."""
    return Report(
        facts=incident.facts,
        occurred_at=incident.occurred_at,
        place=incident.place or "",
        description=incident.perpetrator_description or "",
        details=incident.details,
        private=private_marks(incident),
    )


def usable_evidence(incident: Incident) -> list[Evidence]:
    """The files that may go to the police: not what waits for the scanner, nor what it took away."""
    return [one for one in incident.evidence.all() if not one.is_held_back and not one.is_taken_away]


def perpetrators_of(incident: Incident, by: User, now: datetime) -> list[Person]:
    """Who is linked as perpetrator, for who handles them: that they exist. A name stays shut until it is ticked."""
    linked = Involvement.objects.filter(incident=incident, role=InvolvedAs.PERPETRATOR)
    return list(Person.objects.handled_by(by, now).filter(pk__in=linked.values("person")).only("relation"))


def chosen_persons(answers: Answers) -> list[UUID]:
    return [UUID(one) for one in answers.get(PERSONS, "").split(",") if one]


def sheet_of(
    row: PoliceSheet, incident: Incident, *, answers: Answers, files: list[Evidence], with_names: bool = True
) -> Sheet:
    """The sheet with all that stands on it now; `files` are those that may go along.

    Without names it opens none: then persons are their ids, enough to say what is missing.
    """
    facts, chosen, persons = incident.facts, set(row.evidence), chosen_persons(answers)
    damage = DamageLine.objects.filter(incident=incident).order_by("of").values("of").annotate(total=Sum("amount"))
    return Sheet(
        kind=PoliceKind(row.kind),
        filed_by=FiledBy(row.filed_by),
        answers=answers,
        reference=incident.reference,
        organisation=incident.organisation.name,
        address=incident.organisation.postal_address.strip(),
        victim=victim_of(incident),
        is_vpt_code_asked=row.is_vpt_code_asked,
        is_under_number=row.is_under_number,
        is_injured=facts.injury,
        has_damage=facts.damage,
        damage=tuple((DamageLine(of=one["of"]).get_of_display(), euros(one["total"])) for one in damage),
        story=(incident.story or "") if answers.get(STORY) else "",
        persons=_names_of(incident, persons) if with_names else tuple(map(str, persons)),
        witness_names=_witness_names(incident, with_names) if answers.get(WITNESS_NAMES) else (),
        files=tuple(
            File(str(one.kind_word), one.size, one.received_at, one.sha256) for one in files if str(one.pk) in chosen
        ),
        files_in_case=len(files),
        at_police=_at_police(row),
    )


def refuse_what_tells_too_much(sheet: Sheet, incident: Incident) -> None:
    """Raises HoldsPrivate, UnderNumberNoHelp or NamesTheVictim."""
    private = private_marks(incident)
    if holds_private(sheet.story, private):
        raise HoldsPrivate(HoldsPrivate.story)
    texts = [*(sheet.answers.get(name, "") for name in TEXTS), *sheet.persons, *sheet.witness_names]
    if any(holds_private(text, private) for text in texts):
        raise HoldsPrivate
    if sheet.is_under_number:
        if not under_number_helps(incident.facts):
            raise UnderNumberNoHelp
        _refuse_the_name(sheet, incident)


def paper_of(row: PoliceSheet, incident: Incident) -> list[Part]:
    """All parts of the paper, in the language of the police; of a filed sheet the paper as it went.

    Raises as `refuse_what_tells_too_much` does: what came to the case later counts too.
    """
    with translation.override(PAPER_LANGUAGE):
        sheet = sheet_of(row, incident, answers=row.answers, files=usable_evidence(incident))
        filed = parts_as_filed(sheet.answers)
        if filed:
            return [*filed, *ending(sheet)]
        refuse_what_tells_too_much(sheet, incident)
        return [*paper(sheet), *ending(sheet)]


def kept_as_filed(sheet: Sheet) -> str:
    """The paper as it goes now, as a text to keep with the answers."""
    return json.dumps([[part.title, part.lines] for part in paper(sheet)])


def parts_as_filed(answers: Answers) -> list[Part]:
    """The paper as it went; empty where it did not go."""
    kept = json.loads(answers.get(AS_FILED) or "[]")
    return [Part(title, tuple((label, text) for label, text in lines)) for title, lines in kept]


def _refuse_the_name(sheet: Sheet, incident: Incident) -> None:
    """Raises NamesTheVictim where a word that will be on the paper says who was hit.

    Of a perpetrator only when the whole name is the same: the police need that name, and many share a part of one.
    """
    names, mails = _known_as(sheet, incident)
    for text, place, words in _where_a_name_may_stand(sheet):
        found = named_by(text, names, mails)
        if found:
            raise NamesTheVictim(words, found.word, place, is_ordinary=found.is_ordinary)
    for person in sheet.persons:
        if any(is_same_name(person, name) for name in names):
            raise NamesTheVictim(NamesTheVictim.perpetrator, person)


def _where_a_name_may_stand(sheet: Sheet) -> Iterator[tuple[str, Any, Any]]:
    """Each text for the paper, the question it answers, and in which words it is refused."""
    for name in TEXTS:
        yield sheet.answers.get(name, ""), SEVEN_WS.get(name) or BESIDE[name], NamesTheVictim.answer
    yield sheet.story, "", NamesTheVictim.story
    for witness in sheet.witness_names:
        yield witness, "", NamesTheVictim.witness


def _known_as(sheet: Sheet, incident: Incident) -> tuple[list[str], list[str]]:
    """The names and mail addresses of who was hit, as in the report and among the persons of the case. One query."""
    is_reporter = not incident.affected and not incident.affected_name and incident.reporter_is == ReporterIs.SELF
    user = incident.affected or (incident.reporter if is_reporter else None)
    names, mails = [sheet.victim, incident.affected_name], [user.email] if user else []
    if is_reporter or incident.reporter_contact is not None:  # else `contact` may be of who reported it for another
        mails += mails_in(incident.contact)
    hit = Involvement.objects.filter(incident=incident, role=InvolvedAs.AFFECTED).select_related("person")
    for person in (involvement.person for involvement in hit):
        names.append(person.sealed_name)
        mails += mails_in(*person.identifiers.get(IdentifierKind.EMAIL, []))
    return [name for name in names if name], mails


def _names_of(incident: Incident, chosen: Iterable[UUID]) -> tuple[str, ...]:
    """The names of those who were ticked and are still linked as perpetrator."""
    wanted = list(chosen)
    if not wanted:
        return ()
    rows = Involvement.objects.filter(incident=incident, role=InvolvedAs.PERPETRATOR, person__in=wanted)
    return tuple(row.person.sealed_name for row in rows.select_related("person") if row.person.sealed_name)


def _witness_names(incident: Incident, with_names: bool) -> tuple[str, ...]:
    told = incident.details.get("witness_names", "")
    if not with_names:
        return (told,) if told else ()
    asked = [witness.user.name for witness in incident.witnesses.select_related("user")]
    return tuple(dict.fromkeys(filter(None, [*asked, told])))


def _at_police(row: PoliceSheet) -> Lines:
    if row.filed_on is None:
        return ()
    lines = (
        (_("Filed on"), f"{row.filed_on:%d-%m-%Y}"),
        (_("Number of the police"), row.police_number),
        (_("Contact at the police"), row.contact),
        (_("Outcome"), row.get_outcome_display() if row.outcome else ""),
    )
    return tuple((str(label), text) for label, text in lines if text)
