"""Step 1: is it safe now?"""

from django.utils.translation import gettext_lazy as _

from incidents.forms.fields import YesNoUnknown
from incidents.forms.steps import StepForm


class SafetyForm(StepForm):
    slug = "veilig"

    is_safe_now = YesNoUnknown(label=_("Is it safe now, for you and for others?"))

    def prepare(self) -> None:
        self.fields["is_safe_now"].is_unmarked = True  # type: ignore[attr-defined]

    @property
    def ongoing_threat(self) -> bool | None:
        """The fact behind the question: the threat goes on where it is not safe."""
        is_safe: bool | None = self.cleaned_data.get("is_safe_now")
        return None if is_safe is None else not is_safe
