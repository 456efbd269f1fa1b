"""What was typed after the report was sent, or for an organisation that one has left: shown again, never lost."""

from uuid import UUID, uuid4

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from incidents.forms.steps import StepForm, Told, plain_lines
from incidents.models import Draft, Incident
from incidents.views.places import PortalRequest
from incidents.views.signed_out import wants_json
from incidents.views.typed import mark_of_writer


def sent_as(request: PortalRequest, key: UUID) -> Incident | None:
    """The report that a draft has become."""
    mine = Incident.objects.own(request.user).filter(reporter=request.user, idempotency_key=key)
    found: Incident | None = mine.first()
    return found


def sent_or_gone(request: PortalRequest, key: UUID, form: StepForm | None = None) -> HttpResponse:
    """What was sent from another tab, or by the first of two clicks, is shown; what never was is not there.

    What `form` holds and the report does not comes back, to be added to it.
    """
    sent = sent_as(request, key)
    if wants_json(request):
        return JsonResponse({"error": _what_happened(sent)}, status=410)
    if sent is None:
        raise Http404
    if form is None or not not_in(sent, form):  # as after a double click
        return redirect("report_status", pk=sent.pk)
    told = form.answered()
    context = {
        "incident": sent,
        "told": told,
        "text": "\n\n".join(f"{label}: {text}" for label, text in told),
        "form_key": uuid4(),
        "writer": mark_of_writer(request.user),
    }
    return render(request, "incidents/report_sent_before.html", context, status=409)


def left_of(request: PortalRequest, draft: Draft, form: StepForm) -> HttpResponse:
    """A draft for an organisation that this person has left: nothing is kept or sent; what was typed is shown once."""
    sentence = _("You cannot report for %(organisation)s any more, so this is not kept and not sent.")
    said = sentence % {"organisation": draft.organisation.name}
    if wants_json(request):
        return JsonResponse({"error": said}, status=410)
    context = {"said": said, "told": form.answered() if form.is_bound else []}
    return render(request, "incidents/report_left.html", context, status=403)


def _what_happened(sent: Incident | None) -> str:
    if sent:
        return _("This report was sent from another tab. Press the button to add what you type here now.")
    return _("This report was thrown away in another tab. Press the button to keep what stands on this page.")


def not_in(sent: Incident, form: StepForm) -> Told:
    """What was written in one's own words and does not stand in the report."""
    texts = (sent.story, sent.place, sent.affected_name, sent.contact, sent.perpetrator_description)
    known = {plain_lines(text) for text in (*texts, *sent.details.values())}
    missing = set(form.written()) - known
    return [(label, text) for label, text in form.answered() if plain_lines(text) in missing]
