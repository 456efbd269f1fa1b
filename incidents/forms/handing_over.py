"""Giving a case, or everything, to someone else. They validate; incidents.actions changes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vpdportal.accounts.models import User
from vpdportal.look.forms import PlainForm


class AssignForm(PlainForm):
    to = forms.ModelChoiceField(label=_("Who handles this case?"), queryset=User.objects.none())
    moves_tasks = forms.BooleanField(
        label=_("The open tasks of who handles it now move along"), required=False, initial=True
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]


class HandOverAllForm(PlainForm):
    to = forms.ModelChoiceField(label=_("Who gets everything?"), queryset=User.objects.none())

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]
