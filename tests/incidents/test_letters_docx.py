"""Word documents that come in: what is safe and right is kept, what is not is refused with its reason."""

import re
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.utils import translation
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from jinja2.exceptions import TemplateError

from incidents.actions.letter_docx import MOST_BYTES, checked_docx
from incidents.actions.letter_refusals import (
    DocxFieldRefused,
    DocxHasMacros,
    DocxHasObjects,
    DocxHasTraces,
    DocxLinkRefused,
    DocxLocked,
    DocxOddlyBuilt,
    DocxReachesOut,
    DocxRefused,
    DocxTooLarge,
    DocxUnpacksTooLarge,
    FieldsUnknown,
    TagNotClosed,
    TagRefused,
    TemplateBroken,
)
from incidents.actions.letter_tags import PlainEnvironment, checked_template, rendered
from incidents.letter_fields import FIELDS, examples_of, fields_of, needed_of
from incidents.letter_kinds import REACHES_PERPETRATOR
from incidents.letters.shipped import shipped_docx
from incidents.letters.texts import text_of
from incidents.views.letter_papers import _as_html
from incidents.vocabulary import LetterKind
from tests.incidents.letters import WORD, changed, docx, read, with_xml
from tests.translations.test_plain_words import LONGEST, RULES

GOOD = docx("Beste {{ naam }},")
RELS = "word/_rels/document.xml.rels"
TYPES = "[Content_Types].xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def related(kind: str, target: str, mode: str = "External") -> bytes:
    row = f'<Relationship Id="rId99" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="{mode}"/></Relationships>'
    return changed(GOOD, parts={RELS: lambda old: old.replace(b"</Relationships>", row.encode())})


def bomb(size: int, name: str = "word/media/image1.png") -> bytes:
    return changed(GOOD, parts={name: b"\0" * size})


def field_code(code: str) -> bytes:
    runs = "".join(f"<w:r><w:instrText>{part}</w:instrText></w:r>" for part in (code[:3], code[3:]))  # cut in two
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{which}"/></w:r>' for which in ("begin", "end"))
    page = f"{begin}<w:r><w:instrText> PAGE </w:instrText></w:r>{end}"
    return with_xml(GOOD, f"<w:p>{page}{begin}{runs}</w:p><w:p>{end}</w:p>")


def as_type(content_type: str) -> bytes:
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return changed(GOOD, parts={TYPES: lambda old: old.replace(main, content_type.encode())})


def twice() -> bytes:
    kept = BytesIO(GOOD)
    with ZipFile(kept, "a", ZIP_DEFLATED) as archive:
        archive.writestr(WORD.upper(), b"<x/>")
    return kept.getvalue()


