"""Files sealed piece by piece: what was changed, cut off, swapped or taken from elsewhere does not open."""

import io
import os
from pathlib import Path

import pytest

from vpdportal.encryption import SealBroken, seal
from vpdportal.sealed_files import PIECE, UNFINISHED, Pieces, WholeFilesOnly, open_pieces, pieces_of, seal_pieces

PLACE = "evidence.een.twee"
SEALED_PIECE = PIECE + 28
BEGINNING = 2 + len("test") + 16


def sealed(content: bytes, place: str = PLACE) -> bytes:
    return b"".join(seal_pieces(pieces_of(io.BytesIO(content)), place=place))


def opened(content: bytes, place: str = PLACE) -> bytes:
    return b"".join(open_pieces(io.BytesIO(content), place=place))


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 5])
def test_what_goes_in_comes_out(size: int):
    content = os.urandom(size)
    assert opened(sealed(content)) == content


def test_a_file_of_the_first_form_still_opens():
    assert opened(seal(b"van vroeger", place=PLACE)) == b"van vroeger"


def parts(content: bytes) -> tuple[bytes, list[bytes]]:
    rest = content[BEGINNING:]
    return content[:BEGINNING], [rest[start : start + SEALED_PIECE] for start in range(0, len(rest), SEALED_PIECE)]


def test_pieces_cannot_be_swapped_left_out_repeated_or_added():
    beginning, (one, two, three) = parts(sealed(bytes(2 * PIECE) + b"einde"))
    assert opened(beginning + one + two + three) == bytes(2 * PIECE) + b"einde"
    for broken in (
        [two, one, three],
        [one, three],
        [one, two],
        [one],
        [],
        [one, two, two, three],
        [one, two, three, three],
    ):
        with pytest.raises(SealBroken):
            opened(beginning + b"".join(broken))


@pytest.mark.parametrize("length", [0, 1, 2, BEGINNING - 1, BEGINNING, BEGINNING + 5, BEGINNING + 30, -1])
def test_a_file_that_was_cut_off_does_not_open(length: int):
    whole = sealed(b"x" * 100)
    with pytest.raises(SealBroken):
        opened(whole[:length])


@pytest.mark.parametrize("position", [0, 1, 3, BEGINNING - 1, BEGINNING, BEGINNING + 20, -1])
def test_one_changed_bit_does_not_open(position: int):
    whole = bytearray(sealed(b"x" * 100))
    whole[position] ^= 1
    with pytest.raises(SealBroken):
        opened(bytes(whole))


def test_a_piece_of_another_file_of_the_same_place_does_not_open():
    (beginning, (one, _)), (_, (_, two)) = parts(sealed(bytes(PIECE + 1))), parts(sealed(bytes(PIECE + 1)))
    with pytest.raises(SealBroken):
        opened(beginning + one + two)


def test_a_file_of_another_place_does_not_open():
    assert opened(sealed(b"een", place="ergens"), place="ergens") == b"een"
    with pytest.raises(SealBroken):
        opened(sealed(b"een", place="ergens"), place="elders")


def test_a_broken_piece_is_found_before_it_is_given():
    whole = bytearray(sealed(bytes(2 * PIECE)))
    whole[-1] ^= 1
    pieces = open_pieces(io.BytesIO(bytes(whole)), place=PLACE)
    assert next(pieces) == bytes(PIECE)
    with pytest.raises(SealBroken):
        next(pieces)


def test_a_short_piece_in_the_middle_is_refused_when_it_is_sealed():
    with pytest.raises(ValueError, match="shorter"):
        list(seal_pieces([b"kort", b"nog een"], place=PLACE))


def test_a_file_is_there_as_a_whole_or_not_at_all(tmp_path: Path):
    store = WholeFilesOnly(location=tmp_path / "nieuw" / "map")

    def pieces():
        yield b"begin"
        assert [one.suffix for one in (tmp_path / "nieuw/map/een").iterdir()] == [UNFINISHED]
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        store.save("een/bestand", Pieces(pieces()))
    assert list((tmp_path / "nieuw/map/een").iterdir()) == []
    store.save("een/bestand", Pieces([b"begin", b"einde"]))
    kept = tmp_path / "nieuw/map/een/bestand"
    assert kept.read_bytes() == b"begineinde"
    assert kept.stat().st_mode & 0o777 == 0o600 and kept.parent.stat().st_mode & 0o777 == 0o700
