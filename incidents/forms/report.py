"""The report form. It validates and says what was sent in the menu's words; incidents.actions.report stores it.

Which fact each question yields: handbook 6.2; codes: guidance.vocabulary. Never asked: BSN, diagnosis, ethnicity,
religion.
"""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guidance.facts import Facts
from guidance.vocabulary import Behaviour, Channel, Motive, Relation, TargetGroup
from incidents.actions.report import NewReport
from incidents.forms.fields import ManyFiles, YesNoUnknown, date_field, day_within_reason, local_moment, time_field
from incidents.vocabulary import FeedbackWish
from vpdportal.accounts.models import Department, Organisation, User
from vpdportal.look.forms import PlainForm, ask_in_words

# The questions that follow the story, each the fact of the same dotted name. Labels stand in the form, in plain words.
FLAGS = {
    "ongoing_threat": _("Is the threat still going on?"),
    "weapon": _("Was there a weapon, or something used as one?"),
    "threat_to_life": _("Did someone threaten to kill you or a colleague?"),
    "injury": _("Is anyone injured?"),
    "hospital_admission": _("Was anyone admitted to hospital?"),
    "complaints": _("Has it given you trouble since, such as poor sleep or fear?"),
    "damage": _("Was anything damaged?"),
    "home_involved": _("Was a home, home address or private car part of it?"),
    "family_involved": _("Was family part of it?"),
    "worked_alone": _("Were you working alone?"),
    "next_contact_planned": _("Is there another appointment or contact with this person?"),
    "contact_would_continue": _("Would you have to go on dealing with this person?"),
    "public_meeting_announced": _("Is there a public meeting soon where this person may come?"),
}
PERPETRATOR_FLAGS = {
    "known": _("Do you or your organisation know who it was?"),
    "group": _("Was it a group?"),
    "minor": _("Was the person a minor (under 18)?"),
    "benefit_client": _("Does the person receive a benefit from your organisation?"),
    "knows_victims_name": _("Does the person know your name?"),
    "visits_premises": _("Does the person come to your buildings or sites?"),
}
BEHAVIOUR_EXAMPLES = {
    Behaviour.VERBAL_ABUSE: _("shouting, swearing, calling names"),
    Behaviour.INSULT: _("belittling or humiliating you or your work"),
    Behaviour.INTIMIDATION: _("standing too close, blocking your way, “I know where you live”"),
    Behaviour.THREAT: _("“I will get you”, also in writing"),
    Behaviour.PHYSICAL_VIOLENCE: _("pushing, hitting, kicking, throwing something at you"),
    Behaviour.STALKING: _("following you, contacting you again and again"),
    Behaviour.DOXING: _("spreading your address, photo or number"),
    Behaviour.UNDUE_PRESSURE: _("pressing you to decide differently"),
}