def test_what_is_good_is_taken():
    assert WORD in checked_docx(GOOD)
    assert checked_docx(related("hyperlink", "https://www.vlinderwaard.invalid/"))
    assert checked_docx(bomb(900_000)), "a picture of one colour is no bomb"
    assert checked_docx(field_code(' HYPERLINK "https://www.vlinderwaard.invalid/link/rd" '))


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", DocxRefused),
        (b"%PDF-1.7", DocxRefused),
        (GOOD[:-300], DocxRefused),
        (GOOD[:2000] + b"\0" * 50 + GOOD[2050:], DocxRefused),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 999, DocxLocked),
        (b"x" * (MOST_BYTES + 1), DocxTooLarge),
        (bomb(30 * 1024 * 1024), DocxUnpacksTooLarge),
        (bomb(1_500_000), DocxUnpacksTooLarge),
        (changed(GOOD, parts={f"word/media/{n}.png": b"x" for n in range(600)}), DocxUnpacksTooLarge),
        (changed(GOOD, parts={"word/vbaProject.bin": b"x"}), DocxHasMacros),
        (as_type("application/vnd.ms-word.document.macroEnabled.main+xml"), DocxHasMacros),
        (as_type("application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"), DocxRefused),
        (changed(GOOD, parts={"word/embeddings/oleObject1.bin": b"x"}), DocxHasObjects),
        (changed(GOOD, parts={"word/activeX/activeX1.xml": b"<x/>"}), DocxHasMacros),
        (changed(GOOD, parts={"word/afchunk1.html": b"<x/>"}), DocxHasObjects),
        (related("aFChunk", "afchunk.txt", "Internal"), DocxHasObjects),
        (related("image", "https://elders.invalid/volg.png"), DocxReachesOut),
        (related("attachedTemplate", "file:///c:/huisstijl.dotm"), DocxReachesOut),
        (related("attachedTemplate", "https://elders.invalid/x.dotm", "Internal"), DocxReachesOut),
        (related("hyperlink", "file://server/share"), DocxReachesOut),
        (related("hyperlink", "javascript:alert(1)"), DocxReachesOut),
        (related("image", "\\\\server\\share.png", "Internal"), DocxReachesOut),
        (field_code('INCLUDEPICTURE "https://elders.invalid/x.png"'), DocxReachesOut),
        (field_code('DDEAUTO c:\\windows\\system32\\cmd.exe "/k calc"'), DocxReachesOut),
        (with_xml(GOOD, '<w:p><w:fldSimple w:instr=" IncludeText &quot;x&quot; "/></w:p>'), DocxReachesOut),
        (with_xml(GOOD, "<w:p><w:ins><w:r><w:t>x</w:t></w:r></w:ins></w:p>"), DocxHasTraces),
        (with_xml(GOOD, '<w:p><w:r><w:commentReference w:id="0"/></w:r></w:p>'), DocxHasTraces),
        (changed(GOOD, parts={WORD: b"<!DOCTYPE x [<!ENTITY y 'z'>]><x>&y;</x>"}), DocxRefused),
        (changed(GOOD, parts={WORD: "<!DOCTYPE x [<!ENTITY y 'z'>]><x/>".encode("utf-16")}), DocxRefused),
        (
            changed(GOOD, parts={"word/media/x.svg": b'<svg><image href="https://elders.invalid/"/></svg>'}),
            DocxReachesOut,
        ),
        (twice(), DocxRefused),
    ],
)
def test_what_is_not_safe_is_refused(content: bytes, refusal: type[DocxRefused]):
    with pytest.raises(DocxRefused) as refused:
        checked_docx(content)
    assert type(refused.value) is refusal and len(str(refused.value)) > 30


FOOT = docx("Beste {{ naam }},", footer="{{ kenmerk }}")
LOOP = "{% for i in range(3) %}A{% endfor %}{{ 7*7 }}"
FOOT_TYPE = b"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"


def footer_called(name: str, foot: bytes = FOOT, content_type: bytes = FOOT_TYPE) -> bytes:
    """A document whose foot is a part with another name (under word/) and content type."""
    kept = BytesIO()
    with ZipFile(BytesIO(foot)) as old, ZipFile(kept, "w", ZIP_DEFLATED) as new:
        for was in old.namelist():
            part = old.read(was)
            if was in {RELS, TYPES}:
                part = part.replace(b"footer1.xml", name.encode()).replace(FOOT_TYPE, content_type)
            new.writestr(f"word/{name}" if was == "word/footer1.xml" else was, part)
    return kept.getvalue()


def with_type(row: str, **parts: bytes) -> bytes:
    types = {TYPES: lambda old: old.replace(b"</Types>", row.encode() + b"</Types>")}
    return changed(GOOD, parts={**types, **{name.replace("__", "/", 1): part for name, part in parts.items()}})


def main_elsewhere() -> bytes:
    with ZipFile(BytesIO(GOOD)) as archive:
        main = archive.read(WORD)
        types = archive.read(TYPES).replace(b"</Types>", MAIN_ELSEWHERE + b"</Types>")
    rels = {"_rels/.rels": lambda old: old.replace(b"word/document.xml", b"word/brief.xml")}
    return changed(GOOD, parts={"word/brief.xml": main, TYPES: types, **rels})


