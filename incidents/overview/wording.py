"""Numbers as words, the same on the page, on paper, in files and in sentences. In the language that is active."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from incidents.overview.disclosure import WIDE
from incidents.overview.shown import Share
from incidents.overview.told import Told

ALL = 100  # per cent
STEP = 5  # per cent of what is rounded


def told_text(told: Told | None) -> str:
    """ "17", "about 15", "fewer than 5", "not shown"."""
    if told is None:
        return _("not shown")
    if told.is_exact:
        return number_format(told.low, force_grouping=True)
    if told.value is None and told.low:
        return _("%(low)s to %(high)s") % {"low": told.low, "high": told.high}
    if told.value is None:
        return _("fewer than %(number)s") % {"number": told.high + 1}
    return _("about %(number)s") % {"number": number_format(told.value, force_grouping=True)}


def share_text(share: Share | None) -> str:
    """ "17 of 20", "about 15 of 20"; few cases say nothing."""
    if share is None:
        return _("too few cases")
    met, of = share
    if not of.is_exact or not met.is_exact:
        return _("%(part)s of about %(whole)s") % {"part": told_text(met), "whole": number_format(of.value or 0)}
    return _("%(part)s of %(whole)s") % {"part": number_format(met.low), "whole": number_format(of.low)}


def percent_of(part: Told | None, whole: Told | None) -> int | None:
    """Per cent of what is told, in fives where that is rounded; None on too small a base, or of too few.

    All of a rounded number may be fewer than all: that is no 100 per cent.
    """
    if part is None or whole is None or whole.low < WIDE or part.value is None:
        return None
    percent = 100 * part.value / (whole.value or 1)
    if part.is_exact and whole.is_exact:
        return round(percent)
    in_fives = round(percent / STEP) * STEP
    return in_fives if in_fives < ALL else None


def percent_text(percent: int | None) -> str:
    return "" if percent is None else f"{percent}%"


def euros_text(euros: int | None) -> str:
    if euros is None:
        return _("not shown")
    return f"€ {number_format(euros, force_grouping=True)}"
