"""T33: an answer holds all of the own data and nobody else; what is withheld is counted; and no column is forgotten."""

import io
import json
import random
from datetime import date, datetime, timedelta
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.utils import timezone, translation
from pypdf import PdfReader

from guidance.facts import FACTS
from guidance.vocabulary import Behaviour
from incidents.actions.additions import Addition, add_to_report, add_witness_statement
from incidents.actions.case import add_note
from incidents.actions.data_requests import collecting
from incidents.actions.data_requests.answer import answer_of, is_complete
from incidents.actions.data_requests.collecting import LABELS, collect
from incidents.actions.data_requests.of_citizens import OF_CITIZENS
from incidents.actions.data_requests.of_employees import OF_EMPLOYEES
from incidents.actions.data_requests.outside import NOT_OF_CITIZENS, NOT_OF_EMPLOYEES
from incidents.actions.data_requests.requests import NewRequest, register_request
from incidents.actions.data_requests.reviewing import follow_proposals
from incidents.actions.messages import write_to_person
from incidents.actions.people import ask_witness
from incidents.actions.persons import Typed, make_person
from incidents.forms.report import typed_in_words
from incidents.forms.report_happened import HappenedForm
from incidents.masking import BLOCK, Masker, Someone, only_loses
from incidents.models import DataRequest, Draft, Incident, Person, Reaction, Task
from incidents.models.draft import Content
from incidents.views.data_pieces import answer_paper
from incidents.vocabulary import DataRequestKind, DataSubject, IdentifierKind, InvolvedAs
from tests import clock
from tests.world import Place, make_incident, make_user
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role
from vpdportal.encryption import EncryptedTextField

FIRST = (
    *("Annelies", "Bastiaan", "Cornelia", "Diederik", "Eleonora"),
    *("Floris", "Geertruida", "Hubertus", "Isabella", "Jozefien"),
)
LAST = (
    *("Aardenburg", "Blokzijlstra", "Cuijpersen", "Dokkumers", "Enkhuizen"),
    *("Franekerman", "Grootegast", "Harlingenaar", "IJlstra", "Joureman"),
)


def sealed_columns() -> set[str]:
    return {
        f"{model._meta.model_name}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.fields
        if isinstance(field, EncryptedTextField)
    }


def missing(columns: set[str], table: Any, outside: dict[str, str]) -> set[str]:
    return columns - {source.column for source in table} - set(outside)


@pytest.mark.parametrize(("table", "outside"), [(OF_EMPLOYEES, NOT_OF_EMPLOYEES), (OF_CITIZENS, NOT_OF_CITIZENS)])
def test_every_sealed_column_is_collected_or_left_out_with_a_reason(table: Any, outside: dict[str, str]):
    columns = sealed_columns()
    assert not missing(columns, table, outside)
    assert not {source.column for source in table} & set(outside), "either collected or not"
    assert set(outside) <= columns, "a reason for a column that is gone"
    assert {source.column for source in table if "." in source.column} <= columns
    assert missing(columns | {"incident.new_words"}, table, outside) == {"incident.new_words"}  # it is able to fail
    assert len({source.name for source in table}) == len(table)


def ask(town: Place, user: User | None = None, person: Person | None = None, name: str = "") -> DataRequest:
    subject = DataSubject.EMPLOYEE if user else DataSubject.CITIZEN
    new = NewRequest(
        town.organisation, DataRequestKind.ACCESS, subject, date(2026, 11, 24), name=name, user=user, person=person
    )
    return register_request(new=new, by=town.auditor, now=clock.now())


def answered(request: DataRequest, by: User) -> Any:
    """The answer when every proposal is followed unchanged."""
    collect(request=request, in_words=typed_in_words, by=by, now=clock.now())
    pieces = list(request.pieces.values_list("pk", flat=True))
    follow_proposals(request=request, pieces=pieces, by=by, now=clock.now())
    request.refresh_from_db()
    answer = answer_of(request, clock.now())
    assert is_complete(answer, pieces)
    return answer


