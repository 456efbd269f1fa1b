"""The form of a reaction, and the small forms of its steps. They validate; incidents.actions changes.

The help says how to do it well, in two lines from the handbook (2.2, 3.3, 3.4).
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from incidents.actions.reaction_checks import (
    SPOKEN,
    WITH_SCOPE,
    latest_end,
    longest_months,
    people_for,
    perpetrators_of,
)
from incidents.actions.reactions import ReactionWords
from incidents.forms.fields import EARLIEST, LongText, date_field
from incidents.models import Incident, Reaction
from incidents.vocabulary import RESTRICTING, Hearing, ReactionKind
from vpdportal.look.forms import PlainForm

LONG = 4000
NOT_YET = _("This day still has to come. Fill in the day on which it happened.")
TOO_FAR = _("Check the date: it lies too far back.")

# Who usually signs [OWN from handbook 3.4].
SIGNER_HINTS = {
    ReactionKind.WARNING: _("Usually the manager with the mandate for it. Never who drafts it, nor a party."),
    ReactionKind.CONDITIONS: _("Usually the management by mandate, after a legal check. Never who drafts it."),
    ReactionKind.PAUSE: _("Usually the management by mandate, after a legal check. Never who drafts it."),
    ReactionKind.BAN: _("Usually the management by mandate, after a legal check. Never who drafts it."),
    ReactionKind.CIVIL_ORDER: _("Usually the management, with a lawyer. Never who drafts it."),
}
SCOPE_LABELS = {
    ReactionKind.CONDITIONS: _("Which conditions?"),
    ReactionKind.BAN: _("For which buildings and grounds?"),
    ReactionKind.CIVIL_ORDER: _("What did the court forbid?"),
}
SCOPE_HINTS = {
    ReactionKind.CONDITIONS: _("For instance: one contact person, in writing only, on appointment only."),
    ReactionKind.BAN: _("Name each building. What is not named stays open to this person."),
    ReactionKind.CIVIL_ORDER: _("As the judgment says it: contact, streets, buildings."),
}


def fields_of(kind: str, is_extension: bool = False) -> list[str]:
    """The fields that a reaction of this kind asks for, in the order of the form."""
    first = [*([] if is_extension else ["person"]), "conduct", "conduct_on"]
    if kind in SPOKEN:
        return [*first, "instruction", "starts_on", "override_reason"]
    wanted = [*first, "hearing", "hearing_words", "proportionality"]
    wanted += ["core_services"] if kind in RESTRICTING else []
    wanted += ["scope"] if kind in WITH_SCOPE else []
    if kind in RESTRICTING:
        wanted += ["instruction", *([] if is_extension else ["starts_on"]), "ends_on"]
    return [*wanted, "override_reason", "signer", "second"]


class ReactionForm(PlainForm):
    """A draft, complete or not: what is missing is asked for when it is laid before who signs."""

    person = forms.TypedChoiceField(label=_("For whom?"))
    conduct = LongText(
        label=_("What exactly happened?"),
        max_length=LONG,
        required=False,
        help_text=_("Literally: what was said or done, where and to whom. Conduct only: no opinion, no diagnosis."),
    )
    conduct_on = date_field(
        label=_("On which day?"), help_text=_("A reaction answers recent conduct: of the last six months.")
    )
    hearing = forms.ChoiceField(
        label=_("Was the other side heard?"),
        choices=Hearing.choices,
        widget=forms.RadioSelect,
        help_text=_("First talk or warn, unless it is not safe. Who was heard accepts a measure sooner."),
    )
    hearing_words = LongText(
        label=_("What did the other side say, or why was it not heard?"),
        max_length=LONG,
        rows=4,
        required=False,
        help_text=_(
            "Always needed. If the person was heard, this goes into the letter word for word: write to the person, "
            "with “u”, as they would say it."
        ),
    )
    proportionality = LongText(
        label=_("Why this, and not less?"),
        max_length=LONG,
        rows=4,
        required=False,
        help_text=_(
            "This goes into the letter word for word: write to the person, with “u”. Weigh severity, repetition and "
            "what was tried before. Complaining, even often, is no ground for a measure."
        ),
    )
    core_services = LongText(
        label=_("What stays available, and how?"),
        max_length=LONG,
        rows=3,
        required=False,
        help_text=_(
            "What only your organisation can give always stays, such as a passport or a benefit: say by which way."
        ),
    )
    scope = LongText(label=_("For what?"), max_length=LONG, rows=3, required=False)
    instruction = LongText(
        label=_("What does the desk do when this person comes?"),
        max_length=500,
        rows=3,
        required=False,
        help_text=_("The desk reads this and the last day, nothing else. No story, no names of colleagues."),
    )
    starts_on = date_field(label=_("First day"), required=False)
    ends_on = date_field(label=_("Last day"), required=False)
    override_reason = LongText(
        label=_("Why all the same?"),
        max_length=2000,
        rows=3,
        required=False,
        help_text=_("Only needed where the menu says another way, or the conduct is more than six months ago."),
    )
    signer = forms.TypedChoiceField(label=_("Who signs?"), required=False, empty_value=None)
    second = forms.TypedChoiceField(label=_("Who looks along?"), required=False, empty_value=None)

    def __init__(
        self,
        *args: Any,
        incident: Incident,
        kind: str,
        drafters: Collection[Any],
        now: datetime,
        extension: Reaction | None = None,
        **kwargs: Any,
    ) -> None:
        """`extension`: the draft itself, where it makes the measure longer that it follows."""
        super().__init__(*args, **kwargs)
        self.incident, self.kind, self.now, self.extension = incident, ReactionKind(kind), now, extension
        wanted = fields_of(kind, extension is not None)
        for name in [name for name in self.fields if name not in wanted]:
            del self.fields[name]
        for name in set(self.fields) - {"override_reason"}:
            self.fields[name].is_unmarked = True  # type: ignore[attr-defined]  # needed, though not to keep a draft
        self._offer(incident, drafters)
        self._word()

    def _offer(self, incident: Incident, drafters: Collection[Any]) -> None:
        """Who can be chosen, each list read once. The only person linked is chosen already."""
        self.people = list(perpetrators_of(incident))
        if "person" in self.fields:
            names = [(one, one.sealed_name or str(_("person without a name"))) for one in self.people]
            self._choices("person", names, None if len(names) == 1 else _("Choose"))
        if "signer" in self.fields:
            able = list(people_for(incident, drafters, self.now, is_to_come=True))
            self._choices("signer", [(one, one.name) for one in able if one.may_sign], _("Not chosen yet"))  # type: ignore[attr-defined]
            self._choices("second", [(one, one.name) for one in able], _("Nobody"))

    def _choices(self, name: str, rows: list[tuple[Any, str]], empty: Any) -> None:
        field: Any = self.fields[name]
        field.choices = [*([("", empty)] if empty else []), *((str(one.pk), label) for one, label in rows)]
        field.coerce = {str(one.pk): one for one, _label in rows}.__getitem__

    def _word(self) -> None:
        """The words that differ by kind."""
        if self.kind in SPOKEN:
            self.fields["instruction"].label = _("How is it planned?")
            self.fields["instruction"].help_text = _(
                "Where, and who sits with you. Let the other side tell theirs first; then say what the norm is."
            )
            self.fields["starts_on"].label = _("Planned for")
            return
        self.fields["signer"].help_text = SIGNER_HINTS[self.kind]
        self.fields["second"].help_text = _(
            "Needed from severity %(level)s, and always for a minor. Someone else than who drafts and who signs."
        ) % {"level": self.incident.organisation.second_eyes_from}
        if "scope" in self.fields:
            self.fields["scope"].label = SCOPE_LABELS[self.kind]
            self.fields["scope"].help_text = SCOPE_HINTS[self.kind]
        if "ends_on" in self.fields:
            months = longest_months(self.incident, self.kind)
            self.fields["ends_on"].help_text = ngettext(
                "Always needed: at most %(months)s month after the first day.",
                "Always needed: at most %(months)s months after the first day.",
                months,
            ) % {"months": months}

    def clean_conduct_on(self) -> date:
        day: date = self.cleaned_data["conduct_on"]
        if day > timezone.localdate(self.now):
            raise forms.ValidationError(NOT_YET)
        if day < EARLIEST:
            raise forms.ValidationError(TOO_FAR)
        return day

    def clean_starts_on(self) -> date | None:
        day: date | None = self.cleaned_data["starts_on"]
        if day and not EARLIEST <= day <= latest_end(self.incident, self.kind, timezone.localdate(self.now)):
            raise forms.ValidationError(_("Check the date: it lies too far back, or too far ahead."))
        return day

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        self._check_term(data)
        signer, second = data.get("signer"), data.get("second")
        if signer and second and signer == second:
            self.add_error("second", _("Choose someone else than who signs: two people look at it."))
        return data

    def _check_term(self, data: dict[str, Any]) -> None:
        ends_on = data.get("ends_on")
        if not ends_on or "starts_on" in self.errors:
            return
        starts_on = data.get("starts_on") if "starts_on" in self.fields else self._extension_starts()
        if not starts_on:
            self.add_error("starts_on", _("Fill in the first day too."))
        elif ends_on < starts_on:
            self.add_error("ends_on", _("The last day comes on or after the first day."))
        elif ends_on > (most := latest_end(self.incident, self.kind, starts_on)):
            too_long = _("This is longer than the menu card allows. The last day is %(day)s at the latest.")
            self.add_error("ends_on", too_long % {"day": date_format(most, "j F Y")})

    def _extension_starts(self) -> date:
        own = self.extension.starts_on if self.extension else None
        return own or timezone.localdate(self.now)

    def words(self) -> ReactionWords:
        return ReactionWords(dict(self.cleaned_data))


def initial_of(reaction: Reaction) -> dict[str, Any]:
    """A stored draft as the form shows it."""
    names = fields_of(reaction.kind, reaction.follows_id is not None)
    chosen = {"person": reaction.person_id, "signer": reaction.signer_id, "second": reaction.second_id}
    return {name: chosen.get(name, getattr(reaction, name)) for name in names}


# What the law makes of it, beside the form. Sources: [S33] warning, [S42] core services, [S30][S31][S135] ban.
LEGAL_REMARKS = {
    ReactionKind.WARNING: _("A warning is no decision in the sense of the Awb, so no objection is possible."),
    ReactionKind.CONDITIONS: _(
        "Give it in a letter: which conduct, why, how long, and how this person still reaches you. Have it checked by "
        "a lawyer first."
    ),
    ReactionKind.PAUSE: _(
        "Basic services are kept, also while the rest is paused. What someone has a right to by law needs a "
        "decision of its own: have it checked by a lawyer first."
    ),
    ReactionKind.BAN: _(
        "You give a ban as owner or manager of the building. That is no decision in the sense of the Awb, so no "
        "objection is possible; the person can go to the civil court, complain, or go to the ombudsman. The "
        "letter names the conduct, the ground and how long. An area ban of the mayor is another track."
    ),
    ReactionKind.CIVIL_ORDER: _("A court decides. Here you keep the reasons, the term and the review."),
}
