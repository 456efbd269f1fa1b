"""Text stays text in what leaves the portal: papers, letters, files, mails, calendars (reliability T13, T17, T27).

The scene is the one of test_xss.py: every typed column that holds words holds the whole corpus.
"""

import io
import re
import zipfile
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from typing import Any
from unittest import mock

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.safestring import mark_safe
from docx import Document
from pypdf import PdfReader

from incidents.actions.calendar_feeds import feed_mark, make_feed
from incidents.actions.letter_files import read_letter
from incidents.actions.password_mails import ask_password_mail
from incidents.actions.police_sheets import start_sheet
from incidents.actions.reminders.sweep import sweep
from incidents.letter_fields import examples_of
from incidents.models import Alarm, DataRequest, Incident, News, PoliceSheet
from incidents.police_sheet import TEXTS
from incidents.views import menu_pages, overview_files
from incidents.vocabulary import DataRequestStatus, FiledBy, LetterKind, PoliceKind
from tests import clock
from tests.access.test_rights import browser_of, no_pdf, scene  # noqa: F401  fixtures
from tests.incidents.letters import make, make_person, make_reaction
from tests.safety.pages import read
from tests.safety.payloads import EVERYTHING, PAYLOADS
from tests.safety.test_xss import faults_of, poisoned  # noqa: F401  a fixture
from tests.world import Place, make_incident
from vpdportal import pdf

pytestmark = pytest.mark.once
Scene = dict[str, Any]