MAIN_ELSEWHERE = (
    b'<Override PartName="/word/brief.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    b'wordprocessingml.document.main+xml"/>'
)


@pytest.mark.parametrize(
    "name",
    ["footer1.dat", "voet1.xml", "sub/footer1.xml", "Footer1.xml", "%66ooter1.xml", "footer1.svg", "footer1.xml."],
)
@pytest.mark.parametrize("content_type", [FOOT_TYPE, b"image/png"])
def test_a_foot_under_another_name_cannot_escape_the_checks(name: str, content_type: bytes):
    assert checked_template(footer_called("footer12.xml"), "ban") == {"naam", "kenmerk"}
    with pytest.raises(DocxRefused) as refused:
        checked_docx(footer_called(name, docx("x", footer=LOOP), content_type))
    assert type(refused.value) is DocxOddlyBuilt


@pytest.mark.parametrize(
    "content",
    [
        with_type('<Default Extension="dat" ContentType="application/xml"/>', **{"word__x.dat": b"<x/>"}),
        with_type(
            '<Override PartName="/word/x.bin" ContentType="text/xml; charset=utf-8"/>', **{"word__x.bin": b"<x/>"}
        ),
        with_type(f'<Override PartName="/Word/DOCUMENT.xml" ContentType="{FOOT_TYPE.decode()}"/>'),
        changed(GOOD, parts={"word\\footer1.xml": b"<x/>"}),
        changed(GOOD, parts={"word/../footer1.xml": b"<x/>"}),
        changed(GOOD, parts={"word/%66ooter1.xml": b"<x/>"}),
        main_elsewhere(),
        related("footnotes", "noten.xml", "Internal"),
        related("comments", "../opmerkingen.xml", "Internal"),
    ],
)
def test_a_part_that_the_checks_would_miss_is_refused(content: bytes):
    with pytest.raises(DocxOddlyBuilt, match="unusual way"):
        checked_docx(content)


@pytest.mark.parametrize(
    "source",
    [
        "{{ 7*7 }}",
        "{% for x in naam %}{% endfor %}",
        "{{ naam|upper }}",
        "{{ naam() }}",
        "{% if naam is defined %}{% endif %}",
        "{% if naam %}{% elif naam %}{% endif %}",
        "{{ range }}",
    ],
)
def test_the_second_lock_runs_nothing_but_names_and_conditions(source: str):
    lock = PlainEnvironment()
    assert lock.from_string("{% if naam %}{{ naam }}{% else %}-{% endif %}").render(naam="<b>") == "&lt;b&gt;"
    with pytest.raises(TemplateError):
        lock.from_string(source).render(naam="x")
    assert not lock.globals and not lock.filters and not lock.tests


def test_the_second_lock_holds_where_the_checks_were_missed():
    with pytest.raises(TemplateBroken):
        rendered(footer_called("footer1.dat", docx("x", footer=LOOP)), {})


