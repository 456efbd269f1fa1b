"""Reactions of the demonstration: one in each state that a page can show. Drafted by one, signed by another."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import localdate

from incidents.actions.breaches import record_breach
from incidents.actions.reaction_ends import end_expired, review
from incidents.actions.reaction_signing import agree, propose, sign
from incidents.actions.reaction_steps import give, hold, tell_police
from incidents.actions.reactions import ReactionWords, draft_reaction
from incidents.models import Reaction
from incidents.vocabulary import Hearing, ReactionKind
from vpdportal.accounts.models import User
from vpdportal.demo.desk import Desk

SHORTLY = timedelta(hours=1)
BAN = {
    "conduct": "U gooide het scherm van de balie om en zei tegen een medewerker: “Ik wacht je op.”",
    "hearing": Hearing.HEARD,
    "hearing_words": "U vertelde dat u al drie keer voor niets was gekomen.",
    "proportionality": "Wij hebben eerst met u gesproken. Daarna gebeurde het opnieuw, en erger.",
    "core_services": "Een paspoort of rijbewijs vraagt u aan op afspraak, met begeleiding. Bel daarvoor eerst.",
    "scope": "Het stadhuis en het plein ervoor.",
    "instruction": "Laat deze bezoeker niet binnen. Bel 5555 en daarna de VPD-adviseur.",
}
CONDITIONS = {
    "conduct": "In uw mail stond: “Wij weten u te vinden.”",
    "hearing": Hearing.HEARD,
    "hearing_words": "De directeur van het bedrijf zei dat de mail in boosheid was geschreven.",
    "proportionality": "Een gesprek alleen is te weinig na een bedreiging. Helemaal geen contact is te veel.",
    "core_services": "Een vergunning vraagt het bedrijf aan zoals anders. De vaste contactpersoon helpt daarbij.",
    "scope": "U neemt alleen per e-mail contact op, met één vaste contactpersoon.",
    "instruction": "Verbind niet door. Verwijs naar de vaste contactpersoon.",
}
WARNING = {
    "conduct": "U schold een medewerker drie keer uit aan de telefoon.",
    "hearing": Hearing.INVITED,
    "hearing_words": "Twee keer gebeld om het te bespreken; er werd niet opgenomen.",
    "proportionality": "Het is de derde keer in korte tijd. Een gesprek hielp niet.",
}
SECOND = {
    "conduct": "U schoof een tafel tegen een medewerker aan en zei: “Dan stop jij ook.”",
    "hearing": Hearing.LATER,
    "hearing_words": "Wordt gehoord zodra de politie met haar heeft gesproken.",
    "proportionality": "De bedreiging was gericht op één medewerker, in een kleine ruimte zonder uitgang.",
    "core_services": "De uitkering loopt door. Vragen gaan per brief of telefoon.",
    "scope": "Het stadhuis.",
    "instruction": "Laat niet binnen zonder afspraak. Bel 5555.",
}
DRAFT = {"conduct": "Een bestuurder van uw bedrijf zei: “Ik weet in welke straat jij woont.”", "hearing": Hearing.LATER}


def react(desk: Desk) -> dict[str, Reaction]:
    """Give, lay before someone, or only begin; by the name of the case."""
    return {
        "conditions": _ended(desk),
        "talk": _talk(desk),
        "ban": _running(desk),
        "warning": _waits_for_signature(desk),
        "draft": _draft(desk, "draft", ReactionKind.CONDITIONS, DRAFT, desk.ago(days=5)),
        "second": _waits_for_second_look(desk),
    }


def warn_at_the_dike(desk: Desk) -> Reaction:
    """The water board's own: a warning that was signed and given."""
    words = {
        "conduct": "U versperde het pad op de dijk en schold een medewerker uit.",
        "hearing": Hearing.HEARD,
        "hearing_words": "U vond de schouw onnodig.",
        "proportionality": "Een gesprek alleen past niet: het pad was dicht en de medewerker kon niet weg.",
        "signer": desk.people["Dora Dijkgraaf"],
    }
    reaction = _draft(desk, "dike", ReactionKind.WARNING, words, desk.ago(days=7, hours=12))
    _signed(desk, reaction, desk.ago(days=7))
    given = desk.ago(days=6, hours=8)
    return _step(give, reaction, desk.adviser, given, day=localdate(given))


