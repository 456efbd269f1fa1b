"""One row of a sheet as a case, or what is wrong with it. Changes nothing and asks the database nothing."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from guidance.facts import Facts
from guidance.vocabulary import Behaviour, Channel, Severity, TargetGroup
from incidents.import_words import NO, YES, code_of, plain
from incidents.vocabulary import ImportField, ImportProblem, ReportKind
from vpdportal.accounts.models import Department

NOON = time(12)  # [OWN] where the sheet has no time: the night is a part of the day of its own
OLDEST = date(1990, 1, 1)
EXCELS_FIRST = date(1899, 12, 30)  # Excel counts days from here, because it takes 1900 for a leap year
LAST_MINUTE = 24 * 60 - 1
SERIALS = range(32874, 73051)  # 1990 to 2099
REST = r"(?:(?:[ ,]+om |[ T,]+)(?P<clock>\d.*))?"  # the time behind a day
DAYS = tuple(
    re.compile(day + REST, re.IGNORECASE)
    for day in (
        r"(?:[a-z]{2,9}[., ]+)?(?P<day>\d{1,2})[-/. ](?P<month>\d{1,2})[-/. ](?P<year>\d{4}|\d{2})",
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        r"(?:[a-z]{2,9}[., ]+)?(?P<day>\d{1,2})e?[-. ]+(?P<month>[a-z]{3})[a-z]*[-. ]+(?P<year>\d{4}|\d{2})",
    )
)
FROM_A_ZONE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)")
MONTHS = ["jan", "feb", "maa", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]
OTHER_MONTHS = {"mrt": 3, "mar": 3, "may": 5, "oct": 10}
CLOCK = re.compile(
    r"(?P<hour>\d{1,2})[:.hu](?P<minute>\d{2})(?:[:.]\d{2}(?:[.,]\d+)?)?(?: ?(?:uur|u|h|(?P<half>[ap])\.?m\.?))?"
)
MOST_SIGNS = {
    ImportField.NUMBER: 60,
    ImportField.STORY: 10_000,
    ImportField.OUTCOME: 4000,
    ImportField.REMARK: 4000,
    ImportField.PERPETRATOR: 2000,
    ImportField.PLACE: 200,
    ImportField.AFFECTED_NAME: 120,
}


@dataclass(frozen=True)
class Rules:
    """By what the rows of one sheet are judged. `departments`: by their name as `plain` gives it."""

    organisation_id: UUID
    mapping: Mapping[str, int]
    departments: Mapping[str, Department]
    other_department: Department | None
    takes_unknown_words: bool
    now: datetime


@dataclass
class Judged:
    """A row that was read. Only without problems it is whole."""

    row: int
    digest: str
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[tuple[ImportField, ImportProblem]] = field(default_factory=list)
    unknown: list[tuple[ImportField, str]] = field(default_factory=list)  # words that became "something else"

    def wrong(self, what: ImportField, why: ImportProblem) -> None:
        self.problems.append((what, why))


def judge(number: int, cells: Sequence[str], rules: Rules) -> Judged:
    """Read one row; `number` is its own on the sheet."""
    texts = {name: cells[index].strip() if index < len(cells) else "" for name, index in rules.mapping.items()}
    told = {one: texts.get(one, "") for one in ImportField}
    row = Judged(number, _digest(rules.organisation_id, told[ImportField.NUMBER], cells))
    for one, most in MOST_SIGNS.items():
        row.values[one] = told[one]
        if len(told[one]) > most:
            row.wrong(one, ImportProblem.TOO_LONG)
    _days(row, told, rules)
    _words(row, told, rules)
    _department(row, told[ImportField.DEPARTMENT], rules)
    return row


def facts_of(row: Judged) -> Facts:
    """What the menu would ask of it. Of a row without problems."""
    values = row.values
    return Facts(
        behaviours=(values[ImportField.BEHAVIOUR],),
        channel=values[ImportField.CHANNEL],
        target_group=values[ImportField.TARGET_GROUP],
        motive=values[ImportField.MOTIVE] or None,
        perpetrator_known=values[ImportField.PERPETRATOR_KNOWN],
        injury=values[ImportField.INJURY],
        weapon=values[ImportField.WEAPON],
        damage=values[ImportField.DAMAGE],
    )


def _digest(organisation_id: UUID, number: str, cells: Sequence[str]) -> str:
    """By its number the row is known again; without one, by all that stands in it."""
    known_by = ["number", plain(number) or number] if number else ["row", *cells]
    return hashlib.sha256(json.dumps([str(organisation_id), *known_by]).encode()).hexdigest()


def _days(row: Judged, told: Mapping[ImportField, str], rules: Rules) -> None:
    happened = _day(row, told, ImportField.OCCURRED_ON, rules)
    told_at = _clock(row, told[ImportField.OCCURRED_TIME], ImportField.OCCURRED_TIME)
    reported = _day(row, told, ImportField.REPORTED_ON, rules) or happened
    closed = _day(row, told, ImportField.CLOSED_ON, rules) or reported
    if not (happened and reported and closed):
        return
    if reported[0] < happened[0]:
        row.wrong(ImportField.REPORTED_ON, ImportProblem.BEFORE_EVENT)
    if closed[0] < reported[0]:
        row.wrong(ImportField.CLOSED_ON, ImportProblem.BEFORE_REPORT)
    clock = told_at or happened[1]
    at = _moment(happened[0], clock, rules)
    if clock and at < timezone.make_aware(datetime.combine(happened[0], clock)):
        row.wrong(ImportField.OCCURRED_TIME if told_at else ImportField.OCCURRED_ON, ImportProblem.AHEAD)
    row.values[ImportField.OCCURRED_ON] = at
    row.values[ImportField.REPORTED_ON] = max(at, _moment(*reported, rules))
    row.values[ImportField.CLOSED_ON] = max(row.values[ImportField.REPORTED_ON], _moment(*closed, rules))


def _moment(day: date, clock: time | None, rules: Rules) -> datetime:
    """Never after now: noon of today may still be to come."""
    return min(rules.now, timezone.make_aware(datetime.combine(day, clock or NOON)))


def _day(
    row: Judged, told: Mapping[ImportField, str], what: ImportField, rules: Rules
) -> tuple[date, time | None] | None:
    """The day, with the time where the cell holds one too; None where it is empty or wrong, which is written down."""
    text = told[what]
    if not text:
        if what == ImportField.OCCURRED_ON:
            row.wrong(what, ImportProblem.MISSING)
        return None
    day, clock, behind = day_in(text)
    if day is None:
        row.wrong(what, ImportProblem.NO_DAY)
    elif behind and clock is None:
        row.wrong(what, ImportProblem.NO_TIME)
    elif day > timezone.localdate(rules.now):
        row.wrong(what, ImportProblem.AHEAD)
    elif day < OLDEST:
        row.wrong(what, ImportProblem.TOO_OLD)
    else:
        return day, clock
    return None


class When(NamedTuple):
    """What stands in a cell with a day. `behind`: what was written behind it, also where that is no time."""

    day: date | None
    clock: time | None = None
    behind: str = ""


def day_in(text: str) -> When:
    """The day that someone or a spreadsheet wrote, the Dutch way first: 31-12-2025, 2025-12-31, wo 31 december 2025.

    A moment of another zone (2025-12-31T09:15:00Z) is one of here.
    """
    if FROM_A_ZONE.fullmatch(text):
        with suppress(ValueError):
            at = timezone.localtime(datetime.fromisoformat(text))
            return When(at.date(), at.time().replace(second=0, microsecond=0))
    for pattern in DAYS:
        if found := pattern.fullmatch(text):
            behind = found["clock"] or ""
            return When(_date(found["year"], found["month"].lower(), found["day"]), clock_in(behind), behind)
    return _of_serial(text)


def _of_serial(text: str) -> When:
    """The day that stands as Excel's own number, in a cell that nobody gave the shape of a date."""
    if not re.fullmatch(r"\d{5}(\.\d+)?", text) or int(text[:5]) not in SERIALS:
        return When(None)
    clock = _part_of_day(float(text) % 1)
    return When(EXCELS_FIRST + timedelta(days=int(text[:5])), clock if clock != time() else None)


