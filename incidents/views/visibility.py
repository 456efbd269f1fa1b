"""Who may see a case, in plain words, and changing it: for the party who decides, and with reasons for the desk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents.actions.duty import on_duty
from incidents.actions.exclusions import (
    NobodyElse,
    Seer,
    decides_who_sees,
    keep_out_people,
    let_in_again,
    named_for,
    people_who_see,
    set_manager_may_see,
)
from incidents.actions.refusals import Refused
from incidents.actions.trail import record_view
from incidents.forms.visibility import KeepOutForm, LetInForm, ManagerForm, SelfForm, kept_out_people
from incidents.models import Exclusion, Incident
from incidents.views.places import PortalRequest, case_for
from incidents.views.typed import is_of_another, is_shown_again, keeps_what_is_typed, mark_of_writer, status_of_return
from vpdportal.accounts.access import duty_adviser, require
from vpdportal.accounts.models import User
from vpdportal.accounts.roles import Right, Role
from vpdportal.accounts.signing_in.again import proven_to_send

RELATED = ("reporter", "affected", "organisation", "department")


@dataclass(frozen=True)
class Sight:
    """Who looks at whose page: the desk's, with reasons, or that of the party who decides."""

    request: PortalRequest
    incident: Incident
    is_desk: bool

    @property
    def is_party(self) -> bool:
        return decides_who_sees(self.incident, self.request.user)

    @property
    def change(self) -> dict[str, Any]:
        """What every change is told."""
        return {"incident": self.incident, "by": self.request.user, "now": self.request.now}


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
def visibility(request: PortalRequest, pk: UUID) -> HttpResponse:
    """For who reported it, or whom it happened to. Who reported it for someone else has a receipt only: 403."""
    incident = get_object_or_404(Incident.objects.own(request.user).select_related(*RELATED), pk=pk)
    if not decides_who_sees(incident, request.user):
        raise PermissionDenied
    return _answer(Sight(request, incident, is_desk=False))


@keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.WORK_CASES)
@proven_to_send
def case_visibility(request: PortalRequest, pk: UUID) -> HttpResponse:
    """For the desk, which gives reasons."""
    return _answer(Sight(request, case_for(request, pk), is_desk=True))


def _answer(sight: Sight) -> HttpResponse:
    if sight.request.method != "POST" or is_of_another(sight.request):
        return _page(sight)
    change = CHANGES.get(sight.request.POST.get("do", ""))
    return change(sight) if change else _page(sight, 400)


def _change_manager(sight: Sight) -> HttpResponse:
    form = _manager_form(sight, sight.request.POST)
    if is_shown_again(sight.request, form):
        return _page(sight, status_of_return(sight.request), manager_form=form)

    def act() -> str:
        set_manager_may_see(**sight.change, may=form.cleaned_data["may_manager_see"], reason=form.reason())
        return _("Kept. Above you see who can see it now.")

    return _acted(sight, act, manager_form=form)


def _keep_out(sight: Sight) -> HttpResponse:
    form = _keep_out_form(sight, _exclusions(sight), sight.request.POST)
    if is_shown_again(sight.request, form):
        return _page(sight, status_of_return(sight.request), keep_out_form=form)

    def act() -> str:
        owner = keep_out_people(**sight.change, people=kept_out_people(form.cleaned_data), reason=form.reason())
        done = _("Done. From now on the portal shows nothing of this there.")
        return f"{done} {_goes_on(owner)}"

    return _acted(sight, act, keep_out_form=form)


def _let_in(sight: Sight) -> HttpResponse:
    person = sight.request.POST.get("person", "")
    exclusion = next((one for one in _exclusions(sight) if str(one.user_id) == person), None)
    if exclusion is None:  # a second click, or someone else was first
        return _acted(sight, lambda: _("This person is not kept out."))
    form = _let_in_form(sight, exclusion, sight.request.POST)
    if is_shown_again(sight.request, form):
        return _page(sight, status_of_return(sight.request), let_in=form)

    def act() -> str:
        let_in_again(**sight.change, person=exclusion.user, reason=form.reason())
        return _("Done. %(name)s can see it again, as far as the roles go.") % {"name": exclusion.user.name}

    return _acted(sight, act, let_in=form)


def _keep_oneself_out(sight: Sight) -> HttpResponse:
    """An adviser who is part of it. Afterwards there is no page to come back to."""
    form = SelfForm(sight.request.POST, auto_id="self-%s")
    if is_shown_again(sight.request, form) or not sight.is_desk:
        return _page(sight, status_of_return(sight.request), self_form=form)

    def act() -> str:
        reason = form.cleaned_data["reason"]
        owner = keep_out_people(**sight.change, people=[sight.request.user], reason=reason)
        return " ".join([_("The case has left your sight."), _goes_on(owner)])

    return _acted(sight, act, to="work_list", self_form=form)


