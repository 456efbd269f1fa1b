"""The sheet for the police: from the report, without what must not be on it, on paper, filed, and its outcome."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from docx import Document
from pypdf import PdfReader

from guidance.facts import Facts
from incidents.actions.damage import add_damage
from incidents.actions.evidence import add_evidence
from incidents.actions.exclusions import keep_out
from incidents.actions.measures import decline_measure
from incidents.actions.person_openings import open_person
from incidents.actions.person_records import merge_persons
from incidents.actions.police_content import paper_of, sheet_of
from incidents.actions.police_refusals import AlreadyFiled, DayDoesNotFit
from incidents.actions.police_sheets import (
    change_sheet,
    file_sheet,
    leave_sheet,
    record_outcome,
    start_sheet,
)
from incidents.actions.refusals import CaseClosed
from incidents.actions.tasks import decline_task, finish_task
from incidents.models import Evidence, Incident, Involvement, Person, PoliceSheet, Task
from incidents.police_sheet import PAPER_LANGUAGE, SEVEN_WS, Report, Sheet, ending, missing, paper, prefilled
from incidents.private_words import holds_private, is_same_name, marks_of, marks_of_address, named_by
from incidents.views.police_docx import as_docx
from incidents.views.typed import mark_of_writer
from incidents.vocabulary import (
    DamageKind,
    DamageOf,
    FiledBy,
    InvolvedAs,
    OpeningPurpose,
    PoliceKind,
    PoliceOutcome,
    ScanResult,
)
from tests import clock, files
from tests.world import Place, make_incident, open_task
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

PHONE, HOME, MAIL = "06-12345678", "Vlinderpad 12\n1234 AB Fictiedorp", "eva@thuis.invalid"
ADDRESS = "Postbus 1000\n9999 ZZ Vlinderwaard"
WAYS = {
    "R11": (PoliceKind.AANGIFTE, FiledBy.EMPLOYER),
    "R12": (PoliceKind.AANGIFTE, FiledBy.VICTIM),
    "R13": (PoliceKind.NOTICE, FiledBy.EMPLOYER),
}
FULL = {
    "who": "Man, rode jas, tatoeage van een draak",
    "what": "Hij riep dat hij mij wist te vinden.",
    "where": "Balie 3",
    "with_what": "Een paraplu",
    "how": "Eerst schelden, toen dreigen, toen liep hij weg.",
    "when": "Dinsdag 24 november om tien uur",
    "why": "Afgewezen aanvraag",
    "function": "Baliemedewerker",
    "witnesses": "Twee collega's",
    "representative": "Teamleider Publiekszaken",
    "contact": "VPD-adviseur, 0999-123456",
}


@pytest.fixture
def threat(town: Place) -> Incident:
    """A threat in an organisation with a postal address, about which the police have to hear."""
    town.organisation.postal_address = ADDRESS
    town.organisation.save()
    return make_incident(
        town,
        behaviours=("threat",),
        offence_suspected=True,
        injury=False,
        witnesses=2,
        motive="frustration",
        contact=f"{PHONE}, na 17 uur",
        place="Balie 3",
        perpetrator_description="Lange man met rode jas",
        perpetrator_knows_victims_name=True,
        details={"means": "Een paraplu"},
    )


def start(incident: Incident, by: User, code: str = "R11") -> PoliceSheet:
    kind, filed_by = WAYS[code]
    return start_sheet(incident=incident, kind=kind, filed_by=filed_by, by=by, now=clock.now())


def fill(client: Client, sheet: PoliceSheet, **more: Any) -> Any:
    data = {**FULL, "revision": sheet.revision, "is_vpt_code_asked": "on", **more}
    return client.post(reverse("police_sheet", args=[sheet.pk]), data)


def fresh(sheet: PoliceSheet) -> PoliceSheet:
    return PoliceSheet.objects.get(pk=sheet.pk)


def in_pdf(client: Client, sheet: PoliceSheet) -> str:
    response = client.get(reverse("police_pdf", args=[sheet.pk]))
    assert response.status_code == 200 and response["Content-Type"] == "application/pdf"
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(response.content)).pages).split())


def in_docx(client: Client, sheet: PoliceSheet) -> str:
    response = client.get(reverse("police_docx", args=[sheet.pk]))
    assert response.status_code == 200 and response["Content-Disposition"].endswith('-politie.docx"')
    return "\n".join(paragraph.text for paragraph in Document(BytesIO(response.content)).paragraphs)


def give(incident: Incident, by: User, name: str = "Eva Voorbeeld 06-12345678.pdf") -> Evidence:
    upload = SimpleUploadedFile(name, files.pdf(name.encode()))
    return add_evidence(incident=incident, upload=upload, by=by, form_key=uuid4(), now=clock.now())


def link(incident: Incident, role: InvolvedAs, by: User, **texts: Any) -> Person:
    person = Person(organisation=incident.organisation, created_at=clock.now(), created_by=by)
    for name, value in texts.items():
        setattr(person, name, value)
    person.save()
    Involvement.objects.create(
        organisation=incident.organisation, incident=incident, person=person, role=role, at=clock.now(), by=by
    )
    return person


# --- starting ---------------------------------------------------------------------------------------------------------


def test_a_sheet_starts_with_what_the_report_says(threat: Incident, town: Place, adviser: Client):
    page = adviser.post(reverse("case_police", args=[threat.pk]), {"way": "employer"})
    sheet = PoliceSheet.objects.get()
    assert page.status_code == 302 and page["Location"] == reverse("police_sheet", args=[sheet.pk])
    assert sheet.answers["who"] == "Lange man met rode jas" and "Balie 3" in sheet.answers["where"]
    assert sheet.answers["with_what"] == "Een paraplu" and "10:00" not in sheet.answers["when"]
    assert "how" not in sheet.answers and PHONE not in str(sheet.answers)
    assert threat.timeline.filter(kind="police_sheet", by=town.adviser).count() == 1
    again = adviser.post(reverse("case_police", args=[threat.pk]), {"way": "employer"})
    assert again.status_code == 409 and PoliceSheet.objects.count() == 1
    for way in ("victim", "notice"):
        assert adviser.post(reverse("case_police", args=[threat.pk]), {"way": way}).status_code == 302
    assert adviser.post(reverse("case_police", args=[threat.pk]), {"way": "else"}).status_code == 400
    assert PoliceSheet.objects.count() == 3


def test_the_page_says_what_to_ask_at_the_desk(threat: Incident, adviser: Client):
    page = adviser.get(reverse("case_police", args=[threat.pk])).content.decode()
    for said in ("ask for the VPT code", "within 2 working days", "hulpofficier", "it always goes to the police"):
        assert said in page
    assert "A hint, no verdict" in page and "285 Sr" in page and "Nothing went to the police yet" in page


def test_a_home_is_no_place_on_the_sheet(town: Place):
    for facts, is_told in (({"channel": "private_home"}, False), ({"home_involved": True}, False), ({}, True)):
        incident = make_incident(town, place="Vlinderpad 12, Fictiedorp", **facts)
        assert ("Vlinderpad" in start(incident, town.adviser).answers["where"]) == is_told


def test_nothing_private_is_filled_in():
    report = Report(
        facts=Facts(behaviours=("threat",), channel="counter", target_group="counter_staff"),
        occurred_at=clock.now(),
        place="Balie 3",
        description="Hij stond in mijn straat, Vlinderpad 12",
        details={"means": "mijn telefoon 06 1234 5678"},
        private=marks_of(PHONE) | marks_of_address(HOME),
    )
    answers = prefilled(report)
    assert "who" not in answers and "with_what" not in answers and answers["where"].endswith("Balie 3")


@pytest.mark.parametrize(
    ("text", "is_private"),
    [
        ("bel +31 (0)6 1234 5678", True),
        ("0031612345678 1600", True),
        ("Vlinderpad 12", True),
        ("vlinder-pad 12", True),
        ("postcode 1234ab", True),
        ("1234  AB", True),
        ("1234-AB", True),
        ("1234.\u00a0ab", True),
        ("1234 abc", False),
        ("Vlinderpad nr. 12", True),
        ("Vlinderpad, huisnummer: 12", True),
        ("Vlinderpad no 12", True),
        ("Vlinderpad nr. 3", False),
        ("EVA@THUIS.invalid", True),
        ("Vlinderpad", False),
        ("0999-123456", False),
        ("24-11-2026 om 10:00, 3 personen", False),
        ("", False),
    ],
)
def test_private_words_are_known_again_however_they_are_written(text: str, is_private: bool):
    assert holds_private(text, marks_of(PHONE, MAIL) | marks_of_address(HOME)) == is_private


def test_a_stored_address_with_the_word_number_is_known_again_without_it():
    for stored in (marks_of_address("Dorpsstraat nr. 12"), marks_of("Woont Dorpsstraat huisnummer 12")):
        assert holds_private("Dorpsstraat 12", stored) and holds_private("dorpsstraat nummer 12", stored)
        assert not holds_private("Dorpsstraat", stored) and not holds_private("Dorpsstraat nr. 3", stored)


# --- writing ----------------------------------------------------------------------------------------------------------


def test_what_is_missing_shrinks_as_it_is_filled_in(threat: Incident, town: Place, adviser: Client):
    give(threat, town.employee)
    sheet = start(threat, town.adviser)
    first = adviser.get(reverse("police_sheet", args=[sheet.pk])).context["missing"]
    assert "in what way it was done, step by step" in first and "which files go along as evidence" in first
    assert fill(adviser, sheet, is_vpt_code_asked="").status_code == 302
    second = adviser.get(reverse("police_sheet", args=[sheet.pk])).context["missing"]
    assert set(second) == {"which files go along as evidence", "the VPT code: ask for it at the desk"}
    fill(adviser, fresh(sheet), evidence=[str(Evidence.objects.get().pk)])
    done = adviser.get(reverse("police_sheet", args=[sheet.pk]))
    assert done.context["missing"] == [] and "Nothing is missing" in done.content.decode()


def test_each_thing_that_is_missing_is_said_once():
    bare = {
        "kind": PoliceKind.AANGIFTE,
        "answers": {},
        "reference": "VW-1",
        "organisation": "V",
        "address": "",
        "victim": "",
        "has_damage": True,
        "files_in_case": 1,
    }
    with translation.override("en"):
        empty = missing(Sheet(filed_by=FiledBy.VICTIM, **bare))
        named = missing(Sheet(filed_by=FiledBy.VICTIM, **{**bare, "victim": "Eva", "persons": ("Bob",)}))
        employer = missing(Sheet(filed_by=FiledBy.EMPLOYER, **bare))
    assert len(empty) == len(set(empty)) == 7 + 9
    assert len(named) == len(empty) - 2
    assert "who goes along with the person hit" in empty and "who speaks for the organisation" in employer


def test_the_paper_says_what_is_not_known_and_not_what_the_desk_has_to_do(
    threat: Incident, town: Place, adviser: Client
):
    for code in ("R11", "R12"):
        sheet = start(threat, town.adviser, code)
        fill(adviser, sheet, how="", who="", contact="", representative="", witnesses="", is_vpt_code_asked="")
        page = adviser.get(reverse("police_sheet", args=[sheet.pk]))
        text = in_docx(adviser, sheet)
        with translation.override(PAPER_LANGUAGE):
            to_do = missing(sheet_of(fresh(sheet), threat, answers=fresh(sheet).answers, files=[]))
            unknown = [str(SEVEN_WS[name]) for name in ("who", "how")]
        assert len(page.context["missing"]) == len(to_do) >= 6 and [one for one in to_do if one in text] == []
        last = text[text.rindex(unknown[0]) :]
        assert all(one in last for one in unknown) and "VPT" not in last
        fill(adviser, fresh(sheet))
        assert not any(part.title for part in ending(_content(sheet, threat)))


def _content(sheet: PoliceSheet, incident: Incident) -> Sheet:
    row = fresh(sheet)
    return sheet_of(row, Incident.objects.get(pk=incident.pk), answers=row.answers, files=[])


def test_what_is_not_known_is_told_to_the_police():
    bare = dict(kind=PoliceKind.AANGIFTE, filed_by=FiledBy.VICTIM, answers={}, reference="V", organisation="V")
    with translation.override("en"):
        seven = [str(label) for label in SEVEN_WS.values()]
        (part,) = ending(Sheet(**bare, address="", victim="", has_damage=True))
        known = ending(
            Sheet(
                **{**bare, "answers": FULL},
                address="",
                victim="",
                is_under_number=True,
                is_injured=False,
                has_damage=True,
                damage=(("V", "1"),),
            )
        )
    assert part.title == "Not known yet" and known == []
    others = ["Person hit", "Anyone injured?", "Damage", "Witnesses"]
    assert [label for label, _text in part.lines] == [*seven, *others]


def test_only_the_person_hit_chooses_domicile():
    for filed_by in FiledBy:
        with translation.override("en"):
            bare = dict(kind=PoliceKind.AANGIFTE, answers={}, reference="V", organisation="V", victim="Eva")
            text = str(paper(Sheet(filed_by=filed_by, address=ADDRESS, **bare)))
        is_chosen = filed_by == FiledBy.VICTIM
        assert ("domicile" in text) == ("chooses" in text) == is_chosen
        assert ("Post for the person hit goes to this address; no home address." in text) != is_chosen


def test_two_who_write_at_once(threat: Incident, town: Place, as_user: Any, adviser: Client):
    sheet = start(threat, town.adviser)
    other = as_user(town.deputy)
    assert fill(other, sheet, who="Van de collega").status_code == 302
    late = fill(adviser, sheet, who="Van mij")
    page = late.content.decode()
    assert late.status_code == 409 and fresh(sheet).answers["who"] == "Van de collega"
    assert town.deputy.name in page and "Van de collega" in page and "Van mij" in page
    assert late.context["form"]["revision"].value() == "1"
    again = fill(adviser, fresh(sheet), who="Van mij")
    assert again.status_code == 302 and fresh(sheet).answers["who"] == "Van mij"


def beside(page: Any) -> dict[str, str]:
    """What the page says that stands there now."""
    with translation.override("en"):
        return {str(label): text for label, text in page.context["meanwhile"]}


def test_who_was_late_sees_what_a_colleague_ticked_too(town: Place, as_user: Any, adviser: Client):
    case = make_incident(town, behaviours=("threat",), perpetrator_knows_victims_name=False)
    person, file = link(case, InvolvedAs.PERPETRATOR, town.adviser), give(case, town.adviser, "Foto.pdf")
    sheet = start(case, town.adviser)
    ticked = {"is_under_number": "on", "evidence": [str(file.pk)], "persons": [str(person.pk)]}
    assert fill(as_user(town.deputy), sheet, **ticked).status_code == 302
    late = fill(adviser, sheet, is_vpt_code_asked="on")
    assert late.status_code == 409
    there = beside(late)
    assert there["The person hit asks to be kept under a number"] == "yes"
    assert there["Which files go along?"].startswith("Foto.pdf")
    assert there["Put the name on the sheet of"].startswith("linked perpetrator 1")
    assert len(there) == 3 and "Foto.pdf" in late.content.decode(), "and nothing that is the same"


def test_who_files_it_late_sees_what_was_written_of_that(threat: Incident, town: Place, as_user: Any, adviser: Client):
    sheet = start(threat, town.adviser)
    assert file(as_user(town.deputy), sheet, police_number="PV-1", contact="Agent Een").status_code == 302
    late = file(adviser, sheet, police_number="PV-2", contact="Agent Een")
    assert late.status_code == 409 and beside(late) == {"Number of the police (PV or mutation)": "PV-1"}


@pytest.mark.parametrize("name", ["what", "where", "contact", "risks", "witnesses"])
def test_what_would_lead_to_the_person_hit_is_refused(threat: Incident, town: Place, adviser: Client, name: str):
    link(threat, InvolvedAs.AFFECTED, town.adviser, sealed_address=HOME)
    sheet = start(threat, town.adviser)
    for words in ("Bel 0612345678", "Zij woont Vlinderpad 12"):
        refused = fill(adviser, sheet, **{name: words})
        assert refused.status_code == 409 and words in refused.content.decode()
    assert fresh(sheet).revision == 0
    assert fill(adviser, sheet, **{name: "Bel 0999-123456, Postbus 1000"}).status_code == 302


def test_the_story_goes_along_only_when_ticked_and_without_a_way_home(town: Place, adviser: Client):
    for story, status in (("Hij riep: ik vind je.", 302), (f"Hij riep mijn nummer {PHONE}.", 409)):
        incident = make_incident(town, story=story, contact=PHONE)
        sheet = start(incident, town.adviser)
        assert story not in in_docx(adviser, sheet)
        assert fill(adviser, sheet, with_story="on").status_code == status
        assert (story in in_docx(adviser, sheet)) == (status == 302)


def test_under_a_number_only_where_it_helps(threat: Incident, town: Place, adviser: Client):
    sheet = start(threat, town.adviser, "R12")
    page = adviser.get(reverse("police_sheet", args=[sheet.pk])).content.decode()
    assert "The facts of this case do not say so" in page
    wrong = fill(adviser, sheet, is_under_number="on", companion="Teamleider")
    assert wrong.status_code == 400 and not fresh(sheet).is_under_number
    adviser.post(reverse("case_facts_edit", args=[threat.pk]), {})  # nothing by itself
    hidden = make_incident(town, behaviours=("threat",), perpetrator_knows_victims_name=False)
    for incident, words, status in ((hidden, "Hij riep", 302), (hidden, f"Hij riep {town.employee.name}", 409)):
        PoliceSheet.objects.filter(incident=incident).delete()
        mine = start(incident, town.adviser, "R12")
        assert fill(adviser, mine, is_under_number="on", what=words).status_code == status
        assert fresh(mine).is_under_number == (status == 302)
    assert fill(adviser, sheet, what=f"Hij riep {town.employee.name}").status_code == 302  # not under a number


EVALIJN = "Evalijn de Vries-Jansen"


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        (EVALIJN, "Hij riep naar Evalijn", "Evalijn"),
        (EVALIJN, "hij riep naar EVALIJN!", "EVALIJN"),
        (EVALIJN, "Evalijns tas en Evalijn's jas", "Evalijns"),
        (EVALIJN, "Eva\u00adlijn", "Evalijn"),
        (EVALIJN, "Éva\u0308lijn", "Éva\u0308lijn"),
        (EVALIJN, "mevrouw vries", "vries"),
        (EVALIJN, "E.Jansen", "Jansen"),
        (EVALIJN, "op X als @evalijn_devries", "evalijn"),
        (EVALIJN, "een bericht aan devries", "devries"),
        ("Vries, Evalijn de", "Hij riep naar evalijn", "evalijn"),
        ("Anne-Marie van 't Hof", "Annemarie liep weg", "Annemarie"),
        (EVALIJN, "Hij riep naar de collega. De man van der Berg vriest het evalijntje in.", None),
        ("J. van den Ende", "Hij liep van de balie in den blinde naar j.", None),
        ("Roos Bakker", "De bakker zag een roos. Bakker en roos", None),
        ("Roos Bakker", "Hij riep Bakker", "Bakker"),
        ("Roos Bakker", "Ik, Roos, liep weg", "Roos"),
        ("Roos Bakker", "mw. bakker", "bakker"),
        ("Roos Bakker", "R. Bakker", "Bakker"),
        ("Roos van den Bakker", "hij zei roos van den bakker", "roos"),
        ("Bo de Wit", "Hij zei wit. Wit, en bo", None),
        ("Bo de Wit", "Hij zei: ik zie je, Bo", "Bo"),
        ("", "Hij riep naar Evalijn", None),
        ("de van der", "de van der", None),
        ("x" * 120, "x" * 120, "x" * 120),
    ],
)
def test_a_name_is_known_again_by_each_of_its_parts(name: str, text: str, word: str | None):
    found = named_by(text, [name])
    assert (found and found.word) == word


@pytest.mark.parametrize(
    ("mail", "text", "word"),
    [
        ("e.devries+werk@stad.invalid", "mail van E.deVries", "E.deVries"),
        ("evalijn77@thuis.invalid", "account evalijn77 op X", "evalijn77"),
        ("devriesevalijn@thuis.invalid", "account devriesevalijn", "devriesevalijn"),
        ("balie@stad.invalid", "Hij stond aan de Balie", None),
        ("e.devries@stad.invalid", "Hij riep e", None),
    ],
)
def test_a_mailbox_names_someone_too(mail: str, text: str, word: str | None):
    found = named_by(text, ["Evalijn Verzonnen"], [mail])
    assert (found and found.word) == word


def test_the_same_name_is_the_same_in_any_order():
    assert is_same_name("Vries, Evalijn de", "evalijn De Vries") and not is_same_name("Jan de Vries", "Evalijn Vries")
    assert not is_same_name("", "")


@pytest.fixture
def hidden(town: Place) -> Incident:
    """Someone who may ask for a number."""
    User.objects.filter(pk=town.employee.pk).update(name=EVALIJN, email="zonnetje.vlinder@stad.invalid")
    town.employee.refresh_from_db()
    return make_incident(
        town,
        perpetrator_knows_victims_name=False,
        story="Ik, Evalijn, liep weg.",
        contact="blauwe.vlinder@thuis.invalid",
    )


@pytest.mark.parametrize("words", ["Evalijn", "jansen", "zonnetje.vlinder", "blauwe.vlinder", "Tweedenaam"])
@pytest.mark.parametrize("name", ["what", "who", "witnesses", "contact", "function"])
def test_under_a_number_no_part_of_the_name_goes_along(
    hidden: Incident, town: Place, adviser: Client, name: str, words: str
):
    link(hidden, InvolvedAs.AFFECTED, town.adviser, sealed_name="Evalijn Tweedenaam")
    sheet = start(hidden, town.adviser, "R12")
    typed = {name: f"Hij riep naar {words} en ging weg"}
    refused = fill(adviser, sheet, is_under_number="on", **typed)
    page = refused.content.decode()
    assert refused.status_code == 409 and not fresh(sheet).is_under_number
    assert f"“{words}” stands in the answer to" in page and typed[name] in page
    assert "small letter" not in page
    assert fill(adviser, sheet, is_under_number="on").status_code == 302
    assert words not in in_docx(adviser, sheet)


def test_under_a_number_the_story_and_the_witnesses_name_nobody(hidden: Incident, town: Place, adviser: Client):
    sheet = start(hidden, town.adviser, "R12")
    refused = fill(adviser, sheet, is_under_number="on", with_story="on")
    assert refused.status_code == 409 and "“Evalijn” stands in the story of the report" in refused.content.decode()
    assert refused.context["form"]["with_story"].value() and refused.context["form"]["what"].value() == FULL["what"]
    assert fill(adviser, sheet, with_story="on").status_code == 302  # not under a number
    hidden.details = {**hidden.details, "witness_names": "Piet en Evalijn"}
    hidden.save(update_fields=["sealed_details"])
    told = fill(adviser, fresh(sheet), is_under_number="on", with_witness_names="on")
    assert told.status_code == 409 and "in the names of witnesses" in told.content.decode()


def test_under_a_number_a_perpetrator_may_share_a_part_of_the_name(hidden: Incident, town: Place, adviser: Client):
    for name, status in (("Bert de Vries", 302), ("Evalijn Jansen-de Vries", 409)):
        person = link(hidden, InvolvedAs.PERPETRATOR, town.adviser, sealed_name=name)
        PoliceSheet.objects.filter(incident=hidden).delete()
        sheet = start(hidden, town.adviser, "R12")
        answer = fill(adviser, sheet, is_under_number="on", persons=[str(person.pk)])
        assert answer.status_code == status
        assert ("has the same name" in answer.content.decode()) == (status == 409)


def test_an_ordinary_word_can_be_mended_with_a_small_letter(hidden: Incident, town: Place, adviser: Client):
    User.objects.filter(pk=town.employee.pk).update(name="Roos Bakker")
    sheet = start(hidden, town.adviser, "R12")
    refused = fill(adviser, sheet, is_under_number="on", where="Bij de Bakker")
    assert refused.status_code == 409 and "small letter" in refused.content.decode()
    assert fill(adviser, sheet, is_under_number="on", where="Bij de bakker").status_code == 302


def test_the_mail_of_who_reported_it_for_another_is_no_name(town: Place, adviser: Client):
    incident = make_incident(
        town,
        perpetrator_knows_victims_name=False,
        reporter_is="colleague",
        affected_name=EVALIJN,
        contact="rode.vlinder@thuis.invalid",
    )
    for words, status in (("De melder is rode vlinder", 302), ("Hij riep Evalijn", 409)):
        PoliceSheet.objects.filter(incident=incident).delete()
        sheet = start(incident, town.adviser, "R12")
        assert fill(adviser, sheet, is_under_number="on", what=words).status_code == status


def test_a_number_that_stopped_helping_stops_the_paper(town: Place, adviser: Client):
    incident = make_incident(town, perpetrator_knows_victims_name=False)
    sheet = start(incident, town.adviser, "R12")
    fill(adviser, sheet, is_under_number="on")
    text = in_docx(adviser, sheet)
    assert town.employee.name not in text
    facts = Incident.objects.get(pk=incident.pk).facts
    changed = facts.to_dict()
    changed["perpetrator"]["knows_victims_name"] = True
    incident.facts = Facts.from_dict(changed)
    incident.save(update_fields=["sealed_facts"])
    assert adviser.get(reverse("police_docx", args=[sheet.pk])).status_code == 409


def test_the_name_of_the_perpetrator_only_when_ticked_and_that_is_written_down(
    threat: Incident, town: Place, adviser: Client
):
    person = link(threat, InvolvedAs.PERPETRATOR, town.adviser, sealed_name="Bert Verzonnen")
    stranger = link(make_incident(town), InvolvedAs.PERPETRATOR, town.adviser, sealed_name="Niet Van Hier")
    named = AuditEvent.objects.filter(action="person.named_to_police", object_id=person.pk)
    sheet = start(threat, town.adviser)
    assert "Bert Verzonnen" not in adviser.get(reverse("police_sheet", args=[sheet.pk])).content.decode()
    fill(adviser, sheet)
    assert "Bert Verzonnen" not in in_docx(adviser, sheet) and not named.exists()
    assert fill(adviser, fresh(sheet), persons=[str(stranger.pk)]).status_code == 400
    assert fill(adviser, fresh(sheet), persons=[str(person.pk)]).status_code == 302
    assert named.count() == 1 and named.get().actor_id == town.adviser.pk
    assert "Bert Verzonnen" in in_docx(adviser, sheet) and named.count() == 2


def test_a_person_someone_may_not_see_stays_ticked_by_a_colleague(
    threat: Incident, town: Place, adviser: Client, as_user: Any
):
    person = link(threat, InvolvedAs.PERPETRATOR, town.adviser, sealed_name="Bert Verzonnen")
    sheet = start(threat, town.adviser)
    fill(adviser, sheet, persons=[str(person.pk)])
    other = make_incident(town)
    link_row = Involvement.objects.get(person=person)
    Involvement.objects.create(
        organisation=town.organisation, incident=other, person=person, role=link_row.role, at=clock.now(), by=town.legal
    )
    keep_out(incident=other, person=town.deputy, by=town.adviser, now=clock.now(), reason="Zelf genoemd")
    deputy = as_user(town.deputy)
    page = deputy.get(reverse("police_sheet", args=[sheet.pk]))
    assert page.status_code == 200 and page.context["form"].fields["persons"].choices == []
    assert fill(deputy, fresh(sheet)).status_code == 302
    assert fresh(sheet).answers["persons"] == str(person.pk)


def test_the_name_stays_on_the_sheet_when_two_records_become_one(threat: Incident, town: Place, adviser: Client):
    kept, other = (
        link(incident, InvolvedAs.PERPETRATOR, town.adviser, sealed_name="Bert Verzonnen")
        for incident in (make_incident(town), threat)
    )
    sheet = start(threat, town.adviser)
    fill(adviser, sheet, persons=[str(other.pk)])
    for one in (kept, other):
        how: dict[str, Any] = {"purpose": OpeningPurpose.HANDLE, "reason": "Dubbel", "incident": None}
        open_person(person=one, **how, by=town.adviser, now=clock.now())
    merge_persons(kept=kept, other=other, by=town.adviser, now=clock.now())
    assert fresh(sheet).answers["persons"] == str(kept.pk)
    assert "Bert Verzonnen" in in_docx(adviser, sheet)


@pytest.mark.parametrize("scan", [ScanResult.TAKEN_AWAY, ScanResult.HELD_BACK])
def test_a_file_that_nobody_may_open_does_not_go_along(
    threat: Incident, town: Place, adviser: Client, settings: Any, scan: ScanResult
):
    settings.CLAMD_ADDRESS = "localhost:3310"
    bad, good = (Evidence.objects.get(pk=_planted(threat, town, one).pk) for one in (scan, ScanResult.CLEAN))
    sheet = start(threat, town.adviser)
    assert fill(adviser, sheet, evidence=[str(bad.pk)]).status_code == 400
    assert fill(adviser, sheet, evidence=[str(good.pk)]).status_code == 302
    text = in_docx(adviser, sheet)
    assert good.sha256 in text and bad.sha256 not in text
    Evidence.objects.filter(pk=good.pk).update(scan=scan)  # found out later
    assert good.sha256 not in in_docx(adviser, sheet)


def _planted(incident: Incident, town: Place, scan: ScanResult) -> Evidence:
    row = Evidence(
        organisation=incident.organisation,
        incident=incident,
        uploaded_by=town.employee,
        form_key=uuid4(),
        received_at=clock.now(),
        content_type="application/pdf",
        size=10,
        sha256=uuid4().hex * 2,
        scan=scan,
    )
    row.name = "brief.pdf"
    row.save()
    return row


# --- paper ------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("pango")
def test_the_paper_holds_the_seven_questions_and_never_the_way_home(threat: Incident, town: Place, adviser: Client):
    link(threat, InvolvedAs.AFFECTED, town.adviser, sealed_address=HOME)
    kept = give(threat, town.employee)
    whole = dict(of=DamageOf.VICTIM, kind=DamageKind.GOODS, words="bril", by=town.adviser, now=clock.now())
    for cents in (123_450, 50):
        add_damage(incident=threat, amount=cents, **whole)
    sheet = start(threat, town.adviser)
    assert fill(adviser, sheet, evidence=[str(kept.pk)]).status_code == 302
    for text in (in_pdf(adviser, sheet), " ".join(in_docx(adviser, sheet).split())):
        with translation.override(PAPER_LANGUAGE):
            assert all(str(label) in text for label in SEVEN_WS.values())
        assert all(answer in text for answer in FULL.values())
        assert "Postbus 1000" in text and "9999 ZZ Vlinderwaard" in text and town.employee.name in text
        assert kept.sha256 in text.replace(" ", "") and "€ 1.235,00" in text.replace("\u00a0", " ")
        assert not any(one in text for one in (PHONE, "12345678", "Vlinderpad", "1234 AB", "Eva Voorbeeld"))
    views = AuditEvent.objects.filter(action="incident.viewed", actor_id=town.adviser.pk, object_id=threat.pk)
    assert sum(event.fields == ["police_sheet"] for event in views) == 2


@pytest.mark.usefixtures("pango")
def test_the_pdf_is_tagged_dutch_and_named(threat: Incident, town: Place, adviser: Client):
    content = adviser.get(reverse("police_pdf", args=[start(threat, town.adviser).pk])).content
    catalog = PdfReader(BytesIO(content)).trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"] and str(catalog["/Lang"]) == PAPER_LANGUAGE
    assert threat.reference in PdfReader(BytesIO(content)).metadata["/Title"]


def test_without_pango_the_word_document_stays(
    threat: Incident, town: Place, adviser: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("vpdportal.pdf.is_available", lambda: False)
    sheet = start(threat, town.adviser)
    refused = adviser.get(reverse("police_pdf", args=[sheet.pk]))
    assert refused.status_code == 503 and "Word document" in refused.content.decode()
    assert adviser.get(reverse("police_docx", args=[sheet.pk])).status_code == 200


def test_odd_signs_make_no_broken_document(threat: Incident, town: Place, adviser: Client):
    odd = "😡 <script>alert(1)</script> \x0b\x01 einde " + "x" * 120
    sheet = start(threat, town.adviser)
    assert fill(adviser, sheet, what=odd).status_code == 302
    text = in_docx(adviser, sheet)
    assert "😡 <script>alert(1)</script>" in text and "einde" in text
    page = adviser.get(reverse("police_sheet", args=[sheet.pk])).content.decode()
    assert "<script>alert(1)" not in page
    assert as_docx([], title="\x00", author="").startswith(b"PK")


def test_what_came_to_the_case_later_is_kept_off_the_paper_too(threat: Incident, town: Place, adviser: Client):
    sheet = start(threat, town.adviser)
    fill(adviser, sheet, where="Vlinderpad 12")
    assert "Vlinderpad 12" in in_docx(adviser, sheet)
    link(threat, InvolvedAs.AFFECTED, town.adviser, sealed_address=HOME)
    refused = adviser.get(reverse("police_docx", args=[sheet.pk]))
    assert refused.status_code == 409 and "Take it out" in refused.content.decode()


# --- filed, not filed, outcome ----------------------------------------------------------------------------------------


def file(client: Client, sheet: PoliceSheet, on: date | None = None, **more: Any) -> Any:
    data = {"filed_on": (on or clock.now().date()).isoformat(), "revision": sheet.revision, **more}
    return client.post(reverse("police_filed", args=[sheet.pk]), data)


@pytest.mark.parametrize("code", ["R11", "R12", "R13"])
def test_filing_does_the_task_and_leaving_it_declines_it(town: Place, adviser: Client, code: str):
    for is_filed in (True, False):
        incident = make_incident(town, behaviours=("threat",), offence_suspected=True)
        sheet = start(incident, town.adviser, code)
        others = {"R11", "R12", "R13"} - {code}
        if is_filed:
            assert file(adviser, sheet, police_number="PL0900-1", contact="Wijkagent").status_code == 302
        else:
            address = reverse("police_not_filed", args=[sheet.pk])
            assert adviser.post(address, {"reason": " ", "revision": 0}).status_code == 400
            assert adviser.post(address, {"reason": "Wil niet", "revision": 0}).status_code == 302
        task = Task.objects.get(incident=incident, code=code)
        assert task.status == ("done" if is_filed else "declined") and task.finished_by == town.adviser
        assert is_filed or task.reason == "Wil niet"
        assert {t.status for t in incident.tasks.filter(code__in=others)} == {"open"}
        row = fresh(sheet)
        assert (row.status, row.filed_on) == (("filed", clock.now().date()) if is_filed else ("not_filed", None))
        kind = "police_filed" if is_filed else "police_sheet"
        assert incident.timeline.filter(kind=kind, by=town.adviser).exists()


def test_a_measure_that_was_only_proposed_is_chosen_first(town: Place, adviser: Client):
    incident = make_incident(town, behaviours=("threat",), offence_suspected=True)
    measure = incident.measures.get(code="R11")
    measure.tasks.all().delete()
    measure.status = "proposed"
    measure.save()
    assert file(adviser, start(incident, town.adviser)).status_code == 302
    measure.refresh_from_db()
    assert measure.status == "taken" and open_task_status(incident, "R11") == "done"


def open_task_status(incident: Incident, code: str) -> str:
    return str(open_task(incident, code).status)


@pytest.mark.parametrize("left_out", ["the task", "the advice"])
def test_filing_what_was_not_going_to_be_filed(town: Place, adviser: Client, left_out: str):
    incident = make_incident(town, behaviours=("threat",), offence_suspected=True)
    task, why = open_task(incident, "R11"), {"reason": "Eerst niet", "by": town.adviser, "now": clock.now()}
    if left_out == "the task":
        decline_task(task=task, **why)
    else:
        decline_measure(measure=task.measure, **why)
    assert file(adviser, start(incident, town.adviser)).status_code == 302
    task.refresh_from_db()
    task.measure.refresh_from_db()
    assert (task.status, task.reason, task.measure.status) == ("done", "", "taken")


def test_filing_where_the_menu_asks_nothing_or_the_task_was_done(town: Place, adviser: Client):
    quiet = make_incident(town)
    assert not quiet.measures.filter(code="R11").exists()
    assert file(adviser, start(quiet, town.adviser)).status_code == 302
    done = make_incident(town, behaviours=("threat",), offence_suspected=True)
    finish_task(task=open_task(done, "R11"), by=town.deputy, now=clock.now())
    assert file(adviser, start(done, town.adviser)).status_code == 302
    assert Task.objects.get(incident=done, code="R11").finished_by == town.deputy


def test_the_days_have_to_fit(threat: Incident, town: Place, adviser: Client):
    today = clock.now().date()
    sheet = start(threat, town.adviser)
    for day in (today + timedelta(days=1), today - timedelta(days=1), date(9999, 12, 31), date(1, 1, 1)):
        assert file(adviser, sheet, on=day).status_code == 400
    with pytest.raises(DayDoesNotFit):
        _file(sheet, town.adviser, today + timedelta(days=1))
    assert fresh(sheet).status == "draft"
    assert file(adviser, sheet, on=today).status_code == 302
    for day, status in ((today - timedelta(days=1), 400), (today + timedelta(days=1), 400), (today, 302)):
        data = {"outcome": "inquiry", "outcome_on": day.isoformat(), "revision": 1}
        assert adviser.post(reverse("police_outcome", args=[sheet.pk]), data).status_code == status


def _file(sheet: PoliceSheet, by: User, on: date) -> PoliceSheet:
    return file_sheet(
        sheet=sheet,
        revision=sheet.revision,
        on=on,
        police_number="",
        contact="",
        is_vpt_code_asked=False,
        by=by,
        now=clock.now(),
    )


def test_what_went_to_the_police_stays_as_it_went(threat: Incident, town: Place, adviser: Client):
    sheet = start(threat, town.adviser)
    fill(adviser, sheet)
    file(adviser, fresh(sheet), police_number="PL1")
    amount = dict(of=DamageOf.VICTIM, kind=DamageKind.GOODS, words="", by=town.adviser, now=clock.now())
    add_damage(incident=threat, amount=88_888_00, **amount)
    row = fresh(sheet)
    changes = dict(answers={}, evidence=[], is_vpt_code_asked=True, is_under_number=False, now=clock.now())
    with pytest.raises(AlreadyFiled):
        change_sheet(sheet=row, revision=row.revision, by=town.adviser, **changes)
    with pytest.raises(AlreadyFiled):
        leave_sheet(sheet=row, revision=row.revision, reason="Toch niet", by=town.adviser, now=clock.now())
    text = in_docx(adviser, row)
    assert FULL["how"] in text and "88.888" not in text and "PL1" in text
    assert fill(adviser, row).status_code == 409
    assert file(adviser, fresh(sheet), police_number="PL2").status_code == 302  # a correction
    assert fresh(sheet).police_number == "PL2" and "PL2" in in_docx(adviser, fresh(sheet))
    page = adviser.get(reverse("police_sheet", args=[sheet.pk]))
    assert page.context["form"] is None and FULL["how"] in page.content.decode()


def test_the_outcome_comes_after_filing_and_after_closing_too(threat: Incident, town: Place, adviser: Client):
    sheet = start(threat, town.adviser)
    address = reverse("police_outcome", args=[sheet.pk])
    data = {"outcome": "convicted", "outcome_on": "2026-11-24", "outcome_words": "Taakstraf van 40 uur"}
    assert adviser.post(address, {**data, "revision": 0}).status_code == 409
    file(adviser, sheet)
    ended = Incident.objects.filter(pk=threat.pk)
    ended.update(status="closed", closed_at=clock.now(), closed_by=town.adviser)
    for number, outcome in enumerate(("inquiry", "convicted"), 1):
        assert adviser.post(address, {**data, "outcome": outcome, "revision": number}).status_code == 302
    row = fresh(sheet)
    assert row.outcome == "convicted" and row.outcome_words == "Taakstraf van 40 uur"
    assert threat.timeline.filter(kind="police_outcome").count() == 2
    with pytest.raises(CaseClosed):
        start(threat, town.adviser, "R13")
    with pytest.raises(CaseClosed):
        _file(row, town.adviser, clock.now().date())
    other = make_incident(town)
    ended.update(status="merged", merged_into=other, merged_at=clock.now(), closed_at=None, closed_by=None)
    with pytest.raises(CaseClosed):
        words = dict(outcome=PoliceOutcome.ACQUITTED, on=clock.now().date(), words="", by=town.adviser)
        record_outcome(sheet=row, revision=row.revision, now=clock.now(), **words)


def test_the_police_ask_to_wait_in_one_click(threat: Incident, town: Place, adviser: Client):
    address = reverse("police_wait", args=[threat.pk])
    for answer, is_asked in (("yes", True), ("no", False)):
        assert adviser.post(address, {"wait": answer}).status_code == 302
        assert Incident.objects.get(pk=threat.pk).facts.police_ask_to_wait is is_asked
        assert open_task(threat, "R06").is_on_hold is is_asked
        page = adviser.get(reverse("case_police", args=[threat.pk])).content.decode()
        assert ("nothing goes to the perpetrator now" in page) == is_asked
    assert threat.timeline.filter(kind="facts_added", by=town.adviser).count() == 2


# --- who, and how much ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "is_post"),
    [
        ("case_police", False),
        ("case_police", True),
        ("police_wait", True),
        ("police_sheet", False),
        ("police_sheet", True),
        ("police_pdf", False),
        ("police_docx", False),
        ("police_filed", True),
        ("police_not_filed", True),
        ("police_outcome", True),
    ],
)
def test_only_who_works_on_the_case_comes_in(
    threat: Incident, town: Place, other_town: Place, as_user: Any, client: Client, name: str, is_post: bool
):
    sheet = start(threat, town.adviser)
    address = reverse(name, args=[threat.pk if name in {"case_police", "police_wait"} else sheet.pk])

    def ask(browser: Client) -> int:
        return (browser.post(address, {}) if is_post else browser.get(address)).status_code

    at_desk = ask(as_user(town.deputy))
    assert at_desk not in {403, 404}
    assert ask(as_user(other_town.adviser)) == 404
    for role in (Role.EMPLOYEE, Role.MANAGER, Role.SUPPORT, Role.LEGAL, Role.MANAGEMENT, Role.ADMINISTRATOR):
        assert ask(as_user(town.people[role.value])) == 403
    stranger = client.post(address, {}) if is_post else client.get(address)
    assert "password" in stranger.content.decode() if stranger.status_code == 200 else stranger.status_code == 302
    keep_out(incident=threat, person=town.deputy, by=town.adviser, now=clock.now(), reason="Betrokken")
    assert ask(as_user(town.deputy)) == 404
    assert fresh(sheet).revision == 0


def test_pages_ask_the_same_however_much_there_is(
    threat: Incident, town: Place, as_user: Any, django_assert_num_queries: Any
):
    client = as_user(town.adviser)
    sheet = start(threat, town.adviser)
    for number, code in ((1, "R12"), (3, "R13")):
        start(threat, town.adviser, code)
        for _ in range(number):
            kept = give(threat, town.employee)
            person = link(threat, InvolvedAs.PERPETRATOR, town.adviser, sealed_name="Bert Verzonnen")
            amount = dict(of=DamageOf.VICTIM, kind=DamageKind.GOODS, words="", by=town.adviser, now=clock.now())
            add_damage(incident=threat, amount=100, **amount)
        fill(client, fresh(sheet), persons=[str(person.pk)], evidence=[str(kept.pk)], with_witness_names="on")
        with django_assert_num_queries(9):
            assert client.get(reverse("case_police", args=[threat.pk])).status_code == 200
        with django_assert_num_queries(12):
            assert client.get(reverse("police_sheet", args=[sheet.pk])).status_code == 200


def test_the_paper_is_the_same_for_both_kinds_of_file(threat: Incident, town: Place):
    sheet = start(threat, town.adviser)
    parts = paper_of(sheet, Incident.objects.get(pk=threat.pk))
    assert parts and all(label and text for part in parts for label, text in part.lines)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("police_sheet", {"how": "Kanarie: in een uur getypt 😡", "revision": "0"}),
        ("police_filed", {"contact": "Kanarie: in een uur getypt 😡", "filed_on": "2026-11-24", "revision": "0"}),
        ("police_not_filed", {"reason": "Kanarie: in een uur getypt 😡", "revision": "0"}),
        ("police_outcome", {"outcome_words": "Kanarie: in een uur getypt 😡", "outcome": "unknown", "revision": "1"}),
    ],
)
def test_what_was_typed_comes_back_after_signing_in_again(
    threat: Incident, town: Place, as_user: Any, client: Client, name: str, data: dict[str, str]
):
    sheet = start(threat, town.adviser)
    if name == "police_outcome":
        sheet = _file(sheet, town.adviser, clock.now().date())
    address = reverse(name, args=[sheet.pk])
    mark = mark_of_writer(town.adviser)
    signed_out = client.post(address, {**data, "writer": mark})
    assert signed_out.status_code == 200 and "Kanarie" in signed_out.content.decode()
    before = fresh(sheet).revision
    back = {**data, "resume": "1"}
    mine = as_user(town.adviser).post(address, {**back, "writer": mark})
    assert mine.status_code == 200 and data[next(iter(data))] in mine.content.decode()
    other = as_user(town.deputy).post(address, {**back, "writer": mark}, follow=True)
    assert "Kanarie" not in other.content.decode() and fresh(sheet).revision == before


def test_each_address_to_which_people_type_is_known_when_the_page_grew_too_old(threat: Incident, town: Place):
    sheet = start(threat, town.adviser)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(town.adviser)
    for name in ("police_sheet", "police_filed", "police_not_filed", "police_outcome"):
        response = browser.post(reverse(name, args=[sheet.pk]), {"writer": mark_of_writer(town.adviser)})
        assert response.status_code == 403 and 'name="writer"' in response.content.decode(), name
