# ruff: noqa: E501  a killer is one word
"""Whatever is sent to any address, by any role: never a server error (reliability T12, T04, T05).

Each address gets the forms that its own pages show, with the worst in every field; the parameters that the source reads,
and some it must not; bodies that are no form; and paths that fit the pattern and nothing else. What a request changes is
undone before the next one. BAD_INPUT_ROUNDS=40 makes some thousands of requests of it.
"""

import json
import os
import random
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.rights import GET, POST
from tests.access.test_rights import browser_of, no_pdf, scene  # noqa: F401  fixtures
from tests.incidents.test_bad_input import KILLERS
from tests.safety.payloads import PAYLOADS
from tests.world import Place, make_incident

pytestmark = pytest.mark.once
ROUNDS = int(os.environ.get("BAD_INPUT_ROUNDS", "1"))
ROOT = Path(__file__).resolve().parents[2]
ROLES = ("adviser", "administrator", "auditor", "employee", "stranger")
WORST = [
    *(value for name, value in KILLERS.items() if name not in {"as much as is kept", "one more"}),
    *PAYLOADS[::9],
    "\ud800", "-9223372036854775809", "9223372036854775808", "1e309", "0x10", "١٢", "2026-13-45", "10000-01-01T00:00", "24:61",
    "00000000-0000-0000-0000-00000000000g", "{}", "[]", '{"a":' * 50, "true", ",", ";", "..", "%", "%00", "\\", "x" * 5000,
]  # fmt: skip
ODD_NAMES = (
    "password", "user__password__startswith", "organisation__name", "__", "id", "pk", "order_by", "sort", "page", "size", "fields",
    "expand", "format", "next", "q", "tab", "", "a[]", "a[0][b]", "__proto__", "csrfmiddlewaretoken", "_method", "debug",
)  # fmt: skip
FORM = "application/x-www-form-urlencoded"


class Forms(HTMLParser):
    """The forms of a page: where each goes, and what a browser would send if nobody typed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, dict[str, list[str]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((given.get("method", "get").lower(), given.get("action", ""), {}))
        if self.found and tag in {"input", "select", "textarea", "button"} and given.get("name"):
            self.found[-1][2].setdefault(given["name"], []).append(given.get("value", ""))
            self._select = given["name"] if tag == "select" else ""
        if self.found and tag == "option" and getattr(self, "_select", ""):
            self.found[-1][2][self._select].append(given.get("value", ""))


def forms_of(html: str) -> list[tuple[str, str, dict[str, list[str]]]]:
    reader = Forms()
    reader.feed(html)
    return reader.found


def parameters_of_source() -> list[str]:
    """What our source reads from an address, and the fields of forms that are sent by GET."""
    sources = [*(ROOT / "incidents").rglob("*.py"), *(ROOT / "vpdportal").rglob("*.py")]
    read = {name for path in sources for name in re.findall(r"GET(?:\.get|\.getlist)?[\[(]\"(\w+)\"", path.read_text())}
    return sorted(
        read | {"q", "person", "since", "until", "from", "to", "before", "after", "kind", "department", "status"}
    )


class Attacker:
    """Sends, undoes what it did, and notes what broke."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.session = {name: morsel.value for name, morsel in client.cookies.items()}
        self.broken: dict[str, str] = {}
        self.count = 0

    def send(self, label: str, request: Callable[[Client], Any]) -> Any:
        """The answer, after undoing what it did; where it leads on, that page is opened before."""
        self.client.cookies.clear()
        for name, value in self.session.items():
            self.client.cookies[name] = value
        response = None
        self.count += 1
        try:
            with transaction.atomic():
                response = request(self.client)
                if response.streaming:
                    b"".join(response.streaming_content)  # closing it would end the database's session of the test
                if response.status_code == 302 and response["Location"].startswith("/"):
                    self.client.get(response["Location"])
                transaction.set_rollback(True)
        except Exception as error:
            frames, step = [], error.__traceback__
            while step:
                frames.append(f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}")
                step = step.tb_next
            self.broken.setdefault(f"{label}: {type(error).__name__}: {str(error)[:120]}", " ".join(frames[-4:]))
            return None
        if response.status_code >= 500 and response.status_code != 503:
            self.broken[f"{label}: {response.status_code}"] = ""
        return response


