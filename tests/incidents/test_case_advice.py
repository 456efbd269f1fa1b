"""What the menu says on the case page and why: reasons, questions, the ladder, correcting facts, a newer card."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from guidance.cards import change_draft, draft_of, publish_draft
from guidance.changes import Changes, ItemChange, OwnItem
from guidance.deadlines import Deadline
from guidance.facts import FACTS, REQUIRED
from guidance.menu import LadderStep, Text
from guidance.menu_file import load_menu
from guidance.rules import read_condition
from guidance.vocabulary import Phase
from incidents.actions.advice import complete_facts
from incidents.actions.measures import decline_measure, take_measure
from incidents.forms.case_facts import GROUPS, NOT_SET_HERE
from incidents.models import Incident, TimelineEntry
from tests import clock
from tests.world import ALL_SEEN, Place, make_incident, open_task
from vpdportal.accounts.models import Department
from vpdportal.audit.models import AuditEvent
from vpdportal.seen import mark_of

Look = Callable[[Incident], str]


@pytest.fixture
def look(town: Place, as_user: Any) -> Look:
    """The case page as the adviser reads it."""
    return lambda incident: page_of(as_user(town.adviser).get(reverse("case", args=[incident.pk])))


def page_of(response: Any) -> str:
    return unescape(response.content.decode())


def title(code: str) -> str:
    return load_menu().items[code].title


def between(page: str, start: str, end: str) -> str:
    return page.split(start, 1)[1].split(end, 1)[0]


def question(page: str, fact: str) -> str:
    """The part of the page that asks for one fact."""
    parts = re.split(r'<div class="question">', page)[1:]
    return next(part for part in parts if f'name="{fact}"' in part)


def asked(page: str) -> tuple[list[str], list[str]]:
    """The facts that are asked for: those that stand open, and those that are folded."""
    form = between(page, 'id="questions"', "</form>")
    head, *folds = form.split('<details class="fold"')
    names = [list(dict.fromkeys(re.findall(r'name="([\w.]+)"', part))) for part in (head, " ".join(folds))]
    return [name for name in names[0] if name != "csrfmiddlewaretoken"], names[1]


# --- reasons ---------------------------------------------------------------------------------------------------------


def test_a_reason_says_where_it_comes_from_and_leads_to_the_source(town: Place, look: Look):
    page = look(make_incident(town, behaviours=("threat",)))
    advice = between(page, title("R06") + "</h4>", "</article>")
    assert "binnen 48 uur reageren)" in advice
    assert f'<a href="{reverse("menu_about")}#S02">S02</a>' in advice
    assert page.count("No item was checked") + page.count("getoetst aan de handreiking") == 1
    assert "[OWN]" in between(page, title("N06") + "</h4>", "</article>")  # no source, so nothing to lead to


def test_choosing_among_contact_measures_is_one_group(town: Place, look: Look):
    page = look(make_incident(town, behaviours=("threat",), contact_would_continue=True, safe_to_meet=False))
    group = between(page, '<div class="advice-group"', "</article>\n</div>")
    assert page.count('<div class="advice-group"') == 1
    assert all(f"{title(code)}</h4>" in group for code in ("R07", "R08", "R09"))
    assert f"{title('R06')}</h4>" not in group
    assert str(load_menu().choice_groups["contact"]) in group


def test_one_contact_measure_alone_is_no_group(town: Place, look: Look):
    page = look(make_incident(town, behaviours=("threat",), perpetrator_visits_premises=False))
    assert f"{title('R07')}</h4>" in page and "advice-group" not in page


def test_a_restriction_shows_its_time_and_what_comes_along(town: Place, look: Look):
    incident = make_incident(town, behaviours=("threat",))
    page = look(incident)
    ban = between(page, title("R09") + "</h4>", "</article>")
    assert incident.measures.get(code="R09").months_label in ban
    assert title("R23") in ban and title("R24") in ban
    assert "<strong>" not in between(page, title("R06") + "</h4>", "</article>")


def test_unknown_perpetrator_puts_evidence_first(town: Place, look: Look):
    page = look(make_incident(town, behaviours=("threat",), perpetrator_known=False, offence_suspected=True))
    places = [page.index(f"{title(code)}</h4>") for code in ("R14", "R13", "R01")]
    assert places == sorted(places)


def test_what_a_rule_took_away_stands_with_the_rule(town: Place, look: Look):
    page = look(make_incident(town, behaviours=("threat",), perpetrator_relation="colleague"))
    rule = next(rule for rule in load_menu().rules if rule.name == "internal_track")
    left_out = between(page, 'id="left-out"', "</details>")
    assert str(rule.text) in left_out and title("R06") in left_out and title("R09") in left_out
    assert f"{title('R06')}</h4>" not in page


# --- severity, ladder, offences --------------------------------------------------------------------------------------


def test_the_severity_says_why_it_is_proposed(town: Place, look: Look):
    incident = make_incident(town, behaviours=("verbal_abuse", "threat"), home_involved=True)
    address = reverse("case_severity", args=[incident.pk])
    panel = next(part for part in look(incident).split('<section class="panel') if address in part)
    because = panel.split("<form")[0]
    assert "bedreiging" in because and "woning" in because and "schelden" not in because


def test_the_ladder_tells_its_steps_and_whose_they_are(town: Place, look: Look):
    incident = make_incident(town, behaviours=("threat",), perpetrator_earlier_incidents_12m=1)
    ladder = between(look(incident), 'id="ladder"', "</details>")
    assert title("R09") in ladder and title("R11") in ladder and title("R07") not in ladder
    assert "[OWN]" in ladder
    assert ladder.count("mark--good") == 1  # the ban is advised; filing a report hangs on whether it was an offence
    unsure = between(look(make_incident(town, behaviours=("threat",))), 'id="ladder"', "</details>")
    assert unsure.count("<p>") == ladder.count("<p>") + 1  # that earlier incidents are not known


def test_no_ladder_while_nobody_is_known(town: Place, look: Look):
    assert 'id="ladder"' not in look(make_incident(town, behaviours=("threat",), perpetrator_known=False))


def test_a_ladder_of_the_organisation_s_own_is_not_called_ours(town: Place, look: Look):
    publish(town, lambda changes: changes.with_ladder((3, "first"), (LadderStep("R07", (2, 2)),)))
    incident = make_incident(town, behaviours=("threat",))
    ladder = between(look(incident), 'id="ladder"', "</details>")
    assert "[OWN]" not in ladder and title("R07") in ladder and title("R06") not in ladder
    assert incident.measures.get(code="R07").months_to == 2


def test_a_possible_offence_is_a_hint_for_who_works_on_the_case_only(town: Place, as_user: Any, look: Look):
    incident = make_incident(town, behaviours=("threat", "vandalism"), may_manager_see=True)
    hint = between(look(incident), 'id="offences"', "</details>")
    assert "285 Sr" in hint and "350 Sr" in hint
    assert hint.count("mark--optional") == 1  # of the two only 350 Sr rests on our own knowledge alone
    task = open_task(incident, "N02")
    task.assignee = town.support
    task.save(update_fields=["assignee"])
    elsewhere = [
        as_user(town.employee).get(reverse("report_status", args=[incident.pk])),
        as_user(town.manager).get(reverse("team")),
        as_user(town.support).get(reverse("task", args=[task.pk])),
    ]
    assert [response.status_code for response in elsewhere] == [200, 200, 200]
    assert not any("285 Sr" in page_of(response) for response in elsewhere)


# --- questions -------------------------------------------------------------------------------------------------------


def test_a_few_questions_stand_open_and_all_others_are_folded(town: Place, look: Look):
    page = look(make_incident(town, behaviours=("threat",)))
    now, folded = asked(page)
    assert len(now) == 5 and {"criticism_only", "perpetrator.visits_premises", "damage"} <= set(folded)
    assert "severity" not in now + folded and "weapon" not in now + folded


def test_a_question_names_what_its_answer_would_do(town: Place, look: Look):
    page = look(make_incident(town, behaviours=("threat",)))
    assert title("R11") in question(page, "offence_suspected")
    wait = question(page, "police_ask_to_wait")
    assert all(title(code) in wait for code in ("R06", "R07", "R09", "R24")) and title("N02") not in wait
    relation = question(page, "perpetrator.relation")
    assert all(title(code) in relation for code in ("R26", "R06", "R07", "R09", "R10", "R21", "R23"))
    assert relation.count(title("R23")) == 1  # the hint stops at a few; the list under it has them all


def test_what_was_assumed_says_what_and_gives_way_to_an_answer(town: Place, as_user: Any, look: Look):
    incident = make_incident(town, behaviours=("threat",))
    assumption = next(one for one in load_menu().assumptions if one.name == "comes_here")
    shown = question(look(incident), "perpetrator.visits_premises")
    assert str(assumption.text) in shown and title("R09") in shown and "ja. " in shown
    client, address = as_user(town.adviser), reverse("case_facts", args=[incident.pk])
    assert client.post(address, {"perpetrator.visits_premises": "no"}).status_code == 302
    incident.refresh_from_db()
    assert incident.facts.perpetrator_visits_premises is False
    assert not incident.measures.get(code="R09").is_still_advised
    assert "perpetrator.visits_premises" not in str(asked(look(incident)))


def test_leaving_all_open_changes_nothing(town: Place, as_user: Any):
    incident = make_incident(town, behaviours=("threat",))
    before, entries = incident.facts, TimelineEntry.objects.count()
    answers = {"offence_suspected": "unknown", "perpetrator.visits_premises": "unknown", "witnesses": ""}
    assert as_user(town.adviser).post(reverse("case_facts", args=[incident.pk]), answers).status_code == 302
    incident.refresh_from_db()
    assert incident.facts == before and TimelineEntry.objects.count() == entries


def test_an_answer_that_cannot_be_keeps_the_others_as_typed(town: Place, as_user: Any):
    incident = make_incident(town, behaviours=("threat",))
    answers = {"offence_suspected": "yes", "witnesses": "-3", "perpetrator.relation": "citizen"}
    response = as_user(town.adviser).post(reverse("case_facts", args=[incident.pk]), answers)
    page = page_of(response)
    assert response.status_code == 400 and 'id="errors"' in page
    assert re.search(r'name="offence_suspected" value="yes"[^>]* checked', page)
    assert 'value="-3"' in page and re.search(r'value="citizen" selected', page)
    incident.refresh_from_db()
    assert incident.facts.offence_suspected is None


def test_a_closed_case_asks_and_suggests_nothing(town: Place, as_user: Any, look: Look):
    page = look(closed_case(town, as_user))
    assert 'id="questions"' not in page and 'id="ladder"' not in page and "Besproken." in page


def closed_case(town: Place, as_user: Any) -> Incident:
    incident = make_incident(town, behaviours=("other",), perpetrator_known=False)
    client = as_user(town.adviser)
    for task in incident.tasks.all():
        client.post(reverse("task_finish", args=[task.pk]))
    client.post(reverse("case_close", args=[incident.pk]), {"outcome": "Besproken.", "seen": ALL_SEEN})
    incident.refresh_from_db()
    assert incident.is_closed
    return incident


# --- correcting facts ------------------------------------------------------------------------------------------------


def sent_by(page: str) -> dict[str, Any]:
    """What a browser would send of the form with the facts as it stands."""
    form = between(page, '<form method="post" action="/dossier/', "</form>")
    data: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if not name or (re.search(r'type="(radio|checkbox)"', tag) and " checked" not in tag):
            continue
        data.setdefault(name[1], []).append(value[1] if value else "")
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        data[name] = [chosen[1] if chosen else ""]
    return data


class Editor:
    """An adviser at the page on which facts are corrected."""

    def __init__(self, client: Any, incident: Incident) -> None:
        self.client, self.address = client, reverse("case_facts_edit", args=[incident.pk])
        self.page = page_of(client.get(self.address))

    def press(self, button: str, **more: Any) -> Any:
        response = self.client.post(self.address, {**sent_by(self.page), **more, "do": button})
        if response.status_code != 302:
            self.page = page_of(response)
        return response


@pytest.fixture
def editor(town: Place, as_user: Any) -> Callable[[Incident], Editor]:
    return lambda incident: Editor(as_user(town.adviser), incident)


def test_every_fact_can_be_corrected_in_one_place():
    names = [name for _title, group in GROUPS for name in group]
    assert sorted([*names, *NOT_SET_HERE]) == sorted(FACTS)


def test_sending_the_facts_as_they_stand_changes_nothing(town: Place, editor: Callable[[Incident], Editor]):
    incident = make_incident(town, behaviours=("threat", "insult"), witnesses=2, motive="frustration", injury=False)
    before = incident.facts
    at = editor(incident)
    assert at.press("look").status_code == 200
    assert 'value="save"' not in at.page  # nothing changed, so there is nothing to save
    assert at.press("save").status_code == 302
    incident.refresh_from_db()
    assert incident.facts == before


def test_what_changes_is_shown_before_it_is_saved(town: Place, editor: Callable[[Incident], Editor]):
    incident = make_incident(town, behaviours=("threat",))
    before, entries = incident.facts, TimelineEntry.objects.count()
    at = editor(incident)
    response = at.press("look", offence_suspected="yes", police_ask_to_wait="yes", weapon="yes")
    shown = between(at.page, 'id="difference"', "</section>")
    assert response.status_code == 200 and title("R11") in shown and title("R02") in shown
    assert title("R06") in shown  # has to wait
    incident.refresh_from_db()
    assert incident.facts == before and TimelineEntry.objects.count() == entries
    assert not incident.measures.filter(code="R11").exists()
    assert at.press("save").status_code == 302
    incident.refresh_from_db()
    assert incident.facts.offence_suspected and incident.facts.weapon and incident.severity == 4
    assert incident.measures.get(code="R11").status == "taken" and open_task(incident, "R06").is_on_hold
    assert TimelineEntry.objects.filter(incident=incident, kind="facts_added").count() == 1


def test_what_was_not_shown_is_not_saved(town: Place, editor: Callable[[Incident], Editor]):
    incident = make_incident(town, behaviours=("threat",))
    at = editor(incident)
    assert at.press("save", weapon="yes").status_code == 409
    at.press("look", weapon="yes")
    assert at.press("save", injury="yes").status_code == 409
    incident.refresh_from_db()
    assert incident.facts.weapon is False and incident.facts.injury is None
    assert at.press("save").status_code == 302  # the page shows both by now
    incident.refresh_from_db()
    assert incident.facts.weapon and incident.facts.injury


def test_a_fact_goes_back_to_unknown(town: Place, editor: Callable[[Incident], Editor]):
    incident = make_incident(town, behaviours=("threat",), offence_suspected=True, witnesses=3, motive="frustration")
    at = editor(incident)
    at.press("look", offence_suspected="unknown", witnesses="", motive="", **{"perpetrator.known": "unknown"})
    assert title("R11") in between(at.page, 'id="difference"', "</section>")
    at.press("save")
    incident.refresh_from_db()
    facts = incident.facts
    assert (facts.offence_suspected, facts.witnesses, facts.motive, facts.perpetrator_known) == (None,) * 4
    assert not incident.measures.get(code="R11").is_still_advised


@pytest.mark.parametrize("fact", REQUIRED)
def test_what_a_report_must_have_cannot_become_unknown(town: Place, editor: Callable[[Incident], Editor], fact: str):
    incident = make_incident(town, behaviours=("threat",))
    at = editor(incident)
    assert at.press("look", weapon="yes", **{fact: []}).status_code == 400
    assert 'id="errors"' in at.page and re.search(r'name="weapon" value="yes"[^>]* checked', at.page)


def test_the_worst_stands_first_and_is_one_of_what_happened(town: Place, editor: Callable[[Incident], Editor]):
    incident = make_incident(town, behaviours=("insult", "threat"))
    at = editor(incident)
    assert at.press("look", behaviours=["insult", "threat"], main_behaviour="weapon").status_code == 400
    at.press("look", behaviours=["insult", "threat", "spitting"], main_behaviour="spitting")
    at.press("save")
    incident.refresh_from_db()
    assert incident.facts.behaviours == ("spitting", "insult", "threat")


def test_someone_who_was_just_before_is_not_overruled_unseen(
    town: Place, as_user: Any, editor: Callable[[Incident], Editor]
):
    incident = make_incident(town, behaviours=("threat",))
    at = editor(incident)
    at.press("look", damage="yes")
    as_user(town.deputy).post(reverse("case_facts", args=[incident.pk]), {"offence_suspected": "yes"})
    assert at.press("save").status_code == 409
    assert title("R11") in between(at.page, 'id="difference"', "</section>")  # that saving now would take it away
    incident.refresh_from_db()
    assert incident.facts.offence_suspected and incident.facts.damage is None


def test_facts_of_a_closed_case_stay(town: Place, as_user: Any):
    incident = closed_case(town, as_user)
    before = incident.facts
    for method in ("get", "post"):
        response = getattr(as_user(town.adviser), method)(reverse("case_facts_edit", args=[incident.pk]))
        assert response.status_code == 302
    incident.refresh_from_db()
    assert incident.facts == before


# --- a newer card ----------------------------------------------------------------------------------------------------


def publish(town: Place, change: Callable[[Changes], Changes]) -> str:
    """A new version of the organisation's card; its name."""
    part: Callable[[Changes], Any] = lambda changes: changes.to_data()  # noqa: E731
    last = town.organisation.menu_cards.first()
    seen = mark_of(part(last.read_changes() if last else Changes()))
    draft = change_draft(
        organisation=town.organisation,
        change=change,
        part=part,
        seen=seen,
        about="card",
        by=town.administrator,
        now=clock.now(),
    )
    assert draft_of(town.organisation) == draft
    card = publish_draft(
        organisation=town.organisation, revision=draft.revision, by=town.administrator, now=clock.now()
    )
    return f"{load_menu().version}/{card.number}"


