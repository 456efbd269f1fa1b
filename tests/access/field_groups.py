"""What each person sees of a case, by field group: written by hand, read by nobody but the test.

Design of reliability, T02. "R": it shows on some page of theirs. "-": nowhere. A change here is a change of who sees
what: have it read by a second person. Not a copy of incidents/matrix.py: that one says what may be done, this one what
must be on the screen.
"""

GROUPS = ("G0", "G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "G10", "G11")

#                                         G0  1  2  3  4  5  6  7  8  9  10 11
SEEN: dict[str, tuple[str, str]] = {  # who: what is seen, and which relation of incidents/matrix.py it is
    "stranger": ("                         -  -  -  -  -  -  -  -  -  -  -  -", "stranger"),
    "adviser elsewhere": ("                -  -  -  -  -  -  -  -  -  -  -  -", "elsewhere"),
    "kept out, deputy": ("                 -  -  -  -  -  -  -  -  -  -  -  -", "kept_out"),
    "kept out, manager": ("                -  -  -  -  -  -  -  -  -  -  -  -", "kept_out"),
    "kept out, officer": ("                -  -  -  -  -  -  -  -  -  -  -  -", "kept_out"),
    "colleague": ("                        -  -  -  -  -  -  -  -  -  -  -  -", "colleague"),
    "who was hit": ("                      R  R  R  -  R  -  -  R  -  R  -  R", "affected"),
    "who reported it for another": ("      R  -  -  -  -  -  -  -  -  -  -  -", "on_behalf"),
    "witness": ("                          R  R  -  -  -  -  -  -  -  -  -  -", "witness"),
    "manager, not allowed": ("             -  -  -  -  -  -  -  -  -  -  -  -", "manager"),
    "manager, allowed": ("                 R  -  -  -  -  -  -  -  -  -  -  -", "manager_allowed"),
    "support with a task": ("              R  -  -  R  -  -  -  -  R  -  -  -", "task"),
    "support without a task": ("           -  -  -  -  -  -  -  -  -  -  -  -", "colleague"),
    "legal with a task": ("                R  -  -  R  -  -  -  -  R  -  -  -", "task"),
    "legal without a task": ("             -  -  -  -  -  -  -  -  -  -  -  -", "colleague"),
    "adviser": ("                          R  R  R  R  R  R  R  R  R  R  R  -", "desk"),
    "deputy": ("                           R  R  R  R  R  R  R  R  R  R  R  -", "desk"),
    "deputy before the term": ("           -  -  -  -  -  -  -  -  -  -  -  -", "colleague"),
    "deputy after the term": ("            -  -  -  -  -  -  -  -  -  -  -  -", "colleague"),
    "deputy, restricted": ("               R  -  -  -  -  -  -  -  -  -  -  -", "desk_of_restricted"),
    "management": ("                       -  -  -  -  -  -  -  -  -  -  -  -", "management"),
    "administrator": ("                    -  -  -  -  -  -  -  -  -  -  -  -", "administrator"),
    "officer": ("                          R  -  -  -  -  -  -  -  -  -  -  R", "officer"),
    "analyst": ("                          -  -  -  -  -  -  -  -  -  -  -  -", "analyst"),
}


def seen_by(who: str) -> set[str]:
    """The groups that must show."""
    return {group for group, letter in zip(GROUPS, SEEN[who][0].split(), strict=True) if letter == "R"}
