"""Whatever is sent to any step, in any order: no server error, no lost text, and every refusal names its field."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django import forms
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.actions.drafts import MOST_CHARACTERS, MOST_VALUES
from incidents.forms.near_miss import NearMissForm
from incidents.forms.report import STEPS
from incidents.forms.report_seen import SeenForm
from incidents.models import Draft, Incident
from incidents.views.keeping import OWNER
from tests.world import STEPS as SLUGS
from tests.world import Place, Writer, report_data

EXAMPLES = int(os.environ.get("BAD_INPUT_EXAMPLES", "20"))
JSON = {"HTTP_ACCEPT": "application/json"}
FORM = "application/x-www-form-urlencoded"
KILLERS = {
    "nothing": "",
    "spaces": " \t ",
    "a zero byte": "\x00",
    "a zero byte inside": "a\x00b",
    "control signs": "a\x01\x08\x1b[31m\x7f\x85b",
    "one over the limit": "x" * 4001,
    "as much as is kept": "x" * MOST_CHARACTERS,
    "one more": "x" * (MOST_CHARACTERS + 1),
    "emoji": "😡👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿" * 100,
    "one word": "w" * 3999,
    "turned round": "\u202egnp.exe\u202c \u2067رسالة\u2069",
    "right to left": "رسالة من المواطن",
    "piled up": "Z" + "\u0351\u0489" * 200,
    "no characters": "\ud7ff\uf8ff\ufffe\uffff\ufdd0",
    "ends of lines": "\r\n\r\nSet-Cookie: x=1\u2028\u2029\n",
    "a leading line": "\nregel",
    "a script": "</textarea><script>alert(1)</script>",
    "an attribute": "\"' onfocus=alert(1) autofocus x='",
    "a template": "{{ settings.SECRET_KEY }}{% debug %}{# #}",
    "words of python": "%s %(name)s {0} {name!r} %",
    "words of sql": "' OR 1=1; DROP TABLE incidents_draft; --",
    "a long number": "9" * 40,
    "below zero": "-1",
    "too large": "1e400",
    "no number": "NaN",
    "digits of elsewhere": "٣",
    "the first day": "0001-01-01",
    "1900": "1900-01-01",
    "1999": "1999-12-31",
    "spring": "2026-03-29",
    "tomorrow": "2026-11-25",
    "the last day": "9999-12-31",
    "after it": "10000-01-01",
    "no day": "2026-02-30",
    "an hour that is none": "02:30",
    "24:00": "24:00",
    "half a second": "08:30:59.999999",
    "yes": "yes",
    "on": "on",
    "null": "null",
    "a list": "['threat']",
    "an id": "00000000-0000-4000-8000-000000000000",
    "a behaviour": "threat",
    "a channel": "social_media",
    "an address": "iemand@elders.invalid",
    "a path": "../../etc/passwd",
}
FORMS: dict[str, Any] = {form.slug: form for form in (*STEPS, SeenForm)}
NAMES = {slug: [*form.base_fields] for slug, form in FORMS.items()}
NAMES["controle"] += ["kept_out", "kept_out_email"]
FIELDS = {name: field for form in (*FORMS.values(), NearMissForm) for name, field in form.base_fields.items()}
TEXTS = {name for name, field in FIELDS.items() if type(field).__name__ in {"CharField", "LongText"}}
CHOICES = {
    name: [str(code) for code, _word in field.choices]
    for name, field in FIELDS.items()
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField)
}
# Everything that can be asked is asked.
ALL_ASKED = {
    "behaviours": ["threat", "doxing", "weapon"],
    "threat_to_life": "yes",
    "weapon": "yes",
    "is_going_on": "on",
    "channel": "social_media",
    "reporter_is": "colleague",
    "injury": "yes",
    "damage": "yes",
}
requests: Counter[int] = Counter()


@pytest.fixture(scope="module", autouse=True)
def tally() -> Iterator[None]:
    yield
    if "BAD_INPUT_EXAMPLES" in os.environ:
        print(f"\n{requests.total()} answers: {dict(sorted(requests.items()))}")  # noqa: T201


@pytest.fixture
def person(town: Place, writer: Any) -> Writer:
    begun: Writer = writer(town.employee)
    begun.start(town)
    return begun


@pytest.fixture
def reader(town: Place, as_user: Any) -> Client:
    client: Client = as_user(town.adviser)
    return client


def check(answer: Any, because: Any) -> None:
    """No server error; and who is refused is led to the field, or to the step that has it."""
    requests[answer.status_code] += 1
    assert answer.status_code < 500, because
    if answer.status_code == 400 and answer["Content-Type"].startswith("text/html"):
        page = answer.content.decode()
        summary = page.partition('id="errors"')[2].partition("</ul>")[0]
        anchors = re.findall(r'<a href="#([^"]+)">', summary)
        assert anchors or "?fouten" in summary, because
        for anchor in anchors:
            assert f'id="{anchor}"' in page, (anchor, because)


def check_nothing_is_lost(answer: Any, key: Any, slug: str, data: dict[str, Any]) -> None:
    """What was typed is in the draft, in the report, or in the page that comes back."""
    if answer.status_code in {404, 410} or (answer.status_code >= 400 and "json" in answer["Content-Type"]):
        return  # there is no such draft any more; or nothing but a note came back, and the page still has it all
    draft = Draft.objects.filter(pk=key).first()
    if draft is None:
        assert Incident.objects.filter(idempotency_key=key).exists()
        return
    page = unescape(answer.content.decode())
    for name in TEXTS.intersection(NAMES[slug], data):
        typed = data[name] if isinstance(data[name], list) else [data[name]]
        is_kept = draft.content.answers.get(name) == typed
        assert is_kept or not typed or typed[-1] in page, (answer.status_code, name)


def check_it_still_shows(person: Writer, reader: Client) -> None:
    """What was stored is no trap for a later page."""
    pages = [(person.client, "/melden/")]
    for incident in Incident.objects.filter(idempotency_key=person.key):
        pages += [(person.client, "/?start"), (reader, "/werkvoorraad/?tab=all"), (reader, "/dossiers/")]
        pages.append((person.client, reverse("report_status", args=[incident.pk])))
        pages += [(reader, reverse(name, args=[incident.pk])) for name in ("case", "case_facts_edit")]
    for draft in Draft.objects.filter(pk=person.key, kind="incident"):
        pages += [(person.client, reverse("report_step", args=[draft.pk, slug]) + "?fouten") for slug in SLUGS]
    for client, address in pages:
        answer = client.get(address)
        requests[answer.status_code] += 1
        assert answer.status_code == 200, address


@pytest.mark.parametrize("killer", KILLERS.values(), ids=KILLERS.keys())
def test_all_that_ever_broke_a_form_in_every_field(town: Place, person: Writer, reader: Client, killer: str):
    for slug, names in NAMES.items():
        data = dict.fromkeys(names, killer)
        answers = [person.post(slug, data)]
        if slug == "gebeurd":
            answers.append(person.post(slug, data, **JSON))
        for answer in answers:
            check(answer, slug)
            check_nothing_is_lost(answer, person.key, slug, data)
    check_it_still_shows(person, reader)
    assert Draft.objects.count() == 1 and Incident.objects.count() == 0


@pytest.mark.parametrize("killer", KILLERS.values(), ids=KILLERS.keys())
def test_all_that_ever_broke_a_form_in_every_text(town: Place, person: Writer, reader: Client, killer: str):
    """The rest is right, so that it is sent; what is too long for a field is cut to what it takes."""
    fitting = {name: killer[: FIELDS[name].max_length] or "X" for name in TEXTS}
    data = report_data(department=str(town.department.pk), **{**fitting, **ALL_ASKED})
    for slug in SLUGS[1:]:
        answer = person.post(slug, data)
        check(answer, slug)
        check_nothing_is_lost(answer, person.key, slug, data)
    is_sent = Incident.objects.exists()
    assert is_sent == ("\x00" not in killer and bool(killer.strip() or not killer)), "only a zero byte is refused"
    if is_sent:
        assert Incident.objects.get().story == fitting["story"].strip()
    check_it_still_shows(person, reader)


@pytest.mark.parametrize("go", ["next", "back", "later", "check", "add_files"])
@pytest.mark.parametrize("much", [["x" * (MOST_CHARACTERS + 1)], ["x"] * (MOST_VALUES + 1)], ids=["long", "many"])
def test_too_much_to_keep_comes_back_whatever_button_is_pressed(person: Writer, much: list[str], go: str):
    for slug, name in (("gebeurd", "story"), ("wie", "perpetrator_description"), ("nodig", "contact")):
        answer = person.post(slug, {**report_data(), name: much}, go)
        assert answer.status_code == 400 and much[-1] in answer.content.decode()
        check(answer, name)
    many = person.post("gebeurd", {**report_data(), "behaviours": ["threat"] * (MOST_VALUES + 1)}, go)
    assert many.status_code == 400 and report_data()["story"] in many.content.decode()
    check(many, go)


@pytest.mark.parametrize("go", ["send", "later"])
def test_too_much_to_keep_of_a_near_miss_comes_back(town: Place, person: Writer, go: str):
    fixed = {"key": str(uuid4()), "organisation": str(town.organisation.pk), "owner": OWNER.sign(str(person.user.pk))}
    long = "x" * (MOST_CHARACTERS + 1)
    answer = person.client.post(reverse("near_miss"), {**report_data(story=long), **fixed, "go": go})
    assert answer.status_code == 400 and long in answer.content.decode()
    check(answer, go)


FEW = ["", "\x00", "😡", "9" * 40, "null", "<script>", "x" * (MOST_CHARACTERS + 1), ["yes"] * (MOST_VALUES + 1)]


@pytest.mark.parametrize("name", ["is_safe_now", "key", "organisation", "owner", "plek", "seen", "page", "onzin"])
def test_the_first_page_takes_anything(town: Place, person: Writer, name: str):
    for killer in FEW:
        for address in (reverse("report"), reverse("near_miss")):
            fixed = {"key": str(uuid4()), "organisation": str(town.organisation.pk)}
            data = {**report_data(), **fixed, "owner": OWNER.sign(str(person.user.pk)), name: killer}
            answer = person.client.post(address, data)
            requests[answer.status_code] += 1
            assert answer.status_code in {200, 302, 400}, (address, killer)
            Draft.objects.all().delete()
            assert person.client.get(address, {"plek": killer, "concept": killer}).status_code == 200


def body_of(**more: Any) -> bytes:
    return urlencode({**report_data(), "go": "next", **more}, doseq=True).encode()


PART = b'--x\r\nContent-Disposition: form-data; name="story"\r\n\r\n\\ud800 +2AA- zz'
TOO_MANY = body_of(**{f"f{number}": "x" for number in range(1000)})
ALPHABETS = ("unicode_escape", "raw_unicode_escape", "utf-7", "utf-16", "rot13", "hex", "undefined", "idna", "klingon")
PARTS = "multipart/form-data; boundary=x"
WIRE = {
    "half a sign": (body_of() + b"&story=%ED%A0%80%F0%9F%98", FORM),
    "bytes that are no text": (body_of() + b"&story=\xff\xfe\x00\xc3(", FORM),
    "an unknown field": (body_of(onzin="x", csrfmiddlewaretoken="x", __proto__="x"), FORM),
    "very many fields": (TOO_MANY, FORM),
    "very many values": (body_of(behaviours=["threat"] * 450), FORM),
    "very much": (body_of(story="x" * 3_000_000), FORM),
    "another alphabet": (body_of(), f"{FORM}; charset=utf-16"),
    "an alphabet that is none": (body_of(), f"{FORM}; charset=klingon"),
    "no form": (b'{"story": "x"}', "application/json"),
    "no kind": (body_of(), ""),
    "parts without a border": (body_of(), "multipart/form-data"),
    "parts that break off": (PART, PARTS),
} | {f"parts in {name}": (PART + b"\r\n--x--\r\n", f"{PARTS}; charset={name}") for name in ALPHABETS}


@pytest.mark.parametrize(("body", "kind"), WIRE.values(), ids=WIRE.keys())
def test_what_no_browser_sends_breaks_nothing(person: Writer, reader: Client, body: bytes, kind: str):
    person.post("gebeurd", report_data())
    before = Draft.objects.get()
    for slug in SLUGS:
        address = reverse("report_step", args=[person.key, slug])
        for options in ({}, JSON):
            answer = person.client.generic("POST", address, body, kind, **options)
            requests[answer.status_code] += 1
            assert answer.status_code == 413 if body is TOO_MANY else answer.status_code in {200, 302, 400}
    if body is TOO_MANY:
        assert Draft.objects.get().content == before.content, "it is refused whole"
    check_it_still_shows(person, reader)
    assert Draft.objects.count() == 1 and Incident.objects.count() == 0


ODD = st.one_of(st.sampled_from([*KILLERS.values()]), st.text(max_size=200))


def values_of(name: str) -> st.SearchStrategy[list[str]]:
    """Answers to one question: mostly those it offers, some of them twice, now and then anything."""
    if name in CHOICES:
        offered = st.lists(st.sampled_from(CHOICES[name]), max_size=4)
        return st.one_of(offered, offered, offered, st.lists(ODD, max_size=3))
    return st.lists(ODD, max_size=3)


ANSWERS = st.lists(
    st.sampled_from(sorted({*FIELDS, "kept_out", "kept_out_email", "seen", "page", "resume", "remove_file", "onzin"})),
    max_size=6, unique=True,
).flatmap(lambda names: st.fixed_dictionaries({name: values_of(name) for name in names}))  # fmt: skip
MOVES = st.lists(
    st.tuples(
        st.sampled_from([*SLUGS[1:], *SLUGS, "start", "near_miss", "drop", "send", "send", "nergens"]),
        st.sampled_from(["next", "next", "back", "check", "later", "resume", "add_files", "", "😡"]),
        ANSWERS,
        st.booleans(),  # whether the page keeps by itself
    ),
    min_size=1,
    max_size=8,
)
ANY = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@given(moves=MOVES)
@ANY
def test_any_answers_in_any_order(moves: list[Any], town: Place, person: Writer, reader: Client):
    person.key = uuid4()
    right = report_data(department=str(town.department.pk))
    person.start(town)
    for slug, go, odd, keeps in moves:
        data, options = {**right, **odd}, JSON if keeps else {}
        if slug == "start":
            answer = person.start(town, **{name: value for name, value in odd.items() if name != "organisation"})
        elif slug == "near_miss":
            fixed = {"key": str(uuid4()), "organisation": str(town.organisation.pk)}
            owner = OWNER.sign(str(person.user.pk))
            answer = person.client.post(reverse(slug), {**data, **fixed, "owner": owner, "go": go}, **options)
        elif slug == "drop":
            answer = person.client.post(reverse("report_drop", args=[person.key]))
        elif slug == "send":
            for step in SLUGS[1:]:
                answer = person.post(step, {**right, **odd})
        else:
            before = Draft.objects.filter(pk=person.key).exists()
            answer = person.post(slug, data, go, **options)
            if before and slug in SLUGS:
                check_nothing_is_lost(answer, person.key, slug, data)
        check(answer, (slug, go, odd))
    check_it_still_shows(person, reader)
    assert Incident.objects.filter(idempotency_key=person.key).count() <= 1
    assert not (Incident.objects.filter(idempotency_key=person.key) and Draft.objects.filter(pk=person.key))
    Draft.objects.all().delete()
