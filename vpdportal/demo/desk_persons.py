"""People outside the organisation in the demonstration, known again over several cases. Their names say: invented."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from guidance.vocabulary import Relation
from incidents.actions.informing import put_off_telling, tell_person
from incidents.actions.person_openings import open_person
from incidents.actions.person_records import Kept, add_reading, change_person, kept_of, mark_of_record
from incidents.actions.persons import Typed, link_person, make_person
from incidents.models import Person
from incidents.models.person import Identifiers
from incidents.vocabulary import DelayGround, OpeningPurpose, PersonKind
from vpdportal.demo.desk import Desk


@dataclass(frozen=True)
class Invented:
    """Someone who does not exist."""

    name: str
    identifiers: Identifiers
    address: str
    relation: Relation = Relation.CITIZEN
    kind: PersonKind = PersonKind.PERSON

    @property
    def typed(self) -> Typed:
        return Typed(name=self.name, identifiers=self.identifiers, kind=self.kind, relation=self.relation)


KEES = Invented(
    "Kees Verzonnen",
    {"name_birth": ["Kees Verzonnen 1980-02-01"], "phone": ["06-00000021"], "address": ["1234 AB 7"]},
    "Verzinstraat 7\n1234 AB Vlinderwaard",
)
BUSINESS = Invented(
    "Bedrijf Bedacht BV",
    {"email": ["kantoor@bedacht.invalid"], "phone": ["06-00000022"], "plate": ["XX-000-X"]},
    "Bedenkweg 3\n1234 AB Vlinderwaard",
    Relation.BUSINESS,
    PersonKind.BUSINESS,
)
TESS = Invented("Tess Testpersoon", {"name_birth": ["Tess Testpersoon 1996-05-04"], "client": ["TEST-0001"]}, "")
FRITS = Invented(
    "Frits Fictief",
    {"name_birth": ["Frits Fictief 1971-11-30"], "phone": ["06-00000023"]},
    "Fantasielaan 5\n1234 AB Droomdijk",
)
# Who did what, in the order of the days.
TOWN_LINKS = (
    ("conditions", BUSINESS),
    ("talk", KEES),
    ("ban", KEES),
    ("draft", BUSINESS),
    ("warning", KEES),
    ("second", TESS),
)
WATER_LINKS = (("dike", FRITS),)
LINKS = {"vlinderwaard": TOWN_LINKS, "droomdijk": WATER_LINKS}
TOLD = (("conditions", 145), ("talk", 66), ("ban", 45))  # days ago
LOOKED_UP_AFTER = timedelta(hours=4)
NOTE = "Spreekt het liefst met één vaste contactpersoon. Kan slecht tegen wachten."
READING = "Ik had drie keer voor niets in de rij gestaan. Dat maakte mij boos. Die bril was niet de bedoeling."


def know_persons(desk: Desk) -> None:
    """Link each to the cases, make the record with the first one, and fill in where a letter goes."""
    known: dict[str, Person] = {}
    for name, invented in LINKS[desk.organisation.slug]:
        incident = desk.case(name)
        at = incident.reported_at + LOOKED_UP_AFTER
        if invented.name in known:
            person = known[invented.name]
            involved = link_person(incident=incident, person=person, typed=invented.typed, by=desk.adviser, now=at)
        else:
            involved = make_person(incident=incident, typed=invented.typed, seen=set(), by=desk.adviser, now=at)
            known[invented.name] = involved.person
            _fill_in(desk, involved.person, invented, at)
        desk.involved[name] = involved


def tell_persons(desk: Desk) -> None:
    """Who did it earlier was told that it is kept, one was put off; who did it last still has to be told."""
    for name, days in TOLD:
        involved = desk.involved[name]
        tell_person(involvement=involved, on=desk.day(days=days), by=desk.adviser, now=desk.ago(days=days))
    reason = "Het gesprek met de politie is morgen. Eerst horen wat zij zelf tegen haar zeggen."
    put_off_telling(
        involvement=desk.involved["second"], ground=DelayGround.INQUIRY, reason=reason, until=desk.day(days=-20),
        by=desk.adviser, now=desk.ago(hours=8),
    )  # fmt: skip
    _hear(desk, desk.involved["ban"].person, desk.ago(days=43))


def _fill_in(desk: Desk, person: Person, invented: Invented, at: datetime) -> None:
    if not invented.address:
        return
    _open(desk, person, OpeningPurpose.CORRECT, "Het adres aanvullen", at)
    person.refresh_from_db()
    note = NOTE if invented is KEES else ""
    kept = Kept(**{**vars(kept_of(person)), "address": invented.address, "note": note})
    change_person(person=person, kept=kept, seen=mark_of_record(person), by=desk.adviser, now=at)


def _hear(desk: Desk, person: Person, at: datetime) -> None:
    _open(desk, person, OpeningPurpose.HANDLE, "Zijn kant van het verhaal opschrijven", at)
    add_reading(person=person, words=READING, by=desk.adviser, now=at)


def _open(desk: Desk, person: Person, purpose: OpeningPurpose, reason: str, at: datetime) -> None:
    open_person(person=person, purpose=purpose, reason=reason, incident=None, by=desk.adviser, now=at)
