"""A program of its own: makes a copy for looking at from the picture on its standard input.

A picture from outside can be made to eat memory or to break the library that reads it. So this runs apart from the
portal, without its keys, and with limits that the system holds. The copy is drawn anew: nothing that a camera or a
program added (place, time, device, comment, colour profile, hidden files) comes along.
"""

import io
import resource
import sys
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL import WebPImagePlugin as _webp  # registers its format

MAX_PIXELS = 40_000_000
SIDE = 2000  # pixels of the longest side of the copy
MEMORY = 640 * 1024 * 1024  # bytes of address space, the libraries included
SECONDS = 10  # of computing
QUALITY = 88
NO_PICTURE, TOO_MANY_PIXELS = 3, 4  # how it ends when it cannot
FORMATS = ("JPEG", "PNG", _webp.WebPImageFile.format)


def limit_this_process() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def copy_of(content: bytes) -> bytes:
    """The copy, as JPEG. Raises what Pillow raises."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        image.thumbnail((SIDE, SIDE))
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    drawn = Image.new("RGB", upright.size, "white")
    drawn.paste(upright, mask=upright.getchannel("A"))
    written = io.BytesIO()
    drawn.save(written, "JPEG", quality=QUALITY, subsampling=0)
    return written.getvalue()


def main() -> int:
    limit_this_process()
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        sys.stdout.buffer.write(copy_of(sys.stdin.buffer.read()))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return TOO_MANY_PIXELS
    except UnidentifiedImageError:
        return NO_PICTURE
    return 0


if __name__ == "__main__":
    sys.exit(main())
