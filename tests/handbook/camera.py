"""Takes a picture of a part of a page, with the words on it kept inside, so that a picture that aged is found."""

import io
from typing import Any

from PIL import Image, PngImagePlugin

from tests.handbook.pages import PICTURES, Picture, plain

COLOURS = 64
MARGIN = 8  # pixels around the part
WORDS = "Description"  # PNG's own name for it
PART = """(part) => {
  const all = Array.from(document.querySelectorAll(part)).filter((one) => one.checkVisibility());
  const found = part.includes(",") ? all : all.slice(0, 1);
  const boxes = found.map((one) => one.getBoundingClientRect());
  const top = Math.min(...boxes.map((box) => box.top)) + window.scrollY;
  return {
    words: found.map((one) => one.innerText).join(" "),
    box: {
      x: Math.min(...boxes.map((box) => box.left)),
      y: top,
      width: Math.max(...boxes.map((box) => box.right)) - Math.min(...boxes.map((box) => box.left)),
      height: Math.max(...boxes.map((box) => box.bottom)) + window.scrollY - top,
    },
  };
}"""

# A Chromium without the Dutch language draws empty dates as English ones; a Dutch browser draws them so.
DUTCH_DATES = """() => {
  const empty = { date: "dd-mm-jjjj", month: "maand jaar", time: "--:--" };
  for (const [type, words] of Object.entries(empty)) {
    for (const field of document.querySelectorAll(`input[type=${type}]`)) {
      const day = field.valueAsDate;
      const form = type === "month" ? { month: "long", year: "numeric" } : { dateStyle: "short" };
      field.type = "text";
      field.placeholder = words;
      if (day && type !== "time") field.value = day.toLocaleDateString("nl", form);
    }
  }
}"""


def words_on(page: Any, picture: Picture) -> str:
    """The words of the part of the page that the picture shows."""
    return plain(page.evaluate(PART, picture.part)["words"])


def shoot(page: Any, picture: Picture) -> int:
    """Take the picture and keep it, with few colours. Gives its size in bytes."""
    seen = page.evaluate(PART, picture.part)
    box, wide = seen["box"], page.viewport_size["width"]
    left, top = max(0, box["x"] - MARGIN), max(0, box["y"] - MARGIN)
    box = {
        "x": left,
        "y": top,
        "width": min(wide, box["x"] + box["width"] + MARGIN) - left,
        "height": min(box["y"] + box["height"] + MARGIN - top, picture.height),
    }
    page.evaluate(DUTCH_DATES)
    shot = page.screenshot(clip=box, full_page=True, animations="disabled", caret="hide")
    image = Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    told = PngImagePlugin.PngInfo()
    told.add_itxt(WORDS, plain(seen["words"]), zip=True)
    PICTURES.mkdir(exist_ok=True)
    path = PICTURES / picture.file
    image.save(path, optimize=True, pnginfo=told)
    return path.stat().st_size


def words_in(picture: Picture) -> str:
    """The words that were on the page when the picture was taken; nothing without a picture."""
    path = PICTURES / picture.file
    if not path.exists():
        return ""
    with Image.open(path) as image:
        image.load()
        return str(image.info.get(WORDS, ""))
