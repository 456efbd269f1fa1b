"""The organisation's own answers of one sheet. It validates, never saves."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from incidents.forms.fields import LongText
from incidents.models import PrivacyAnswer
from incidents.overview.accountability_questions import Sheet, questions_of
from vpdportal.look.forms import PlainForm


class AnswersForm(PlainForm):
    """One text for each question of the sheet."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, sheet: Sheet, answers: Mapping[str, PrivacyAnswer], seen: str = "", **kwargs: Any
    ) -> None:
        self.questions = questions_of(sheet)
        known = {code: answer.text for code, answer in answers.items()}
        super().__init__(*args, initial={**known, "seen": seen}, **kwargs)
        for question in self.questions:
            hint = _("Our starting point, let your data protection officer settle it: %(text)s")
            self.fields[question.code] = LongText(
                label=question.title,
                help_text=hint % {"text": question.position},
                max_length=5000,
                required=False,
                rows=4,
            )

    def texts(self) -> dict[str, str]:
        """What was typed, by the code of the question."""
        return {question.code: self.cleaned_data[question.code] for question in self.questions}
