"""What the menu needs to know of one incident. Every fact but three may be unknown, which is not the same as no."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Literal

from django.db.models import Choices
from django.utils.translation import gettext_lazy as _

from guidance.vocabulary import Behaviour, Channel, Motive, Relation, Severity, TargetGroup

Kind = Literal["boolean", "integer", "choice", "choices"]
Values = dict[str, Any]  # dotted name → value, of the facts that are known
COMPARISONS: dict[Kind, tuple[str, ...]] = {
    "boolean": ("is",),
    "integer": ("is", "min", "max"),
    "choice": ("is", "in"),
    "choices": ("has", "only"),
}


class FactsError(ValueError):
    """A fact that is unknown or wrong. `field` is its dotted name; the message says how to mend it."""

    def __init__(self, field_name: str, advice: str) -> None:
        super().__init__(f"{field_name}: {advice}")
        self.field = field_name
        self.advice = advice


@dataclass(frozen=True)
class FactDescription:
    """A fact's kind, its allowed codes, and its words: `label` in a list of facts, `question` when it is asked."""

    name: str
    kind: Kind
    label: Any
    question: Any = ""
    choices: type[Choices] | None = None

    @property
    def attribute(self) -> str:
        """Its attribute on Facts: `perpetrator.known` is `perpetrator_known`."""
        return self.name.replace(".", "_")

    def codes(self) -> list[Any]:
        return list(self.choices.values) if self.choices else []

    def operators(self) -> tuple[str, ...]:
        """How it can be compared. The severity is a choice with an order, and only target groups are grouped."""
        if self.name == "severity":
            return ("is", "in", "min", "max")
        return (*COMPARISONS[self.kind], "group") if self.choices is TargetGroup else COMPARISONS[self.kind]

    def check(self, value: Any) -> Any:
        """The value, when it fits. Raises FactsError."""
        if self.kind == "boolean":
            if not isinstance(value, bool):
                raise FactsError(self.name, "give true or false, or leave it out when it is not known.")
        elif self.kind == "integer":
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise FactsError(self.name, "give a whole number of 0 or more.")
        elif self.kind == "choice":
            if isinstance(value, bool) or value not in self.codes():
                raise FactsError(self.name, f"give one of {_listed(self.codes())}.")
        else:
            return self._check_choices(value)
        return value

    def _check_choices(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)) or not value:
            raise FactsError(self.name, f"give a list with at least one of {_listed(self.codes())}.")
        for code in value:
            if code not in self.codes():
                raise FactsError(self.name, f"{code!r} is not one of {_listed(self.codes())}.")
        if len(set(value)) != len(value):
            raise FactsError(self.name, "name each behaviour once.")
        return tuple(value)


def _listed(codes: list[Any]) -> str:
    return ", ".join(str(code) for code in codes)


def _flag(name: str, label: Any, question: Any) -> FactDescription:
    return FactDescription(name, "boolean", label, question)


