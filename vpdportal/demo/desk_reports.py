"""The reports of which the adviser's desk of the demonstration works on. All invented, and the names say so."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from guidance.facts import Facts
from guidance.vocabulary import Behaviour, Channel, Motive, Relation, TargetGroup
from incidents.actions.report import NewReport, submit_report
from vpdportal.demo.desk import Desk

REPORTED_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Scene:
    """One report: who made it, how long before now, and what it tells."""

    name: str
    ago: timedelta
    reporter: str
    department: str
    behaviour: Behaviour
    channel: Channel
    group: TargetGroup
    story: str
    place: str = ""
    description: str = ""
    details: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def report_to(self, desk: Desk) -> NewReport:
        known = {"perpetrator_known": True, "perpetrator_relation": Relation.CITIZEN, "motive": Motive.FRUSTRATION}
        facts = Facts(
            behaviours=(self.behaviour,),
            channel=self.channel,
            target_group=self.group,
            **{**known, "weapon": False, **self.facts},
        )
        return NewReport(
            organisation=desk.organisation,
            department=desk.organisation.departments.get(name=self.department),
            facts=facts,
            occurred_at=desk.now - self.ago - REPORTED_AFTER,
            story=self.story,
            place=self.place,
            perpetrator_description=self.description,
            details=self.details,
            may_manager_see=True,
            wants_support=True,
            safety_feeling=2,
            contact="06-00000009",
        )


COUNTER, SOCIAL, ENFORCEMENT = "Publiekszaken", "Sociaal domein", "Handhaving"
TOWN_SCENES = (  # the oldest first
    Scene(
        "conditions", timedelta(days=150), "Joris Kikker", SOCIAL, Behaviour.THREAT, Channel.EMAIL_OR_LETTER,
        TargetGroup.SOCIAL_SERVICES,
        "In de mail stond: als die vergunning er vrijdag niet is, weten wij u te vinden.",
        facts={"perpetrator_relation": Relation.BUSINESS, "perpetrator_knows_victims_name": True},
    ),
    Scene(
        "talk", timedelta(days=72), "Sanne Madelief", COUNTER, Behaviour.VERBAL_ABUSE, Channel.COUNTER,
        TargetGroup.COUNTER_STAFF,
        "Hij stond twintig minuten te wachten, begon te schelden en sloeg met zijn vlakke hand op de balie.",
        place="balie 1", facts={"safe_to_meet": True, "witnesses": 1},
    ),
    Scene(
        "ban", timedelta(days=48), "Sanne Madelief", COUNTER, Behaviour.THREAT, Channel.COUNTER,
        TargetGroup.COUNTER_STAFF,
        "Hij gooide het scherm van de balie om en zei: ik wacht je op tot je naar huis gaat. Mijn bril brak.",
        place="balie 2", description="Man van ongeveer 45 jaar, groene pet, grijze jas.",
        details={"means": "Het scherm van de balie"},
        facts={"perpetrator_visits_premises": True, "perpetrator_knows_victims_name": True, "damage": True,
               "witnesses": 1},
    ),
    Scene(
        "draft", timedelta(days=6), "Milan Mosterd", ENFORCEMENT, Behaviour.INTIMIDATION, Channel.PUBLIC_SPACE,
        TargetGroup.ENFORCEMENT_OFFICER,
        "De bestuurder van een bestelbus reed stapvoets naast mij en zei: ik weet in welke straat jij woont.",
        place="de Verzonnen Kade", facts={"perpetrator_relation": Relation.BUSINESS, "witnesses": 1,
                                         "contact_would_continue": True, "worked_alone": True},
    ),
    Scene(
        "event", timedelta(days=3), "Sanne Madelief", COUNTER, Behaviour.VERBAL_ABUSE, Channel.COUNTER,
        TargetGroup.COUNTER_STAFF,
        "Een man schreeuwde door de hele hal dat wij allemaal dieven zijn. Hij ging pas weg toen de bode kwam.",
        place="hal stadhuis", facts={"perpetrator_known": False, "perpetrator_relation": None, "witnesses": 2},
    ),
    Scene(
        "event_again", timedelta(days=3, hours=-2), "Joris Kikker", SOCIAL, Behaviour.VERBAL_ABUSE,
        Channel.COUNTER, TargetGroup.SOCIAL_SERVICES,
        "Ik liep door de hal. Een man schold iedereen uit, ook mij, en volgde mij tot aan de trap.",
        place="hal stadhuis", facts={"perpetrator_known": False, "perpetrator_relation": None},
    ),
    Scene(
        "warning", timedelta(hours=22), "Peter Pinguin", SOCIAL, Behaviour.VERBAL_ABUSE, Channel.TELEPHONE,
        TargetGroup.SOCIAL_SERVICES,
        "Hij belde drie keer achter elkaar. Elke keer schold hij en hing hij op toen ik iets wilde uitleggen.",
    ),
    Scene(
        "second", timedelta(hours=20), "Joris Kikker", SOCIAL, Behaviour.THREAT, Channel.INTERVIEW_ROOM,
        TargetGroup.SOCIAL_SERVICES,
        "Zij schoof de tafel tegen mij aan en zei: als mijn uitkering stopt, stop jij ook.",
        place="spreekkamer 4", description="Vrouw van ongeveer 30 jaar, rode sjaal.",
        facts={"perpetrator_visits_premises": True, "witnesses": 1, "perpetrator_benefit_client": True},
    ),
)  # fmt: skip
WATER_SCENES = (
    Scene(
        "dike", timedelta(days=8), "Wout Waterlelie", "Beheer en toezicht", Behaviour.VERBAL_ABUSE,
        Channel.PUBLIC_SPACE, TargetGroup.FIELD_STAFF,
        "Hij versperde het pad op de dijk met zijn tractor en schold mij uit over de schouw.",
        place="de Droomdijk, bij paal 3",
    ),
)  # fmt: skip
SCENES = {"vlinderwaard": TOWN_SCENES, "droomdijk": WATER_SCENES}


def report_what_came_in(desk: Desk, before: datetime) -> None:
    """Make the reports of the desk that came in before this moment and are not made yet, in order."""
    for scene in SCENES[desk.organisation.slug]:
        at = desk.now - scene.ago
        if scene.name not in desk.cases and at < before:
            by = desk.people[scene.reporter]
            report = scene.report_to(desk)
            desk.cases[scene.name] = submit_report(report=report, idempotency_key=uuid4(), by=by, now=at)