def other_card(changes: Changes) -> Changes:
    """Off: looking for complaints after 4 weeks. The reception talk within a day, and called otherwise."""
    words = ItemChange(title=Text("Gesprek met een collega", "Talk"), deadlines=(Deadline("incident", "h", 24),))
    return changes.with_item("N05", ItemChange(is_on=False)).with_item("N02", words)


def test_a_newer_card_is_offered_with_what_it_changes(town: Place, as_user: Any, look: Look):
    incident = make_incident(town, behaviours=("threat",))
    client, address = as_user(town.adviser), reverse("case_renew", args=[incident.pk])
    assert address not in look(incident)
    publish(town, other_card)
    assert address in look(incident)
    assert address not in look(make_incident(town, behaviours=("threat",)))  # advised by the newest at once
    page = page_of(client.get(address))
    assert title("N05") in page and "Gesprek met een collega" in page and title("N02") in page
    assert "vr 27 november 08:00 → morgen 08:00" in page
    assert incident.menu_version in page and f"{incident.menu_version}/1" in page
    incident.refresh_from_db()
    assert incident.menu_version == load_menu().version  # looking takes nothing over


def test_taking_a_card_over_keeps_what_was_decided(town: Place, as_user: Any):
    incident = make_incident(town, behaviours=("threat",))
    for code, decide in (("N05", take_measure), ("R07", decline_measure)):
        reason = {"reason": "Niet nodig."} if code == "R07" else {}
        decide(measure=incident.measures.get(code=code), by=town.adviser, now=clock.now(), **reason)
    version = publish(town, other_card)
    address = reverse("case_renew", args=[incident.pk])
    assert as_user(town.adviser).post(address, {"version": version}).status_code == 302
    incident.refresh_from_db()
    assert incident.menu_version == version
    assert incident.measures.get(code="N05").status == "taken" and incident.tasks.filter(code="N05").exists()
    assert incident.measures.get(code="R07").reason == "Niet nodig."
    assert open_task(incident, "N02").title == "Gesprek met een collega"
    assert (open_task(incident, "N02").due_at - incident.occurred_at).total_seconds() == 24 * 3600


