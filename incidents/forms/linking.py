"""Linking two cases, and joining two reports about the same event. They validate; incidents.actions acts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from incidents.vocabulary import LinkKind
from vpdportal.look.forms import PlainForm


class LinkForm(PlainForm):
    number = forms.CharField(label=_("Number of the other case"), max_length=20)
    kind = forms.TypedChoiceField(
        label=_("What do they have to do with each other?"),
        choices=[
            (LinkKind.SAME_EVENT.value, _("They are about the same event")),
            (LinkKind.SAME_PERPETRATOR.value, _("It is the same perpetrator")),
            (LinkKind.FOLLOWS.value, _("The other one follows from this one")),
            (LinkKind.RELATED.value, _("Something else")),
        ],
        coerce=LinkKind,
        widget=forms.RadioSelect,
    )


class MergeForm(PlainForm):
    """Which of two cases goes on, and that the consequences are known."""

    goes_on = forms.TypedChoiceField(label=_("Which one goes on?"), widget=forms.RadioSelect)
    is_sure = forms.BooleanField(
        label=_("It is the same event. Who was hit in the other one is helped in the case that goes on.")
    )

    def __init__(self, *args: Any, cases: list[Incident], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["goes_on"].choices = [(str(case.pk), case.reference) for case in cases]  # type: ignore[attr-defined]