@pytest.fixture
def papers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is about to become a PDF, in place of the seconds that making one takes."""
    made: list[str] = []

    def keep(html: str, **_more: Any) -> bytes:
        made.append(html)
        return b"%PDF-1.7"

    for view in (menu_pages, overview_files):
        view._made.cache_clear()  # another test may have asked for the same paper
    monkeypatch.setattr(pdf, "as_pdf", keep)
    monkeypatch.setattr(pdf, "is_available", cache(lambda: True))
    return made


PAPERS = {  # who may have it → the address, with another kind of file where the scene has one
    "employee": (("receipt", ()),),
    "adviser": (("letter_preview", ()), ("menu_rules_pdf", ())),
    "administrator": (("location_poster_pdf", ()), ("location_posters_pdf", ()), ("retention_certificate", ())),
    "auditor": (("data_request_file", ("pdf",)), ("accountability_file", ("pdf",))),
    "management": (("overview_file", ("pdf",)),),
}


@pytest.fixture
def answered(poisoned: Scene) -> Scene:  # noqa: F811
    """The request about data waits for the officer, so that its answer can be had as a file."""
    asked = poisoned["addresses"]["data_request_file"][0]
    DataRequest.objects.filter(pk=asked).update(status=DataRequestStatus.READY)
    return poisoned


def get(scene: Scene, who: str, name: str, kind: tuple[str, ...] = ()) -> Any:  # noqa: F811
    found = scene["addresses"][name]
    return browser_of(scene["people"][who]).get(reverse(name, args=[*found[: len(found) - len(kind)], *kind]))


def test_papers_hold_text_only(answered: Scene, papers: list[str]):
    with_words = set()
    for who, wanted in PAPERS.items():
        for name, kind in wanted:
            papers.clear()
            assert get(answered, who, name, kind).status_code == 200, name
            (html,) = papers
            assert read(html).faults == [], name
            if "kanarie" in html:
                with_words.add(name)
    assert {"receipt", "data_request_file", "location_poster_pdf"} <= with_words


@pytest.fixture
def sheet(town: Place) -> PoliceSheet:
    """For the police, with the corpus in each answer; nothing private is in the case, or the paper is refused."""
    own: Any = {"kind": PoliceKind.NOTICE, "filed_by": FiledBy.EMPLOYER, "by": town.adviser, "now": clock.now()}
    made = start_sheet(incident=make_incident(town), **own)
    made.answers = dict.fromkeys(TEXTS, EVERYTHING)
    made.save()
    return made


def police(town: Place, sheet: PoliceSheet, kind: str) -> Any:
    return browser_of(town.adviser).get(reverse(f"police_{kind}", args=[sheet.pk]))


def test_a_sheet_for_the_police_holds_text_only(town: Place, sheet: PoliceSheet, papers: list[str]):
    assert police(town, sheet, "pdf").status_code == 200
    assert read(papers[0]).faults == [] and papers[0].count("kanarie") > len(PAYLOADS) * len(TEXTS)
    word = police(town, sheet, "docx")
    assert (word.status_code, _faults_of_document(word.content)) == (200, [])
    said = Document(io.BytesIO(word.content)).core_properties
    assert not any(town.adviser.name in str(told) for told in (said.author, said.last_modified_by, said.comments))


def test_a_paper_that_trusts_what_was_written_is_found(town: Place, sheet: PoliceSheet, papers: list[str]):
    """The negative control."""
    with (
        mock.patch("django.template.base.conditional_escape", mark_safe),
        mock.patch("django.template.defaultfilters.escape", mark_safe),
    ):
        police(town, sheet, "pdf")
    assert len(read(papers[0]).faults) > 20


def test_in_the_pdf_itself_all_stands_there_and_nothing_acts(town: Place, sheet: PoliceSheet, pango: None):
    sheet.answers = {"what": EVERYTHING}
    sheet.save()
    made = PdfReader(io.BytesIO(police(town, sheet, "pdf").content))
    text = re.sub(r"[\s\0]", "", "".join(page.extract_text() for page in made.pages))
    assert text.count("kanarie") >= len(PAYLOADS) and "<script>alert('kanarie')</script>" in text
    assert not re.search(rb"/(JavaScript|JS|OpenAction|AA|Launch|EmbeddedFiles?|RichMedia)\b", _unpacked(made))
    assert [where for where in _links(made) if "testserver" not in where] == []
    assert "/Author" not in (made.metadata or {}), "nor who made it (T16)"


def _unpacked(made: PdfReader) -> bytes:
    """Every object but the streams: what acts is a dictionary."""
    objects = [made.get_object(number) for number in made.xref.get(0, {})] + [
        made.get_object(number) for number in made.xref_objStm
    ]
    return "\n".join(str(dict(one)) for one in objects if isinstance(one, dict)).encode()


def _links(made: PdfReader) -> list[str]:
    notes = [note.get_object() for page in made.pages for note in page.get("/Annots") or []]
    return [str(note["/A"]["/URI"]) for note in notes if "/A" in note and "/URI" in note["/A"]]


NEEDS = {  # the letters that belong to a reaction, and which
    "warning": ("warning",),
    "conditions": ("conditions",),
    "pause": ("pause",),
    "ban": ("ban",),
    "ban_end": ("ban", "ended"),
}


@pytest.mark.parametrize("kind", LetterKind.values)
def test_a_letter_holds_text_only(town: Place, papers: list[str], kind: str):
    """Each field of it holds payloads by turns, so that each stands in some letter."""
    names = list(examples_of(kind))
    start = LetterKind.values.index(kind) * 23
    values = {name: " ¶ ".join((PAYLOADS * 3)[start + at :: len(names)][:12]) for at, name in enumerate(names)}
    case = make_incident(town)
    person = make_person(town, case) if kind != LetterKind.OUTCOME else None
    reaction = NEEDS.get(kind)
    more = {"person": person} | ({"reaction": make_reaction(town, case, person, *reaction)} if reaction else {})
    letter = make(town, case, kind, values=values, **more)
    content = read_letter(letter.versions.get())
    assert _faults_of_document(content) == []
    shown = "".join(Document(io.BytesIO(content)).element.itertext())
    assert shown.count("kanarie") >= 12, "it says what was written"
    browser_of(town.adviser).get(reverse("letter_preview", args=[case.pk, letter.pk]))
    assert read(papers[0]).faults == [] and papers[0].count("kanarie") >= 12


def _faults_of_document(content: bytes) -> list[str]:
    """A field, a link or a part that came from what was written."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        faults = [name for name in parts.namelist() if re.search(r"vba|embeddings|activeX|altChunk", name)]
        for name in parts.namelist():
            if name.endswith(".rels"):
                faults += re.findall(r'Target="[^"]*kanarie[^"]*"', parts.read(name).decode())
    response = mock.Mock(headers={"Content-Type": "application/zip"}, streaming=False, content=content)
    return faults + faults_of(response)


def test_a_letter_with_a_code_in_it_is_found(town: Place):
    """The negative control: what was written stands in a code of Word."""
    from docx.oxml import OxmlElement  # noqa: PLC0415

    document, code = Document(), OxmlElement("w:instrText")
    code.text = 'HYPERLINK "//kanarie.invalid"'
    document.add_paragraph().add_run()._r.append(code)
    document.part.relate_to("//kanarie.invalid", "x/hyperlink", is_external=True)
    kept = io.BytesIO()
    document.save(kept)
    assert len(_faults_of_document(kept.getvalue())) == 3


FILES = {
    "management": (("overview_file", kind) for kind in ("xlsx", "ods")),
    "auditor": (("data_request_file", "json"), ("accountability_file", "odt")),
    "adviser": (("letter_file", ""),),
}


