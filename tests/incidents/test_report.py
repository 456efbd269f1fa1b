"""Reporting in steps: what comes in, what is refused and how, and that a report is sent once."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import Draft, Exclusion, Incident, Notice, Task
from tests.world import STEPS, Place, make_incident, make_user, report_data
from vpdportal.accounts.models import Membership, User
from vpdportal.audit.models import AuditEvent

STORY = "Hij begon te schelden toen ik nee zei. 😡"


@pytest.fixture
def send(writer: Any):
    """Send a report as someone, all steps; fields that a test names replace the valid ones."""

    def sending(at: Place, /, by: User | None = None, client: Client | None = None, **more: Any):
        return writer(by or at.employee, client).send(at, **more)

    return sending


def test_a_report_sets_everything_in_motion(town: Place, send: Any, as_user: Any):
    response = send(town)
    incident = Incident.objects.get()
    assert response["Location"] == reverse("report_status", args=[incident.pk])
    assert incident.story == STORY
    assert (incident.severity, incident.main_behaviour, incident.department) == (2, "verbal_abuse", town.department)
    assert incident.occurred_at == datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
    assert set(incident.measures.values_list("code", flat=True)) >= {"R01", "R03", "R06", "R24", "N01", "N02", "P16"}
    assert {task.assignee for task in Task.objects.all()} == {town.adviser}
    assert Notice.objects.filter(step="assigned", recipient=town.adviser).count() == Task.objects.count()
    assert AuditEvent.objects.filter(action="incident.reported", object_id=incident.pk).count() == 1
    assert Draft.objects.count() == 0
    page = as_user(town.employee).get(response["Location"]).content.decode()
    assert incident.reference in page and town.adviser.name in page


def test_three_questions_are_enough(town: Place, writer: Any):
    person = writer(town.employee)
    person.start(town)
    few = {name: report_data()[name] for name in ("behaviours", "story", "day", "hour", "channel")}
    assert person.post("gebeurd", few, "check")["Location"] == reverse("report_step", args=[person.key, "controle"])
    assert "Verstuur de melding" in person.page("controle") or "Send the report" in person.page("controle")
    assert person.post("controle", {}).status_code == 302
    incident = Incident.objects.get()
    assert (incident.department, incident.reporter_is, incident.target_group) == (town.department, "self", "employee")
    assert (incident.may_manager_see, incident.wants_support, incident.feedback_wish) == (False, False, "portal")
    known = incident.facts
    assert known.perpetrator_known is None and known.ongoing_threat is None and known.injury is None


def test_what_is_asked_depends_on_the_answers_and_what_was_typed_stays(town: Place, writer: Any):
    person = writer(town.employee)
    person.start(town)
    hidden = {"weapon": "yes", "means": "een hamer", "online_account": "@boos", "channel": "counter"}
    data = report_data(behaviours=["insult"], **hidden)
    person.post("gebeurd", data)
    assert "een hamer" in person.page("gebeurd") and "@boos" in person.page("gebeurd"), "kept while it is not asked"
    assert "een hamer" not in person.page("controle"), "but not part of the report"
    person.post("gebeurd", {**data, "behaviours": ["threat"]})
    assert "een hamer" in person.page("controle")
    person.post("controle", {})
    incident = Incident.objects.get()
    assert incident.facts.weapon is True
    assert incident.details == {"means": "een hamer"}


def test_what_is_not_asked_does_not_come_along(town: Place, send: Any):
    send(town, behaviours=["insult"], weapon="yes", hospital_admission="yes", injury="no", affected_name="X")
    incident = Incident.objects.get()
    assert incident.facts.weapon is None and incident.facts.hospital_admission is None
    assert incident.affected_name == ""


def test_the_worst_comes_first(town: Place, send: Any):
    send(town, behaviours=["insult", "threat"], main_behaviour="threat", threat_to_life="no")
    assert Incident.objects.get().facts.behaviours == ("threat", "insult")


def test_what_is_told_beside_the_facts(town: Place, send: Any, as_user: Any):
    told = {
        "behaviours": ["online_hate"],
        "channel": "social_media",
        "online_platform": "Voorbeeldbook",
        "online_account": "@verzonnen",
        "online_address": "https://voorbeeld.invalid/1",
        "is_going_on": "on",
        "since": "sinds mei",
        "damage": "yes",
        "damage_what": "een ruit, 300 euro",
        "actions_taken": ["called_112", "left"],
        "witness_names": "Piet Verzonnen",
    }
    send(town, **told)
    incident = Incident.objects.get()
    expected = {name: text for name, text in told.items() if isinstance(text, str)}
    for name in ("channel", "is_going_on", "damage"):
        expected.pop(name)
    assert incident.details == expected | {"actions_taken": "called_112,left"}
    page = as_user(town.adviser).get(reverse("case", args=[incident.pk])).content.decode()
    for text in (*expected.values(), "112"):
        assert text in page


def test_a_double_click_is_one_report(town: Place, writer: Any):
    person = writer(town.employee)
    first = person.send(town)
    again = person.post("controle", report_data())
    assert first["Location"] == again["Location"]
    assert person.post("gebeurd", report_data(story="te laat"))["Location"] == first["Location"]
    assert person.start(town)["Location"] == first["Location"], "the first page sent again starts nothing new"
    assert Incident.objects.count() == 1 and Draft.objects.count() == 0


def test_the_same_key_of_someone_else_is_another_report(town: Place, writer: Any):
    one, other = writer(town.employee), writer(town.manager)
    other.key = one.key
    one.start(town)
    address = other.start(town)["Location"]
    assert str(one.key) not in address
    assert Draft.objects.count() == 2
    assert other.post("gebeurd", report_data()).status_code == 404, "a draft is its author's alone"
    assert other.client.get(reverse("report_step", args=[one.key, "gebeurd"])).status_code == 404


WRONG = {
    "no behaviour": ("gebeurd", {"behaviours": []}),
    "unknown behaviour": ("gebeurd", {"behaviours": ["dancing"]}),
    "worst not ticked": ("gebeurd", {"behaviours": ["insult", "other"], "main_behaviour": "threat"}),
    "no story": ("gebeurd", {"story": "  "}),
    "story too long": ("gebeurd", {"story": "x" * 4001}),
    "story with a zero byte": ("gebeurd", {"story": "a\x00b"}),
    "no day": ("gebeurd", {"day": ""}),
    "day is words": ("gebeurd", {"day": "gisteren"}),
    "day too long ago": ("gebeurd", {"day": "1999-12-31"}),
    "day in the far future": ("gebeurd", {"day": "9999-12-31"}),
    "no hour": ("gebeurd", {"hour": ""}),
    "hour of no day": ("gebeurd", {"hour": "25:00"}),
    "moment to come": ("gebeurd", {"hour": "23:30"}),
    "no channel": ("gebeurd", {"channel": ""}),
    "unknown channel": ("gebeurd", {"channel": "carrier pigeon"}),
    "no department": ("wie", {"department": ""}),
    "department of no one": ("wie", {"department": str(uuid4())}),
    "department is words": ("wie", {"department": "abc"}),
    "for someone without a name": ("wie", {"reporter_is": "colleague", "affected_name": ""}),
    "address that is none": ("wie", {"reporter_is": "colleague", "affected_email": "geen adres", "affected_name": "X"}),
    "manager who is none": ("wie", {"reporter_is": "manager", "affected_name": "X"}),
    "witnesses below zero": ("wie", {"witnesses": "-1"}),
    "witnesses without end": ("wie", {"witnesses": "9" * 40}),
    "feeling beyond the scale": ("nodig", {"safety_feeling": "6"}),
    "wish that is none": ("nodig", {"feedback_wish": "telegram"}),
    "kept out who is nobody": ("controle", {"kept_out_email": "nergens@elders.invalid"}),
    "kept out by another id": ("controle", {"kept_out": [str(uuid4())]}),
}


@pytest.mark.parametrize(("step", "change"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_field_is_named_and_the_rest_comes_back(town: Place, send: Any, step: str, change: dict[str, Any]):
    words = {"place": "balie 3, bij de 🌳", "perpetrator_description": "rode jas 🧥", "contact": "06-00000000 📞"}
    response = send(town, **{**words, **change})
    page = response.content.decode()
    assert response.status_code == 400
    assert 'id="errors"' in page and "_error" in page
    stands_in = {"gebeurd": "place", "wie": "perpetrator_description", "nodig": "contact", "controle": "place"}
    assert words[stands_in[step]] in page
    if "story" not in change and step == "gebeurd":
        assert STORY in page
    assert Incident.objects.count() == 0 and Draft.objects.count() == 1


def test_what_is_wrong_is_kept_as_well(town: Place, writer: Any):
    person = writer(town.employee)
    person.start(town)
    long = "lang " * 1000
    assert person.post("gebeurd", report_data(story=long, hour="straks")).status_code == 400
    page = person.page("gebeurd")
    assert long in page and "straks" in page and 'id="errors"' not in page
    check = person.page("controle")
    assert reverse("report_step", args=[person.key, "gebeurd"]) + "?fouten" in check
    assert 'value="send"' not in check
    assert person.post("controle", {}).status_code == 400 and Incident.objects.count() == 0
    judged = person.client.get(reverse("report_step", args=[person.key, "gebeurd"]) + "?fouten").content.decode()
    assert 'id="errors"' in judged and long in judged


def test_a_department_of_another_organisation_is_refused(town: Place, other_town: Place, writer: Any):
    person = writer(town.employee)
    assert person.start(other_town).status_code == 400
    person.start(town)
    assert person.post("wie", report_data(department=str(other_town.department.pk))).status_code == 400
    assert Incident.objects.count() == 0


def test_who_serves_several_organisations_is_asked_for_which(town: Place, other_town: Place, writer: Any):
    other_town.join(town.adviser, "adviser")
    person = writer(town.adviser)
    page = person.client.get(reverse("report")).content.decode()
    assert town.organisation.name in page and other_town.organisation.name in page
    person.send(other_town)
    assert Incident.objects.get().organisation == other_town.organisation
    assert Incident.objects.get().department == other_town.department, "asked, since no department is one's own"


def test_steps_cannot_be_skipped(town: Place, writer: Any):
    person = writer(town.employee)
    person.start(town)
    assert person.post("controle", report_data()).status_code == 400
    assert Incident.objects.count() == 0
    for step in ("", "geheim", "controle/../x"):
        assert person.client.get(f"/melden/{person.key}/{step}").status_code in {404, 301}


@pytest.mark.parametrize(
    ("day", "hour", "stored"),
    [
        ("2026-10-25", "02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # comes twice: the first one
        ("2026-03-29", "02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # does not exist: an hour on
    ],
)
def test_the_nights_when_the_clock_changes_can_be_reported(
    town: Place, send: Any, day: str, hour: str, stored: datetime
):
    assert send(town, day=day, hour=hour).status_code == 302
    assert Incident.objects.get().occurred_at == stored


def test_reported_for_a_colleague(town: Place, send: Any, as_user: Any):
    colleague = make_user("Jolanda Getroffen")
    town.join(colleague, "employee", town.department)
    told = {"affected_name": "Jolanda Getroffen", "affected_email": colleague.email.upper()}
    send(town, reporter_is="colleague", **told)
    incident = Incident.objects.get()
    assert incident.affected == colleague and incident.facts.reported_for_other is True
    address = reverse("report_status", args=[incident.pk])
    assert STORY in as_user(colleague).get(address).content.decode()
    receipt = as_user(town.employee).get(address).content.decode()
    assert incident.reference in receipt and STORY not in receipt


def test_a_manager_and_a_witness_report(town: Place, send: Any):
    assert send(town, by=town.manager, reporter_is="manager", affected_name="X").status_code == 302
    assert send(town, reporter_is="witness", story="Ik zag het.").status_code == 302
    assert {incident.reporter_is for incident in Incident.objects.all()} == {"manager", "witness"}
    assert all(incident.facts.reported_for_other for incident in Incident.objects.all())


def test_an_unknown_colleague_gives_the_same_answer_and_the_adviser_keeps_the_address(
    town: Place, other_town: Place, send: Any, as_user: Any
):
    left = make_user("Al Weggegaan")
    town.join(left, "employee", town.department)
    Membership.objects.filter(user=left).update(ends_on="2026-11-01")
    town.join(town.support, "employee", town.department)
    addresses = ("niemand@nergens.invalid", other_town.employee.email, left.email, town.support.email)
    answers = set()
    for address in addresses:
        answer = send(town, reporter_is="colleague", affected_name="X", affected_email=address)
        incident = next(one for one in Incident.objects.all() if str(one.pk) in answer["Location"])
        answers.add((answer.status_code, answer["Location"].replace(str(incident.pk), "")))
        is_known = address == town.support.email
        assert incident.affected == (town.support if is_known else None), address
        assert incident.details.get("affected_email") == (None if is_known else address)
        page = as_user(town.adviser).get(reverse("case_people", args=[incident.pk])).content.decode()
        assert page.count(f'value="{address}"') == (0 if is_known else 1), "ready to be linked once there is an account"
        overview = as_user(town.adviser).get(reverse("case", args=[incident.pk])).content.decode()
        assert (f'<dd class="prose">{address}</dd>' in overview) == (not is_known)
    assert len(answers) == 1


def test_unknown_stays_unknown(town: Place, send: Any):
    send(town, injury="unknown", is_safe_now=None, witnesses="", perpetrator_known="unknown")
    known = Incident.objects.get().facts
    assert known.injury is None and known.ongoing_threat is None and known.witnesses is None
    assert known.perpetrator_known is None and known.worked_alone is None


def test_not_safe_now_is_a_threat_that_goes_on(town: Place, writer: Any):
    person = writer(town.employee)
    person.send(town, is_safe_now="no", story="")
    assert "5555" in person.page("gebeurd") and 'role="alert"' in person.page("gebeurd")
    person.post("gebeurd", report_data())
    person.post("controle", {})
    assert Incident.objects.get().facts.ongoing_threat is True


def test_an_organisation_without_an_adviser_refuses_and_says_what_to_do(town: Place, send: Any):
    Membership.objects.filter(role__in=["adviser", "deputy"]).delete()
    response = send(town)
    assert response.status_code == 409 and 'id="errors"' in response.content.decode()
    assert Incident.objects.count() == 0 and Draft.objects.count() == 1


def test_who_must_not_see_it_never_does(town: Place, writer: Any, as_user: Any):
    person = writer(town.employee)
    response = person.send(town, kept_out=[str(town.adviser.pk)], may_manager_see="yes")
    incident = Incident.objects.get()
    assert response.status_code == 302
    assert Exclusion.objects.get().user == town.adviser
    assert {task.assignee for task in incident.tasks.all()} == {town.deputy}
    assert as_user(town.adviser).get(reverse("case", args=[incident.pk])).status_code == 404
    assert as_user(town.deputy).get(reverse("case", args=[incident.pk])).status_code == 200


def test_a_name_in_the_story_is_pointed_out(town: Place, writer: Any):
    town.adviser.name = "Noor Zwaluwenberg"
    town.adviser.save()
    person = writer(town.employee)
    person.start(town)
    person.post("gebeurd", report_data())
    assert "Zwaluwenberg die" not in person.page("controle")
    person.post("gebeurd", report_data(story="Mevrouw Zwaluwenberg schold mij uit."))
    assert person.page("controle").count("Noor Zwaluwenberg") == 2, "in the warning and among the choices"


def test_nobody_else_to_act_is_said_before_it_is_sent(town: Place, writer: Any):
    person = writer(town.employee)
    everyone = [str(town.adviser.pk), str(town.deputy.pk)]
    assert person.send(town, kept_out=everyone).status_code == 409
    assert Incident.objects.count() == 0 and Exclusion.objects.count() == 0
    assert person.post("controle", {"kept_out": everyone[:1]}).status_code == 302


def test_the_work_one_named_the_last_time_is_filled_in(town: Place, writer: Any):
    make_incident(town, target_group="enforcement_officer")
    person = writer(town.employee)
    person.start(town)
    assert '<option value="enforcement_officer" selected>' in person.page("wie")


def test_start_page_lists_own_reports_in_a_fixed_number_of_queries(
    town: Place, send: Any, as_user: Any, django_assert_num_queries: Any
):
    for number in (1, 3):
        while Incident.objects.count() < number:
            send(town)
        client = as_user(town.employee)
        client.get(reverse("home"))
        with django_assert_num_queries(8):
            page = client.get(reverse("home")).content.decode()
        assert page.count('class="what"') == number


@pytest.mark.parametrize("step", STEPS[1:])
def test_each_step_costs_a_fixed_number_of_queries(
    town: Place, writer: Any, django_assert_max_num_queries: Any, step: str
):
    person = writer(town.employee)
    person.start(town)
    for name in STEPS[1:4]:
        person.post(name, report_data())
    with django_assert_max_num_queries(14):
        person.page(step)