def begun(code: str, shown: str = "klik") -> str:
    """A field with its outcome, as Word writes it."""
    runs = ['<w:fldChar w:fldCharType="begin"/>', f"<w:instrText>{code}</w:instrText>"]
    runs += ['<w:fldChar w:fldCharType="separate"/>', f"<w:t>{shown}</w:t>", '<w:fldChar w:fldCharType="end"/>']
    return "".join(f"<w:r>{run}</w:r>" for run in runs)


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ('INCLUDEPICTURE\t"http://x.invalid/a"', DocxReachesOut),
        ('INCLUDEPICTURE\\d "http://x.invalid/a"', DocxReachesOut),
        ('"INCLUDETEXT" "x"', DocxReachesOut),
        ("MACROBUTTON Iets klik", DocxFieldRefused),
        ("FILENAME \\p", DocxFieldRefused),
        ("AUTHOR", DocxFieldRefused),
        ("", DocxFieldRefused),
        ('HYPERLINK "javascript:alert(1)"', DocxLinkRefused),
        ('HYPERLINK "file://10.0.0.1/share"', DocxLinkRefused),
        ("hyperlink\\h \\\\\\\\server\\share", DocxLinkRefused),
        ('HYPERLINK \\l "plek" "javascript:alert(1)"', DocxLinkRefused),
        ('HYPERLINK "https://goed.invalid" "javascript:alert(1)"', DocxLinkRefused),
        ("HYPERLINK", DocxLinkRefused),
        ("PAGE", None),
        (" PAGE \\* MERGEFORMAT ", None),
        ('DATE \\@ "d MMMM yyyy"', None),
        ('TOC \\o "1-3" \\h \\z \\u', None),
        ("=2+3", None),
        (' HYPERLINK \\l "_Toc1" ', None),
        (' HYPERLINK "https://goed.invalid/a?b" \\o "Kijk: hier" \\t "_blank" ', None),
        (' HYPERLINK "mailto:info@goed.invalid" ', None),
    ],
)
@pytest.mark.parametrize("is_simple", [True, False])
def test_only_fields_that_letters_need_are_let_through(code: str, refusal: type[DocxRefused] | None, is_simple: bool):
    code = code.replace("\t", "&#9;").replace('"', "&quot;")
    field = f'<w:fldSimple w:instr="{code}"/>' if is_simple else begun(code)
    content = with_xml(GOOD, f"<w:p>{field}</w:p>")
    if refusal is None:
        assert checked_docx(content)
    else:
        with pytest.raises(DocxRefused) as refused:
            checked_docx(content)
        shown = str(refused.value)
        assert type(refused.value) is refusal
        assert any(word in shown for word in re.findall(r"[A-Za-z]{5,}", code.replace("&quot;", ""))) or not code


