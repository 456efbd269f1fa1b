"""Under which name filters are kept."""

from django import forms
from django.utils.translation import gettext_lazy as _

from vpdportal.look.forms import PlainForm


class ListNameForm(PlainForm):
    name = forms.CharField(
        label=_("Name of the list"),
        help_text=_("Such as: mine, too late. No names of people."),
        max_length=60,
    )

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())