def test_an_own_letter_that_is_off_now_goes_on_waiting_for_the_police(town: Place, as_user: Any):
    words = {name: Text("Brief", "Letter") for name in ("title", "purpose", "role")}
    known = read_condition([[{"fact": "perpetrator.known", "is": True}]])
    letter = OwnItem("E1", Phase.REACTION, **words, condition=known, is_default=True, reaches_perpetrator=True)
    publish(town, lambda changes: changes.with_own(letter))
    incident = make_incident(town, behaviours=("threat",), police_ask_to_wait=True)
    assert open_task(incident, "E1").is_on_hold
    version = publish(town, lambda changes: changes.with_own(replace(letter, is_on=False)))
    as_user(town.adviser).post(reverse("case_renew", args=[incident.pk]), {"version": version})
    assert open_task(incident, "E1").is_on_hold
    complete_facts(incident=incident, answers={"police_ask_to_wait": False}, by=town.adviser, now=clock.now())
    assert not open_task(incident, "E1").is_on_hold


def test_a_card_that_was_not_shown_is_not_taken_over(town: Place, as_user: Any):
    incident = make_incident(town, behaviours=("threat",))
    shown = publish(town, other_card)
    newest = publish(town, lambda changes: changes.with_item("N06", ItemChange(is_on=False)))
    response = as_user(town.adviser).post(reverse("case_renew", args=[incident.pk]), {"version": shown})
    page = page_of(response)
    assert response.status_code == 409 and title("N06") in page and f'value="{newest}"' in page
    incident.refresh_from_db()
    assert incident.menu_version == load_menu().version


