"""The administrator's forms for the menu card. They validate; guidance.cards keeps."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guidance.changes import ItemChange, OwnItem
from guidance.deadlines import Deadline
from guidance.differences import deadline_text
from guidance.menu import Item, Text
from guidance.tightening import NotAllowed, check_deadline, freedom_of, is_term
from guidance.vocabulary import ClosedDay, Phase
from vpdportal.look.forms import PlainForm, ask_in_words

UNITS = [
    ("h", _("hours")),
    ("wd", _("working days")),
    ("d", _("days")),
    ("weeks", _("weeks")),
    ("months", _("months")),
    ("same_day", _("the same day")),
    ("at_once", _("at once")),
]
WITHOUT_AMOUNT = {"same_day", "at_once"}
TITLE, PURPOSE, ROLE = 90, 240, 120  # characters


class SeenForm(PlainForm):
    """A form that carries the mark of what it was shown with, to notice a change by somebody else."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)


def _words(label: Any, length: int, *, is_long: bool = False, required: bool = False, help_text: Any = "") -> Any:
    widget = forms.Textarea(attrs={"rows": 3}) if is_long else forms.TextInput()
    return forms.CharField(label=label, max_length=length, required=required, widget=widget, help_text=help_text)


class WordsForm(SeenForm):
    """The words of an item, in Dutch and in English."""

    title_nl = _words(_("Title"), TITLE, required=True)
    purpose_nl = _words(_("Explanation"), PURPOSE, is_long=True, required=True)
    role_nl = _words(_("Who usually does it?"), ROLE, required=True)
    title_en = _words(_("Title in English"), TITLE, help_text=_("Empty: the Dutch words."))
    purpose_en = _words(_("Explanation in English"), PURPOSE, is_long=True)
    role_en = _words(_("Who usually does it, in English"), ROLE)

    def clean(self) -> dict[str, Any]:
        """Words that can be read: with a letter or a figure, and without characters that cannot be seen."""
        data: dict[str, Any] = super().clean() or {}
        for name in ("title_nl", "purpose_nl", "role_nl", "title_en", "purpose_en", "role_en"):
            words = data.get(name)
            if words and (any(map(_is_hidden, words)) or not any(map(str.isalnum, words))):
                self.add_error(name, _("Use letters or figures, and no invisible characters."))
        return data

    def text(self, name: str) -> Text:
        dutch = self.cleaned_data[f"{name}_nl"]
        return Text(dutch, self.cleaned_data[f"{name}_en"] or dutch)


