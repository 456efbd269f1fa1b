"""Every number as it is, in the form in which numbers are told: for the adviser, and for nobody else."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from incidents.overview.attack_on import DEPARTMENTS
from incidents.overview.breakdowns import BREAKDOWNS
from incidents.overview.counts import Counts, Table
from incidents.overview.disclosure import HUNDRED, median_of
from incidents.overview.setting import Setting, Unit
from incidents.overview.shown import Line, Shown
from incidents.overview.told import Told


def exactly(exact: Counts, setting: Setting) -> Shown:
    """Nothing rounded, folded or left out."""
    return Shown(
        staff=setting.staff,
        is_exact=True,
        base=1,
        numbers=_exact(exact.numbers),
        stocks=_exact(exact.stocks),
        shares={code: (Told.exact(met), Told.exact(of)) if of else None for code, (met, of) in exact.shares.items()},
        tables={code: tuple(_lines(code, exact.tables.get(code, {}), setting)) for code in BREAKDOWNS},
        medians={code: median_of(spread, 1) for code, spread in exact.spreads.items()},
        sums={code: round(cents / HUNDRED) for code, (cents, _lines_of_it) in exact.sums.items()},
    )


def _exact(numbers: Mapping[str, int]) -> dict[str, Told | None]:
    return {code: Told.exact(number) for code, number in numbers.items()}


def _lines(code: str, counts: Table, setting: Setting) -> Iterator[Line]:
    labels = setting.grid(code)
    if code in DEPARTMENTS:
        known = list(_tree(setting.units))
        yield from (replace(line, told=Told.exact(counts.get(line.key, 0))) for line in known)
        labels = {line.key: line.names for line in known}
    else:
        yield from (Line(key, Told.exact(counts.get(key, 0)), names) for key, names in labels.items())
    yield from (Line(key, Told.exact(counts[key])) for key in sorted(set(counts) - set(labels)))


def _tree(units: tuple[Unit, ...], parent: str = "", level: int = 0) -> Iterator[Line]:
    keys = {unit.key for unit in units}
    for unit in units:
        if (unit.parent if unit.parent in keys else "") == parent:
            yield Line(unit.key, None, {"nl": unit.name, "en": unit.name}, (unit.key,), unit.people, level)
            yield from _tree(units, unit.key, level + 1)
