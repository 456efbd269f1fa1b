"""A thin wrap of HiGHS, which finds the least and the greatest that a sum can be, given what other sums are.

HiGHS brings numpy along, together a fifth of a second and 33 MB. So it is loaded at the first program that is solved,
which only the freezing of a month does, and not with the portal.
"""

import importlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

OPTIONS = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "presolve": "off",  # it would throw away the table found before, from which the next search goes on
    "simplex_strategy": 4,  # primal: a new question leaves the table at hand possible, so the search goes on there
    "mip_rel_gap": 0.0,
}


class Unsolved(Exception):
    """HiGHS came back without an answer: neither a table nor that there is none. Nothing may be concluded."""


class Towards(IntEnum):
    """Which end of a sum is looked for."""

    LEAST = 1  # HiGHS minimises
    GREATEST = -1


@dataclass(frozen=True)
class Row:
    """The sum of the columns in `plus` less the sum of those in `minus` lies in `low`..`high`. No column in both."""

    plus: tuple[int, ...]
    minus: tuple[int, ...]
    low: int
    high: int

    @property
    def columns(self) -> tuple[int, ...]:
        return self.plus + self.minus


class Program:
    """All tables that fit. Column n lies in `lows[n]`..`highs[n]`; the numbers may be broken unless `whole`."""

    def __init__(
        self, lows: Sequence[int], highs: Sequence[int], rows: Collection[Row], *, whole: bool = False
    ) -> None:
        self._highspy: Any = importlib.import_module("highspy")
        self._solver = self._highspy._Highs()  # not Highs, which prints a banner when it is made
        for option, value in OPTIONS.items():
            self._solver.setOptionValue(option, value)
        self._solver.addVars(len(lows), lows, highs)
        if whole:
            every = list(range(len(lows)))
            self._solver.changeColsIntegrality(len(every), every, [self._highspy.HighsVarType.kInteger] * len(every))
        for row in rows:
            weights = [1.0] * len(row.plus) + [-1.0] * len(row.minus)
            self._solver.addRow(row.low, row.high, len(weights), row.columns, weights)
        self._asked: Sequence[int] = ()

    def table(self, columns: Sequence[int] = (), towards: Towards = Towards.LEAST) -> list[float] | None:
        """A table that fits in which the sum of `columns` is as small or as great as it can be; None if none fits.

        Raises Unsolved.
        """
        self._ask(self._asked, 0)
        self._ask(columns, towards)
        self._asked = columns
        if (status := self._run()) == self._highspy.HighsModelStatus.kOptimal:
            return list(self._solver.getSolution().col_value)
        if status == self._highspy.HighsModelStatus.kInfeasible:
            return None
        raise Unsolved(f"HiGHS: {self._solver.modelStatusToString(status)}.")

    def _ask(self, columns: Sequence[int], weight: int) -> None:
        self._solver.changeColsCost(len(columns), columns, [float(weight)] * len(columns))

    def _run(self) -> Any:
        statuses = self._highspy.HighsModelStatus
        self._solver.run()
        if self._solver.getModelStatus() not in (statuses.kOptimal, statuses.kInfeasible):
            self._solver.clearSolver()  # once more, from the beginning
            self._solver.run()
        return self._solver.getModelStatus()
