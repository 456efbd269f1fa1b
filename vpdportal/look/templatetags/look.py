"""How things look: form controls of the nlds pack, and moments as people say them."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.template.defaultfilters import date as formatted
from django.utils import timezone
from django.utils.dates import MONTHS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()
CLASSES = {
    "text": "utrecht-textbox utrecht-textbox--html-input",
    "textarea": "utrecht-textarea utrecht-textarea--html-textarea",
    "select": "utrecht-select utrecht-select--html-select",
    "checkbox": "utrecht-checkbox utrecht-checkbox--custom utrecht-checkbox--html-input",
    "radio": "utrecht-radio-button utrecht-radio-button--html-input",
    "file": "file",
}
SHORT = ("date", "time", "number")
TYPED = ("text", "textarea")
FEW, MANY = 3, 5  # so many short choices stand beside each other; more than so many in columns


@register.simple_tag
def widget_kind(field: BoundField) -> str:
    """What the pack draws: checkboxes, radios, checkbox, textarea, select, file or text."""
    widget = field.field.widget
    # CheckboxSelectMultiple is a subclass of RadioSelect: it comes first.
    for kind, type_ in (
        ("checkboxes", forms.CheckboxSelectMultiple),
        ("radios", forms.RadioSelect),
        ("checkbox", forms.CheckboxInput),
        ("textarea", forms.Textarea),
        ("select", forms.Select),
        ("file", forms.FileInput),
    ):
        if isinstance(widget, type_):
            return kind
    return "text"


@register.simple_tag
def describedby(field: BoundField) -> str:
    """The ids of help and error, for a group's fieldset."""
    ids = [f"{field.auto_id}_helptext"] if field.help_text else []
    return " ".join([*ids, *([f"{field.auto_id}_error"] if field.errors else [])])


@register.simple_tag
def styled(field: BoundField, kind: str) -> str:
    """The control with the pack's class and what assistive technology needs."""
    widget = field.field.widget
    css = [CLASSES[kind], widget.attrs.get("class", "")]
    if kind == "text" and {widget.attrs.get("type"), getattr(widget, "input_type", "")} & set(SHORT):
        css.append("utrecht-textbox--short")
    attrs: dict[str, Any] = {"class": " ".join(filter(None, css))}
    if kind in TYPED:
        attrs["autocomplete"] = widget.attrs.get("autocomplete", "off")  # a browser at a shared desk offers it again
    if field.field.required:
        attrs["aria-required"] = "true"
    if described := describedby(field):
        attrs["aria-describedby"] = described  # Django leaves it out for a file field
    return field.as_widget(attrs=attrs)


@register.simple_tag
def asked_when(field: BoundField) -> str:
    """What the answers to other questions must be for this one to be asked; empty for one that is always asked."""
    return ";".join(str(condition) for condition in getattr(field.field, "when", ()))


@register.simple_tag
def is_asked(field: BoundField) -> bool:
    return bool(getattr(field.form, "is_asked", lambda _name: True)(field.name))


@register.simple_tag
def choices_class(field: BoundField, kind: str) -> str:
    """How the choices of a group stand: a few short ones beside each other, many in columns, else under each other."""
    labels = [str(option.choice_label) for option in field]
    if kind == "radios" and len(labels) <= FEW and sum(map(len, labels)) < 60:
        return "choices--row"
    return "choices--wide" if kind == "checkboxes" or len(labels) > MANY else ""


@register.simple_tag
def choice_control(option: Any) -> str:
    """One radio button or checkbox of a group, in the pack's class."""
    attrs = {**option.data["attrs"], "class": CLASSES[option.data["type"]]}
    attrs.pop("aria-invalid", None)  # the group says it once; a choice in itself is never wrong
    option.data["attrs"] = attrs
    return str(option.tag())


@register.filter
def anchor(field: BoundField) -> str:
    """Where a link to the field goes: the control, or the first choice of a group."""
    choices = field.subwidgets if widget_kind(field) in {"checkboxes", "radios"} else []
    return str(choices[0].id_for_label if choices else field.id_for_label)  # there may be nothing to choose from


@register.filter
def example(option: Any, field: BoundField) -> str:
    """The example under a choice, when the form field carries `examples` by value."""
    return str(getattr(field.field, "examples", {}).get(str(option.data["value"]), ""))


@register.filter
def day_and_time(moment: datetime | None, now: datetime) -> str:
    """A moment as people say it: "today 17:00", "Thu 4 November 10:00"; "no fixed moment" without one."""
    if moment is None:
        return _("no fixed moment")
    local, here = timezone.localtime(moment), timezone.localtime(now)
    days = (local.date() - here.date()).days
    hour = f"{local:%H:%M}"
    near = {0: _("today %(hour)s"), 1: _("tomorrow %(hour)s"), -1: _("yesterday %(hour)s")} if abs(days) < 2 else {}
    if days in near:
        return near[days] % {"hour": hour}
    year = "" if local.year == here.year else f" {local.year}"
    return f"{WEEKDAYS_ABBR[local.weekday()]} {local.day} {MONTHS[local.month]}{year} {hour}"


@register.filter
def day_of(text: str | None) -> str:
    """The day of an ISO 8601 moment that is kept as text ("2026-11-24T10:00:00+01:00"), in words; else the text."""
    try:
        return formatted(date.fromisoformat((text or "")[:10]), "j F Y")
    except ValueError:
        return text or ""


@register.filter
def hour(moment: datetime) -> str:
    """The time of day on the clock here: "14:03"."""
    return f"{timezone.localtime(moment):%H:%M}"


@register.filter
def time_left(moment: datetime | None, now: datetime) -> str:
    """How long still, or how long too late, in whole hours or days."""
    if moment is None:
        return ""
    left = moment - now
    text, is_late = _span(abs(left)), left < timedelta()
    return (_("%(span)s too late") if is_late else _("%(span)s left")) % {"span": text}


def _span(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    if hours < 1:
        minutes = max(1, int(span.total_seconds() // 60))
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    if hours < 48:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    return ngettext("%(count)s day", "%(count)s days", hours // 24) % {"count": hours // 24}
