"""Every address with something in it, by each method, as people in each relation to what it names (T01, T03)."""

from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from incidents.querysets import IncidentQuerySet
from tests.access import relations
from tests.access.relations import (
    TYPED,
    Scene,
    body_of,
    changed,
    letter_of,
    not_existing,
    plain,
    rows_now,
    sent,
    undone,
)
from tests.access.rights_relations import RELATIONS, table
from tests.access.test_rights import no_pdf  # noqa: F401  a PDF takes seconds
from tests.world import Place

pytestmark = pytest.mark.once  # costs much; and on PostgreSQL the second lock closes the holes that are planted

UNUSUAL = ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
REFUSED = frozenset("-xi~=")
# What the form of this address asks for besides; without it nothing is there, whoever asks.
ALSO_TYPED = {"care_plan": {"do": "plan"}, "care_answer": {"do": "accept"}}
GROUPS = [RELATIONS[start::4] for start in range(4)]


@pytest.fixture
def scene(town: Place, other_town: Place, no_pdf: None) -> Scene:  # noqa: F811
    return relations.make_scene(town, other_town)


def test_every_address_with_something_in_it_is_in_one_class():
    assert {name for name, _route in relations.routes()} == set(table())


@pytest.mark.parametrize("group", GROUPS, ids="-".join)
def test_each_relation_gets_what_the_table_says(scene: Scene, group: tuple[str, ...]):
    assert set(scene.people) == set(RELATIONS)
    assert {who: wrong for who in group if (wrong := walk(scene, who))} == {}


def walk(scene: Scene, who: str, names: Collection[str] = ()) -> list[str]:
    """All that is otherwise than the table says for this person: answers, words in a refusal, rows that changed."""
    found: list[str] = []
    client = scene.browser(who)
    before = rows_now()
    for number, (name, letters) in enumerate(table().items()):
        if names and name not in names:
            continue
        arguments, letter = scene.arguments(name, who), letters[who]
        is_kept, nowhere = letter in REFUSED, not_existing(arguments)
        for method in ("GET", "POST"):
            mine = asked(client, method, name, arguments, is_kept=is_kept)
            found += judged(scene, f"{method} {name}", letter, mine)
            if letter_of(mine) not in {"i", "m"} and nowhere:
                nothing = asked(client, method, name, nowhere, is_kept=is_kept)
                found += compared(f"{method} {name}", letter, mine, nothing)
                nowhere = []  # once, by the first method that there is
        method = UNUSUAL[number % len(UNUSUAL)]
        found += unusual(method, name, letter, asked(client, method, name, arguments, is_kept=is_kept))
    return found + [f"rows of {one} changed" for one in sorted(changed(before))]


def asked(client: Client, method: str, name: str, arguments: list[Any], *, is_kept: bool) -> Any:
    """The answer. Where the way is open what changed is taken back; elsewhere nothing may change, so it stays."""
    body = "" if method in {"GET", "HEAD"} else urlencode({**TYPED, **ALSO_TYPED.get(name, {})})
    return (sent if is_kept else undone)(client, method, reverse(name, args=arguments), body)


def judged(scene: Scene, what: str, letter: str, response: Any) -> Iterator[str]:
    got, wanted = letter_of(response), {"~": "x", "=": "+", "*": "+"}.get(letter, letter)
    if got not in {wanted, "m"}:
        yield f"{what}: {got}, the table says {letter}"
    if got != "+" or letter == "=":
        text = body_of(response).decode(errors="ignore")
        yield from (f"{what}: says {word}" for word in scene.words if word in text)


def compared(what: str, letter: str, mine: Any, nothing: Any) -> Iterator[str]:
    """What does not exist beside what is not yours: the same code, and where it is 404 the same body."""
    got, wanted = letter_of(nothing), {"+": "-", "~": "-", "=": "+", "*": "+"}.get(letter, letter)
    if got != wanted:
        yield f"{what}, not existing: {got}, not {wanted}"
    elif letter == "-" and plain(mine) != plain(nothing):
        yield f"{what}: the body tells it from what does not exist"


def unusual(method: str, name: str, letter: str, response: Any) -> Iterator[str]:
    """HEAD opens what GET opens, OPTIONS says which methods there are; the others open nothing."""
    got = letter_of(response)
    if got == "!" or (got == "+" and (method not in {"HEAD", "OPTIONS"} or letter in {"-", "x"})):
        yield f"{method} {name}: {got}"


# The negative controls: a way in that forgets to look, and what the walk makes of it.
def planted(self: IncidentQuerySet, *_who: Any) -> IncidentQuerySet:
    return self


def test_a_hole_at_the_desk_is_found(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(IncidentQuerySet, "visible_to", planted)
    wrong = walk(scene, "kept out", ["case", "case_note"])
    assert "GET case: +, the table says -" in wrong and "POST case_note: +, the table says -" in wrong
    assert "rows of incidents_note changed" in wrong
    assert "GET case: x, the table says -" in walk(scene, "elsewhere", ["case"])  # the role stops it, and so tells


def test_a_hole_at_the_reports_is_found(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(IncidentQuerySet, "own", planted)
    wrong = walk(scene, "colleague", ["report_status", "ask_support"])
    assert "GET report_status: +, the table says -" in wrong and "POST ask_support: +, the table says -" in wrong
    assert any(one.startswith("rows of ") for one in wrong)


def test_a_refusal_that_says_a_word_is_found(scene: Scene):
    """And one that tells what exists from what does not."""
    theirs, nothing = HttpResponse(scene.case.reference, status=404), HttpResponse("404", status=404)
    theirs.request = nothing.request = {"PATH_INFO": "/dossier/"}  # type: ignore[attr-defined]
    assert [*judged(scene, "GET case", "-", theirs)] == [f"GET case: says {scene.case.reference}"]
    assert [*compared("GET case", "-", theirs, nothing)] and not [*compared("GET case", "-", nothing, nothing)]
