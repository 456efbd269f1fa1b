"""A broken menu is refused, by the reader and at the start of a process: which file, where in it, and why."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from guidance.menu_file import FILES, FOLDER, MenuError, load_menu, menu_of, read_menu
from tests.environment import DEFAULTS

ROOT = FOLDER.parent
SHIPPED = {name: (FOLDER / name).read_text(encoding="utf-8") for name in FILES}
M, R, L, O, S = "menu.toml", "readings.toml", "ladder.toml", "offences.toml", "sources.toml"  # noqa: E741
PYTHON_S_WORDS = re.compile(
    r"NoneType|unhashable|indices|not iterable|not subscriptable|has no attribute|object|Traceback|KeyError"
)


def part_of(file: str, head: str) -> str:
    """The table that begins with this line, up to the next one."""
    found = re.search(rf"^{re.escape(head)}$.*?(?=^\[|\Z)", SHIPPED[file], re.M | re.S)
    assert found, head
    return found[0]


def with_part(file: str, old: str, new: str) -> dict[str, str]:
    assert SHIPPED[file].count(old) == 1
    return {**SHIPPED, file: SHIPPED[file].replace(old, new)}


def without(text: str, key: str) -> str:
    """The table without this value, also one of several lines."""
    found = re.sub(rf"^{key} = .*?\n(?=\w+ = |\[|\n|\Z)", "", text, count=1, flags=re.M | re.S)
    assert found != text, key
    return found


def changed(file: str, head: str, /, **values: str | None) -> dict[str, str]:
    """The files with other values in one table, as TOML; None takes a value away."""
    text = part_of(file, head)
    new = text
    for key, value in values.items():
        if re.search(rf"^{key} = ", new, re.M):
            new = without(new, key)
        if value is not None:
            new = new.replace(f"{head}\n", f"{head}\n{key} = {value}\n", 1)
    return with_part(file, text, new)


def item(code: str, /, **values: str | None) -> dict[str, str]:
    return changed(M, f"[item.{code}]", **values)


def rule(name: str, /, **values: str | None) -> dict[str, str]:
    return entry(M, "rule", "name", f'"{name}"', **values)


def entry(file: str, part: str, key: str, value: str, /, **values: str | None) -> dict[str, str]:
    """As `changed`, for one of several tables of a name."""
    tables = re.findall(rf"^\[\[{part}\]\]$.*?(?=^\[|\Z)", SHIPPED[file], re.M | re.S)
    text = next(one for one in tables if re.search(rf"^{key} = {re.escape(value)}", one, re.M))
    new = text
    for name, other in values.items():
        if re.search(rf"^{name} = ", new, re.M):
            new = without(new, name)
        if other is not None:
            new = new.replace(f"[[{part}]]\n", f"[[{part}]]\n{name} = {other}\n", 1)
    return with_part(file, text, new)


def cell(severity: int, occurrence: str, steps: str | None = None, /, **values: str | None) -> dict[str, str]:
    start = f'[[step]]\nseverity = {severity}\noccurrence = "{occurrence}"\n'
    assert start in SHIPPED[L]
    found = re.search(rf"{re.escape(start)}steps = .*\n", SHIPPED[L])
    assert found
    text, new = found[0], found[0]
    for key, value in {"steps": steps, **values}.items():
        new = without(new, key)
        if value is not None:
            new += f"{key} = {value}\n"
    return with_part(L, text, new)


def ladder_sources(value: str) -> dict[str, str]:
    return {**SHIPPED, L: re.sub(r"^sources = .*$", f"sources = {value}", SHIPPED[L], flags=re.M)}


def added(file: str, text: str) -> dict[str, str]:
    return {**SHIPPED, file: f"{SHIPPED[file]}\n{text}\n"}


def headed(file: str, text: str) -> dict[str, str]:
    return {**SHIPPED, file: f"{text}\n{SHIPPED[file]}"}


def left_out(file: str, pattern: str) -> dict[str, str]:
    new = re.sub(pattern, "", SHIPPED[file], flags=re.M | re.S)
    assert new != SHIPPED[file]
    return {**SHIPPED, file: new}


def refusal(files: dict[str, str]) -> str:
    with pytest.raises(MenuError) as refused:
        read_menu(files)
    return str(refused.value)


def test_every_file_as_it_ships_is_accepted():
    menu = read_menu(SHIPPED)
    assert menu == load_menu() and len(menu.items) == 60 and len(menu.ladder) == 12
    assert menu_of(menu.version) is load_menu()


FIRST_NEAR = f"near {list(load_menu().nearness[0].facts)}"


def nearness(**values: str | None) -> dict[str, str]:
    """The first piece that says when a question is near enough, changed."""
    return entry(R, "near", "facts", "[", **values)


KNOWN_TERM = '{ from = "report", amount = 1, unit = "d" }'
ALWAYS = '{ nl = "a", en = "b" }'
# What is broken, and what the sentence must name: the file, where in it, and why.
BROKEN: dict[str, tuple[dict[str, str], str, str, str]] = {
    # the file
    "toml": (headed(M, "this is no toml"), M, "the file", "line 1"),
    "key twice": (added(S, '[S02]\ntitle = "x"'), S, "the file", "S02"),
    "file": ({name: text for name, text in SHIPPED.items() if name != O}, O, "the file", "is not there"),
    "no items": (left_out(M, r"^\[item\..*\Z"), M, "item", "is missing"),
    "no menu": (left_out(M, r"^\[menu\].*?(?=^\[|^#)"), M, "menu", "is missing"),
    "no rules": (left_out(M, r"^\[\[rule\]\].*?(?=^\[)"), M, "rule", "is missing"),
    "no groups": (left_out(M, r"^\[choice_group.*?(?=^\[)"), M, "choice_group", "is missing"),
    "no severity": ({**SHIPPED, R: SHIPPED[R].replace("[[severity]]", "[[sev]]")}, R, "severity", "is missing"),
    "no assumption": (left_out(R, r"^\[\[assumption\]\].*\Z"), R, "assumption", "is missing"),
    "no ladder": (left_out(L, r"^\[\[step\]\].*\Z"), L, "step", "is missing"),
    "no ladder sources": (left_out(L, r"^sources = .*?\n"), L, "sources", "is missing"),
    "no offence": ({**SHIPPED, O: ""}, O, "offence", "is missing"),
    "unknown part": (added(M, "[itms.P99]"), M, "itms", "is not a part"),
    "no version": (changed(M, "[menu]", version=None), M, "menu", "version is missing"),
    "blank version": (changed(M, "[menu]", version='" "'), M, "menu", "version"),
    "version with a stroke": (changed(M, "[menu]", version='"2026/2"'), M, "menu", "stroke"),
    "reconstruction as text": (changed(M, "[menu]", reconstruction='"false"'), M, "menu", "true or false"),
    "items as a list": ({**SHIPPED, M: re.sub(r"^\[item\..*\Z", "[[item]]", SHIPPED[M], flags=re.M | re.S)},
                        M, "item", "not a table"),
    "one offence": ({**SHIPPED, O: "[offence]\narticle = 'x'"}, O, "offence", "two brackets"),
    "one step": ({**SHIPPED, L: "sources = []\n[step]\nseverity = 1"}, L, "step", "two brackets"),
    # an item
    "item is a text": (with_part(M, part_of(M, "[item.P01]"), '[item]\nP01 = "x"\n'), M, "P01", "not a table"),
    "unknown key": (item("P01", titel=ALWAYS), M, "P01", "titel"),
    "phase": (item("P01", phase='"later"'), M, "P01", "'later'"),
    "status": (item("P01", status='"rule"'), M, "P01", "'rule'"),
    "verified as text": (item("P01", verified='"yes"'), M, "P01", "verified is true or false"),
    "flag as text": (item("R05", reaches_perpetrator='"true"'), M, "R05", "reaches_perpetrator is true or false"),
    "default as number": (item("P01", is_default="1"), M, "P01", "is_default is true or false"),
    "sources as text": (item("P01", sources='"S12"'), M, "P01", "sources is a list"),
    "no source at all": (item("P01", sources="[]"), M, "P01", "names no source"),
    "sources as numbers": (item("P01", sources="[12]"), M, "P01", "list of codes"),
    "unknown source": (item("P01", sources='["S999"]'), M, "P01", "S999"),
    "follows as text": (item("N03", follows='"N02"'), M, "N03", "follows is a list"),
    "needs as table": (item("R09", needs="{ R23 = true }"), M, "R09", "needs is a list"),
    "unknown code in follows": (item("N03", follows='["N99"]'), M, "N03", "N99"),
    "unknown code in needs": (item("R09", needs='["R99"]'), M, "R09", "R99"),
    "needs an optional item": (item("R09", needs='["R23", "N06"]'),
                               M, "R09", "needs N06, which an organisation can switch off"),
    "needs what does not follow": (item("R09", needs='["N03"]'), M, "R09", "needs N03"),
    "restricts without a review": (item("R09", needs=None), M, "R09", "reviews and ends"),
    "restricts for no time": (item("R09", restricts="{ usual = 0, at_most = 12 }"), M, "R09", "usual"),
    "restricts without an end": (item("R09", restricts="{ usual = 6 }"), M, "R09", "at_most is missing"),
    "restricts longer than at most": (item("R09", restricts="{ usual = 9, at_most = 6 }"), M, "R09", "at most"),
    "restricts as text": (item("R09", restricts='"always"'), M, "R09", "not a table"),
    "restricts in words": (item("R09", restricts='{ usual = "six", at_most = 12 }'), M, "R09", "whole number"),
    "law without its text": (item("P02", law=None), M, "P02", "names its law"),
    "norm with a law": (item("P01", law=ALWAYS), M, "P01", "names its law"),
    "unknown choice group": (item("R09", choice_group='"none"'), M, "R09", "none"),
    "choice group as list": (item("R09", choice_group='["contact"]'), M, "R09", "choice_group"),
    "cycle": (item("N02", follows='["N03"]'), M, "N02", "waits for itself: N02 → N03 → N02"),
    "follows itself": (item("N02", follows='["N02"]'), M, "N02", "N02 → N02"),
    # its terms
    "followed without follows": (item("P01", due='{ from = "followed", amount = 1, unit = "d" }'), M, "P01", "nothing"),
    "followed by severity only": (item("P01", due_if_severe='{ from = "followed", unit = "same_day" }'),
                                  M, "P01", "follows nothing"),
    "alone, yet followed": (item("R23", due_alone='{ from = "followed", amount = 1, unit = "d" }'),
                            M, "R23", "due_alone"),
    "done of nothing": (item("P01", follows_done="true"), M, "P01", "follows nothing"),
    "before the end of nothing": (item("P01", days_before_end="14"), M, "P01", "follows nothing"),
    "days before the end in words": (item("R23", days_before_end='"two weeks"'), M, "R23", "days_before_end"),
    "term as text": (item("P01", due='"30 days"'), M, "P01", "'30 days'"),
    "term from nowhere": (item("P01", due='{ from = "birth", amount = 1, unit = "d" }'), M, "P01", "'birth'"),
    "term without a start": (item("P01", due='{ amount = 1, unit = "d" }'), M, "P01", "due"),
    "term in years": (item("P01", due='{ from = "report", amount = 1, unit = "years" }'), M, "P01", "'years'"),
    "term without an amount": (item("P01", due='{ from = "report", unit = "d" }'), M, "P01", "amount is missing"),
    "term of no days": (item("P01", due='{ from = "report", amount = 0, unit = "d" }'), M, "P01", "1 or more"),
    "term of half a day": (item("P01", due='{ from = "report", amount = 0.5, unit = "d" }'), M, "P01", "whole number"),
    "term as digits": (item("P01", due='{ from = "report", amount = "30", unit = "d" }'), M, "P01", "whole number"),
    "same day twice": (item("N01", due='{ from = "report", amount = 2, unit = "same_day" }'), M, "N01", "no amount"),
    "term with more": (item("P01", due='{ from = "report", amount = 1, unit = "d", at = 9 }'), M, "P01", "'at': 9"),
    "steps and a term": (item("P03", due=KNOWN_TERM), M, "P03", "each step"),
    "steps as a text": (item("P03", steps='"two"'), M, "P03", "steps is a list"),
    "no steps": (item("P03", steps="[]"), M, "P03", "steps is empty"),
    "step as text": (item("P03", steps='["plan"]'), M, "P03", "not a table"),
    "step without English": (item("P03", steps='[{ nl = "a" }]'), M, "P03", "no translation in en"),
    "step with a wrong term": (item("P03", steps='[{ nl = "a", en = "b", due = "soon" }]'), M, "P03", "'soon'"),
    # its conditions
    "unknown fact": (item("P01", when='[[{ fact = "weather", is = true }]]'), M, "P01", "'weather' is not a fact"),
    "unknown operator": (item("P01", when='[[{ fact = "injury", was = true }]]'), M, "P01", "'was' does not fit"),
    "operator that does not fit": (item("P01", when='[[{ fact = "injury", min = 3 }]]'),
                                   M, "P01", "'min' does not fit"),
    "unknown code": (item("P01", when='[[{ fact = "channel", in = ["pigeon"] }]]'), M, "P01", "pigeon"),
    "unknown code alone": (item("P01", when='[[{ fact = "channel", is = "pigeon" }]]'), M, "P01", "channel"),
    "no code at all": (item("P01", when='[[{ fact = "channel", in = [] }]]'), M, "P01", "channel"),
    "code as text": (item("P01", when='[[{ fact = "behaviours", has = "threat" }]]'), M, "P01", "behaviours"),
    "unknown group": (item("P01", when='[[{ fact = "target_group", group = "friends" }]]'), M, "P01", "'friends'"),
    "group of what is not grouped": (item("P01", when='[[{ fact = "channel", group = "home_scheme" }]]'),
                                     M, "P01", "'group' does not fit"),
    "group as list": (item("P01", when='[[{ fact = "target_group", group = ["x"] }]]'), M, "P01", "plain values"),
    "codes in codes": (item("P01", when='[[{ fact = "channel", in = [["counter"]] }]]'), M, "P01", "plain values"),
    "fact as list": (item("P01", when='[[{ fact = ["injury"], is = true }]]'), M, "P01", "plain values"),
    "number as text": (item("P01", when='[[{ fact = "witnesses", min = "3" }]]'), M, "P01", "witnesses"),
    "severity of five": (item("P01", when='[[{ fact = "severity", min = 5 }]]'), M, "P01", "severity"),
    "two comparisons": (item("P01", when='[[{ fact = "witnesses", min = 1, max = 3 }]]'), M, "P01", "no test"),
    "tests without alternatives": (item("P01", when='[{ fact = "injury", is = true }]'),
                                   M, "P01", "list of alternatives"),
    "condition as text": (item("P01", when='"always"'), M, "P01", "list of alternatives"),
    "test as text": (item("P01", when='[["injury"]]'), M, "P01", "no test"),
    # rules between items
    "rule drops law": (rule("internal_track", items='["P02"]'), M, "rule internal_track", "drops P02"),
    "rule with an unknown code": (rule("internal_track", items='["R99"]'), M, "rule internal_track", "R99"),
    "rule after an unknown item": (rule("home_scheme", when_item='"P99"'), M, "rule home_scheme", "names P99, which"),
    "rule after several items": (rule("home_scheme", when_item='["P08"]'), M, "rule home_scheme", "does not belong"),
    "rule with an unknown effect": (rule("home_scheme", effect='"burn"'), M, "rule home_scheme", "'burn'"),
    "rule with an unknown mark": (rule("criticism", **{"with": '"title"'}), M, "rule criticism", "'title'"),
    "rule about nothing": (rule("criticism", **{"with": None}), M, "rule criticism", "what it is about"),
    "rule about both": (rule("criticism", items='["R05"]'), M, "rule criticism", "what it is about"),
    "rule about no item": (rule("internal_track", items="[]"), M, "rule internal_track", "no item"),
    "rule that never says when": (rule("home_scheme", when_item=None), M, "rule home_scheme", "when it holds"),
    "rule with an unknown source": (rule("criticism", sources='["S999"]'), M, "rule criticism", "S999"),
    "rule without a name": (rule("criticism", name=None), M, "rule without a name", "name is missing"),
    "rule with an unknown fact": (rule("criticism", when='[[{ fact = "x", is = true }]]'), M, "rule criticism", "'x'"),
    "rule with an unknown key": (rule("criticism", wenn="[[]]"), M, "rule criticism", "wenn"),
    "rule twice": (rule("criticism", name='"police_wait"'), M, "rule police_wait", "twice"),
    # how facts are read
    "no level that always holds": (entry(R, "severity", "level", "1", when='[[{ fact = "injury", is = true }]]'),
                                   R, "severity", "hold always"),
    "level of five": (entry(R, "severity", "level", "4", level="5"), R, "severity 5", "5 is not"),
    "levels in another order": (entry(R, "severity", "level", "3", level="4"), R, "severity", "highest first"),
    "level without a condition": (entry(R, "severity", "level", "3", when=None), R, "severity 3", "when is missing"),
    "level with an unknown fact": (entry(R, "severity", "level", "3", when='[[{ fact = "x", is = 1 }]]'),
                                   R, "severity 3", "'x' is not a fact"),
    "level with more": (entry(R, "severity", "level", "3", text=ALWAYS), R, "severity 3", "text"),
    "near without facts": (nearness(facts=None), R, "near without a name", "names no fact"),
    "near to an unknown fact": (nearness(facts='["weather"]'), R, "near ['weather']", "'weather' is not a fact"),
    "near when it is unknown": (nearness(when='[[{ fact = "x", is = true }]]'), R, FIRST_NEAR, "'x' is not a fact"),
    "near without a when": (nearness(when=None), R, FIRST_NEAR, "when is missing"),
    "near with more": (nearness(text=ALWAYS), R, FIRST_NEAR, "text"),
    "assumption of an unknown fact": (entry(R, "assumption", "name", '"at_home"', then="{ roof = true }"),
                                      R, "assumption at_home", "'roof' is not a fact"),
    "assumption of a wrong value": (entry(R, "assumption", "name", '"at_home"', then='{ home_involved = "yes" }'),
                                    R, "assumption at_home", "home_involved: give true or false"),
    "assumption of a text": (entry(R, "assumption", "name", '"at_home"', then='"home"'),
                             R, "assumption at_home", "not a table"),
    "assumption with an unknown source": (entry(R, "assumption", "name", '"at_home"', sources='["S999"]'),
                                          R, "assumption at_home", "S999"),
    "assumption without words": (entry(R, "assumption", "name", '"at_home"', text=None),
                                 R, "assumption at_home", "text is missing"),
    "assumption twice": (entry(R, "assumption", "name", '"at_home"', name='"comes_here"'),
                         R, "assumption comes_here", "twice"),
    # offences
    "offence with an unknown source": (entry(O, "offence", "article", '"285 Sr"', sources='["S999"]'),
                                       O, "offence 285 Sr", "S999"),
    "offence with an unknown code": (entry(O, "offence", "article", '"285 Sr"',
                                           when='[[{ fact = "behaviours", has = ["treat"] }]]'),
                                     O, "offence 285 Sr", "treat"),
    "offence without sources": (entry(O, "offence", "article", '"285 Sr"', sources=None),
                                O, "offence 285 Sr", "sources is missing"),
    "offence twice": (entry(O, "offence", "article", '"285 Sr"', article='"285b Sr"'),
                      O, "offence 285b Sr", "twice"),
    "offence with more": (entry(O, "offence", "article", '"285 Sr"', verdict="true"), O, "offence 285 Sr", "verdict"),
    # the ladder
    "missing cell": (with_part(L, '[[step]]\nseverity = 1\noccurrence = "first"\nsteps = [{ item = "R04" }]\n', ""),
                     L, "severity 1, first", "is missing"),
    "cell twice": (cell(1, "second", '[{ item = "R06" }]', occurrence='"first"'), L, "severity 1, first", "twice"),
    "cell of an unknown time": (cell(1, "first", "[]", occurrence='"third"'), L, "severity 1, third", "'third'"),
    "cell of severity five": (cell(1, "first", "[]", severity="5"), L, "severity 5, first", "5 is not"),
    "cell without steps": (cell(1, "first"), L, "severity 1, first", "steps is missing"),
    "steps as one": (cell(1, "first", '{ item = "R04" }'), L, "severity 1, first", "steps is a list"),
    "unknown item in the ladder": (cell(1, "first", '[{ item = "R99" }]'), L, "severity 1, first", "R99"),
    "no item in the ladder": (cell(1, "first", "[{ months = [1, 2] }]"), L, "severity 1, first", "item"),
    "ban without months": (cell(4, "first", '[{ item = "R09" }]'), L, "severity 4, first", "R09"),
    "ban for too many months": (cell(4, "first", '[{ item = "R09", months = [6, 99] }]'),
                                L, "severity 4, first", "R09"),
    "ban with the longest first": (cell(4, "first", '[{ item = "R09", months = [9, 6] }]'),
                                   L, "severity 4, first", "R09"),
    "ban of no months": (cell(4, "first", '[{ item = "R09", months = [0, 6] }]'), L, "severity 4, first", "R09"),
    "one month only": (cell(4, "first", '[{ item = "R09", months = [6] }]'),
                       L, "severity 4, first", "two whole numbers"),
    "months in words": (cell(4, "first", '[{ item = "R09", months = "six" }]'), L, "severity 4, first", "'six'"),
    "months as digits": (cell(4, "first", '[{ item = "R09", months = ["6", "9"] }]'), L, "severity 4, first", "whole"),
    "months on a talk": (cell(1, "first", '[{ item = "R05", months = [1, 2] }]'), L, "severity 1, first", "R05"),
    "step with more": (cell(1, "first", '[{ item = "R04", weeks = 3 }]'), L, "severity 1, first", "weeks"),
    "unknown source of the ladder": (ladder_sources('["S999"]'), L, "sources", "S999"),
    "source of the ladder as text": (ladder_sources('"S35"'), L, "sources", "list of keys"),
    # sources
    "source without a title": (changed(S, "[S02]", title=None), S, "S02", "title is missing"),
    "source as text": (headed(S, 'S999 = "x"'), S, "S999", "not a table"),
    "source with more": (changed(S, "[S02]", date="2024"), S, "S02", "date"),
    "national as text": (changed(S, "[S02]", is_national='"yes"'), S, "S02", "is_national is true or false"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "file", "where", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_what_cannot_be_is_refused_by_name(files: dict[str, str], file: str, where: str, reason: str):
    sentence = refusal(files)
    assert sentence.startswith(f"guidance/{file}: {where}: ")
    assert reason in sentence.removeprefix(f"guidance/{file}: {where}: ")
    assert not PYTHON_S_WORDS.search(sentence), sentence


TEXTS = [
    *[("item", "P02", key) for key in ("title", "purpose", "role", "ground", "law")],
    ("item", "R10", "deadline"),
    ("rule", "criticism", "text"),
    ("assumption", "at_home", "text"),
    ("offence", "285 Sr", "name"),
    ("offence", "285 Sr", "note"),
    ("choice_group", "contact", ""),
]
MISSING = ['{ nl = "ja" }', '{ en = "yes" }', '{ nl = "ja", en = "  " }', '{ nl = "", en = "yes" }', '"ja"', "3",
           '{ nl = "ja", en = 3 }', '{ nl = "ja", en = "yes", de = "ja" }']  # fmt: skip


@pytest.mark.parametrize("text", MISSING)
@pytest.mark.parametrize(("part", "name", "key"), TEXTS)
def test_every_text_has_both_languages(part: str, name: str, key: str, text: str):
    if part == "item":
        files, where = item(name, **{key: text}), f"{M}: {name}"
    elif part == "rule":
        files, where = rule(name, **{key: text}), f"{M}: rule {name}"
    elif part == "assumption":
        files, where = entry(R, part, "name", f'"{name}"', **{key: text}), f"{R}: assumption {name}"
    elif part == "offence":
        files, where = entry(O, part, "article", f'"{name}"', **{key: text}), f"{O}: offence {name}"
    else:
        new = f"[choice_group]\n{name} = {text}\n\n"
        files, where = with_part(M, part_of(M, f"[choice_group.{name}]"), new), f"{M}: choice group {name}"
    sentence = refusal(files)
    assert sentence.startswith(f"guidance/{where}: ") and not PYTHON_S_WORDS.search(sentence)
    assert re.search(r"no translation in (nl|en)|is not a text in nl and en|is no text", sentence)


@pytest.mark.parametrize("code", load_menu().items)
def test_each_item_needs_each_of_its_fields(code: str):
    for key in ("phase", "status", "title", "purpose", "role", "when", "sources", "verified"):
        assert refusal(item(code, **{key: None})) == f"guidance/menu.toml: {code}: {key} is missing"


def test_an_edition_that_was_not_kept_is_said_so():
    with pytest.raises(MenuError, match="editions/1999.1: the menu: advice of this version is kept"):
        menu_of("1999.1")


# --- at the start ----------------------------------------------------------------------------------------------------

NEEDED = ("guidance", "incidents", "vpdportal", "templates", "static", "locale")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the portal, to break."""
    folder = tmp_path_factory.mktemp("portal")
    for name in NEEDED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", folder)
    return folder