class Scene:
    """An organisation in which everybody has words of their own (canaries) in everything that is kept of them."""

    def __init__(self, town: Place, seed: int = 33) -> None:
        self.town, self.dice = town, random.Random(seed)  # noqa: S311
        self.names = self._names()
        self.own: dict[str, list[str]] = {}  # name → words that must be in the answer
        self.users: dict[str, User] = {}
        self.persons: dict[str, Person] = {}

    def _names(self) -> Any:
        made = [f"{first} {last}" for first in FIRST for last in LAST]
        self.dice.shuffle(made)
        return iter(made)

    def user(self, role: Role) -> User:
        name = next(self.names)
        mail = f"{name.lower().replace(' ', '.')}@vlinderwaard.invalid"
        user = User.objects.create_user(email=mail, name=name, phone=self.phone())
        self.town.join(user, role)
        self.users[name] = user
        self.own[name] = [name, mail, user.phone]
        return user

    def phone(self) -> str:
        return f"06-{self.dice.randrange(10**7, 10**8)}"

    def word(self, name: str) -> str:
        word = f"zoekwoord{self.dice.randrange(10**8):08}"
        self.own[name].append(word)
        return word

    def canaries_but_of(self, name: str) -> list[str]:
        """What may never be in the answer to this person: what tells of another one."""
        shared = set(name.split())
        found = []
        for other, words in self.own.items():
            if other != name:
                found += [word for word in words if " " not in word]
                found += [part for part in other.split() if part not in shared]
        return found

    def event(self) -> None:
        """One case with a victim, a witness, an adviser, and who did it; each names the others in their words."""
        town = self.town
        victim, witness, adviser = self.user(Role.EMPLOYEE), self.user(Role.EMPLOYEE), self.user(Role.ADVISER)
        suspect = next(self.names)
        self.own[suspect] = [suspect]
        number, mail = self.phone(), f"{suspect.lower().replace(' ', '')}@verzonnen.invalid"
        everyone = f"{victim.name}, {witness.name.split()[0]}, {adviser.name.split()[-1]} en {suspect}"
        reach = f"{victim.phone}, {witness.email}, {number}"
        incident = make_incident(
            town,
            by=victim,
            story=f"{everyone} waren erbij ({reach}). {self.word(victim.name)}",
            perpetrator_description=f"Een man. {self.word(suspect)}. Hij kende {victim.name.split()[0]}.",
            contact=victim.phone,
        )
        typed = Typed(
            name=suspect,
            identifiers={"phone": [number], "email": [mail]},
            remark=f"Dreigde {victim.name.split()[-1]}. {self.word(suspect)}",
        )
        person = make_person(incident=incident, typed=typed, seen=set(), by=adviser, now=clock.now()).person
        self.own[suspect] += [number, mail]
        self.persons[suspect] = person
        self._told(incident, victim, witness, everyone)
        self._worked(incident, victim, adviser, everyone)
        self._reacted(incident, person, adviser, suspect, everyone)

    def _told(self, incident: Incident, victim: User, witness: User, everyone: str) -> None:
        text = f"Later kwam {everyone}. {self.word(victim.name)}"
        add_to_report(incident=incident, addition=Addition(uuid4(), text), by=victim, now=clock.now())
        ask_witness(incident=incident, email=witness.email, by=victim, now=clock.now())
        seen = f"Ik zag {everyone}. {self.word(witness.name)}"
        asked = incident.witnesses.get(user=witness)
        add_witness_statement(witness=asked, addition=Addition(uuid4(), seen), by=witness, now=clock.now())

    def _worked(self, incident: Incident, victim: User, adviser: User, everyone: str) -> None:
        add_note(incident=incident, text=f"Denkt aan verbod voor {everyone}.", by=adviser, now=clock.now())
        write_to_person(
            incident=incident,
            person=victim,
            text=f"Wij spreken {everyone}. {self.word(victim.name)}",
            form_key=uuid4(),
            by=adviser,
            now=clock.now(),
        )
        task = Task.objects.filter(incident=incident).first()
        assert task is not None
        task.status, task.finished_at, task.finished_by = "done", clock.now(), adviser
        task.reason = f"Gebeld met {everyone}. {self.word(adviser.name)}"
        task.save(update_fields=["status", "finished_at", "finished_by", "reason"])

    def _reacted(self, incident: Incident, person: Person, adviser: User, suspect: str, everyone: str) -> None:
        for status, given in (("draft", None), ("done", clock.now())):
            reaction = Reaction(
                organisation=self.town.organisation,
                incident=incident,
                person=person,
                kind="warning",
                status=status,
                conduct_on=timezone.localdate(clock.now()),
                hearing="heard",
                drafted_at=clock.now(),
                drafted_by=adviser,
                given_at=given,
            )
            reaction.conduct = f"Schold tegen {everyone}. " + (self.word(suspect) if given else "voornemenzegel")
            reaction.instruction = "voornemenzegel"
            reaction.save(force_insert=True)


