"""What happens in the demonstration: invented incidents, spread as surveys find them (handbook 4.3)."""

from dataclasses import dataclass
from random import Random
from typing import Any

from guidance.facts import Facts
from guidance.vocabulary import Behaviour, Channel

# Verbal is by far the most; physical about 2 %, social media about 16 % [S76][S78][S79].
BEHAVIOURS = {
    Behaviour.VERBAL_ABUSE: 36,
    Behaviour.INSULT: 14,
    Behaviour.INTIMIDATION: 16,
    Behaviour.THREAT: 14,
    Behaviour.DISCRIMINATION: 5,
    Behaviour.ONLINE_HATE: 5,
    Behaviour.SEXUAL_HARASSMENT: 3,
    Behaviour.VANDALISM: 2,
    Behaviour.PHYSICAL_VIOLENCE: 2,
    Behaviour.UNDUE_PRESSURE: 2,
    Behaviour.SPITTING: 1,
}
STORIES = {
    Behaviour.VERBAL_ABUSE: "De bezoeker was het niet eens met het besluit en begon te schelden, minutenlang.",
    Behaviour.INSULT: "Hij zei dat ik te dom was voor mijn werk en dat iedereen hier een nietsnut is.",
    Behaviour.INTIMIDATION: "Hij kwam heel dichtbij staan en zei: ik weet waar jij je auto parkeert.",
    Behaviour.THREAT: "“Wacht maar tot je buiten komt, dan pak ik je.” Dat zei hij twee keer.",
    Behaviour.DISCRIMINATION: "Zij wilde niet door mij geholpen worden en zei daar nare dingen over mijn afkomst bij.",
    Behaviour.ONLINE_HATE: "Onder ons bericht stonden tientallen haatreacties aan mij persoonlijk.",
    Behaviour.SEXUAL_HARASSMENT: "Hij maakte opmerkingen over mijn lichaam en hield niet op toen ik dat vroeg.",
    Behaviour.VANDALISM: "Hij gooide de folderstandaard om en trapte een deur in.",
    Behaviour.PHYSICAL_VIOLENCE: "Hij duwde mij hard tegen de muur toen ik hem aansprak.",
    Behaviour.UNDUE_PRESSURE: "Ik werd thuis gebeld: het zou verstandig zijn om de vergunning toch te geven.",
    Behaviour.SPITTING: "Bij de controle spuugde de man mij in het gezicht.",
}
CHANNELS = {
    "Publiekszaken": {Channel.COUNTER: 60, Channel.TELEPHONE: 25, Channel.EMAIL_OR_LETTER: 10, Channel.SOCIAL_MEDIA: 5},
    "Sociaal domein": {
        Channel.INTERVIEW_ROOM: 30,
        Channel.TELEPHONE: 35,
        Channel.HOME_VISIT: 15,
        Channel.EMAIL_OR_LETTER: 20,
    },
    "Balie Burgerzaken": {Channel.COUNTER: 75, Channel.TELEPHONE: 15, Channel.EMAIL_OR_LETTER: 10},
    "Belastingen": {Channel.TELEPHONE: 60, Channel.EMAIL_OR_LETTER: 30, Channel.COUNTER: 10},
    "Griffie en bestuur": {Channel.SOCIAL_MEDIA: 65, Channel.EMAIL_OR_LETTER: 20, Channel.MEETING: 15},
    "Bedrijfsvoering": {Channel.TELEPHONE: 50, Channel.EMAIL_OR_LETTER: 50},
}
AT_A_DESK = {"Publiekszaken", "Balie Burgerzaken", "Belastingen"}
OUTDOORS = {Channel.PUBLIC_SPACE: 80, Channel.SOCIAL_MEDIA: 12, Channel.TELEPHONE: 8}
GROUPS = {
    "Publiekszaken": "counter_staff",
    "Sociaal domein": "social_services",
    "Balie Burgerzaken": "counter_staff",
    "Belastingen": "employee",
    "Handhaving": "enforcement_officer",
    "Team Parkeren": "enforcement_officer",
    "Griffie en bestuur": "councillor",
    "Bedrijfsvoering": "employee",
}
OFFENCES = {Behaviour.THREAT, Behaviour.PHYSICAL_VIOLENCE, Behaviour.SPITTING, Behaviour.VANDALISM}


@dataclass(frozen=True)
class Invented:
    """The facts and the words of one invented report."""

    facts: Facts
    story: str


def invent(department: str, dice: Random) -> Invented:
    """One report for a department, as the dice fall."""
    behaviour = _draw(BEHAVIOURS, dice)
    channel = (
        Channel.SOCIAL_MEDIA if behaviour == Behaviour.ONLINE_HATE else _draw(CHANNELS.get(department, OUTDOORS), dice)
    )
    if behaviour in {Behaviour.PHYSICAL_VIOLENCE, Behaviour.SPITTING, Behaviour.VANDALISM}:
        channel = Channel.COUNTER if department in AT_A_DESK else Channel.PUBLIC_SPACE
    is_known = dice.random() < (0.35 if channel == Channel.SOCIAL_MEDIA else 0.7)
    facts = Facts(
        behaviours=(behaviour,),
        channel=channel,
        target_group=GROUPS.get(department, "field_staff"),
        motive=_draw({"frustration": 60, "instrumental": 15, "uncontrolled": 10, "unknown": 15}, dice),
        perpetrator_known=is_known,
        perpetrator_relation="citizen" if is_known else None,
        weapon=False,
        ongoing_threat=behaviour == Behaviour.THREAT and dice.random() < 0.15,
        injury=behaviour == Behaviour.PHYSICAL_VIOLENCE,
        damage=behaviour == Behaviour.VANDALISM,
        worked_alone=dice.random() < 0.25,
        witnesses=dice.choice([0, 0, 1, 2]),
        contact_would_continue=is_known and dice.random() < 0.3,
    )
    return Invented(facts, STORIES[behaviour])


def what_the_adviser_adds(facts: Facts, dice: Random) -> dict[str, Any]:
    """The facts that only come with the adviser's first look."""
    answers: dict[str, Any] = {"offence_suspected": bool(OFFENCES & {Behaviour(b) for b in facts.behaviours})}
    if facts.perpetrator_known:
        answers["perpetrator.earlier_incidents_12m"] = dice.choice([0, 0, 0, 0, 1, 2])
        answers["perpetrator.warned_for_same_conduct"] = answers["perpetrator.earlier_incidents_12m"] == 2
    return answers


def _draw(weights: dict[Any, int], dice: Random) -> Any:
    return dice.choices(list(weights), list(weights.values()))[0]
