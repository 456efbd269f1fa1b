"""What stands in the fields of a letter before anyone changed it, and whose names may not stand in it.

Letters are Dutch, whatever language who makes them reads. What goes to the perpetrator never takes anything from the
report itself: the conduct comes from the reaction, in which an adviser wrote it down without names (AVG 15(4)).
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.template.defaultfilters import date as as_date
from django.utils import timezone, translation

from incidents.actions.letter_refusals import NamesSomeone
from incidents.actions.letter_words import (
    Receiver,
    about_a_minor,
    damage_of,
    how_it_ended,
    last_day,
    receivers_of,
    their_side,
    what_was_reported,
)
from incidents.letter_fields import BY_NAME, fields_of
from incidents.letter_kinds import REACHES_PERPETRATOR, LetterField
from incidents.models import DamageLine, Incident, Involvement, Person, Reaction
from incidents.vocabulary import DamageOf, InvolvedAs, LetterKind, PersonKind, ReactionKind
from vpdportal.accounts.models import User

KEPT_DATA = {
    "": "Uw naam en adres, wat er is gemeld, en wat wij daarna hebben gedaan.",
    LetterKind.BAN: "Uw naam en adres, wat er is gemeld, deze toegangsontzegging, en wat wij verder hebben gedaan.",
}
KEPT_FOR = "2 jaar na het laatste voorval, of na het einde van een maatregel"  # handbook 7.2 [OWN]
MEASURES = {
    ReactionKind.CONDITIONS: "voorwaarden aan hoe wij contact hebben",
    ReactionKind.PAUSE: "een tijdelijke stop van een deel van onze dienstverlening",
    ReactionKind.BAN: "toegangsontzegging",
}
SCOPE_FIELD = {  # which field of its letter says how far a reaction reaches
    LetterKind.CONDITIONS: "voorwaarden",
    LetterKind.PAUSE: "dienst",
    LetterKind.BAN: "gebouwen",
}


def first_values(
    *,
    incident: Incident,
    kind: LetterKind,
    person: Person | None,
    reaction: Reaction | None,
    by: User,
    now: datetime,
    receiver: Receiver | None = None,
) -> dict[str, str]:
    """A value for each field of the kind; "" where nothing is known of it. `receiver`: of the outcome."""
    known = {
        "datum": dutch_day(timezone.localdate(now)),
        "kenmerk": incident.reference,
        "organisatie": incident.organisation.name,
        "organisatie_adres": incident.organisation.postal_address,
        "gedrag_datum": dutch_day(timezone.localdate(incident.occurred_at)),
        "gegevens": KEPT_DATA.get(kind, KEPT_DATA[""]),
        "bewaartermijn": KEPT_FOR,
        "grondslag": incident.organisation.processing_ground,
        "fg": incident.organisation.data_officer,
        "contact": _whom_to_call(by),
        "ondertekenaar": by.name,
        "functie": "VPD-adviseur",
    }
    if kind not in REACHES_PERPETRATOR:
        known |= _of_outcome(incident, receiver or receivers_of(incident)[0])
    elif person is not None:
        known |= _of_person(person, kind)
    if reaction is not None:
        known |= _of_reaction(reaction, kind, by)
    if kind == LetterKind.DAMAGE:
        known |= damage_of(_lines_with_words(incident))
    return {field.name: known.get(field.name, "") for field in fields_of(kind)}


def _of_outcome(incident: Incident, receiver: Receiver) -> dict[str, str]:
    name = incident.reporter.name
    if receiver == Receiver.HIT:
        name = incident.affected.name if incident.affected else incident.affected_name
    return {
        "geadresseerde": name,
        "naam": name,
        "aanhef": f"Beste {name},",
        "wat_gemeld": what_was_reported(incident, receiver),
        "uitkomst": incident.outcome,
        "hulp": f"Het collegiaal opvangteam: {incident.organisation.support_contact}."
        if incident.organisation.support_contact
        else "",
    }


def _of_person(person: Person, kind: LetterKind) -> dict[str, str]:
    name = person.sealed_name.strip()
    if person.is_minor:
        to, salutation = f"Aan de ouder(s) of verzorger(s) van {name}", "Geachte ouder(s) of verzorger(s),"
    elif person.kind == PersonKind.BUSINESS or not name:
        to, salutation = name, "Geachte heer of mevrouw,"
    else:
        to, salutation = name, f"Geachte heer of mevrouw {name},"
    return {
        "geadresseerde": to if name else "",
        "naam": name,
        "adres": person.sealed_address,
        "aanhef": salutation,
        "voor_wie": about_a_minor(person, kind),
    }


def _of_reaction(reaction: Reaction, kind: LetterKind, by: User) -> dict[str, str]:
    signer = reaction.signer
    found = {
        "gedrag": reaction.conduct,
        "gedrag_datum": dutch_day(reaction.conduct_on),
        "afweging": reaction.proportionality,
        "basisdiensten": reaction.core_services,
        "begin": dutch_day(reaction.holds_from if kind == LetterKind.BAN_END else reaction.starts_on),
        "einde": dutch_day(last_day(reaction) if kind == LetterKind.BAN_END else reaction.ends_on),
        "gestopt": how_it_ended(reaction),
        "maatregel": MEASURES.get(ReactionKind(reaction.kind), ""),
    }
    found |= their_side(reaction)
    if kind in SCOPE_FIELD:
        found[SCOPE_FIELD[kind]] = reaction.scope
    if signer is not None:
        found |= {"ondertekenaar": signer.name, "functie": "VPD-adviseur" if signer.pk == by.pk else ""}
    return found


def _lines_with_words(incident: Incident) -> Iterator[tuple[DamageLine, str]]:
    """Words of the organisation's own damage, where they name nobody; of the person hit only the kind is told."""
    names = _unnamed(incident, LetterKind.DAMAGE)
    for line in incident.damage_lines.all():
        is_told = line.of == DamageOf.ORGANISATION and not _holds(line.words, names)
        yield line, line.words if is_told else ""