def test_a_card_that_changes_nothing_here_can_be_taken_over(town: Place, as_user: Any, look: Look):
    incident = make_incident(town, behaviours=("threat",))
    version = publish(town, lambda changes: changes.with_item("P13", ItemChange(is_on=False)))
    client, address = as_user(town.adviser), reverse("case_renew", args=[incident.pk])
    assert "<li><strong>" not in page_of(client.get(address))
    assert client.post(address, {"version": version}).status_code == 302
    assert address not in look(incident)


def test_a_closed_case_keeps_its_card(town: Place, as_user: Any, look: Look):
    incident = closed_case(town, as_user)
    version = publish(town, other_card)
    client, address = as_user(town.adviser), reverse("case_renew", args=[incident.pk])
    assert address not in look(incident)
    assert f'value="{version}"' not in page_of(client.get(address))
    assert client.post(address, {"version": version}).status_code == 409
    incident.refresh_from_db()
    assert incident.menu_version == load_menu().version


# --- for every page of a case ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "queries"), [("case", 10), ("case_facts_edit", 7), ("case_renew", 12)])
def test_pages_ask_the_same_however_much_there_is(
    town: Place, as_user: Any, django_assert_num_queries: Any, name: str, queries: int
):
    little = make_incident(town, behaviours=("other",), perpetrator_known=False)
    much = make_incident(town, behaviours=("physical_violence",), injury=True, damage=True, hospital_admission=True)
    publish(town, other_card)
    client = as_user(town.adviser)
    client.get(reverse("case_renew", args=[much.pk]))  # a card that was published is read once
    for incident in (little, much):
        with django_assert_num_queries(queries):
            assert client.get(reverse(name, args=[incident.pk])).status_code == 200


