"""The people and places of the demonstration. All invented; the surnames say so, the addresses cannot exist."""

from dataclasses import dataclass

from vpdportal.accounts.actions import NewOrganisation
from vpdportal.accounts.roles import Role

TOWN = NewOrganisation(
    name="Gemeente Vlinderwaard (voorbeeld)",
    slug="vlinderwaard",
    kind="municipality",
    reference_prefix="VW",
    internal_alarm="5555",
    emergency_instruction="Ga naar de veilige ruimte achter de balie.",
    confidant="Vera Vertrouwen, 06-00000003",
    support_contact="Opvangteam, 06-00000002",
)
WATER = NewOrganisation(
    name="Waterschap Droomdijk (voorbeeld)",
    slug="droomdijk",
    kind="water_board",
    reference_prefix="WD",
    internal_alarm="112 en daarna 900",
    emergency_instruction="Ga terug naar de auto en rijd weg.",
    confidant="Vera Vertrouwen, 06-00000003",
)
DEPARTMENTS = {
    TOWN.slug: {
        "Publiekszaken": 60,
        "Sociaal domein": 120,
        "Handhaving": 40,
        "Buitendienst": 80,
        "Griffie en bestuur": 25,
        "Bedrijfsvoering": 90,
        "Balie Burgerzaken": 22,
        "Belastingen": 18,
        "Team Parkeren": 8,  # too small for figures of its own
    },
    WATER.slug: {"Beheer en toezicht": 45, "Vergunningen": 20},
}
PART_OF = {"Balie Burgerzaken": "Publiekszaken", "Belastingen": "Publiekszaken", "Team Parkeren": "Handhaving"}


@dataclass(frozen=True)
class Person:
    """Someone, and what they are: (organisation, role, department)."""

    name: str
    roles: tuple[tuple[str, Role, str | None], ...]
    phone: str = ""
    is_listed: bool = True

    @property
    def email(self) -> str:
        return self.name.lower().replace(" ", ".") + "@voorbeeld.invalid"


def _in_town(name: str, role: Role, department: str | None = None, **more: object) -> Person:
    return Person(name, ((TOWN.slug, role, department),), **more)  # type: ignore[arg-type]


PEOPLE = (
    _in_town("Sanne Madelief", Role.EMPLOYEE, "Publiekszaken"),
    _in_town("Joris Kikker", Role.EMPLOYEE, "Sociaal domein"),
    Person("Noor Zonnestraal", ((TOWN.slug, Role.ADVISER, None), (WATER.slug, Role.ADVISER, None)), "06-00000001"),
    _in_town("Bram Maanlicht", Role.DEPUTY, phone="06-00000004"),
    _in_town("Karin Kompas", Role.MANAGER, "Publiekszaken"),
    _in_town("Omar Ooievaar", Role.SUPPORT),
    _in_town("Lieke Letter", Role.LEGAL),
    _in_town("Dirk Dagboek", Role.MANAGEMENT),
    _in_town("Anouk Sleutelbos", Role.ADMINISTRATOR),
    _in_town("Guus Vergrootglas", Role.AUDITOR),
    _in_town("Arie Aantal", Role.ANALYST),
    Person("Wout Waterlelie", ((WATER.slug, Role.EMPLOYEE, "Beheer en toezicht"),)),
    Person("Dora Dijkgraaf", ((WATER.slug, Role.MANAGEMENT, None),)),
    Person("Anton Anker", ((WATER.slug, Role.ADMINISTRATOR, None),)),
    _in_town("Milan Mosterd", Role.EMPLOYEE, "Handhaving", is_listed=False),
    _in_town("Yara Ijsvogel", Role.EMPLOYEE, "Buitendienst", is_listed=False),
    _in_town("Rik Raadhuis", Role.EMPLOYEE, "Griffie en bestuur", is_listed=False),
    _in_town("Esra Eekhoorn", Role.EMPLOYEE, "Bedrijfsvoering", is_listed=False),
    _in_town("Bas Balletje", Role.EMPLOYEE, "Balie Burgerzaken", is_listed=False),
    _in_town("Tess Theepot", Role.EMPLOYEE, "Belastingen", is_listed=False),
    _in_town("Pim Parkeerpaal", Role.EMPLOYEE, "Team Parkeren", is_listed=False),
    _in_town("Peter Pinguin", Role.EMPLOYEE, "Sociaal domein", is_listed=False),
    Person("Nina Nimf", ((WATER.slug, Role.EMPLOYEE, "Vergunningen"),), is_listed=False),
)