class ItemForm(WordsForm):
    """One item of the menu as it ships: on or off, its words, its terms."""

    def __init__(self, *args: Any, shipped: Item, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shipped = shipped
        self.freedom = freedom_of(shipped)
        if self.freedom.may_be_off:
            self.fields["is_on"] = _on_or_off()
        for number, step in enumerate(shipped.steps):
            if step.deadline is not None:
                label = str(step.title) if len(shipped.steps) > 1 else _("Term")
                ships = _("As it ships: %(term)s.") % {"term": deadline_text(step.deadline)}
                amount = forms.IntegerField(label=label, min_value=0, max_value=10_000, required=False, help_text=ships)
                self.fields[f"amount_{number}"] = along(amount)
                self.fields[f"unit_{number}"] = forms.ChoiceField(label=_("In what?"), choices=UNITS)
        ask_in_words(self)

    @property
    def steps(self) -> list[tuple[Any, Any]]:
        """The fields of each term: how many, and of what."""
        return [
            (self[f"amount_{number}"], self[f"unit_{number}"])
            for number, step in enumerate(self.shipped.steps)
            if step.deadline is not None
        ]

    @classmethod
    def initial_of(cls, item: Item, *, is_on: bool) -> dict[str, Any]:
        """What the form shows for an item as it stands on the draft."""
        values: dict[str, Any] = {"is_on": "on" if is_on else "off", **_initial_words(item)}
        for number, step in enumerate(item.steps):
            if step.deadline:
                values |= {
                    f"amount_{number}": step.deadline.amount or None,
                    f"unit_{number}": step.deadline.unit,
                }
        return values

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for number, step in enumerate(self.shipped.steps):
            if step.deadline is None or f"unit_{number}" not in data:
                continue
            chosen = _deadline(step.deadline.anchor, data.get(f"amount_{number}"), data[f"unit_{number}"])
            try:
                check_deadline(step.deadline, chosen, may_be_longer=self.freedom.may_be_longer)
            except NotAllowed as reason:
                self.add_error(f"amount_{number}", str(reason))
            data[f"deadline_{number}"] = chosen
        return data

    def change(self) -> ItemChange:
        """What differs from the item as it ships."""
        chosen = [self.cleaned_data.get(f"deadline_{number}") for number in range(len(self.shipped.steps))]
        differing = tuple(
            None if deadline == step.deadline else deadline
            for deadline, step in zip(chosen, self.shipped.steps, strict=True)
        )
        return ItemChange(
            is_on=self.cleaned_data.get("is_on", "on") == "on",
            title=self._own("title", self.shipped.title_text),
            purpose=self._own("purpose", self.shipped.purpose_text),
            role=self._own("role", self.shipped.role_text),
            deadlines=differing if any(differing) else (),
        )

    def _own(self, name: str, shipped: Text) -> Text | None:
        text = self.text(name)
        return None if text == shipped else text


class OwnItemForm(WordsForm):
    """An item that the organisation adds itself; its conditions are chosen on the next page."""

    phase = forms.ChoiceField(label=_("Where does it belong?"), choices=Phase.choices, widget=forms.RadioSelect)
    anchor = forms.ChoiceField(
        label=_("From when does the term count?"),
        choices=[("report", _("from the report")), ("incident", _("from the incident")), ("", _("no fixed term"))],
        required=False,
        initial="report",
        widget=forms.RadioSelect,
    )
    amount = forms.IntegerField(label=_("Term"), min_value=0, max_value=10_000, required=False, initial=5)
    unit = forms.ChoiceField(label=_("In what?"), choices=UNITS, required=False, initial="wd")
    is_default = forms.TypedChoiceField(
        label=_("What happens when it is advised?"),
        choices=[("no", _("It is proposed; the adviser chooses")), ("yes", _("It becomes a task at once"))],
        coerce=lambda value: value == "yes",
        initial="no",
        widget=forms.RadioSelect,
    )
    reaches_perpetrator = forms.TypedChoiceField(
        label=_("Does it go to the perpetrator?"),
        choices=[("no", _("No")), ("yes", _("Yes: a talk, a letter, a measure"))],
        coerce=lambda value: value == "yes",
        initial="no",
        widget=forms.RadioSelect,
        help_text=_("Then it is only advised when the perpetrator is known, and it waits when the police ask to."),
    )

    months = forms.IntegerField(
        label=_("After how many months does it end?"),
        min_value=1,
        max_value=24,
        required=False,
        help_text=_(
            "Only for what takes something away from the perpetrator, such as a ban. There is none without end."
        ),
    )

    def __init__(self, *args: Any, may_be_off: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("anchor", "amount", "unit"):
            along(self.fields[name])
        if may_be_off:
            self.fields["is_on"] = _on_or_off()

    @classmethod
    def initial_of(cls, own: OwnItem) -> dict[str, Any]:
        return {
            **_initial_words(own.as_item()),
            "phase": own.phase.value,
            "anchor": own.deadline.anchor if own.deadline else "",
            "amount": own.deadline.amount or None if own.deadline else None,
            "unit": own.deadline.unit if own.deadline else "wd",
            "is_default": "yes" if own.is_default else "no",
            "reaches_perpetrator": "yes" if own.reaches_perpetrator else "no",
            "is_on": "on" if own.is_on else "off",
            "months": own.months,
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        data["deadline"] = None
        if data.get("anchor"):
            data["deadline"] = _deadline(data["anchor"], data.get("amount"), data.get("unit") or "wd")
            if not is_term(data["deadline"]):
                self.add_error("amount", _("Give a term, for example 5 working days, or choose no fixed term."))
        if data.get("months") and not data.get("reaches_perpetrator"):
            self.add_error("months", _("Only what goes to the perpetrator can take something away. Leave this empty."))
        return data

    def own_item(self, code: str, before: OwnItem | None) -> OwnItem:
        data = self.cleaned_data
        return OwnItem(
            code=code,
            phase=Phase(data["phase"]),
            title=self.text("title"),
            purpose=self.text("purpose"),
            role=self.text("role"),
            condition=before.condition if before else (),
            deadline=data["deadline"],
            is_on=data.get("is_on", "on") == "on",
            is_default=data["is_default"],
            reaches_perpetrator=data["reaches_perpetrator"],
            months=data["months"],
        )


class CalendarForm(SeenForm):
    """Whether 5 May is a day off here."""

    closed_day = forms.ChoiceField(
        label=_("Is 5 May a day off in your organisation?"),
        choices=ClosedDay.choices,
        widget=forms.RadioSelect,
        help_text=_("Terms in working days follow it. King's Day and the other public holidays are always days off."),
    )


def _is_hidden(letter: str) -> bool:
    """A character that steers or hides others; emoji are joined by one that may stay."""
    return unicodedata.category(letter) in {"Cc", "Cf"} and letter not in "\r\n\u200d"


def _initial_words(item: Item) -> dict[str, str]:
    texts = {"title": item.title_text, "purpose": item.purpose_text, "role": item.role_text}
    return {f"{name}_{language}": getattr(text, language) for name, text in texts.items() for language in ("nl", "en")}


def _deadline(anchor: str, amount: int | None, unit: str) -> Deadline:
    return Deadline(anchor=anchor, unit=unit, amount=0 if unit in WITHOUT_AMOUNT else amount or 0)


def along(field: Any) -> Any:
    """A field that only counts with the one beside it: nothing says of it that it is not required."""
    field.is_unmarked = True
    return field


def _on_or_off() -> forms.ChoiceField:
    return radios(
        _("Is this on your menu card?"),
        [("on", _("On: it is advised when it fits")), ("off", _("Off: it is not advised"))],
    )


def radios(label: Any, choices: list[Any], **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, **options)
