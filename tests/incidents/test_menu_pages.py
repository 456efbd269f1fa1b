"""Trying the menu with made-up facts, reading the rules whole, and where the menu comes from."""

import json
import re
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from pypdf import PdfReader

from guidance.cards import change_draft, publish_draft, published_changes
from guidance.changes import Changes, ItemChange, OwnItem
from guidance.deadlines import Deadline
from guidance.facts import FACTS
from guidance.menu import LadderStep, Text
from guidance.menu_file import load_menu
from guidance.models import MenuDraft
from guidance.rules import read_condition
from guidance.vocabulary import ClosedDay, Phase
from incidents.forms.trying import FIRST, SUBJECTS
from incidents.models import Incident
from tests import clock
from tests.world import Place
from vpdportal import pdf
from vpdportal.audit.models import AuditEvent
from vpdportal.seen import mark_of

DATA = Path(__file__).parent.parent / "guidance/data"
CASES = sorted([*(DATA / "cases").glob("*.json"), *(DATA / "own").glob("*.json")])
AT = "2026-11-24T10:00+01:00"  # tests.clock.START in words
MOMENTS = {
    "happened_day": "2026-11-24",
    "happened_hour": "10:00",
    "reported_day": "2026-11-24",
    "reported_hour": "10:00",
}
THREAT = {"behaviours": ["threat"], "channel": "counter", "target_group": "employee"}
FLOWERS = OwnItem(
    "E1",
    Phase.AFTERCARE,
    Text("Bloemen van het team", "Flowers from the team"),
    Text("Laat merken dat u eraan denkt.", "Show that you care."),
    Text("Teamleider", "Team leader"),
    read_condition([[{"fact": "severity", "min": 3}]]),
    Deadline("report", "wd", 2),
)


