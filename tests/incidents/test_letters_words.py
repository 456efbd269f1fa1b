"""What letters say by themselves: when a measure ended, who was heard, to whom they are, why, and what it cost."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from incidents.actions.damage import add_damage
from incidents.actions.letter_docx import checked_docx
from incidents.actions.letter_ends import EndsOtherwise
from incidents.actions.letter_refusals import FieldsEmpty
from incidents.actions.letter_tags import rendered
from incidents.actions.letter_values import dutch_day, first_values
from incidents.actions.letter_words import Receiver
from incidents.actions.letters import bring_back, mark_sent
from incidents.letter_kinds import REACHES_PERPETRATOR
from incidents.letters.shipped import shipped_docx
from incidents.models import Incident, Letter, Person, Reaction
from incidents.vocabulary import DamageKind, DamageOf, LetterKind, SentBy
from tests import clock
from tests.incidents.letters import SUSPECT, VICTIM, docx, first, make, make_person, make_reaction, read
from tests.world import Place, make_incident, make_user
from vpdportal.accounts.models import PUBLIC_TASK

pytestmark = pytest.mark.usefixtures("own_store")
OLD_RULES = "dezelfde regels als voor iedereen"


@pytest.fixture
def case(town: Place) -> Incident:
    return make_incident(town)


def written(kind: str, values: dict[str, str]) -> str:
    """The shipped letter with these values, as text."""
    return read(rendered(shipped_docx(LetterKind(kind)), values))


def ended(town: Place, case: Incident, end_kind: str, person: Person | None = None) -> Reaction:
    """A ban of ninety days that ended after ten, or when its time was over."""
    reaction = make_reaction(town, case, person or make_person(town, case), status="ended")
    clock.move(days=91 if end_kind == "expired" else 10)
    reaction.end_kind, reaction.ended_at, reaction.end_reason = end_kind, clock.now(), "Van de balie: klaar ermee"
    reaction.save()
    return reaction


def send(letter: Letter, town: Place, seen: int = 1) -> Letter:
    today = timezone.localdate(clock.now())
    return mark_sent(letter=letter, seen=seen, sent_on=today, sent_by=SentBy.POST, by=town.adviser, now=clock.now())


# --- the end ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end_kind", "says"),
    [
        ("early", "eerder dan in onze brief stond"),
        ("annulled", "teruggenomen"),
        ("replaced", "een andere maatregel"),
        ("expired", "was om"),
    ],
)
def test_the_letter_of_an_end_says_the_day_on_which_it_ended(town: Place, case: Incident, end_kind: str, says: str):
    reaction = ended(town, case, end_kind)
    last = reaction.ends_on if end_kind == "expired" else timezone.localdate(clock.now())
    text = written("ban_end", first(town, case, "ban_end", reaction.person, reaction))
    assert f"gestopt op {dutch_day(last)}. " in text and says in text and "De maatregel stopt na" not in text
    assert (dutch_day(reaction.ends_on) in text) == (end_kind == "expired")
    assert (OLD_RULES in text) == (end_kind != "replaced") and "klaar ermee" not in text


def test_what_still_runs_stops_after_its_last_day(town: Place, case: Incident):
    reaction = make_reaction(town, case, make_person(town, case), status="active")
    text = written("ban_end", first(town, case, "ban_end", reaction.person, reaction))
    assert f"De maatregel stopt na {dutch_day(reaction.ends_on)}." in text and "gestopt op" not in text


def test_a_letter_with_the_old_last_day_does_not_go(town: Place, case: Incident, adviser: Client):
    reaction = ended(town, case, "early")
    day, old = dutch_day(timezone.localdate(clock.now())), dutch_day(reaction.ends_on)
    late = make(town, case, "ban_end", reaction=reaction, values={"einde": old})
    data = {"seen": 1, "sent_on": timezone.localdate(clock.now()).isoformat(), "sent_by": "post"}
    refused = adviser.post(reverse("letter_sent", args=[case.pk, late.pk]), data)
    assert refused.status_code == 409 and f"The measure ended on {day}" in refused.content.decode()
    right = make(town, case, "ban_end", reaction=reaction, values={"einde": day})
    bring_back(letter=right, content=docx(f"Het stopt na {old}."), seen=1, by=town.adviser, now=clock.now())
    with pytest.raises(EndsOtherwise):
        send(right, town, seen=2)
    bring_back(letter=right, content=docx(f"Het is gestopt op 1{day}."), seen=2, by=town.adviser, now=clock.now())
    with pytest.raises(EndsOtherwise):
        send(right, town, seen=3)
    bring_back(letter=right, content=docx(f"Het is gestopt op {day}."), seen=3, by=town.adviser, now=clock.now())
    assert send(right, town, seen=4).status == "sent"


# --- about a minor ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(REACHES_PERPETRATOR - {LetterKind.BAN_END}))
@pytest.mark.parametrize("is_minor", [True, False, None])
def test_parents_read_about_whom_it_is(town: Place, case: Incident, kind: str, is_minor: bool | None):
    person = make_person(town, case, is_minor=is_minor)
    lines = written(kind, first(town, case, kind, person, None)).splitlines()
    said = [line for line in lines if line.startswith(f"Deze brief gaat over {SUSPECT}, voor wie u zorgt.")]
    assert len(said) == (1 if is_minor else 0)
    if is_minor:
        assert lines[lines.index(said[0]) - 1] == "Geachte ouder(s) of verzorger(s)," and f"“u” {SUSPECT}" in (
            said[0].replace("bedoelen wij hierna ", "")
        )


def test_damage_done_by_a_child_is_asked_of_the_parents(town: Place, case: Incident):
    child, grown = make_person(town, case, is_minor=True), make_person(town, case, "Ander Verzonnen")
    asked = written("damage", first(town, case, "damage", child, None))
    assert "6:169" in asked and "Wij vinden dat u deze schade moet vergoeden" not in asked
    assert "6:169" not in written("damage", first(town, case, "damage", grown, None))


def test_a_letter_about_a_minor_does_not_go_without_saying_so(town: Place, case: Incident, adviser: Client):
    person = make_person(town, case, is_minor=True)
    letter = make(town, case, person=person, values={"voor_wie": " "})
    page = adviser.get(reverse("letter", args=[case.pk, letter.pk])).content.decode()
    assert "About whom it is, when a parent reads it." in page
    with pytest.raises(FieldsEmpty):
        send(letter, town)
    assert send(make(town, case, person=person), town).status == "sent"
    grown = make_person(town, case, "Ander Verzonnen")
    assert send(make(town, case, person=grown, values={"voor_wie": ""}), town).status == "sent"


@pytest.mark.parametrize("is_minor", [True, False])
def test_someone_without_a_name_is_addressed_all_the_same(town: Place, case: Incident, is_minor: bool):
    values = first(town, case, "warning", make_person(town, case, " ", is_minor=is_minor), None)
    assert values["aanhef"] == ("Geachte ouder(s) of verzorger(s)," if is_minor else "Geachte heer of mevrouw,")
    assert "over uw kind, voor" in values["voor_wie"] if is_minor else values["voor_wie"] == ""


# --- heard or not -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["warning", "conditions", "pause", "ban"])
@pytest.mark.parametrize(
    ("hearing", "says"),
    [
        ("heard", "U vertelde dat u lang had gewacht."),
        ("invited", "Wij hebben u uitgenodigd om uw kant te vertellen."),
        ("not_safe", "Dat kon toen niet op een veilige manier."),
        ("later", "Wij hebben uw kant van het verhaal nog niet gehoord."),
    ],
)
def test_the_letter_says_how_the_other_side_was_heard(town: Place, case: Incident, kind: str, hearing: str, says: str):
    reaction = make_reaction(town, case, make_person(town, case), kind)
    reaction.hearing, reaction.hearing_words = hearing, "U vertelde dat u lang had gewacht."
    reaction.save()
    text = written(kind, first(town, case, kind, reaction.person, reaction))
    assert says in text
    assert ("nog niet gehoord" in text) == (hearing == "later")
    assert ("Wij hebben dat meegewogen" in text) == (hearing == "heard")
    assert ("lang had gewacht" in text) == (hearing == "heard"), "words of the desk stay with the desk"


# --- to whom the outcome is -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reporter_is", "receiver", "says"),
    [
        ("self", Receiver.REPORTER, "U hebt bij ons gemeld wat u is overkomen."),
        ("colleague", Receiver.HIT, "Iemand heeft bij ons gemeld wat u is overkomen."),
        ("colleague", Receiver.REPORTER, "U hebt bij ons gemeld wat iemand anders is overkomen."),
        ("witness", Receiver.REPORTER, "U hebt bij ons gemeld wat u hebt gezien."),
    ],
)
def test_the_outcome_speaks_to_who_reads_it(town: Place, reporter_is: str, receiver: Receiver, says: str):
    hit = None if reporter_is == "self" else make_user("Geraakte Collega")
    case = make_incident(town, reporter_is=reporter_is, affected=hit)
    values = first_values(
        incident=case,
        kind=LetterKind.OUTCOME,
        person=None,
        reaction=None,
        by=town.adviser,
        now=clock.now(),
        receiver=receiver,
    )
    assert says in written("outcome", values)
    assert values["naam"] == (hit.name if hit and receiver == Receiver.HIT else town.employee.name)


def test_of_who_reported_and_who_was_hit_one_chooses(town: Place, case: Incident, adviser: Client):
    other = make_incident(town, reporter_is="colleague", affected_name=VICTIM)
    url = reverse("letter_new", args=[other.pk, "outcome"])
    page = adviser.get(url)
    text = page.content.decode()
    assert page.context["form"].initial["naam"] == VICTIM and "goes to the person hit" in text and "?aan=melder" in text
    turned = adviser.get(f"{url}?aan=melder")
    assert turned.context["form"].initial["aanhef"] == f"Beste {town.employee.name},"
    assert "goes to the reporter" in turned.content.decode() and "?aan=geraakte" in turned.content.decode()
    assert adviser.get(f"{url}?aan=koning").status_code == 404
    own = reverse("letter_new", args=[case.pk, "outcome"])
    assert 'href="?aan=' not in adviser.get(own).content.decode(), "who reports about oneself is the only one"
    assert adviser.get(f"{own}?aan=geraakte").status_code == 404


# --- article 14 of the AVG --------------------------------------------------------------------------------------------


def test_the_letter_of_article_14_says_the_ground_and_the_officer_of_the_organisation(town: Place, case: Incident):
    person = make_person(town, case)
    assert first(town, case, "avg14", person, None)["grondslag"] == PUBLIC_TASK
    town.organisation.processing_ground, town.organisation.data_officer = (
        "een wettelijke plicht",
        "fg@voorbeeld.invalid",
    )
    town.organisation.save()
    case.refresh_from_db()
    text = written("avg14", first(town, case, "avg14", person, None))
    assert "op grond van een wettelijke plicht." in text and "gegevensbescherming: fg@voorbeeld.invalid." in text
    assert "gerechtvaardigd belang" not in text and "wissen wij" not in text and "hooguit 2 jaar na" in text


@pytest.mark.parametrize(("field", "label"), [("fg", "Data protection officer"), ("grondslag", "ground")])
def test_it_does_not_go_without_them(town: Place, case: Incident, field: str, label: str):
    letter = make(town, case, "avg14", person=make_person(town, case), values={field: ""})
    with translation.override("en"), pytest.raises(FieldsEmpty, match=label):
        send(letter, town)
    warning = make_reaction(town, case, make_person(town, case, "Ander Verzonnen"), "warning")
    assert send(make(town, case, "warning", reaction=warning, values={"fg": ""}), town).status == "sent"


# --- damage -----------------------------------------------------------------------------------------------------------


def lose(town: Place, case: Incident, of: DamageOf, words: str, amount: int, **more: Any) -> None:
    kind = DamageKind.BUILDING if of == DamageOf.ORGANISATION else DamageKind.GOODS
    line = add_damage(incident=case, of=of, kind=kind, words=words, amount=amount, by=town.adviser, now=clock.now())
    for name, value in more.items():
        setattr(line, name, value)
    line.save()
    clock.move(minutes=1)  # they stand in the order in which they were written down


def test_what_broke_and_what_it_cost_stands_in_the_letter(town: Place):
    case = make_incident(town, reporter_is="colleague", affected_name=VICTIM)
    lose(town, case, DamageOf.ORGANISATION, "Het scherm van balie 2", 45000, recovered=5000)
    lose(town, case, DamageOf.ORGANISATION, f"De stoel van {VICTIM}", 10000)
    lose(town, case, DamageOf.VICTIM, "Bril, zegt de huisarts", 18950)
    lose(town, case, DamageOf.VICTIM, "Jas", 9900, recovered=9900)
    lose(town, case, DamageOf.ORGANISATION, "Afgeboekt", 7700, is_finished=True)
    values = first(town, case, "damage", make_person(town, case), None)
    assert values["schade"].replace("\u00a0", " ").splitlines() == [
        "Het scherm van balie 2: € 400,00",
        "gebouw of meubels: € 100,00",
        "kleding, bril, sieraden of andere spullen (van een medewerker): € 189,50",
    ]
    assert values["schade_bedrag"].replace("\u00a0", " ") == "€ 689,50"
    assert checked_docx(rendered(shipped_docx(LetterKind.DAMAGE), values))


def test_many_losses_fit_and_none_leave_the_fields_open(town: Place, case: Incident):
    person = make_person(town, case)
    values = first(town, case, "damage", person, None)
    assert values["schade"] == values["schade_bedrag"] == ""
    for _number in range(60):
        lose(town, case, DamageOf.ORGANISATION, "x" * 100, 100)
    values = first(town, case, "damage", person, None)
    assert values["schade"].replace("\u00a0", " ") == "60 posten, samen € 60,00"


def test_damage_is_still_asked_after_the_case_has_ended(town: Place, case: Incident):
    person = make_person(town, case)
    Incident.objects.filter(pk=case.pk).update(status="closed", closed_at=clock.now(), closed_by=town.adviser)
    case.refresh_from_db()
    assert send(make(town, case, "damage", person=person), town).status == "sent"
