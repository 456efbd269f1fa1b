"""Where a report begins: for which organisation, and from which poster or link."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.models import Draft, Location
from vpdportal.accounts.models import Organisation
from vpdportal.look.forms import PlainForm


class StartForm(PlainForm):
    """A fresh key, so that a double click starts one report; the organisation is asked only who serves several."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    organisation = forms.ModelChoiceField(label=_("For which organisation?"), queryset=Organisation.objects.none())

    def __init__(
        self, *args: Any, organisations: list[Organisation], location: Location | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.location = location
        ids = [organisation.pk for organisation in organisations]
        field: Any = self.fields["organisation"]
        field.queryset = Organisation.objects.filter(pk__in=ids)
        self.is_single = len(organisations) == 1 or location is not None
        self.fields["key"].initial = uuid4()
        if self.is_single:
            field.initial = location.organisation_id if location else ids[0]
            self.fix()

    def go_on_with(self, draft: Draft) -> None:
        """The key and the organisation are those of the draft."""
        self.fields["key"].initial, self.fields["organisation"].initial = draft.pk, draft.organisation_id
        self.fix()

    def fix(self) -> None:
        """The organisation is known: it is not asked."""
        self.is_single = True
        self.fields["organisation"].widget = forms.HiddenInput()
