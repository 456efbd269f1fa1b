"""What stands in the file beside the rows: what it holds and by what it is known to be whole, and how to read it."""

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from incidents.actions.moving.kinds import LEFT_OUT, OURS, STAYS, Kind
from incidents.actions.moving.lines import dumped, schema_of

FORM = 1
MANIFEST, README, SCHEMA, ROWS, FILES = "manifest.json", "README.txt", "schema.json", "rows", "files"


class MoveRefused(Exception):
    """It cannot be taken out or brought in; the message says why and what to do."""


@dataclass(frozen=True)
class Part:
    """The rows of one kind, or one file: how many, or how large in bytes, and the SHA-256 of the content."""

    number: int
    sha256: str


@dataclass
class Manifest:
    """`migrations`: the last one of each app, by which it is known whether the columns fit."""

    made_at: str
    organisation: dict[str, str]
    migrations: dict[str, str]
    rows: dict[str, Part] = field(default_factory=dict)
    files: dict[str, Part] = field(default_factory=dict)

    @property
    def organisation_id(self) -> UUID:
        return UUID(self.organisation["id"])

    @property
    def digest(self) -> str:
        """Of all content and of nothing else: the same for the same organisation, wherever and whenever it is made."""
        parts = {name: asdict(part) for name, part in (*self.rows.items(), *self.files.items())}
        return hashlib.sha256(dumped(parts).encode()).hexdigest()

    def to_json(self) -> str:
        return dumped({"form": FORM, **asdict(self), "digest": self.digest})

    @classmethod
    def from_data(cls, data: Any) -> "Manifest":
        """Raises MoveRefused."""
        try:
            form, digest = data.pop("form"), data.pop("digest")
            rows, files = ({key: Part(**one) for key, one in data.pop(name).items()} for name in ("rows", "files"))
            found = cls(rows=rows, files=files, **data)
            UUID(found.organisation["id"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise MoveRefused("This is no export of an organisation: its manifest cannot be read.") from error
        if form != FORM or digest != found.digest:
            raise MoveRefused("The manifest is of another form, or was changed.")
        return found


def rows_name(kind: Kind) -> str:
    return f"{ROWS}/{kind.label}.jsonl"


def present_migrations() -> dict[str, str]:
    """Of our own apps."""
    applied: Any = MigrationRecorder(connection).applied_migrations()
    return {app: name for app, name in sorted(applied) if app in OURS}


def schema(kinds: list[Kind]) -> str:
    described = {kind.label: schema_of(kind) for kind in kinds}
    return dumped({"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": described})


def readme(kinds: list[Kind], name: str) -> str:
    """In Dutch and English, for who opens it in twenty years."""
    stays = "\n".join(f"- {label}: {why}" for label, why in STAYS.items())
    columns = "\n".join(f"- {label}: {', '.join(names)}" for label, names in LEFT_OUT.items())
    listed = "\n".join(f"- {rows_name(kind)}: {_first_line(kind)}" for kind in kinds)
    return f"""{name}

NEDERLANDS
Dit is alles wat het VPD-portaal van deze organisatie bewaart. Elk bestand in de map rows is één soort gegevens:
één regel JSON per rij, gesorteerd op sleutel, UTF-8. schema.json beschrijft de kolommen (JSON Schema). In de map
files staan de bewijsstukken en brieven zoals ze binnenkwamen; de naam is het pad dat bij de rij hoort
(organisatie/sleutel, met .view voor de kopie om te bekijken, en letters/ voor brieven). manifest.json noemt van
alles het aantal en de SHA-256. Tijden zijn in UTC, bedragen in centen. Het leest zonder portaal.
Terugzetten: python manage.py import_organisation BESTAND.
LET OP: dit zijn gezondheids- en strafrechtelijke gegevens. Bewaar het versleuteld en niet langer dan nodig.

ENGLISH
This is all that the VPD portal keeps of this organisation. Each file in rows is one kind of data: a line of JSON
for each row, ordered by key, UTF-8. schema.json describes the columns (JSON Schema). In files stand the evidence
and the letters as they came in. manifest.json has the number and the SHA-256 of everything. Moments are in UTC,
amounts in cents. To bring it back: python manage.py import_organisation FILE.

{listed}

Not in it, and why / Staat er niet in, en waarom
{stays}
Columns left out (how people sign in) / Weggelaten kolommen (hoe mensen inloggen)
{columns}
"""


def _first_line(kind: Kind) -> str:
    return (kind.model.__doc__ or "").strip().splitlines()[0]
