"""What an OpenDocument file says of itself: its title and language, and no person."""

from odfdo import Document as Odf

from incidents.overview.document import Document
from incidents.overview.files.cells import clean

MAKER = "VPD portal"


def name_odf(file: Odf, document: Document) -> None:
    """Also takes out what the empty file of the package says of the machine on which it was made."""
    file.meta.title = clean(document.title)
    file.meta.language = locale_of(document)
    file.meta.generator = MAKER
    if document.made_at:
        file.meta.creation_date = file.meta.date = document.made_at.replace(tzinfo=None, microsecond=0)


def locale_of(document: Document) -> str:
    """For a spelling check and a screen reader: "nl-NL", "en-GB"."""
    return {"nl": "nl-NL", "en": "en-GB"}.get(document.language[:2], document.language)
