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

register = template.Library()
# Where the key and the title of a row stand in what was rendered once. Made anew in each process, so nobody types them.
PLACE_OF_KEY, PLACE_OF_TITLE = uuid4(), f"title-{uuid4()}"


@register.simple_tag(takes_context=True)
def filled_in(context: Context, name: str, pk: UUID, title: str, kind: Any = "") -> SafeString:
    """The template `name` for a row: rendered once for each `kind` on the page, with this key and title filled in.

    To the template they are `row.pk`, `row.title` and `row.kind`; of the row it may use no more than those.
    """
    kept: dict[Any, SafeString] = cast("Any", context.render_context).setdefault(filled_in, {})
    if (name, kind) not in kept:
        kept[name, kind] = as_it_is(context, name, PLACE_OF_KEY, PLACE_OF_TITLE, kind)
    text = kept[name, kind].replace(str(PLACE_OF_KEY), str(pk)).replace(PLACE_OF_TITLE, conditional_escape(title))
    return mark_safe(text)  # noqa: S308  a template escaped the text, and the title was escaped here


@register.simple_tag(takes_context=True)
def as_it_is(context: Context, name: str, pk: UUID, title: str, kind: Any = "") -> SafeString:
    """The same for a row that came back with what was typed in it, which stands in no other."""
    engine = cast("Any", context.template).engine
    with context.push(row={"pk": pk, "title": title, "kind": kind}):
        return engine.get_template(name).render(context)


@register.simple_tag(takes_context=True)
def sources(context: Context, keys: Collection[str]) -> str:
    """Where something comes from, each with a link if `known_sources` of the page has it; empty without a source."""
    if not keys:
        return ""
    about, known = reverse("menu_about"), context.get("known_sources") or ()
    links = ((format_html('<a href="{}#{}">{}</a>', about, key, key) if key in known else f"[{key}]",) for key in keys)
    return format_html("{} {}", _("Source:"), format_html_join(", ", "{}", links))
