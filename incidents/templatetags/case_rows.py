"""The rows of a case's page, of which there may be a hundred: what differs between them is filled in."""

from collections.abc import Collection
from typing import Any, cast
from uuid import UUID, uuid4

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from incidents.actions.measures import decision_mark
from incidents.models import Measure

register = template.Library()
# Where key, title and mark of a row stand in what was rendered once. Made anew in each process, so nobody types them.
PLACE_OF_KEY, PLACE_OF_TITLE, PLACE_OF_MARK = uuid4(), f"title-{uuid4()}", f"mark-{uuid4()}"


@register.simple_tag(takes_context=True)
def filled_in(context: Context, name: str, pk: UUID, title: str, kind: Any = "", mark: str = "") -> SafeString:
    """The template `name` for a row: rendered once for each `kind` on the page, with key, title and mark filled in.

    To the template they are `row.pk`, `row.title`, `row.kind` and `row.mark`; of the row it may use no more than those.
    """
    kept: dict[Any, SafeString] = cast("Any", context.render_context).setdefault(filled_in, {})
    if (name, kind) not in kept:
        kept[name, kind] = as_it_is(context, name, PLACE_OF_KEY, PLACE_OF_TITLE, kind, PLACE_OF_MARK)
    text = kept[name, kind].replace(str(PLACE_OF_KEY), str(pk)).replace(PLACE_OF_MARK, conditional_escape(mark))
    text = text.replace(PLACE_OF_TITLE, conditional_escape(title))
    return mark_safe(text)  # noqa: S308  a template escaped the text, and title and mark were escaped here


@register.simple_tag(takes_context=True)
def as_it_is(context: Context, name: str, pk: UUID, title: str, kind: Any = "", mark: str = "") -> SafeString:
    """The same for a row that came back with what was typed in it, which stands in no other."""
    engine = cast("Any", context.template).engine
    with context.push(row={"pk": pk, "title": title, "kind": kind, "mark": mark}):
        return engine.get_template(name).render(context)


@register.simple_tag(takes_context=True)
def seen_of(context: Context, measure: Measure) -> str:
    """The mark of an advice as this page shows it; of a form that came back, as its page did (`seen_before`)."""
    before: dict[str, str] = context.get("seen_before") or {}
    return before.get(str(measure.pk)) or decision_mark(measure)


@register.simple_tag(takes_context=True)
def sources(context: Context, keys: Collection[str]) -> str:
    """Where something comes from, each with a link if `known_sources` of the page has it; empty without a source."""
    if not keys:
        return ""
    about, known = reverse("menu_about"), context.get("known_sources") or ()
    links = ((format_html('<a href="{}#{}">{}</a>', about, key, key) if key in known else f"[{key}]",) for key in keys)
    return format_html("{} {}", _("Source:"), format_html_join(", ", "{}", links))
