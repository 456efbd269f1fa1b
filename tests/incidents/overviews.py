"""Periods that were fixed, from which tests of overviews start: counted by hand, told by the rules."""

from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256

from guidance.vocabulary import Behaviour, Channel, TargetGroup
from incidents.models import Release
from incidents.overview.attack_on import Past
from incidents.overview.counts import Counts, added
from incidents.overview.disclosure import by_rules
from incidents.overview.figures import Nature, of_nature
from incidents.overview.periods import Period, ended_by
from incidents.overview.setting import Setting, setting_of
from incidents.overview.shown import Shown
from incidents.vocabulary import DayPart, PeriodKind
from tests.world import Place
from vpdportal.accounts.models import Department

PERIOD = Period.parse("2026-10")
SHARES = {"assessed": (38, 40), "reaction": (21, 30), "police": (9, 10), "reception": (11, 12), "told_back": (30, 41)}


def fixed_months(
    town: Place, last: Period = PERIOD, months: int = 14, reports: int = 40, setting: Setting | None = None
) -> None:
    """So many months up to the last one, with the quarters and years that they end; each has `reports` reports."""
    past: list[Past] = []
    setting = setting or setting_of(town.organisation)
    for step in range(1 - months, 1):
        month = last.shifted(step)
        for period in ended_by(month):
            exact = counted(town, setting, month, reports)
            mine = [one for one in past if one.period in period.months]
            if period.kind != PeriodKind.MONTH:
                exact = added(one.exact for one in mine)
            past.append(Past(period, exact, by_rules(exact, period, setting)))
    Release.objects.bulk_create(_release(town, one) for one in past)


def _release(town: Place, past: Past) -> Release:
    shown: Shown = past.shown
    text = shown.to_json()
    made = Release(
        organisation=town.organisation,
        kind=past.period.kind,
        year=past.period.year,
        number=past.period.number,
        made_at=past.period.end + timedelta(hours=33),
        shown=text,
        digest=sha256(text.encode()).hexdigest(),
    )
    made.sealed_exact = past.exact.to_json()
    return made


def counted(town: Place, setting: Setting, month: Period, reports: int) -> Counts:
    """About so many, a bit otherwise in each month; parts that add up."""
    reports = reports + month.number % 5 if reports else 0
    severe = reports // 5
    work = {figure.code: (month.number + len(figure.code)) % 9 if reports else 0 for figure in of_nature(Nature.WORK)}
    stocks = of_nature(Nature.STOCK, Nature.ALARM, Nature.PEOPLE)
    units = [unit.key for unit in setting.units]
    channels = parts(sorted(Channel, key=lambda channel: channel != Channel.SOCIAL_MEDIA), reports)
    return Counts(
        numbers={"reports": reports, "severe": severe, "near_misses": reports // 8, **work},
        stocks={figure.code: (reports + len(figure.code)) % 14 if reports else 0 for figure in stocks},
        shares={
            figure.code: SHARES.get(figure.code, (0, 0)) if reports else (0, 0) for figure in of_nature(Nature.SHARE)
        },
        tables={
            "severity": spread(
                [1, 2, 3, 4], [reports - severe - reports // 3, reports // 3, severe - severe // 4, severe // 4]
            ),
            "behaviour": parts(list(Behaviour), reports),
            "channel": channels,
            "target_group": parts(list(TargetGroup), reports),
            "online": parts(list(Behaviour), channels.get(Channel.SOCIAL_MEDIA, 0)),
            "department": parts(units, reports),
            "department_severe": parts(units, severe),
            "location": parts([*setting.places, "none"], reports),
            "weekday": parts(range(1, 8), reports),
            "day_part": parts(list(DayPart), reports),
            "prevention": parts(list(setting.prevention), reports),
        },
        spreads={"lead_time": {14: reports, 30: 3}, "first_contact": {2: reports, 40: 5}},
        sums={"claimed": (reports * 12_345, 7), "recovered": (reports * 4_321, 5)},
    )


def spread(keys: Iterable[object], numbers: Iterable[int]) -> dict[str, int]:
    return {str(key): number for key, number in zip(keys, numbers, strict=True) if number}


def parts(keys: Iterable[object], whole: int) -> dict[str, int]:
    """The whole in parts, the first the largest."""
    left, found = whole, {}
    for key in keys:
        found[str(key)] = (left + 1) // 2
        left -= found[str(key)]
    if found:
        first = next(iter(found))
        found[first] += left
    return {key: number for key, number in found.items() if number}


def grown(town: Place, staff: int = 400) -> None:
    """A tree of departments, together with so many people."""
    Department.objects.filter(pk=town.department.pk).update(headcount=staff // 2)
    town.department.refresh_from_db()
    Department.objects.create(
        organisation=town.organisation, name="Balie", headcount=staff // 4, parent=town.department
    )
    Department.objects.create(
        organisation=town.organisation, name="Buitendienst", headcount=staff - staff // 2 - staff // 4
    )
