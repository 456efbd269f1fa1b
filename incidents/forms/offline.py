"""The page for where there is no signal: what is needed to send, and no more. It knows nothing of who opens it."""

from copy import deepcopy
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.forms.report_happened import EXAMPLES, HappenedForm
from incidents.forms.report_needs import NeedsForm
from incidents.forms.report_safety import SafetyForm
from vpdportal.look.forms import PlainForm, ask_in_words

HOLDS_BACK = "someone_must_not_see"
ASKED = {
    SafetyForm: ("is_safe_now",),
    HappenedForm: ("behaviours", "story", "day", "hour", "channel", "place"),
    NeedsForm: ("wants_support", "contact"),
}


class OfflineForm(PlainForm):
    """The same questions as in the steps, on one page. The browser keeps the answers; this form checks nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for form, names in ASKED.items():
            self.fields |= {name: deepcopy(form.base_fields[name]) for name in names}
        self.fields[HOLDS_BACK] = forms.BooleanField(
            label=_("There is someone who must not see this report"),
            help_text=_("Tick this, and it is not sent by itself: once there is a signal, you first say who."),
        )
        self.fields["behaviours"].examples = EXAMPLES  # type: ignore[attr-defined]
        for name in ("is_safe_now", "wants_support", HOLDS_BACK):
            self.fields[name].is_unmarked = True  # type: ignore[attr-defined]
        ask_in_words(self)