class ReportForm(PlainForm):
    """One page. What must be answered comes first; the rest is folded and may be filled in later by the adviser."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    organisation = forms.ModelChoiceField(label=_("For which organisation?"), queryset=Organisation.objects.none())
    department = forms.ModelChoiceField(label=_("Which department?"), queryset=Department.objects.none())
    behaviours = forms.MultipleChoiceField(
        label=_("What happened?"),
        choices=Behaviour.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose everything that fits."),
    )
    main_behaviour = forms.ChoiceField(
        label=_("What was the worst of it?"),
        choices=[("", _("The first of my choices")), *Behaviour.choices],
        required=False,
    )
    story = forms.CharField(
        label=_("Tell it in your own words"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_("What was said and done, in which order. The literal words help."),
    )
    day = date_field(label=_("On which day?"))
    hour = time_field(label=_("At about what time?"))
    channel = forms.ChoiceField(label=_("Where or how?"), choices=Channel.choices, widget=forms.RadioSelect)
    place = forms.CharField(
        label=_("Which place?"),
        max_length=200,
        required=False,
        help_text=_("For example: desk 3, town hall, or the name of the platform."),
    )
    for_other = forms.TypedChoiceField(
        label=_("Whom did it happen to?"),
        choices=[("no", _("To me")), ("yes", _("To someone else, and I report it for them"))],
        coerce=lambda value: value == "yes",
        initial="no",
        widget=forms.RadioSelect,
    )
    affected_name = forms.CharField(label=_("The name of that person"), max_length=120, required=False)
    affected_email = forms.EmailField(
        label=_("Their work e-mail address"),
        required=False,
        help_text=_("Then they can follow this report themselves."),
    )
    target_group = forms.ChoiceField(label=_("What is their work, or yours?"), choices=TargetGroup.choices)
    motive = forms.ChoiceField(
        label=_("Why, do you think?"),
        choices=[("", _("I do not know")), *[c for c in Motive.choices if c[0] != Motive.UNKNOWN]],
        required=False,
    )
    relation = forms.ChoiceField(
        label=_("What is the person to your organisation?"),
        choices=[("", _("I do not know")), *Relation.choices],
        required=False,
    )
    perpetrator_description = forms.CharField(
        label=_("Who was it, or what did the person look like?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A name or case number if you know it. Only the VPD adviser reads this. No BSN, please."),
    )
    witnesses = forms.IntegerField(label=_("How many colleagues saw it?"), min_value=0, max_value=500, required=False)
    visitor_witnesses = forms.IntegerField(
        label=_("How many others saw it, such as visitors?"), min_value=0, max_value=500, required=False
    )
    sick_leave_days = forms.IntegerField(
        label=_("How many days of sick leave so far?"), min_value=0, max_value=3650, required=False
    )
    safety_feeling = forms.TypedChoiceField(
        label=_("How safe do you feel now?"),
        choices=[
            ("", _("I would rather not say")),
            (1, _("1: not safe at all")),
            (2, "2"),
            (3, "3"),
            (4, "4"),
            (5, _("5: quite safe")),
        ],
        coerce=int,
        empty_value=None,
        required=False,
    )
    wants_support = forms.TypedChoiceField(
        label=_("Would you like to talk with someone?"),
        choices=[("yes", _("Yes, please")), ("no", _("Not now"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        help_text=_("You can always change this later."),
    )
    contact = forms.CharField(
        label=_("How can we reach you?"),
        max_length=120,
        required=False,
        help_text=_("For example a telephone number and a good time."),
    )
    feedback_wish = forms.ChoiceField(
        label=_("How do you want to hear what was done?"), choices=FeedbackWish.choices, initial=FeedbackWish.PORTAL
    )
    may_manager_see = forms.TypedChoiceField(
        label=_("May your manager see that you reported this?"),
        choices=[("yes", _("Yes")), ("no", _("No, only the VPD adviser"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        help_text=_("Your manager then sees what kind of incident it was and your name, not your story."),
    )
    evidence = ManyFiles(
        label=_("Photo, screenshot or PDF"),
        required=False,
        help_text=_("At most 5 files of 10 MB each: JPG, PNG or PDF."),
    )

    def __init__(self, *args: Any, user: User, organisations: list[Organisation], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.now = user, now
        self._add_flags()
        ask_in_words(self)
        self.fields["behaviours"].examples = BEHAVIOUR_EXAMPLES  # type: ignore[attr-defined]
        ids = [organisation.pk for organisation in organisations]
        departments = Department.objects.filter(organisation__in=ids, is_active=True).select_related("organisation")
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]
        self.fields["organisation"].queryset = Organisation.objects.filter(pk__in=ids)  # type: ignore[attr-defined]
        if len(organisations) == 1:
            self.fields["organisation"].initial = organisations[0].pk
            self.fields["organisation"].widget = forms.HiddenInput()
        else:
            self.fields["department"].label_from_instance = lambda d: f"{d.organisation.name}: {d.name}"  # type: ignore[attr-defined]

    def _add_flags(self) -> None:
        for name, label in FLAGS.items():
            self.fields[name] = YesNoUnknown(label=label)
        for name, label in PERPETRATOR_FLAGS.items():
            self.fields[f"perpetrator_{name}"] = YesNoUnknown(label=label, required=name == "known")

    @classmethod
    def first_values(cls, *, now: datetime, department: Department | None) -> dict[str, Any]:
        """What an empty form starts with: a fresh key, today, and one's own department."""
        local = timezone.localtime(now)
        return {
            "key": uuid4(),
            "day": local.date(),
            "department": department.pk if department else None,
            "organisation": department.organisation_id if department else None,
        }

    def clean_day(self) -> Any:
        return day_within_reason(self.cleaned_data["day"], self.now)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        organisation, department = data.get("organisation"), data.get("department")
        if organisation and department and department.organisation_id != organisation.pk:
            self.add_error("department", _("Choose a department of the organisation you chose."))
        if data.get("for_other") and not data.get("affected_name"):
            self.add_error("affected_name", _("Write the name of the person it happened to."))
        if data.get("main_behaviour") and data["main_behaviour"] not in data.get("behaviours", []):
            self.add_error("main_behaviour", _("Choose something that you also ticked above."))
        if data.get("day") and data.get("hour") is not None:
            data["occurred_at"] = local_moment(data["day"], data["hour"])
            if data["occurred_at"] > self.now:
                self.add_error("hour", _("This moment is still to come. Check the day and the time."))
        return data

    def facts(self) -> Facts:
        """The facts of the menu in what was sent; what was left open stays unknown."""
        data = self.cleaned_data
        main = data["main_behaviour"] or data["behaviours"][0]
        values: dict[str, Any] = {
            "behaviours": [main, *[b for b in data["behaviours"] if b != main]],
            "channel": data["channel"],
            "target_group": data["target_group"],
            "reported_for_other": data["for_other"],
            "motive": data["motive"] or None,
            **{name: data[name] for name in FLAGS},
            **{name: data[name] for name in ("witnesses", "visitor_witnesses", "sick_leave_days")},
        }
        perpetrator = {name: data[f"perpetrator_{name}"] for name in PERPETRATOR_FLAGS}
        perpetrator["relation"] = data["relation"] or None
        values["perpetrator"] = {name: value for name, value in perpetrator.items() if value is not None}
        return Facts.from_dict({name: value for name, value in values.items() if value is not None})

    def report(self) -> NewReport:
        """What goes to the action."""
        data = self.cleaned_data
        return NewReport(
            organisation=data["organisation"],
            department=data["department"],
            facts=self.facts(),
            occurred_at=data["occurred_at"],
            story=data["story"],
            place=data["place"],
            affected=self._affected(),
            affected_name=data["affected_name"] if data["for_other"] else "",
            contact=data["contact"],
            perpetrator_description=data["perpetrator_description"],
            may_manager_see=data["may_manager_see"],
            wants_support=data["wants_support"],
            feedback_wish=FeedbackWish(data["feedback_wish"]),
            safety_feeling=data["safety_feeling"],
        )

    def _affected(self) -> User | None:
        """The colleague whose address was given, when that is a member of the organisation. Never says which it was."""
        data = self.cleaned_data
        if not data["for_other"] or not data["affected_email"]:
            return None
        members = User.objects.filter(memberships__organisation=data["organisation"], is_active=True)
        return members.filter(email=data["affected_email"].lower()).first()
