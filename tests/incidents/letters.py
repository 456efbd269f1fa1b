"""What tests of letters make: people, reactions, Word documents good and bad, and how they are read back."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from docx import Document

from incidents.actions.letter_values import first_values
from incidents.actions.letters import NewLetter, make_letter
from incidents.letter_fields import examples_of
from incidents.models import Incident, Involvement, Letter, Person, Reaction
from incidents.vocabulary import LetterKind
from tests import clock
from tests.world import Place

SUSPECT = "Teun Verzonnen"
ADDRESS = "Verzinstraat 7\n1234 AB Vlinderwaard"
VICTIM = "Eva Voorbeeld-Geheim"
WORD = "word/document.xml"


def make_person(town: Place, incident: Incident, name: str = SUSPECT, **more: Any) -> Person:
    """Someone who did it, linked to the case."""
    person = Person(organisation=town.organisation, created_at=clock.now(), created_by=town.adviser, **more)
    person.sealed_name, person.sealed_address = name, ADDRESS
    person.save()
    Involvement(
        organisation=town.organisation,
        incident=incident,
        person=person,
        role="perpetrator",
        at=clock.now(),
        by=town.adviser,
    ).save()
    return person


def make_reaction(
    town: Place, incident: Incident, person: Person, kind: str = "ban", status: str = "signed"
) -> Reaction:
    today = timezone.localdate(clock.now())
    reaction = Reaction(
        organisation=town.organisation,
        incident=incident,
        person=person,
        kind=kind,
        status=status,
        conduct_on=today,
        hearing="heard",
        drafted_at=clock.now(),
        drafted_by=town.adviser,
        signer=town.management,
        starts_on=today,
        ends_on=today + timedelta(days=90),
        ended_at=clock.now() if status == "ended" else None,
        end_kind="expired" if status == "ended" else "",
    )
    reaction.conduct = "U sloeg met uw vuist op de balie."
    reaction.hearing_words = "U vertelde dat u lang had gewacht."
    reaction.proportionality = "Een gesprek hielp niet."
    reaction.core_services = "Een paspoort kan op afspraak."
    reaction.scope = "Het gemeentehuis"
    reaction.save()
    return reaction


def make(town: Place, incident: Incident, kind: str = "invitation", **more: Any) -> Letter:
    """A letter by the real action, with an example in each field, unless told otherwise."""
    values = {**examples_of(kind), **more.pop("values", {})}
    new = NewLetter(uuid4(), incident, LetterKind(kind), values, **more)
    return make_letter(new=new, by=town.adviser, now=clock.now())


def first(
    town: Place, incident: Incident, kind: str, person: Person | None, reaction: Reaction | None
) -> dict[str, str]:
    return first_values(
        incident=incident, kind=LetterKind(kind), person=person, reaction=reaction, by=town.adviser, now=clock.now()
    )


def docx(*paragraphs: str | list[str], table: str = "", footer: str = "") -> bytes:
    """A Word document; a list is one paragraph whose text is cut over so many runs."""
    document = Document()
    for text in paragraphs:
        paragraph = document.add_paragraph()
        for run in [text] if isinstance(text, str) else text:
            paragraph.add_run(run)
    if table:
        document.add_table(1, 1).cell(0, 0).text = table
    if footer:
        document.sections[0].footer.paragraphs[0].text = footer
    kept = BytesIO()
    document.save(kept)
    return kept.getvalue()


def changed(content: bytes, **parts: Any) -> bytes:
    """The same archive with other parts: a name → bytes, or a function of what is in it."""
    kept = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(kept, "w", ZIP_DEFLATED) as new:
        wanted = dict(parts.pop("parts"))
        for name in old.namelist():
            part = wanted.pop(name, old.read(name))
            new.writestr(name, part(old.read(name)) if callable(part) else part)
        for name, part in wanted.items():
            new.writestr(name, part)
    return kept.getvalue()


def with_xml(content: bytes, inside: str) -> bytes:
    """The document with this XML as the first thing in its body."""
    return changed(content, parts={WORD: lambda old: old.replace(b"<w:body>", b"<w:body>" + inside.encode())})


def read(content: bytes) -> str:
    """All text of a .docx, tables and feet too."""
    document = Document(BytesIO(content))
    paragraphs = list(document.paragraphs)
    for table in document.tables:
        paragraphs += [p for row in table.rows for cell in row.cells for p in cell.paragraphs]
    for section in document.sections:
        paragraphs += [*section.header.paragraphs, *section.footer.paragraphs]
    return "\n".join(paragraph.text for paragraph in paragraphs)


def upload(content: bytes, name: str = "brief.docx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)
