"""The administrator's places: a list, one or many new ones, and the way in from the code on the wall."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.actions.locations import ManyAdded, PlaceChanged, add_locations, save_location, switch_off
from incidents.actions.refusals import Refused
from incidents.forms.location import LocationForm, LocationsForm
from incidents.models import Location
from incidents.references import normalise_code
from incidents.views.places import PortalRequest, organisation_for
from incidents.views.posters import poster_of
from vpdportal.accounts.access import require
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Right
from vpdportal.pages import page_of

A_PAGE = 50
LONGEST = 8  # letters that can still be a code: what is longer is unknown, and need not go on


@require_safe
@require(Right.REPORT)
def link(request: PortalRequest, code: str) -> HttpResponse:
    """Where the code of a poster leads: to the report form, which looks up the place for who is signed in."""
    return redirect(f"{reverse('report')}?{urlencode({'plek': normalise_code(code)[:LONGEST]})}")


@require_safe
@require(Right.ADMINISTER)
def index(request: PortalRequest, slug: str) -> HttpResponse:
    found = organisation_for(request, slug, Right.ADMINISTER)
    name = request.GET.get("name", "").replace("\0", "").strip()
    shown = found.locations.select_related("department").order_by("-is_active", "name", "id")
    context = {
        "organisation": found,
        "page": page_of(shown.filter(name__icontains=name), request.GET.get("page"), A_PAGE),
        "name": name,
    }
    return render(request, "incidents/locations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ADMINISTER)
def new(request: PortalRequest, slug: str) -> HttpResponse:
    found = organisation_for(request, slug, Right.ADMINISTER)
    return _edit(request, found, Location(organisation=found))


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ADMINISTER)
def location(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    """One place with its short link and QR, and its details to change."""
    found = organisation_for(request, slug, Right.ADMINISTER)
    return _edit(request, found, get_object_or_404(found.locations, pk=pk))


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ADMINISTER)
def many(request: PortalRequest, slug: str) -> HttpResponse:
    """A pasted list of names: one place a line."""
    found = organisation_for(request, slug, Right.ADMINISTER)
    form = LocationsForm(request.POST or None, organisation=found)
    if request.method == "POST" and form.is_valid():
        done = add_locations(like=form.like(), names=form.cleaned_data["names"], by=request.user, now=request.now)
        messages.success(request, _many_added(done))
        return redirect("locations", slug=slug)
    status = 400 if request.method == "POST" else 200
    return render(request, "incidents/location_many.html", {"organisation": found, "form": form}, status=status)


@require_POST
@require(Right.ADMINISTER)
def off(request: PortalRequest, slug: str, pk: UUID) -> HttpResponse:
    found = organisation_for(request, slug, Right.ADMINISTER)
    place = get_object_or_404(found.locations, pk=pk)
    switch_off(location=place, by=request.user, now=request.now)
    messages.success(request, _("%(name)s is switched off. Take its poster away.") % {"name": place.name})
    return redirect("locations", slug=slug)


def _edit(request: PortalRequest, found: Organisation, place: Location) -> HttpResponse:
    is_new, name = not place.code, place.name  # a bound form writes on the place itself
    form = LocationForm(request.POST or None, instance=place)
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            save_location(
                location=form.instance, by=request.user, changed=form.changed, seen=form.shown, now=request.now
            )
        except PlaceChanged as refused:
            place = found.locations.get(pk=place.pk)
            form.say_what_is_kept(place, str(refused))
            status = 409
        except Refused as refused:
            form.add_error("name", str(refused))
            status = 409
        else:
            messages.success(request, _("The place is saved. Below are its short link and its poster."))
            return redirect("location", slug=found.slug, pk=place.pk)
    poster = None if is_new else poster_of(place)
    context = {"organisation": found, "form": form, "poster": poster, "name": name}
    return render(request, "incidents/location.html", context, status=status)


def _many_added(done: ManyAdded) -> str:
    added = ngettext("%(count)s place was added.", "%(count)s places were added.", done.added) % {"count": done.added}
    if not done.known:
        return added
    known = ngettext("%(count)s name was there already.", "%(count)s names were there already.", done.known)
    return f"{added} {known % {'count': done.known}}"