@pytest.fixture
def scene(town: Place) -> Scene:
    made = Scene(town)
    for _number in range(13):
        made.event()
    assert len(made.own) == 52  # 13 victims, 13 witnesses, 13 advisers, 13 who did it
    return made


def each_answer(scene: Scene) -> Any:
    for name in scene.own:
        user, person = scene.users.get(name), scene.persons.get(name)
        yield name, answered(ask(scene.town, user, person, name), scene.town.auditor)


def test_fifty_people_get_all_of_theirs_and_nothing_of_others(scene: Scene):
    for name, answer in each_answer(scene):
        text = answer.as_json()
        data = "\n".join(item.text for item in answer.data)
        lost = [word for word in scene.own[name] if word not in data]
        assert not lost, (name, lost)
        leaked = [word for word in scene.canaries_but_of(name) if word in text]
        assert not leaked, (name, leaked)
        assert "voornemenzegel" not in text  # what is being prepared


@pytest.mark.once
def test_the_paper_says_the_same_to_fifty_people(scene: Scene, pango: None):
    """T33 over the text of the PDF, read as any reader does. Lines break anywhere, so spaces do not count."""
    for name, answer in each_answer(scene):
        text = without_spaces(text_of(answer_paper(answer)))
        lost = [word for word in scene.own[name] if without_spaces(word) not in text]
        assert not lost, (name, lost)
        leaked = [word for word in scene.canaries_but_of(name) if without_spaces(word) in text]
        assert not leaked, (name, leaked)
        assert "voornemenzegel" not in text


def test_paper_without_masking_would_leak(scene: Scene, pango: None, monkeypatch: pytest.MonkeyPatch):
    """The control of the test above."""
    monkeypatch.setattr(Masker, "masked", lambda self, text: text)
    name = next(iter(scene.users))
    text = text_of(answer_paper(answered(ask(scene.town, scene.users[name], None, name), scene.town.auditor)))
    assert [word for word in scene.canaries_but_of(name) if word in text]


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def without_spaces(text: str) -> str:
    return "".join(text.split())


CODES = ("verbal_abuse", "counter_staff", "perpetrator.", "perpetrator_known", "weapon:", "True", "False", "email:")


def test_the_answers_of_a_form_stand_in_words(town: Place):
    """Facts, what was told beside them, a draft, identifiers: as the form calls them, never as codes or keys."""
    make_incident(town, details={"since": "Vorige week", "actions_taken": "called_112"})
    draft = Draft(author=town.employee, organisation=town.organisation, started_at=clock.now(), saved_at=clock.now())
    draft.content = Content(answers={"weapon": ["no"], "behaviours": ["verbal_abuse"], "department": [str(uuid4())]})
    draft.save(force_insert=True)
    pieces = {item.subject: item.text for item in answered(ask(town, town.employee), town.auditor).data}
    with translation.override("nl"):
        facts, beside, drafts = (
            pieces[str(LABELS["employee", name])]
            for name in ("incident.sealed_facts", "incident.sealed_details", "draft.sealed_content")
        )
        labels = {name: str(one.label) for name, one in FACTS.items()}
        form = {name: str(field.label) for name, field in HappenedForm.base_fields.items()}
        abuse = str(Behaviour("verbal_abuse").label)
    assert f"{labels['behaviours']}: {abuse}" in facts and f"{labels['weapon']}: nee" in facts
    assert f"{form['since']}: Vorige week" in beside
    assert f"{form['behaviours']}: {abuse}" in drafts and "department" not in drafts
    assert not [code for code in (*CODES, "called_112") for text in (facts, beside, drafts) if code in text]


def test_identifiers_stand_in_words(town: Place):
    typed = Typed(name="Kees Verzonnen", identifiers={"email": ["kees@verzonnen.invalid"]})
    person = make_person(incident=make_incident(town), typed=typed, seen=set(), by=town.adviser, now=clock.now()).person
    told = [item.text for item in answered(ask(town, None, person), town.auditor).data]
    with translation.override("nl"):
        label = str(IdentifierKind.EMAIL.label)
    assert f"{label}: kees@verzonnen.invalid" in told


def test_the_list_of_what_is_withheld_is_whole(scene: Scene):
    """By subject and ground as many as the pieces that the table withholds; and never what stands in them."""
    name = next(iter(scene.persons))
    request = ask(scene.town, None, scene.persons[name], name)
    answer = answered(request, scene.town.auditor)
    held = request.pieces.filter(decision="withheld")
    kinds = {(piece.source.partition("@")[0], piece.ground) for piece in held}
    assert {"incident.story", "statement.text", "message.text", "note.text", "reaction.conduct"} <= {
        source for source, _ground in kinds
    }
    assert ("note.text", "internal") in kinds and ("incident.story", "rights_of_others") in kinds
    assert sum(one.pieces for one in answer.withheld) == held.count() and all(one.ground for one in answer.withheld)
    told = " ".join(f"{one.subject} {one.ground}" for one in answer.withheld)
    assert not [piece.text for piece in held if piece.text in told]


