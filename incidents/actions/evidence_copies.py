"""The copy of a picture for looking at: "photo without hidden data". Made in a process apart, never in our own.

The original stays untouched beside it: it is the evidence.
"""

import logging
import subprocess
import sys
from typing import IO

from incidents.actions.evidence_refusals import FileDamaged, TooManyPixels
from vpdportal import picture_copy

log = logging.getLogger(__name__)

PATIENCE = 20  # seconds, waiting included
COPY_TYPE, COPY_ENDING = "image/jpeg", "jpg"


def view_copy_of(content: IO[bytes]) -> bytes | None:
    """The copy, or None when none can be made: the original is kept all the same.

    Raises FileDamaged for what is no picture after all, and TooManyPixels.
    """
    content.seek(0)
    try:
        done = subprocess.run(
            [sys.executable, "-I", picture_copy.__file__],
            input=content.read(),
            capture_output=True,
            timeout=PATIENCE,
            env={},  # the keys of the portal are no business of a picture
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.error("no view copy: %s", type(error).__name__)
        return None
    finally:
        content.seek(0)
    if done.returncode == picture_copy.TOO_MANY_PIXELS:
        raise TooManyPixels
    if done.returncode == picture_copy.NO_PICTURE:
        raise FileDamaged
    if done.returncode:
        log.warning("no view copy: ended with %s", done.returncode)
        return None
    return done.stdout
