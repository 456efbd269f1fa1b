"""The numbers for management, each defined once (handbook 9.1). Pages, charts, papers, files and mail take them here.

A report counts in the local month in which it came in, so that a late report changes no month that was read. Reports
about the same event that were joined count once. A norm counts in the month in which its term ended, so that it is
known by then whether it was met.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.translation import gettext_lazy as _

REACTION = ("R04", "R05", "R06", "R07", "R08", "R09", "R17")
POLICE = ("R11", "R12", "R13")
AANGIFTE = ("R11", "R12")
ASSESSMENT = ("R01",)
RECEPTION = ("N02",)
FOLLOW_UPS = ("N03", "N04")
TALKS = ("N01", "N02", "N03", "N04", "N05", "N06")
FEEDBACK = "R03"
CONTACT_STEP, OUTCOME_STEP = 0, 1  # of FEEDBACK: call the reporter; tell what was done
RISK_PLAN, TRAINING, ALARM = "P02", "P03", "P04"
HALF_A_YEAR = 182  # days in which the same person may not do it again [OWN]


class Nature(Enum):
    """What a figure is about; disclosure hangs on it."""

    TOTAL = "total"  # reports of the whole organisation
    PART = "part"  # reports that have something in common: these may point at someone
    WORK = "work"  # what was done: tasks, talks, measures
    ALARM = "alarm"  # that there is one asks for action: nought is told, and else never exactly how many
    STOCK = "stock"  # the same, as it stood at the end of the period
    PEOPLE = "people"  # how many persons, as it stood at the end
    SHARE = "share"  # how many of those that had to
    MEDIAN = "median"
    SUM = "sum"  # of money, in cents


@dataclass(frozen=True)
class Figure:
    """`norm` is the least per cent that a share should reach, or the most that a number should be."""

    code: str
    nature: Nature
    title: Any
    definition: Any
    norm: int | None = None
    norm_text: Any = ""
    source: str = "OWN"  # handbook key
    is_by_year: bool = False  # told in years only
    is_choice: bool = False  # of a share: it hangs on what persons chose or said, so it is told as parts are


def _by_code(*figures: Figure) -> dict[str, Figure]:
    return {figure.code: figure for figure in figures}


FIGURES: dict[str, Figure] = _by_code(
    Figure(
        "reports",
        Nature.TOTAL,
        _("Reports"),
        _(
            "Reports of aggression that came in, by the day on which they came in. Reports about the same event that "
            "were joined count once. Near misses are not in it."
        ),
        source="S72",
    ),
    Figure(
        "near_misses",
        Nature.TOTAL,
        _("Near misses"),
        _("Reports of what only just went well, by the day on which they came in. They are in no number of reports."),
    ),
    Figure(
        "severe",
        Nature.PART,
        _("Severity 3 or 4"),
        _("Of the reports: those with severity 3 or 4, as it stood when the period was fixed."),
    ),
    Figure(
        "assessed",
        Nature.SHARE,
        _("Assessed in time"),
        _(
            "Reports whose assessment had to be ready in this period: ready in time. Each report has an owner from the "
            "first moment; this says that the owner acted. Without late reports. Norm: 1 working day, 95 per cent "
            "[OWN]."
        ),
        95,
        _("95% within 1 working day"),
    ),
    Figure(
        "reaction",
        Nature.SHARE,
        _("Reaction to a known perpetrator within 48 hours"),
        _(
            "Cases with a reaction to the perpetrator whose term ended in this period: a reaction given in time. "
            "Without late reports, and without cases in which the police ask to wait. Norm: 48 hours [S02], 90 per "
            "cent [OWN]."
        ),
        90,
        _("90% within 48 hours"),
        "S02",
    ),
    Figure(
        "police",
        Nature.SHARE,
        _("Police told within 2 working days"),
        _(
            "Cases with a suspected offence whose term for the police ended in this period: aangifte or notice in "
            "time. Without late reports. Norm: 2 working days [S03]."
        ),
        None,
        _("2 working days"),
        "S03",
    ),
    Figure(
        "aangifte",
        Nature.SHARE,
        _("Aangifte at suspected offences"),
        _("The same cases: those with an aangifte. There is no norm: the person hit may not want it."),
        source="S03",
        is_choice=True,
    ),
    Figure(
        "reception",
        Nature.SHARE,
        _("Reception talk within 72 hours"),
        _(
            "Reception talks whose term ended in this period: held, or declined by the person, in time. Without late "
            "reports. Norm: 72 hours [S05], 95 per cent [OWN]."
        ),
        95,
        _("95% within 72 hours"),
        "S05",
    ),
    Figure(
        "follow_up",
        Nature.SHARE,
        _("Follow-up talks in time"),
        _(
            "Follow-up talks (after 2 weeks, and after 6 to 8 weeks) whose term ended in this period: held, or "
            "declined by the person, in time. Without late reports. Norm: two talks [S05], 90 per cent [OWN]."
        ),
        90,
        _("90%"),
        "S05",
    ),
    Figure(
        "told_back",
        Nature.SHARE,
        _("Reporter told what was done within 7 days"),
        _(
            "Reports whose term to tell the reporter what was done ended in this period: told in time. At closing the "
            "portal tells everyone of the case by itself. Without late reports. Norm: 7 days, 95 per cent [OWN]."
        ),
        95,
        _("95% within 7 days"),
    ),
    Figure(
        "helped",
        Nature.SHARE,
        _("Reporters who say that it helped"),
        _("Of the reporters who answered in this period whether they were helped: those who said yes."),
        is_choice=True,
    ),
    Figure(
        "no_repeat",
        Nature.SHARE,
        _("No new incident after a reaction"),
        _(
            "Reactions to a perpetrator of half a year ago: nothing in that half year that was reported of the same "
            "person. It does not show that the reaction was the cause."
        ),
        is_choice=True,
    ),
    Figure(
        "open_tasks", Nature.STOCK, _("Open tasks"), _("Tasks of all cases that were open at the end of the period.")
    ),
    Figure(
        "overdue_tasks",
        Nature.STOCK,
        _("Tasks too late"),
        _("Of these: with a term that had passed, and not waiting at the request of the police. Norm: 0 [OWN]."),
        0,
        _("0"),
    ),
    Figure(
        "severe_open",
        Nature.PEOPLE,
        _("Open cases of severity 3 or 4"),
        _("Cases with severity 3 or 4 that were not closed at the end of the period."),
    ),
    Figure(
        "severe_unassigned",
        Nature.ALARM,
        _("Of these without an adviser"),
        _("Open cases with severity 3 or 4 that nobody handled at the end of the period. Norm: 0 [OWN]."),
        0,
        _("0"),
    ),
    Figure(
        "running",
        Nature.STOCK,
        _("Running restrictions"),
        _("Contact conditions, pauses of service, building bans and civil orders that ran at the end of the period."),
    ),
    Figure(
        "ending",
        Nature.STOCK,
        _("Ending in the month after"),
        _("Of these: those whose last day lies in the month after the period."),
    ),
    Figure(
        "expired",
        Nature.WORK,
        _("Ended without review"),
        _("Restrictions whose term ended in the period, and that nobody reviewed before. Norm: 0 [OWN]."),
        0,
        _("0"),
    ),
    Figure(
        "talks_held",
        Nature.WORK,
        _("Talks for aftercare held"),
        _(
            "First care, reception, follow-up, closing and extra talks that were held in the period. Never what was "
            "said."
        ),
        source="S05",
    ),
    Figure(
        "aangiften",
        Nature.WORK,
        _("Aangiften made"),
        _("Cases in which the first aangifte was made in the period, as known when it was fixed."),
        source="S72",
    ),
    Figure("closed", Nature.WORK, _("Cases closed"), _("Cases that were closed in the period.")),
    Figure(
        "risk_actions",
        Nature.WORK,
        _("Risk inventory brought up to date"),
        _("Tasks to bring the risk inventory (RI&E) and its plan up to date that were done in the period."),
        source="S28",
    ),
    Figure(
        "trainings",
        Nature.WORK,
        _("Trainings arranged"),
        _("Tasks to arrange training or instruction that were done in the period."),
        source="S28",
    ),
    Figure(
        "alarm_tests",
        Nature.WORK,
        _("Alarm tests"),
        _("Tasks to test the alarm and who answers it that were done in the period."),
        source="S13",
    ),
    Figure(
        "lessons_new", Nature.WORK, _("New lessons"), _("Lessons for prevention that were given out in the period.")
    ),
    Figure("lessons_done", Nature.WORK, _("Lessons carried out"), _("Lessons that were carried out in the period.")),
    Figure(
        "lessons_open", Nature.STOCK, _("Lessons still open"), _("Lessons that were open at the end of the period.")
    ),
    Figure(
        "repeat_persons",
        Nature.PEOPLE,
        _("People behind two reports or more"),
        _("People outside the organisation who are known in two or more reports of the last 12 months. Told by year."),
        is_by_year=True,
    ),
    Figure(
        "lead_time",
        Nature.MEDIAN,
        _("Days from report to closing"),
        _("The middle one of the cases that were closed in the period; told from 25 cases."),
    ),
    Figure(
        "first_contact",
        Nature.MEDIAN,
        _("Hours until the first contact"),
        _(
            "From report to the first message or call from the desk to the reporter; the middle one of the first "
            "contacts in the period; told from 25."
        ),
        source="S23",
    ),
    Figure(
        "claimed",
        Nature.SUM,
        _("Damage claimed"),
        _("Euros that were claimed in the year, as known when it was fixed; told by year, in hundreds, from 5 claims."),
    ),
    Figure(
        "recovered",
        Nature.SUM,
        _("Damage recovered"),
        _("Euros that came back in the year, as known when it was fixed; told by year, in hundreds, from 5 payments."),
    ),
)


def of_nature(*natures: Nature) -> list[Figure]:
    """The figures of these natures, in the order in which they are shown."""
    return [figure for figure in FIGURES.values() if figure.nature in natures]
