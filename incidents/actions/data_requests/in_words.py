"""What a column holds as codes and keys, as lines that a person reads: facts, police sheet, letters, identifiers."""

from collections.abc import Iterator

from guidance.explaining import fact_text
from incidents.actions.data_requests.subjects import Answers, as_lines
from incidents.actions.police_content import parts_as_filed
from incidents.letter_fields import FIELDS
from incidents.models import Incident, LetterVersion, Person, PoliceSheet
from incidents.police_sheet import BESIDE, SEVEN_WS
from incidents.vocabulary import IdentifierKind

LETTER_LABELS = {field.name: field.label for field in FIELDS}


def facts_of_report(incident: Incident) -> str:
    return as_lines((known.label, fact_text(known.name, value)) for known, value in incident.facts.known())


def details_of_report(incident: Incident) -> Answers:
    """As answers of the form: what was ticked stands there with commas between."""
    return {name: text.split(",") if name == "actions_taken" else [text] for name, text in incident.details.items()}


def police_sheet(sheet: PoliceSheet) -> str:
    """The answers, and the paper as it went. Not who changed it, nor the keys of who stands on it."""
    return as_lines(_told_to_police(sheet))


def _told_to_police(sheet: PoliceSheet) -> Iterator[tuple[object, str]]:
    answers = sheet.answers
    for name, label in {**SEVEN_WS, **BESIDE}.items():
        yield label, answers.get(name, "")
    for part in parts_as_filed(answers):
        yield from ((f"{part.title}, {label}", text) for label, text in part.lines)


def letter(version: LetterVersion) -> str:
    return as_lines((LETTER_LABELS.get(name, name), text) for name, text in version.values.items())


def identifiers(person: Person) -> str:
    return as_lines((IdentifierKind(kind).label, ", ".join(values)) for kind, values in person.identifiers.items())