def test_a_field_within_a_field_cannot_make_up_its_word_or_address():
    page, begin, end = begun("PAGE"), *(f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
    told = [
        f"<w:r><w:instrText>{text}</w:instrText></w:r>" for text in ("IF ", " = 1 &quot;x&quot;", "HYPERLINK &quot;")
    ]
    assert checked_docx(with_xml(GOOD, f"<w:p>{begin}{told[0]}{page}{told[1]}{end}</w:p>"))
    for content, refusal in (
        (f"{begin}{page}{told[0]}{end}", DocxFieldRefused),
        (f"{begin}{told[0].replace('IF ', 'IF')}{page}{end}", DocxFieldRefused),
        (f"{begin}{told[2]}{page}{end}", DocxLinkRefused),
        (f"{begin}{told[0]}<w:r><w:t>PAGE</w:t></w:r>{end}", DocxOddlyBuilt),
    ):
        with pytest.raises(refusal):
            checked_docx(with_xml(GOOD, f"<w:p>{content}</w:p>"))


def test_the_preview_shows_no_link_that_is_not_harmless():
    for address, is_shown in (
        ("https://goed.invalid/", True),
        ("javascript:alert(1)", False),
        ("file://10.0.0.1/share", False),
        (" javascript:alert(1)", False),
    ):
        shown = _as_html(with_xml(docx("a &amp; <b>"), f"<w:p>{begun(f'HYPERLINK &quot;{address}&quot;')}</w:p>"))
        assert "klik" in shown and (f'href="{address}"' in shown) == is_shown and ("href" in shown) == is_shown
        assert "a &amp;amp; &lt;b&gt;" in shown
    assert _as_html(docx()) == "<div></div>"


def test_a_document_as_word_processors_write_it_is_taken():
    document = Document(BytesIO(FOOT))
    document.core_properties.title = "Brief"
    document.add_page_break()
    kept = BytesIO()
    document.save(kept)
    assert checked_template(with_xml(kept.getvalue(), f"<w:p>{begun('PAGE')}</w:p>"), "ban") == {"naam", "kenmerk"}


def test_an_unknown_field_is_refused_with_its_name_and_what_was_meant():
    with pytest.raises(FieldsUnknown, match=r"bsn.*naamm \(do you mean naam\?\)"):
        checked_template(docx("{{ naamm }} {{ bsn }} {{ kenmerk }}"), "ban")
    with pytest.raises(FieldsUnknown, match="schade_bedrag"):
        checked_template(docx("{{ schade_bedrag }}"), "ban")
    assert checked_template(docx("{{ schade_bedrag }}"), "damage") == {"schade_bedrag"}


def test_a_field_cut_over_runs_in_a_table_and_in_the_foot_is_found_and_filled():
    template = docx(
        ["{", "{ na", "am }", "}"],
        ["{% if weer", "woord %}ja{% else %}nee{% endif", " %}"],
        table="{{ adres }}",
        footer="{{ kenmerk }}",
    )
    assert checked_template(template, "ban") == {"naam", "weerwoord", "adres", "kenmerk"}
    values = {**examples_of("ban"), "naam": "T. Voorbeeld", "weerwoord": ""}
    text = read(rendered(template, values))
    assert "T. Voorbeeld\nnee\n" in text and "Voorbeeldstraat 1" in text and "VW-2026-0001" in text
    for where in ({"table": "{{ bsn }}"}, {"footer": "{{ bsn }}"}):
        with pytest.raises(FieldsUnknown, match="bsn"):
            checked_template(docx("x", **where), "ban")


@pytest.mark.parametrize(
    ("text", "refusal", "says"),
    [
        ("{{ naam.__class__ }}", TagRefused, "naam.__class__"),
        ("{{ naam|upper }}", TagRefused, "naam|upper"),
        ("{{ ''.join(naam) }}", TagRefused, "join"),
        ("{{ 7 * 7 }}", TagRefused, "7 * 7"),
        ("{% for x in naam %}{% endfor %}", TagRefused, "for x in naam"),
        ("{% if naam == 'x' %}{% endif %}", TagRefused, "=="),
        ("{% if not naam %}{% endif %}", TagRefused, "not naam"),
        ("{% if naam %}{% elif adres %}{% endif %}", TagRefused, "elif"),
        ("{% set naam = 1 %}", TagRefused, "set naam"),
        ("{% include 'x' %}", TagRefused, "include"),
        ("{# stil #}", TagRefused, "stil"),
        ("{{r naam }}", TagRefused, "{{r naam"),
        ("{%tr if naam %}", TagRefused, "{%tr"),
        ("{%- if naam %}{% endif %}", TagRefused, "{%-"),
        ("a {%p if naam %} b", TagRefused, "{%p if"),
        ("{% cellbg naam %}", TagRefused, "cellbg"),
        ("{{ naam", TagNotClosed, "{{ naam"),
        ("naam }}", TagNotClosed, "naam }}"),
        ("{% if naam %}", TagNotClosed, "if naam"),
        ("{% endif %}", TagNotClosed, "endif"),
        ("{%p if naam %}", TagNotClosed, "if naam"),
    ],
)
def test_what_is_no_field_and_no_plain_condition_is_refused_and_says_where(
    text: str, refusal: type[DocxRefused], says: str
):
    with pytest.raises(refusal) as refused:
        checked_template(docx("Eerste", "Tweede", text), "ban")
    assert says in str(refused.value) and "paragraph 3" in str(refused.value)


def test_a_condition_over_paragraphs_works_and_one_that_breaks_the_document_is_refused():
    whole = docx("{%p if weerwoord %}", "wel", "{%p else %}", "niet", "{%p endif %}", "{{ naam }}")
    checked_template(whole, "ban")
    assert "wel" in read(rendered(whole, examples_of("ban")))
    empty = read(rendered(whole, {**examples_of("ban"), "weerwoord": ""}))
    assert "niet" in empty and "wel" not in empty
    with pytest.raises(TemplateBroken):
        checked_template(docx("{%p if weerwoord %}", table="{%p endif %}"), "ban")


def test_a_template_of_hundreds_of_pages_is_refused():
    with pytest.raises(DocxUnpacksTooLarge):
        checked_template(docx(*["x" * 1000] * 1100), "ban")


@pytest.mark.parametrize("tag", ["{{ 7*7 }}", "{{ naam }}", "&#123;&#123; naam &#125;&#125;"])
def test_a_tag_in_the_properties_of_the_file_is_refused(tag: str):
    def name(old: bytes) -> bytes:
        return old.replace(b"</cp:coreProperties>", f"<dc:subject>{tag}</dc:subject></cp:coreProperties>".encode())

    with pytest.raises(TagRefused):
        checked_template(changed(GOOD, parts={"docProps/core.xml": name}), "ban")


@pytest.mark.parametrize("kind", LetterKind)
@pytest.mark.parametrize("is_full", [True, False])
def test_each_shipped_letter_fills_with_all_fields_and_with_only_the_needed_ones(kind: LetterKind, is_full: bool):
    values = examples_of(kind) if is_full else examples_of(kind, names=[field.name for field in needed_of(kind)])
    text = read(rendered(shipped_docx(kind), values))
    assert "{{" not in text and "{%" not in text
    used = checked_template(shipped_docx(kind), kind)
    for field in needed_of(kind):
        if field.name != "naam":  # stands in the salutation and on the envelope
            assert field.name in used and values[field.name] in text, field.name
    if kind in REACHES_PERPETRATOR:
        assert "jurist" not in text.lower() and "[OWN]" not in text


def test_the_building_ban_says_what_the_law_asks():
    text = "\n".join(text_of(LetterKind.BAN).paragraphs)
    for words in (
        "geen besluit volgens de Algemene wet bestuursrecht",
        "burgerlijke rechter",
        "klacht aan ons sturen",
        "ombudsman",
        "lokaalvredebreuk (artikel 138 en 139",
        "gebiedsverbod van de burgemeester",
        "Autoriteit Persoonsgegevens",
        "{{ einde }}",
        "{{ basisdiensten }}",
    ):
        assert words in text, words
    assert "geen besluit waartegen u bezwaar" in "\n".join(text_of(LetterKind.WARNING).paragraphs)


@pytest.mark.parametrize("kind", LetterKind)
def test_the_letters_are_plain_dutch(kind: LetterKind):
    """Short sentences, no words of offices, "u": who reads it may be angry, or not used to letters."""
    for line in text_of(kind).paragraphs:
        for sentence in re.split(r"(?<=[.?!:])\s+", line):
            words = re.sub(r"\{\{.*?\}\}", "veld", re.sub(r"\{%.*?%\}|\(.*?\)", "", sentence)).split()
            assert len(words) <= LONGEST, sentence
            for name, rule in RULES.items():
                assert not rule.search(sentence), f"{name}: {sentence}"


def test_each_field_is_of_some_letter_and_none_is_asked_twice():
    names = [field.name for field in FIELDS]
    assert len(names) == len(set(names))
    for field in FIELDS:
        assert field.kinds and field.needed <= field.kinds and field.example and field.name == field.name.lower()
    for kind in LetterKind:
        unused = {field.name for field in fields_of(kind)} - checked_template(shipped_docx(kind), kind)
        assert unused <= {"naam"}, kind


ODD = st.text(st.characters(exclude_categories=[]), max_size=200)


@given(ODD)
def test_whatever_stands_in_a_field_comes_through_whole(value: str):
    text = read(rendered(docx("[{{ naam }}]"), {"naam": value}))
    kept = value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    wanted = "".join(
        c for c in kept if c == "\n" or (ord(c) >= 32 and not 0xD800 <= ord(c) <= 0xDFFF and c not in "\ufffe\uffff")
    )
    assert text.strip().startswith("[") and wanted.replace("\u2028", "") in text.replace("\u2028", "")


def test_signs_lines_and_emoji_come_through():
    text = read(rendered(docx("{{ gedrag }}"), {"gedrag": 'a & b <w:p/> "c"\r\nregel 2 😡 \x00\x0b\x1f\ud800{{ x }}'}))
    assert 'a & b <w:p/> "c"\nregel 2 😡 {{ x }}' in text