def posted(facts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What a browser sends for these facts (nested, as in a file)."""
    flat = {f"perpetrator.{name}": value for name, value in facts.get("perpetrator", {}).items()}
    flat |= {name: value for name, value in facts.items() if name != "perpetrator"}
    words = {name: ("no", "yes")[value] if isinstance(value, bool) else value for name, value in flat.items()}
    return {**MOMENTS, **words, **more}


def tried(client: Client, town: Place, data: dict[str, Any]) -> Any:
    return client.post(reverse("menu_try", args=[town.organisation.slug]), data)


def commanded(facts: dict[str, Any], tmp_path: Path, *options: str) -> dict[str, Any]:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(facts))
    out = StringIO()
    call_command("advise", str(file), "--incident-at", AT, "--reported-at", AT, *options, stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def publish(town: Place, change: Any) -> None:
    draft(town, change)
    revision = MenuDraft.objects.get(organisation=town.organisation).revision
    publish_draft(organisation=town.organisation, revision=revision, by=town.administrator, now=clock.now())


def draft(town: Place, change: Any) -> None:
    kept = MenuDraft.objects.filter(organisation=town.organisation).first()
    changes: Changes = kept.read_changes() if kept else published_changes(town.organisation)[1]
    change_draft(
        organisation=town.organisation,
        change=change,
        part=lambda one: one.to_data(),
        seen=mark_of(changes.to_data()),
        about="E1",
        by=town.administrator,
        now=clock.now(),
    )


# --- what if ---------------------------------------------------------------------------------------------------------


def test_the_form_asks_for_every_fact():
    grouped = [name for _title, names in SUBJECTS for name in names]
    assert sorted(["behaviours", *FIRST, *grouped]) == sorted(FACTS)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_page_says_what_the_command_says(town: Place, as_user: Any, tmp_path: Path, path: Path):
    facts = json.loads(path.read_text())["facts"]
    wanted = commanded(facts, tmp_path)
    response = tried(as_user(town.adviser), town, posted(facts))
    assert response.status_code == 200
    page, advised = response.content.decode(), response.context["answer"].advised
    now = [one.item.code for one in advised.advice if not one.is_on_hold]
    held = [one.item.code for one in advised.advice if one.is_on_hold]
    assert now == [one["code"] for one in wanted["advice"]] and held == [one["code"] for one in wanted["on_hold"]]
    assert advised.severity == wanted["severity"] and advised.menu_version == wanted["menu_version"]
    asked = [(q.fact, q.adds, q.removes, q.holds) for q in response.context["answer"].questions]
    assert asked == [(q["fact"], *(tuple(q[key]) for key in ("adds", "removes", "holds"))) for q in wanted["questions"]]
    assert set(re.findall(r'id="advice-(\w+)"', page)) == set(now) | set(held)
    assert set(re.findall(r'data-dropped="(\w+)"', page)) == {one["code"] for one in wanted["fallen_away"]}
    assert page.count('<li id="offence-') == len(wanted["possible_offences"])
    for one in [*wanted["advice"], *wanted["on_hold"]]:
        assert str(escape(one["because"])) in page, one["code"]
    assert escape(wanted["severity_because"]) in page


def test_nothing_is_kept_and_nothing_is_logged(town: Place, as_user: Any):
    client = as_user(town.adviser)
    events = AuditEvent.objects.count()
    response = tried(client, town, posted({**THREAT, "injury": True}))
    assert response.status_code == 200 and response.context["answer"].advised.severity == 3
    assert (Incident.objects.count(), AuditEvent.objects.count()) == (0, events)
    scripts = re.findall(r'<script src="([^"]+)"', response.content.decode())
    assert len(scripts) == 1 and "portal/page" in scripts[0], "that of every page, which keeps nothing"
    empty = client.get(reverse("menu_try", args=["vlinderwaard"]) + "?behaviours=threat&channel=counter&injury=yes")
    assert "answer" not in empty.context and "checked" not in str(empty.context["form"]["behaviours"])


def test_what_was_filled_in_stays_beside_the_answer(town: Place, as_user: Any):
    response = tried(as_user(town.adviser), town, posted({**THREAT, "weapon": False, "witnesses": 3}))
    form, page = response.context["form"], response.content.decode()
    assert (form["weapon"].value(), form["witnesses"].value()) == ("no", "3")
    for name in FACTS:  # each stands on the page just once, asked above or in its group
        assert page.count(f'id="div_id_{name}"') == 1, name


def test_a_question_says_what_hangs_on_it(town: Place, as_user: Any):
    page = tried(as_user(town.adviser), town, posted(THREAT))
    answer = page.context["answer"]
    question = next(one for one in answer.questions if one.fact == "offence_suspected")
    title = str(load_menu().items[question.adds[0]].title)
    assert title in page.context["form"]["offence_suspected"].help_text
    assert escape(page.context["form"]["offence_suspected"].help_text) in page.content.decode()


def test_the_card_that_answers(town: Place, as_user: Any):
    severe = posted({**THREAT, "severity": 4})
    publish(town, lambda changes: changes.with_own(FLOWERS))
    draft(town, lambda changes: changes.with_item("R06", ItemChange(title=Text("Brief van ons", "Our letter"))))
    adviser, administrator = as_user(town.adviser), as_user(town.administrator)
    published = tried(administrator, town, {**severe, "perpetrator.known": "yes"})
    assert "Bloemen van het team" in published.content.decode() and "Brief van ons" not in published.content.decode()
    drafted = tried(administrator, town, {**severe, "perpetrator.known": "yes", "card": "draft"})
    assert "Brief van ons" in drafted.content.decode()
    other = tried(adviser, town, {**severe, "perpetrator.known": "yes", "card": "draft"})
    assert "Brief van ons" not in other.content.decode() and "card" not in other.context["form"].fields


def test_the_severity_that_was_filled_in_is_not_said_to_be_proposed(town: Place, as_user: Any):
    answer = tried(as_user(town.adviser), town, posted({**THREAT, "severity": 4})).context["answer"]
    assert answer.is_severity_given and answer.advised.severity == 4
    assert str(answer.proposed_label).startswith("3")


def test_the_moments_give_the_dates_and_the_days(town: Place, as_user: Any, tmp_path: Path):
    late = posted(THREAT, happened_day="2026-11-14")
    advised = tried(as_user(town.adviser), town, late).context["answer"].advised
    assert advised.given["days_until_report"] == 10 and "P17" in advised.codes
    assert any(one.is_late_report for one in advised.advice)
    wanted = commanded(THREAT, tmp_path, "--incident-at", "2026-11-14T10:00+01:00")
    dues = {one["code"]: one["due"] for one in wanted["advice"]}
    assert {one.item.code: one.due and timezone.localtime(one.due).isoformat() for one in advised.advice} == dues


WRONG = {
    "nothing": ({}, "behaviours"),
    "no moments": (THREAT, "happened_day"),
    "an unknown behaviour": (posted({**THREAT, "behaviours": ["threat", "pigeon"]}), "behaviours"),
    "an unknown place": (posted({**THREAT, "channel": "pigeon"}), "channel"),
    "an unknown answer": (posted({**THREAT, "weapon": "perhaps"}), "weapon"),
    "a severity of 5": (posted({**THREAT, "severity": 5}), "severity"),
    "a severity in letters": (posted({**THREAT, "severity": "x\x00"}), "severity"),
    "a huge number": (posted({**THREAT, "witnesses": "9" * 5000}), "witnesses"),
    "less than none": (posted({**THREAT, "witnesses": -1}), "witnesses"),
    "a broken number": (posted({**THREAT, "witnesses": "1.5"}), "witnesses"),
    "a zero byte": (posted({**THREAT, "target_group": "employee\x00"}), "target_group"),
    "a zero byte in a day": (posted(THREAT, happened_day="2026-11-24\x00"), "happened_day"),
    "a zero byte in an hour": (posted(THREAT, reported_hour="10:00\x00"), "reported_hour"),
    "a day long ago": (posted(THREAT, happened_day="0001-01-01"), "happened_day"),
    "a day far ahead": (posted(THREAT, reported_day="9999-12-31"), "reported_day"),
    "after the report": (posted(THREAT, happened_hour="10:01"), "happened_day"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named_and_nothing_is_lost(town: Place, as_user: Any, name: str):
    data, field = WRONG[name]
    response = tried(as_user(town.adviser), town, {**data, "motive": "frustration"})
    form = response.context["form"]
    assert response.status_code == 400 and "answer" not in response.context
    assert field in form.errors and form["motive"].value() == "frustration"
    page = response.content.decode()
    assert 'id="errors"' in page
    subject = next((one for one in response.context["subjects"] if field in {f.name for f in one.fields}), None)
    assert subject is None or subject.is_open


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=some.dictionaries(
        some.sampled_from([*FACTS, *MOMENTS, "card"]),
        some.one_of(
            some.text(max_size=6),
            some.sampled_from(["yes", "no", "unknown", "draft", "threat", "counter", "employee", "3", "\x00", "-1"]),
            some.lists(some.sampled_from(["threat", "insult", "threat", "x"]), max_size=3),
        ),
    )
)
def test_an_odd_post_is_answered_or_refused_in_words(town: Place, as_user: Any, data: dict[str, Any]):
    if not MenuDraft.objects.exists():
        draft(town, lambda changes: changes.with_own(FLOWERS))
    assert tried(as_user(town.administrator), town, {**posted(THREAT), **data}).status_code in (200, 400)


def test_the_same_behaviour_twice_counts_once(town: Place, as_user: Any):
    response = tried(as_user(town.adviser), town, posted({**THREAT, "behaviours": ["threat", "threat"]}))
    assert response.context["answer"].advised.given["behaviours"] == ("threat",)


def test_no_more_queries_with_a_larger_card(town: Place, as_user: Any, django_assert_num_queries: Any):
    client = as_user(town.administrator)
    tried(client, town, posted(THREAT))
    publish(town, lambda changes: changes.with_own(FLOWERS))
    tried(client, town, posted(THREAT))  # a version is read once in a process
    with django_assert_num_queries(5):
        tried(client, town, posted(THREAT))
    with django_assert_num_queries(4):
        client.get(reverse("menu_rules", args=["vlinderwaard"]))


# --- manage.py advise --organisation ---------------------------------------------------------------------------------


def test_the_command_answers_by_an_organisations_card(town: Place, tmp_path: Path):
    assert "E1" not in {one["code"] for one in commanded(THREAT, tmp_path)["advice"]}
    publish(town, lambda changes: changes.with_own(FLOWERS))
    answer = commanded(THREAT, tmp_path, "--organisation", "vlinderwaard")
    assert "E1" in {one["code"] for one in answer["advice"]} and answer["menu_version"].endswith("/1")
    assert "E1" not in {one["code"] for one in commanded(THREAT, tmp_path)["advice"]}


def test_the_command_names_an_organisation_that_is_not_there(db: None, tmp_path: Path):
    with pytest.raises(CommandError, match="nergens") as refused:
        commanded(THREAT, tmp_path, "--organisation", "nergens")
    assert refused.value.returncode == 2


# --- the rules whole -------------------------------------------------------------------------------------------------


def rules(client: Client, slug: str = "vlinderwaard") -> str:
    return client.get(reverse("menu_rules", args=[slug])).content.decode()


def item_of(page: str, code: str) -> str:
    found = re.search(rf'<article class="advice" id="item-{code}">.*?</article>', page, re.DOTALL)
    assert found, code
    return found[0]


def test_the_rules_of_a_card_that_nobody_changed(town: Place, as_user: Any):
    client = as_user(town.employee)
    client.cookies["vpd_language"] = "en"
    page, menu = rules(client), load_menu()
    texts = [*(rule.text for rule in menu.rules), *(one.text for one in menu.assumptions)]
    for code, item in menu.items.items():
        text = item_of(page, code)
        with translation.override("en"):
            words = [item.title, item.purpose, item.role_label, item.ground]
        assert [word for word in words if escape(word) not in text] == []
        for key in item.sources:
            assert f'href="#{key}"' in text
        assert ("Not checked against the handreiking" in text) != item.is_verified and "<dd></dd>" not in text
    assert [one.en for one in texts if escape(one.en) not in page] == []
    for key, source in menu.sources.items():
        assert f'id="{key}"' in page and escape(source.title) in page
    for offence in menu.offences:
        assert escape(offence.article) in page
    assert menu.version in page and "BSN" in page


def test_every_link_on_the_page_leads_somewhere(town: Place, as_user: Any):
    publish(town, lambda changes: changes.with_own(FLOWERS))
    client = as_user(town.employee)
    for address in (reverse("menu_rules", args=["vlinderwaard"]), reverse("menu_about")):
        page = client.get(address).content.decode()
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(ids) == len(set(ids)), "an id stands twice"
        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
        outside = re.findall(r'<a href="https?://[^>]+>', page)
        assert len(outside) == len(load_menu().sources) and all('rel="noreferrer"' in link for link in outside)


def test_the_rules_show_what_the_organisation_changed(town: Place, as_user: Any):
    def change(changes: Changes) -> Changes:
        letter = ItemChange(title=Text("Brief van ons", "Our letter"), deadlines=(Deadline("incident", "h", 24),))
        changes = changes.with_item("R06", letter).with_item("P07", ItemChange(is_on=False)).with_own(FLOWERS)
        changes = changes.with_ladder((1, "first"), (LadderStep("R09", (2, 2)),))
        return Changes(changes.items, changes.own, changes.ladder, ClosedDay.NEVER)

    client = as_user(town.auditor)
    client.cookies["vpd_language"] = "en"
    before = rules(client)
    assert "as it ships" in before and "once in five years" in before
    publish(town, change)
    page = rules(client)
    letter = item_of(page, "R06")
    assert "Our letter" in letter and "own words: title" in letter
    assert "24 hours after the incident" in letter and "48 hours after the incident" in letter
    assert "is off" in item_of(page, "P07") and "is off" not in letter
    assert "Flowers from the team" in item_of(page, "E1") and "own measure" in item_of(page, "E1")
    assert "2 months" in page and "5 May is a day off</dt><dd>never" in page
    assert "24 November 2026" in page and town.administrator.name not in page
    assert f"{load_menu().version}/1" in page


def test_a_draft_is_not_in_the_rules(town: Place, as_user: Any):
    draft(town, lambda changes: changes.with_own(FLOWERS))
    assert "Bloemen van het team" not in rules(as_user(town.administrator))


def test_what_an_organisation_writes_is_no_markup(town: Place, as_user: Any):
    sly = OwnItem(**{**FLOWERS.__dict__, "title": Text("<b>vet</b>", "<b>bold</b>")})
    publish(town, lambda changes: changes.with_own(sly))
    page = rules(as_user(town.employee))
    assert "&lt;b&gt;vet" in page and "<b>vet" not in page


# --- on paper --------------------------------------------------------------------------------------------------------


@pytest.fixture
def no_pango(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(pdf, "LIBRARIES", (*pdf.LIBRARIES, "vpd-no-such-library"))
    pdf.is_available.cache_clear()
    yield
    pdf.is_available.cache_clear()


def test_the_rules_as_a_pdf(town: Place, as_user: Any, pango: None):
    publish(town, lambda changes: changes.with_own(FLOWERS))
    client = as_user(town.employee)
    assert reverse("menu_rules_pdf", args=["vlinderwaard"]) in rules(client)
    client.cookies["vpd_language"] = "en"
    response = client.get(reverse("menu_rules_pdf", args=["vlinderwaard"]))
    version = load_menu().version
    assert response["Content-Type"] == "application/pdf" and response["Cache-Control"] == "no-store"
    assert response["Content-Disposition"] == f'attachment; filename="menukaart-vlinderwaard-{version}-1.pdf"'
    reader = PdfReader(BytesIO(response.content))
    assert reader.trailer["/Root"]["/Lang"] == "en" and reader.metadata is not None
    assert reader.metadata.title == f"The menu card of Vlinderwaard, version {version}/1"
    pages = [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]
    assert f"2 / {len(pages)}" in pages[1] and "Vlinderwaard" in pages[1]
    text = " ".join(pages)
    for item in load_menu().items.values():
        assert str(item.title_text.en) in text, item.code
    assert "Flowers from the team" in text and "Menu card</a>" not in text and "Sign out" not in text


def test_without_pango_the_page_says_to_print_it(town: Place, as_user: Any, no_pango: None):
    client = as_user(town.employee)
    client.cookies["vpd_language"] = "en"
    address = reverse("menu_rules_pdf", args=["vlinderwaard"])
    page = rules(client)
    assert address not in page and "print this page" in page
    response = client.get(address)
    assert response.status_code == 503 and response["Content-Type"].startswith("text/html")
    assert "cannot make a PDF" in response.content.decode() and 'id="item-R06"' in response.content.decode()


# --- about -----------------------------------------------------------------------------------------------------------


def test_about_this_menu_card(town: Place, as_user: Any):
    client = as_user(town.employee)
    client.cookies["vpd_language"] = "en"
    page = client.get(reverse("menu_about")).content.decode()
    menu = load_menu()
    checked = sum(item.is_verified for item in menu.items.values())
    assert f"{checked} of {len(menu.items)} measures" in page
    ours = {item.title_text.en for item in menu.items.values() if item.is_our_judgement}
    for item in menu.items.values():
        assert (f"<b>{item.title_text.en}</b>" in page) == (item.title_text.en in ours)
    for source in menu.sources.values():
        assert f'<dt id="{source.key}">' in page and escape(source.address) in page
    assert "reconstruction" in page.lower()
