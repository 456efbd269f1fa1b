"""The administrator's templates of letters: brought in, refused, used, withdrawn; and the page about fields."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.actions.letter_files import read_letter
from incidents.actions.letter_tags import checked_template
from incidents.actions.letter_templates import save_template, template_for
from incidents.actions.letters import latest_version
from incidents.letter_fields import FIELDS
from incidents.letters.shipped import shipped_docx
from incidents.models import LetterTemplate
from incidents.vocabulary import LetterKind
from tests import clock
from tests.incidents.letters import changed, docx, make, read, upload
from tests.world import Place, make_incident
from vpdportal.audit.models import AuditEvent

pytestmark = pytest.mark.usefixtures("own_store")
INVITATION = LetterKind.INVITATION


@pytest.fixture
def administrator(town: Place, as_user: Any) -> Client:
    client: Client = as_user(town.administrator)
    client.cookies["vpd_language"] = "en"
    return client


def address(name: str, town: Place, *more: Any) -> str:
    return reverse(name, args=[town.organisation.slug, *more])


def save(town: Place, *paragraphs: str, kind: LetterKind = INVITATION) -> LetterTemplate:
    return save_template(
        organisation=town.organisation, kind=kind, content=docx(*paragraphs), by=town.administrator, now=clock.now()
    )[0]


def test_a_template_that_is_brought_in_is_used_and_going_back_is_possible(
    town: Place, other_town: Place, administrator: Client
):
    case, url = make_incident(town), address("letter_template", town, INVITATION)
    before = make(town, case)
    page = administrator.post(url, {"document": upload(docx("Ons eigen papier voor {{ naam }}"))}, follow=True)
    assert "Version 1 is in use" in page.content.decode()
    assert "{{ gesprek_waar }}" in page.content.decode().replace("&#123;", "{"), (
        "needed fields that are not used are named"
    )
    letter = make(town, case)
    assert "Ons eigen papier voor T. Voorbeeld" in read(read_letter(latest_version(letter)))
    assert latest_version(letter).template_name == "invitation 1"
    assert "Ons eigen papier" not in read(read_letter(latest_version(before)))
    assert template_for(other_town.organisation, INVITATION).row is None
    administrator.post(url, {"document": upload(docx("Tweede {{ naam }}"))})
    assert read(template_for(town.organisation, INVITATION).content) == "Tweede {{ naam }}\n\n"
    administrator.post(address("letter_template_withdraw", town, INVITATION))
    assert template_for(town.organisation, INVITATION).content == shipped_docx(INVITATION)
    assert latest_version(make(town, case)).template_name.startswith("invitation shipped")
    assert LetterTemplate.objects.count() == 2, "nothing is thrown away"
    administrator.post(url, {"document": upload(docx("Derde"))})
    assert template_for(town.organisation, INVITATION).name == "invitation 3"
    actions = AuditEvent.objects.filter(object_type="lettertemplate").values_list("action", flat=True)
    assert sorted(actions) == ["letter_template.saved"] * 3 + ["letter_template.withdrawn"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (docx("{{ naamm }} {{ bsn }}"), ("bsn", "do you mean naam?")),
        (docx("{{ naam.__class__ }}"), ("naam.__class__", "paragraph 1")),
        (docx("Een", "{% if naam %}"), ("if naam", "paragraph 2")),
        (changed(docx("x"), parts={"word/vbaProject.bin": b"x"}), ("macros",)),
        (b"geen word", ("no Word document",)),
        (b"x" * (3 * 1024 * 1024), ("2 MB",)),
        (b"", ("empty",)),
    ],
)
def test_a_template_that_is_wrong_is_refused_in_words(
    town: Place, administrator: Client, content: bytes, says: tuple[str, ...]
):
    url = address("letter_template", town, INVITATION)
    page = administrator.post(url, {"document": upload(content)})
    text = page.content.decode().replace("&#123;", "{")
    assert page.status_code == 400 and not LetterTemplate.objects.exists()
    for words in says:
        assert words in text
    assert administrator.post(url, {}).status_code == 400
    assert administrator.post(url, {"document": upload(docx("{{ naam }}"))}).status_code == 302


def test_the_present_and_the_shipped_template_can_be_downloaded_and_brought_in_again(
    town: Place, administrator: Client
):
    save(town, "Eigen {{ naam }}")
    for which, wanted in (("huidig", "Eigen"), ("meegeleverd", "Uitnodiging voor een gesprek")):
        given = administrator.get(address("letter_template_file", town, INVITATION, which))
        assert wanted in read(given.content) and given["Content-Disposition"].endswith('-invitation.docx"')
        assert checked_template(given.content, INVITATION)
    assert administrator.get(address("letter_template_file", town, INVITATION, "anders")).status_code == 404
    for name in ("letter_template", "letter_template_withdraw"):
        assert administrator.post(address(name, town, "onzin")).status_code == 404


def test_the_page_about_fields_shows_each_field(town: Place, administrator: Client):
    text = administrator.get(address("letter_fields", town)).content.decode().replace("&#123;", "{")
    for field in FIELDS:
        assert f"<code>{field.tag}</code>" in text
    assert "{% if weerwoord %}" in text.replace("&#125;", "}")
    shown = administrator.get(address("letter_templates", town)).content.decode()
    assert "Have your lawyer read each template" in shown and shown.count("the shipped one") == len(LetterKind)


def test_only_the_administrator_of_the_organisation_manages_templates(town: Place, other_town: Place, as_user: Any):
    save(town, "Eigen {{ naam }}")
    gets = [
        address("letter_templates", town),
        address("letter_fields", town),
        address("letter_template", town, INVITATION),
        address("letter_template_file", town, INVITATION, "huidig"),
    ]
    posts = [address("letter_template", town, INVITATION), address("letter_template_withdraw", town, INVITATION)]
    for url in gets:
        assert as_user(town.administrator).get(url).status_code == 200
    for person, status in [
        (other_town.administrator, 404),
        *((getattr(town, r), 403) for r in ("adviser", "employee", "management", "auditor", "legal")),
    ]:
        client = as_user(person)
        assert {client.get(url).status_code for url in gets} == {status}
        assert {client.post(url, {"document": upload(docx("x"))}).status_code for url in posts} == {status}
    assert {Client().get(url).status_code for url in gets} == {302}
    assert LetterTemplate.objects.filter(is_withdrawn=False).count() == 1


@pytest.mark.parametrize("name", ["letter_templates", "letter_template", "administration"])
def test_pages_ask_the_same_however_many_versions_there_are(town: Place, administrator: Client, name: str):
    counts = []
    for number in (1, 3):
        while LetterTemplate.objects.count() < number:
            save(town, "Eigen {{ naam }}")
        url = address(name, town, *([INVITATION] if name == "letter_template" else []))
        administrator.get(url)
        with CaptureQueriesContext(connection) as asked:
            assert administrator.get(url).status_code == 200
        counts.append(len(asked))
        assert not any('"content"' in query["sql"] for query in asked), "the documents themselves stay where they are"
    assert counts[0] == counts[1] <= 12
