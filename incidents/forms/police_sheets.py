"""The forms of the sheet for the police. They validate; incidents.actions.police_sheets changes."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.forms.fields import EARLIEST, LongText, date_field
from incidents.models import Evidence, Person, PoliceSheet
from incidents.police_sheet import BESIDE, PERSONS, SEVEN_WS, STORY, TEXTS, WITNESS_NAMES, Answers
from incidents.vocabulary import FiledBy, PoliceKind, PoliceOutcome
from vpdportal.look.forms import PlainForm, ask_in_words

LONG = {"what": 2000, "how": 2000, "who": 1000}  # characters; the others are short
SHORT = 300
HELP = {
    "who": gettext_lazy("As it was reported: clothes, hair, tattoos, car. No BSN, and nothing about health or belief."),
    "what": gettext_lazy("Sum it up in your own words: what was said and done, and the literal words that matter."),
    "how": gettext_lazy("In order: what came first, what followed, how it ended."),
    "where": gettext_lazy("Never the home address of the person hit. The police ask for that themselves."),
    "witnesses": gettext_lazy("For example: a colleague of the same desk, two visitors."),
    "risks": gettext_lazy("For example: the person comes back tomorrow, or knows where someone lives."),
    "companion": gettext_lazy("Someone of the organisation goes along with the person hit."),
    "contact": gettext_lazy("Name, function and number at the organisation; never of the person hit."),
}


class Ways(forms.ChoiceField):
    """What can go to the police, and through whom."""

    ways = {
        "employer": (PoliceKind.AANGIFTE, FiledBy.EMPLOYER, gettext_lazy("Aangifte by the organisation")),
        "victim": (PoliceKind.AANGIFTE, FiledBy.VICTIM, gettext_lazy("Aangifte by the person hit, accompanied")),
        "notice": (
            PoliceKind.NOTICE,
            FiledBy.EMPLOYER,
            gettext_lazy("Notice (melding), when aangifte is not possible"),
        ),
    }

    def __init__(self, **options: Any) -> None:
        choices = [(name, label) for name, (_kind, _by, label) in self.ways.items()]
        super().__init__(choices=choices, widget=forms.RadioSelect, **options)


class StartForm(PlainForm):
    way = Ways(label=gettext_lazy("What do you want to prepare?"))

    @property
    def chosen(self) -> tuple[PoliceKind, FiledBy]:
        kind, filed_by, _label = Ways.ways[self.cleaned_data["way"]]
        return kind, filed_by


class Revised(PlainForm):
    """Of a sheet as it stood on the screen: `revision` says which one that was."""

    revision = forms.IntegerField(min_value=0, max_value=2_000_000_000, widget=forms.HiddenInput)


class PoliceSheetForm(Revised):
    """All that can be written on the sheet, filled with what stands on it."""

    evidence = forms.MultipleChoiceField(
        label=gettext_lazy("Which files go along?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("On the paper stand kind, size, moment and SHA-256 of each; not its name."),
    )
    persons = forms.MultipleChoiceField(
        label=gettext_lazy("Put the name on the sheet of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Without a tick no name goes along. That you give a name is written down."),
    )
    with_story = forms.BooleanField(
        label=gettext_lazy("Put the whole story of the report on the sheet"), required=False
    )
    with_witness_names = forms.BooleanField(
        label=gettext_lazy("Put the names of witnesses on the sheet"), required=False
    )
    is_under_number = forms.BooleanField(
        label=gettext_lazy("The person hit asks to be kept under a number"), required=False
    )
    is_vpt_code_asked = forms.BooleanField(label=gettext_lazy("The VPT code was asked for"), required=False)

    def __init__(
        self,
        *args: Any,
        sheet: PoliceSheet,
        files: Iterable[Evidence],
        persons: Iterable[Person],
        does_number_help: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, initial=initial_of(sheet), **kwargs)
        self.does_number_help = does_number_help
        for name in TEXTS:
            self.fields[name] = LongText(
                label=SEVEN_WS.get(name) or BESIDE[name],
                max_length=LONG.get(name, SHORT),
                rows=5 if name in LONG else 2,
                required=False,
                help_text=HELP.get(name, ""),
            )
        if sheet.filed_by != FiledBy.VICTIM:
            del self.fields["companion"]
        self._offer("evidence", [(str(one.pk), _file_label(one)) for one in files])
        self._offer("persons", [(str(one.pk), _person_label(i, one)) for i, one in enumerate(persons, 1)])
        ask_in_words(self)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_is_under_number(self) -> bool:
        wanted: bool = self.cleaned_data["is_under_number"]
        if wanted and not self.does_number_help:
            text = _(
                "It only helps when the perpetrator does not know the name. First set that in the facts of the case."
            )
            raise forms.ValidationError(text)
        return wanted

    def answers(self) -> Answers:
        """What was filled in, by name; what was left open is left out."""
        data = self.cleaned_data
        texts = {name: data[name].strip() for name in TEXTS if data.get(name)}
        ticks = {name: "yes" for name in (STORY, WITNESS_NAMES) if data[name]}
        return {**texts, **ticks, **({PERSONS: ",".join(data["persons"])} if data["persons"] else {})}

    def chosen_files(self) -> list[UUID]:
        return [UUID(one) for one in self.cleaned_data["evidence"]]


class FiledForm(Revised):
    """That it went to the police. `since`: the day on which it happened."""

    filed_on = date_field(label=gettext_lazy("On which day?"))
    police_number = forms.CharField(
        label=gettext_lazy("Number of the police (PV or mutation)"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Ask for it: insurance and the Schadefonds need it. It can follow later."),
    )
    contact = forms.CharField(label=gettext_lazy("Contact at the police"), max_length=200, required=False)
    is_vpt_code_asked = forms.BooleanField(label=gettext_lazy("The VPT code was asked for"), required=False)

    def __init__(self, *args: Any, now: datetime, since: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now, self.since = now, since

    def clean_filed_on(self) -> date:
        return _day_between(self.cleaned_data["filed_on"], self.since, self.now)


class NotFiledForm(Revised):
    reason = LongText(label=gettext_lazy("Why does it not go to the police?"), max_length=1000, rows=3)


class PoliceOutcomeForm(Revised):
    """What came of it. `since`: the day on which it was filed."""

    outcome = forms.ChoiceField(label=gettext_lazy("What came of it?"), choices=PoliceOutcome.choices)
    outcome_on = date_field(label=gettext_lazy("Since which day?"))
    outcome_words = LongText(
        label=gettext_lazy("In words"),
        max_length=1000,
        rows=3,
        required=False,
        help_text=gettext_lazy("For example: the date of the hearing, or why it was dismissed."),
    )

    def __init__(self, *args: Any, now: datetime, since: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now, self.since = now, since

    def clean_outcome_on(self) -> date:
        return _day_between(self.cleaned_data["outcome_on"], self.since, self.now)


def _day_between(day: date, since: date, now: datetime) -> date:
    if day > timezone.localdate(now):
        raise forms.ValidationError(_("This day is still to come."))
    if day < max(since, EARLIEST):
        first = date_format(max(since, EARLIEST), "DATE_FORMAT")
        raise forms.ValidationError(_("This day is too early: it is on %(day)s or later.") % {"day": first})
    return day


def initial_of(sheet: PoliceSheet) -> dict[str, Any]:
    """What stands on a sheet, as its form shows it."""
    answers = sheet.answers
    return {
        **{name: answers.get(name, "") for name in TEXTS},
        STORY: bool(answers.get(STORY)),
        WITNESS_NAMES: bool(answers.get(WITNESS_NAMES)),
        PERSONS: [one for one in answers.get(PERSONS, "").split(",") if one],
        "evidence": sheet.evidence,
        "is_vpt_code_asked": sheet.is_vpt_code_asked,
        "is_under_number": sheet.is_under_number,
        "revision": sheet.revision,
    }


def _file_label(file: Evidence) -> str:
    received = date_format(timezone.localtime(file.received_at), "SHORT_DATETIME_FORMAT")
    return f"{file.name} · {file.kind_word} · {received}"


def _person_label(number: int, person: Person) -> str:
    """Without the name: that stays shut until it is ticked."""
    known = {"number": number, "relation": person.get_relation_display()}
    return _("linked perpetrator %(number)s (%(relation)s)") % known
