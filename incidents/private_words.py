"""Telling whether a text holds someone's own telephone number, mail, home address or name, however written. Pure.

For what leaves the organisation: there only the organisation's own address and numbers stand [S03][S89], and under a
number no part of the name either [S89][S91].
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from unicodedata import category, normalize

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(  # of the Netherlands: 06-12345678, +31 (0)6 1234 5678; else any that begins with a plus
    r"(?:(?:\+|00)31[\s.\-]*(?:\(0\))?|(?<![0-9])0)(?:[\s().\-/]*[0-9]){9}|\+[0-9](?:[\s().\-/]*[0-9]){7,13}"
)
_POSTCODE = re.compile(r"\b([1-9][0-9]{3})[\s.\-\u2013]*([A-Za-z]{2})\b")
_STREET = re.compile(
    r"[^\W\d]*(?:straat|str|weg|laan|plein|dijk|kade|gracht|singel|hof|pad|steeg|dreef|park|markt|wal|ring|erf)\.?\s+"
    r"(?:(?:huis)?(?:nummer|nr|no)[\s.:]*)?[0-9]{1,5}",
    re.IGNORECASE,
)
_NUMBER_WORD = re.compile(r"(?<![^\W_])(?:huis)?(?:nummer|nr|no)(?=[\W_]*[0-9])")
_SHORTEST_LINE = 6  # letters and digits of a line of an address that is looked for as a whole

_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
_UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_SENTENCE_END = re.compile(r"[.!?\u2026\n\r]")
_SHORTEST_PART = 3  # letters of a part of a name that counts wherever it stands; of two letters only as a name
_MOST_WORDS = 12  # of a name, in the runs of words that may be written as one


def _listed(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_TITLES = _listed(
    "dhr dr drs heer hr ing ir juffrouw mejuffrouw meneer mevr mevrouw mr mw prof",
)
_NO_NAME = _TITLES | _listed(  # stands in names, or where a name was asked, and is never a name by itself
    "aan af afdeling al an auf balie baliemedewerker bij collega d da dal das de del della den der des di do dos",
    "du een el en het i in la las le les lo los medewerker medewerkster mijn of on onbekend onder op over s san",
    "sint st t te team ten ter tot uit van vande vanden vander ver vom von voor zu zum zur",
)
# First names and surnames that are ordinary words too [OWN]: these count only where they are written as a name.
_ORDINARY = _listed(
    "appel arm bakker bal ballen bank bas beek been beer bel berg beuk bijl blad blauw blij bloem bode boek",
    "boer bol boom boon boot bos boter brand breed broek bron brood brouwer brug bruin bruine burg burger",
    "dag dam dans dekker dijk dok dokter donker door doorn draaier druk duif duin eind engel ezel fijn geel",
    "goed goede goud graaf gracht grijs groen groot groote haak haan haar haas hamer hand hard hart heide",
    "held hemel hengel herder hertog heuvel hoed hoek hof hond hoofd hoop horst huis iris jager jet jong jonge",
    "kaars kaas kade kamer kamp kans kant kapper kat keizer kelder kerk kers ketel kist klaver klein kleine klerk",
    "kluis knop koe kok koning kooi koopman kop koper kort korte koster kraai kramer kroon kruis kuiper laan lam",
    "land lang lange leen leeuw lente licht lief lieve linde linden lot man mark markt max meer mees meester mei",
    "merel mes mol molen molenaar mooi moor muis mus nagel nieuw noord oost oud oude paal paard pad pak",
    "pan parel park peer pen peper ploeg poel poort post pot prins put raad ram rechter regen rein ridder riet",
    "rijk ring rode rood rook roos ruiter schaaf schaap schat schilder schipper schout slager slim slot sluis",
    "smal smid snel spijker staal stad stam steen ster sterk stil stoel stok storm straat struik tak tas timmer",
    "ton toren tuin vaart valk vast veen veer veld ven vink vis visser vlieger vogel voogd vos vrede vreugde",
    "vriend vrij vrijdag vroom wachter wagen wal want water weg weide wel werf werk west wever wiel wijk wijs wil",
    "wild wilde wind winkel winter wit witte wolf zaal zand zee zijl zilver zoet zomer zon zondag zout zuid zwaan",
    "zwart zwarte",
)


@dataclass(frozen=True)
class NamedBy:
    """The word by which a text names someone, as it stands there. `is_ordinary`: with a small letter it is no name."""

    word: str
    is_ordinary: bool = False


@dataclass(frozen=True)
class _Said:
    """A word of a text: as it stands there, without capitals and accents, and whether a sentence may start with it."""

    raw: str
    plain: str
    is_first: bool


def marks_of(*texts: str | None) -> frozenset[str]:
    """By what a text would give away how someone is reached: mail, telephone, postcode, street with number."""
    return frozenset(mark for text in texts if text for mark in _marks(text))


def marks_of_address(address: str | None) -> frozenset[str]:
    """The same of an address: also each line of it that has a number, whatever the street is called."""
    lines = [_bare(line) for line in re.split(r"[\n,;]", address or "")]
    whole = {f"line {line}" for line in lines if len(line) >= _SHORTEST_LINE and re.search(r"\d", line)}
    return marks_of(address) | whole


def holds_private(text: str, private: Iterable[str]) -> bool:
    """Whether the text holds one of these marks."""
    found = {"mail": text.casefold(), "phone": re.sub(r"[\s().\-/]", "", text), "line": _bare(text)}
    postcodes = {"".join(one).upper() for one in _POSTCODE.findall(text)}
    for kind, mark in (one.split(" ", 1) for one in private):
        if mark in (postcodes if kind == "postcode" else found[kind]):
            return True
    return False


def named_by(text: str, names: Iterable[str], mails: Iterable[str] = ()) -> NamedBy | None:
    """By which word a text gives away someone with one of these names or mail addresses; None where it does not.

    Each first name and each part of the surname counts by itself, as a whole word and as "Eva's" or "Evas", and also
    the part of a mail address before the @. Capitals and accents do not count, particles ("de", "van") never do. A
    part that is an ordinary word too ("Bos", "Klein"), or has two letters, counts only where it is written as a name:
    with a capital inside a sentence, after "mevrouw" and the like, or beside another part of the name.
    """
    said, words = _said(text), [_plain_words(name) for name in names]
    parts = {word for name in words for word in name if len(word) > 1 and word not in _NO_NAME}
    links = {word for name in words for word in name} & _NO_NAME
    sure = {part for part in parts if len(part) >= _SHORTEST_PART and part not in _ORDINARY}
    boxes = [box for mail in mails if _tells_who(box := _plain_words(mail.partition("@")[0].partition("+")[0]), parts)]
    sure |= {run for name in words for run in _runs(name, parts)} | {"".join(box) for box in boxes}
    for at, one in enumerate(said):
        if _stem(one, sure):
            return NamedBy(one.raw)
        if (part := _stem(one, parts)) and (
            _is_written_as_name(said, at) or _is_beside(said, at, parts - {part}, links)
        ):
            return NamedBy(one.raw, is_ordinary=True)
        for box in boxes:
            if [next_one.plain for next_one in said[at : at + len(box)]] == box:
                return NamedBy(".".join(next_one.raw for next_one in said[at : at + len(box)]))
    return None


def is_same_name(one: str, other: str) -> bool:
    """Whether both have the same parts, in whatever order and with whatever particles."""
    parts = [{word for word in _plain_words(name) if word not in _NO_NAME} for name in (one, other)]
    return bool(parts[0]) and parts[0] == parts[1]


def mails_in(*texts: str | None) -> list[str]:
    """The mail addresses in these texts."""
    return [mail for text in texts for mail in _EMAIL.findall(text or "")]


def private_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Each mail address, telephone number, postcode and street with number in a text: mark, where from, where to."""
    for pattern in (_EMAIL, _PHONE, _POSTCODE, _STREET):
        for found in pattern.finditer(text):
            yield next(iter(_marks(found[0])), ""), found.start(), found.end()


