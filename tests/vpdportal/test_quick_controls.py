"""What the quick renderer writes is, sign by sign but for empty lines, what Django's own templates write."""

import re

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from vpdportal.look.renderer import CHOICES, QUICK, QuickControls

pytestmark = pytest.mark.no_database
BLANK = re.compile(r"\n\s*\n")  # which Django leaves where a template ends
ODD = ("", "gewoon", '"><script>alert(1)</script>', "a & b", "'", "🌊 ünï", "\n regel", None, 0, 7)
ATTRS = (
    {},
    {"id": "id_a", "class": "breed", "required": True, "disabled": False, "maxlength": 1000},
    {"data-when": 'x="y" & <z>', "aria-label": gettext_lazy("Dutch"), "title": mark_safe("al <b>veilig</b>")},  # noqa: S308
)
CHOOSE = [
    ("", "Kies"),
    ("a", "Één & ander"),
    ('"b', "<i>schuin</i>"),
    ("Groep <1>", [("c", "In een groep"), (3, mark_safe("al &amp; veilig"))]),  # noqa: S308
]
TYPED = (
    forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.PasswordInput, forms.HiddenInput,
    forms.DateInput, forms.TimeInput, forms.DateTimeInput, forms.Textarea, forms.CheckboxInput,
)  # fmt: skip
CHOOSING = (forms.Select, forms.SelectMultiple)


def both(widget: forms.Widget, value: object, attrs: dict[str, object]) -> tuple[str, str]:
    quick, own = (
        widget.render('na"am', value, dict(attrs), renderer=one) for one in (QuickControls(), TemplatesSetting())
    )
    return quick, own


@pytest.mark.parametrize("kind", TYPED)
def test_what_is_typed(kind: type[forms.Widget]) -> None:
    assert kind().template_name in QUICK
    for value in ODD:
        for attrs in ATTRS:
            quick, own = both(kind(), value, attrs)
            assert quick == own


@pytest.mark.parametrize("kind", CHOOSING)
def test_what_is_chosen_from_a_list(kind: type[forms.Select]) -> None:
    widget = kind(choices=CHOOSE)
    assert widget.template_name in QUICK
    for value in ("", "a", '"b', ["a", "c"], 3, None, "elders", True):
        for attrs in ATTRS:
            quick, own = both(widget, value, attrs)
            assert quick == BLANK.sub("\n", own)


@pytest.mark.parametrize("kind", [forms.RadioSelect, forms.CheckboxSelectMultiple])
def test_one_button_of_a_group(kind: type[forms.RadioSelect]) -> None:
    widget = kind(choices=CHOOSE)
    for attrs in ATTRS:
        for one in widget.subwidgets("naam", ["a", 3], dict(attrs)):
            context = {"widget": {**one, "wrap_label": False}}
            assert one["template_name"] in CHOICES
            quick, own = (each.render(one["template_name"], context) for each in (QuickControls(), TemplatesSetting()))
            assert quick == own


def test_a_button_with_its_label_goes_the_usual_way() -> None:
    quick, own = both(forms.RadioSelect(choices=CHOOSE), "a", {"id": "x"})
    assert quick == own
    assert "<label" in quick
