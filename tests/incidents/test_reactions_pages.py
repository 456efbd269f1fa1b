"""The pages of a reaction: who gets them, what they show, and what they never show."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from incidents.actions.exclusions import keep_out
from incidents.actions.reaction_signing import agree, propose, sign
from incidents.actions.reaction_steps import give, tell_police
from incidents.actions.reactions import ReactionWords, change_reaction
from incidents.models import Incident, Letter, Reaction, Task
from incidents.tasks import tidy
from tests import clock
from tests.incidents.reactions import (
    NAME,
    drafted,
    link,
    make_case,
    make_person,
    make_threat,
    proposed,
    running,
    signed,
    step,
)
from tests.world import PASSWORD, Place, make_incident
from vpdportal.accounts.models import User
from vpdportal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
STORY = "Hij begon te schelden."
NO_LETTER = "No letter of this measure was marked as sent."


@pytest.fixture
def browser(as_user: Any) -> Any:
    """A browser of this person, in English."""

    def open_it(user: User) -> Client:
        client: Client = as_user(user)
        client.cookies["vpd_language"] = "en"
        return client

    return open_it


def form_of(reaction: Reaction, **more: Any) -> dict[str, Any]:
    """What the browser sends of a complete ban."""
    data = {
        "person": str(reaction.person_id),
        "conduct": "Zei letterlijk: ik weet je te vinden.",
        "conduct_on": "2026-11-24",
        "hearing": "heard",
        "hearing_words": "Vond dat hij te lang wachtte.",
        "proportionality": "Een waarschuwing hielp eerder niet.",
        "core_services": "Paspoort op afspraak.",
        "scope": "Het stadhuis.",
        "instruction": "Bel de beveiliging.",
        "starts_on": "2026-11-24",
        "ends_on": "2027-02-24",
        "signer": str(reaction.signer_id or ""),
        "second": str(reaction.second_id or ""),
        "revision": str(reaction.revision),
    }
    return {**data, **more}


# --- who gets in ------------------------------------------------------------------------------------------------------


def addresses(reaction: Reaction) -> dict[str, str]:
    named = {name: reverse(name, args=[reaction.pk]) for name in ("reaction", "reaction_edit", "reaction_breach")}
    case = reaction.incident_id
    named["case_reactions"] = reverse("case_reactions", args=[case])
    named["reaction_new"] = reverse("reaction_new", args=[case, "warning"])
    return named


@pytest.mark.parametrize("name", ["case_reactions", "reaction_new", "reaction", "reaction_edit", "reaction_breach"])
def test_a_page_of_the_desk_is_for_the_desk_of_the_case(town: Place, other_town: Place, browser: Any, name: str):
    incident = make_threat(town)
    reaction = drafted(incident, town)
    address = addresses(reaction)[name]
    assert browser(town.adviser).get(address).status_code == 200
    assert browser(town.deputy).get(address).status_code == 200
    assert browser(other_town.adviser).get(address).status_code == 404
    for role in ("employee", "manager", "support", "legal", "management", "administrator", "auditor", "analyst"):
        assert browser(getattr(town, role)).get(address).status_code == 403
    keep_out(incident=incident, person=town.deputy, by=town.adviser, now=clock.now(), reason="Kent hem.")
    assert browser(town.deputy).get(address).status_code == 404
    assert NAME not in Client().get(address, follow=True).content.decode()


@pytest.mark.parametrize(
    ("name", "args"), [("reaction_step", ["intrekken"]), ("reaction_extend", []), ("reaction_edit", [])]
)
def test_a_change_is_for_the_desk_of_the_case(town: Place, other_town: Place, browser: Any, name: str, args: list[str]):
    incident = make_threat(town)
    reaction = drafted(incident, town)
    address = reverse(name, args=[reaction.pk, *args])
    data = {"revision": "0", "reason": "Nee."}
    assert browser(other_town.adviser).post(address, data).status_code == 404
    for role in ("employee", "manager", "support", "legal", "management", "administrator", "auditor", "analyst"):
        assert browser(getattr(town, role)).post(address, data).status_code == 403
    Client().post(address, data)
    keep_out(incident=incident, person=town.deputy, by=town.adviser, now=clock.now(), reason="Kent hem.")
    assert browser(town.deputy).post(address, data).status_code == 404
    reaction.refresh_from_db()
    assert (reaction.status, reaction.revision) == ("draft", 0)
    assert browser(town.adviser).get(reverse("reaction_step", args=[reaction.pk, "intrekken"])).status_code == 405


@pytest.mark.parametrize(
    ("name", "asked", "beside"), [("sign", "management", "legal"), ("second", "manager", "deputy")]
)
def test_a_proposal_is_for_whom_it_names(
    town: Place, other_town: Place, browser: Any, name: str, asked: str, beside: str
):
    incident = make_threat(town)
    reaction = proposed(incident, town, second=town.manager)
    if name == "sign":
        step(agree, reaction, town.manager)
    address = reverse(f"reaction_{name}", args=[reaction.pk])
    shown = browser(getattr(town, asked)).get(address)
    assert shown.status_code == 200
    assert NAME in shown.content.decode()
    expected = {"sign": 404, "second": 403}[name]  # a signatory who was not asked does not know that it exists
    assert browser(getattr(town, beside)).get(address).status_code == expected
    assert browser(other_town.management).get(address).status_code == 404
    assert browser(other_town.adviser).get(address).status_code == {"sign": 403, "second": 404}[name]
    for role in ("employee", "support", "administrator", "auditor", "analyst"):
        assert browser(getattr(town, role)).get(address).status_code == 403
    assert NAME not in Client().get(address, follow=True).content.decode()


def test_the_register_is_for_who_works_on_cases(town: Place, browser: Any):
    address = reverse("reaction_register")
    assert address in browser(town.adviser).get(reverse("menu_card")).content.decode()
    assert browser(town.adviser).get(address).status_code == 200
    assert browser(town.deputy).get(address).status_code == 200
    for role in ("employee", "manager", "support", "legal", "management", "administrator", "auditor", "analyst"):
        assert browser(getattr(town, role)).get(address).status_code == 403
        assert address not in browser(getattr(town, role)).get(reverse("menu_card")).content.decode()
    assert Client().get(address).status_code == 302


# --- the page of the case ---------------------------------------------------------------------------------------------


def test_without_a_person_the_page_says_to_link_one_first(town: Place, browser: Any):
    incident = make_incident(town, behaviours=("threat",))
    adviser = browser(town.adviser)
    page = adviser.get(reverse("case_reactions", args=[incident.pk])).content.decode()
    assert "Link the person to this case first" in page
    assert reverse("reaction_new", args=[incident.pk, "warning"]) not in page
    address = reverse("reaction_new", args=[incident.pk, "warning"])
    assert adviser.get(address).status_code == 302
    assert adviser.post(address, {}).status_code == 302
    assert not Reaction.objects.exists()
    link(incident, make_person(town), town.adviser)
    page = adviser.get(reverse("case_reactions", args=[incident.pk])).content.decode()
    assert "Link the person" not in page
    assert reverse("reaction_new", args=[incident.pk, "warning"]) in page
    assert adviser.get(address).status_code == 200


def test_what_the_menu_advises_stands_in_front_with_the_months_of_the_ladder(town: Place, browser: Any):
    incident = make_threat(town)
    response = browser(town.adviser).get(reverse("case_reactions", args=[incident.pk]))
    advised = [one.kind.value for one in response.context["advised"]]
    assert advised == ["warning", "conditions", "ban"]
    assert "3 to 6 months" in response.content.decode()
    assert response.content.decode().count("button--primary") == 1


def test_criticism_gets_no_way_in_and_the_rule_says_why(town: Place, browser: Any):
    incident = make_case(town, criticism_only=True)
    adviser = browser(town.adviser)
    page = adviser.get(reverse("case_reactions", args=[incident.pk])).content.decode()
    assert "With criticism or persistent complaining" in page
    assert reverse("reaction_new", args=[incident.pk, "ban"]) not in page
    address = reverse("reaction_new", args=[incident.pk, "ban"])
    other = drafted(make_threat(town), town)
    data = form_of(other, person=str(incident.involvements.get().person_id))
    assert adviser.post(address, data).status_code == 409
    assert not Reaction.objects.filter(incident=incident).exists()


def test_each_stand_names_its_next_step_and_there_is_one_primary_button(town: Place, browser: Any):
    incident = make_threat(town)
    adviser = browser(town.adviser)
    address = reverse("case_reactions", args=[incident.pk])
    wanted = {
        "draft": "Finish the draft",
        "proposed": f"waits for {town.deputy.name}",
        "seconded": f"waits for {town.management.name}",
        "signed": "Tell the police first",
        "told": "Give it",
        "active": "Look after it",
    }
    reaction = drafted(incident, town)
    acts: list[Any] = [
        None,
        (propose, town.adviser, {}),
        (agree, town.deputy, {}),
        (sign, town.management, {}),
        (tell_police, town.adviser, {}),
        (give, town.adviser, {"day": TODAY}),
    ]
    for act, words in zip(acts, wanted.values(), strict=True):
        if act:
            reaction = step(act[0], reaction, act[1], **act[2])
        page = adviser.get(address).content.decode()
        assert words in page
        assert page.count("button--primary") <= 1


@pytest.mark.parametrize("is_gone", [True, False])
def test_the_page_says_when_who_has_to_decide_has_no_role_any_more(town: Place, browser: Any, is_gone: bool):
    reaction = step(propose, drafted(make_threat(town), town), town.adviser)
    if is_gone:
        town.organisation.memberships.filter(user=town.deputy).update(ends_on="2026-11-23")
    page = browser(town.adviser).get(reverse("reaction", args=[reaction.pk])).content.decode()
    assert ("can decide on it no longer" in page) == is_gone and "Take it back" in page


@pytest.mark.parametrize("is_last_day", [True, False])
def test_who_leaves_today_is_not_asked_to_sign(town: Place, browser: Any, is_last_day: bool):
    reaction = drafted(make_threat(town), town)
    if is_last_day:
        town.organisation.memberships.filter(user=town.management).update(ends_on=localdate(clock.now()))
    page = browser(town.adviser).get(reverse("reaction_edit", args=[reaction.pk])).content.decode()
    assert (f'value="{town.management.pk}"' in page) != is_last_day


# --- drafting in a browser --------------------------------------------------------------------------------------------


def test_a_ban_from_the_first_page_to_the_last_day(town: Place, browser: Any):
    incident = make_threat(town)
    adviser = browser(town.adviser)
    person = incident.involvements.get().person
    empty = Reaction(person=person, signer=town.management, second=town.manager)
    response = adviser.post(
        reverse("reaction_new", args=[incident.pk, "ban"]), {**form_of(empty), "go": "propose"}, follow=True
    )
    reaction = Reaction.objects.get()
    assert (reaction.status, response.redirect_chain[-1][0]) == ("proposed", reverse("reaction", args=[reaction.pk]))

    manager, management = browser(town.manager), browser(town.management)
    task = Task.objects.get(kind="second_look")
    page = manager.get(reverse("task", args=[task.pk])).content.decode()
    assert reverse("reaction_second", args=[reaction.pk]) in page
    yes = {"do": "yes", "revision": str(reaction.revision)}
    answered = manager.post(reverse("reaction_second", args=[reaction.pk]), yes)
    assert answered.url == reverse("my_tasks")
    assert "Sign a measure" in management.get(reverse("my_tasks")).content.decode()
    page = management.get(reverse("task", args=[Task.objects.get(kind="sign").pk])).content.decode()
    assert reverse("reaction_sign", args=[reaction.pk]) in page
    reaction.refresh_from_db()
    management.post(reverse("reaction_sign", args=[reaction.pk]), {"do": "yes", "revision": str(reaction.revision)})
    for name, more in (("politie", {}), ("gegeven", {"day": "2026-11-24"})):
        reaction.refresh_from_db()
        data = {"revision": str(reaction.revision), **more}
        assert adviser.post(reverse("reaction_step", args=[reaction.pk, name]), data).status_code == 302
    reaction.refresh_from_db()
    assert (reaction.status, reaction.instruction) == ("active", "Bel de beveiliging.")


def test_a_draft_is_kept_while_things_are_missing_and_they_are_named(town: Place, browser: Any):
    incident = make_threat(town)
    person = incident.involvements.get().person
    data = {"person": str(person.pk), "conduct_on": "2026-11-24", "hearing": "later", "go": "propose"}
    page = browser(town.adviser).post(reverse("reaction_new", args=[incident.pk, "pause"]), data, follow=True)
    reaction = Reaction.objects.get()
    assert (reaction.status, reaction.kind) == ("draft", "pause")
    text = page.content.decode()
    assert "Not complete yet" in text
    assert "what stays available" in text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("conduct_on", "2026-11-25"),
        ("conduct_on", "0001-01-01"),
        ("conduct_on", "10000-01-01"),
        ("ends_on", "2026-11-23"),
        ("ends_on", "2027-11-25"),
        ("starts_on", ""),
        ("starts_on", "9999-12-31"),
        ("second", "same"),
        ("hearing", "nonsense"),
        ("person", "00000000-0000-0000-0000-000000000000"),
        ("conduct", "x" * 4001),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_typed_is_lost(
    town: Place, browser: Any, field: str, value: str
):
    incident = make_threat(town)
    reaction = drafted(incident, town, signer=town.management, second=town.manager)
    adviser = browser(town.adviser)
    address = reverse("reaction_edit", args=[reaction.pk])
    good = form_of(reaction, scope="Het stadhuis 😡 <script>alert(1)</script>")
    value = str(town.management.pk) if value == "same" else value
    response = adviser.post(address, {**good, field: value})
    assert response.status_code == 400
    assert response.context["form"].errors
    assert "&lt;script&gt;alert(1)" in response.content.decode()
    reaction.refresh_from_db()
    assert reaction.revision == 0
    assert adviser.post(address, good).status_code == 302
    reaction.refresh_from_db()
    assert reaction.scope.startswith("Het stadhuis 😡")


def test_of_two_who_edit_the_second_keeps_the_words_and_sees_what_stands(town: Place, browser: Any):
    reaction = drafted(make_threat(town), town, second=town.manager)
    clock.move(minutes=5)
    step(change_reaction, reaction, town.deputy, words=ReactionWords({"scope": "Alleen de hal."}))
    adviser = browser(town.adviser)
    stale = form_of(reaction, scope="Alle gebouwen.", revision="0")
    response = adviser.post(reverse("reaction_edit", args=[reaction.pk]), stale)
    page = response.content.decode()
    assert response.status_code == 409
    assert f"{town.deputy.name} changed this reaction meanwhile" in page
    assert "Alle gebouwen." in page
    assert "Alleen de hal." in page
    again = form_of(reaction, scope="Alle gebouwen.", revision=str(response.context["seen"]))
    assert adviser.post(reverse("reaction_edit", args=[reaction.pk]), again).status_code == 302
    reaction.refresh_from_db()
    assert reaction.scope == "Alle gebouwen."


def test_a_form_that_came_back_after_signing_in_still_writes_over_nothing(town: Place, browser: Any):
    reaction = drafted(make_threat(town), town, second=town.manager)
    adviser = browser(town.adviser)
    page = adviser.get(reverse("reaction_edit", args=[reaction.pk]))
    step(change_reaction, reaction, town.deputy, words=ReactionWords({"scope": "Alleen de hal."}))
    stranger = Client()
    stranger.cookies["vpd_language"] = "en"
    typed = {**form_of(reaction, scope="Alles.", revision="0"), "writer": page.context["writer"]}
    assert "Alles." in stranger.post(reverse("reaction_edit", args=[reaction.pk]), typed).content.decode()
    credentials = {"username": town.adviser.email, "password": PASSWORD}
    back = stranger.post(reverse("reaction_edit", args=[reaction.pk]), {**typed, **credentials})
    assert back.status_code == 200
    assert "Alles." in back.content.decode()
    assert back.context["seen"] == 0
    reaction.refresh_from_db()
    assert reaction.scope == "Alleen de hal."
    assert stranger.post(reverse("reaction_edit", args=[reaction.pk]), typed).status_code == 409


def test_the_ladder_and_what_was_given_before_stand_beside_the_form(town: Place, browser: Any):
    incident = make_threat(town)
    first = running(incident, town)
    again = make_incident(town, behaviours=("threat",), perpetrator_visits_premises=True)
    link(again, first.person, town.adviser)
    page = browser(town.adviser).get(reverse("reaction_new", args=[again.pk, "conditions"])).content.decode()
    assert "The ladder suggests:" in page
    assert "3 to 6 months" in page
    assert "Building ban, 24 November 2026" in page
    keep_out(incident=incident, person=town.deputy, by=town.adviser, now=clock.now(), reason="Kent hem.")
    page = browser(town.deputy).get(reverse("reaction_new", args=[again.pk, "conditions"])).content.decode()
    assert "Building ban, 24 November 2026" not in page


def test_all_that_was_given_before_can_be_read(town: Place, browser: Any):
    incident = make_threat(town)
    model = running(incident, town)
    for _number in range(21):
        model.pk = uuid4()
        model._state.adding = True
        model.save()
    page = browser(town.adviser).get(reverse("reaction_new", args=[incident.pk, "warning"])).content.decode()
    section = page.partition("Given to this person before")[2].partition("</section>")[0]
    assert section.count("<li>") == 22 and "2 older" in section


def test_an_unknown_kind_or_step_is_no_address(town: Place, browser: Any):
    reaction = drafted(make_threat(town), town)
    adviser = browser(town.adviser)
    assert adviser.get(reverse("reaction_new", args=[reaction.incident_id, "nonsense"])).status_code == 404
    assert adviser.post(reverse("reaction_step", args=[reaction.pk, "nonsense"]), {}).status_code == 404


@pytest.mark.parametrize("revision", ["", "x", "-1", "²", "9" * 40, "1"])
def test_a_step_without_the_revision_that_was_shown_is_refused(town: Place, browser: Any, revision: str):
    reaction = drafted(make_threat(town), town)
    address = reverse("reaction_step", args=[reaction.pk, "intrekken"])
    adviser = browser(town.adviser)
    response = adviser.post(address, {"revision": revision, "reason": "Toch niet nodig."})
    assert response.status_code == 409
    assert "Toch niet nodig." in response.content.decode()
    assert adviser.post(address, {"revision": "0", "reason": "Toch niet nodig."}).status_code == 302
    reaction.refresh_from_db()
    assert reaction.status == "withdrawn"


# --- signing ----------------------------------------------------------------------------------------------------------


def test_a_signatory_sees_the_proposal_and_nothing_else_of_the_case(town: Place, browser: Any):
    incident = make_incident(
        town,
        behaviours=("threat",),
        injury=True,
        complaints=True,
        affected_name="Fictief Slachtoffer",
        contact="06-00000000",
    )
    link(incident, make_person(town), town.adviser)
    reaction = proposed(incident, town)
    step(agree, reaction, town.deputy)
    page = browser(town.management).get(reverse("reaction_sign", args=[reaction.pk])).content.decode()
    for shown in (NAME, "ik weet je te vinden", "Vond dat hij", "Een waarschuwing hielp", "Paspoort op afspraak"):
        assert shown in page
    for hidden in (STORY, "Fictief Slachtoffer", "06-00000000", reverse("case", args=[incident.pk]), "njur"):
        assert hidden not in page
    event = AuditEvent.objects.get(action="person.named", actor_id=town.management.pk)
    assert event.object_id == reaction.person_id
    task = Task.objects.get(kind="sign")
    page = browser(town.management).get(reverse("task", args=[task.pk])).content.decode()
    for hidden in (NAME, STORY, "Fictief Slachtoffer", "06-00000000", reverse("task_finish", args=[task.pk])):
        assert hidden not in page


def test_sending_back_needs_a_reason_which_the_desk_reads(town: Place, browser: Any):
    reaction = proposed(make_case(town), town, "warning", second=None)
    management = browser(town.management)
    address = reverse("reaction_sign", args=[reaction.pk])
    empty = management.post(address, {"do": "back", "remark": "", "revision": str(reaction.revision)})
    assert empty.status_code == 400
    sent = {"do": "back", "remark": "Noem de dag erbij.", "revision": str(reaction.revision)}
    assert management.post(address, sent).url == reverse("my_tasks")
    page = browser(town.adviser).get(reverse("reaction_edit", args=[reaction.pk])).content.decode()
    assert "Noem de dag erbij." in page
    after = management.get(address)
    assert after.status_code == 200
    assert NAME not in after.content.decode()
    assert "No answer is asked of you now" in after.content.decode()


def test_what_was_changed_since_the_signatory_looked_is_shown_before_it_is_signed(town: Place, browser: Any):
    reaction = proposed(make_case(town), town, "warning", second=None)
    seen = str(reaction.revision)
    from_desk = browser(town.adviser)
    address = reverse("reaction_step", args=[reaction.pk, "terugnemen"])
    from_desk.post(address, {"revision": seen})
    reaction.refresh_from_db()
    step(change_reaction, reaction, town.adviser, words=ReactionWords({"conduct": "Iets heel anders."}))
    step(propose, reaction, town.adviser)
    management = browser(town.management)
    sign_address = reverse("reaction_sign", args=[reaction.pk])
    response = management.post(sign_address, {"do": "yes", "revision": seen})
    assert response.status_code == 409
    assert "Iets heel anders." in response.content.decode()
    reaction.refresh_from_db()
    assert reaction.status == "proposed"
    management.post(sign_address, {"do": "yes", "revision": str(reaction.revision)})
    reaction.refresh_from_db()
    assert reaction.status == "signed"


def test_management_gets_a_way_to_its_tasks_and_finishes_none_by_itself(town: Place, browser: Any):
    reaction = proposed(make_case(town), town, "warning", second=None)
    management = browser(town.management)
    assert reverse("my_tasks") in management.get(reverse("menu_card")).content.decode()
    task = Task.objects.get(kind="sign")
    assert management.post(reverse("task_finish", args=[task.pk]), {}).status_code == 403
    assert browser(town.adviser).post(reverse("task_finish", args=[task.pk]), {}).status_code == 409
    other = reaction.incident.tasks.filter(kind="menu").first()
    assert other
    assert management.get(reverse("task", args=[other.pk])).status_code == 404


# --- while it runs ----------------------------------------------------------------------------------------------------


def test_a_breach_is_written_down_and_shown(town: Place, browser: Any):
    reaction = running(make_threat(town), town)
    adviser = browser(town.adviser)
    address = reverse("reaction_breach", args=[reaction.pk])
    good = {"day": "2026-11-24", "hour": "10:00", "words": "Stond in de hal.", "is_police_told": "on"}
    for field, wrong in (("day", "2026-11-25"), ("day", "0001-01-01"), ("hour", "23:59"), ("words", "")):
        response = adviser.post(address, {**good, field: wrong})
        assert response.status_code == 400
        assert reaction.breaches.count() == 0
    clock.move(hours=2)
    assert adviser.post(address, good).status_code == 302
    assert "Stond in de hal." in adviser.get(reverse("reaction", args=[reaction.pk])).content.decode()
    assert reaction.incident.tasks.filter(code="R22").exists()


def test_a_longer_one_is_drafted_from_its_page(town: Place, browser: Any):
    first = running(make_threat(town), town)
    adviser = browser(town.adviser)
    response = adviser.post(reverse("reaction_extend", args=[first.pk]))
    longer = Reaction.objects.get(follows=first)
    assert response.url == reverse("reaction_edit", args=[longer.pk])
    page = adviser.get(response.url)
    assert not {"starts_on", "person"} & set(page.context["form"].fields) and NAME in page.content.decode()
    assert adviser.post(reverse("reaction_extend", args=[first.pk])).status_code == 409
    too_long = form_of(longer, ends_on="2027-11-25")
    assert adviser.post(response.url, too_long).status_code == 400
    assert adviser.post(response.url, form_of(longer, ends_on="2027-11-24")).status_code == 302


def test_a_longer_one_of_almost_the_longest_term_counts_from_its_own_first_day(town: Place, browser: Any):
    first = running(make_threat(town), town, ends_on=date(2027, 11, 24))
    clock.move(days=340)  # to 30 October 2027
    adviser = browser(town.adviser)
    address = adviser.post(reverse("reaction_extend", args=[first.pk])).url
    longer = Reaction.objects.get(follows=first)
    assert adviser.post(address, form_of(longer, ends_on="2028-10-31")).status_code == 400
    assert adviser.post(address, form_of(longer, ends_on="2028-10-30")).status_code == 302


def test_a_measure_is_reviewed_and_ended_on_its_page(town: Place, browser: Any):
    reaction = running(make_threat(town), town)
    adviser = browser(town.adviser)
    data = {"revision": str(reaction.revision), "remark": "Nog nodig."}
    assert adviser.post(reverse("reaction_step", args=[reaction.pk, "evalueren"]), data).status_code == 302
    reaction.refresh_from_db()
    end = {"revision": str(reaction.revision), "end_kind": "early", "reason": "Gaat goed."}
    assert (
        adviser.post(reverse("reaction_step", args=[reaction.pk, "beeindigen"]), {**end, "reason": ""}).status_code
        == 400
    )
    assert adviser.post(reverse("reaction_step", args=[reaction.pk, "beeindigen"]), end).status_code == 302
    assert "Gaat goed." in adviser.get(reverse("reaction", args=[reaction.pk])).content.decode()


# --- the register -----------------------------------------------------------------------------------------------------


def test_the_register_names_what_runs_by_its_end_and_never_a_person(town: Place, other_town: Place, browser: Any):
    late = running(make_threat(town), town, ends_on=date(2026, 11, 30))
    later = running(make_threat(town), town, "conditions", ends_on=date(2027, 1, 31))
    drafted(make_threat(town), town)
    running(make_threat(other_town), other_town)
    adviser = browser(town.adviser)
    response = adviser.get(reverse("reaction_register"))
    assert list(response.context["page"]) == [late, later]
    page = response.content.decode()
    assert "ends this month" in page
    assert NAME not in page
    for filters, expected in (
        ({"kind": "conditions"}, [later]),
        ({"ends": "month"}, [late]),
        ({"kind": "civil_order"}, []),
        ({"kind": "<script>"}, [late, later]),
    ):
        assert list(adviser.get(reverse("reaction_register"), filters).context["page"]) == expected
    keep_out(incident=late.incident, person=town.deputy, by=town.adviser, now=clock.now(), reason="Kent hem.")
    assert list(browser(town.deputy).get(reverse("reaction_register")).context["page"]) == [later]


def test_what_ended_by_itself_stands_in_the_register_until_it_was_reviewed(town: Place, browser: Any):
    reaction = running(make_threat(town), town, ends_on=date(2026, 12, 24))
    adviser = browser(town.adviser)
    clock.move(days=31)
    assert "ended without a review" in adviser.get(reverse("reaction_register")).content.decode()
    clock.move(hours=1)
    tidy()
    assert "ended without a review" in adviser.get(reverse("reaction_register")).content.decode()
    reaction.refresh_from_db()
    data = {"revision": str(reaction.revision), "remark": ""}
    adviser.post(reverse("reaction_step", args=[reaction.pk, "evalueren"]), data)
    assert list(adviser.get(reverse("reaction_register")).context["page"]) == []


def test_an_adviser_of_two_organisations_chooses_one(town: Place, other_town: Place, browser: Any):
    here, there = running(make_threat(town), town), running(make_threat(other_town), other_town)
    other_town.join(town.adviser, "adviser")  # type: ignore[arg-type]
    adviser = browser(town.adviser)
    both = adviser.get(reverse("reaction_register"))
    assert set(both.context["page"]) == {here, there}
    assert list(adviser.get(reverse("reaction_register"), {"organisation": "elders"}).context["page"]) == [there]


def test_the_register_turns_pages(town: Place, browser: Any):
    incident = make_threat(town)
    model = running(incident, town)
    for number in range(26):
        model.pk = uuid4()
        model.ends_on = date(2027, 2, 1) + timedelta(days=number)
        model._state.adding = True
        model.save()
    adviser = browser(town.adviser)
    first = adviser.get(reverse("reaction_register"))
    assert (len(first.context["page"]), first.context["page"].count.number) == (25, 27)
    second = adviser.get(reverse("reaction_register"), {"page": first.context["page"].next})
    assert len(second.context["page"]) == 2 and not {*first.context["page"]} & {*second.context["page"]}


# --- the letter and the day -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ban", "warning"])
def test_giving_it_without_a_letter_warns_until_one_was_sent(town: Place, browser: Any, kind: str):
    incident = make_threat(town)
    reaction, adviser = signed(incident, town, kind), browser(town.adviser)

    def page() -> str:
        return str(adviser.get(reverse("reaction", args=[reaction.pk])).content.decode())

    assert NO_LETTER in page() and reverse("case_letters", args=[incident.pk]) in page()
    if kind == "ban":
        step(tell_police, reaction, town.adviser)
    step(give, reaction, town.adviser, day=TODAY)
    assert NO_LETTER in page() and f"?maatregel={reaction.pk}" in page()
    letter = Letter.objects.create(
        organisation=town.organisation, incident=incident, kind=kind, reaction=reaction, made_at=clock.now(),
        made_by=town.adviser,
    )  # fmt: skip
    assert NO_LETTER in page()
    letter.status, letter.sent_on, letter.sent_by = "sent", TODAY, "post"
    letter.save()
    assert NO_LETTER not in page()


def test_no_letter_is_missed_of_what_was_not_signed_or_has_none(town: Place, browser: Any):
    adviser = browser(town.adviser)
    for reaction in (
        drafted(make_threat(town), town),
        proposed(make_threat(town), town),
        drafted(make_threat(town), town, "verbal"),
        signed(make_threat(town), town, "civil_order"),
    ):
        assert NO_LETTER not in adviser.get(reverse("reaction", args=[reaction.pk])).content.decode(), reaction.kind


def test_what_was_given_later_says_from_when_it_holds(town: Place, browser: Any):
    reaction, adviser = signed(make_threat(town), town), browser(town.adviser)
    step(tell_police, reaction, town.adviser)
    clock.move(days=3)
    later = "it holds from 27 November 2026"
    assert later not in adviser.get(reverse("reaction", args=[reaction.pk])).content.decode()
    step(give, reaction, town.adviser, day=TODAY + timedelta(days=3))
    page = adviser.get(reverse("reaction", args=[reaction.pk])).content.decode()
    assert later in page and "24 November 2026 – 24 February 2027" in page
    register = adviser.get(reverse("reaction_register")).content.decode()
    assert '<td data-label="Since">27 November 2026</td>' in register


def test_the_form_says_which_words_go_into_the_letter(town: Place, browser: Any):
    page = browser(town.adviser).get(reverse("reaction_new", args=[make_threat(town).pk, "ban"]))
    assert page.content.decode().count("goes into the letter word for word") == 2, "the other side, and why this"


# --- how much it asks of the database ---------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
def test_the_pages_ask_a_fixed_number_of_questions(
    town: Place, browser: Any, number: int, django_assert_num_queries: Any
):
    incident = make_threat(town)
    kinds = ("ban", "conditions", "pause")[:number]
    reaction = [running(incident, town, kind, ends_on=date(2027, 1, 24)) for kind in kinds][0]
    for other in range(number - 1):
        link(incident, make_person(town, f"Tweede Testpersoon {other}"), town.adviser)
    draft = drafted(incident, town, "warning", person=reaction.person)
    asked = proposed(make_case(town), town, "warning", second=None)
    adviser, management = browser(town.adviser), browser(town.management)
    for client, name, args, queries in (
        (adviser, "case_reactions", [incident.pk], 11),
        (adviser, "reaction_new", [incident.pk, "verbal"], 10 if number == 1 else 9),
        (adviser, "reaction", [reaction.pk], 12),
        (adviser, "reaction_edit", [draft.pk], 12),
        (adviser, "reaction_register", [], 4),
        (management, "reaction_sign", [asked.pk], 12),
    ):
        address = reverse(name, args=args)
        client.get(address)
        with django_assert_num_queries(queries):
            assert client.get(address).status_code == 200


def test_long_names_with_odd_signs_are_shown(town: Place, browser: Any):
    incident = make_incident(town, behaviours=("threat",))
    for number in range(3):
        link(incident, make_person(town, f"{number} " + "Ω" * 110 + "😀" * 4), town.adviser)
    page = browser(town.adviser).get(reverse("reaction_new", args=[incident.pk, "ban"]))
    assert page.status_code == 200
    assert page.content.decode().count("Ω" * 110) == 3


def test_addresses_hold_no_words(town: Place):
    reaction = signed(make_threat(town), town)
    for address in addresses(reaction).values():
        assert NAME.split()[0] not in urlsplit(address).path
    assert Incident.objects.get(pk=reaction.incident_id).reference not in "".join(addresses(reaction).values())