@pytest.mark.parametrize("name", ["case", "case_facts_edit", "case_renew"])
def test_every_look_is_written_down(town: Place, as_user: Any, name: str):
    incident = make_incident(town)
    before = AuditEvent.objects.filter(action="incident.viewed").count()
    as_user(town.adviser).get(reverse(name, args=[incident.pk]))
    assert AuditEvent.objects.filter(action="incident.viewed", object_id=incident.pk).count() == before + 1


def test_what_is_about_the_team_is_one_task_for_the_team(town: Place, look: Look):
    cases = [make_incident(town) for _number in range(4)]
    third, fourth = cases[2], cases[3]
    assert third.tasks.filter(code="P01").exists(), "the third report in 90 days"
    measure = fourth.measures.get(code="P01")
    assert not fourth.tasks.filter(code="P01").exists() and measure.runs_in == third
    assert reverse("case", args=[third.pk]) in between(look(fourth), title("P01") + "</h4>", "</article>")
    other = Department.objects.create(organisation=town.organisation, name="Buitendienst", headcount=20)
    elsewhere = [make_incident(town, department=other) for _number in range(3)]
    assert elsewhere[2].tasks.filter(code="P01").exists(), "another team"
    clock.set_to(clock.START + timedelta(days=91))
    later = [make_incident(town) for _number in range(3)]
    assert later[2].tasks.filter(code="P01").exists(), "long enough ago"
