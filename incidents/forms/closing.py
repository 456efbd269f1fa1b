"""The end of a case: closing it, the one question back, and asking to open it again. incidents.actions.closing acts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guidance.deadlines import end_of_day
from incidents.actions.own_tasks import WantedTask
from incidents.actions.still_open import Point
from incidents.forms.fields import LongText, date_field
from incidents.forms.messages import LONGEST, SentOnce
from incidents.vocabulary import Helped, OpenPoint
from vpdportal.accounts.models import User
from vpdportal.look.forms import PlainForm

MOST_LESSONS = 3  # on one page; more can be added when the case is closed
LAST_DAY = timedelta(days=5 * 365)  # of what someone is asked to do
TICK = re.compile("([a-z_]+):([0-9]{1,6})")  # the value of a tick: a point, and how many there were


class HelpedForm(PlainForm):
    helped = forms.TypedChoiceField(
        label=_("Were you helped?"), choices=Helped.choices, coerce=Helped, widget=forms.RadioSelect
    )
    remark = LongText(
        label=_("Do you want to say why?"),
        max_length=2000,
        rows=3,
        required=False,
        help_text=_("Your adviser reads this."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remark"].is_unmarked = True  # type: ignore[attr-defined]


class ReopenForm(SentOnce):
    """For the person hit: what still has to be done."""

    reason = LongText(
        label=_("What still has to be done, or what happened?"),
        max_length=LONGEST,
        rows=4,
        help_text=_("Your adviser reads this and calls you."),
    )


class DeskReopenForm(PlainForm):
    reopen_reason = LongText(
        label=_("Why is the case opened again?"),
        max_length=LONGEST,
        rows=3,
        help_text=_("Kept as an internal note. The reporter sees that the case is open again."),
    )


class SeenField(forms.MultipleChoiceField):
    """Ticks of what someone saw, each with how many there were (`messages:2`). Cleaned: code → how many.

    What was solved meanwhile, also a part of it, may have been ticked: that is no fault.
    """

    points: Sequence[Point] = ()

    def show(self, points: Sequence[Point]) -> None:
        self.points = points
        self.choices = [(_tick(point), _named(point)) for point in points]

    def valid_value(self, value: str) -> bool:
        tick = TICK.fullmatch(value)
        return tick is not None and tick[1] in OpenPoint.values

    def clean(self, value: Any) -> dict[str, int]:
        return _ticked(super().clean(value))

    def bound_data(self, data: Any, initial: Any) -> list[str]:
        seen = _ticked(data or [])
        return [_tick(point) for point in self.points if point.count <= seen.get(point.code, 0)]

    def not_seen(self, seen: Mapping[str, int]) -> list[str]:
        """What there is more of now than was ticked, in words."""
        return [_named(point) for point in self.points if point.count > seen.get(point.code, 0)]


class EvaluationForm(PlainForm):
    evaluation = LongText(
        label=_("Evaluation"),
        max_length=LONGEST,
        rows=4,
        required=False,
        help_text=_("What went well, and what do you do in another way the next time? Only the desk reads this."),
    )


class EndingForm(EvaluationForm):
    """What the reporter is told, what the desk keeps, and that it was seen what is left open."""

    outcome = LongText(
        label=_("What was done?"),
        max_length=2000,
        rows=5,
        help_text=_("The reporter reads this. Write it so that someone who was hit can do something with it."),
    )
    seen = SeenField(
        label=_("This is still open. Tick what you have seen and leave so."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("seen", "outcome", "evaluation")

    def __init__(self, *args: Any, points: Iterable[Point], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = self.fields["seen"]
        seen.show([point for point in points if not point.stops])  # type: ignore[attr-defined]
        seen.is_unmarked = True  # type: ignore[attr-defined]

    def clean_seen(self) -> dict[str, int]:
        seen: dict[str, int] = self.cleaned_data["seen"]
        if missing := self.fields["seen"].not_seen(seen):  # type: ignore[attr-defined]
            raise forms.ValidationError(
                gettext("Look at this first, and tick it: %(what)s.") % {"what": "; ".join(missing)}
            )
        return seen


class LessonForm(PlainForm):
    """One lesson for prevention, or nothing at all. `named`: the people as choices, read once for several forms."""

    words = forms.CharField(label=_("What do you do so that it happens less?"), max_length=300, required=False)
    assignee = forms.ModelChoiceField(label=_("By whom?"), queryset=User.objects.none(), required=False)
    due_on = date_field(label=_("Before which day?"), required=False)

    def __init__(self, *args: Any, people: Any, now: datetime, named: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = people  # type: ignore[attr-defined]
        if named is not None:
            self.fields["assignee"].choices = named  # type: ignore[attr-defined]
        self.today = timezone.localdate(now)

    def clean_due_on(self) -> date | None:
        day: date | None = self.cleaned_data["due_on"]
        return day and coming_day(day, self.today)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        needed = {name: data.get(name) for name in ("words", "assignee", "due_on") if name not in self.errors}
        if any(needed.values()):
            for name in (name for name, value in needed.items() if not value):
                self.add_error(name, gettext("Fill in all three, or leave the lesson out."))
        return data

    def wanted(self) -> WantedTask | None:
        """What a valid form asks; None where nothing was filled in."""
        words, assignee, day = (self.cleaned_data.get(name) for name in ("words", "assignee", "due_on"))
        return WantedTask(words, assignee, end_of_day(day)) if words and assignee and day else None


class OwnTaskForm(LessonForm):
    """A task that is not on the menu."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].label = _("What has to be done?")
        self.fields["words"].help_text = _("Who gets the task reads this. Write no more about people than is needed.")
        for field in self.fields.values():
            field.required = True


def _tick(point: Point) -> str:
    return f"{point.code}:{point.count}"


def _ticked(values: Iterable[str]) -> dict[str, int]:
    """Code → how many there were."""
    ticks = (TICK.fullmatch(value) for value in values)
    return {tick[1]: int(tick[2]) for tick in ticks if tick}


def _named(point: Point) -> str:
    return f"{point.code.label} ({point.count})"


def coming_day(day: date, today: date) -> date:
    """The day itself. Raises ValidationError for one that has passed, or that lies more than five years ahead."""
    if not today <= day <= today + LAST_DAY:
        raise forms.ValidationError(gettext("Choose today or a day that comes, within five years."))
    return day
