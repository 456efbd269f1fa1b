"""Closing a case to the rest of the desk, opening it in need, and judging whether that was right."""

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.actions.glass import SHORTEST_REASON
from incidents.forms.fields import LongText
from vpdportal.look.forms import PlainForm

LONGEST = 1000


class RestrictionForm(PlainForm):
    reason = LongText(
        label=_("Why?"),
        max_length=LONGEST,
        rows=3,
        help_text=_("It becomes an internal note in the case."),
    )


class GlassForm(PlainForm):
    reason = LongText(
        label=_("Why must you see it now?"),
        min_length=SHORTEST_REASON,
        max_length=LONGEST,
        rows=3,
        help_text=_("Write what cannot wait. The data protection officer reads it and judges whether it was right."),
        error_messages={"min_length": _("Write a few words more, so that others can follow it later.")},
    )


class JudgementForm(PlainForm):
    verdict = forms.ChoiceField(
        label=_("Was it right?"),
        choices=[("yes", _("In order")), ("no", _("Not in order"))],
        widget=forms.RadioSelect,
    )
    words = LongText(label=_("In your words"), max_length=LONGEST, rows=3)