def test_without_masking_it_would_leak(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    """The control: with the masking off, the test above fails."""
    monkeypatch.setattr(Masker, "masked", lambda self, text: text)
    name = next(iter(scene.users))
    answer = answered(ask(scene.town, scene.users[name], None, name), scene.town.auditor)
    assert [word for word in scene.canaries_but_of(name) if word in answer.as_json()]


def test_without_proposals_it_would_leak(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    name = next(iter(scene.persons))
    table = [source.__class__(**{**vars(source), "propose": lambda row, subject: None}) for source in OF_CITIZENS]
    monkeypatch.setattr(collecting, "OF_CITIZENS", tuple(table))
    answer = answered(ask(scene.town, None, scene.persons[name], name), scene.town.auditor)
    assert "voornemenzegel" in answer.as_json()


def test_the_json_is_as_documented(scene: Scene):
    schema = json.loads((Path(__file__).parents[2] / "docs" / "data_request.schema.json").read_text())
    name = next(iter(scene.persons))
    made = json.loads(answered(ask(scene.town, None, scene.persons[name], name), scene.town.auditor).as_json())
    assert set(made) == set(schema["required"]) == set(schema["properties"])
    assert made["format"] == schema["properties"]["format"]["const"]
    for part in ("data", "withheld"):
        wanted = set(schema["properties"][part]["items"]["required"])
        assert made[part] and all(set(item) == wanted for item in made[part])


def test_a_description_of_two_is_of_neither(town: Place):
    incident = make_incident(town, perpetrator_description="Een met een rode baard.")
    one, two = (
        make_person(
            incident=incident,
            typed=Typed(name=name, identifiers={"client": [f"K{number}2345"]}),
            seen=set(),
            by=town.adviser,
            now=clock.now(),
        ).person
        for number, name in enumerate(("Kees Verzonnen", "Jan Bedacht"))
    )
    assert "rode baard" not in answered(ask(town, None, one), town.auditor).as_json()
    incident.involvements.filter(person=two).delete()
    assert "rode baard" in answered(ask(town, None, one, "Kees Verzonnen"), town.auditor).as_json()


def test_a_citizen_who_was_hit_is_no_perpetrator(town: Place):
    incident = make_incident(town, perpetrator_description="Een met een rode baard.")
    typed = Typed(name="Kees Verzonnen", role=InvolvedAs.AFFECTED, remark="Kreeg een klap.", identifiers={})
    person = make_person(incident=incident, typed=typed, seen=set(), by=town.adviser, now=clock.now()).person
    answer = answered(ask(town, None, person), town.auditor)
    assert "Kreeg een klap." in answer.as_json() and "rode baard" not in answer.as_json()
    assert not any(one.subject == "Description of you" for one in answer.withheld)


def test_another_organisation_is_not_in_it(town: Place, other_town: Place):
    other_town.join(town.employee, Role.EMPLOYEE)
    make_incident(town, story="Hier gebeurde dit.")
    make_incident(other_town, by=town.employee, story="Elders gebeurde dat.")
    text = answered(ask(town, town.employee), town.auditor).as_json()
    assert "Hier gebeurde dit." in text and "Elders gebeurde dat." not in text


def test_collected_again(town: Place):
    incident = make_incident(town, story="Eerst dit.")
    request = ask(town, town.employee)
    collect(request=request, in_words=typed_in_words, by=town.auditor, now=clock.now())
    pieces = list(request.pieces.values_list("pk", flat=True))
    follow_proposals(request=request, pieces=pieces, by=town.auditor, now=clock.now())
    assert collect(request=request, in_words=typed_in_words, by=town.auditor, now=clock.now()) == 0
    assert not request.pieces.filter(decision="open").exists()
    incident.refresh_from_db()
    incident.story = "Nu dat."
    incident.save(update_fields=["story"])
    assert collect(request=request, in_words=typed_in_words, by=town.auditor, now=clock.now()) == 1
    fresh = request.pieces.get(decision="open")
    assert (fresh.source, fresh.text) == ("incident.story", "Nu dat.")


def test_what_nobody_looked_at_is_masked_anew(town: Place):
    make_incident(town, story="Hij riep naar Zebedeus Kwartelaar dat hij terugkwam.")
    request = ask(town, town.employee)
    again = partial(collect, request=request, in_words=typed_in_words, by=town.auditor, now=clock.now())
    again()
    old = request.pieces.get(source="incident.story")
    assert "Kwartelaar" in old.given and again() == 0
    town.join(make_user("Zebedeus Kwartelaar"), Role.EMPLOYEE, town.department)
    assert again() == 1
    piece = request.pieces.get(source="incident.story")
    assert piece.decision == "open" and "Kwartelaar" not in piece.given
    assert follow_proposals(request=request, pieces=[old.pk], by=town.auditor, now=clock.now()) == 0, "an old page"


def test_nobody_by_a_record_is_an_empty_answer(town: Place):
    request = ask(town, name="Kees Verzonnen")
    assert collect(request=request, in_words=typed_in_words, by=town.auditor, now=clock.now()) == 0
    answer = answer_of(request, clock.now())
    assert answer.data == [] and answer.withheld == [] and answer.name == "Kees Verzonnen"


def test_who_looked_stands_by_role(town: Place, as_user: Any):
    incident = make_incident(town)
    as_user(town.adviser).get(f"/dossier/{incident.pk}/")
    text = answered(ask(town, town.employee), town.auditor).as_json()
    assert town.adviser.name not in text and "VPD-adviseur" in text


EVA = Someone("Eva de Vries-Jansen", ("e.devries@vlinderwaard.invalid",))
BOS = Someone("Piet Bos", (), ("K-2024-889", "@pietje_boos"))
ME = Someone("Kees van der Berg", ("kees@verzonnen.invalid",))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Eva zei nee.", f"{BLOCK} zei nee."),
        ("Eva's tas en EVA", f"{BLOCK}'s tas en {BLOCK}"),
        ("mevrouw De Vries", f"mevrouw De {BLOCK}"),
        ("in het bos", "in het bos"),
        ("meneer Bos liep", f"meneer {BLOCK} liep"),
        ("mail e.devries@vlinderwaard.invalid maar", f"mail {BLOCK} maar"),
        ("bel 06 98765432 nu", f"bel {BLOCK} nu"),
        ("woont Dorpsstraat 12, 1234 AB", f"woont {BLOCK}, {BLOCK}"),
        ("klant K-2024-889", f"klant {BLOCK}"),
        ("op x als @pietje_boos", f"op x als {BLOCK}"),
        ("Kees van der Berg, kees@verzonnen.invalid", "Kees van der Berg, kees@verzonnen.invalid"),
        ("zaak VW-7K3QD-2", f"zaak {BLOCK}"),
        ("E\u200bva", BLOCK),
        ("januari met Jan", "januari met Jan"),
        ("", ""),
    ],
)
def test_what_is_masked(text: str, masked: str):
    masker = Masker([EVA, BOS], ME)
    assert masker.masked(text) == masked
    assert only_loses(text, masked)


