"""What every form of ours has: no browser bubbles, and errors that say how to mend it."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

CHOOSE = _("Choose an answer.")
FILL_IN = _("Fill this in: we need it to go on.")
NOT_CHOSEN = _("Choose")
NO_CHOICE = _("No choice")
DJANGO_NOT_CHOSEN = "---------"


class PlainForm(forms.Form):
    """A form whose missing answers are asked for in words."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_in_words(self)


def ask_in_words(form: forms.BaseForm) -> None:
    """Say what to do where a needed answer is missing, and in a list that nothing was chosen yet."""
    for field in form.fields.values():
        is_choice = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
        field.error_messages["required"] = CHOOSE if is_choice else FILL_IN
        if isinstance(field, forms.ModelChoiceField) and field.empty_label == DJANGO_NOT_CHOSEN:
            field.empty_label = NOT_CHOSEN if field.required else NO_CHOICE


class WeekDaysField(forms.MultipleChoiceField):
    """Days of the week as checkboxes; its value is their numbers as date.isoweekday() counts, such as "1245"."""

    def __init__(self, **options: Any) -> None:
        days = [(str(number), name) for number, name in enumerate(WEEKDAYS.values(), 1)]
        super().__init__(choices=days, widget=forms.CheckboxSelectMultiple, **options)
        self.is_unmarked = True  # none is an answer too, which the words beside it explain

    def prepare_value(self, value: Any) -> Any:
        return list(value) if isinstance(value, str) else value

    def clean(self, value: Any) -> Any:
        return "".join(sorted(set(super().clean(value))))
