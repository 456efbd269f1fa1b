"""The fields of letters: one table. What a template may name, what a form asks, and what must be there before it goes.

The names are Dutch because administrators type them in Word. Values are always text, as it stands in the letter.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from django.utils.translation import gettext_lazy as _

from incidents.letter_kinds import (
    AFTER_CONDUCT,
    ALL,
    AVG14,
    BAN,
    DAMAGE,
    END,
    LIMITS,
    MEASURES,
    NONE,
    OUTCOME,
    PAUSE,
    REACHES_PERPETRATOR,
    TALK,
    TERMS,
    K,
    LetterField,
)

PORTAL, CASE, PERSON = _("the portal"), _("the case"), _("what is kept of the person")
REACTION, WRITER, NOTHING = _("the reaction"), _("who makes the letter"), _("nothing: you fill it in")
OURS, OFFICE = _("a text of ours that you can change"), _("what the administrator filled in")

FIELDS: tuple[LetterField, ...] = (
    LetterField("datum", _("Date of the letter"), ALL, ALL, PORTAL, "24 november 2026"),
    LetterField("kenmerk", _("Reference"), ALL, ALL, CASE, "VW-2026-0001", help=_("The number of the case.")),
    LetterField("organisatie", _("Organisation"), ALL, ALL, PORTAL, "Gemeente Vlinderwaard"),
    LetterField(
        "organisatie_adres",
        _("Postal address of the organisation"),
        ALL,
        REACHES_PERPETRATOR,
        OFFICE,
        "Postbus 1\n1234 AB Vlinderwaard",
        is_long=True,
    ),
    LetterField(
        "geadresseerde",
        _("To whom, as it stands on the envelope"),
        ALL,
        ALL,
        PERSON,
        "De heer of mevrouw T. Voorbeeld",
        help=_("A letter about a minor goes to the parents or who cares for them."),
        names_someone=True,
    ),
    LetterField("naam", _("Name"), ALL, ALL, PERSON, "T. Voorbeeld", names_someone=True),
    LetterField(
        "adres",
        _("Address"),
        ALL,
        REACHES_PERPETRATOR,
        PERSON,
        "Voorbeeldstraat 1\n1234 AB Vlinderwaard",
        is_long=True,
        names_someone=True,
    ),
    LetterField("aanhef", _("Salutation"), ALL, ALL, PERSON, "Geachte heer of mevrouw Voorbeeld,", names_someone=True),
    LetterField(
        "voor_wie",
        _("About whom it is, when a parent reads it"),
        REACHES_PERPETRATOR,
        NONE,
        PERSON,
        "Deze brief gaat over T. Voorbeeld, voor wie u zorgt. Met “u” bedoelen wij T. Voorbeeld.",
        is_long=True,
        help=_("Needed in a letter about a minor, and left empty in each other one."),
        names_someone=True,
    ),
    LetterField(
        "gedrag",
        _("What happened"),
        AFTER_CONDUCT,
        AFTER_CONDUCT,
        REACTION,
        "U schreeuwde tegen een medewerker aan de balie en sloeg met uw hand op het glas.",
        is_long=True,
        help=_("Concrete and recent: what someone saw or heard. No name of who was hit; write “a colleague”."),
    ),
    LetterField(
        "gedrag_datum",
        _("When it happened"),
        AFTER_CONDUCT | AVG14,
        AFTER_CONDUCT | AVG14,
        REACTION,
        "23 november 2026",
    ),
    LetterField(
        "weerwoord",
        _("What the other side said"),
        MEASURES,
        NONE,
        REACTION,
        "U hebt ons verteld dat u al drie keer voor niets was gekomen.",
        is_long=True,
        help=_("Left empty, the letter asks to tell their side."),
    ),
    LetterField(
        "niet_gehoord",
        _("Why they were not heard"),
        MEASURES,
        NONE,
        REACTION,
        "Wij hebben u uitgenodigd om uw kant te vertellen. U bent niet gekomen of hebt niet geantwoord.",
        is_long=True,
        help=_("It stands in the letter only when what the other side said is empty."),
    ),
    LetterField(
        "afweging",
        _("Why this, and not less"),
        MEASURES,
        LIMITS,
        REACTION,
        "Wij hebben eerst met u gesproken. Daarna gebeurde het opnieuw.",
        is_long=True,
    ),
    LetterField(
        "basisdiensten",
        _("What stays available"),
        LIMITS,
        LIMITS,
        REACTION,
        "Een paspoort of rijbewijs vraagt u aan op afspraak. Bel daarvoor eerst.",
        is_long=True,
        help=_("Services that only the organisation gives stay available at all times."),
    ),
    LetterField(
        "voorwaarden",
        _("The conditions"),
        TERMS,
        TERMS,
        REACTION,
        "U neemt alleen per brief of e-mail contact op, met één vaste contactpersoon.",
        is_long=True,
        help=_("When service is paused: what is needed to go on."),
    ),
    LetterField("dienst", _("What is paused"), PAUSE, PAUSE, REACTION, "De gesprekken op ons kantoor", is_long=True),
    LetterField(
        "gebouwen",
        _("Which buildings and grounds"),
        BAN,
        BAN,
        REACTION,
        "Het gemeentehuis, Voorbeeldplein 1",
        is_long=True,
    ),
    LetterField("begin", _("From"), LIMITS | {K.BAN_END}, LIMITS | {K.BAN_END}, REACTION, "25 november 2026"),
    LetterField(
        "einde", _("Up to and including"), LIMITS | {K.BAN_END}, LIMITS | {K.BAN_END}, REACTION, "24 februari 2027"
    ),
    LetterField("maatregel", _("The measure that ends"), END, END, REACTION, "toegangsontzegging"),
    LetterField(
        "gestopt",
        _("How it stopped"),
        END,
        NONE,
        REACTION,
        "Wij hebben de maatregel eerder gestopt dan in onze brief stond.",
        is_long=True,
        help=_("Left empty, the letter says that the measure is still running."),
    ),
    LetterField(
        "afspraken",
        _("What was agreed for later"),
        frozenset({K.INVITATION, K.BAN_END, K.WARNING}),
        NONE,
        NOTHING,
        "Komt u langs? Maak dan eerst een afspraak.",
        is_long=True,
    ),
    LetterField("gesprek_wanneer", _("When the talk is"), TALK, TALK, NOTHING, "dinsdag 1 december 2026, 10.00 uur"),
    LetterField("gesprek_waar", _("Where the talk is"), TALK, TALK, NOTHING, "het gemeentehuis, Voorbeeldplein 1"),
    LetterField("gesprek_met", _("Who is there, by function"), TALK, TALK, NOTHING, "de teamleider Publiekszaken"),
    LetterField(
        "gegevens",
        _("Which data are kept"),
        MEASURES | AVG14,
        MEASURES | AVG14,
        OURS,
        "Uw naam en adres, wat er is gemeld en wat wij daarna hebben gedaan.",
        is_long=True,
    ),
    LetterField(
        "bewaartermijn",
        _("How long they are kept"),
        MEASURES | AVG14,
        MEASURES | AVG14,
        OURS,
        "2 jaar na het laatste voorval, of na het einde van een maatregel",
        help=_("Ask your data protection officer which term your organisation has set."),
    ),
    LetterField(
        "grondslag",
        _("On which ground they are kept"),
        *(AVG14, AVG14, OFFICE),
        "een taak van algemeen belang (artikel 6, eerste lid, onder e, van de AVG)",
    ),
    LetterField(
        "fg", _("Data protection officer: how to reach"), MEASURES | AVG14, AVG14, OFFICE, "fg@vlinderwaard.invalid"
    ),
    LetterField(
        "schade",
        _("What was damaged"),
        DAMAGE,
        DAMAGE,
        CASE,
        "Een glazen scherm van de balie",
        is_long=True,
        help=_("What the person hit lost only when they asked you to claim it. Nothing about their health."),
    ),
    LetterField("schade_bedrag", _("Amount"), DAMAGE, DAMAGE, CASE, "€ 450,00"),
    LetterField("betalen_voor", _("Pay before"), DAMAGE, DAMAGE, NOTHING, "24 december 2026"),
    LetterField("rekening", _("Account of the organisation (IBAN)"), DAMAGE, DAMAGE, NOTHING, "NL00 BANK 0123 4567 89"),
    LetterField(
        "wat_gemeld",
        _("What was reported, to who reads it"),
        OUTCOME,
        OUTCOME,
        CASE,
        "U hebt bij ons gemeld wat u is overkomen. Dank u wel daarvoor.",
        is_long=True,
    ),
    LetterField(
        "uitkomst",
        _("What was done"),
        OUTCOME,
        OUTCOME,
        CASE,
        "Wij hebben een gesprek gevoerd en een brief gestuurd.",
        is_long=True,
        help=_("Nothing by which someone knows who did it."),
    ),
    LetterField(
        "hulp",
        _("Where to find help"),
        OUTCOME,
        NONE,
        OFFICE,
        "Het collegiaal opvangteam: 5556",
    ),
    LetterField(
        "contact",
        _("Whom to call: function and number"),
        ALL,
        ALL,
        WRITER,
        "de VPD-adviseur, telefoon 14 0123",
        help=_("Never the name or number of who was hit."),
    ),
    LetterField(
        "ondertekenaar",
        _("Who signs: name"),
        ALL,
        ALL,
        _("the reaction, or who makes the letter"),
        "M. Voorbeeld",
        names_someone=True,
    ),
    LetterField("functie", _("Who signs: function"), ALL, NONE, WRITER, "Teamleider Publiekszaken", names_someone=True),
)
BY_NAME: dict[str, LetterField] = {field.name: field for field in FIELDS}


def fields_of(kind: str) -> list[LetterField]:
    """The fields of this kind of letter, in the order of the form."""
    return [field for field in FIELDS if kind in field.kinds]


def needed_of(kind: str) -> list[LetterField]:
    """The fields without which a letter of this kind does not go."""
    return [field for field in FIELDS if kind in field.needed]


def still_empty(kind: str, values: dict[str, str], *, is_minor: bool = False) -> list[LetterField]:
    """The needed fields that hold nothing yet. Parents who read a letter about their child are told that it is."""
    asked = needed_of(kind) + ([BY_NAME["voor_wie"]] if is_minor and kind in REACHES_PERPETRATOR else [])
    return [field for field in asked if not values.get(field.name, "").strip()]


def examples_of(kind: str, names: Iterable[str] | None = None) -> dict[str, str]:
    """A made-up value for each field of this kind; only `names` are filled when given."""
    return {field.name: field.example if names is None or field.name in names else "" for field in fields_of(kind)}


def nearest(name: str, kind: str) -> str:
    """The field of this kind whose name is most like what someone typed; "" where none is."""
    names = [field.name for field in fields_of(kind)]
    return next(iter(get_close_matches(name.casefold(), names, n=1, cutoff=0.6)), "")
