"""Step 2: what happened, when and where. With this alone a report can be sent."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guidance.vocabulary import Behaviour, Channel
from incidents.forms.fields import LongText, YesNoUnknown, date_field, day_within_reason, local_moment, time_field
from incidents.forms.steps import StepForm, When
from vpdportal.accounts.models import Department

EXAMPLES = {
    Behaviour.VERBAL_ABUSE: _("shouting, swearing, calling names"),
    Behaviour.INSULT: _("belittling or humiliating you or your work"),
    Behaviour.INTIMIDATION: _("standing too close, blocking your way, “I know where you live”"),
    Behaviour.THREAT: _("“I will get you”, also in writing"),
    Behaviour.DISCRIMINATION: _("about your origin, belief, sex, age or disability"),
    Behaviour.SEXUAL_HARASSMENT: _("remarks about your body, touching you"),
    Behaviour.STALKING: _("following you, contacting you again and again"),
    Behaviour.DOXING: _("spreading your address, photo or number"),
    Behaviour.ONLINE_HATE: _("nasty reactions or messages about you, online"),
    Behaviour.PHYSICAL_VIOLENCE: _("pushing, hitting, kicking, throwing something at you"),
    Behaviour.SPITTING: _("at you or in your direction"),
    Behaviour.WEAPON: _("a knife, a firearm, or something used like that"),
    Behaviour.VANDALISM: _("breaking or damaging things"),
    Behaviour.TRESPASS: _("coming in or staying where it is not allowed"),
    Behaviour.OBSTRUCTION: _("making your work impossible"),
    Behaviour.UNDUE_PRESSURE: _("pressing you to decide differently"),
}
_THREATENING = (Behaviour.THREAT, Behaviour.INTIMIDATION, Behaviour.STALKING, Behaviour.WEAPON)
_NEAR = (*_THREATENING, Behaviour.PHYSICAL_VIOLENCE, Behaviour.SPITTING, Behaviour.VANDALISM)
ONLINE = (When("channel", (Channel.SOCIAL_MEDIA,)), When("behaviours", (Behaviour.ONLINE_HATE, Behaviour.DOXING)))
DETAILS = ("since", "means", "online_platform", "online_account", "online_address")


class HappenedForm(StepForm):
    slug = "gebeurd"
    conditions = {
        "main_behaviour": (When("behaviours", tuple(Behaviour.values), count=2),),
        "weapon": (When("behaviours", tuple(_NEAR)),),
        "means": (When("weapon", ("yes",)),),
        "threat_to_life": (When("behaviours", tuple(_THREATENING)),),
        "since": (When("is_going_on", ("on",)),),
        "online_platform": ONLINE,
        "online_account": ONLINE,
        "online_address": ONLINE,
    }

    behaviours = forms.MultipleChoiceField(
        label=_("What did the person do?"),
        choices=Behaviour.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose everything that fits."),
    )
    main_behaviour = forms.ChoiceField(
        label=_("What was the worst of it?"),
        choices=[("", _("The first of my choices")), *Behaviour.choices],
        required=False,
    )
    weapon = YesNoUnknown(label=_("Was there a weapon, or something used as one?"))
    means = forms.CharField(label=_("With what?"), max_length=200, required=False)
    threat_to_life = YesNoUnknown(label=_("Did someone threaten to kill you or a colleague?"))
    story = LongText(
        label=_("Tell it in your own words"),
        max_length=4000,
        rows=6,
        help_text=_("What was said and done, in which order. The literal words help. A few sentences are enough."),
    )
    day = date_field(label=_("On which day?"))
    hour = time_field(label=_("At about what time?"))
    is_going_on = forms.BooleanField(label=_("It has been going on for longer"), required=False)
    since = forms.CharField(
        label=_("Since when, and how often?"),
        max_length=200,
        required=False,
        help_text=_("For example: since May, every week."),
    )
    channel = forms.ChoiceField(label=_("Where or how?"), choices=Channel.choices, widget=forms.RadioSelect)
    place = forms.CharField(
        label=_("Which place?"),
        max_length=200,
        required=False,
        help_text=_("For example: desk 3, town hall."),
    )
    department = forms.ModelChoiceField(label=_("Which department?"), queryset=Department.objects.none())
    online_platform = forms.CharField(
        label=_("On which platform?"),
        max_length=100,
        required=False,
        help_text=_("For example Facebook, X, Instagram or WhatsApp."),
    )
    online_account = forms.CharField(label=_("From which account?"), max_length=200, required=False)
    online_address = forms.CharField(
        label=_("What is the address of the message?"),
        max_length=2000,
        required=False,
        help_text=_("Copy it from the address bar. Make a screenshot as well: messages get removed."),
    )

    def prepare(self) -> None:
        local = timezone.localtime(self.desk.now)
        self.fields["behaviours"].examples = EXAMPLES  # type: ignore[attr-defined]
        self.fields["day"].initial = local.date()
        location = self.desk.location
        if location:
            self.fields["place"].initial = location.name
            self.fields["channel"].initial = location.channel
        for name in ("weapon", "threat_to_life", "is_going_on"):
            self.fields[name].is_unmarked = True  # type: ignore[attr-defined]
        choose_department(self)
        if self.fields["department"].initial:
            del self.fields["department"]  # known; it can be changed in the next step

    def clean_day(self) -> Any:
        return day_within_reason(self.cleaned_data["day"], self.desk.now)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("main_behaviour") and data["main_behaviour"] not in data.get("behaviours", []):
            self.add_error("main_behaviour", _("Choose something that you also ticked above."))
        if data.get("day") and data.get("hour") is not None:
            data["occurred_at"] = local_moment(data["day"], data["hour"])
            if data["occurred_at"] > self.desk.now:
                self.add_error("hour", _("This moment is still to come. Check the day and the time."))
        return data

    @property
    def behaviours_in_order(self) -> list[str]:
        """What happened, the worst first."""
        chosen: list[str] = self.cleaned_data["behaviours"]
        main = self.cleaned_data.get("main_behaviour") or chosen[0]
        return [main, *[behaviour for behaviour in chosen if behaviour != main]]


def choose_department(form: StepForm) -> None:
    """The organisation's departments, with the location's or one's own chosen."""
    desk = form.desk
    departments = Department.objects.filter(organisation=desk.organisation, is_active=True)
    form.fields["department"].queryset = departments  # type: ignore[attr-defined]
    known = (desk.location.department if desk.location else None) or desk.own_department
    if known and known.organisation_id == desk.organisation.pk and known.is_active:
        form.fields["department"].initial = known.pk