def test_own_numbers_and_cases_stay():
    masker = Masker([EVA], ME, ["06-12345678", "Dorpsstraat 12\n1234 AB Dorp"], {"VW-7K3QD-2"})
    text = "Kees, 0612345678, Dorpsstraat 12, 1234AB, VW-7K3QD-2"
    assert masker.masked(text) == text


def test_a_name_that_both_bear_stays():
    masker = Masker([Someone("Anna Berg")], ME)
    assert masker.masked("Anna en Berg") == f"{BLOCK} en Berg"


@pytest.mark.parametrize(
    ("text", "given", "only"),
    [
        ("een twee drie", "een drie", True),
        ("een twee drie", "een ████ drie", True),
        ("een twee drie", "", True),
        ("een twee drie", "drie een", False),
        ("een twee drie", "een twee vier", False),
        ("een", "een een", False),
    ],
)
def test_words_may_go_and_none_may_come(text: str, given: str, only: bool):
    assert only_loses(text, given) is only


def test_three_thousand_colleagues_are_masked_quickly():
    many = [
        Someone(f"{first} {last}{number}")
        for number, (first, last) in enumerate(zip(cycle(FIRST), LAST * 300, strict=False))
    ]
    masker = Masker([*many, EVA], ME)
    begin = datetime.now()
    for _number in range(200):
        masker.masked("Zij zei dat Eva er niet was en dat Kees moest wachten. " * 5)
    assert datetime.now() - begin < timedelta(seconds=8)