CHANGES: dict[str, Callable[[Sight], HttpResponse]] = {
    "manager": _change_manager,
    "keep_out": _keep_out,
    "let_in": _let_in,
    "self": _keep_oneself_out,
}


def _acted(sight: Sight, act: Callable[[], str], to: str = "", **bound: Any) -> HttpResponse:
    """Do one change, say it and show who can see it now; or show the page again with what was typed and why not."""
    try:
        done = act()
    except Refused as refused:
        messages.error(sight.request, str(refused))
        return _page(sight, 409, **bound)
    messages.success(sight.request, done)
    if to:
        return redirect(to)
    return redirect("case_visibility" if sight.is_desk else "visibility", pk=sight.incident.pk)


def _goes_on(owner: User | None) -> str:
    return _("%(name)s goes on with it.") % {"name": owner.name} if owner else ""


def _exclusions(sight: Sight) -> list[Exclusion]:
    return list(Exclusion.objects.filter(incident=sight.incident).select_related("user", "by"))


def _manager_form(sight: Sight, data: Any = None) -> ManagerForm:
    first = {"may_manager_see": "yes" if sight.incident.may_manager_see else "no"}
    return ManagerForm(data, initial=first, needs_reason=not sight.is_party, auto_id="manager-%s")


def _keep_out_form(sight: Sight, kept_out: list[Exclusion], data: Any = None) -> KeepOutForm:
    parties = {party for party in (sight.incident.reporter_id, sight.incident.affected_id) if party}
    return KeepOutForm(
        data,
        incident=sight.incident,
        viewer=sight.request.user,
        not_offered={*parties, sight.request.user.pk, *(one.user_id for one in kept_out)},
        now=sight.request.now,
        needs_reason=not sight.is_party,
        auto_id="keep-out-%s",
    )


def _let_in_form(sight: Sight, exclusion: Exclusion, data: Any = None) -> LetInForm:
    is_own = sight.is_party and exclusion.by_id == sight.request.user.pk
    ids = f"let-in-{exclusion.user_id}-%s"
    return LetInForm(data, initial={"person": exclusion.user_id}, needs_reason=not is_own, auto_id=ids)


def _page(sight: Sight, status: int = 200, let_in: LetInForm | None = None, **bound: Any) -> HttpResponse:
    """The page, with a form that came back with errors in place of its empty one."""
    record_view(incident=sight.incident, by=sight.request.user, now=sight.request.now, part="visibility")
    kept_out = _exclusions(sight)
    context = {
        "incident": sight.incident,
        "is_party": sight.is_party,
        "writer": mark_of_writer(sight.request.user),
        **_who_sees(sight, {one.user_id for one in kept_out}),
        "kept_out": [(one, _let_in_form_or_none(sight, one, let_in)) for one in kept_out],
        "let_in": let_in,
        "nobody_else": NobodyElse(sight.incident.organisation),
        "manager_form": _manager_form(sight),
        "keep_out_form": _keep_out_form(sight, kept_out),
        "self_form": SelfForm(auto_id="self-%s"),
        **bound,
    }
    template = "visibility_case" if sight.is_desk else "visibility"
    return render(sight.request, f"incidents/{template}.html", context, status=status)


def _who_sees(sight: Sight, without: set[UUID]) -> dict[str, Any]:
    """Everyone who can see something of the case now, and who would go on with it if this adviser left."""
    incident, viewer, now = sight.incident, sight.request.user, sight.request.now
    seers = people_who_see(incident, now)
    desk = _by_person([seer for seer in seers if seer[1] != Role.MANAGER])
    given = incident.tasks.exclude(assignee=None).exclude(assignee__in=[*without, *(person.pk for person, _r in desk)])
    asked = incident.witnesses.exclude(user__in=without)
    return {
        "adviser": on_duty(incident, now),
        "desk": desk,
        "managers": [person for person, role in seers if role == Role.MANAGER],
        "given_tasks": User.objects.filter(pk__in=given.values("assignee")).order_by("name"),
        # A party hears no names: whoever asks a colleague is not told whether there is an account (views/witness.py).
        "witnesses": User.objects.filter(pk__in=asked.values("user")).order_by("name") if sight.is_desk else None,
        "named": named_for(viewer, incident, seers),
        "next_adviser": duty_adviser(incident.organisation_id, now, {*without, viewer.pk}) if sight.is_desk else None,
    }


def _let_in_form_or_none(sight: Sight, exclusion: Exclusion, bound: LetInForm | None) -> LetInForm | None:
    """The form to let someone in again; None where a party may not take it back, because someone else decided it."""
    if bound and bound["person"].value() == str(exclusion.user_id):
        return bound
    may = sight.is_desk or exclusion.by_id == sight.request.user.pk
    return _let_in_form(sight, exclusion) if may else None


def _by_person(seers: list[Seer]) -> list[tuple[User, str]]:
    roles: dict[User, list[str]] = {}
    for person, role in seers:
        roles.setdefault(person, []).append(str(role.label))
    return [(person, ", ".join(held)) for person, held in roles.items()]
