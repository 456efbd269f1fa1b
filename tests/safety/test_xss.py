"""Every text that anyone typed or brought stays text, on every page and in every file (reliability T13, ASVS 1.2.1).

Each text column of each row of the scene holds all payloads at once, past every form: a rule of a form that is
forgotten one day must not be what keeps a page safe.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe
from lxml import etree

from incidents.models import Draft, Incident, Person, PoliceSheet
from incidents.models.draft import Content
from incidents.police_sheet import TEXTS
from tests.access.rights import GET
from tests.access.test_rights import browser_of, no_pdf, scene  # noqa: F401  fixtures
from tests.safety.pages import read
from tests.safety.payloads import EVERYTHING, PAYLOADS
from tests.world import Place
from vpdportal.data_classes import DataClass, class_of
from vpdportal.encryption import EncryptedTextField

pytestmark = pytest.mark.once
OURS = ("accounts", "guidance", "incidents")
TYPED = {DataClass.STAFF, DataClass.HOUSE}
KEPT = {"email", "slug", "reference_prefix", "works_on", "password"}  # read by the program itself
# JSON, made and read by the program, also where there is nothing yet; what people typed stands in it as texts.
STRUCTURED = {
    *("Draft.sealed_content", "Incident.sealed_details", "Letter.sealed_values", "PoliceSheet.sealed_answers"),
    "Person.sealed_identifiers",
}
WITHIN: dict[str, tuple[type[models.Model], Callable[[], Any]]] = {
    "answers": (PoliceSheet, lambda: dict.fromkeys(TEXTS, EVERYTHING)),
    "details": (Incident, lambda: dict.fromkeys(("since", "means", "online_account", "more"), EVERYTHING)),
    "identifiers": (Person, lambda: {"email": [EVERYTHING], "social": [EVERYTHING]}),
    "content": (Draft, lambda: Content(answers={name: [EVERYTHING] for name in ("story", "place", "contact")})),
}
READERS = ("adviser", "employee", "administrator", "auditor", "manager", "management", "support", "stranger")


def is_typed(field: Any) -> bool:
    """Whether people may have written what stands in this column."""
    is_structured = f"{field.model.__name__}.{field.name}" in STRUCTURED
    if is_structured or field.name in KEPT or field.choices or field.unique:
        return False
    is_free = isinstance(field, models.CharField | models.TextField) and class_of(field) in TYPED
    return isinstance(field, EncryptedTextField) or is_free


def poison() -> set[str]:
    """Put all payloads into every typed column that holds words now; gives the columns."""
    done = set()
    for model in apps.get_models():
        fields = [field for field in model._meta.concrete_fields if is_typed(field)]
        if model._meta.app_label not in OURS or not fields:
            continue
        for row in model._default_manager.all():
            written = [field for field in fields if _holds_words(getattr(row, field.attname))]
            for field in written:
                setattr(row, field.attname, EVERYTHING[: getattr(field, "max_length", None)])  # as much as has room
            try:
                with transaction.atomic():
                    if written:
                        row.save(update_fields=[field.attname for field in written])
            except (DatabaseError, TypeError):
                continue  # rows that only grow cannot be changed
            done |= {f"{model.__name__}.{field.name}" for field in written}
    for name, (model, words) in WITHIN.items():
        for row in model._default_manager.all():
            setattr(row, name, words())
            row.save()
    return done


def _holds_words(value: Any) -> bool:
    return isinstance(value, str) and not value.startswith(("{", "["))


def faults_of(response: HttpResponseBase) -> list[str]:
    """What became something else than text, by the kind of the answer."""
    kind = response.headers.get("Content-Type", "").split(";")[0]
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    if kind == "text/html":
        return read(content.decode()).faults
    if kind == "application/json":
        json.loads(content)
        return [] if response.headers.get("X-Content-Type-Options") == "nosniff" else ["json may be sniffed"]
    if kind == "text/calendar":
        unknown = re.findall(rb"^(?:BEGIN:VALARM|ACTION|[A-Z-]*kanarie).*", content, re.MULTILINE)
        return [line.decode() for line in unknown]
    if zipfile.is_zipfile(io.BytesIO(content)):
        return list(_faults_of_office(content))
    return []


def _faults_of_office(content: bytes) -> list[str]:
    faults = []
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")) and parts.getinfo(name).file_size:
                tree = etree.fromstring(parts.read(name), etree.XMLParser(resolve_entities=False))
                faults += [
                    f"{name}: formula" for one in tree.iter("{*}f", "{*}instrText") if "kanarie" in (one.text or "")
                ]
                faults += [
                    f"{name}: {one.tag} {key}"
                    for one in tree.iter(etree.Element)
                    for key, value in one.attrib.items()
                    if "kanarie" in str(value) and (key.endswith(("formula", "Target", "href", "style")))
                ]
    return faults


@pytest.fixture
def poisoned(scene: dict[str, Any], no_pdf: None) -> dict[str, Any]:  # noqa: F811
    columns = poison()
    assert len(columns) >= 40, columns
    return scene


def walk(poisoned: dict[str, Any], who: str) -> tuple[dict[str, list[str]], set[str]]:
    """Every page as someone: what is wrong on it, and the pages on which payloads stood."""
    wrong, shown = {}, set()
    for name in GET:
        client = browser_of(poisoned["people"].get(who))
        response = client.get(reverse(name, args=poisoned["addresses"].get(name, [])))
        if "kanarie" in getattr(response, "content", b"").decode("utf-8", "replace"):
            shown.add(name)
        if faults := faults_of(response):
            wrong[name] = faults[:3]
    return wrong, shown


def test_the_corpus_is_wide():
    assert len(PAYLOADS) == len(set(PAYLOADS)) >= 140


@pytest.mark.parametrize("who", READERS)
def test_text_stays_text_on_every_page(poisoned: dict[str, Any], who: str):
    wrong, shown = walk(poisoned, who)
    assert wrong == {}
    assert len(shown) >= {"adviser": 25, "stranger": 0}.get(who, 3), "pages show what was written"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_escaped_reads_back_as_it_was(payload: str):
    """The reader itself sees no fault in any payload that is escaped, as text and as an attribute."""
    escaped = conditional_escape(payload)
    reader = read(f'<p title="{escaped}">{escaped}</p><textarea>{escaped}</textarea>')
    assert reader.faults == []


HARMLESS = ("<%=", "<noscript>", "<img src=1\u200b", "<a\u00a0href")  # unescaped too, where a browser runs scripts


@pytest.mark.parametrize("payload", [one for one in PAYLOADS if one.startswith("<") and not one.startswith(HARMLESS)])
def test_a_payload_that_is_not_escaped_is_seen(payload: str):
    """The negative control of the reader."""
    assert read(f"<p>{payload}</p>").faults


def test_one_filter_that_trusts_a_story_is_found(poisoned: dict[str, Any], town: Place):
    """The negative control: `prose` without escaping, planted on the page of a case."""
    with (
        mock.patch("django.template.base.conditional_escape", mark_safe),
        mock.patch("django.utils.html.escape", mark_safe),
    ):
        response = browser_of(town.adviser).get(reverse("case", args=poisoned["addresses"]["case"]))
    assert len(faults_of(response)) > 20


def test_what_is_typed_into_a_form_comes_back_as_text(scene: dict[str, Any], no_pdf: None):  # noqa: F811
    """Forms show faults with what was typed in them; a search shows what was searched."""
    for who in ("adviser", "administrator", "auditor"):
        client: Client = browser_of(scene["people"][who])
        for name in GET:
            address = reverse(name, args=scene["addresses"].get(name, []))
            asked = {"q": EVERYTHING, "name": EVERYTHING, "page": PAYLOADS[0], "tab": PAYLOADS[1], "next": OTHER_SITE}
            response = client.get(address, asked)
            assert faults_of(response) == [], name
            assert OTHER_SITE not in response.headers.get("Location", "").split("?")[0], name


OTHER_SITE = "https://kanarie.invalid/"
