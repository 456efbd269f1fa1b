"""One row for each report, for an analyst: what was counted of it, and nothing by which someone is known.

No number, no id, no name, no words, no day, nothing of what the reporter wishes or feels, nothing of health. Who holds
an office stands there as "office holder": a mayor is one person. All [OWN], after handbook 7.2.

A month is read in parts of PART reports, in no order: the place in the file tells nothing.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guidance.vocabulary import OFFICE_HOLDERS, Behaviour, Channel, Motive, TargetGroup
from incidents.data_request_rows import limited_in_case
from incidents.models import CareMoment, Incident, PoliceSheet, Reaction, Task
from incidents.overview.analyst_departments import told_departments
from incidents.overview.counted_work import GIVEN
from incidents.overview.figures import AANGIFTE, REACTION, RECEPTION
from incidents.overview.files.cells import for_csv
from incidents.overview.periods import Period
from incidents.overview.setting import setting_of
from incidents.vocabulary import (
    CareFor,
    CareKind,
    CareStatus,
    CaseStatus,
    DayPart,
    LocationKind,
    PoliceKind,
    PoliceStatus,
    ReportKind,
    TaskStatus,
)
from vpdportal.accounts.models import Organisation, User

PART = 500  # reports that are read and written at once
MARK = "\ufeff"  # by which Excel sees that a text is UTF-8
OFFICES = frozenset({*OFFICE_HOLDERS, TargetGroup.MUNICIPAL_SECRETARY})
FACTS = (
    *("pk", "reported_at", "occurred_at", "closed_at", "kind", "main_behaviour", "channel", "target_group", "motive"),
    *("is_perpetrator_known", "severity", "severity_confirmed_at", "status", "department", "location__kind"),
)
Value = str | int


class FileBrokenOff(Exception):
    """Other reports are there than when it was written down how many leave. The reader sees that it is not whole."""


@dataclass
class Work:
    """What was done in one case."""

    in_time: int = 0
    late: int = 0
    open: int = 0
    is_reaction_given: bool = False
    is_aangifte_made: bool = False
    is_talk_held: bool = False
    is_talk_left_out: bool = False


@dataclass(frozen=True)
class Row:
    """One report: its FACTS, what was done, and under which department it stands."""

    facts: Mapping[str, Any]
    work: Work
    department: str


@dataclass(frozen=True)
class Column:
    """`meaning` is for the page that explains the file."""

    title: Any
    meaning: Any
    write: Callable[[Row], Value]


def _month(name: str) -> Callable[[Row], Value]:
    return lambda row: Period.month_of(row.facts[name]).code


def _word(name: str, choices: Any) -> Callable[[Row], Value]:
    labels = dict(choices.choices)
    return lambda row: str(labels.get(row.facts[name], ""))


def _yes_no(answer: object) -> str:
    return gettext("Yes") if answer else gettext("No")


def _week_day(row: Row) -> Value:
    return str(WEEKDAYS[timezone.localtime(row.facts["occurred_at"]).weekday()])


def _day_part(row: Row) -> Value:
    return str(list(DayPart)[timezone.localtime(row.facts["occurred_at"]).hour // 6].label)


def _target_group(row: Row) -> Value:
    group = row.facts["target_group"]
    return gettext("Office holder or secretary") if group in OFFICES else str(TargetGroup(group).label)


def _known(row: Row) -> Value:
    answer = row.facts["is_perpetrator_known"]
    return gettext("Not filled in") if answer is None else _yes_no(answer)


def _days(row: Row) -> Value:
    first, last = row.facts["reported_at"], row.facts["closed_at"]
    return (timezone.localdate(last) - timezone.localdate(first)).days if last else ""


def _talk(row: Row) -> Value:
    if row.work.is_talk_held:
        return gettext("held")
    return gettext("not held, for a reason") if row.work.is_talk_left_out else gettext("no")


# After the number of the row, which is of the file only.
COLUMNS = (
    Column(_("Month of report"), _("The month in which it came in, as 2026-11."), _month("reported_at")),
    Column(_("Month of event"), _("The month in which it happened."), _month("occurred_at")),
    Column(_("Day of the week"), _("On which it happened."), _week_day),
    Column(_("Part of the day"), _("In which it happened, in four parts of six hours."), _day_part),
    Column(_("Kind"), _("Incident or near miss."), _word("kind", ReportKind)),
    Column(_("Behaviour"), _("The gravest behaviour."), _word("main_behaviour", Behaviour)),
    Column(_("Channel or place"), _("How or where it happened."), _word("channel", Channel)),
    Column(
        _("Target group"),
        _("The group of whom it happened to. All office holders are one group: there is only one mayor."),
        _target_group,
    ),
    Column(_("Motive"), _("As far as it is known. Never a diagnosis."), _word("motive", Motive)),
    Column(_("Perpetrator known"), _("Yes, no or not filled in."), _known),
    Column(_("Severity"), _("From 1 (nuisance) to 4 (violence or severe)."), lambda row: row.facts["severity"]),
    Column(
        _("Severity confirmed"),
        _("Whether a VPD adviser confirmed the severity."),
        lambda row: _yes_no(row.facts["severity_confirmed_at"]),
    ),
    Column(_("Status"), _("As it is now: received, in progress or closed."), _word("status", CaseStatus)),
    Column(
        _("Department"),
        _("A small department counts with the one that it is part of, else with “Other departments”."),
        lambda row: row.department or gettext("Other departments"),
    ),
    Column(
        _("Kind of place"),
        _("Only where the poster of a place was used; else empty."),
        _word("location__kind", LocationKind),
    ),
    Column(_("Days until closing"), _("Calendar days from report to closing; empty while it is open."), _days),
    Column(_("Tasks in time"), _("Tasks that were done before their deadline."), lambda row: row.work.in_time),
    Column(_("Tasks late"), _("Tasks that were done after their deadline."), lambda row: row.work.late),
    Column(_("Tasks open"), _("Tasks that are still open."), lambda row: row.work.open),
    Column(
        _("Reaction given"),
        _("Whether a talk, warning or other measure reached the perpetrator."),
        lambda row: _yes_no(row.work.is_reaction_given),
    ),
    Column(
        _("Aangifte made"),
        _("Whether the organisation or the person hit made an aangifte."),
        lambda row: _yes_no(row.work.is_aangifte_made),
    ),
    Column(
        _("Reception talk"),
        _("Held, not held for a reason (such as that it was declined), or no. Never what was said."),
        _talk,
    ),
)


def rows_of(organisation: Organisation, months: Sequence[Period], by: User) -> QuerySet[Incident]:
    """The reports that came in during these months (in order), without what `by` is kept out of or was joined.

    Nor those of someone whose data may be kept only, and not used (AVG 18).
    """
    seen = Incident.objects.not_kept_out(by).counted().filter(~limited_in_case(), organisation=organisation)
    found: QuerySet[Incident] = seen.filter(reported_at__gte=months[0].start, reported_at__lt=months[-1].end)
    return found.order_by()


def as_csv(
    organisation: Organisation, months: Sequence[Period], by: User, number: int, language: str
) -> Iterator[bytes]:
    """The file, as Dutch Excel reads it, read and written part by part: the whole is never in memory.

    `number`: of rows, as it was written down. The answer is sent outside the language of the request, hence
    `language`. Raises FileBrokenOff at the end, where not `number` rows were there: the browser then tells that the
    file is not whole, as it does when the database fails.
    """
    written = 0
    with translation.override(language):
        head = MARK + _lines([[gettext("Row"), *(str(column.title) for column in COLUMNS)]])
    yield head.encode()
    for part in _parts(organisation, months, by):
        with translation.override(language):
            lines = _lines([at, *_values(row)] for at, row in enumerate(part, written + 1))
        written += len(part)
        yield lines.encode()
    if written != number:
        raise FileBrokenOff


def _parts(organisation: Organisation, months: Sequence[Period], by: User) -> Iterator[list[Row]]:
    """Month after month; within a month in no order."""
    names = told_departments(setting_of(organisation))
    for month in months:
        ids = list(rows_of(organisation, [month], by).values_list("pk", flat=True))
        SystemRandom().shuffle(ids)
        for start in range(0, len(ids), PART):
            some = ids[start : start + PART]
            # Asked again with each part: the reader may be slow, and someone kept out meanwhile.
            rows = {
                facts["pk"]: facts for facts in rows_of(organisation, [month], by).filter(pk__in=some).values(*FACTS)
            }
            work = _work_of(rows)
            yield [Row(rows[pk], work[pk], names.get(str(rows[pk]["department"]), "")) for pk in some if pk in rows]


def _work_of(cases: Iterable[UUID]) -> Mapping[UUID, Work]:
    """What was done in each of these cases. Four queries."""
    found: dict[UUID, Work] = defaultdict(Work)
    about = {"incident__in": list(cases)}
    tasks = Task.objects.filter(**about).order_by()
    for pk, code, status, due_at, finished_at in tasks.values_list(
        "incident", "code", "status", "due_at", "finished_at"
    ):
        _add_task(found[pk], code, status, due_at, finished_at)
    for pk in Reaction.objects.filter(**about, status__in=GIVEN).order_by().values_list("incident", flat=True):
        found[pk].is_reaction_given = True
    filed = PoliceSheet.objects.filter(**about, kind=PoliceKind.AANGIFTE, status=PoliceStatus.FILED).order_by()
    for pk in filed.values_list("incident", flat=True):
        found[pk].is_aangifte_made = True
    talks = CareMoment.objects.filter(**about, kind=CareKind.RECEPTION, care_for=CareFor.AFFECTED).order_by()
    for pk, status in talks.values_list("incident", "status"):
        found[pk].is_talk_held |= status == CareStatus.HELD
        found[pk].is_talk_left_out |= status == CareStatus.DECLINED
    return found


def _add_task(work: Work, code: str, status: str, due_at: datetime | None, finished_at: datetime | None) -> None:
    is_done = status == TaskStatus.DONE
    if status == TaskStatus.OPEN:
        work.open += 1
    elif is_done and (due_at is None or finished_at is None or finished_at <= due_at):
        work.in_time += 1
    elif is_done:
        work.late += 1
    work.is_reaction_given |= is_done and code in REACTION
    work.is_aangifte_made |= is_done and code in AANGIFTE
    work.is_talk_held |= is_done and code in RECEPTION
    work.is_talk_left_out |= status == TaskStatus.DECLINED and code in RECEPTION


def _values(row: Row) -> Iterator[Value]:
    return (column.write(row) for column in COLUMNS)


def _lines(rows: Iterable[Iterable[Value]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", quoting=csv.QUOTE_NONNUMERIC).writerows(map(_safe, row) for row in rows)
    return text.getvalue()


def _safe(value: Value) -> Value:
    return value if isinstance(value, int) else for_csv(value)