def _said(text: str) -> list[_Said]:
    """The words of a text, without signs that do not show. "E. Bos" and "mevr. Bos" do not start a sentence there."""
    shown, said, end = "".join(sign for sign in text if category(sign) != "Cf"), list[_Said](), 0
    for match in _WORD.finditer(shown):
        gap, before = shown[end : match.start()], said[-1].plain if said else ""
        is_short = gap.startswith(".") and (len(before) == 1 or before in _TITLES)
        is_first = not said or bool(_SENTENCE_END.search(gap[1:] if is_short else gap))
        said.append(_Said(match[0], _plain(match[0]), is_first))
        end = match.end()
    return said


def _plain_words(text: str) -> list[str]:
    return [one.plain for one in _said(text)]


def _plain(word: str) -> str:
    plain = normalize("NFKD", word.casefold().translate(_UNDECOMPOSED))
    return "".join(sign for sign in plain if not "\u0300" <= sign <= "\u036f")


def _stem(one: _Said, parts: set[str]) -> str:
    """The part that this word is, also with the s of what is someone's; empty where it is none."""
    return next((stem for stem in (one.plain, one.plain.removesuffix("s")) if stem in parts), "")


def _is_written_as_name(said: list[_Said], at: int) -> bool:
    """Whether a word that may be ordinary has a capital inside a sentence, or comes after a title."""
    one = said[at]
    has_capital = one.raw[0] == one.raw[0].upper()
    return not one.is_first and (has_capital or said[at - 1].plain in _TITLES)


