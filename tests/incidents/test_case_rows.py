"""What is rendered once and filled in for each row of a case's page."""

from uuid import uuid4

from django.template import Context, Engine
from django.utils.html import escape

PAGE = """{% load case_rows %}{% for pk, title, kind, mark in rows %}
{% filled_in "row" pk title kind mark %}{% endfor %}"""
ROW = """<b id="{{ row.pk }}" class="{{ row.mark }}">{{ row.title }}{% if row.kind %}!{% endif %}</b>"""


def test_each_row_has_its_own_key_title_and_mark_and_those_are_escaped() -> None:
    engine = Engine(
        loaders=[("django.template.loaders.locmem.Loader", {"row": ROW})],
        libraries={"case_rows": "incidents.templatetags.case_rows"},
    )
    titles = ["Call & <script>", "Talk", "It’s “so”", 'a "b"']
    rows = [(uuid4(), title, bool(number % 2), f'"{number}') for number, title in enumerate(titles)]
    shown = engine.from_string(PAGE).render(Context({"rows": rows}))
    assert shown == "".join(
        f'\n<b id="{pk}" class="{escape(mark)}">{escape(title)}{"!" * kind}</b>' for pk, title, kind, mark in rows
    )