_DESCRIPTIONS = (
    FactDescription("behaviours", "choices", _("Behaviour"), _("What happened?"), Behaviour),
    FactDescription("severity", "choice", _("Severity"), _("How severe was it?"), Severity),
    FactDescription("channel", "choice", _("Channel or place"), _("Where or how did it happen?"), Channel),
    FactDescription("motive", "choice", _("Motive"), _("Why did it happen, as far as one can tell?"), Motive),
    FactDescription("target_group", "choice", _("Target group"), _("What is the work of the person hit?"), TargetGroup),
    _flag("perpetrator.known", _("Perpetrator known"), _("Does the organisation know who the perpetrator is?")),
    FactDescription(
        "perpetrator.relation",
        "choice",
        _("Perpetrator's relation"),
        _("What is the perpetrator to the organisation?"),
        Relation,
    ),
    FactDescription(
        "perpetrator.earlier_incidents_12m",
        "integer",
        _("Earlier incidents by the same person in 12 months"),
        _("How many earlier incidents by the same person in the 12 months before?"),
    ),
    _flag(
        "perpetrator.warned_for_same_conduct",
        _("Warned before for the same conduct"),
        _("Was this person warned before for the same conduct?"),
    ),
    _flag(
        "perpetrator.breached_measure",
        _("Broke a running measure"),
        _("Did this person break a running contact rule or ban?"),
    ),
    _flag("perpetrator.group", _("A group"), _("Was it a group?")),
    _flag("perpetrator.minor", _("A minor"), _("Is the perpetrator a minor?")),
    _flag(
        "perpetrator.benefit_client",
        _("Receives a benefit"),
        _("Does the perpetrator receive a benefit from the organisation?"),
    ),
    _flag(
        "perpetrator.knows_victims_name",
        _("Knows the name"),
        _("Does the perpetrator know the name of the person hit?"),
    ),
    _flag(
        "perpetrator.visits_premises",
        _("Comes to our premises"),
        _("Does the perpetrator use a building or site of the organisation?"),
    ),
    _flag("injury", _("Injury"), _("Is anyone injured?")),
    _flag("hospital_admission", _("Hospital admission"), _("Was anyone admitted to hospital?")),
    _flag("lasting_injury", _("Lasting injury"), _("Is lasting injury of body or mind expected?")),
    _flag("death", _("Death"), _("Did anyone die?")),
    FactDescription("sick_leave_days", "integer", _("Days of sick leave"), _("How many days of sick leave?")),
    _flag(
        "complaints", _("Complaints since"), _("Does the person hit have complaints since, such as poor sleep or fear?")
    ),
    _flag("damage", _("Damage"), _("Is there damage?")),
    _flag("offence_suspected", _("Possible offence"), _("Is a criminal offence suspected?")),
    _flag("police_ask_to_wait", _("Police ask to wait"), _("Do the police ask to wait with a reaction?")),
    _flag("home_involved", _("Home involved"), _("Was a home, home address or private car part of it?")),
    _flag("family_involved", _("Family involved"), _("Was family part of it?")),
    _flag("weapon", _("Weapon"), _("Was there a weapon?")),
    _flag("ongoing_threat", _("Threat going on"), _("Is the threat still going on?")),
    _flag("threat_to_life", _("Threat to life"), _("Was someone's life threatened?")),
    _flag("safe_to_meet", _("Safe to speak with"), _("Is it safe to speak with this person?")),
    _flag("worked_alone", _("Working alone"), _("Was the person hit working alone?")),
    FactDescription("witnesses", "integer", _("Colleagues who saw it"), _("How many colleagues saw it?")),
    FactDescription("visitor_witnesses", "integer", _("Visitors who saw it"), _("How many visitors saw it?")),
    _flag("next_contact_planned", _("Next contact planned"), _("Is a next contact with this person planned?")),
    _flag(
        "contact_would_continue",
        _("Contact would go on"),
        _("Would the person hit have to go on dealing with this person?"),
    ),
    _flag("public_meeting_announced", _("Public meeting announced"), _("Is a public meeting announced?")),
    _flag("criminal_context", _("Signs of organised crime"), _("Are there signs of organised crime?")),
    _flag("reported_for_other", _("Reported for someone else"), _("Was it reported for someone else?")),
    FactDescription(
        "days_until_report", "integer", _("Days until the report"), _("After how many days was it reported?")
    ),
    FactDescription(
        "reports_in_team_90d",
        "integer",
        _("Reports in the team in 90 days"),
        _("How many reports were there in the team in 90 days?"),
    ),
    _flag(
        "criticism_only",
        _("Criticism, no aggression"),
        _("Is it criticism or persistent complaining, without aggression?"),
    ),
)
FACTS: dict[str, FactDescription] = {description.name: description for description in _DESCRIPTIONS}
REQUIRED = ("behaviours", "channel", "target_group")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts of one incident, as shared/domain/facts.schema.json; None is "not known"."""

    behaviours: tuple[str, ...]
    channel: str
    target_group: str
    severity: int | None = None
    motive: str | None = None
    perpetrator_known: bool | None = None
    perpetrator_relation: str | None = None
    perpetrator_earlier_incidents_12m: int | None = None
    perpetrator_warned_for_same_conduct: bool | None = None
    perpetrator_breached_measure: bool | None = None
    perpetrator_group: bool | None = None
    perpetrator_minor: bool | None = None
    perpetrator_benefit_client: bool | None = None
    perpetrator_knows_victims_name: bool | None = None
    perpetrator_visits_premises: bool | None = None
    injury: bool | None = None
    hospital_admission: bool | None = None
    lasting_injury: bool | None = None
    death: bool | None = None
    sick_leave_days: int | None = None
    complaints: bool | None = None
    damage: bool | None = None
    offence_suspected: bool | None = None
    police_ask_to_wait: bool | None = None
    home_involved: bool | None = None
    family_involved: bool | None = None
    weapon: bool | None = None
    ongoing_threat: bool | None = None
    threat_to_life: bool | None = None
    safe_to_meet: bool | None = None
    worked_alone: bool | None = None
    witnesses: int | None = None
    visitor_witnesses: int | None = None
    next_contact_planned: bool | None = None
    contact_would_continue: bool | None = None
    public_meeting_announced: bool | None = None
    criminal_context: bool | None = None
    reported_for_other: bool | None = None
    days_until_report: int | None = None
    reports_in_team_90d: int | None = None
    criticism_only: bool | None = None

    @classmethod
    def from_dict(cls, data: Any) -> "Facts":
        """Facts from their nested form. Raises FactsError with the name of the field that is unknown or wrong."""
        values = {name: FACTS[name].check(value) for name, value in _flattened(data)}
        for name in REQUIRED:
            if name not in values:
                raise FactsError(name, f"is missing; give one of {_listed(FACTS[name].codes())}.")
        return cls(**{FACTS[name].attribute: value for name, value in values.items()})

    def to_dict(self) -> dict[str, Any]:
        """The nested form, without what is not known."""
        data: dict[str, Any] = {}
        for name, description in FACTS.items():
            value = getattr(self, description.attribute)
            if value is None:
                continue
            group, _dot, leaf = name.rpartition(".")
            target = data.setdefault(group, {}) if group else data
            target[leaf] = list(value) if isinstance(value, tuple) else value
        return data

    def value(self, name: str) -> Any:
        """The value of the dotted fact, None when not known. Raises KeyError for no fact at all."""
        return getattr(self, FACTS[name].attribute)

    def values(self) -> Values:
        """The known facts by their dotted names."""
        return {name: value for name, value in zip(_NAMES, _ALL(self), strict=True) if value is not None}

    def known(self) -> Iterator[tuple[FactDescription, Any]]:
        """Every fact that is known, in the order of the form."""
        for name, description in FACTS.items():
            value = self.value(name)
            if value is not None:
                yield description, value


def _flattened(data: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(data, Mapping):
        raise FactsError("(facts)", "give one JSON object with the facts of one incident.")
    for name, value in data.items():
        if name == "perpetrator":
            if not isinstance(value, Mapping):
                raise FactsError(name, 'give an object, for example {"known": true}.')
            for leaf, inner in value.items():
                yield _existing(f"perpetrator.{leaf}"), inner
        elif "." in str(name):
            raise FactsError(str(name), 'is not a fact of its own; write it inside "perpetrator".')
        else:
            yield _existing(str(name)), value


def _existing(name: str) -> str:
    if name not in FACTS:
        raise FactsError(name, f"is not a fact. The facts are {_listed(list(FACTS))}.")
    return name


assert {item.name for item in fields(Facts)} == {d.attribute for d in _DESCRIPTIONS}
_NAMES = tuple(FACTS)
_ALL = attrgetter(*(FACTS[name].attribute for name in _NAMES))
