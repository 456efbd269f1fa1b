"""What the pictures of the handbook show: the people of the demonstration, and the same numbers each time."""

import os
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.template import engines

from guidance.facts import Facts
from guidance.vocabulary import Behaviour, Channel, TargetGroup
from incidents.actions.assignment import assign_case
from incidents.actions.case import complete_facts
from incidents.actions.reaction_signing import agree, propose
from incidents.actions.reactions import ReactionWords, draft_reaction
from incidents.actions.reminders.sweep import sweep
from incidents.actions.report import NewReport, submit_report
from incidents.actions.tasks import hand_over_task
from incidents.models import DataRequest, Incident, Reaction, Task
from incidents.vocabulary import ReactionKind
from tests import clock
from tests.incidents.overviews import fixed_months
from tests.signing_in import give_app
from tests.world import LONG_AGO, Place
from vpdportal.accounts.models import Membership, Organisation, User
from vpdportal.accounts.roles import Role
from vpdportal.demo.fill import fill

EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1"
# Who shows what a role sees; where a role is held by two, the one who did not ask it.
PEOPLE = {
    "employee": "Sanne Madelief",
    "adviser": "Noor Zonnestraal",
    "deputy": "Bram Maanlicht",
    "manager": "Karin Kompas",
    "support": "Omar Ooievaar",
    "legal": "Lieke Letter",
    "management": "Dirk Dagboek",
    "administrator": "Anouk Sleutelbos",
    "auditor": "Guus Vergrootglas",
    "analyst": "Arie Aantal",
}
WARNING = {
    "conduct": "U reed stapvoets naast een medewerker en zei: “Ik weet in welke straat jij woont.”",
    "proportionality": "Een gesprek is aangeboden. U wilde dat niet.",
    "core_services": "U kunt uw vragen per brief of e-mail stellen. U krijgt altijd antwoord.",
    "hearing": "heard",
    "hearing_words": "U vertelde dat u al weken op een vergunning wacht.",
}


class Scene:
    """The organisation of the pictures, with what each picture needs beside the demonstration."""

    def __init__(self) -> None:
        """Everything random comes from the same dice: numbers of reports, keys, and with them the order of equals.

        What a program throws once, when it is loaded, is thrown before: another test may have loaded it already.
        """
        engines.all()
        dice = Random(2026)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "urandom", dice.randbytes)
            patch.setattr("incidents.references.secrets.choice", dice.choice)
            fill(now=clock.now(), reports=2)
            self.town = Organisation.objects.get(slug="vlinderwaard")
            self._more_work()
            self._signing_in()
            self._months()
        sweep(now=clock.now())

    def person(self, role: str) -> User:
        return User.objects.get(name=PEOPLE[role])

    def case(self, story: str) -> Incident:
        """The one whose story begins so: what people wrote is sealed, so they are all opened."""
        return next(one for one in Incident.objects.filter(organisation=self.town) if one.story.startswith(story))

    @property
    def threat(self) -> Incident:
        return self.case("Zij schoof de tafel")

    @property
    def counter(self) -> Incident:
        return self.case("Hij gooide het scherm")

    def to_look_along(self) -> Reaction:
        return Reaction.objects.get(second=self.person("legal"))

    def to_sign(self) -> Reaction:
        return Reaction.objects.get(incident=self.threat, kind=ReactionKind.BAN)

    def ready_request(self) -> DataRequest:
        return DataRequest.objects.get(organisation=self.town, user=self.person("employee"))

    def task_of(self, role: str) -> Task:
        return Task.objects.filter(assignee=self.person(role), code="N02", status="open", care=None).get()

    def _more_work(self) -> None:
        """Reception talks that are still to be planned, a warning for the lawyer, a ban that waits for a signature."""
        adviser, now = self.person("adviser"), clock.now()
        for role, hours in (("manager", 4), ("support", 6)):
            report = self._reported(now - timedelta(hours=hours))
            task = report.tasks.get(code="N02", step=0)
            how: dict[str, Any] = {"incident": report, "by": adviser, "now": now - timedelta(hours=2)}
            assign_case(to=adviser, moves_tasks=False, **how)
            complete_facts(answers={"offence_suspected": True}, **how)
            hand_over_task(task=task, to=self.person(role), by=adviser, now=now - timedelta(hours=1))
        ban = self.to_sign()
        agree(reaction=ban, seen=ban.revision, by=self.person("deputy"), now=now - timedelta(hours=2))
        case = self.case("De bestuurder van een bestelbus")
        person = case.involvements.get(role="perpetrator").person
        words = {"person": person, "signer": self.person("management"), "second": self.person("legal"), **WARNING}
        drafting: dict[str, Any] = {"by": adviser, "now": now - timedelta(hours=3)}
        warning = draft_reaction(incident=case, kind=ReactionKind.WARNING, words=ReactionWords(words), **drafting)
        propose(reaction=warning, seen=warning.revision, **drafting)
        second = User.objects.get(name="Yara Ijsvogel")  # another administrator, to agree with what the first asked
        Membership.objects.create(organisation=self.town, user=second, role=Role.ADMINISTRATOR, starts_on=LONG_AGO)

    def _reported(self, at: Any) -> Incident:
        facts = Facts(
            behaviours=(Behaviour.THREAT,),
            channel=Channel.COUNTER,
            target_group=TargetGroup.COUNTER_STAFF,
            perpetrator_known=True,
            weapon=False,
        )
        report = NewReport(
            organisation=self.town,
            department=self.town.departments.get(name="Publiekszaken"),
            facts=facts,
            occurred_at=at - timedelta(hours=1),
            story="Een bezoeker sloeg op de balie en zei dat hij ons wist te vinden.",
            place="balie 3",
            may_manager_see=True,
            wants_support=True,
            contact="06-00000009",
        )
        return submit_report(report=report, idempotency_key=uuid4(), by=self.person("employee"), now=at)

    def _signing_in(self) -> None:
        """An app, a passkey, two recovery codes used, and a telephone beside this computer."""
        person, now = self.person("employee"), clock.now()
        give_app(person)
        codes = Authenticator.objects.get(user=person, type=Authenticator.Type.RECOVERY_CODES)
        codes.data["used_mask"] = 0b11
        codes.save()
        kinds = Authenticator.Type
        Authenticator.objects.create(user=person, type=kinds.WEBAUTHN, data={"name": "", "credential": {}})
        Authenticator.objects.filter(user=person).update(created_at=now - timedelta(days=20), last_used_at=None)
        store = SessionStore()
        store.create()
        UserSession.objects.create(
            user=person,
            session_key=store.session_key,
            ip="192.0.2.7",
            user_agent=IPHONE,
            created_at=now - timedelta(hours=3),
            last_seen_at=now - timedelta(minutes=20),
        )

    def _months(self) -> None:
        fixed_months(Place(self.town, self.town.departments.first()))