@pytest.fixture
def whole_scene(scene: dict[str, Any], no_pdf: None) -> dict[str, Any]:  # noqa: F811
    return scene


@pytest.fixture(params=ROLES)
def attacker(request: pytest.FixtureRequest, whole_scene: dict[str, Any]) -> Iterator[Attacker]:
    made = Attacker(browser_of(whole_scene["people"].get(request.param)))
    made.role = request.param  # type: ignore[attr-defined]
    yield made
    assert made.broken == {}
    assert made.count >= 40


def address_of(scene: dict[str, Any], name: str) -> str:  # noqa: F811
    return reverse(name, args=scene["addresses"].get(name, []))


def test_no_parameter_breaks_a_page(attacker: Attacker, whole_scene: dict[str, Any]):
    lot, names = random.Random(12), [*parameters_of_source(), *ODD_NAMES]  # noqa: S311
    for name in GET:
        if GET[name][attacker.role] in {"403", "in"}:  # type: ignore[attr-defined]
            continue
        address = address_of(whole_scene, name)
        for _round in range(ROUNDS):
            asked = [(lot.choice(names), lot.choice(WORST)) for _one in range(12)]
            asked += [
                (asked[0][0], "1"),
                ("page", lot.choice(["-1", "0", "99999999999999999999", "x", "1e9", "\u0661"])),
            ]
            query = urlencode(asked, errors="surrogatepass")
            attacker.send(f"GET {name}", lambda client, path=f"{address}?{query}": client.get(path))
        attacker.send(f"GET {name} raw", lambda client, path=f"{address}?%ff=%00&=&&a=%f0%28": client.get(path))


def test_no_field_of_a_form_breaks_it(attacker: Attacker, whole_scene: dict[str, Any]):
    """Forms as the pages show them, all fields at their worst, and one at a time beside what fits."""
    lot, seen = random.Random(12), {}  # noqa: S311
    for name in GET:
        if GET[name][attacker.role] == "200":  # type: ignore[attr-defined]
            here = address_of(whole_scene, name)
            page = attacker.send(f"GET {name}", lambda client, path=here: client.get(path))
            if page is not None and not page.streaming:
                for method, action, fields in forms_of(page.content.decode("utf-8", "replace")):
                    target = action or here
                    if "/demo/" not in target:
                        seen[(method, target, tuple(sorted(fields)))] = fields
    for (method, target, names), fields in seen.items():
        for number in range(ROUNDS):
            data = {field: lot.choice(values) for field, values in fields.items()}
            spoilt = names if number % 2 == 0 else [lot.choice(names)] if names else []
            for field in spoilt:
                data[field] = lot.choice(WORST) if lot.random() < 0.8 else [lot.choice(WORST), lot.choice(WORST)]
            body = urlencode(data, doseq=True, errors="surrogatepass")
            if method == "post":
                attacker.send(f"POST {target}", lambda client, t=target, b=body: client.post(t, b, content_type=FORM))
            else:
                attacker.send(f"GET {target}", lambda client, t=target, b=body: client.get(f"{t.split('?')[0]}?{b}"))


