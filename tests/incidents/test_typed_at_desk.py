"""What an adviser, a party or someone with a task typed comes back: the session ended, or the page grew too old."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from incidents.actions.case import add_note
from incidents.actions.closing import close_case
from incidents.actions.tasks import finish_task
from incidents.models import Exclusion, Incident, Measure, Note, Task
from tests import clock
from tests.world import ALL_SEEN, PASSWORD, Place, make_incident, open_task
from vpdportal.accounts.models import User

WORDS = "Kanarie: dit typte ik in een uur. 😡 \u202eשלום"


@dataclass(frozen=True)
class Page:
    """A form: where it is opened, where it goes to, what is typed in it."""

    opened: str
    name: str
    data: dict[str, Any]
    is_of_reporter: bool = False

    def args(self, incident: Incident) -> list[Any]:
        if self.name.startswith("task"):
            return [open_task(incident, "R03").pk]
        if self.name == "case_measure":
            return [incident.pk, _proposed(incident).pk]
        return [incident.pk]

    def address(self, incident: Incident) -> str:
        return reverse(self.name, args=self.args(incident))

    def sent(self, incident: Incident) -> dict[str, Any]:
        """What is typed, with the ticks that it is about."""
        return {**self.data, "measure": [_proposed(incident).pk]} if self.name == "case_measures" else self.data

    def shown_at(self, incident: Incident) -> str:
        return reverse(self.opened, args=self.args(incident)[:1])

    def person(self, town: Place) -> User:
        return town.employee if self.is_of_reporter else town.adviser


PAGES = {
    "close": Page("case_ending", "case_close", {"outcome": WORDS, "seen": ALL_SEEN}),
    "note": Page("case_timeline", "case_note", {"text": WORDS}),
    "severity": Page("case", "case_severity", {"nature": "aggression", "severity": "2", "severity_reason": WORDS}),
    "several left out": Page("case", "case_measures", {"choice": "decline", "reason": WORDS}),
    "adapt": Page("case", "case_measure", {"choice": "adapt", "reason": WORDS}),
    "put off": Page("case", "case_measure", {"choice": "hold", "reason": WORDS, "day": "2026-12-01"}),
    "leave out": Page("case", "case_measure", {"choice": "decline", "reason": WORDS}),
    "task done": Page("task", "task_finish", {"remark": WORDS}),
    "task not done": Page("task", "task_decline", {"reason": WORDS}),
    "manager": Page("case_visibility", "case_visibility", {"do": "manager", "may_manager_see": "no", "reason": WORDS}),
    "keep out": Page(
        "case_visibility",
        "case_visibility",
        {"do": "keep_out", "kept_out_email": "legal@vlinderwaard.invalid", "reason": WORDS},
    ),
    "oneself": Page("case_visibility", "case_visibility", {"do": "self", "is_sure": "on", "reason": WORDS}),
}
PLAIN = {
    **PAGES,
    "keep out as a party": Page(
        "visibility",
        "visibility",
        {"do": "keep_out", "kept_out_email": "legal@vlinderwaard.invalid"},
        is_of_reporter=True,
    ),
    "facts": Page("case_facts_edit", "case_facts_edit", {"do": "save", "sick_leave_days": "4321"}),
}
LOOK_FOR = {"keep out as a party": "legal@vlinderwaard.invalid", "facts": "4321"}


@pytest.fixture
def incident(town: Place) -> Incident:
    return make_incident(town, behaviours=("threat",))


@pytest.fixture
def state(incident: Incident) -> Callable[[], Any]:
    """All that these forms could change."""

    def reading() -> Any:
        return (
            list(incident.timeline.filter().values_list("kind", flat=True)),
            list(Task.objects.order_by("pk").values_list("status", "reason")),
            list(Measure.objects.order_by("pk").values_list("status", flat=True)),
            Incident.objects.values_list("status", "severity", "may_manager_see").get(),
            (Note.objects.count(), Exclusion.objects.count(), Incident.objects.get().facts.to_dict()),
        )

    return reading


def _proposed(incident: Incident) -> Measure:
    """An advice that waits for nothing."""
    rows = incident.measures.filter(status="proposed", decided_by=None).order_by("code")
    return next(one for one in rows if one.can_be_chosen and len(one.item.steps) == 1)


def text(response: Any) -> str:
    found: str = response.content.decode()
    return found


@pytest.mark.parametrize("what", PLAIN)
def test_an_ended_session_costs_no_word_and_changes_nothing(town: Place, incident: Incident, state: Any, what: str):
    page, words = PLAIN[what], LOOK_FOR.get(what, WORDS)
    address, before, client = page.address(incident), state(), Client()
    client.force_login(page.person(town))
    writer = client.get(page.shown_at(incident)).context["writer"]
    client.logout()
    signing_in = client.post(address, {**page.sent(incident), "writer": writer})
    assert signing_in.status_code == 200 and words in text(signing_in)
    typed = dict(signing_in.context["typed"])
    who = {"username": page.person(town).email, "password": PASSWORD}
    back = client.post(address, {**typed, **who})
    assert back.status_code == 200 and words in text(back)
    assert state() == before, "looked at again before it is sent"
    other = Client().post(address, {**typed, "username": town.deputy.email, "password": PASSWORD})
    assert words not in text(other) and state() == before, "what another typed is not shown"


@pytest.mark.parametrize("what", PLAIN)
def test_a_page_that_grew_too_old_gives_the_words_back(town: Place, incident: Incident, state: Any, what: str):
    page, words = PLAIN[what], LOOK_FOR.get(what, WORDS)
    address, before = page.address(incident), state()
    client = Client(enforce_csrf_checks=True)
    client.force_login(page.person(town))
    writer = client.get(page.shown_at(incident)).context["writer"]
    back = client.post(address, {**page.sent(incident), "writer": writer})
    assert back.status_code == 403 and words in text(back)
    assert state() == before


@pytest.mark.parametrize("what", PAGES)
def test_sent_again_it_counts(town: Place, incident: Incident, state: Any, what: str):
    page, client, before = PAGES[what], Client(), state()
    if what == "close":
        Task.objects.update(status="done", finished_at=clock.now(), finished_by=town.adviser)
    client.force_login(town.adviser)
    writer = client.get(page.shown_at(incident)).context["writer"]
    response = client.post(page.address(incident), {**page.sent(incident), "writer": writer})
    assert response.status_code == 302 and state() != before


@pytest.mark.parametrize("what", ["note", "severity", "close"])
def test_words_for_a_case_that_was_closed_meanwhile_stay_on_the_page(town: Place, incident: Incident, what: str):
    page, client = PAGES[what], Client()
    client.force_login(town.adviser)
    Task.objects.update(status="done", finished_at=clock.now(), finished_by=town.adviser)
    close_case(incident=incident, outcome="Anders.", by=town.deputy, now=clock.now())
    response = client.post(page.address(incident), page.data)
    assert response.status_code == 409 and WORDS in text(response)


@pytest.mark.parametrize("what", ["task done", "task not done"])
def test_words_for_a_task_that_was_ended_meanwhile_stay_on_the_page(town: Place, incident: Incident, what: str):
    page, client = PAGES[what], Client()
    client.force_login(town.adviser)
    address = page.address(incident)
    finish_task(task=open_task(incident, "R03"), by=town.deputy, now=clock.now())
    response = client.post(address, page.data)
    assert response.status_code == 409 and WORDS in text(response)


def test_a_reason_that_is_too_long_comes_back(town: Place, incident: Incident):
    client = Client()
    client.force_login(town.adviser)
    response = client.post(PAGES["leave out"].address(incident), {"choice": "decline", "reason": "kanarie " * 200})
    assert response.status_code == 400 and "kanarie kanarie" in text(response)


def test_a_choice_from_an_old_page_chooses_nothing(town: Place, incident: Incident, state: Any):
    client, before = Client(enforce_csrf_checks=True), state()
    client.force_login(town.adviser)
    writer = client.get(reverse("case", args=[incident.pk])).context["writer"]
    response = client.post(PAGES["leave out"].address(incident), {"choice": "take", "writer": writer})
    assert response.status_code == 403 and state() == before
    add_note(incident=incident, text="x", by=town.adviser, now=clock.now())
    assert state() != before
