"""Reads an answer as a browser would, and says what in it is not ours."""

import re
from html.parser import HTMLParser

OURS = re.compile(
    r"(a|abbr|article|aside|b|base|blockquote|body|br|button|caption|cite|code|col|colgroup|dd|del|details|dfn|div|dl|dt|em"
    r"|fieldset|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|i|img|input|ins|kbd|label|legend|li|link|main|mark"
    r"|meta|nav|noscript|ol|optgroup|option|output|p|pre|progress|q|s|samp|script|section|select|small|span|strong|sub|summary"
    r"|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|time|title|tr|u|ul|wbr"
    r"|circle|defs|desc|g|line|path|pattern|polygon|polyline|rect|text|tspan)"
)
SAYS = re.compile(r"value|title|alt|placeholder|label|name|id|for|content|href|action|aria-[a-z]+|data-[a-z-]+")
LEADS = ("href", "src", "action", "formaction", "poster", "data", "xlink:href", "srcdoc", "ping", "background")


class Reader(HTMLParser):
    """Collects what a text must never become: an element, an attribute that acts, an address that is code."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.texts: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if not OURS.fullmatch(tag) or tag == "base":
            self.faults.append(f"element {tag} {attrs}")
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.faults.append(f"script {attrs}")
        if tag == "meta" and "http-equiv" in given:
            self.faults.append(f"meta {attrs}")
        for name, value in given.items():
            is_strange = "kanarie" in name or ("kanarie" in value and not SAYS.fullmatch(name))
            if is_strange or name.startswith("on") or name in {"style", "srcdoc"}:
                self.faults.append(f"attribute {tag} {name}={value[:60]}")
            if (
                tag in {"link", "img", "script"}
                and name in {"href", "src"}
                and not value.startswith(("/", "data:image/"))
            ):
                self.faults.append(f"brought by {tag} from {value[:60]}")
            scheme = re.match(r"[\x00-\x20]*([a-z\s+.-]+):", value.lower())
            is_picture = tag == "img" and value.startswith("data:image/")
            is_known = not scheme or re.sub(r"\s", "", scheme[1]) in {"http", "https", "mailto", "tel"}
            if name in LEADS and not is_known and not is_picture:
                self.faults.append(f"address {tag} {name}={value[:60]}")
        self._in_script = tag in {"script", "style"}
        self.texts += [value for value in given.values() if "kanarie" in value]

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment {data[:60]}")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"declaration {decl[:60]}")

    def unknown_decl(self, data: str) -> None:
        self.faults.append(f"declaration {data[:60]}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"instruction {data[:60]}")

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.faults.append(f"code {data[:60]}")
        if "kanarie" in data:
            self.texts.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html.removeprefix("<!doctype html>"))
    reader.close()
    return reader