def test_other_files_hold_text_only(answered: Scene):
    for who, wanted in FILES.items():
        for name, kind in wanted:
            response = get(answered, who, name, (kind,) if kind else ())
            assert (response.status_code, faults_of(response)) == (200, []), f"{name} {kind}"
    for who, name in (("adviser", "case_export"), ("auditor", "audit_export")):
        for kind in ("ods", "xlsx" if who == "adviser" else "csv"):
            address = reverse(name, args=answered["addresses"].get(name, []))
            response = browser_of(answered["people"][who]).post(address, {"purpose": "check", "file": kind})
            assert (response.status_code, faults_of(response)) == (200, []), f"{name} {kind}"


# --- mails and calendars ---------------------------------------------------------------------------------------------

HEADERS = {
    *("Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To", "Message-ID", "Date"),
    *("Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"),
}


def faults_of_mail(one: Any) -> list[str]:
    """What is in a mail, as the receiver's program reads it, that our words did not put there."""
    read_back = message_from_bytes(one.message().as_bytes(), _class=EmailMessage, policy=policy.SMTP)
    faults = [f"header {name}" for name in read_back if name not in HEADERS]
    faults += [f"{name}: {value}" for name, value in read_back.items() if "kanarie" in str(value)]
    for part in read_back.walk():
        content = part.get_content() if not part.is_multipart() else ""
        faults += read(content).faults if part.get_content_type() == "text/html" else []
        faults += ["words of someone"] if "kanarie" in content else []
    return faults


def test_no_mail_holds_what_someone_wrote(poisoned: Scene, town: Place):  # noqa: F811
    """Names of people, departments, places, cards and all texts are payloads, with ends of lines in them."""
    for person in town.people.values():
        ask_password_mail(user=person, now=clock.now())
    for _round in range(4):
        sweep(now=clock.now())
        clock.move(hours=30)
    kinds = {one.subject for one in mail.outbox}
    assert len(mail.outbox) > len(town.people) and len(kinds) >= 3, kinds
    assert (
        News.objects.exists() and Alarm.objects.exists() and "kanarie" in Incident.objects.latest("reported_at").story
    )
    assert [fault for one in mail.outbox for fault in faults_of_mail(one)] == []


def test_a_mail_with_a_story_in_it_is_found():
    """The negative control, and that no text of ours can begin another header."""
    message = mail.EmailMultiAlternatives("Melding", EVERYTHING, to=["iemand@vlinderwaard.invalid"])
    message.attach_alternative(f"<p>{EVERYTHING}</p>", "text/html")
    assert len(faults_of_mail(message)) > 20
    message.extra_headers["X-Kanarie"] = "x"
    assert "header X-Kanarie" in faults_of_mail(message)
    with pytest.raises(ValueError, match="newline"):
        mail.EmailMessage("kanarie\r\nBcc: elders@kanarie.invalid", "x", to=["x@y.invalid"]).message()


LINE = re.compile(
    r"(BEGIN|END):(VCALENDAR|VEVENT)|(PRODID|VERSION|X-WR-CALNAME|REFRESH-INTERVAL;VALUE=DURATION|UID|DTSTAMP|DTSTART|DTEND"
    r"|SUMMARY|DESCRIPTION|URL|SEQUENCE|LAST-MODIFIED|TRANSP|CLASS)[;:].*"
)


def faults_of_calendar(content: bytes) -> list[str]:
    lines = content.split(b"\r\n")
    faults = [f"long {line!r}" for line in lines if len(line) > 75] + [
        f"half {line!r}" for line in lines if b"\n" in line or b"\r" in line
    ]
    whole = content.decode().replace("\r\n ", "").split("\r\n")
    return faults + [line for line in whole if line and (not LINE.fullmatch(line) or "kanarie" in line)]


def test_a_calendar_holds_a_number_and_nothing_that_someone_wrote(poisoned: Scene, town: Place):  # noqa: F811
    for person in (town.adviser, town.support):
        secret = make_feed(user=person, seen=feed_mark(None), now=clock.now())
        response = Client().get(reverse("calendar_file", args=[secret]))
        assert response.status_code == 200 and faults_of_calendar(response.content) == []
        assert b"BEGIN:VEVENT" in response.content or person == town.support


def test_a_calendar_with_a_line_of_someone_is_found():
    planted = "BEGIN:VEVENT\r\nSUMMARY:VW-1\r\nBEGIN:VALARM\r\nDESCRIPTION:kanarie\r\n" + "URL:" + "x" * 80 + "\r\n"
    assert len(faults_of_calendar(planted.encode())) == 3
    assert faults_of_calendar(b"SUMMARY:a\nBEGIN:VALARM\r\n") != []
