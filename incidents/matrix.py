"""Who may do what with which part of a case, on one page: relation x field group (design of access 2 and 3).

Nothing is decided here: `querysets.py`, `need_to_know.py` and the rights of the views decide. This page says what they
come to; `docs/access.md` is made of it (`manage.py access_page`), and tests/access/test_matrix.py opens every page of a
case as each of these people and holds it against a copy that was written by hand (tests/access/field_groups.py).
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

GROUPS: dict[str, Any] = {
    "G0": _("that it exists: number and state"),
    "G1": _("when, where, what kind, how severe"),
    "G2": _("the story and what was added to it"),
    "G3": _("how to reach who was hit"),
    "G4": _("health"),
    "G5": _("who did it, and what may be a criminal offence"),
    "G6": _("internal notes of the desk"),
    "G7": _("files of evidence"),
    "G8": _("tasks"),
    "G9": _("what was said about aftercare"),
    "G10": _("letters and reactions"),
    "G11": _("who looked and changed"),
}
LETTERS = {"C": _("adds"), "R": _("reads"), "W": _("changes"), "X": _("takes out of the portal"), "-": _("nothing")}

#                               G0  G1  G2  G3  G4  G5  G6  G7  G8  G9  G10 G11
MATRIX: dict[str, str] = {
    "stranger": "               -   -   -   -   -   -   -   -   -   -   -   -",
    "elsewhere": "              -   -   -   -   -   -   -   -   -   -   -   -",
    "kept_out": "               -   -   -   -   -   -   -   -   -   -   -   -",
    "own": "                    R   R   CR  CRW CR  CR  -   CR  -   CR  -   R",
    "on_behalf": "              R   C   C   C   C   C   -   C   -   -   -   -",
    "affected": "               R   R   CR  C   R   C   -   CR  -   CR  -   R",
    "witness": "                R   R   C   -   -   -   -   -   -   -   -   -",
    "colleague": "              -   -   -   -   -   -   -   -   -   -   -   -",
    "manager_allowed": "        R   -   -   -   -   -   -   -   -   -   -   -",
    "manager": "                -   -   -   -   -   -   -   -   -   -   -   -",
    "task": "                   R   -   -   R   -   -   -   -   RW  -   -   -",
    "signer": "                 R   -   -   -   -   R   -   -   R   -   RW  -",
    "desk": "                   R   RW  CR  RW  RW  RW  CRW RX  CRW CRW CRWX -",
    "desk_of_restricted": "     R   -   -   -   -   -   -   -   -   -   -   -",
    "management": "             -   -   -   -   -   -   -   -   -   -   -   -",
    "administrator": "          -   -   -   -   -   -   -   -   -   -   -   -",
    "officer": "                R   -   -   -   -   -   -   -   -   -   -   R",
    "analyst": "                -   -   -   -   -   -   -   -   -   -   -   -",
}
RELATIONS: dict[str, Any] = {
    "stranger": _("nobody who is signed in"),
    "elsewhere": _("VPD adviser of another organisation"),
    "kept_out": _("who is kept out of the case, whatever the role"),
    "own": _("reported what happened to them"),
    "on_behalf": _("reported it for someone who follows it themselves"),
    "affected": _("it happened to them, someone else reported it"),
    "witness": _("asked to tell what they saw"),
    "colleague": _("a colleague with nothing to do with it"),
    "manager_allowed": _("manager of the department, where the reporter lets the manager see it"),
    "manager": _("manager of the department, where not"),
    "task": _("has an open task of the case: support, legal or manager"),
    "signer": _("was asked to sign or look along at a reaction"),
    "desk": _("VPD adviser or deputy, during the term"),
    "desk_of_restricted": _("VPD adviser or deputy, of a restricted case of someone else"),
    "management": _("management"),
    "administrator": _("functional administrator"),
    "officer": _("data protection officer"),
    "analyst": _("analyst"),
}


def letters_of(relation: str) -> dict[str, str]:
    """Field group → what this relation may do with it, in letters. Raises KeyError for no relation."""
    return dict(zip(GROUPS, MATRIX[relation].split(), strict=True))