@pytest.mark.parametrize("attacker", ["adviser", "administrator", "stranger"], indirect=True)
def test_no_body_breaks_an_address(attacker: Attacker, whole_scene: dict[str, Any]):
    """JSON, a cut multipart, 600 fields, a deep nest, a file where none is asked: at every address that takes a POST."""
    deep = "[" * 20000
    cut = b'--x\r\nContent-Disposition: form-data; name="a"; filename="\xff\x00.png"\r\n\r\nabc'
    bodies: list[tuple[str, Any]] = [
        ("application/json", json.dumps({"a": [None, {"b": "\ud800"}], "name": 1})),
        ("application/json", deep),
        ("application/json", "{" + "\x00"),
        ("multipart/form-data; boundary=x", cut),
        ("multipart/form-data", b"no boundary"),
        (FORM, "&".join(f"f{number}=1" for number in range(600))),
        (FORM + "; charset=utf-16", b"\xff\xfea\x00=\x00\x00\xd8"),
        ("text/xml", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
        ("", b"\x00\xff"),
    ]
    lot = random.Random(13)  # noqa: S311
    for name in POST:
        if POST[name][attacker.role] in {"403", "in"}:  # type: ignore[attr-defined]
            continue
        address = address_of(whole_scene, name)
        for kind, body in lot.sample(bodies, min(len(bodies), 2 * ROUNDS)):
            attacker.send(f"POST {name} {kind}", lambda c, a=address, b=body, k=kind: c.generic("POST", a, b, k))
        upload = {"file": SimpleUploadedFile("a\u202egnp.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 64), "evidence": "x"}
        attacker.send(f"POST {name} file", lambda client, a=address, u=upload: client.post(a, u))


@pytest.mark.parametrize("attacker", ["adviser", "stranger"], indirect=True)
def test_no_path_breaks_an_address(attacker: Attacker):
    """Every pattern, with the oddest that fits it: the longest number, a slug of 300 signs, text with signs in it."""
    odd = {
        "int": ["0", "9" * 30, "18446744073709551616"],
        "slug": ["-", "x" * 300, "0", "__class__"],
        "str": ["%00", "%0d%0ax", "x" * 300, "..", "%f0%9f%98%a1", "'", "%ed%a0%80"],
        "uuid": ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
    }
    lot = random.Random(14)  # noqa: S311
    for route in routes(get_resolver().url_patterns):
        if "<" not in route or route.startswith("demo/"):
            continue
        for _round in range(ROUNDS):
            path = re.sub(r"<(?:(\w+):)?\w+>", lambda found: lot.choice(odd[found[1] or "str"]), route)
            attacker.send(f"GET {route}", lambda client, p=f"/{path}": client.get(p))
            attacker.send(f"POST {route}", lambda client, p=f"/{path}": client.post(p, {"a": "1"}))


def routes(patterns: list[Any], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, before + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield before + str(pattern.pattern)


# --- T04: a parameter tells nothing that the page does not -----------------------------------------------------------

HIDDEN = (
    "password", "reporter__password__startswith", "organisation__name__startswith", "sealed_story__contains", "reporter__email",
    "author__email__startswith", "case_words__words__contains", "order_by", "ordering", "sort", "o",
)  # fmt: skip


@pytest.mark.parametrize("who", ["adviser"])
def test_a_parameter_that_nobody_offered_changes_nothing(whole_scene: dict[str, Any], who: str):
    client = browser_of(whole_scene["people"][who])
    differs = {}
    for name in GET:
        if GET[name][who] != "200":
            continue
        address = address_of(whole_scene, name)
        plain = shown(client.get(address))
        for value in ("a", "-reporter__password"):
            if shown(client.get(address, dict.fromkeys(HIDDEN, value))) != plain:
                differs[name] = value
    assert differs == {}


def shown(response: Any) -> list[str]:
    """Which rows stand on a page, in which order."""
    text = response.content.decode("utf-8", "replace") if not response.streaming else ""
    text = text.split("<main", 1)[-1]
    return re.findall(r"[A-Z]{2,3}-\d{4}-[0-9A-Z]+|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f-]{17}/", text)


# --- T05: guessing ----------------------------------------------------------------------------------------------------


def test_a_number_of_another_organisation_is_as_good_as_none(town: Place, other_town: Place, as_user: Any):
    theirs, client = make_incident(town), as_user(other_town.adviser)
    own = make_incident(other_town)
    answers = []
    for reference in (theirs.reference, theirs.reference[:-1] + ("0" if theirs.reference[-1] != "0" else "1")):
        page = client.get(reverse("case_search"), {"q": reference}, follow=True).content.decode()
        answers.append(re.sub(r'csrfmiddlewaretoken" value="[^"]+', "", page).replace(reference, ""))
    assert answers[0] == answers[1]
    found = client.get(reverse("case_search"), {"q": own.reference}, follow=True).content.decode()
    assert str(own.pk) in found, "one's own is found, so the search works"


def test_what_breaks_is_seen(whole_scene: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    """The negative control: a page that reads a number without asking whether it is one."""
    monkeypatch.setattr("incidents.views.start.drafts_of", lambda request: int(request.GET.get("page", "1")))
    attacker = Attacker(browser_of(whole_scene["people"]["employee"]))
    attacker.send("home", lambda client: client.get("/?page=x"))
    assert list(attacker.broken) == ["home: ValueError: invalid literal for int() with base 10: 'x'"]