def _part_of_day(part: float) -> time:
    return time(*divmod(min(round(part * (LAST_MINUTE + 1)), LAST_MINUTE), 60))


def _date(year: str, month: str, day: str) -> date | None:
    """`month`: its number, or the first three letters of its name. A year of two digits is of this century."""
    number = MONTHS.index(month) + 1 if month in MONTHS else OTHER_MONTHS.get(month, month)
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(number), int(day))  # noqa: PLR2004
    except ValueError:
        return None


def _clock(row: Judged, text: str, what: ImportField) -> time | None:
    if not text:
        return None
    clock = clock_in(text) or day_in(text).clock  # some systems write the whole moment in both columns
    if clock is None:
        row.wrong(what, ImportProblem.NO_TIME)
    return clock


def clock_in(text: str) -> time | None:
    """14:30, 14.30, 14:30:00, 14h30, 14u30, 2:30 PM, a number of hours, or Excel's part of a day."""
    if found := CLOCK.fullmatch(text.strip().lower()):
        hour, minute = int(found["hour"]), int(found["minute"])
        if found["half"]:
            hour = hour % 12 + 12 * (found["half"] == "p") if 1 <= hour <= 12 else 24  # noqa: PLR2004
        return time(hour, minute) if hour < 24 and minute < 60 else None  # noqa: PLR2004
    if re.fullmatch(r"\d{1,2}", text) and int(text) < 24:  # noqa: PLR2004
        return time(int(text))
    if re.fullmatch(r"0\.\d+", text):
        return _part_of_day(float(text))
    return None


