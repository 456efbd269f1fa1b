"""What holds on every page on which someone reports, reads or adds: nothing is remembered, and it is left at once."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from incidents.actions.closing import close_case
from incidents.actions.messages import ask_person, write_to_person
from incidents.actions.people import ask_witness
from incidents.models import Incident, Message, Task
from tests import clock
from tests.world import STEPS, Place, Writer, make_incident, report_data
from vpdportal import pdf
from vpdportal.accounts.models import User

CANARY = "Kanarie"
TYPED = {"text", "email", "tel", "url", "search", "number", "date", "time", "datetime-local", "month", "password"}


class Controls(HTMLParser):
    """The controls of forms in which one types, by name, with what the browser is told about remembering them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.form: str | None = None
        self.found: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form":
            self.form = has.get("autocomplete") or ""
        is_typed = tag == "textarea" or (tag == "input" and (has.get("type") or "text") in TYPED)
        if is_typed and "hidden" not in has and self.form is not None:
            self.found[has.get("name") or "?"] = has.get("autocomplete") or self.form

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None


def _ended(town: Place, **more: Any) -> Incident:
    incident = make_incident(town, **more)
    Task.objects.filter(incident=incident, status="open").update(
        status="done", finished_at=clock.now(), finished_by=town.adviser
    )
    close_case(incident=incident, outcome=f"{CANARY}: wij spraken met u.", by=town.adviser, now=clock.now())
    return incident


@pytest.fixture
def pages(town: Place, writer: Callable[..., Writer]) -> dict[str, tuple[User, str]]:
    """Who looks, and at which address: every page that a reporter, a person hit or a witness has."""
    told = {"story": f"{CANARY} riep hij.", "place": f"{CANARY}straat", "affected_name": f"{CANARY} Voorbeeld"}
    incident = make_incident(town, by=town.manager, affected=town.employee, reporter_is="manager", **told)
    asked = {"incident": incident, "person": town.employee, "by": town.adviser, "now": clock.now()}
    write_to_person(**asked, text=f"{CANARY} schrijft.", form_key=uuid4())
    ask_person(**asked, asks=["worked_alone", "sick_leave_days"], text=f"{CANARY} vraagt.", form_key=uuid4())
    ask_witness(incident=incident, email=town.support.email, by=town.adviser, now=clock.now())
    person = writer(town.employee)
    person.start(town)
    for step in STEPS[1:-1]:
        person.post(step, {"department": str(town.department.pk), **report_data(story=f"{CANARY} in concept.")})
    names = ("report_status", "report_add", "report_correct", "messages", "who_looked", "visibility", "receipt")
    question = Message.objects.get(is_question=True)
    ended = _ended(town, **told | {"affected_name": ""})
    return {
        **{name: (town.employee, reverse(name, args=[incident.pk])) for name in names},
        "receipt only": (town.manager, reverse("report_status", args=[incident.pk])),
        "question": (town.employee, reverse("question", args=[incident.pk, question.pk])),
        "witness": (town.support, reverse("witness", args=[incident.pk])),
        "closed": (town.employee, reverse("report_status", args=[ended.pk])),
        **{name: (town.employee, reverse(name, args=[ended.pk])) for name in ("helped", "reopen")},
        "report": (town.employee, reverse("report")),
        "near_miss": (town.employee, reverse("near_miss")),
        **{step: (town.employee, reverse("report_step", args=[person.key, step])) for step in STEPS},
    }


@pytest.fixture
def no_pdf(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The proof as a page."""
    monkeypatch.setattr(pdf, "LIBRARIES", (*pdf.LIBRARIES, "vpd-no-such-library"))
    pdf.is_available.cache_clear()
    yield
    pdf.is_available.cache_clear()


@pytest.fixture
def shown(pages: dict[str, tuple[User, str]], as_user: Any, no_pdf: None) -> dict[str, Any]:
    """The answers, by name of the page."""
    found = {name: as_user(user).get(address) for name, (user, address) in pages.items()}
    assert {name for name, page in found.items() if page.status_code != 200} == {"receipt"}
    return found


def test_no_browser_remembers_what_is_typed(shown: dict[str, Any]):
    controls = {name: Controls(page.content.decode()).found for name, page in shown.items()}
    remembered = [(name, one) for name, found in controls.items() for one, said in found.items() if said != "off"]
    assert remembered == []
    for page, control in (
        *(("gebeurd", "online_address"), ("gebeurd", "hour"), ("wie", "affected_email"), ("wie", "witnesses")),
        *(("nodig", "contact"), ("controle", "kept_out_email"), ("report_add", "text"), ("near_miss", "place")),
        *(("question", "sick_leave_days"), ("report_status", "email"), ("helped", "remark"), ("witness", "text")),
    ):
        assert control in controls[page], "what is looked for is found"


def test_every_page_can_be_left_at_once(shown: dict[str, Any]):
    pages = {name: page.content.decode() for name, page in shown.items()}
    assert [name for name, page in pages.items() if page.count('class="quick-exit"') != 1] == []
    assert [name for name, page in pages.items() if page.count("portal/page.js") != 1] == [], "which signs out as well"


def test_no_page_is_cached_and_no_title_tells(shown: dict[str, Any], town: Place, as_user: Any):
    incident = Incident.objects.get(affected=town.employee)
    case = as_user(town.adviser).get(reverse("case", args=[incident.pk]))
    for name, page in {**shown, "case": case}.items():
        assert page["Cache-Control"] == "no-store", name
        title = page.content.decode().split("<title>")[1].split("</title>")[0]
        told = [CANARY, town.employee.name, town.manager.name, "Agressie", "Aggression", incident.subject]
        assert [word for word in told if str(word).lower() in title.lower()] == [], name
    for name in ("report_status", "messages", "gebeurd", "controle"):
        assert CANARY in shown[name].content.decode(), "there is something to keep"
    assert CANARY in case.content.decode()


def test_a_page_with_errors_can_be_left_as_well(pages: dict[str, tuple[User, str]], as_user: Any):
    for name in ("report_add", "messages", "visibility", "witness", "helped", "reopen", "report_correct", "gebeurd"):
        user, address = pages[name]
        page = as_user(user).post(address, {"go": "next", "seen": "999999999", "behaviours": "", "story": ""})
        assert page.status_code == 400, name
        assert page.content.decode().count('class="quick-exit"') == 1, name


def test_signing_out_empties_the_cache_and_leaves_what_waits_on_the_device(town: Place):
    client = Client()
    client.force_login(town.employee)
    response = client.post(reverse("sign_out"))
    assert response.status_code == 302 and response["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in client.get(reverse("sign_in"))
