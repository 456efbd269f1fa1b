"""The administrator's templates of letters: bring in, download, go back to the shipped one; and the fields."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.actions.letter_refusals import DocxRefused
from incidents.actions.letter_templates import save_template, template_for, withdraw_template
from incidents.forms.letters import DocumentForm
from incidents.letter_fields import FIELDS
from incidents.letter_kinds import LetterField
from incidents.letters.shipped import shipped_docx
from incidents.models import LetterTemplate
from incidents.views.letter_papers import docx_response
from incidents.views.places import PortalRequest, organisation_for
from incidents.vocabulary import LetterKind
from vpdportal.accounts.access import require
from vpdportal.accounts.models import Organisation
from vpdportal.accounts.roles import Right

PRESENT, SHIPPED = "huidig", "meegeleverd"
MOST_SHOWN = 50


@require_safe
@require(Right.ADMINISTER)
def index(request: PortalRequest, slug: str) -> HttpResponse:
    """Each kind of letter, and of what it is made now."""
    organisation = organisation_for(request, slug, Right.ADMINISTER)
    own: dict[str, LetterTemplate] = {}
    for row in _rows(organisation).filter(is_withdrawn=False).order_by("version"):
        own[row.kind] = row
    context = {"organisation": organisation, "kinds": [(kind, own.get(kind)) for kind in LetterKind]}
    return render(request, "incidents/letter_templates.html", context)


@require_safe
@require(Right.ADMINISTER)
def fields(request: PortalRequest, slug: str) -> HttpResponse:
    """What may stand between braces in a template."""
    organisation = organisation_for(request, slug, Right.ADMINISTER)
    rows = [(field, _kinds_of(field)) for field in FIELDS]
    return render(request, "incidents/letter_fields.html", {"organisation": organisation, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ADMINISTER)
def template(request: PortalRequest, slug: str, kind: str) -> HttpResponse:
    """One kind of letter: its versions; posting takes a new one into use."""
    organisation, of_kind = organisation_for(request, slug, Right.ADMINISTER), _kind(kind)
    if request.method != "POST":
        return _page(request, organisation, of_kind, DocumentForm())
    form = DocumentForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, organisation, of_kind, form, 400)
    try:
        saved, missing = save_template(
            organisation=organisation, kind=of_kind, content=form.content(), by=request.user, now=request.now
        )
    except DocxRefused as refused:
        form.add_error("document", str(refused))
        return _page(request, organisation, of_kind, form, 400)
    messages.success(request, _("Version %(number)s is in use from now on.") % {"number": saved.version})
    if missing:
        names = ", ".join(field.tag for field in missing)
        messages.warning(
            request, _("It does not use these needed fields: %(names)s. Is that so on purpose?") % {"names": names}
        )
    return redirect("letter_template", slug=slug, kind=kind)


@require_safe
@require(Right.ADMINISTER)
def file(request: PortalRequest, slug: str, kind: str, which: str) -> HttpResponse:
    """The template in use, or the shipped one, to begin from."""
    organisation, of_kind = organisation_for(request, slug, Right.ADMINISTER), _kind(kind)
    if which not in {PRESENT, SHIPPED}:
        raise Http404
    content = shipped_docx(of_kind) if which == SHIPPED else template_for(organisation, of_kind).content
    return docx_response(content, f"{which}-{of_kind}.docx")


@require_POST
@require(Right.ADMINISTER)
def withdraw(request: PortalRequest, slug: str, kind: str) -> HttpResponse:
    """Back to the shipped one."""
    organisation, of_kind = organisation_for(request, slug, Right.ADMINISTER), _kind(kind)
    withdraw_template(organisation=organisation, kind=of_kind, by=request.user, now=request.now)
    messages.success(request, _("The shipped template is in use. Have your lawyer read it."))
    return redirect("letter_template", slug=slug, kind=kind)


def _page(
    request: PortalRequest, organisation: Organisation, kind: LetterKind, form: DocumentForm, status: int = 200
) -> HttpResponse:
    versions = list(_rows(organisation).filter(kind=kind)[:MOST_SHOWN])
    current: UUID | None = next((row.pk for row in versions if not row.is_withdrawn), None)
    context = {
        "organisation": organisation,
        "kind": kind,
        "form": form,
        "versions": versions,
        "current": current,
        "rows": [field for field in FIELDS if kind in field.kinds],
        "present": PRESENT,
        "shipped": SHIPPED,
    }
    return render(request, "incidents/letter_template.html", context, status=status)


def _rows(organisation: Organisation) -> QuerySet[LetterTemplate]:
    return LetterTemplate.objects.filter(organisation=organisation).select_related("by").defer("content")


def _kind(kind: str) -> LetterKind:
    if kind not in LetterKind.values:
        raise Http404
    return LetterKind(kind)


def _kinds_of(field: LetterField) -> list[str]:
    """The kinds that have it; none named where all do."""
    return [] if field.kinds == frozenset(LetterKind) else [str(k.label) for k in LetterKind if k in field.kinds]
