"""Letters of a case: made, changed, brought back, previewed, sent once and for all; never with who was hit in them."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pypdf import PdfReader

from incidents.actions.advice import complete_facts
from incidents.actions.exclusions import keep_out
from incidents.actions.letter_files import read_letter, remove_orphan_letters, store_letter
from incidents.actions.letter_refusals import (
    FieldsEmpty,
    LetterCannotBeOpened,
    LetterIsFixed,
    LetterMovedOn,
    NamesSomeone,
    PoliceAskToWait,
    ReactionNeeded,
    ReactionNotSigned,
    SentOnNoSuchDay,
)
from incidents.actions.letter_signed import OtherThanSigned
from incidents.actions.letters import NewLetter, change_letter, latest_version, make_letter, mark_sent
from incidents.actions.person_openings import open_person
from incidents.actions.refusals import CaseClosed
from incidents.letter_fields import examples_of, needed_of
from incidents.letter_kinds import CARRIES, REACHES_PERPETRATOR
from incidents.models import Incident, Letter, LetterVersion, Note, PersonOpening, Reaction, TimelineEntry
from incidents.vocabulary import LetterKind, SentBy
from tests import clock
from tests.incidents.letters import (
    ADDRESS,
    SUSPECT,
    VICTIM,
    docx,
    first,
    make,
    make_person,
    make_reaction,
    read,
    upload,
    with_xml,
)
from tests.world import Place, make_incident
from vpdportal import pdf
from vpdportal.accounts.models import User
from vpdportal.audit.models import AuditEvent

pytestmark = pytest.mark.usefixtures("own_store")


@pytest.fixture
def case(town: Place) -> Incident:
    town.organisation.postal_address = "Postbus 1\n1234 AB Vlinderwaard"
    town.organisation.save()
    return make_incident(town)


@pytest.fixture
def adviser(town: Place, as_user: Any) -> Client:
    return english(as_user, town.adviser)


def english(as_user: Any, user: User) -> Client:
    client: Client = as_user(user)
    client.cookies["vpd_language"] = "en"
    return client


def said_in(town: Place, reaction: Reaction) -> dict[str, str]:
    """What the form is filled in with for the letter of this reaction, as far as it comes from there."""
    found = first(town, reaction.incident, reaction.kind, reaction.person, reaction)
    return {name: found[name] for name in ("begin", "einde", "gebouwen", "basisdiensten")}


def send(letter: Letter, by: User, **more: Any) -> Letter:
    details = {"seen": 1, "sent_on": timezone.localdate(clock.now()), "sent_by": SentBy.POST, **more}
    return mark_sent(letter=letter, by=by, now=clock.now(), **details)


def address(name: str, letter: Letter, *more: Any) -> str:
    return reverse(name, args=[letter.incident_id, letter.pk, *more])


def writer_of(page: Any) -> str:
    return str(page.context["writer"])


# --- made -------------------------------------------------------------------------------------------------------------


def test_a_letter_is_made_from_a_reaction_with_its_words_filled_in(town: Place, case: Incident, adviser: Client):
    person = make_person(town, case)
    reaction = make_reaction(town, case, person)
    page = adviser.get(reverse("case_letters", args=[case.pk]))
    offer = next(one for one in page.context["offers"] if one.kind == "ban")
    assert str(reaction.pk) in offer.url and offer.url in page.content.decode()
    form = adviser.get(offer.url)
    initial = form.context["form"].initial
    assert initial["gedrag"] == reaction.conduct and initial["gebouwen"] == "Het gemeentehuis"
    assert initial["ondertekenaar"] == town.management.name and initial["kenmerk"] == case.reference
    data = {**initial, "naam": SUSPECT, "key": str(uuid4()), "writer": writer_of(form)}
    made = adviser.post(offer.url, data)
    letter = Letter.objects.get()
    assert made.url == address("letter", letter) and letter.reaction == reaction and letter.person == person
    version = latest_version(letter)
    content = read_letter(version)
    assert "U sloeg met uw vuist op de balie." in read(content) and "{{" not in read(content)
    assert version.values["naam"] == SUSPECT and version.size == len(content)
    stored = settings.STORAGES["evidence"]["OPTIONS"]["location"] / version.path
    assert SUSPECT.encode() not in Path(stored).read_bytes() and Path(stored).read_bytes()[:2] != b"PK"
    assert TimelineEntry.objects.filter(incident=case, kind="letter_made", by=town.adviser).count() == 1
    assert SUSPECT not in str(list(AuditEvent.objects.values_list("fields", flat=True)))
    adviser.post(offer.url, data)
    assert Letter.objects.count() == 1, "a second press makes no second letter"


def test_other_words_from_a_page_that_was_sent_before_are_not_lost(case: Incident, adviser: Client):
    url = reverse("letter_new", args=[case.pk, "invitation"])
    data = {**examples_of("invitation"), "writer": writer_of(adviser.get(url)), "key": str(uuid4())}
    assert adviser.post(url, {**data, "afspraken": "De eerste tekst"}).status_code == 302
    late = adviser.post(url, {**data, "afspraken": "De betere tekst"})
    assert late.status_code == 409 and "De betere tekst" in late.content.decode() and Letter.objects.count() == 1
    again = {**data, "afspraken": "De betere tekst", "key": late.context["form"]["key"].value()}
    assert adviser.post(url, again).status_code == 302, "as a second letter, as the page says"
    assert sorted(one.values["afspraken"] for one in LetterVersion.objects.all()) == [
        "De betere tekst",
        "De eerste tekst",
    ]


def test_name_and_address_come_along_only_when_the_record_is_open(town: Place, case: Incident, adviser: Client):
    person = make_person(town, case)
    url = reverse("letter_new", args=[case.pk, "avg14"])
    shut = adviser.get(url)
    assert shut.context["form"].initial["naam"] == "" and "Open the record" in shut.content.decode()
    assert SUSPECT not in shut.content.decode()
    adviser.post(url, {"do": "open", "writer": writer_of(shut)})
    assert PersonOpening.objects.get().purpose == "handle"
    page = adviser.get(url)
    assert page.context["form"].initial["naam"] == SUSPECT and page.context["form"].initial["adres"] == ADDRESS
    assert AuditEvent.objects.filter(action="person.viewed", object_id=person.pk).exists()
    clock.move(hours=2)
    assert adviser.get(url).context["form"].initial["naam"] == ""


def test_a_letter_about_a_minor_goes_to_the_parents_and_says_so(town: Place, case: Incident, adviser: Client):
    person = make_person(town, case, is_minor=True)
    open_person(person=person, purpose="handle", reason="brief", incident=case, by=town.adviser, now=clock.now())
    page = adviser.get(reverse("letter_new", args=[case.pk, "invitation"]))
    assert page.context["form"].initial["geadresseerde"] == f"Aan de ouder(s) of verzorger(s) van {SUSPECT}"
    assert "This person is a minor" in page.content.decode()


def test_of_two_perpetrators_one_chooses_and_one_of_elsewhere_is_not_there(
    town: Place, other_town: Place, case: Incident, adviser: Client
):
    one, two = make_person(town, case), make_person(town, case, "Tweede Verzonnen")
    stranger = make_person(other_town, make_incident(other_town))
    offers = [o for o in adviser.get(reverse("case_letters", args=[case.pk])).context["offers"] if o.kind == "avg14"]
    assert len(offers) == 2 and all(str(p.pk) in " ".join(o.url for o in offers) for p in (one, two))
    url = reverse("letter_new", args=[case.pk, "avg14"])
    assert adviser.get(f"{url}?persoon={two.pk}").status_code == 200
    for wrong in (stranger.pk, uuid4(), "x", "'"):
        assert adviser.get(f"{url}?persoon={wrong}").status_code == 404
    assert adviser.get(reverse("letter_new", args=[case.pk, "nonsense"])).status_code == 404


def test_a_letter_stays_about_whom_it_was_opened_for(town: Place, case: Incident, adviser: Client):
    person = make_person(town, case)
    offers = adviser.get(reverse("case_letters", args=[case.pk])).context["offers"]
    url = f"{reverse('letter_new', args=[case.pk, 'avg14'])}?persoon={person.pk}"
    assert [offer.url for offer in offers if offer.kind == "avg14"] == [url]
    page = adviser.get(url.partition("?")[0])
    assert page.context["address"] == url and page.content.decode().count(f'action="{url}"') == 2, "also to open it"
    make_person(town, case, "Tweede Verzonnen")  # linked meanwhile
    adviser.post(url, {**examples_of("avg14"), "writer": writer_of(page), "key": str(uuid4())})
    assert Letter.objects.get().person == person


def test_a_ban_without_a_reaction_is_not_made(town: Place, case: Incident, adviser: Client):
    url = reverse("letter_new", args=[case.pk, "ban"])
    assert adviser.get(url).status_code == 302
    with pytest.raises(ReactionNeeded):
        make(town, case, "ban")
    reaction = make_reaction(town, case, make_person(town, case))
    other_case = make_incident(town)
    with pytest.raises(ReactionNeeded):
        make(town, other_case, "ban", reaction=reaction)
    with pytest.raises(ReactionNeeded):
        make(town, case, "warning", reaction=reaction)
    assert make(town, case, "ban", reaction=reaction).status == "draft"
    assert adviser.get(f"{url}?maatregel={reaction.pk}").status_code == 200
    assert adviser.get(f"{url}?maatregel={uuid4()}").status_code == 404


# --- never who was hit ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(REACHES_PERPETRATOR))
def test_who_was_hit_never_comes_into_a_letter_to_the_perpetrator(town: Place, kind: str):
    """Planted wherever the report holds a name; the first values take nothing of it."""
    town.employee.name = "Melder van Binnen"
    town.employee.save()
    case = make_incident(
        town,
        reporter_is="colleague",
        affected_name=VICTIM,
        story=f"{VICTIM} werd geslagen, zag {town.employee.name}.",
        perpetrator_description=f"Kent {VICTIM}",
        place=f"Kamer van {VICTIM}",
    )
    person = make_person(town, case)
    allowed = CARRIES.get(LetterKind(kind))
    status = "ended" if kind == "ban_end" else "signed"
    reaction = make_reaction(town, case, person, allowed[-1], status) if allowed else None
    values = first(town, case, kind, person, reaction)
    new = NewLetter(uuid4(), case, LetterKind(kind), values, person, reaction)
    text = read(read_letter(latest_version(make_letter(new=new, by=town.adviser, now=clock.now()))))
    assert SUSPECT in text and "{{" not in text
    for name in (VICTIM, "Melder van Binnen", *VICTIM.split()):
        assert name not in text


def test_a_name_that_someone_types_is_refused_and_stays_typed(town: Place, adviser: Client):
    case = make_incident(town, reporter_is="colleague", affected_name=VICTIM)
    make_person(town, case)
    for name in (VICTIM, VICTIM.upper(), f"({VICTIM.replace(' ', chr(10))})", town.employee.name):
        with pytest.raises(NamesSomeone):
            make(town, case, values={"gedrag": f"U sloeg {name}."})
    url = reverse("letter_new", args=[case.pk, "invitation"])
    data = {**examples_of("invitation"), "gedrag": f"U sloeg {VICTIM}.", "writer": writer_of(adviser.get(url))}
    refused = adviser.post(url, data)
    assert refused.status_code == 409 and "What happened" in refused.content.decode()
    assert f"U sloeg {VICTIM}." in refused.content.decode() and not Letter.objects.exists()
    letter = make(town, case, values={"naam": VICTIM, "gedrag": "U sloeg een medewerker."})
    assert letter.pk, "father and son can have one name: to whom it goes is not judged"
    brought = adviser.post(
        address("letter_brought", make(town, case)), {"document": upload(docx(f"U sloeg {VICTIM}")), "seen": 1}
    )
    assert brought.status_code == 409 and "was hit" in brought.content.decode()


def test_the_letter_to_the_reporter_does_not_name_who_did_it(town: Place, case: Incident, adviser: Client):
    make_person(town, case)
    values = first(town, case, "outcome", None, None)
    assert values["naam"] == town.employee.name and SUSPECT not in str(values)
    with pytest.raises(NamesSomeone):
        make(town, case, "outcome", values={"uitkomst": f"Wij spraken {SUSPECT}."})
    assert make(town, case, "outcome", values={"uitkomst": "Wij spraken met de veroorzaker."})


# --- changed and brought back -----------------------------------------------------------------------------------------


def test_two_people_do_not_write_over_each_other(town: Place, case: Incident, adviser: Client, as_user: Any):
    letter = make(town, case)
    other = english(as_user, town.deputy)
    mine, theirs = adviser.get(address("letter", letter)), other.get(address("letter", letter))
    data = {**examples_of("invitation"), "seen": 1}
    assert (
        other.post(address("letter", letter), {**data, "afspraken": "Van hen", "writer": writer_of(theirs)}).status_code
        == 302
    )
    late = adviser.post(address("letter", letter), {**data, "afspraken": "Van mij", "writer": writer_of(mine)})
    text = late.content.decode()
    assert late.status_code == 409 and town.deputy.name in text and "Van mij" in text and "Van hen" in text
    assert late.context["form"]["seen"].value() == "2", "who saves again has seen it"
    assert latest_version(letter).values["afspraken"] == "Van hen"
    with pytest.raises(LetterMovedOn):
        send(letter, town.adviser, seen=1)
    assert LetterVersion.objects.filter(letter=letter).count() == 2
    again = adviser.post(
        address("letter", letter), {**data, "seen": 2, "afspraken": "Van mij", "writer": writer_of(late)}
    )
    assert again.status_code == 302 and latest_version(letter).values["afspraken"] == "Van mij"
    assert read_letter(letter.versions.get(number=2)) != read_letter(letter.versions.get(number=3))


def test_what_is_wrong_stays_typed(town: Place, case: Incident, adviser: Client):
    letter = make(town, case)
    writer = writer_of(adviser.get(address("letter", letter)))
    data = {**examples_of("invitation"), "seen": 1, "writer": writer}
    for wrong in ("{{ naam }}", "{% if x %}", "x" * 4001):
        page = adviser.post(address("letter", letter), {**data, "gedrag": wrong})
        assert page.status_code == 400 and wrong[:4000] in page.content.decode().replace("&#123;", "{")
    assert latest_version(letter).number == 1
    odd = "<script>😡 & " + "y" * 100
    assert adviser.post(address("letter", letter), {**data, "gedrag": "a\x00b"}).status_code == 400
    kept = adviser.post(address("letter", letter), {**data, "geadresseerde": odd, "gedrag": "a\x0b\x1fb\ufffe"})
    assert kept.status_code == 302 and latest_version(letter).values["gedrag"] == "ab"
    assert odd in read(read_letter(latest_version(letter)))


def test_what_was_typed_comes_back_after_signing_in(town: Place, case: Incident, adviser: Client):
    letter = make(town, case)
    writer = writer_of(adviser.get(address("letter", letter)))
    adviser.logout()
    data = {**examples_of("invitation"), "seen": 1, "writer": writer, "afspraken": "Lang getypt"}
    for name in ("letter", "letter_withdraw"):
        signed_out = adviser.post(address(name, letter), data)
        assert "Lang getypt" in signed_out.content.decode() and latest_version(letter).number == 1


def test_a_letter_changed_in_word_comes_back_as_a_version(town: Place, case: Incident, adviser: Client):
    letter = make(town, case)
    given = adviser.get(address("letter_file", letter, 1))
    assert given["Content-Disposition"] == f'attachment; filename="invitation-{case.reference}-1.docx"'
    assert "no-store" in given["Cache-Control"] and given["X-Content-Type-Options"] == "nosniff"
    assert read(given.content) == read(read_letter(latest_version(letter)))
    good = docx("Beste Teun, in Word veranderd.")
    back = adviser.post(address("letter_brought", letter), {"document": upload(good), "seen": 1})
    version = latest_version(letter)
    assert back.status_code == 302 and version.number == 2 and version.is_brought
    assert read_letter(version) == good and version.values == letter.versions.get(number=1).values
    for bad, says in (
        (docx("Beste {{ naam }}"), "{{ naam }}"),
        (docx("Beste {{ naam"), "naam"),
        (with_xml(good, "<w:p><w:ins><w:r><w:t>x</w:t></w:r></w:ins></w:p>"), "tracked changes"),
        (b"%PDF", "no Word document"),
        (b"x" * (2 * 1024 * 1024 + 1), "2 MB"),
        (b"", "empty"),
    ):
        refused = adviser.post(address("letter_brought", letter), {"document": upload(bad), "seen": 2})
        assert refused.status_code == 400 and says in refused.content.decode().replace("&#123;", "{")
    assert adviser.post(address("letter_brought", letter), {"document": upload(good), "seen": 1}).status_code == 409
    assert latest_version(letter).number == 2


def test_a_letter_with_empty_fields_is_not_brought_back(town: Place, case: Incident, adviser: Client):
    letter = make(town, case, values={"gesprek_waar": " "})
    refused = adviser.post(address("letter_brought", letter), {"document": upload(docx("x")), "seen": 1})
    assert refused.status_code == 409 and "Where the talk is" in refused.content.decode()


# --- sent -------------------------------------------------------------------------------------------------------------


def test_a_sent_letter_never_changes(town: Place, case: Incident, adviser: Client):
    letter = make(town, case)
    writer = writer_of(adviser.get(address("letter", letter)))
    today = timezone.localdate(clock.now())
    data = {"seen": 1, "sent_on": today.isoformat(), "sent_by": "registered", "writer": writer}
    assert adviser.post(address("letter_sent", letter), data).status_code == 302
    letter.refresh_from_db()
    assert (letter.status, letter.sent_on, letter.sent_by, letter.marked_by) == (
        "sent",
        today,
        "registered",
        town.adviser,
    )
    assert TimelineEntry.objects.filter(incident=case, kind="letter_sent").count() == 1
    fields = {**examples_of("invitation"), "seen": 1, "writer": writer}
    assert adviser.post(address("letter", letter), fields).status_code == 409
    assert (
        adviser.post(address("letter_brought", letter), {"document": upload(docx("x")), "seen": 1}).status_code == 409
    )
    assert adviser.post(address("letter_sent", letter), data).status_code == 409
    withdrawal = {"seen": 1, "reason": "x", "writer": writer}
    assert adviser.post(address("letter_withdraw", letter), withdrawal).status_code == 409
    assert latest_version(letter).number == 1
    page = adviser.get(address("letter", letter)).content.decode()
    assert "by registered post" in page and "Save as a new version" not in page


@pytest.mark.parametrize(("days", "is_possible"), [(-1, False), (0, True), (1, True), (2, True), (3, False)])
def test_it_is_sent_from_the_day_it_was_made_until_today(town: Place, case: Incident, days: int, is_possible: bool):
    letter = make(town, case)
    clock.move(days=2)
    day = timezone.localdate(letter.made_at) + timedelta(days=days)
    if is_possible:
        assert send(letter, town.adviser, sent_on=day).sent_on == day
        return
    with pytest.raises(SentOnNoSuchDay):
        send(letter, town.adviser, sent_on=day)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "10000-01-01", "morgen", ""])
def test_odd_days_are_refused_on_the_page(town: Place, case: Incident, adviser: Client, day: str):
    letter = make(town, case)
    writer = writer_of(adviser.get(address("letter", letter)))
    answer = adviser.post(
        address("letter_sent", letter), {"seen": 1, "sent_on": day, "sent_by": "post", "writer": writer}
    )
    assert answer.status_code in {400, 409}


def test_what_is_needed_and_empty_is_named(town: Place, case: Incident, adviser: Client):
    letter = make(town, case, values={"adres": "", "gesprek_waar": "  ", "afspraken": ""})
    assert "Needed before it goes" in adviser.get(address("letter", letter)).content.decode()
    with translation.override("en"), pytest.raises(FieldsEmpty) as refused:
        send(letter, town.adviser)
    said = str(refused.value)
    assert "Address" in said and "Where the talk is" in said and "agreed" not in said
    only = examples_of("invitation", names=[field.name for field in needed_of("invitation")])
    change_letter(letter=letter, values=only, seen=1, by=town.adviser, now=clock.now())
    assert send(letter, town.adviser, seen=2).status == "sent"


def test_nothing_goes_to_the_perpetrator_while_the_police_ask_to_wait(town: Place, case: Incident, adviser: Client):
    letter, outcome = make(town, case), make(town, case, "outcome")
    complete_facts(incident=case, answers={"police_ask_to_wait": True}, by=town.adviser, now=clock.now())
    assert "The police ask to wait" in adviser.get(address("letter", letter)).content.decode()
    with pytest.raises(PoliceAskToWait):
        send(letter, town.adviser)
    assert send(outcome, town.adviser).status == "sent"
    complete_facts(incident=case, answers={"police_ask_to_wait": False}, by=town.adviser, now=clock.now())
    assert send(letter, town.adviser).status == "sent"


@pytest.mark.parametrize("status", ["draft", "proposed", "withdrawn", "signed", "active", "done", "ended"])
def test_a_measure_goes_out_after_its_signature(town: Place, case: Incident, status: str):
    reaction = make_reaction(town, case, make_person(town, case))
    letter = make(town, case, "ban", reaction=reaction, values=said_in(town, reaction))
    reaction.status, reaction.ended_at = status, clock.now() if status == "ended" else None
    reaction.save(update_fields=["status", "ended_at"])
    if status in {"signed", "active", "done", "ended"}:
        assert send(letter, town.adviser).status == "sent"
        return
    with pytest.raises(ReactionNotSigned):
        send(letter, town.adviser)


@pytest.mark.parametrize(
    ("field", "label"),
    [
        ("begin", "From"),
        ("einde", "Up to and including"),
        ("gebouwen", "Which buildings and grounds"),
        ("basisdiensten", "What stays available"),
    ],
)
def test_what_goes_out_is_what_was_signed(town: Place, case: Incident, adviser: Client, field: str, label: str):
    reaction = make_reaction(town, case, make_person(town, case))
    said = said_in(town, reaction)
    letter = make(town, case, "ban", reaction=reaction, values={**said, field: "Elders"})
    today = timezone.localdate(clock.now()).isoformat()
    data = {"sent_on": today, "sent_by": "registered"}
    refused = adviser.post(address("letter_sent", letter), {**data, "seen": 1})
    assert refused.status_code == 409 and f"This is not what was signed: {label}." in refused.content.decode()
    right = make(town, case, "ban", reaction=reaction, values={**said, "gedrag": "Anders gezegd."})
    assert adviser.post(address("letter_sent", right), {**data, "seen": 1}).status_code == 302, "wording is free"


@pytest.mark.parametrize("kind", ["ban", "conditions", "pause"])
def test_what_was_given_later_goes_out_as_it_was_signed(town: Place, case: Incident, kind: str):
    """Made when it was signed and handed over two days later; and of a day before the signature never."""
    reaction = make_reaction(town, case, make_person(town, case), kind)
    said = first(town, case, kind, reaction.person, reaction)
    needed = {name: said[name] or "Ja" for name in said}

    def one(**more: str) -> Letter:
        return make(town, case, kind, reaction=reaction, values={**needed, **more})

    as_signed, on_the_day = one(), one(begin="26 november 2026")
    others = [one(begin="23 november 2026"), one(begin="25 november 2026")]
    assert said["begin"] == "24 november 2026"
    with pytest.raises(OtherThanSigned):
        send(on_the_day, town.adviser)
    clock.move(days=2)
    reaction.status, reaction.given_at = "active", clock.now()
    reaction.save(update_fields=["status", "given_at"])
    for letter in others:
        with pytest.raises(OtherThanSigned):
            send(letter, town.adviser)
    assert [send(letter, town.adviser).status for letter in (as_signed, on_the_day)] == ["sent", "sent"]
    assert "Kreeg u deze brief pas na 24 november 2026?" in read(read_letter(latest_version(as_signed)))
    assert first(town, case, "ban_end", reaction.person, reaction)["begin"] == "26 november 2026", "from when it held"


def test_what_comes_back_from_word_still_says_what_was_signed(town: Place, case: Incident, adviser: Client):
    reaction = make_reaction(town, case, make_person(town, case))
    letter = make(town, case, "ban", reaction=reaction, values=said_in(town, reaction))
    said = [said_in(town, reaction)[name] for name in ("begin", "einde", "gebouwen", "basisdiensten")]
    data = {"sent_on": timezone.localdate(clock.now()).isoformat(), "sent_by": "registered"}
    other = [said[0], f"1{said[1]}", *said[2:]]  # 122 februari is not 22 februari
    adviser.post(address("letter_brought", letter), {"document": upload(docx("Beste,", *other)), "seen": 1})
    refused = adviser.post(address("letter_sent", letter), {**data, "seen": 2})
    assert refused.status_code == 409 and "not what was signed: Up to and including." in refused.content.decode()
    adviser.post(address("letter_brought", letter), {"document": upload(docx(" en ".join(said))), "seen": 2})
    assert adviser.post(address("letter_sent", letter), {**data, "seen": 3}).status_code == 302


def test_an_end_is_told_of_what_has_begun(town: Place, case: Incident):
    reaction = make_reaction(town, case, make_person(town, case))
    with pytest.raises(ReactionNeeded):
        make(town, case, "ban_end", reaction=reaction)
    reaction.status = "active"
    reaction.save(update_fields=["status"])
    assert send(make(town, case, "ban_end", reaction=reaction), town.adviser).status == "sent"


def test_a_closed_case_gets_only_the_letters_that_come_after(town: Place, case: Incident, adviser: Client):
    letter = make(town, case)
    Incident.objects.filter(pk=case.pk).update(status="closed", closed_at=clock.now(), closed_by=town.adviser)
    case.refresh_from_db()
    with pytest.raises(CaseClosed):
        send(letter, town.adviser)
    with pytest.raises(CaseClosed):
        make(town, case, "invitation")
    assert send(make(town, case, "outcome"), town.adviser).status == "sent"
    kinds = {offer.kind for offer in adviser.get(reverse("case_letters", args=[case.pk])).context["offers"]}
    assert kinds == {"avg14", "damage", "outcome"}


@pytest.mark.parametrize(
    ("name", "form", "typed"),
    [
        ("letter_sent", "sent_form", {"sent_on": "2026-11-24", "sent_by": "post"}),
        ("letter_withdraw", "withdraw_form", {"reason": "De datum klopt niet."}),
    ],
)
def test_a_newer_version_is_looked_at_before_it_goes_or_is_withdrawn(
    town: Place, case: Incident, adviser: Client, name: str, form: str, typed: dict[str, str]
):
    letter = make(town, case)
    page = adviser.get(address("letter", letter))
    data = {**typed, "writer": writer_of(page), "seen": page.context[form]["seen"].value()}
    change_letter(letter=letter, values=examples_of("invitation"), seen=1, by=town.deputy, now=clock.now())
    late = adviser.post(address(name, letter), data)
    letter.refresh_from_db()
    assert late.status_code == 409 and town.deputy.name in late.content.decode() and letter.status == "draft"
    assert {name: late.context[form][name].value() for name in typed} == typed
    again = {**data, "seen": late.context[form]["seen"].value()}
    assert adviser.post(address(name, letter), again).status_code == 302


def test_withdrawing_asks_a_reason_and_keeps_it_as_a_note(town: Place, case: Incident, adviser: Client):
    letter = make(town, case)
    data = {"writer": writer_of(adviser.get(address("letter", letter))), "seen": 1}
    assert adviser.post(address("letter_withdraw", letter), {**data, "reason": "  "}).status_code == 400
    assert (
        adviser.post(address("letter_withdraw", letter), {**data, "reason": "Er komt een gesprek."}).status_code == 302
    )
    letter.refresh_from_db()
    assert letter.status == "withdrawn" and "Er komt een gesprek." in Note.objects.get(incident=case).text
    with pytest.raises(LetterIsFixed):
        send(letter, town.adviser)


# --- the file ---------------------------------------------------------------------------------------------------------


def test_a_file_that_was_changed_or_is_of_another_version_does_not_open(town: Place, case: Incident, adviser: Client):
    one, two = latest_version(make(town, case)), latest_version(make(town, case))
    place = Path(settings.STORAGES["evidence"]["OPTIONS"]["location"])
    assert read_letter(one)
    (place / one.path).write_bytes((place / two.path).read_bytes())
    with pytest.raises(LetterCannotBeOpened):
        read_letter(one)
    answer = adviser.get(address("letter_file", one.letter, 1))
    assert answer.status_code == 409 and "cannot be opened" in answer.content.decode()
    assert adviser.get(address("letter_preview", one.letter)).status_code == 409
    (place / one.path).unlink()
    with pytest.raises(LetterCannotBeOpened):
        read_letter(one)


def test_a_refused_letter_leaves_no_file_and_orphans_are_tidied(town: Place, case: Incident, monkeypatch: Any):
    letter = make(town, case)
    folder = Path(settings.STORAGES["evidence"]["OPTIONS"]["location"]) / str(town.organisation.pk) / "letters"
    with pytest.raises(LetterMovedOn):
        change_letter(letter=letter, values=examples_of("invitation"), seen=9, by=town.adviser, now=clock.now())
    with monkeypatch.context() as broken:
        broken.setattr("incidents.actions.letters.note_in_trail", lambda **_row: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            change_letter(letter=letter, values=examples_of("invitation"), seen=1, by=town.adviser, now=clock.now())
    assert [path.name for path in folder.iterdir()] == [str(latest_version(letter).pk)]
    orphan = LetterVersion(organisation=town.organisation)
    store_letter(orphan, b"x")
    real_now = timezone.now()
    assert remove_orphan_letters(now=real_now) == 0
    assert remove_orphan_letters(now=real_now + timedelta(days=2)) == 1
    assert read_letter(latest_version(letter))


# --- preview ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("pango")
def test_the_preview_is_a_tagged_pdf_of_what_will_go(town: Place, case: Incident, adviser: Client):
    reaction = make_reaction(town, case, make_person(town, case))
    letter = make(town, case, "ban", reaction=reaction, values={"gedrag": "U riep <b>&amp;</b> 😡"})
    answer = adviser.get(address("letter_preview", letter))
    assert answer["Content-Type"] == "application/pdf" and "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"] == f'inline; filename="ban-{case.reference}.pdf"'
    document = PdfReader(BytesIO(answer.content))
    text = " ".join(page.extract_text() for page in document.pages)
    assert "Toegangsontzegging" in text and "<b>&amp;</b>" in text and "{{" not in text and "Preview" in text
    root = document.trailer["/Root"]
    assert root["/Lang"] == "nl" and root["/MarkInfo"]["/Marked"] and case.reference in document.metadata.title
    looked = AuditEvent.objects.filter(action="incident.viewed", object_id=case.pk, actor_id=town.adviser.pk)
    assert ["letter"] in list(looked.values_list("fields", flat=True))


def test_without_pdf_the_text_stands_on_a_page(town: Place, case: Incident, adviser: Client, monkeypatch: Any):
    letter = make(town, case, values={"gedrag": "<script>alert(1)</script>"})
    monkeypatch.setattr(pdf, "is_available", lambda: False)
    page = adviser.get(address("letter_preview", letter))
    assert page.status_code == 503 and "&lt;script&gt;alert(1)" in page.content.decode()
    assert "<script>alert" not in page.content.decode()


# --- who -------------------------------------------------------------------------------------------------------------


def test_who_may_read_and_make_letters(town: Place, other_town: Place, case: Incident, as_user: Any):
    letter = make(town, case)
    pages = [
        reverse("case_letters", args=[case.pk]),
        reverse("letter_new", args=[case.pk, "invitation"]),
        address("letter", letter),
        address("letter_file", letter, 1),
        address("letter_preview", letter),
    ]
    posts = [address(name, letter) for name in ("letter", "letter_brought", "letter_sent", "letter_withdraw")]
    posts += [reverse("letter_new", args=[case.pk, "invitation"])]
    keep_out(incident=case, person=town.deputy, by=town.employee, now=clock.now())
    for url in pages:
        assert as_user(town.adviser).get(url).status_code == 200, url
    for person, allowed in (
        (other_town.adviser, {404}),
        (town.deputy, {404}),
        (town.employee, {403}),
        (town.support, {403}),
        (town.manager, {403, 404}),
        (town.legal, {403, 404}),
        (town.management, {403, 404}),
        (town.administrator, {403}),
        (town.auditor, {403}),
    ):
        client = as_user(person)
        for url in pages:
            assert client.get(url).status_code in allowed, (person.name, url)
        for url in posts:
            assert client.post(url, {"writer": "x"}).status_code in allowed, (person.name, url)
    for url in pages:
        assert Client().get(url).status_code in {200, 302} and b"Verzonnen" not in Client().get(url).content
    assert LetterVersion.objects.count() == 1


@pytest.mark.usefixtures("pango")
def test_who_signs_reads_the_letter_that_was_laid_before_them(
    town: Place, other_town: Place, case: Incident, as_user: Any
):
    reaction = make_reaction(town, case, make_person(town, case), status="draft")
    letter = make(town, case, "ban", reaction=reaction)
    url, signer = address("letter_preview", letter), as_user(town.management)
    assert signer.get(url).status_code == 404, "a draft was not laid before anyone"
    reaction.status = "proposed"
    reaction.save(update_fields=["status"])
    assert signer.get(url).status_code == 200
    assert signer.get(address("letter", letter)).status_code == 403
    assert signer.get(address("letter_preview", make(town, case))).status_code == 404, "another letter of the case"
    assert as_user(town.legal).get(url).status_code == 404, "laid before someone else"
    other_town.join(town.legal, "management")
    assert as_user(town.legal).get(url).status_code == 404
    keep_out(incident=case, person=town.management, by=town.employee, now=clock.now())
    assert as_user(town.management).get(url).status_code == 404


@pytest.mark.parametrize(("name", "queries"), [("case_letters", 12), ("letter", 10)])
def test_pages_ask_the_same_however_many_letters_there_are(
    town: Place, case: Incident, adviser: Client, django_assert_num_queries: Any, name: str, queries: int
):
    person = make_person(town, case)
    letter = make(town, case, "ban", reaction=make_reaction(town, case, person))
    for number in (1, 3):
        while Letter.objects.count() < number:
            make(town, case, "ban", reaction=make_reaction(town, case, person))
            change_letter(
                letter=letter,
                values=examples_of("ban"),
                seen=latest_version(letter).number,
                by=town.adviser,
                now=clock.now(),
            )
        url = address("letter", letter) if name == "letter" else reverse(name, args=[case.pk])
        adviser.get(url)
        with django_assert_num_queries(queries):
            assert adviser.get(url).status_code == 200


def test_an_empty_list_says_what_will_appear(case: Incident, adviser: Client):
    page = adviser.get(reverse("case_letters", args=[case.pk])).content.decode()
    assert "A letter that you make appears here" in page and "Only from a reaction" in page
