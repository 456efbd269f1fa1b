"""Asking for people outside the organisation: identifiers first, one thing in one field. They validate, never save."""

from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guidance.vocabulary import Relation
from incidents.actions.person_records import Kept, kept_of
from incidents.actions.persons import HasBsn, Typed
from incidents.forms.fields import EARLIEST, LongText, YesNoUnknown, date_field
from incidents.models import Person
from incidents.models.person import Identifiers
from incidents.person_keys import looks_like_bsn, normalised
from incidents.vocabulary import DelayGround, IdentifierKind, InvolvedAs, OpeningPurpose, PersonKind
from vpdportal.accounts.models import Organisation
from vpdportal.look.forms import PlainForm, ask_in_words

BORN_FIRST = date(1900, 1, 1)
# By kind: what is asked, and how to mend what cannot be of that kind.
ASKED: dict[IdentifierKind, tuple[Any, Any]] = {
    IdentifierKind.EMAIL: (_("E-mail address"), _("Write the whole address, such as naam@voorbeeld.nl.")),
    IdentifierKind.PHONE: (_("Telephone number"), _("Write the whole number, such as 06 12345678 or +32 2 1234567.")),
    IdentifierKind.ADDRESS: (_("Postcode and house number"), _("Write it as 1234 AB 12 a, without street or town.")),
    IdentifierKind.CLIENT: (_("Client or case number"), _("Write the number as your organisation uses it.")),
    IdentifierKind.ACCOUNT: (_("Name on social media"), _("Write the name without spaces, such as @naam.")),
    IdentifierKind.PLATE: (_("Number plate"), _("Write the letters and digits, such as AB-12-CD.")),
}
CHECKED = (IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.ADDRESS, IdentifierKind.PLATE)


