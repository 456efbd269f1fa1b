"""A page with every control the pack knows and every block of the style, for the tests alone: it is its own URLconf."""

from pathlib import Path
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, ButtonHolder, Div, Field, Fieldset, Layout, Submit
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import include, path

HERE = Path(__file__).parent
LONG = "Zestig tekens zonder spatie: Arbeidsongeschiktheidsverzekeringsmaatschappij 🌷"
STORY = "Een man schold aan de balie, omdat hij zijn paspoort niet meteen mee kreeg, en liep daarna weg. " * 6
CHOICES = [("a", LONG), ("b", "Bedreiging 👊"), ("c", "Schelden"), ("d", "Iets anders")]
YES_NO = [("yes", "Ja"), ("no", "Nee"), ("unknown", "Weet ik niet")]


class EveryControl(forms.Form):
    """One field of each kind, with help; `story` is the one that may stay empty."""

    use_required_attribute = False

    name = forms.CharField(label=LONG, help_text="Zoals het op uw pas staat. " + LONG)
    story = forms.CharField(label="Vertel het", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    email = forms.EmailField(label="E-mailadres", help_text="Van uw werk.")
    age = forms.IntegerField(label="Hoeveel mensen?", min_value=0, max_value=9)
    day = forms.DateField(label="Welke dag?", widget=forms.DateInput(attrs={"type": "date"}))
    hour = forms.TimeField(label="Hoe laat?", widget=forms.TimeInput(attrs={"type": "time"}))
    moment = forms.DateTimeField(label="Wanneer?", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    place = forms.ChoiceField(label="Waar?", choices=[("", "Kies een plaats"), *CHOICES], help_text="Ongeveer.")
    places = forms.MultipleChoiceField(label="Waar nog meer?", choices=CHOICES, widget=forms.SelectMultiple)
    agreed = forms.BooleanField(label="Ik heb dit gelezen", help_text="Het duurt een minuut.")
    safe = forms.ChoiceField(label="Bent u veilig?", choices=YES_NO, widget=forms.RadioSelect, help_text="Nu.")
    kind = forms.ChoiceField(label="Hoe ging het?", choices=CHOICES * 2, widget=forms.RadioSelect, required=False)
    behaviours = forms.MultipleChoiceField(
        label="Wat gebeurde er?", choices=CHOICES, widget=forms.CheckboxSelectMultiple, help_text="Kies alles wat past."
    )
    evidence = forms.FileField(label="Foto of pdf", help_text="Hoogstens 10 MB.")
    password = forms.CharField(label="Wachtwoord", widget=forms.PasswordInput(attrs={"autocomplete": "off"}))
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["behaviours"].examples = {"a": "met een voorbeeld eronder", "b": LONG}


class LaidOut(forms.Form):
    """The layout objects of crispy, with an attribute that a layout gives to a control."""

    use_required_attribute = False

    first = forms.CharField(label="Voornaam")
    last = forms.CharField(label="Achternaam", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Fieldset("Uw naam", Field("first", placeholder="Zoals op uw pas", wrapper_class="wide"), css_id="names"),
            Div(HTML("<p class='soft'>Dit mag.</p>"), "last", css_class="panel"),
            ButtonHolder(Submit("save", "Bewaar")),
        )


def page(request: HttpRequest, state: str) -> HttpResponse:
    """The gallery, its forms as new, or sent empty."""
    data = {} if state == "errors" else None
    forms_set = forms.formset_factory(LaidOut, extra=2)
    context = {
        "form": EveryControl(data),
        "laid_out": LaidOut(data, prefix="laid"),
        "formset": forms_set(prefix="many"),
        "page": Paginator(range(9), 3).page(2),
        "long": LONG,
        "story": STORY,
    }
    text = (HERE / "gallery.html").read_text()
    return HttpResponse(Template(text).render(RequestContext(request, context)))


urlpatterns = [path("", include("vpdportal.urls")), path("gallery/<str:state>/", login_not_required(page))]