def _whom_to_call(by: User) -> str:
    return f"de VPD-adviseur, telefoon {by.phone}" if by.phone else ""


def dutch_day(day: date | None) -> str:
    """As it stands in a letter: "4 november 2026"."""
    with translation.override("nl"):
        return as_date(day, "j F Y") if day else ""


# --- whose names may not stand in it --------------------------------------------------------------------


def refuse_names(*, incident: Incident, kind: LetterKind, values: dict[str, str]) -> None:
    """Raises NamesSomeone when someone stands in a letter who may not be named there.

    To the perpetrator: who was hit, who reported it, who saw it. To the reporter: who did it. Whole names only; the
    fields that say to whom and from whom it is may hold any name.
    """
    judged = [BY_NAME[name] for name in values if name in BY_NAME and not BY_NAME[name].names_someone]
    names = _unnamed(incident, kind)
    _refuse([field for field in judged if _holds(values[field.name], names)], kind)


def refuse_names_in_text(*, incident: Incident, kind: LetterKind, values: dict[str, str], text: str) -> None:
    """The same for a whole letter that was changed in Word. A name of the receiver or the signer is no fault."""
    own = {_plain(values.get(name, "")) for name in ("naam", "ondertekenaar")}
    names = [name for name in _unnamed(incident, kind) if _plain(name) not in own]
    _refuse([BY_NAME["uitkomst" if kind == LetterKind.OUTCOME else "gedrag"]] if _holds(text, names) else [], kind)


def _refuse(found: Iterable[LetterField], kind: LetterKind) -> None:
    labels = [field.label for field in found]
    if labels:
        raise NamesSomeone(labels, is_of_perpetrator=kind not in REACHES_PERPETRATOR)


def _unnamed(incident: Incident, kind: LetterKind) -> list[str]:
    involved = Involvement.objects.filter(incident=incident).select_related("person")
    is_outcome = kind not in REACHES_PERPETRATOR
    names = [one.person.sealed_name for one in involved if (one.role == InvolvedAs.PERPETRATOR) == is_outcome]
    if not is_outcome:
        witnesses = incident.witnesses.select_related("user")
        names += [incident.affected_name, incident.reporter.name, *(one.user.name for one in witnesses)]
        names += [incident.affected.name] if incident.affected else []
    return [name for name in names if len(_plain(name)) > 3]


def _holds(text: str, names: Iterable[str]) -> bool:
    plain = _plain(text)
    return any(re.search(rf"(?<!\w){re.escape(_plain(name))}(?!\w)", plain) for name in names)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
