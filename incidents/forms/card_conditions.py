"""When an own item is advised, and one cell of the ladder: choices of facts and steps, no code to type."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guidance.card import Card
from guidance.facts import FACTS, FactDescription
from guidance.menu import LadderStep
from guidance.menu_checks import ladder_fault
from guidance.rules import Test
from guidance.vocabulary import Severity
from incidents.forms.card import SeenForm, along, radios
from vpdportal.look.forms import ask_in_words


class FactForm(forms.Form):
    """Which fact a new line of a condition is about."""

    use_required_attribute = False
    fact = forms.ChoiceField(label=_("Which fact?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fact"].choices = [(name, fact.label) for name, fact in FACTS.items()]  # type: ignore[attr-defined]


class TestForm(SeenForm):
    """What the chosen fact must be. The questions fit the kind of fact; nobody types a code."""

    def __init__(self, *args: Any, fact: FactDescription, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fact = fact
        if fact.kind == "boolean":
            self.fields["value"] = radios(fact.label, [("yes", _("Yes")), ("no", _("No"))])
        elif fact.kind == "integer" or fact.name == "severity":
            self.fields["operator"] = radios(
                fact.label, [("min", _("at least")), ("max", _("at most")), ("is", _("exactly"))], initial="min"
            )
            self.fields["value"] = (
                radios(_("Which?"), Severity.choices)
                if fact.name == "severity"
                else forms.IntegerField(label=_("How many?"), min_value=0, max_value=1000)
            )
        else:
            self.fields["value"] = forms.MultipleChoiceField(
                label=fact.label,
                choices=fact.choices.choices if fact.choices else [],
                widget=forms.CheckboxSelectMultiple,
                help_text=_("Choose one or more: it holds when one of them is so."),
            )
        ask_in_words(self)

    def test(self) -> Test:
        value = self.cleaned_data["value"]
        if self.fact.kind == "boolean":
            return Test(self.fact.name, "is", value == "yes")
        if "operator" in self.cleaned_data:
            return Test(self.fact.name, self.cleaned_data["operator"], int(value))
        if self.fact.kind == "choices":
            return Test(self.fact.name, "has", tuple(value))
        return Test(self.fact.name, "in", tuple(value))


class LadderForm(SeenForm):
    """One cell of the ladder: which steps, and for what restricts someone how many months."""

    def __init__(self, *args: Any, card: Card, codes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.card, self.codes = card, codes
        for code in codes:
            item = card.every[code]
            self.fields[f"on_{code}"] = forms.BooleanField(label=item.title, required=False)
            if item.restricts:
                most = item.restricts.at_most
                self.fields[f"from_{code}"] = _months(_("From how many months?"), most)
                self.fields[f"to_{code}"] = _months(_("To how many months?"), most)

    @classmethod
    def initial_of(cls, steps: tuple[LadderStep, ...]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for step in steps:
            values[f"on_{step.code}"] = True
            if step.months:
                values |= {f"from_{step.code}": step.months[0], f"to_{step.code}": step.months[1]}
        return values

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each step's fields together, for the template."""
        return [
            {
                "on": self[f"on_{code}"],
                "months": [self[f"from_{code}"], self[f"to_{code}"]] if f"from_{code}" in self.fields else [],
                "at_most": restricts.at_most if (restricts := self.card.every[code].restricts) else None,
            }
            for code in self.codes
        ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        steps = []
        for code in self.codes:
            if not data.get(f"on_{code}"):
                continue
            step = LadderStep(code, self._months_of(code, data))
            if f"from_{code}" in self.fields and ladder_fault([step], self.card.every):
                self.add_error(f"from_{code}", _("No measure without an end: give the months, the shortest first."))
            steps.append(step)
        if not steps:
            self.add_error(None, _("Choose at least one step."))
        data["steps"] = tuple(steps)
        return data

    def _months_of(self, code: str, data: dict[str, Any]) -> tuple[int, int] | None:
        if f"from_{code}" not in self.fields:
            return None
        shortest, longest = data.get(f"from_{code}") or 0, data.get(f"to_{code}") or 0
        return (shortest, longest or shortest)


def _months(label: Any, most: int) -> forms.IntegerField:
    return along(forms.IntegerField(label=label, min_value=1, max_value=most, required=False))