@pytest.fixture
def broken_tree(tree: Path) -> Path:
    for name, text in SHIPPED.items():
        (tree / "guidance" / name).write_text(text, encoding="utf-8")
    return tree


def run(tree: Path, *command: str, text: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**DEFAULTS, "DATABASE_URL": f"sqlite:///{tree}/none.sqlite3", "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, *command], cwd=tree, input=text, capture_output=True, text=True, env=environment, timeout=120
    )


FACTS = '{"behaviours": ["threat"], "channel": "counter", "target_group": "employee"}'
WAYS = {
    "manage.py check": ("manage.py", "check"),
    "manage.py advise": ("manage.py", "advise", "-"),
    "gunicorn": ("-c", "import vpdportal.wsgi"),
    "celery": ("-c", "from vpdportal.celery import app; app.loader.import_default_modules()"),
}


@pytest.mark.parametrize("command", WAYS.values(), ids=WAYS.keys())
def test_a_process_with_a_broken_menu_does_not_start_and_says_why(broken_tree: Path, command: tuple[str, ...]):
    good = run(broken_tree, *command, text=FACTS)
    assert good.returncode == 0, good.stderr
    file = broken_tree / "guidance/menu.toml"
    file.write_text(item("N03", follows='["N99"]')[M], encoding="utf-8")
    refused = run(broken_tree, *command, text=FACTS)
    assert refused.returncode != 0 and refused.stdout == ""
    last = refused.stderr.strip().splitlines()[-1]
    assert last.endswith("ImproperlyConfigured: guidance/menu.toml: N03: names N99, which is not in the menu")


def test_a_missing_file_stops_the_start_too(broken_tree: Path):
    (broken_tree / "guidance/ladder.toml").unlink()
    refused = run(broken_tree, "manage.py", "check")
    assert refused.returncode != 0
    assert refused.stderr.strip().endswith("guidance/ladder.toml: the file: is not there")


def test_a_file_that_is_no_text_stops_the_start_too(broken_tree: Path):
    (broken_tree / "guidance/sources.toml").write_bytes(b"\xff\xfe\x00")
    refused = run(broken_tree, "manage.py", "check")
    assert refused.returncode != 0
    assert refused.stderr.strip().endswith("guidance/sources.toml: the file: is not text in UTF-8")
