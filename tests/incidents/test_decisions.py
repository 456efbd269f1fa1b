"""Deciding on advice: adapted, put off, several at once; the assessment; two people on one case."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from incidents.actions.advice import complete_facts
from incidents.actions.difference import preview_facts
from incidents.actions.measures import decision_mark, take_measure
from incidents.actions.tasks import finish_task
from incidents.models import CareMoment, Incident, Measure, Note, Task, TimelineEntry
from incidents.vocabulary import TaskKind
from tests import clock
from tests.world import Place, make_incident, open_task
from vpdportal.audit.models import AuditEvent

WORDS = "Wij doen het met de wijkagent erbij. 😡"


def decide(client: Any, measure: Measure, **data: Any) -> Any:
    return client.post(reverse("case_measure", args=[measure.incident_id, measure.pk]), data)


def english(client: Any) -> Any:
    client.cookies["vpd_language"] = "en"
    return client


def proposed(incident: Incident, code: str = "R07") -> Measure:
    measure: Measure = incident.measures.get(code=code)
    assert measure.can_be_chosen
    return measure


@pytest.fixture
def incident(town: Place) -> Incident:
    return make_incident(town, behaviours=("threat",))


def test_adapted_it_runs_with_its_own_words_and_day(town: Place, incident: Incident, as_user: Any):
    measure, day = proposed(incident), (clock.now() + timedelta(days=20)).date()
    response = decide(as_user(town.adviser), measure, choice="adapt", reason=WORDS, day=day.isoformat())
    assert response.status_code == 302
    measure.refresh_from_db()
    assert (measure.status, measure.adaptation, measure.decided_by) == ("taken", WORDS, town.adviser)
    task = open_task(incident, "R07")
    assert task.due_at.date() == day and task.notices.filter(step="day_before").exists()
    assert TimelineEntry.objects.filter(incident=incident, kind="measure_adapted", code="R07").count() == 1
    assert WORDS in as_user(town.deputy).get(reverse("case", args=[incident.pk])).content.decode()


def test_the_menu_does_not_take_a_person_s_day_back(town: Place, incident: Incident, as_user: Any):
    client, day = as_user(town.adviser), (clock.now() + timedelta(days=20)).date()
    decide(client, open_task(incident, "R06").measure, choice="adapt", reason=WORDS, day=day.isoformat())
    client.post(reverse("case_facts", args=[incident.pk]), {"offence_suspected": "yes"})
    assert open_task(incident, "R06").due_at.date() == day
    assert open_task(incident, "R11").due_at is not None, "the advice was made again"


def test_what_has_more_steps_takes_words_and_no_day(town: Place, incident: Incident, as_user: Any):
    measure = open_task(incident, "R03").measure
    client, day = as_user(town.adviser), (clock.now() + timedelta(days=20)).date().isoformat()
    assert decide(client, measure, choice="adapt", reason=WORDS, day=day).status_code == 409
    measure.refresh_from_db()
    assert measure.adaptation is None
    assert decide(client, measure, choice="adapt", reason=WORDS).status_code == 302


def test_put_off_it_comes_back_as_a_task_that_ends_with_the_decision(town: Place, incident: Incident, as_user: Any):
    client, measure = as_user(town.adviser), proposed(incident)
    until = (clock.now() + timedelta(days=9)).date()
    decide(client, measure, choice="hold", reason=WORDS, day=until.isoformat())
    measure.refresh_from_db()
    assert (measure.status, measure.reason, measure.hold_until) == ("held", WORDS, until)
    task = incident.tasks.get(kind=TaskKind.LOOK_AGAIN)
    assert (task.assignee, task.due_at.date(), task.about) == (town.adviser, until, measure.pk)
    assert not incident.tasks.filter(code="R07").exists()
    decide(client, measure, choice="take")
    task.refresh_from_db()
    assert task.status == "done" and open_task(incident, "R07").status == "open"


@pytest.mark.parametrize(
    ("days", "status"), [(-1, 409), (0, 409), (1, 302), (90, 302), (91, 409), (None, 400)], ids=str
)
def test_put_off_until_a_day_within_three_months(
    town: Place, incident: Incident, as_user: Any, days: int | None, status: int
):
    day = "" if days is None else (clock.now() + timedelta(days=days)).date().isoformat()
    response = decide(as_user(town.adviser), proposed(incident), choice="hold", reason=WORDS, day=day)
    assert response.status_code == status
    assert (WORDS in response.content.decode()) == (status != 302), "what was typed stays"
    assert incident.measures.get(code="R07").status == ("held" if status == 302 else "proposed")


@pytest.mark.parametrize("choice", ["take", "adapt"])
def test_left_out_and_chosen_after_all_its_tasks_come_back(town: Place, incident: Incident, as_user: Any, choice: str):
    client, task = as_user(town.adviser), open_task(incident, "R03")
    measure = task.measure
    steps = measure.tasks.count()
    finish_task(task=measure.tasks.get(step=1), by=town.adviser, now=clock.now())
    decide(client, measure, choice="decline", reason=WORDS)
    assert not measure.tasks.filter(status="open").exists()
    clock.move(hours=1)
    assert decide(client, measure, choice=choice, reason=WORDS).status_code == 302
    measure.refresh_from_db()
    task.refresh_from_db()
    assert (measure.status, task.status, task.reason, task.finished_at) == ("taken", "open", "", None)
    assert measure.tasks.count() == steps and measure.tasks.get(step=1).status == "done", "what was done stays done"
    assert task.notices.filter(cancelled_at=None, mail=None, step="deadline").count() == 1


def test_what_was_left_out_can_be_chosen_after_all_from_its_page(town: Place, incident: Incident, as_user: Any):
    client, task, address = (
        english(as_user(town.adviser)),
        open_task(incident, "N02"),
        reverse("case", args=[incident.pk]),
    )
    decide(client, task.measure, choice="decline", reason=WORDS)
    page = client.get(address)
    left_out = text(page).partition('id="left-out"')[2]
    assert "Choose it after all" in left_out and 'name="choice" value="take"' in left_out
    assert decide(client, task.measure, choice="take", seen=mark_on(page, task.measure)).status_code == 302
    task.refresh_from_db()
    assert task.status == "open" and "Choose it after all" not in text(client.get(address))
    decide(client, proposed(incident), choice="decline", reason=WORDS)
    assert "Choose it after all" in text(client.get(address))
    complete_facts(incident=incident, answers={"perpetrator.known": False}, by=town.adviser, now=clock.now())
    assert "Choose it after all" not in text(client.get(address)), "nothing would come of it"


@pytest.mark.parametrize("waits", [True, False])
def test_chosen_after_all_it_waits_for_the_police_as_they_ask_now(
    town: Place, incident: Incident, as_user: Any, waits: bool
):
    client, task = as_user(town.adviser), open_task(incident, "R06")
    who = {"by": town.deputy, "now": clock.now()}
    complete_facts(incident=incident, answers={"police_ask_to_wait": not waits}, **who)
    decide(client, task.measure, choice="decline", reason=WORDS)
    complete_facts(incident=incident, answers={"police_ask_to_wait": waits}, **who)
    assert decide(client, task.measure, choice="take").status_code == 302
    task.refresh_from_db()
    assert (task.status, task.is_on_hold) == ("open", waits)


def test_a_talk_that_was_not_needed_can_be_planned_after_all(town: Place, incident: Incident, as_user: Any):
    client, task = as_user(town.adviser), open_task(incident, "N02")
    plan = {"do": "plan", "day": "2026-11-26", "hour": "10:00", "place": "kamer 1"}
    client.post(reverse("care_plan", args=[task.pk]), {**plan, "revision": 0})
    decide(client, task.measure, choice="decline", reason=WORDS)
    moment = CareMoment.objects.get(task=task)
    assert moment.status == "cancelled"
    decide(client, task.measure, choice="take")
    moment.refresh_from_db()
    assert (moment.status, moment.planned_at) == ("planned", None)
    assert client.post(reverse("care_plan", args=[task.pk]), {**plan, "revision": moment.revision}).status_code == 302


def test_what_runs_is_not_put_off(town: Place, incident: Incident, as_user: Any):
    day = (clock.now() + timedelta(days=9)).date().isoformat()
    taken = open_task(incident, "R06").measure
    assert decide(as_user(town.adviser), taken, choice="hold", reason=WORDS, day=day).status_code == 409
    taken.refresh_from_db()
    assert taken.status == "taken" and open_task(incident, "R06").status == "open"


def test_what_was_put_off_stays_so_when_what_it_follows_is_chosen(town: Place, violent: Incident, as_user: Any):
    client, ban, along = as_user(town.adviser), proposed(violent, "R09"), proposed(violent, "R23")
    assert ban.code in along.waits_for
    decide(client, along, choice="hold", reason=WORDS, day=DAY.isoformat())
    assert decide(client, ban, choice="take").status_code == 302
    along.refresh_from_db()
    assert (along.status, along.hold_until, along.reason) == ("held", DAY, WORDS)
    again = violent.tasks.get(kind=TaskKind.LOOK_AGAIN)
    assert again.status == "open" and not along.tasks.exists()
    assert decide(client, along, choice="take").status_code == 302
    again.refresh_from_db()
    assert again.status == "done" and open_task(violent, "R23").due_at is not None


def test_what_is_no_longer_advised_waits_with_the_police_and_runs_again(town: Place, incident: Incident):
    """Its task runs on: it must not go to the perpetrator meanwhile, and nobody is reminded while it waits."""
    task, known, waits = open_task(incident, "R06"), "perpetrator.known", "police_ask_to_wait"
    for fact, answer, is_on_hold in ((known, False, False), (waits, True, True), (waits, False, False)):
        complete_facts(incident=incident, answers={fact: answer}, by=town.adviser, now=clock.now())
        task.refresh_from_db()
        task.measure.refresh_from_db()
        assert (task.is_on_hold, task.measure.is_on_hold) == (is_on_hold, is_on_hold), (fact, answer)
    assert task.status == "open" and not task.measure.is_still_advised


def test_what_is_no_longer_advised_is_not_chosen_from_a_page_of_before(town: Place, incident: Incident, as_user: Any):
    client, measure = english(as_user(town.adviser)), proposed(incident)
    old = mark_on(client.get(reverse("case", args=[incident.pk])), measure)
    complete_facts(incident=incident, answers={"perpetrator.known": False}, by=town.deputy, now=clock.now())
    for choice in ("take", "adapt"):
        late = decide(client, measure, choice=choice, reason=WORDS, seen=old)
        assert late.status_code == 409 and "this is no longer advised" in text(late)
        assert choice == "take" or WORDS in text(late), "what was typed stays"
    measure.refresh_from_db()
    assert (measure.status, measure.decided_by) == ("proposed", None)
    take_measure(measure=measure, by=town.adviser, now=clock.now(), is_done_anyway=True)
    measure.refresh_from_db()
    assert measure.status == "taken", "what was given or filed all the same"


@pytest.mark.parametrize("day", ["0001-01-01", "2025-12-01", "2062-12-01", "9999-12-31"])
def test_an_own_day_is_one_that_comes(town: Place, incident: Incident, as_user: Any, day: str):
    measure = proposed(incident)
    late = decide(as_user(town.adviser), measure, choice="adapt", reason=WORDS, day=day)
    assert late.status_code == 409 and WORDS in text(late) and f'value="{day}"' in text(late)
    measure.refresh_from_db()
    assert (measure.status, measure.own_due_at, measure.adaptation) == ("proposed", None, None)


def test_several_at_once_and_what_someone_else_decided_is_named(town: Place, incident: Incident, as_user: Any):
    chosen = [one for one in incident.measures.all() if one.can_be_chosen][:4]
    assert len(chosen) == 4
    decide(as_user(town.deputy), chosen[0], choice="take")
    client = english(as_user(town.adviser))
    address = reverse("case_measures", args=[incident.pk])
    page = client.post(address, {"choice": "take", "measure": [one.pk for one in chosen]}, follow=True)
    assert set(incident.measures.filter(pk__in=[one.pk for one in chosen]).values_list("status", flat=True)) == {
        "taken"
    }
    assert f"{town.deputy.name} decided on this before you" in page.content.decode()
    by = set(incident.measures.filter(pk__in=[one.pk for one in chosen]).values_list("decided_by", flat=True))
    assert by == {town.deputy.pk, town.adviser.pk}, "the first decision stands"


@pytest.mark.parametrize("data", [{"choice": "take"}, {"choice": "decline", "reason": ""}, {"choice": "weg"}, {}])
def test_several_without_what_is_needed_change_nothing(town: Place, incident: Incident, as_user: Any, data: Any):
    measures = [] if data == {"choice": "take"} else [proposed(incident).pk, "geen-sleutel"]
    response = as_user(town.adviser).post(reverse("case_measures", args=[incident.pk]), {**data, "measure": measures})
    assert response.status_code == 400 and proposed(incident).decided_by is None
    assert not measures or response.context["ticked"] == {str(measures[0])}, "the ticks stay"


def test_an_advice_of_another_case_cannot_be_decided_on_here(town: Place, incident: Incident, as_user: Any):
    other = proposed(make_incident(town, behaviours=("threat",)))
    address = reverse("case_measures", args=[incident.pk])
    assert as_user(town.adviser).post(address, {"choice": "take", "measure": [other.pk]}).status_code == 400
    assert as_user(town.adviser).post(reverse("case_measure", args=[incident.pk, other.pk])).status_code == 404
    assert proposed(Incident.objects.get(pk=other.incident_id)).decided_by is None


# --- two advisers on one advice ---------------------------------------------------------------------------------------

THEIRS, DAY = "De politie vroeg dit niet te doen.", (clock.START + timedelta(days=9)).date()
DECISIONS: dict[str, dict[str, Any]] = {
    "take": {},
    "adapt": {"reason": WORDS},
    "hold": {"reason": WORDS, "day": DAY.isoformat()},
    "decline": {"reason": WORDS},
}


def mark_on(page: Any, measure: Measure) -> str:
    """The mark in the first form of this advice on the page; the others carry the same."""
    address = re.escape(reverse("case_measure", args=[measure.incident_id, measure.pk]))
    marks = re.findall(rf'action="{address}"[^>]*>(?:<input[^>]*>)*?<input [^>]*name="seen" value="(.*?)"', text(page))
    assert marks and len(set(marks)) == 1
    found: str = marks[0]
    return found


def text(page: Any) -> str:
    found: str = page.content.decode()
    return found


def notes(incident: Incident) -> list[tuple[str, Any]]:
    return [(note.text, note.by) for note in Note.objects.filter(incident=incident).order_by("at")]


@pytest.mark.parametrize("mine", DECISIONS)
@pytest.mark.parametrize("theirs", DECISIONS)
def test_a_page_of_before_takes_no_decision_of_a_colleague_back(
    town: Place, incident: Incident, as_user: Any, theirs: str, mine: str
):
    client, address = english(as_user(town.adviser)), reverse("case", args=[incident.pk])
    measure, old = proposed(incident), client.get(address)
    told = {**DECISIONS[theirs], **({"reason": THEIRS} if theirs != "take" else {})}
    assert decide(as_user(town.deputy), measure, choice=theirs, **told, seen=mark_on(old, measure)).status_code == 302
    before = Measure.objects.filter(pk=measure.pk).values().get(), Task.objects.count(), notes(incident)
    clock.move(minutes=5)
    late = decide(client, measure, choice=mine, **DECISIONS[mine], seen=mark_on(old, measure))
    assert late.status_code == 409 and f"{town.deputy.name} decided on this before you" in text(late)
    assert theirs == "take" or THEIRS in text(late)
    assert mine == "take" or WORDS in text(late), "what was typed stays"
    assert before == (Measure.objects.filter(pk=measure.pk).values().get(), Task.objects.count(), notes(incident))
    if (theirs, mine) in {("take", "take"), ("adapt", "take"), ("take", "hold"), ("adapt", "hold")}:
        return  # what was chosen is chosen, and what runs is not put off
    again = decide(client, measure, choice=mine, **DECISIONS[mine], seen=mark_on(late, measure))
    assert again.status_code == (409 if (theirs, mine) == ("decline", "decline") else 302)
    measure.refresh_from_db()
    is_in_row = THEIRS in (measure.reason, measure.adaptation)
    kept = [] if theirs == "take" or is_in_row else [(f"{measure.item.title}: {THEIRS}", town.deputy)]
    assert notes(incident) == kept


def test_what_was_adapted_says_who_did_it_also_of_what_became_a_task_by_itself(
    town: Place, incident: Incident, as_user: Any
):
    measure, client = open_task(incident, "R06").measure, english(as_user(town.adviser))
    old = client.get(reverse("case", args=[incident.pk]))
    assert decide(as_user(town.deputy), measure, choice="adapt", reason=THEIRS).status_code == 302
    late = decide(client, measure, choice="adapt", reason=WORDS, seen=mark_on(old, measure))
    assert late.status_code == 409 and f"{town.deputy.name} decided on this before you" in text(late)
    assert decide(client, measure, choice="adapt", reason=WORDS, seen=mark_on(late, measure)).status_code == 302
    measure.refresh_from_db()
    assert (measure.adaptation, notes(incident)) == (WORDS, [(f"{measure.item.title}: {THEIRS}", town.deputy)])
    assert decide(client, measure, choice="adapt", reason=WORDS).status_code == 302
    assert len(notes(incident)) == 1, "the same words are no former words"


def test_a_form_that_comes_back_tells_of_what_its_own_page_showed(town: Place, incident: Incident, as_user: Any):
    measure, client = proposed(incident), as_user(town.adviser)
    old = mark_on(client.get(reverse("case", args=[incident.pk])), measure)
    decide(as_user(town.deputy), measure, choice="hold", reason=THEIRS, day=DAY.isoformat())
    for choice in ("decline", "hold"):  # without a reason
        assert mark_on(decide(client, measure, choice=choice, seen=old), measure) == old
    for odd, status in (("\0", 400), ('"><b>', 409)):
        assert decide(client, measure, choice="take", seen=odd).status_code == status
    data = {"choice": "decline", "measure": [measure.pk], "seen": [f"{measure.pk} {old}"]}
    assert mark_on(client.post(reverse("case_measures", args=[incident.pk]), data), measure) == old


def test_of_several_at_once_what_a_colleague_decided_stands(town: Place, incident: Incident, as_user: Any):
    client, chosen = english(as_user(town.adviser)), [one for one in incident.measures.all() if one.can_be_chosen][:4]
    page = client.get(reverse("case", args=[incident.pk]))
    marks = re.findall(r'form="several-form" name="seen" value="([^"]*)"', text(page))
    assert {one.partition(" ")[0] for one in marks} >= {str(one.pk) for one in chosen}
    decide(as_user(town.deputy), chosen[0], choice="hold", reason=THEIRS, day=DAY.isoformat())
    data = {"choice": "decline", "reason": WORDS, "measure": [one.pk for one in chosen], "seen": marks}
    late = client.post(reverse("case_measures", args=[incident.pk]), data)
    assert late.status_code == 409 and f"{town.deputy.name} decided on this before you" in text(late)
    assert late.context["ticked"] == {str(chosen[0].pk)} and late.context["several_form"]["reason"].value() == WORDS
    assert [incident.measures.get(pk=one.pk).status for one in chosen] == ["held", *["declined"] * 3]
    assert incident.measures.get(pk=chosen[0].pk).reason == THEIRS and not notes(incident)


def test_what_comes_along_with_another_ticked_one_is_no_colleague_s(town: Place, violent: Incident, as_user: Any):
    ban, along = violent.measures.get(code="R09"), violent.measures.get(code="R23")
    assert ban.can_be_chosen and along.can_be_chosen and ban.code in along.waits_for
    marks = [f"{one.pk} {decision_mark(one)}" for one in (ban, along)]
    data = {"choice": "take", "measure": [ban.pk, along.pk], "seen": marks}
    client, address = english(as_user(town.adviser)), reverse("case_measures", args=[violent.pk])
    done = client.post(address, data, follow=True)
    assert done.status_code == 200 and "not changed" not in text(done)
    assert "Chosen: Building ban; Review and end the measure." in text(done)
    assert [violent.measures.get(pk=one.pk).status for one in (ban, along)] == ["taken", "taken"]
    again = client.post(address, data)
    assert again.status_code == 409 and "This came along with another measure" in text(again), "the same page once more"


def test_a_mark_says_nothing_readable_and_asks_no_query(
    town: Place, incident: Incident, as_user: Any, django_assert_num_queries: Any
):
    measure = proposed(incident)
    decide(as_user(town.deputy), measure, choice="hold", reason=THEIRS, day=DAY.isoformat())
    mark = mark_on(as_user(town.adviser).get(reverse("case", args=[incident.pk])), measure)
    assert re.fullmatch("[0-9a-f]{16}", mark)
    row = incident.measures.get(pk=measure.pk)
    with django_assert_num_queries(0):
        assert decision_mark(row) == mark


# --- the assessment ---------------------------------------------------------------------------------------------------


def assess(client: Any, incident: Incident, **data: Any) -> Any:
    severity = {"nature": "aggression", "severity": incident.severity, **data}
    return client.post(reverse("case_severity", args=[incident.pk]), severity)


def test_criticism_takes_away_what_is_against_the_person(town: Place, incident: Incident, as_user: Any):
    client = as_user(town.adviser)
    assert assess(client, incident, nature="").status_code == 400
    assert incident.measures.get(code="R06").is_still_advised
    assert assess(client, incident, nature="criticism").status_code == 302
    incident.refresh_from_db()
    assert incident.facts.criticism_only and incident.severity_confirmed_by == town.adviser
    assert not incident.measures.get(code="R06").is_still_advised
    assert incident.measures.get(code="N02").is_still_advised, "the control: who was hit is still cared for"
    assess(client, incident, nature="aggression")
    assert incident.measures.get(code="R06").is_still_advised


@pytest.fixture
def violent(town: Place) -> Incident:
    found = make_incident(town, behaviours=("physical_violence",), weapon=True)
    assert (found.severity, found.severity_proposed) == (4, 4)
    return found


def test_what_becomes_known_later_asks_for_a_higher_severity(town: Place, as_user: Any):
    client = english(as_user(town.adviser))
    incident = make_incident(town, behaviours=("verbal_abuse",))
    assess(client, incident, severity=incident.severity)
    judged = Incident.objects.get(pk=incident.pk).severity
    page = reverse("case", args=[incident.pk])
    assert "assess again" not in client.get(page).content.decode()
    complete_facts(incident=incident, answers={"behaviours": ["physical_violence"]}, by=town.deputy, now=clock.now())
    incident.refresh_from_db()
    assert (incident.severity, incident.severity_proposed) == (judged, 4), "what a person judged stays as judged"
    shown = client.get(page).content.decode()
    assert "assess again: graver than judged" in shown and "Assess it again." in shown
    assert assess(client, incident, severity=4).status_code == 302, "and can be judged so, in one go"
    incident.refresh_from_db()
    assert incident.severity == 4 and "assess again" not in client.get(page).content.decode()


def test_a_four_moved_to_three_by_two_people_is_not_asked_again(town: Place, violent: Incident, as_user: Any):
    for person in (town.adviser, town.deputy):
        assess(as_user(person), violent, severity=3, severity_reason=WORDS)
    violent.refresh_from_db()
    assert (violent.severity, violent.severity_proposed, violent.is_graver_than_judged) == (3, 4, False)


def test_a_fact_that_changes_lowers_no_four(town: Place, violent: Incident, as_user: Any):
    client = english(as_user(town.adviser))
    lighter = {"behaviours": ["verbal_abuse"], "weapon": False}
    _changes, difference = preview_facts(violent, {"behaviours": ("verbal_abuse",), "weapon": False})
    assert difference.severities is None, "what is shown first is what happens"
    complete_facts(incident=violent, answers=lighter, by=town.adviser, now=clock.now())
    violent.refresh_from_db()
    proposed = violent.severity_proposed
    assert violent.severity == 4 and proposed < 4
    assert "until two people lower it" in client.get(reverse("case", args=[violent.pk])).content.decode()
    assess(client, violent, severity=proposed, severity_reason="Het was geen wapen.")
    violent.refresh_from_db()
    assert (violent.severity, violent.lowering_asked_by) == (4, town.adviser)
    assess(as_user(town.deputy), violent, severity=proposed, severity_reason="Op beeld gezien.")
    violent.refresh_from_db()
    assert (violent.severity, violent.severity_confirmed_by) == (proposed, town.deputy)
    assert violent.severity_reason == "Het was geen wapen.\nOp beeld gezien.", "both reasons are kept"


def test_that_a_four_was_criticism_takes_two_people(town: Place, violent: Incident, as_user: Any):
    client = english(as_user(town.adviser))
    refused = assess(client, violent, nature="criticism", severity=4, severity_reason=WORDS)
    assert refused.status_code == 409 and "no severity 4" in refused.content.decode()
    for _try in range(2):  # the same person twice is one person
        assess(client, violent, nature="criticism", severity=3, severity_reason=WORDS)
        violent.refresh_from_db()
        assert not violent.facts.criticism_only and violent.severity == 4
    assess(as_user(town.deputy), violent, nature="criticism", severity=3, severity_reason="Ook gezien.")
    violent.refresh_from_db()
    assert violent.facts.criticism_only and violent.severity == 3


def test_the_second_to_assess_is_told_who_was_first(town: Place, incident: Incident, as_user: Any):
    first, second = as_user(town.deputy), english(as_user(town.adviser))
    seen = second.get(reverse("case", args=[incident.pk])).context["assessment_form"]["seen"].value()
    assert assess(first, incident, severity=4, severity_reason="Hij had een mes bij zich.").status_code == 302
    late = assess(second, incident, severity=2, severity_reason=WORDS, seen=seen)
    assert late.status_code == 409 and WORDS in late.content.decode()
    assert f"{town.deputy.name} assessed this case" in late.content.decode()
    incident.refresh_from_db()
    assert (incident.severity, incident.severity_confirmed_by) == (4, town.deputy)
    fresh = second.get(reverse("case", args=[incident.pk])).context["assessment_form"]["seen"].value()
    assert assess(second, incident, severity=4, severity_reason="Ik vind het ook.", seen=fresh).status_code == 302


@pytest.mark.parametrize(
    ("name", "queries"), [("case_timeline", 10), ("case_messages", 11), ("case_files", 9), ("case", 10)]
)
def test_pages_of_a_case_ask_the_same_however_much_there_is(
    town: Place, as_user: Any, django_assert_num_queries: Any, name: str, queries: int
):
    client, incident = as_user(town.adviser), make_incident(town)
    for number in (1, 3):
        while (count := incident.notes.count()) < number:
            client.post(reverse("case_note", args=[incident.pk]), {"text": f"{count} keer gebeld."})
            as_user(town.employee).post(
                reverse("messages", args=[incident.pk]), {"text": "Hoe gaat het?", "form_key": str(incident.pk)}
            )
        client.get(reverse(name, args=[incident.pk]))
        with django_assert_num_queries(queries):
            assert client.get(reverse(name, args=[incident.pk])).status_code == 200


@pytest.mark.parametrize("name", ["case", "case_timeline", "case_messages", "case_files"])
def test_each_page_writes_first_that_it_was_looked_at(town: Place, other_town: Place, as_user: Any, name: str):
    incident = make_incident(town)
    address = reverse(name, args=[incident.pk])
    assert as_user(town.adviser).get(address).status_code == 200
    looked = AuditEvent.objects.filter(action="incident.viewed", object_id=incident.pk, fields=[name])
    assert [event.actor_id for event in looked] == [town.adviser.pk]
    for person, status in ((other_town.adviser, 404), (town.employee, 403), (town.manager, 403)):
        assert as_user(person).get(address).status_code == status
    assert looked.count() == 1