def _ended(desk: Desk) -> Reaction:
    """Conditions that ran for three months, were looked at again, and ended by themselves."""
    at = desk.ago(days=147)
    words = {**CONDITIONS, **_asked(desk, second=True), "starts_on": localdate(at), "ends_on": desk.day(days=52)}
    reaction = _draft(desk, "conditions", ReactionKind.CONDITIONS, words, at)
    _given(desk, reaction, at + timedelta(days=1))
    looked = "Sinds de brief is er zakelijk gemaild. De afspraken kunnen op hun dag eindigen."
    reaction = _step(review, reaction, desk.adviser, desk.ago(days=66), remark=looked)
    end_expired(now=desk.ago(days=51))
    reaction.refresh_from_db()
    return reaction


def _talk(desk: Desk) -> Reaction:
    at = desk.ago(days=71, hours=12)
    words = {"conduct": "U schold tegen een medewerker en sloeg op de balie.", "hearing": Hearing.HEARD}
    reaction = _draft(desk, "talk", ReactionKind.TALK, words, at)
    heard, agreed = "Hij vond dat hij te lang moest wachten.", "Hij maakt voortaan een afspraak, en blijft rustig."
    return _step(
        hold, reaction, desk.adviser, at + timedelta(hours=12), day=desk.day(days=71), heard=heard, agreed=agreed
    )


def _running(desk: Desk) -> Reaction:
    """A ban that runs, ends within two weeks, and was broken once."""
    at = desk.ago(days=47)
    words = {**BAN, **_asked(desk, second=True), "starts_on": localdate(at), "ends_on": desk.day(days=-12)}
    reaction = _draft(desk, "ban", ReactionKind.BAN, words, at)
    _given(desk, reaction, at + timedelta(days=1))
    saw = "Stond om 16.50 uur bij de ingang van het stadhuis. Hij ging weg toen de bode hem aansprak."
    record_breach(
        reaction=reaction, happened_at=desk.ago(days=2, hours=3), words=saw, is_police_told=True,
        by=desk.adviser, now=desk.ago(days=2),
    )  # fmt: skip
    reaction.refresh_from_db()
    return reaction


def _waits_for_signature(desk: Desk) -> Reaction:
    words = {**WARNING, **_asked(desk, second=False)}
    reaction = _draft(desk, "warning", ReactionKind.WARNING, words, desk.ago(hours=12))
    return _step(propose, reaction, desk.adviser, desk.ago(hours=6))


def _waits_for_second_look(desk: Desk) -> Reaction:
    words = {**SECOND, **_asked(desk, second=True), "starts_on": desk.day(), "ends_on": desk.day(days=-60)}
    reaction = _draft(desk, "second", ReactionKind.BAN, words, desk.ago(hours=12))
    return _step(propose, reaction, desk.adviser, desk.ago(hours=6))


def _asked(desk: Desk, *, second: bool) -> dict[str, User]:
    people = desk.people
    return {"signer": people["Dirk Dagboek"], **({"second": people["Bram Maanlicht"]} if second else {})}


def _draft(desk: Desk, name: str, kind: ReactionKind, words: dict[str, Any], at: datetime) -> Reaction:
    incident = desk.case(name)
    values = {"person": desk.involved[name].person, **words}
    return draft_reaction(incident=incident, kind=kind, words=ReactionWords(values), by=desk.adviser, now=at)


def _signed(desk: Desk, reaction: Reaction, at: datetime) -> None:
    """Laid before who looks along and who signs, and signed by both."""
    _step(propose, reaction, desk.adviser, at)
    if reaction.second:
        _step(agree, reaction, reaction.second, at + SHORTLY)
    assert reaction.signer is not None
    _step(sign, reaction, reaction.signer, at + 2 * SHORTLY)


def _given(desk: Desk, reaction: Reaction, at: datetime) -> None:
    _signed(desk, reaction, at)
    _step(tell_police, reaction, desk.adviser, at + 3 * SHORTLY)
    given = at + timedelta(days=1)
    _step(give, reaction, desk.adviser, given, day=localdate(given))


def _step(act: Callable[..., Reaction], reaction: Reaction, by: User, at: datetime, **more: Any) -> Reaction:
    """One action on the reaction as it is now."""
    reaction.refresh_from_db()
    act(reaction=reaction, seen=reaction.revision, by=by, now=at, **more)
    reaction.refresh_from_db()
    return reaction
