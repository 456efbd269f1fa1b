"""The damage of a case: amounts as people type them, lines with what came back, totals, two people at once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from incidents.actions.damage import (
    ChangedMeanwhile,
    DayDoesNotFit,
    WasClaimed,
    add_damage,
    change_damage,
    remove_damage,
    totals_of,
)
from incidents.actions.exclusions import keep_out
from incidents.actions.refusals import CaseClosed, ReasonNeeded
from incidents.forms.money import MoneyField
from incidents.models import DamageLine, Incident
from incidents.money import MOST, euros
from incidents.views.typed import mark_of_writer
from incidents.vocabulary import DamageKind, DamageOf
from tests import clock
from tests.world import Place, make_incident
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Role
from vpdportal.audit.models import AuditEvent

NEW = {"of": "victim", "kind": "goods", "words": "bril, gebroken 😡", "amount": "1.234,50"}


@pytest.fixture
def incident(town: Place) -> Incident:
    return make_incident(town)


def put(incident: Incident, by: User, cents: int = 100_00, of: DamageOf = DamageOf.VICTIM) -> DamageLine:
    return add_damage(
        incident=incident, of=of, kind=DamageKind.GOODS, words="bril", amount=cents, by=by, now=clock.now()
    )


def typed(line: DamageLine, **more: Any) -> dict[str, Any]:
    """The form of a line as the page has it, with something typed over it."""
    kept = {"of": line.of, "kind": line.kind, "words": line.words, "amount": str(line.amount // 100)}
    return {**kept, "revision": line.revision, **more}


def change(client: Client, line: DamageLine, **more: Any) -> Any:
    return client.post(reverse("damage_line", args=[line.pk]), typed(line, **more))


def fresh(line: DamageLine) -> DamageLine:
    return DamageLine.objects.get(pk=line.pk)


def close(incident: Incident, by: User, **more: Any) -> None:
    values = {"status": "closed", "closed_at": clock.now(), "closed_by": by, **more}
    Incident.objects.filter(pk=incident.pk).update(**values)


# --- amounts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1.234,50", 123_450),
        ("1234.50", 123_450),
        ("1,234.50", 123_450),
        ("1234,5", 123_450),
        ("€ 12,-", 1_200),
        ("  7 ", 700),
        ("1.234", 123_400),
        ("0", 0),
        ("10.000.000", MOST),
        ("10.000.000,01", None),
        ("99999999999999999999", None),
        ("1,234", None),
        ("1.2345", None),
        ("-5", None),
        ("€ -5", None),
        ("−5", None),
        ("veel", None),
        ("1e3", None),
        ("١٢", None),
        ("12,345,6", None),
    ],
)
def test_an_amount_is_read_as_people_type_it_or_refused(text: str, cents: int | None):
    field = MoneyField()
    if cents is None:
        with pytest.raises(forms.ValidationError):
            field.clean(text)
    else:
        assert field.clean(text) == cents
        assert field.clean(field.prepare_value(cents)) == cents


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "€ 0,00"), (5, "€ 0,05"), (123_450, "€ 1.234,50"), (MOST, "€ 10.000.000,00"), (-150, "€ -1,50")],
)
def test_an_amount_is_shown_the_dutch_way(cents: int, text: str):
    assert euros(cents).replace("\u00a0", " ") == text


def test_nothing_typed_is_no_amount():
    assert MoneyField(required=False).clean(" ") is None
    with pytest.raises(forms.ValidationError):
        MoneyField().clean("")


# --- lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [None, False, True])
def test_the_first_line_tells_the_case_that_there_is_damage(town: Place, adviser: Client, known: bool | None):
    incident = make_incident(town, **({} if known is None else {"damage": known}))
    for number in (1, 2):
        assert adviser.post(reverse("case_damage", args=[incident.pk]), NEW).status_code == 302
        assert incident.damage_lines.count() == number
        assert Incident.objects.get(pk=incident.pk).facts.damage is True
    line = incident.damage_lines.first()
    assert (line.amount, line.words, line.by) == (123_450, NEW["words"], town.adviser)
    assert incident.timeline.filter(kind="damage_changed", by=town.adviser).count() == 2
    assert incident.timeline.filter(kind="facts_added").count() == (0 if known else 1)
    events = AuditEvent.objects.filter(action="incident.damage_changed")
    assert all("bril" not in str(event.fields) for event in events)
    page = adviser.get(reverse("case_damage", args=[incident.pk])).content.decode()
    assert page.count("€\u00a01.234,50") >= 2 and "€\u00a02.469,00" in page


def test_the_same_form_pressed_twice_is_one_line(town: Place, other_town: Place, adviser: Client, as_user: Any):
    incident, other = make_incident(town), make_incident(town)
    address = reverse("case_damage", args=[incident.pk])
    key = adviser.get(address).context["form"].initial["key"]
    for _press in range(2):
        assert adviser.post(address, {**NEW, "key": key}).status_code == 302
    (line,) = incident.damage_lines.all()
    assert line.pk == key
    assert incident.timeline.filter(kind="damage_changed").count() == 1
    assert adviser.post(address, {**NEW, "key": key, "words": "jas"}).status_code == 302
    assert sorted(one.words for one in incident.damage_lines.all()) == sorted(["jas", NEW["words"]])
    theirs = make_incident(other_town)
    for case, by in ((other, town.adviser), (theirs, other_town.adviser)):
        client = as_user(by)
        client.post(reverse("case_damage", args=[case.pk]), {**NEW, "key": key, "writer": mark_of_writer(by)})
        assert case.damage_lines.exclude(pk=key).count() == 1
    assert fresh(line).incident == incident and fresh(line).revision == 0
    assert adviser.post(address, {**NEW, "key": "x"}).status_code == 400


@pytest.mark.parametrize(
    "more",
    [{"amount": "-1"}, {"amount": ""}, {"amount": "veel"}, {"of": "x"}, {"kind": ""}, {"words": "x" * 501}],
)
def test_a_line_that_is_wrong_comes_back_as_it_was_typed(incident: Incident, adviser: Client, more: dict[str, str]):
    response = adviser.post(reverse("case_damage", args=[incident.pk]), {**NEW, **more})
    assert response.status_code == 400 and not incident.damage_lines.exists()
    assert more.get("words", NEW["words"]) in response.content.decode()
    assert adviser.post(reverse("case_damage", args=[incident.pk]), NEW).status_code == 302


def test_what_is_claimed_and_comes_back(incident: Incident, town: Place, adviser: Client):
    line = put(incident, town.adviser)
    today = clock.now().date()
    claim = {"route": "joining", "claimed": "100", "claimed_on": today}
    back = {"recovered": "80,50", "recovered_on": today, "is_finished": "on"}
    assert change(adviser, line, **claim).status_code == 302
    assert change(adviser, fresh(line), **claim, **back).status_code == 302
    row = fresh(line)
    assert (row.route, row.claimed, row.recovered, row.is_finished) == ("joining", 100_00, 80_50, True)
    assert (row.claimed_on, row.recovered_on, row.revision, row.amount) == (today, today, 2, 100_00)
    page = adviser.get(reverse("case_damage", args=[incident.pk])).content.decode()
    assert "€\u00a080,50" in page and "finished" in page


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ({"claimed": "10"}, {"claimed": "10", "claimed_on": "2026-11-24"}),
        ({"claimed_on": "2026-11-24"}, {}),
        ({"claimed": "10", "claimed_on": "2026-11-25"}, {"claimed": "10", "claimed_on": "2026-11-23"}),
        ({"recovered": "10", "recovered_on": "0001-01-01"}, {"recovered": "10", "recovered_on": "2026-11-24"}),
        ({"recovered": "10", "recovered_on": "10000-01-01"}, {}),
        ({"recovered": "-10", "recovered_on": "2026-11-24"}, {}),
        ({"route": "none"}, {"route": "none", "remark": "Onbekende dader"}),
    ],
)
def test_amount_and_day_go_together(
    incident: Incident, town: Place, adviser: Client, wrong: dict[str, str], right: dict[str, str]
):
    line = put(incident, town.adviser)
    assert change(adviser, line, **wrong).status_code == 400
    assert fresh(line).revision == 0
    assert change(adviser, line, **right).status_code == 302


def test_the_action_keeps_the_same_rules(incident: Incident, town: Place):
    line, tomorrow = put(incident, town.adviser), clock.now().date() + timedelta(days=1)
    for values, why in (
        ({"claimed": 1, "claimed_on": None}, DayDoesNotFit),
        ({"recovered": 1, "recovered_on": tomorrow}, DayDoesNotFit),
        ({"route": "none", "remark": ""}, ReasonNeeded),
    ):
        with pytest.raises(why):
            change_damage(line=line, revision=0, values=values, by=town.adviser, now=clock.now())
    assert fresh(line).revision == 0 and fresh(line).claimed == 0


def test_more_back_than_was_claimed_is_kept_with_a_warning(incident: Incident, town: Place, adviser: Client):
    today = clock.now().date()
    for back, is_warned in (("60", True), ("50", False)):
        line = put(incident, town.adviser)
        more = {"claimed": "50", "claimed_on": today, "recovered": back, "recovered_on": today}
        address = reverse("damage_line", args=[line.pk])
        page = adviser.post(address, typed(line, **more), follow=True).content.decode()
        assert ("More came back than was claimed" in page) == is_warned
        assert fresh(line).recovered == int(back) * 100


def test_totals_stand_apart_for_the_person_hit_and_the_organisation(incident: Incident, town: Place, adviser: Client):
    empty = totals_of([])
    assert [(total.of, total.amount, total.still_open) for total in empty] == [("victim", 0, 0), ("organisation", 0, 0)]
    for cents, of in ((100, DamageOf.VICTIM), (50, DamageOf.VICTIM), (1_000, DamageOf.ORGANISATION)):
        put(incident, town.adviser, cents, of)
    DamageLine.objects.filter(amount=100).update(claimed=100, recovered=40)
    DamageLine.objects.filter(amount=50).update(is_finished=True)
    victim, organisation = totals_of(DamageLine.objects.filter(incident=incident))
    assert (victim.amount, victim.claimed, victim.recovered, victim.still_open) == (150, 100, 40, 60)
    assert (organisation.amount, organisation.still_open) == (1_000, 1_000)
    assert "€\u00a00,60" in adviser.get(reverse("case_damage", args=[incident.pk])).content.decode()


def test_two_who_change_a_line_at_once(incident: Incident, town: Place, adviser: Client, as_user: Any):
    line = put(incident, town.adviser)
    assert change(as_user(town.deputy), line, words="Van de collega").status_code == 302
    clock.move(hours=1)
    late = change(adviser, line, words="Van mij")
    page = late.content.decode()
    assert late.status_code == 409 and fresh(line).words == "Van de collega"
    assert town.deputy.name in page and "24-11-2026 10:00" in page
    assert "Van mij" in page and "Van de collega" in page and late.context["form"]["revision"].value() == "1"
    assert change(adviser, fresh(line), words="Van mij").status_code == 302 and fresh(line).words == "Van mij"


def test_a_line_goes_only_while_nothing_was_claimed(incident: Incident, town: Place, adviser: Client):
    claimed, free = put(incident, town.adviser), put(incident, town.adviser)
    change(adviser, claimed, claimed="10", claimed_on="2026-11-24")
    for line, status in ((claimed, 409), (free, 302)):
        row = fresh(line)
        response = adviser.post(reverse("damage_remove", args=[row.pk]), {"revision": row.revision})
        assert response.status_code == status
    assert list(incident.damage_lines.all()) == [claimed]
    events = AuditEvent.objects.filter(action="incident.damage_changed").order_by("position")
    assert [event.fields for event in events][-1] == ["goods", "removed"]
    page = adviser.get(reverse("damage_line", args=[claimed.pk])).content.decode()
    assert reverse("damage_remove", args=[claimed.pk]) not in page


def test_a_line_that_is_gone_already_says_so(incident: Incident, town: Place, other_town: Place, adviser: Client):
    line, theirs = put(incident, town.adviser), put(make_incident(other_town), other_town.adviser)
    address, data = reverse("damage_remove", args=[line.pk]), {"revision": "0", "case": str(incident.pk)}
    overview = reverse("case_damage", args=[incident.pk])
    assert [adviser.post(address, data).url for _press in range(2)] == [overview] * 2
    assert "This line was taken away already." in adviser.get(overview).content.decode()
    for case in ("", "x", str(theirs.incident_id)):
        assert adviser.post(address, {**data, "case": case}).status_code == 404
    elsewhere = reverse("damage_remove", args=[theirs.pk])
    assert adviser.post(elsewhere, {"revision": "0"}).status_code == 404
    assert adviser.post(elsewhere, data).status_code == 302, "of this case there is no such line"
    assert list(DamageLine.objects.all()) == [theirs]


def test_removing_what_someone_changed_meanwhile(incident: Incident, town: Place, adviser: Client):
    line = put(incident, town.adviser)
    change(adviser, line, words="Anders")
    for seen in ("0", "", "x", "9" * 30, "١"):
        assert adviser.post(reverse("damage_remove", args=[line.pk]), {"revision": seen}).status_code == 409
    with pytest.raises(ChangedMeanwhile):
        remove_damage(line=line, revision=0, by=town.adviser, now=clock.now())
    remove_damage(line=line, revision=1, by=town.adviser, now=clock.now())
    remove_damage(line=line, revision=1, by=town.adviser, now=clock.now())  # a second click
    assert not incident.damage_lines.exists()


def test_after_closing_only_what_comes_back_is_kept(incident: Incident, town: Place, adviser: Client):
    line = put(incident, town.adviser)
    close(incident, town.adviser)
    assert adviser.post(reverse("case_damage", args=[incident.pk]), NEW).status_code == 409
    assert change(adviser, line, amount="5").status_code == 409
    assert change(adviser, line, recovered="5", recovered_on="2026-11-24").status_code == 302
    assert (fresh(line).amount, fresh(line).recovered) == (100_00, 500)
    with pytest.raises(CaseClosed):
        remove_damage(line=line, revision=1, by=town.adviser, now=clock.now())
    more = {"status": "merged", "merged_into": make_incident(town), "merged_at": clock.now()}
    close(incident, town.adviser, **{**more, "closed_at": None, "closed_by": None})
    assert change(adviser, fresh(line), recovered="6", recovered_on="2026-11-24").status_code == 409


def test_a_claimed_line_is_refused_by_the_action(incident: Incident, town: Place):
    line = put(incident, town.adviser)
    values = {"claimed": 1, "claimed_on": date(2026, 11, 24)}
    row = change_damage(line=line, revision=0, values=values, by=town.adviser, now=clock.now())
    with pytest.raises(WasClaimed):
        remove_damage(line=row, revision=1, by=town.adviser, now=clock.now())


def test_help_with_heads_and_the_fund_only_when_someone_is_injured(town: Place, adviser: Client):
    for injury in (True, False):
        incident = make_incident(town, injury=injury, details={"damage_what": "Mijn bril"})
        page = adviser.get(reverse("case_damage", args=[incident.pk])).content.decode()
        assert ("It asks for the number of the police" in page) == injury
        assert "smartengeld" in page and "Mijn bril" in page and "No damage written down yet" in page


def test_odd_words_are_shown_as_words(incident: Incident, adviser: Client):
    adviser.post(reverse("case_damage", args=[incident.pk]), {**NEW, "words": "<script>alert(1)</script>"})
    page = adviser.get(reverse("case_damage", args=[incident.pk])).content.decode()
    assert "&lt;script&gt;alert(1)" in page and "<script>alert(1)" not in page


# --- who, and how much ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "is_post"),
    [
        ("case_damage", False),
        ("case_damage", True),
        ("damage_line", False),
        ("damage_line", True),
        ("damage_remove", True),
    ],
)
def test_only_who_works_on_the_case_comes_in(
    incident: Incident, town: Place, other_town: Place, as_user: Any, client: Client, name: str, is_post: bool
):
    line = put(incident, town.adviser)
    address = reverse(name, args=[incident.pk if name == "case_damage" else line.pk])

    def ask(browser: Client) -> int:
        return (browser.post(address, {}) if is_post else browser.get(address)).status_code

    assert ask(as_user(town.deputy)) not in {403, 404}
    assert ask(as_user(other_town.adviser)) == 404
    for role in (Role.EMPLOYEE, Role.MANAGER, Role.SUPPORT, Role.LEGAL, Role.MANAGEMENT, Role.ADMINISTRATOR):
        assert ask(as_user(town.people[role.value])) == 403
    stranger = client.post(address, {}) if is_post else client.get(address)
    assert "password" in stranger.content.decode() if stranger.status_code == 200 else stranger.status_code == 302
    keep_out(incident=incident, person=town.deputy, by=town.adviser, now=clock.now(), reason="Betrokken")
    assert ask(as_user(town.deputy)) == 404
    assert fresh(line).revision == 0


def test_pages_ask_the_same_however_many_lines(
    incident: Incident, town: Place, adviser: Client, django_assert_num_queries: Any
):
    for number in (1, 3, 300):
        while incident.damage_lines.count() < min(number, 3):
            put(incident, town.adviser)
        if number == 300:
            row = DamageLine.objects.first()
            copies = [DamageLine(**{**_plain(row), "incident": incident}) for _ in range(297)]
            DamageLine.objects.bulk_create(copies)
        with django_assert_num_queries(9):
            page = adviser.get(reverse("case_damage", args=[incident.pk]))
        assert page.content.decode().count('<tr id="damage-') == number
        address = reverse("damage_line", args=[incident.damage_lines.first().pk])
        with django_assert_num_queries(9):
            assert adviser.get(address).status_code == 200


def _plain(row: DamageLine) -> dict[str, Any]:
    names = ("organisation_id", "of", "kind", "amount", "at", "by_id")
    return {name: getattr(row, name) for name in names}


def test_what_was_typed_comes_back_after_signing_in_again(
    incident: Incident, town: Place, as_user: Any, client: Client
):
    line = put(incident, town.adviser)
    mark = mark_of_writer(town.adviser)
    for name, pk in (("case_damage", incident.pk), ("damage_line", line.pk)):
        address = reverse(name, args=[pk])
        data = typed(line, words="Kanarie 😡", writer=mark)
        assert "Kanarie" in client.post(address, data).content.decode()
        mine = as_user(town.adviser).post(address, {**data, "resume": "1"})
        assert mine.status_code == 200 and "Kanarie" in mine.content.decode()
        other = as_user(town.deputy).post(address, {**data, "resume": "1"}, follow=True)
        assert "Kanarie" not in other.content.decode()
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(town.adviser)
        assert "Kanarie" in browser.post(address, data).content.decode()
    assert incident.damage_lines.count() == 1 and fresh(line).revision == 0
