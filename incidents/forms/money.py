"""A form field for an amount in euro."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.money import MOST, cents_of, typed


class MoneyField(forms.CharField):
    """Typed as "1.234,50" or "1234.50", cleaned to whole cents; None where it was left open. Never below zero."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=20, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        """What is kept, as it is typed; what was typed stays as it was."""
        return typed(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:  # type: ignore[override]
        text = super().clean(value)
        if not text:
            return None
        if text.replace("€", "").strip().startswith(("-", "−", "–")):
            raise forms.ValidationError(_("An amount is never below zero."))
        try:
            cents = cents_of(text)
        except ValueError:
            raise forms.ValidationError(_("Write an amount in euro, such as 1.234,50.")) from None
        if cents > MOST:
            raise forms.ValidationError(_("This amount is too large. Check it, or divide it over several lines."))
        return cents
