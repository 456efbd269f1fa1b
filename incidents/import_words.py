"""The words of other registrations: which heading is which column, and which word is which code. All [OWN].

Headings and words as they stand in sheets of the GIR and its kind, beside those of the portal itself in both languages.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.utils.translation import override

from guidance.vocabulary import Behaviour, Channel, Motive, TargetGroup
from incidents.vocabulary import ImportField, ReportKind

HEADINGS: dict[ImportField, tuple[str, ...]] = {
    ImportField.NUMBER: ("nummer", "meldingsnummer", "incidentnummer", "zaaknummer", "kenmerk", "id", "number", "nr"),
    ImportField.OCCURRED_ON: ("datum", "datum incident", "incidentdatum", "datum voorval", "date", "wanneer"),
    ImportField.OCCURRED_TIME: ("tijd", "tijdstip", "tijd incident", "tijdstip incident", "time"),
    ImportField.REPORTED_ON: ("datum melding", "meldingsdatum", "gemeld op", "datum gemeld", "reported"),
    ImportField.CLOSED_ON: ("datum afgesloten", "datum gesloten", "afgesloten op", "datum afhandeling", "closed"),
    ImportField.KIND: ("soort", "soort melding", "type melding", "incident of bijna incident", "kind"),
    ImportField.BEHAVIOUR: (
        *("gedrag", "soort agressie", "vorm van agressie", "type agressie", "aard", "aard incident", "soort incident"),
        *("agressievorm", "type incident", "behaviour", "categorie"),
    ),
    ImportField.SEVERITY: ("ernst", "zwaarte", "niveau", "severity", "gradatie"),
    ImportField.CHANNEL: ("kanaal", "kanaal of plaats", "wijze", "contactvorm", "waar of hoe", "channel"),
    ImportField.TARGET_GROUP: ("functie", "functiegroep", "doelgroep", "werk", "beroepsgroep", "target group"),
    ImportField.MOTIVE: ("motief", "aanleiding", "motive"),
    ImportField.PERPETRATOR_KNOWN: ("dader bekend", "veroorzaker bekend", "perpetrator known"),
    ImportField.INJURY: ("letsel", "gewond", "verwonding", "injury"),
    ImportField.WEAPON: ("wapen", "wapen gebruikt", "weapon"),
    ImportField.DAMAGE: ("schade", "materiele schade", "damage"),
    ImportField.DEPARTMENT: ("afdeling", "team", "organisatieonderdeel", "dienst", "department"),
    ImportField.PLACE: ("locatie", "plaats", "plek", "adres incident", "place", "location"),
    ImportField.STORY: ("omschrijving", "beschrijving", "toelichting", "wat is er gebeurd", "verhaal", "description"),
    ImportField.AFFECTED_NAME: ("slachtoffer", "naam slachtoffer", "medewerker", "naam medewerker", "getroffene"),
    ImportField.PERPETRATOR: ("dader", "veroorzaker", "naam dader", "omschrijving dader", "perpetrator"),
    ImportField.OUTCOME: ("afhandeling", "genomen maatregelen", "maatregel", "maatregelen", "resultaat", "outcome"),
    ImportField.REMARK: ("opmerking", "opmerkingen", "notitie", "remark"),
}
WORDS: dict[ImportField, tuple[Any, dict[str, str]]] = {
    ImportField.KIND: (
        ReportKind,
        {"bijna incident": "near_miss", "bijna ongeval": "near_miss", "agressie incident": "incident"},
    ),
    ImportField.BEHAVIOUR: (
        Behaviour,
        {
            **dict.fromkeys(
                ("verbaal", "verbaal geweld", "verbale agressie", "schelden", "scheldpartij"), "verbal_abuse"
            ),
            **dict.fromkeys(("belediging", "beledigen", "smaad", "laster"), "insult"),
            **dict.fromkeys(("intimidatie", "intimideren", "persoonsgericht"), "intimidation"),
            **dict.fromkeys(("bedreiging", "bedreigen", "dreiging", "serieuze bedreiging"), "threat"),
            **dict.fromkeys(("discriminatie", "racisme"), "discrimination"),
            **dict.fromkeys(("seksuele intimidatie", "seksueel", "seksueel geweld", "aanranding"), "sexual_harassment"),
            **dict.fromkeys(("stalking", "belaging", "stalken", "lastigvallen"), "stalking"),
            **dict.fromkeys(("doxing", "doxxing"), "doxing"),
            **dict.fromkeys(("online agressie", "sociale media", "internet", "online"), "online_hate"),
            **dict.fromkeys(
                ("fysiek", "fysiek geweld", "fysieke agressie", "mishandeling", "geweld", "slaan", "duwen"),
                "physical_violence",
            ),
            **dict.fromkeys(("spugen", "bespuwen"), "spitting"),
            **dict.fromkeys(("wapen", "bedreiging met wapen", "wapengebruik"), "weapon"),
            **dict.fromkeys(("vernieling", "vandalisme", "vernielen", "zaaksbeschadiging"), "vandalism"),
            **dict.fromkeys(("huisvredebreuk", "lokaalvredebreuk", "erfvredebreuk"), "trespass"),
            **dict.fromkeys(("hinderen", "belemmering", "obstructie", "wederspannigheid"), "obstruction"),
            **dict.fromkeys(("dwang", "chantage", "omkoping", "afpersing"), "undue_pressure"),
            **dict.fromkeys(("anders", "overig", "overige"), "other"),
        },
    ),
    ImportField.CHANNEL: (
        Channel,
        {
            **dict.fromkeys(("balie", "loket", "publieksbalie", "receptie", "fysiek", "hal"), "counter"),
            **dict.fromkeys(("spreekkamer", "kantoor"), "interview_room"),
            **dict.fromkeys(("telefoon", "telefonisch"), "telephone"),
            **dict.fromkeys(("e mail", "email", "mail", "brief", "schriftelijk", "per post"), "email_or_letter"),
            **dict.fromkeys(("huisbezoek", "bij client thuis"), "home_visit"),
            **dict.fromkeys(("straat", "buiten", "openbare ruimte", "op straat", "openbare weg"), "public_space"),
            **dict.fromkeys(("prive", "buiten werktijd", "prive tijd"), "off_duty"),
            **dict.fromkeys(("thuis", "bij medewerker thuis"), "private_home"),
            **dict.fromkeys(("vergadering", "bijeenkomst", "raadsvergadering"), "meeting"),
            **dict.fromkeys(("sociale media", "social media", "online", "internet"), "social_media"),
            **dict.fromkeys(("anders", "overig", "elders"), "other"),
        },
    ),
    ImportField.TARGET_GROUP: (
        TargetGroup,
        {
            **dict.fromkeys(("medewerker", "ambtenaar", "overig", "anders"), "employee"),
            **dict.fromkeys(("baliemedewerker", "publieksdienst", "burgerzaken", "receptionist"), "counter_staff"),
            **dict.fromkeys(("consulent", "sociale dienst", "sociaal domein", "klantmanager"), "social_services"),
            **dict.fromkeys(("boa", "handhaver", "toezichthouder", "handhaving"), "enforcement_officer"),
            **dict.fromkeys(("buitendienst", "buitendienstmedewerker"), "field_staff"),
            **dict.fromkeys(("raadslid", "gemeenteraadslid"), "councillor"),
            **dict.fromkeys(("uitzendkracht", "vrijwilliger", "stagiair", "inhuur"), "temporary_or_volunteer"),
        },
    ),
    ImportField.MOTIVE: (
        Motive,
        {
            **dict.fromkeys(("frustratie", "frustratieagressie"), "frustration"),
            **dict.fromkeys(("instrumenteel", "instrumentele agressie", "doelbewust"), "instrumental"),
            **dict.fromkeys(("verward", "onder invloed", "alcohol", "drugs"), "uncontrolled"),
            **dict.fromkeys(("onbekend", "niet bekend"), "unknown"),
        },
    ),
}
YES = frozenset(("ja", "j", "yes", "y", "1", "waar", "true", "x"))
NO = frozenset(("nee", "n", "no", "0", "onwaar", "false"))
LANGUAGES = ("nl", "en")


def plain(text: str) -> str:
    """Small letters and digits without accents, with one space between words."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def guess(headings: Iterable[str], before: dict[str, str]) -> dict[str, int]:
    """Which column is which field, each used once: as it was chosen before (field → heading), else by its words."""
    columns = [plain(heading) for heading in headings]
    found: dict[str, int] = {}
    for field in ImportField:
        for wanted in (plain(before.get(field, "")), *_headings_of(field)):
            free = (n for n, column in enumerate(columns) if column == wanted and n not in found.values())
            if wanted and (place := next(free, None)) is not None:
                found[field.value] = place
                break
    return found


def code_of(field: ImportField, text: str) -> str | None:
    """The code that this word stands for; None where it is not known."""
    return _codes(field).get(plain(text))


@cache
def _headings_of(field: ImportField) -> tuple[str, ...]:
    return (*_in_both(field.label), *HEADINGS[field])


@cache
def _codes(field: ImportField) -> dict[str, str]:
    choices, words = WORDS[field]
    found = {}
    for one in choices:
        found.update(dict.fromkeys((plain(one.value), *_in_both(one.label)), one.value))
    return {**words, **found}


def _in_both(label: Any) -> list[str]:
    found = []
    for language in LANGUAGES:
        with override(language):
            found.append(plain(str(label)))
    return found
