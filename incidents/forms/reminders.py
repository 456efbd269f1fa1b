"""When an organisation works and which reminders it wants. Our own proposal fills it in; no norm asks for it [OWN]."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guidance.deadlines import ZONE
from guidance.office import Office
from incidents.actions.reminders.plans import CHOICES
from incidents.models import ReminderPlan
from vpdportal.look.forms import WeekDaysField, ask_in_words
from vpdportal.look.seen_form import SeenForm

SOME_DAY = (2026, 1, 5)  # quiet hours are the same each day
# [OWN] In this time the mail of the day can go out: room for a mail server that is away, and a portal that starts anew.
ROOM_FOR_DIGEST = timedelta(hours=2)
LATEST_DIGEST = time(22, 0)  # the mail of a day goes out on that day


class ReminderPlanForm(SeenForm):
    """Hours and days of the office, and who hears of what."""

    works_on = WeekDaysField(label=_("Working days"))

    class Meta:
        model = ReminderPlan
        fields = CHOICES
        widgets = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            for name in ("opens_at", "closes_at", "digest_at", "quiet_from", "quiet_until")
        }
        help_texts = {
            "digest_at": _("One mail for each person, on each working day, with everything that is open."),
            "quiet_until": _("Twice the same hour means: there are no quiet hours."),
            "hours_before": _("From 4 to 120 hours."),
            "escalate_days": _("From 1 to 14 days."),
            "to_manager": _("Only of a report that the reporter lets the manager see."),
        }
        error_messages = {
            "hours_before": {
                "min_value": _("Choose from 4 to 120 hours."),
                "max_value": _("Choose from 4 to 120 hours."),
            },
            "escalate_days": {"min_value": _("Choose from 1 to 14 days."), "max_value": _("Choose from 1 to 14 days.")},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_in_words(self)
        self.fields["works_on"].error_messages["required"] = _("Choose at least one day.")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        opens, closes = data.get("opens_at"), data.get("closes_at")
        if opens and closes and opens >= closes:
            self.add_error("closes_at", _("The office closes after it opens. Choose a later hour."))
        if not (data.get("to_deputy") or data.get("to_manager")):
            self.add_error("to_deputy", _("Choose at least one of the two: someone must hear of what stays undone."))
        if not self.errors:
            self._check_quiet_hours(data)
        return data

    def _check_quiet_hours(self, data: dict[str, Any]) -> None:
        """The mail of the day and the hours of the office lie outside the quiet hours."""
        has_quiet = data["quiet_from"] != data["quiet_until"]
        if self._is_quiet(data, data["digest_at"]):
            self.add_error("digest_at", _("This lies in the quiet hours. Choose another hour, or shorter quiet hours."))
        elif has_quiet and self._between(data["digest_at"], data["quiet_from"]) < ROOM_FOR_DIGEST:
            self.add_error(
                "digest_at",
                _(
                    "Less than two hours after this the quiet hours begin. Choose an earlier hour, or let the quiet "
                    "hours begin later."
                ),
            )
        elif data["digest_at"] > LATEST_DIGEST:
            self.add_error("digest_at", _("This is less than two hours before midnight. Choose 22:00 or earlier."))
        starts_in_office = data["opens_at"] < data["quiet_from"] < data["closes_at"]
        if has_quiet and (starts_in_office or self._is_quiet(data, data["opens_at"])):
            self.add_error(
                "quiet_from", _("The quiet hours lie in the hours of the office. Choose hours outside them.")
            )

    @staticmethod
    def _is_quiet(data: dict[str, Any], hour: time) -> bool:
        office = Office(quiet_from=data["quiet_from"], quiet_until=data["quiet_until"])
        return office.is_quiet(datetime(*SOME_DAY, hour.hour, hour.minute, tzinfo=ZONE))

    @staticmethod
    def _between(first: time, then: time) -> timedelta:
        """From an hour until the other one comes: on the same day, or on the next."""
        starts, ends = (datetime(*SOME_DAY, hour.hour, hour.minute) for hour in (first, then))  # noqa: DTZ001
        return (ends - starts) % timedelta(days=1)
