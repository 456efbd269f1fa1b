"""A form of a row that two people may have open at once."""

from datetime import time
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from vpdportal.seen import Seen


class SeenForm(forms.ModelForm):
    """A form that knows what its page showed. Who saves it refuses what is old, and `say_what_is_kept` then tells."""

    use_required_attribute = False
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = lambda: Seen.of(self.instance, self.columns).mark  # a form may yet ask for less

    @property
    def columns(self) -> list[str]:
        """The columns that are asked for."""
        return [name for name in self._meta.fields or () if name in self.fields]

    @property
    def changed(self) -> list[str]:
        """Those that were changed."""
        return [name for name in self.changed_data if name in self.columns]

    @property
    def shown(self) -> Seen:
        """What the page showed. Of a form that is valid."""
        return Seen(tuple(self.columns), self.cleaned_data["seen"])

    def say_what_is_kept(self, kept: Model, reason: str) -> None:
        """Beside each answer that differs: what is kept now, and why it was not saved. To be sent again upon that."""
        given = dict(self.cleaned_data)
        sent: Any = self.data
        self.data = sent = sent.copy()
        sent[self.add_prefix("seen")] = Seen.of(kept, self.columns).mark
        for name in self.columns:
            if name in given and given[name] != getattr(kept, name):
                self.add_error(name, _("Kept now: %(value)s.") % {"value": self._in_words(name, getattr(kept, name))})
        self.add_error(None, reason)

    def _in_words(self, name: str, value: Any) -> str:
        """A value of a column as people read it."""
        if isinstance(value, bool):
            return str(_("Yes") if value else _("No"))
        if isinstance(value, time):
            return f"{value:%H:%M}"
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
            labels: dict[Any, Any] = dict(field.choices)  # type: ignore[arg-type]
            chosen = field.prepare_value(value)
            value = ", ".join(
                str(labels[one]) for one in (chosen if isinstance(chosen, list) else [chosen]) if one in labels
            )
        return str(_("nothing") if value in (None, "") else value)
