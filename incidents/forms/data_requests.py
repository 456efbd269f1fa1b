"""Forms for what people ask about their own data. They validate; incidents.actions.data_requests changes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from incidents.actions.data_requests.reviewing import SHOWN
from incidents.forms.fields import LongText, date_field, day_within_reason
from incidents.forms.persons import WithoutBsn
from incidents.models import DataPiece, DataRequest, Incident
from incidents.vocabulary import DataRequestKind, DataSubject, WithholdGround
from vpdportal.accounts.models import Organisation, User
from vpdportal.look.forms import PlainForm
from vpdportal.seen import Seen

LONGEST_PIECE = 60_000


class _OfOrganisation(WithoutBsn):
    """Asks of which organisation, where there are several."""

    organisation = forms.ChoiceField(label=_("Which organisation?"))

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisations = {str(one.pk): one for one in organisations}
        field = self.fields["organisation"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, one.name) for key, one in self.organisations.items()]
        if len(self.organisations) == 1:
            field.initial = next(iter(self.organisations))
            field.widget = forms.HiddenInput()

    def chosen(self) -> Organisation:
        return self.organisations[self.cleaned_data["organisation"]]


class NewRequestForm(_OfOrganisation):
    """A request that came in by letter, mail or at the counter."""

    kind = forms.ChoiceField(label=_("What is asked?"), choices=DataRequestKind.choices, widget=forms.RadioSelect)
    subject = forms.ChoiceField(label=_("Who asks?"), choices=DataSubject.choices, widget=forms.RadioSelect)
    email = forms.EmailField(
        label=_("Work e-mail address, of someone with an account"),
        required=False,
        max_length=254,
        help_text=_("Only for a colleague. By this address the portal finds the account."),
    )
    name = forms.CharField(
        label=_("Name, of someone outside the organisation"),
        max_length=200,
        required=False,
        help_text=_("You look for a record after this."),
    )
    contact = forms.CharField(label=_("How to answer: address or e-mail"), max_length=300, required=False)
    words = LongText(label=_("What is asked, in their words"), max_length=4000, required=False, rows=4)
    received_on = date_field(
        label=_("On which day did it come in?"), help_text=_("From this day the term of one month runs.")
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.user: User | None = None
        self.fields["received_on"].initial = timezone.localdate(now)

    def clean_received_on(self) -> Any:
        day = day_within_reason(self.cleaned_data["received_on"], self.now)
        if day > timezone.localdate(self.now):
            raise forms.ValidationError(_("This day has yet to come. Fill in the day on which it came in."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("subject") == DataSubject.EMPLOYEE:
            self._find_account(data)
        elif data.get("subject") and not data.get("name", "").strip():
            self.add_error("name", _("Write the name of who asks."))
        return data

    def _find_account(self, data: dict[str, Any]) -> None:
        """An account with a role in this organisation, now or once."""
        people = User.objects.filter(memberships__organisation=data.get("organisation"), email=data.get("email", ""))
        if data.get("organisation") and "email" not in self.errors:
            self.user = people.distinct().first()
            if self.user is None:
                self.add_error("email", _("Nobody of this organisation has this address. Check it."))


class OwnRequestForm(_OfOrganisation):
    """What someone asks about their own data, while signed in."""

    kind = forms.ChoiceField(label=_("What do you ask?"), choices=DataRequestKind.choices, widget=forms.RadioSelect)
    words = LongText(
        label=_("In your own words"),
        max_length=4000,
        required=False,
        rows=4,
        help_text=_("For access you may leave this empty: then you get everything."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("kind") not in (None, DataRequestKind.ACCESS) and not data.get("words", "").strip():
            self.add_error("words", _("Write what you ask, so that it can be judged."))
        return data


class ExtensionForm(PlainForm):
    extension_reason = LongText(
        label=_("Why does it take longer?"),
        max_length=1000,
        rows=3,
        help_text=_("Tell this to who asked, within the first month."),
    )


class CorrectionForm(WithoutBsn):
    """What is right, and beside what it is written down."""

    RECORD = "record"
    correction = LongText(
        label=_("What is right"),
        max_length=2000,
        rows=4,
        help_text=_("It stands beside what was told, with the day and the number of this request."),
    )
    places = forms.MultipleChoiceField(
        label=_("Where is it written down?"), choices=(), widget=forms.CheckboxSelectMultiple
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, cases: Iterable[Incident], has_record: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["places"]
        assert isinstance(field, forms.MultipleChoiceField)
        record = [(self.RECORD, _("In the record of this person"))] if has_record else []
        field.choices = [
            *record,
            *((str(one.pk), _in_case(one)) for one in cases),
        ]


def _in_case(case: Incident) -> Any:
    """Which one, so that who has many need not open them to know."""
    day = date_format(timezone.localtime(case.occurred_at), "DATE_FORMAT")
    return _("In case %(number)s, of %(day)s") % {"number": case.reference, "day": day}


class PieceForm(PlainForm):
    """What becomes of one piece. `seen`: the mark of what the page showed of it."""

    decision = forms.ChoiceField(
        label=_("What do you do with it?"),
        choices=[("give", _("Give it, in the words below")), ("withhold", _("Withhold it"))],
        widget=forms.RadioSelect,
    )
    given = LongText(
        label=_("What is given"),
        max_length=LONGEST_PIECE,
        required=False,
        rows=6,
        help_text=_("Take words out where they tell of someone else. You cannot add any."),
    )
    ground = forms.ChoiceField(
        label=_("On which ground?"), choices=[("", _("No ground")), *WithholdGround.choices], required=False
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, piece: DataPiece) -> "PieceForm":
        """With what was decided or is proposed, as its page shows it."""
        decision = "withhold" if piece.ground else "give"
        initial = {"decision": decision, "given": piece.given, "ground": piece.ground, "seen": _mark_of(piece)}
        return cls(initial=initial, auto_id=f"id_{piece.pk}_%s")

    @property
    def shown(self) -> Seen:
        """What the page showed. Of a form that is valid."""
        return Seen(SHOWN, self.cleaned_data["seen"])

    def send_again_upon(self, piece: DataPiece) -> None:
        """What was typed may take the place of what stands there now, once that was shown beside it."""
        self.data = {**self.data, "seen": _mark_of(piece)}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("decision") == "withhold" and not data.get("ground"):
            self.add_error("ground", _("Say on which ground it is withheld."))
        return data


def _mark_of(piece: DataPiece) -> str:
    return Seen.of(piece, SHOWN).mark


class ReadyForm(PlainForm):
    """The answer as it is laid before the data protection officer."""

    is_granted = forms.ChoiceField(
        label=_("What do you propose?"),
        choices=[("yes", _("Do what is asked, whole or in part")), ("no", _("Refuse it"))],
        widget=forms.RadioSelect,
    )
    answer = LongText(
        label=_("Answer in words, to who asked"),
        max_length=4000,
        required=False,
        rows=5,
        help_text=_("With the reason, and where they can object. No names of others."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, request: DataRequest) -> "ReadyForm":
        """With the answer that was laid before the officer, where that one sent it back."""
        initial: dict[str, Any] = {"seen": request.revision, "answer": request.decision or ""}
        if request.is_granted is not None:
            initial["is_granted"] = "yes" if request.is_granted else "no"
        return cls(initial=initial)
