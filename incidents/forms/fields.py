"""Form fields that several forms share: a plain yes / no / not known, and a moment that may be any hour."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

EARLIEST = date(2000, 1, 1)


class YesNoUnknown(forms.TypedChoiceField):
    """Three answers; "I do not know" stays unknown, which is not the same as no."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=[("yes", _("Yes")), ("no", _("No")), ("unknown", _("I do not know"))],
            coerce={"yes": True, "no": False, "unknown": None}.get,
            empty_value=None,
            required=options.pop("required", False),
            widget=forms.RadioSelect,
            **options,
        )


class LongText(forms.CharField):
    """Text of several lines. Without the browser's own limit: that would cut off what someone pastes, silently."""

    def __init__(self, *, rows: int = 5, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(widget=widget, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        attrs["data-most"] = attrs.pop("maxlength", "")
        return attrs

    def make_room_for(self, text: str) -> None:
        """Take what stands there already, however long it grew. A browser sends each end of a line as two signs."""
        most = len(text.replace("\r\n", "\n").replace("\n", "\r\n"))
        if self.max_length is None or most <= self.max_length:
            return
        others = [one for one in self.validators if not isinstance(one, MaxLengthValidator)]
        self.max_length, self.validators = most, [*others, MaxLengthValidator(most)]
        self.widget.attrs["data-most"] = str(most)


def date_field(**options: Any) -> forms.DateField:
    """A date with the browser's own picker."""
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


def time_field(**options: Any) -> forms.TimeField:
    return forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **options)


def local_moment(day: date, hour: time) -> datetime:
    """The moment of a local date and time.

    In the hour that comes twice it is the first of the two; in the hour that does not exist, one hour later: such a
    night is no reason to refuse a report.
    """
    naive = datetime.combine(day, hour)
    moment = naive.replace(tzinfo=timezone.get_default_timezone(), fold=0)
    return timezone.localtime(moment.astimezone(timezone.get_default_timezone()))


def day_within_reason(day: date, now: datetime) -> date:
    """The day itself. Raises ValidationError for one before 2000 or after tomorrow."""
    if not EARLIEST <= day <= timezone.localdate(now) + timedelta(days=1):
        raise forms.ValidationError(_("Check the date: it lies too far back, or in the future."))
    return day
