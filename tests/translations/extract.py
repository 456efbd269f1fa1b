"""Which texts the code and the templates hold, and whether locale/nl has them all. Works without GNU gettext.

`make messages` adds new texts to the .po file, marks what is gone, and lists what still has to be translated.
"""

import ast
import re
import sys
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
CATALOGUE = ROOT / "locale/nl/LC_MESSAGES/django.po"
FUNCTIONS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2}
STRING = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
IN_TEMPLATE = re.compile(rf"\b(n?gettext)\(\s*{STRING}\s*(?:,\s*{STRING})?")
UNDERSCORE = re.compile(r"""\b_\(("(?:[^"\\]|\\.)*")\)""")

Text = tuple[str, str]  # singular, plural ("" when there is one form only)


def texts() -> dict[Text, list[str]]:
    """Every text of the product and the files that hold it."""
    found: dict[Text, list[str]] = {}
    for folder in ("vpdportal", "guidance", "incidents"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for text in _in_python(path):
                found.setdefault(text, []).append(str(path.relative_to(ROOT)))
    for path in sorted(path for kind in ("html", "txt") for path in (ROOT / "templates").rglob(f"*.{kind}")):
        for text in _in_template(path):
            found.setdefault(text, []).append(str(path.relative_to(ROOT)))
    return found


def _in_python(path: Path) -> set[Text]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = getattr(getattr(node, "func", None), "id", "")
        if isinstance(node, ast.Call) and name in FUNCTIONS:
            parts = [part.value for part in node.args[: FUNCTIONS[name]] if isinstance(part, ast.Constant)]
            if len(parts) == FUNCTIONS[name]:
                found.add((parts[0], parts[1] if len(parts) > 1 else ""))
    return found


def _in_template(path: Path) -> set[Text]:
    source = path.read_text(encoding="utf-8")
    found = {(ast.literal_eval(text), "") for text in UNDERSCORE.findall(source)}
    for kind, one, many in IN_TEMPLATE.findall(templatize(source)):
        found.add((ast.literal_eval(one), ast.literal_eval(many) if kind == "ngettext" else ""))
    return found


def main() -> int:
    catalogue = polib.pofile(str(CATALOGUE))
    wanted = texts()
    known = {(entry.msgid, entry.msgid_plural): entry for entry in catalogue if not entry.obsolete}
    for text in wanted.keys() - known.keys():
        plural = {"msgid_plural": text[1], "msgstr_plural": {0: "", 1: ""}} if text[1] else {}
        catalogue.append(polib.POEntry(msgid=text[0], **plural))
    for text in known.keys() - wanted.keys():
        catalogue.remove(known[text])
    for entry in catalogue:
        entry.occurrences = [(name, "") for name in wanted[(entry.msgid, entry.msgid_plural)]]
    catalogue.sort(key=lambda entry: (entry.occurrences, entry.msgid))
    catalogue.save()
    left = [entry.msgid for entry in catalogue.untranslated_entries()]
    print("\n".join([f"{len(catalogue)} texts, {len(left)} to translate", *left]))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
