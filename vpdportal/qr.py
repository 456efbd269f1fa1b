"""A text as a QR code: the numbers of a drawing, which templates/parts/qr.html draws as SVG without script or style."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import segno

QUIET = 4  # modules of white around it, as the standard asks (ISO/IEC 18004)
CORRECTION = "q"  # a quarter of it may be dirty or torn: it hangs on walls and in vehicles


@dataclass(frozen=True)
class Qr:
    """The dark modules as the path of an SVG, in a field of `size` x `size` modules with the quiet zone."""

    size: int
    path: str


def qr_of(text: str) -> Qr:
    """The QR code that holds this text as it is."""
    code = segno.make_qr(text, error=CORRECTION)
    rows = list(code.matrix_iter(border=QUIET))
    return Qr(len(rows), "".join(_bars(y, row) for y, row in enumerate(rows)))


def _bars(y: int, row: Iterable[int]) -> str:
    """What is dark in a row, each run of modules as one bar."""
    bars, x = [], 0
    for is_dark, run in groupby(row):
        length = len(list(run))
        if is_dark:
            bars.append(f"M{x} {y}h{length}v1h-{length}z")
        x += length
    return "".join(bars)
