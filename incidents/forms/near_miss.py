"""A near miss on one page: what almost happened, where, and what would help."""

from copy import deepcopy
from typing import Any

from django.utils.translation import gettext_lazy as _

from guidance.facts import Facts
from guidance.vocabulary import TargetGroup
from incidents.actions.report import NewReport
from incidents.forms.fields import LongText
from incidents.forms.report_happened import HappenedForm, choose_department
from incidents.forms.visibility import KEPT_OUT_EMAIL, ColleagueField, kept_out_people
from incidents.vocabulary import ReportKind

LEFT_OUT = ("main_behaviour", "weapon", "means", "threat_to_life", "is_going_on", "since")
LEFT_OUT_TOO = ("online_platform", "online_account", "online_address")


class NearMissForm(HappenedForm):
    slug = "bijna"

    prevention_idea = LongText(
        label=_("What would help to prevent it?"),
        max_length=1000,
        rows=3,
        required=False,
        help_text=_("For example: another desk, a second colleague, a better alarm."),
    )

    def prepare(self) -> None:
        super().prepare()
        for name in (*LEFT_OUT, *LEFT_OUT_TOO):
            self.fields.pop(name, None)
        if "department" not in self.fields:
            self.fields["department"] = deepcopy(type(self).base_fields["department"])  # never the class's own
            choose_department(self)
        self.fields[KEPT_OUT_EMAIL] = ColleagueField(
            organisation=self.desk.organisation,
            now=self.desk.now,
            label=_("Who must not see this report?"),
            help_text=_("The work e-mail address of that colleague."),
        )
        self.fields[KEPT_OUT_EMAIL].is_unmarked = True  # type: ignore[attr-defined]
        self.fields["behaviours"].label = _("What almost happened?")
        self.order_fields(["behaviours", "story", "day", "hour", "channel", "place", "department", "prevention_idea"])

    def report(self) -> NewReport:
        """What goes to the action. Of people nothing is asked, and the manager sees no name of it."""
        data: dict[str, Any] = self.cleaned_data
        return NewReport(
            organisation=self.desk.organisation,
            department=data["department"],
            facts=Facts(
                behaviours=tuple(self.behaviours_in_order),
                channel=data["channel"],
                target_group=self.desk.usual_target_group or TargetGroup.EMPLOYEE,
            ),
            occurred_at=data["occurred_at"],
            story=data["story"],
            kind=ReportKind.NEAR_MISS,
            location=self.desk.location,
            place=data["place"],
            details=self.texts(["prevention_idea"]),
            kept_out=tuple(kept_out_people(data)),
        )