class WithoutBsn(PlainForm):
    """A form that refuses a citizen service number in whatever text it asks for."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for name, value in list(data.items()):
            # Of what is chosen the id may hold such digits.
            is_typed = isinstance(self.fields.get(name), forms.CharField)
            if is_typed and name != IdentifierKind.PHONE and looks_like_bsn(value):
                self.add_error(name, HasBsn.message)
        return data


class IdentifiersForm(WithoutBsn):
    """By what someone is known: any of these, each whole, for only what is exact is found."""

    kinds: ClassVar[tuple[IdentifierKind, ...]] = tuple(ASKED)
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    birth_date = date_field(
        label=_("Date of birth"), required=False, help_text=_("With the name it tells this person from another one.")
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = timezone.localdate(now)
        for kind in self.kinds:
            label, how = ASKED[kind]
            self.fields[kind.value] = forms.CharField(label=label, max_length=200, required=False, help_text=how)
        self.order_fields(["name", "birth_date", *(kind.value for kind in self.kinds)])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for kind in self.kinds:
            if data.get(kind) and not normalised(kind, data[kind]):
                self.add_error(kind, ASKED[kind][1])
        self._check_birth(data)
        if not self.errors and not self.identifiers():
            self.add_error(None, _("Fill in at least one thing by which this person is known, beside the name alone."))
        return data

    def _check_birth(self, data: dict[str, Any]) -> None:
        born = data.get("birth_date")
        if born is None:
            return
        if not BORN_FIRST <= born <= self.today:
            self.add_error("birth_date", _("Check the date of birth: it lies too far back, or in the future."))
        elif not normalised(IdentifierKind.NAME_BIRTH, self._name_and_birth(data)):
            self.add_error("name", _("Write the name that goes with this date of birth, in letters."))

    def _name_and_birth(self, data: dict[str, Any]) -> str:
        return f"{data.get('name', '')} {data['birth_date'].isoformat()}"

    def identifiers(self) -> Identifiers:
        """What was filled in, by kind; a name counts with the date of birth."""
        data = self.cleaned_data
        found = {kind.value: [data[kind]] for kind in self.kinds if data.get(kind)}
        if data.get("birth_date"):
            found[IdentifierKind.NAME_BIRTH.value] = [self._name_and_birth(data)]
        return found


class PersonForm(IdentifiersForm):
    """A person in a case: as what, and by what known."""

    role = forms.ChoiceField(
        label=_("As what does this person belong to the case?"),
        choices=InvolvedAs.choices,
        widget=forms.RadioSelect,
        initial=InvolvedAs.PERPETRATOR,
    )
    kind = forms.ChoiceField(
        label=_("A person or a business?"),
        choices=PersonKind.choices,
        widget=forms.RadioSelect,
        initial=PersonKind.PERSON,
    )
    relation = forms.ChoiceField(
        label=_("What is this person to the organisation?"), choices=Relation.choices, initial=Relation.UNKNOWN
    )
    is_minor = YesNoUnknown(label=_("Is this person a minor?"), initial="unknown")
    remark = forms.CharField(
        label=_("What did this person do or see, in a few words?"),
        max_length=300,
        required=False,
        help_text=_("As it was reported. No diagnosis, origin or belief."),
    )

    def typed(self) -> Typed:
        data = self.cleaned_data
        return Typed(
            name=data["name"],
            identifiers=self.identifiers(),
            kind=PersonKind(data["kind"]),
            relation=Relation(data["relation"]),
            is_minor=data["is_minor"],
            role=InvolvedAs(data["role"]),
            remark=data["remark"],
        )


class LinkReasonForm(WithoutBsn):
    """Asked only where a record should not be made; the action says whether it is missed."""

    reason = LongText(label=_("Why is a record needed all the same?"), rows=3, max_length=1000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].is_unmarked = True  # type: ignore[attr-defined]  # where it stands it is needed


class UnlinkForm(WithoutBsn):
    reason = LongText(label=_("Why does this person not belong to the case?"), rows=2, max_length=1000)


class UnknownForm(WithoutBsn):
    description = LongText(
        label=_("What was seen of this person?"),
        rows=3,
        max_length=1000,
        required=False,
        help_text=_("Clothes, voice, way out. Nothing about origin, belief or health."),
    )


class ToldForm(PlainForm):
    informed_on = date_field(label=_("Told on"))

    def clean_informed_on(self) -> date:
        day: date = self.cleaned_data["informed_on"]
        if day < EARLIEST:
            raise forms.ValidationError(_("Check the date: it lies too far back, or in the future."))
        return day


class DelayForm(WithoutBsn):
    """Not told yet: no ground, no delay."""

    ground = forms.ChoiceField(label=_("Why not yet?"), choices=DelayGround.choices, widget=forms.RadioSelect)
    reason = LongText(
        label=_("Explain it for who checks it later"),
        rows=2,
        max_length=1000,
        help_text=_("The data protection officer may ask."),
    )
    until = date_field(label=_("Until"), help_text=_("At most three months on. It can be put off again then."))


class OpeningForm(WithoutBsn):
    purpose = forms.ChoiceField(label=_("What for?"), choices=OpeningPurpose.choices, widget=forms.RadioSelect)
    reason = LongText(
        label=_("Why do you need it now?"), rows=2, max_length=500, help_text=_("One sentence. It is kept sealed.")
    )


class RecordForm(WithoutBsn):
    """The record itself; of each kind of identifier one in a line."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    relation = forms.ChoiceField(label=_("What is this person to the organisation?"), choices=Relation.choices)
    is_minor = YesNoUnknown(label=_("Is this person a minor?"))
    letter_address = LongText(
        label=_("Address for letters"), rows=3, max_length=400, required=False, help_text=_("Of a minor: the parents'.")
    )
    note = LongText(
        label=_("How to speak with this person"),
        rows=4,
        max_length=4000,
        required=False,
        help_text=_("Also what this person says about it. Never a diagnosis, origin or belief."),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        kept = kept_of(person)
        first = {"name": kept.name, "relation": kept.relation, "letter_address": kept.address, "note": kept.note}
        lines = {kind: "\n".join(kept.identifiers.get(kind, [])) for kind in IdentifierKind.values}
        minor = {True: "yes", False: "no", None: "unknown"}[kept.is_minor]
        super().__init__(*args, initial={**first, **lines, "is_minor": minor}, **kwargs)
        for kind in IdentifierKind:
            label = ASKED[kind][0] if kind in ASKED else _("Name and date of birth")
            self.fields[kind.value] = LongText(
                label=label, rows=2, max_length=1000, required=False, help_text=_("One in each line.")
            )
        for name, field in self.fields.items():
            if isinstance(field, LongText):
                field.make_room_for(self.initial[name])  # readings are added, and records joined
        ask_in_words(self)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for kind in IdentifierKind:
            if any(not normalised(kind, line) for line in _lines(data.get(kind, ""))):
                how = ASKED[kind][1] if kind in ASKED else _("Write it as Jan de Vries 1980-12-31.")
                self.add_error(kind, how)
        return data

    @property
    def identifier_fields(self) -> list[forms.BoundField]:
        return [self[kind] for kind in IdentifierKind.values]

    def kept(self) -> Kept:
        data = self.cleaned_data
        return Kept(
            name=data["name"],
            identifiers={kind: _lines(data[kind]) for kind in IdentifierKind.values if data[kind].strip()},
            address=data["letter_address"],
            note=data["note"],
            relation=Relation(data["relation"]),
            is_minor=data["is_minor"],
        )


class ReadingForm(WithoutBsn):
    words = LongText(label=_("What does this person say about it?"), rows=3, max_length=2000)


class CheckForm(IdentifiersForm):
    """The question before a contact. `organisation` is asked of who works for several."""

    kinds: ClassVar[tuple[IdentifierKind, ...]] = CHECKED
    reason = forms.CharField(
        label=_("What contact is it for?"),
        max_length=200,
        help_text=_("Such as: home visit tomorrow with a colleague. No story."),
    )

    def __init__(self, *args: Any, organisations: list[Organisation], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, now=now, **kwargs)
        for name in ("name", "birth_date", *self.kinds):
            self.fields[name].is_unmarked = True  # type: ignore[attr-defined]  # the page says that one is enough
        self.organisations = {str(one.pk): one for one in organisations}
        if len(organisations) > 1:
            choices = [(pk, one.name) for pk, one in self.organisations.items()]
            self.fields["organisation"] = forms.ChoiceField(label=_("For which organisation?"), choices=choices)
        ask_in_words(self)

    def organisation(self) -> Organisation:
        pk = self.cleaned_data.get("organisation") or next(iter(self.organisations))
        return self.organisations[pk]


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