def _words(row: Judged, told: Mapping[ImportField, str], rules: Rules) -> None:
    row.values[ImportField.KIND] = _code(row, told, ImportField.KIND, ReportKind.INCIDENT, None, rules)
    if not told[ImportField.BEHAVIOUR]:
        row.wrong(ImportField.BEHAVIOUR, ImportProblem.MISSING)
    row.values[ImportField.BEHAVIOUR] = _code(row, told, ImportField.BEHAVIOUR, "", Behaviour.OTHER, rules)
    row.values[ImportField.CHANNEL] = _code(row, told, ImportField.CHANNEL, Channel.OTHER, Channel.OTHER, rules)
    row.values[ImportField.TARGET_GROUP] = _code(
        row, told, ImportField.TARGET_GROUP, TargetGroup.EMPLOYEE, TargetGroup.EMPLOYEE, rules
    )
    row.values[ImportField.MOTIVE] = _code(row, told, ImportField.MOTIVE, "", "", rules)
    for one in (ImportField.PERPETRATOR_KNOWN, ImportField.INJURY, ImportField.WEAPON, ImportField.DAMAGE):
        row.values[one] = _yes_no(row, told[one], one)
    row.values[ImportField.SEVERITY] = _severity(row, told[ImportField.SEVERITY])


def _code(
    row: Judged,
    told: Mapping[ImportField, str],
    what: ImportField,
    when_empty: str,
    when_unknown: str | None,
    rules: Rules,
) -> str:
    """The code of the word. A word that is not known is wrong, or is kept as a remark where the person chose so."""
    text = told[what]
    if not text:
        return when_empty
    code = code_of(what, text)
    if code is not None:
        return code
    if when_unknown is None or not rules.takes_unknown_words:
        row.wrong(what, ImportProblem.UNKNOWN_WORD)
        return when_empty
    row.unknown.append((what, text))
    return when_unknown


def _yes_no(row: Judged, text: str, what: ImportField) -> bool | None:
    word = plain(text)
    if word in YES or word in NO:
        return word in YES
    if word and word not in {"onbekend", "unknown", "niet bekend", "niet ingevuld"}:
        row.wrong(what, ImportProblem.NO_YES_NO)
    return None


def _severity(row: Judged, text: str) -> int | None:
    """The first sign says it, as in "3 bedreigend"."""
    if not text:
        return None
    if re.match(r"[1-4](?!\d)", text):
        return int(Severity(int(text[0])))
    row.wrong(ImportField.SEVERITY, ImportProblem.NO_SEVERITY)
    return None


def _department(row: Judged, text: str, rules: Rules) -> None:
    named = rules.departments.get(plain(text))
    found = named or rules.other_department
    if found is None:
        row.wrong(ImportField.DEPARTMENT, ImportProblem.NO_DEPARTMENT if text else ImportProblem.MISSING)
    elif named is None and text:
        row.unknown.append((ImportField.DEPARTMENT, text))
    row.values[ImportField.DEPARTMENT] = found
