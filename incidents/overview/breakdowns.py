"""The parts into which numbers are told: each breakdown once, its fixed grid, and the periods long enough for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from guidance.vocabulary import Behaviour, Channel, Severity, TargetGroup
from incidents.vocabulary import DayPart, PeriodKind

NO_LOCATION = "none"
MONTH, QUARTER, YEAR = PeriodKind


@dataclass(frozen=True)
class Breakdown:
    """A table of parts. `of` is the figure that the parts add up to (empty: of none that is told).

    `kinds` are the periods in which it is told: what is finer grained needs a longer one.
    """

    code: str
    title: Any
    definition: Any
    of: str
    kinds: frozenset[PeriodKind]
    labels: Mapping[str, Any] | None  # None: names of the organisation's own, kept with the release


ALWAYS = frozenset({MONTH, QUARTER, YEAR})
LONGER = frozenset({QUARTER, YEAR})
WHOLE_YEAR = frozenset({YEAR})
WEEK = {str(number): name for number, name in enumerate(WEEKDAYS.values(), 1)}


def _labels(choices: Any) -> dict[str, Any]:
    return {str(code): label for code, label in choices.choices}


BREAKDOWNS: dict[str, Breakdown] = {
    one.code: one
    for one in (
        Breakdown(
            "severity", _("By severity"), _("As it stood when it was fixed."), "reports", LONGER, _labels(Severity)
        ),
        Breakdown(
            "behaviour",
            _("By behaviour"),
            _("The gravest behaviour of each report, so that the parts add up."),
            "reports",
            ALWAYS,
            _labels(Behaviour),
        ),
        Breakdown(
            "channel", _("By channel or place"), _("Where or how it happened."), "reports", ALWAYS, _labels(Channel)
        ),
        Breakdown(
            "target_group",
            _("By target group"),
            _("What the person hit does or is."),
            "reports",
            LONGER,
            _labels(TargetGroup),
        ),
        Breakdown(
            "online",
            _("On social media, by behaviour"),
            _("Of what happened on social media: the gravest behaviour."),
            "",
            LONGER,
            _labels(Behaviour),
        ),
        Breakdown(
            "department",
            _("By department"),
            _(
                "The department of the person hit. A department with too few people or too few reports counts with the "
                "one that it is part of."
            ),
            "reports",
            LONGER,
            None,
        ),
        Breakdown(
            "department_severe",
            _("Severity 3 or 4, by department"),
            _("The same departments: reports with severity 3 or 4."),
            "severe",
            WHOLE_YEAR,
            None,
        ),
        Breakdown(
            "location",
            _("By location"),
            _("The location that was named in the report, such as a desk or a vehicle."),
            "reports",
            WHOLE_YEAR,
            None,
        ),
        Breakdown("weekday", _("By day of the week"), _("When it happened."), "reports", LONGER, WEEK),
        Breakdown(
            "day_part", _("By part of the day"), _("When it happened, local time."), "reports", LONGER, _labels(DayPart)
        ),
        Breakdown(
            "prevention",
            _("Prevention that was carried out"),
            _("Measures for prevention from the menu of which a task was done in the period, each measure once."),
            "",
            ALWAYS,
            None,
        ),
    )
}
