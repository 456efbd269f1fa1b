"""Context and help: national figures as published, the reporting gap, other organisations, and only what was told."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override

from guidance.menu_file import load_menu
from guidance.vocabulary import Channel
from incidents.models import OverviewPlan, Release
from incidents.overview.archive import read
from incidents.overview.breakdowns import BREAKDOWNS
from incidents.overview.context import context_of
from incidents.overview.figures import FIGURES
from incidents.overview.gap import gap_of
from incidents.overview.helping import helps, standing_out
from incidents.overview.national import National, national_beside, national_figures, source_of
from incidents.overview.peers import SETTLED, Peers, Standing, is_mixed, peers_of, together_percent, together_rate
from incidents.overview.periods import Period
from incidents.overview.reading import Fixed, Overview
from incidents.overview.releases import release
from incidents.overview.shown import Line, Shown
from incidents.overview.told import Told
from tests import clock
from tests.world import Place, make_incident
from vpdportal.accounts.models import Organisation

YEAR, QUARTER, MONTH = Period.parse("2026"), Period.parse("2026-k3"), Period.parse("2026-09")
NEW_YEAR = date(2026, 1, 1)
LATER = YEAR.end + timedelta(days=60)
SOME = Told.exact(120)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with override("en"):
        yield


def shown(reports: Told | None = SOME, staff: int = 400, **more: Any) -> Shown:
    """As a release has it, with every code there."""
    numbers = {"reports": reports, "near_misses": Told.exact(9), **more.pop("numbers", {})}
    return Shown(
        staff=staff,
        is_exact=True,
        base=5,
        numbers={code: numbers.get(code) for code in FIGURES},
        shares=more.pop("shares", {}),
        tables={code: None for code in BREAKDOWNS} | more.pop("tables", {}),
        **more,
    )


def overview_of(now: Shown, period: Period = YEAR, before: Shown | None = None, organisation: Any = None) -> Overview:
    """A fixed period with all its months, and perhaps the period before it."""
    others = {month: Fixed(month, LATER, shown) for month in period.months}
    if before:
        others[period.shifted(-1)] = Fixed(period.shifted(-1), LATER, lambda: before)
    fixed = Fixed(period, LATER, lambda: now)
    return Overview(organisation, fixed, {**others, period: fixed})


def lines(counts: dict[str, int], code: str = "channel") -> tuple[Line, ...]:
    """The whole grid, rounded as a release has it."""
    return tuple(Line(key, Told.rounded(counts.get(key, 0))) for key in BREAKDOWNS[code].labels or counts)


def survey(percent: int = 38, year: int = 2026) -> OverviewPlan:
    return OverviewPlan(survey_year=year, survey_percent=percent)


# --- national figures ---

# Typed over by hand from handbook 4.3.
PUBLISHED = {
    "met_by_civil_servants": ("percent", [(2024, [29])], {"S74", "S75", "S149"}),
    "met_by_office_holders": (
        "percent",
        [(2014, [24, 26]), (2018, [29]), (2020, [35]), (2022, [49]), (2024, [45])],
        {"S74", "S76", "S78", "S81", "S148"},
    ),
    "social_media": ("percent", [(2014, [3]), (2020, [16])], {"S78"}),
    "physical": ("percent", [(2020, [2])], {"S79"}),
    "aangifte": ("percent", [(2014, [13]), (2022, [7])], {"S77"}),
    "reports_bergen_op_zoom": ("number", [(2014, [29]), (2015, [54])], {"S72"}),
    "severe_oosterhout": ("number", [(0, [5])], {"S73"}),
}
# From the handbook's source list, by hand.
TITLES = {
    "S22": "Meld geweld en praat erover",
    "S72": "Bergen op Zoom",
    "S73": "Oosterhout",
    "S74": "Monitor 2024 (Rijksoverheid)",
    "S75": "Monitor 2024 (gemeente.nu)",
    "S76": "Monitor 2024 (ANP)",
    "S77": "Monitor 2022 (Wethoudersvereniging)",
    "S78": "Monitor 2020 (gemeente.nu)",
    "S79": "Monitor 2020 (RD)",
    "S81": "Agressie fors toegenomen",
    "S148": "Extra maatregelen (VNG, 2018)",
    "S149": "Monitor 2022 (ND)",
}


def test_national_figures_are_those_of_the_handbook():
    found = national_figures()
    assert {
        code: (
            "percent" if one.is_percent else "number",
            [(said.year, list(said.values)) for said in one.said],
            {source.key for source in one.sources},
        )
        for code, one in found.items()
    } == PUBLISHED


def test_each_source_is_in_the_handbooks_list_and_the_same_as_in_the_menu():
    used = {source.key for one in national_figures().values() for source in one.sources} | {"S22"}
    assert {key: source_of(key).title for key in used} == TITLES
    menu = load_menu().sources
    shared = used & set(menu)
    assert shared >= {"S22", "S74"}
    for key in shared:
        assert (source_of(key).title, source_of(key).address) == (menu[key].title, menu[key].address)
    assert all(source_of(key).address.startswith("http") for key in used)


@pytest.mark.parametrize("code", list(PUBLISHED))
def test_both_languages_say_the_same_numbers(code: str):
    one: National = national_figures()[code]
    for text in (one.title, one.asked, one.compares):
        assert text.nl != text.en and "—" not in text.nl + text.en
        assert re.findall(r"\d{4}|\d+", text.nl.replace("1.000", "1000")) == re.findall(
            r"\d{4}|\d+", text.en.replace("1,000", "1000")
        )


def test_how_a_figure_is_written():
    found = national_figures()
    assert found["met_by_office_holders"].said_text == (
        "24% or 26% (2014), 29% (2018), 35% (2020), 49% (2022), 45% (2024)"
    )
    assert found["severe_oosterhout"].said_text == "about 5"
    assert found["reports_bergen_op_zoom"].said_text == "29 (2014), 54 (2015)"


def owns(overview: Overview, plan: OverviewPlan | None = None) -> dict[str, str]:
    return {one.national.code: one.own for one in national_beside(overview, plan or OverviewPlan())}


def test_a_survey_stands_beside_a_survey_and_never_beside_reports():
    assert owns(overview_of(shown())) == {"reports_bergen_op_zoom": "120"}
    found = owns(overview_of(shown()), survey())
    assert found["met_by_civil_servants"] == found["met_by_office_holders"] == "38% in your own survey of 2026"
    assert set(found) == {"met_by_civil_servants", "met_by_office_holders", "reports_bergen_op_zoom"}


def test_parts_stand_beside_parts_where_the_base_is_wide():
    tables = {"channel": lines({"social_media": 24, "counter": 96}), "behaviour": lines({"threat": 120}, "behaviour")}
    shares = {"aangifte": (Told.exact(6), Told.exact(30))}
    more = {"tables": tables, "shares": shares, "numbers": {"severe": Told.few()}}
    found = owns(overview_of(shown(**more)))
    assert found["social_media"] == "20% of the reports", "25 of 120 as it was told, in fives"
    assert found["physical"] == "fewer than 5 of 120 reports"
    assert found["aangifte"] == "20%: 6 of 30 suspected offences"
    assert found["severe_oosterhout"] == "fewer than 5"
    few = owns(overview_of(shown(Told.exact(24), tables=tables, shares={"aangifte": (Told.exact(6), Told.exact(24))})))
    assert not {"social_media", "physical", "aangifte"} & set(few)


def test_a_quarter_has_no_year_beside_it_and_a_month_nothing():
    more = {"numbers": {"severe": Told.exact(7)}}
    assert owns(overview_of(shown(**more), QUARTER), survey()).keys() == {
        "met_by_civil_servants",
        "met_by_office_holders",
    }
    assert owns(overview_of(shown(**more), MONTH), survey()) == {}


def test_a_year_of_which_months_are_missing_is_no_year():
    whole = overview_of(shown())
    first = Overview(None, whole.fixed, {one: fixed for one, fixed in whole.others.items() if one != YEAR.months[0]})
    assert owns(whole) and gap_of(whole, survey())
    assert owns(first) == {} and gap_of(first, survey()) is None


# --- what is not reported ---


def gap_text(reports: Told | None, plan: OverviewPlan, staff: int = 400, period: Period = YEAR) -> str:
    gap = gap_of(overview_of(shown(reports, staff), period), plan)
    return " ".join(gap.sentences) if gap else ""


@pytest.mark.parametrize(
    ("reports", "said", "of_ten"),
    [
        (Told.exact(45), "45", 4),  # 45 of 120
        (Told.rounded(46), "about 45", 4),  # 47 at most
        (Told.rounded(48), "about 50", 5),  # 52 at most: 4.33 of 10
        (Told.few(), "fewer than 5", 1),
        (Told.exact(1), "1", 1),
        (Told.exact(0), "0", 0),
    ],
)
def test_the_gap_by_an_own_survey(reports: Told, said: str, of_ten: int):
    text = gap_text(reports, survey(30))
    assert text.startswith(
        "In your own survey of 2026 30% of the people said that they met aggression. Of the 400 people in your "
        f"organisation that is about 120. Reports in 2026: {said}. If each report came from another person, at most "
        f"{of_ten} in 10 of them reported. It is no measurement"
    )
    assert "only 5 to 10 per cent" in text and "different years" not in text


def test_the_gap_without_a_survey_is_an_indication_by_name():
    gap = gap_of(overview_of(shown(Told.exact(45))), OverviewPlan())
    assert gap and gap.is_indication and gap.people == 115  # 29 per cent of 400, in fives
    assert gap.sentences[0].startswith("Only an indication, because there is no survey of your own: nationally 29%")
    assert [source.key for source in gap.sources] == ["S74", "S22"]
    own = gap_of(overview_of(shown(Told.exact(45))), survey(30))
    assert own and not own.is_indication and [source.key for source in own.sources] == ["S22"]


def test_more_reports_than_people_show_no_gap():
    assert "no gap can be seen" in gap_text(Told.exact(200), survey(30))
    assert "no gap can be seen" in gap_text(Told.exact(109), survey(30))
    assert "at most 9 in 10" in gap_text(Told.exact(108), survey(30))


def test_the_gap_only_of_years_of_enough_people_and_of_told_numbers():
    assert gap_text(Told.exact(45), survey(30))
    assert gap_text(Told.exact(45), survey(30), period=QUARTER) == ""
    assert gap_text(None, survey(30)) == ""
    assert gap_text(Told.exact(45), survey(30), staff=0) == ""
    assert gap_text(Told.exact(45), survey(30), staff=83) == "" != gap_text(Told.exact(45), survey(30), staff=84)
    assert "different years" in gap_text(Told.exact(45), survey(30, year=2024))


# --- other organisations ---


def participant(
    text: Shown | None = None,
    *,
    period: Period = YEAR,
    since: date | None = NEW_YEAR,
    made_at: datetime | None = None,
    exact: str = "{}",
    name: str = "",
    place: Place | None = None,
) -> Organisation:
    """An organisation that takes part since `since` (None: not at all), and what it fixed of the period."""
    found = (
        place.organisation if place else Organisation(name=name or uuid4().hex, slug=uuid4().hex, kind="municipality")
    )
    found.save()
    OverviewPlan.objects.create(organisation=found, shares_benchmark=bool(since), shares_benchmark_since=since)
    words = (text or shown(Told.exact(40), 400)).to_json()
    Release(
        organisation=found,
        **period.row(),
        made_at=made_at or period.end + timedelta(days=1),
        shown=words,
        digest=sha256(words.encode()).hexdigest(),
        is_compared=since is not None and since <= date(period.year, 1, 1),
        sealed_exact=exact,
    ).save(force_insert=True)
    return found


def seen_by(organisation: Organisation, period: Period = YEAR, now: datetime = LATER) -> Peers | None:
    overview = read(organisation, period)
    assert overview
    return peers_of(overview, OverviewPlan.objects.get(organisation=organisation), now)


def told_by(organisation: Organisation, period: Period = YEAR, now: datetime = LATER) -> dict[str, tuple[str, str]]:
    peers = seen_by(organisation, period, now)
    assert peers and peers.is_told == bool(peers.rows)
    return {row.title: (row.own, row.together) for row in peers.rows}


RATE = "Reports for each 100 people"


@pytest.mark.django_db
def test_four_are_told_nothing_and_five_something():
    own = participant(shown(Told.exact(60), 400))
    for _number in range(3):
        participant()
    peers = seen_by(own)
    assert peers and peers.standing == Standing.TOO_FEW and peers.rows == ()
    participant()
    # 60 + 4 × 40 reports of 2000 people
    assert told_by(own) == {RATE: ("15.0", "about 11.0")}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["2026", "2026-k3"])
def test_the_figures_that_are_told(kind: str):
    period = Period.parse(kind)
    more = {
        "numbers": {"severe": Told.exact(10)},
        "shares": {"reaction": (Told.exact(18), Told.exact(20)), "helped": (Told.exact(1), Told.exact(20))},
    }
    own = participant(shown(Told.exact(42), 400, **more), period=period)
    for _number in range(4):
        participant(shown(Told.exact(40), 400, **more), period=period)
    assert told_by(own, period) == {
        RATE: ("10.5", "about 10.0"),
        "Severity 3 or 4, of the reports": ("24%", "about 25%"),
        "Reaction to a known perpetrator within 48 hours": ("18 of 20", "about 90%"),
    }


@pytest.mark.django_db
def test_nobody_who_could_be_recognised_takes_part():
    own = participant(shown(Told.exact(40), 400))
    for _number in range(4):
        participant()
    assert told_by(own)
    participant(shown(Told.exact(40), 5_000))  # more than half of the people
    peers = seen_by(own)
    assert peers and peers.standing == Standing.TOO_FEW
    assert all("could be recognised" in sentence for sentence in peers.sentences)


@pytest.mark.parametrize(
    ("sizes", "mixed"),
    [
        ([], False),
        ([10] * 4, False),
        ([10] * 5, True),
        ([0] * 5, False),
        ([40, 10, 10, 10, 10], False),  # half of all
        ([30, 10, 10, 10, 10], True),  # half of what is left without one of ten
        ([31, 10, 10, 10, 10], False),  # one that takes out its own ten is left with more than half of one
    ],
)
def test_dominance(sizes: list[float], mixed: bool):
    assert is_mixed(sizes) is mixed


def test_dominance_in_cases_too():
    level = [(Told.exact(40), 400)] * 4
    assert together_rate([*level, (Told.exact(80), 400)]) == 12.0
    assert together_rate([*level, (Told.exact(130), 400)]) is None
    assert together_rate([(Told.exact(4), 400)] * 5) is None, "20 reports are few"
    assert together_rate([(Told.exact(6), 400)] * 5) == 1.5
    shares = [(Told.exact(5), Told.exact(10))] * 4
    assert together_percent([*shares, (Told.exact(5), Told.exact(10)), None]) == 50
    assert together_percent([*shares, None]) is None
    assert together_percent([*shares, (Told.exact(5), Told.exact(40))]) is None
    assert together_percent([(Told.exact(0), Told.exact(0))] * 5) is None


@pytest.mark.django_db
def test_who_chose_it_later_takes_part_from_the_next_year_on():
    own = participant()
    for _number in range(4):
        participant()
    before = told_by(own)
    late = participant(shown(Told.exact(100), 400), since=date(2026, 1, 2))
    participant(shown(Told.exact(100), 400), since=None)
    assert told_by(own) == before, "what was told does not change"
    peers = seen_by(late)
    assert peers and peers.standing == Standing.NEXT_YEAR and not peers.is_told


@pytest.mark.django_db
def test_who_leaves_changes_nothing_that_was_told():
    places = [participant() for _number in range(5)]
    before = told_by(places[0])
    OverviewPlan.objects.filter(organisation=places[4]).update(shares_benchmark=False)
    assert told_by(places[0]) == before and told_by(places[4]) == before


@pytest.mark.parametrize(
    ("since", "counts"), [(NEW_YEAR, True), (date(2025, 3, 1), True), (date(2026, 1, 2), False), (None, False)]
)
def test_who_takes_part_is_settled_with_the_first_release_of_a_year(town: Place, since: date | None, counts: bool):
    """Choosing it, or leaving, during the year moves nothing in that year, and counts in the next."""
    plan = OverviewPlan(organisation=town.organisation, shares_benchmark=bool(since), shares_benchmark_since=since)
    plan.save()
    make_incident(town, at=datetime(2026, 1, 5, 9, 0, tzinfo=UTC))
    release(organisation=town.organisation, period=Period.parse("2026-01"), now=datetime(2026, 2, 2, 9, 0, tzinfo=UTC))
    OverviewPlan.objects.update(shares_benchmark=not counts, shares_benchmark_since=None if counts else NEW_YEAR)
    for code in ("2026-02", "2026-03", "2026-k1", "2027-01"):
        release(organisation=town.organisation, period=Period.parse(code), now=datetime(2027, 2, 2, 9, 0, tzinfo=UTC))
    found = [row.is_compared for row in Release.objects.order_by("year", "kind", "number")]
    assert found == [*[counts] * 4, not counts]


@pytest.mark.django_db
def test_who_does_not_take_part_sees_nothing():
    for _number in range(5):
        participant()
    outside = participant(since=None)
    peers = seen_by(outside)
    assert peers and peers.standing == Standing.NOT_CHOSEN and peers.rows == ()


@pytest.mark.django_db
def test_it_is_told_when_all_had_time_and_what_is_late_never_counts():
    own = participant()
    for _number in range(4):
        participant()
    settled = YEAR.end + SETTLED
    peers = seen_by(own, now=settled - timedelta(seconds=1))
    assert peers and peers.standing == Standing.TOO_EARLY
    assert peers.sentences == ["This is told from 15 January 2027 on, when all participants have fixed the period."]
    before = told_by(own, now=settled)
    participant(shown(Told.exact(100), 400), made_at=settled)
    assert told_by(own, now=LATER) == before
    participant(shown(Told.exact(100), 400), made_at=settled - timedelta(seconds=1))
    assert told_by(own, now=LATER) != before


@pytest.mark.django_db
def test_a_month_has_no_comparison_and_nobody_without_people_counts():
    own = participant()
    for _number in range(3):
        participant()
    participant(shown(Told.exact(40), 0))
    peers = seen_by(own)
    assert peers and peers.standing == Standing.TOO_FEW
    nobody = participant(shown(Told.exact(40), 0))
    participant()
    assert told_by(nobody)[RATE] == ("not shown", "about 10.0")
    month = participant(period=MONTH)
    assert seen_by(month, MONTH) is None


@pytest.mark.django_db
def test_it_reads_what_was_told_and_never_what_is_sealed():
    rounded = shown(Told.rounded(41), 400)
    own = participant(rounded, exact='{"numbers": {"reports": 41}}')
    for number in range(4):
        participant(rounded, exact=f'{{"numbers": {{"reports": {9000 + number}}}}}')
    assert told_by(own) == {RATE: ("about 10.0", "about 10.0")}


@pytest.mark.django_db
@pytest.mark.parametrize("others", [4, 9])
def test_one_query_however_many_take_part(others: int, django_assert_num_queries: Any):
    own = participant()
    for _number in range(others):
        participant()
    overview, plan = read(own, YEAR), OverviewPlan.objects.get(organisation=own)
    assert overview
    with django_assert_num_queries(1) as queries:
        assert peers_of(overview, plan, LATER)
    assert "sealed" not in queries.captured_queries[0]["sql"]


@pytest.mark.django_db
@pytest.mark.parametrize("others", [4, 9])
def test_the_page_of_management(town: Place, as_user: Any, django_assert_num_queries: Any, others: int):
    participant(shown(Told.exact(60), 400), place=town)
    names = [participant(name=f"Geheimdorp {number}").name for number in range(others)]
    clock.move(days=60)  # from November to the end of January
    client = as_user(town.management)
    client.cookies["vpd_language"] = "en"
    address = reverse("overview", args=[town.organisation.slug, "2026"])
    assert client.get(address).status_code == 200  # begins the audit trail
    with django_assert_num_queries(10):
        page = client.get(address).content.decode()
    assert "All participants together" in page and "15.0" in page and "Does it help?" in page
    assert not any(name in page for name in names)


def page_of(overview: Overview, plan: OverviewPlan, peers: Peers | None = None) -> str:
    around = {"around": context_of(overview, plan, peers)}
    parts = ("incidents/overview_context.html", "incidents/overview_helps.html")
    return "".join(render_to_string(part, around) for part in parts)


@pytest.mark.django_db
def test_the_page_names_no_other_organisation():
    own = participant()
    others = [participant(name=f"Geheimdorp {number}") for number in range(4)]
    overview, plan = read(own, YEAR), OverviewPlan.objects.get(organisation=own)
    assert overview
    page = page_of(overview, plan, peers_of(overview, plan, LATER))
    assert "All participants together" in page and "about 10.0" in page
    assert "Geheimdorp" not in page and not any(str(one.pk) in page or one.slug in page for one in others)


# --- does it help ---


def sentences(overview: Overview) -> dict[str, tuple[str, ...]]:
    return {passage.title: passage.sentences for passage in helps(overview)}


def test_what_came_after_reactions():
    shares = {"no_repeat": (Told.exact(17), Told.exact(20)), "helped": (Told.exact(20), Told.exact(25))}
    before = shown(shares={"no_repeat": (Told.exact(10), Told.exact(20)), "helped": None})
    repeat = {"numbers": {"repeat_persons": Told.few()}}
    assert sentences(overview_of(shown(shares=shares, **repeat), YEAR, before))["After a reaction"] == (
        "No new incident after a reaction: 17 of 20; in the period before 10 of 20.",
        "Reporters who say that it helped: 20 of 25 (80%).",
        "People behind two reports or more: fewer than 5.",
    )
    assert sentences(overview_of(shown(), QUARTER))["After a reaction"] == (
        "No new incident after a reaction: too few cases.",
        "Reporters who say that it helped: too few cases.",
    )
    assert "does not show that a measure was the cause" in helps(overview_of(shown()))[0].note


def test_how_soon_the_first_contact_was():
    now, before = shown(medians={"first_contact": 12}), shown(medians={"first_contact": 20})
    assert sentences(overview_of(now, QUARTER, before))["First contact"] == (
        "Hours until the first contact: 12.",
        "In the period before: 20.",
    )
    spring = QUARTER.shifted(-2)
    longer = overview_of(now, QUARTER, before)
    longer = Overview(None, longer.fixed, {**longer.others, spring: Fixed(spring, LATER, lambda: now)})
    assert sentences(longer)["First contact"][1] == "In the periods before, the oldest first: 12, 20."
    assert sentences(overview_of(now, QUARTER, shown()))["First contact"] == ("Hours until the first contact: 12.",)
    assert sentences(overview_of(shown(), QUARTER, before))["First contact"] == (
        "Hours until the first contact: too few cases.",
    )


def test_lessons():
    stocks = {"lessons_open": Told.exact(4)}
    told = shown(numbers={"lessons_new": Told.exact(3), "lessons_done": Told.rounded(3)}, stocks=stocks)
    del told.numbers["lessons_open"]  # type: ignore[attr-defined]
    assert sentences(overview_of(told))["Lessons"] == (
        "New lessons: 3.",
        "Lessons carried out: fewer than 5.",
        "Lessons still open: 4.",
    )


def test_where_and_when_only_where_the_numbers_carry_it():
    tables = {
        "weekday": lines({"1": 13, "2": 5}, "weekday"),
        "day_part": lines({"morning": 11, "evening": 11}, "day_part"),
        "location": (
            Line("none", Told.rounded(60)),
            Line("a", Told.rounded(18), {"nl": "Balie", "en": "Desk"}),
            Line("b", Told.rounded(13), {"nl": "Hal", "en": "Hall"}),
        ),
    }
    assert sentences(overview_of(shown(tables=tables)))["Where and when"] == (
        "Of the locations that were named, “Desk” has the most reports: about 20 (2026).",
        "Of the days of the week, Monday has the most reports: about 15 (2026).",
    )
    nothing = ("Of no location, day or part of the day is it certain that it has the most reports.",)
    assert sentences(overview_of(shown()))["Where and when"] == nothing


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ([13, 12], "0"),  # 13 to 17 beside 8 to 12
        ([17, 13], None),  # both about 15
        ([4, 0], None),
        ([5, 4], "0"),
        ([15], "0"),
        ([], None),
    ],
)
def test_what_stands_out(told: list[int], key: str | None):
    found = standing_out([Line(str(number), Told.rounded(count)) for number, count in enumerate(told)])
    assert (found and found.key) == key


def test_nothing_stands_out_beside_what_is_not_told():
    assert standing_out([Line("a", Told.exact(50)), Line("b", Told.exact(3))])
    assert standing_out([Line("a", Told.exact(50)), Line("b", None)]) is None


def test_two_that_are_equal_or_few_do_not_stand_out_for_the_adviser_either():
    exactly = [
        [Line(str(number), Told.exact(count)) for number, count in enumerate(row)] for row in ([6, 5], [5, 5], [4, 3])
    ]
    assert [standing_out(row) is not None for row in exactly] == [True, False, False]


# --- as it is shown ---


def test_the_page_in_both_languages():
    tables = {"channel": lines({Channel.SOCIAL_MEDIA: 24, Channel.COUNTER: 96})}
    overview = overview_of(shown(tables=tables))
    english = page_of(overview, survey())
    with override("nl"):
        dutch = page_of(overview, survey())
    for page in (english, dutch):
        assert page.count("<tr>") == 5 and "29% (2024)" in page and "[S78]" in page
    assert "Asked of civil servants" in english and "Asked of civil servants" not in dutch
    assert "Gevraagd aan ambtenaren" in dutch and "Gevraagd aan ambtenaren" not in english


def test_a_month_shows_only_what_helps():
    page = page_of(overview_of(shown(), MONTH), survey())
    assert "Does it help?" in page and "National figures" not in page and "29%" not in page


def test_names_of_places_are_escaped():
    script = "<script>alert(1)</script>"
    tables = {"location": (Line("a", Told.exact(50), {"nl": script, "en": script}), Line("b", Told.few()))}
    page = page_of(overview_of(shown(tables=tables)), survey())
    assert "alert(1)" in page and "<script" not in page
