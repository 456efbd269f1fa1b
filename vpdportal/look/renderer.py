"""Form controls without a template for each of their parts: the same HTML as Django's, in a fifth of the time.

A list of a hundred choices is three hundred templates to Django, and took a third of the list of all cases
(docs/performance.md). What is not here, and whatever a project's own template says, goes the usual way.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

Part = Mapping[str, Any]  # a widget, or one choice of it, as Django's templates are told of it


def _attributes(attrs: Part) -> SafeString:
    escape = conditional_escape
    given = [(name, value) for name, value in attrs.items() if value is not False]
    written = [f" {escape(name)}" + ("" if value is True else f'="{escape(value)}"') for name, value in given]
    return mark_safe("".join(written))  # noqa: S308  each part was escaped


def _input(widget: Part) -> SafeString:
    value = "" if widget["value"] is None else format_html(' value="{}"', widget["value"])
    attributes = _attributes(widget["attrs"])
    return format_html('<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], value, attributes)


def _textarea(widget: Part) -> SafeString:
    value = widget["value"] or ""
    return format_html('<textarea name="{}"{}>\n{}</textarea>', widget["name"], _attributes(widget["attrs"]), value)


def _select(widget: Part) -> SafeString:
    groups = []
    for name, options, _number in widget["optgroups"]:
        inside = "\n".join(
            f'  <option value="{conditional_escape(option["value"])}"{_attributes(option["attrs"])}>'
            f"{conditional_escape(option['label'])}</option>"
            for option in options
        )
        label = conditional_escape(name) if name else ""
        groups.append(f'  <optgroup label="{label}">\n{inside}\n  </optgroup>' if name else inside)
    inside = mark_safe("\n".join(groups))  # noqa: S308  each part was escaped
    return format_html('<select name="{}"{}>\n{}\n</select>', widget["name"], _attributes(widget["attrs"]), inside)


INPUTS = (
    *("text", "number", "email", "url", "password", "hidden", "checkbox"),
    *("date", "time", "datetime", "search", "tel"),
)
QUICK: dict[str, Callable[[Part], SafeString]] = {
    **{f"django/forms/widgets/{name}.html": _input for name in INPUTS},
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
}
CHOICES = ("django/forms/widgets/radio_option.html", "django/forms/widgets/checkbox_option.html")


class QuickControls(TemplatesSetting):
    """Django's renderer, which hands the controls above to Python."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        widget = context.get("widget", {})
        if write := QUICK.get(template_name):
            return write(widget)
        if template_name in CHOICES and not widget.get("wrap_label"):
            return _input(widget)
        return str(super().render(template_name, context, request))
