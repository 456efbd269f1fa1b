"""What was measured, kept as JSON by part, and told in docs/performance.md: `run.py bench table` writes its table.

A figure is a ratio to what was measured in turns with it, so that a slow machine slows both; where it is no ratio it
says its unit. It stands there with the lowest and highest of its runs, and whether it reaches what is wanted.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import Any

from benchmarks.servers import ROOT

RESULTS, PAGE = ROOT / "benchmarks/results", ROOT / "docs/performance.md"
BEGIN, END = "<!-- written by run.py bench table -->", "<!-- until here -->"
# In this order on the page; each part is one command, and one file of results.
PARTS = {
    "journeys": "people through the real server, among 1,000 to 1,000,000 reports of others (P1, P2, P4, P5, P6)",
    "search": "finding among 20,000 sealed cases of one organisation (P3)",
    "sweep": "reminders that become mails (P7)",
    "advise": "the advice for one report, and for a hundred thousand (P8)",
    "memory": "the memory of a web process (P9)",
    "load": "100 reports a minute while 40 people read (P10)",
    "first_page": "the first page of a report, over the wire (P11)",
    "cold_start": "the demonstration from nothing (P12)",
    "failover": "PostgreSQL fails over to its replica while people report (T37)",
    "size": "what a small municipality needs: memory, and disk for each 1,000 incidents",
    "costs": "what each costs the processors, and a nation by that, on paper",
    "faults": "twenty minutes of traffic while servers are killed (T21, T37)",
}


@dataclass(frozen=True)
class Figure:
    """`goal`: its number in the design; `most` or `least`: what is wanted of the middle run, if anything is."""

    goal: str
    what: str
    runs: list[float]
    unit: str = "×"
    most: float | None = None
    least: float | None = None
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def is_met(self) -> bool | None:
        """None where nothing is wanted."""
        if self.most is None and self.least is None:
            return None
        return (self.most is None or median(self.runs) <= self.most) and (
            self.least is None or median(self.runs) >= self.least
        )


def keep(part: str, figures: Iterable[Figure], asked: dict[str, Any]) -> Iterator[str]:
    """Write them down, in the file of this part and on the page; gives what to say. `asked`: the sizes of this run."""
    figures = list(figures)
    found = {
        "part": part,
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "commit": _commit(),
        "machine": f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
        "asked": asked,
        "figures": [asdict(figure) for figure in figures],
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{part}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False, default=str) + "\n")
    yield f"\n{PARTS[part]}"
    yield from (_line(figure) for figure in figures)
    write_table()


def say(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def write_table() -> None:
    """The table of all parts that have been measured, between its two marks on the page."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _old, _, after = rest.partition(END)
    PAGE.write_text(before + BEGIN + "\n\n" + "\n".join(table()) + "\n" + END + after)


def table() -> Iterator[str]:
    for part, words in PARTS.items():
        file = RESULTS / f"{part}.json"
        if not file.exists():
            yield f"**{words[0].upper()}{words[1:]}**: not measured yet. `python run.py bench {part}`\n"
            continue
        found = json.loads(file.read_text())
        yield f"**{words[0].upper()}{words[1:]}**  "
        asked = ", ".join(f"{name} {_told(value)}" for name, value in found["asked"].items())
        yield f"`python run.py bench {part}`, {found['at'][:10]}, commit {found['commit']}, {found['machine']}: {asked}"
        yield "\n| | | middle (lowest – highest) | wanted | | beside it |\n|---|---|---|---|---|---|"
        for one in found["figures"]:
            figure = Figure(**one)
            more = "; ".join(f"{name} {_told(value)}" for name, value in figure.more.items())
            cells = (figure.goal, figure.what, _runs(figure), _wanted(figure), _verdict(figure), more)
            yield "| " + " | ".join(cells) + " |"
        yield ""


def _line(figure: Figure) -> str:
    more = "; ".join(f"{name} {_told(value)}" for name, value in figure.more.items())
    return f"  {figure.goal:5}{figure.what:74}{_runs(figure):28}{_wanted(figure):10}{_verdict(figure):8}{more}"


def _runs(figure: Figure) -> str:
    unit = figure.unit if figure.unit == "×" else f" {figure.unit}"
    spread = f" ({_told(min(figure.runs))} – {_told(max(figure.runs))})" if len(figure.runs) > 1 else ""
    return f"{_told(median(figure.runs))}{unit}{spread}"


def _wanted(figure: Figure) -> str:
    if figure.most is not None:
        return f"≤ {_told(figure.most)}"
    return f"≥ {_told(figure.least)}" if figure.least is not None else ""


def _verdict(figure: Figure) -> str:
    return {None: "", True: "met", False: "**NOT**"}[figure.is_met]


def _told(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " / ".join(map(_told, value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or abs(value) >= 1000:  # noqa: PLR2004
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"  # noqa: PLR2004


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    write_table()