def _is_beside(said: list[_Said], at: int, others: set[str], links: set[str]) -> bool:
    """Whether another part of the name is the next or previous word, past the particles of this name (`links`)."""
    return any(_stem(one, others) for one in (*_next(said[at + 1 :], links), *_previous(said[: at + 1], links)))


def _next(said: list[_Said], links: set[str]) -> Iterator[_Said]:
    for one in said:
        if one.is_first:
            return
        if one.plain not in links:
            yield one
            return


def _previous(said: list[_Said], links: set[str]) -> Iterator[_Said]:
    for here, one in zip(reversed(said), reversed(said[:-1]), strict=False):
        if here.is_first:
            return
        if one.plain not in links:
            yield one
            return


def _runs(name: list[str], parts: set[str]) -> Iterator[str]:
    """Words of a name that may be written as one: "devries", "evalijndevries"."""
    name = name[:_MOST_WORDS]
    for start in range(len(name)):
        for end in range(start + 2, len(name) + 1):
            if parts.intersection(name[start:end]):
                yield "".join(name[start:end])


def _tells_who(box: list[str], parts: set[str]) -> bool:
    """Whether this is the mailbox of one person: one plain word ("balie") gives nobody away, unless it is the name."""
    whole = "".join(box)
    if len(whole) < _SHORTEST_PART or whole in _ORDINARY | _NO_NAME:
        return False
    names = [part for part in parts if len(part) >= _SHORTEST_PART]
    return len(box) > 1 or any(sign.isdigit() for sign in whole) or any(part in whole for part in names)


def _marks(text: str) -> Iterable[str]:
    yield from (f"mail {one.casefold()}" for one in _EMAIL.findall(text))
    yield from (f"phone {re.sub('[^0-9]', '', one)[-8:]}" for one in _PHONE.findall(text))
    yield from (f"postcode {''.join(one).upper()}" for one in _POSTCODE.findall(text))
    yield from (f"line {_bare(one)}" for one in _STREET.findall(text))


def _bare(text: str) -> str:
    """Letters and digits only; "Dorpsstraat nr. 12" is the same as "Dorpsstraat 12"."""
    return re.sub(r"[\W_]", "", _NUMBER_WORD.sub("", text.casefold()))
