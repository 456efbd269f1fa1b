"""The crispy pack: what assistive technology gets from every kind of field, as new and after an error."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.test.html import Element, parse_html

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.look.gallery")]

CONTROLS = (
    "name",
    "story",
    "email",
    "age",
    "day",
    "hour",
    "moment",
    "place",
    "places",
    "agreed",
    "evidence",
    "password",
)
GROUPS = ("safe", "kind", "behaviours")
HELPED = ("name", "email", "place", "agreed", "safe", "behaviours", "evidence")


class Page:
    """A page as a tree of elements that one can ask for."""

    def __init__(self, html: str) -> None:
        body = html[html.index("<body>") : html.index("</body>") + len("</body>")]
        self.elements = list(_walk(parse_html(body)))

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.elements
            if (not tag or element.name == tag) and wanted.items() <= dict(element.attributes).items()
        ]

    def one(self, tag: str = "", **attributes: str) -> Element:
        found = self.all(tag, **attributes)
        assert len(found) == 1, (tag, attributes, len(found))
        return found[0]


def _walk(element: Any) -> Iterator[Element]:
    if isinstance(element, Element):
        yield element
        for child in element.children:
            yield from _walk(child)


def attributes(element: Element) -> dict[str, str]:
    return dict(element.attributes)


def text(element: Element) -> str:
    return " ".join(child if isinstance(child, str) else text(child) for child in element.children)


@pytest.fixture
def new(client: Client) -> Page:
    return Page(client.get("/gallery/new/").content.decode())


@pytest.fixture
def wrong(client: Client) -> Page:
    return Page(client.get("/gallery/errors/").content.decode())


def test_every_control_has_a_label_and_a_class_of_the_design_system(new: Page) -> None:
    for name in CONTROLS:
        control = new.one(id=f"id_{name}")
        assert new.all("label", for_=f"id_{name}"), name
        assert "utrecht-" in attributes(control)["class"] or name == "evidence", name


def test_a_group_is_a_fieldset_whose_legend_is_the_question(new: Page) -> None:
    for name in GROUPS:
        group = new.one("fieldset", id=f"div_id_{name}")
        assert group.children[0].name == "legend", name
    assert "Bent u veilig?" in text(new.one("fieldset", id="div_id_safe"))
    assert attributes(new.one("fieldset", id="div_id_safe"))["role"] == "radiogroup"
    assert "role" not in attributes(new.one("fieldset", id="div_id_behaviours"))


def test_choices_are_told_apart_though_one_kind_is_a_subclass_of_the_other(new: Page) -> None:
    box, button = attributes(new.one(id="id_behaviours_0")), attributes(new.one(id="id_safe_0"))
    assert (box["type"], button["type"]) == ("checkbox", "radio")
    assert "utrecht-checkbox--custom" in box["class"] and "utrecht-radio-button" in button["class"]
    assert "met een voorbeeld eronder" in text(new.one("label", for_="id_behaviours_0"))


def test_help_is_named_by_the_control_or_by_the_group(new: Page) -> None:
    for name in HELPED:
        holder = new.one(id=f"div_id_{name}" if name in GROUPS else f"id_{name}")
        assert attributes(holder)["aria-describedby"] == f"id_{name}_helptext", name
        assert text(new.one(id=f"id_{name}_helptext")).strip(), name
    assert "aria-describedby" not in attributes(new.one(id="id_story"))


def test_a_wrong_field_names_help_and_error_in_that_order(wrong: Page) -> None:
    for name in (*CONTROLS, *GROUPS):
        if name in ("story", "kind"):
            continue
        holder = attributes(wrong.one(id=f"div_id_{name}" if name in GROUPS else f"id_{name}"))
        helped = [f"id_{name}_helptext"] if name in HELPED else []
        assert holder["aria-describedby"].split() == [*helped, f"id_{name}_error"], name
        assert "Dit veld is verplicht." in text(wrong.one(id=f"id_{name}_error")), name


def test_a_right_field_beside_wrong_ones_carries_no_error(wrong: Page) -> None:
    assert not wrong.all(id="id_story_error")
    assert "aria-invalid" not in attributes(wrong.one(id="id_story"))
    assert attributes(wrong.one(id="id_name"))["aria-invalid"] == "true"
    assert attributes(wrong.one(id="div_id_safe"))["aria-invalid"] == "true"
    assert "aria-invalid" not in attributes(wrong.one(id="id_safe_0"))


def test_required_is_said_without_the_browsers_bubble_and_optional_in_words(new: Page) -> None:
    assert not [element for element in new.elements if "required" in attributes(element)]
    assert attributes(new.one(id="id_name"))["aria-required"] == "true"
    assert attributes(new.one(id="div_id_safe"))["aria-required"] == "true"
    assert "aria-required" not in attributes(new.one(id="id_story"))
    assert "(niet verplicht)" in text(new.one("label", for_="id_story"))
    assert "(niet verplicht)" in text(new.one("fieldset", id="div_id_kind"))
    assert "(niet verplicht)" not in text(new.one("label", for_="id_name"))


def test_the_summary_of_errors_leads_to_each_wrong_field(wrong: Page, new: Page) -> None:
    summary = next(one for one in wrong.all("div", role="alert") if "Wat gebeurde er?" in text(one))
    assert attributes(summary)["tabindex"] == "-1"
    targets = {attributes(link)["href"][1:] for link in _walk(summary) if link.name == "a"}
    assert {"id_name", "id_safe_0", "id_behaviours_0", "id_evidence"} <= targets
    assert all(wrong.all(id=target) for target in targets)
    assert "id_story" not in targets and "id_key" not in targets  # nothing to mend there, nothing to go to
    assert not new.all("div", role="alert")


def test_layout_objects_draw_fieldset_div_own_html_and_buttons(new: Page) -> None:
    names = new.one("fieldset", id="names")
    assert "Uw naam" in text(names.children[0]) and names.children[0].name == "legend"
    first = attributes(new.one(id="id_laid-first"))
    assert first["placeholder"] == "Zoals op uw pas" and "utrecht-textbox" in first["class"]
    assert "wide" in attributes(new.one(id="div_id_laid-first"))["class"]
    assert new.all("p", class_="soft")
    save = attributes(new.one("input", name="save"))
    assert save["type"] == "submit" and "utrecht-button--primary-action" in save["class"]


def test_layouts_and_formsets_send_what_django_needs(new: Page) -> None:
    form = next(
        one
        for one in new.all("form", method="post")
        if any(e.name == "fieldset" and attributes(e).get("id") == "names" for e in _walk(one))
    )
    assert any(attributes(e).get("name") == "csrfmiddlewaretoken" for e in _walk(form))
    assert attributes(new.one(name="many-TOTAL_FORMS"))["value"] == "2"
    assert new.one(id="id_many-1-first")
