"""What someone sends from a page of a while ago, when a colleague was there meanwhile."""

import re
from typing import Any

from django.urls import reverse

from incidents.actions.advice import complete_facts
from incidents.actions.people import link_affected, unlink_affected
from incidents.actions.tasks import hand_over_task
from incidents.vocabulary import ReporterIs
from tests import clock
from tests.world import Place, make_incident, make_user, open_task
from vpdportal.accounts.roles import Role

SAID = "was answered meanwhile: no. Your answer was not written."


def test_an_answer_that_a_colleague_gave_otherwise_is_not_dropped_in_silence(town: Place, as_user: Any):
    incident = make_incident(town, behaviours=("threat",))
    client, address = as_user(town.adviser), reverse("case_facts", args=[incident.pk])
    client.cookies["vpd_language"] = "en"
    complete_facts(incident=incident, answers={"offence_suspected": False}, by=town.deputy, now=clock.now())

    def told(**answers: str) -> str:
        return client.post(address, answers, follow=True).content.decode()

    assert SAID in told(offence_suspected="yes")
    assert SAID in told(offence_suspected="yes", safe_to_meet="yes"), "beside an answer that counts"
    assert SAID not in told(offence_suspected="no"), "the same"
    assert SAID not in told(offence_suspected="unknown") and SAID not in told(offence_suspected="")
    incident.refresh_from_db()
    assert (incident.facts.offence_suspected, incident.facts.safe_to_meet) == (False, True)


def test_a_wrong_account_is_taken_away_only_while_it_is_the_one_on_the_screen(town: Place, english: Any):
    right, wrong = make_user("Eva Voorbeeld"), make_user("Eva Anders")
    for person in (right, wrong):
        town.join(person, Role.EMPLOYEE, town.department)
    incident = make_incident(town, by=town.manager, reporter_is=ReporterIs.MANAGER, affected_name="Eva Voorbeeld")
    desk, where = english(town.adviser), reverse("case_affected", args=[incident.pk])

    def take_away() -> dict[str, str]:
        page = desk.get(reverse("case_people", args=[incident.pk])).content.decode()
        form = next(one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if 'value="unlink"' in one)
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
        return {**hidden, "do": "unlink"}

    link_affected(incident=incident, email=wrong.email, by=town.adviser, now=clock.now())
    old = take_away()
    unlink_affected(incident=incident, by=town.deputy, now=clock.now())
    link_affected(incident=incident, email=right.email, by=town.deputy, now=clock.now())
    assert "linked another account meanwhile" in desk.post(where, old, follow=True).content.decode()
    incident.refresh_from_db()
    assert incident.affected == right
    desk.post(where, take_away())
    incident.refresh_from_db()
    assert incident.affected is None


def test_a_task_that_a_colleague_gave_to_someone_else_is_not_taken_from_them(town: Place, english: Any):
    bea, cees, dora = (make_user(name) for name in ("Bea", "Cees", "Dora"))
    for person in (bea, cees, dora):
        town.join(person, Role.DEPUTY)
    task = open_task(make_incident(town), "R01")
    desk, where = english(town.adviser), reverse("task_hand_over", args=[task.pk])
    form = desk.get(reverse("task", args=[task.pk])).context["hand_over_form"]
    hand_over_task(task=task, to=cees, by=bea, now=clock.now())
    late = desk.post(where, {"seen": form["seen"].value(), "to": str(dora.pk)})
    task.refresh_from_db()
    assert late.status_code == 409 and task.assignee == cees
    again = late.context["hand_over_form"]
    fold = late.content.decode().partition("Hand over to someone else")[0].rpartition("<details")[2]
    assert again["to"].value() == str(dora.pk) and " open" in fold, "what was chosen is in view"
    assert desk.post(where, {"seen": again["seen"].value(), "to": str(dora.pk)}).status_code == 302
    task.refresh_from_db()
    assert task.assignee == dora
