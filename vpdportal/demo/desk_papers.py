"""What left the organisation in the demonstration, or nearly did: letters, sheets for the police, and the damage."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.utils.timezone import localdate

from incidents.actions.damage import add_damage, change_damage
from incidents.actions.letter_values import first_values
from incidents.actions.letters import NewLetter, make_letter, mark_sent
from incidents.actions.police_content import usable_evidence
from incidents.actions.police_sheets import change_sheet, file_sheet, record_outcome, start_sheet
from incidents.models import Letter, PoliceSheet, Reaction
from incidents.vocabulary import (
    DamageKind,
    DamageOf,
    DamageRoute,
    FiledBy,
    LetterKind,
    PoliceKind,
    PoliceOutcome,
    SentBy,
)
from vpdportal.demo.desk import Desk

POLICE_NUMBER = "PL0000-2026000001"  # no unit has number 0000
AT_POLICE = "Wijkagent Verzonnen, bureau Vlinderwaard"
ON_SHEET = {
    "who": "Man van ongeveer 45 jaar, groene pet, grijze jas.",
    "what": "Hij gooide het scherm van de balie om en zei: “Ik wacht je op tot je naar huis gaat.”",
    "with_what": "Het scherm van de balie",
    "how": "Eerst schelden, toen het scherm omgooien, toen dreigen. Daarna liep hij naar buiten.",
    "why": "Een afgewezen aanvraag",
    "representative": "VPD-adviseur",
    "contact": "VPD-adviseur, te bereiken op het postadres van de organisatie",
}


def write_letters(desk: Desk, reactions: dict[str, Reaction]) -> None:
    """A ban that was sent, an end that still has to be sent, and a warning that waits for its signature."""
    signed = desk.ago(days=45)
    ban = _letter(desk, LetterKind.BAN, reactions["ban"], signed)
    mark_sent(letter=ban, seen=1, sent_on=localdate(signed), sent_by=SentBy.REGISTERED, by=desk.adviser, now=signed)
    _letter(desk, LetterKind.BAN_END, reactions["conditions"], desk.ago(days=1))
    _letter(desk, LetterKind.WARNING, reactions["warning"], desk.ago(hours=5))


def go_to_the_police(desk: Desk) -> None:
    """One sheet that was filed and is being investigated, and one that is being prepared."""
    at = desk.ago(days=47)
    sheet = _sheet(desk, "ban", PoliceKind.AANGIFTE, at)
    files = [file.pk for file in usable_evidence(desk.case("ban"))]
    sheet = change_sheet(
        sheet=sheet, revision=sheet.revision, answers={**sheet.answers, **ON_SHEET}, evidence=files,
        is_vpt_code_asked=True, is_under_number=False, by=desk.adviser, now=at + timedelta(hours=1),
    )  # fmt: skip
    filed = at + timedelta(days=1)
    sheet = file_sheet(
        sheet=sheet, revision=sheet.revision, on=localdate(filed), police_number=POLICE_NUMBER, contact=AT_POLICE,
        is_vpt_code_asked=True, by=desk.adviser, now=filed,
    )  # fmt: skip
    heard = "De man is gehoord. De officier van justitie beslist nog."
    record_outcome(
        sheet=sheet, revision=sheet.revision, outcome=PoliceOutcome.INQUIRY, on=desk.day(days=20), words=heard,
        by=desk.adviser, now=desk.ago(days=20),
    )  # fmt: skip
    _sheet(desk, "second", PoliceKind.NOTICE, desk.ago(hours=7))


def count_damage(desk: Desk) -> None:
    """What broke: of the person hit one thing paid back, of the organisation one thing still claimed."""
    incident, at = desk.case("ban"), desk.ago(days=46)
    glasses = add_damage(
        incident=incident, of=DamageOf.VICTIM, kind=DamageKind.GOODS, words="Een bril", amount=18950,
        by=desk.adviser, now=at,
    )  # fmt: skip
    screen = add_damage(
        incident=incident, of=DamageOf.ORGANISATION, kind=DamageKind.BUILDING, words="Het scherm van balie 2",
        amount=45000, by=desk.adviser, now=at,
    )  # fmt: skip
    claimed = {"claimed_on": desk.day(days=40)}
    paid = {"recovered": 18950, "recovered_on": desk.day(days=15), "is_finished": True}
    for line, more in ((glasses, {"route": DamageRoute.INSURANCE, **paid}), (screen, {"route": DamageRoute.JOINING})):
        values = {"claimed": line.amount, **claimed, **more}
        change_damage(line=line, revision=line.revision, values=values, by=desk.adviser, now=desk.ago(days=15))


def _letter(desk: Desk, kind: LetterKind, reaction: Reaction, at: datetime) -> Letter:
    """A letter with what the portal knows already filled in."""
    incident, person = reaction.incident, reaction.person
    values = first_values(incident=incident, kind=kind, person=person, reaction=reaction, by=desk.adviser, now=at)
    new = NewLetter(uuid4(), incident, kind, values, reaction=reaction)
    return make_letter(new=new, by=desk.adviser, now=at)


def _sheet(desk: Desk, name: str, kind: PoliceKind, at: datetime) -> PoliceSheet:
    incident = desk.case(name)
    return start_sheet(incident=incident, kind=kind, filed_by=FiledBy.EMPLOYER, by=desk.adviser, now=at)
