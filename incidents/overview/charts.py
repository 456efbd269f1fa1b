"""The line of the last months as coordinates. The template draws it as SVG, with the same numbers in a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.overview.figures import Point

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 40, 12, 12, 28


@dataclass(frozen=True)
class Dot:
    """One month on the line: where it stands, and what it says. `y` is None where the number is not shown."""

    point: Point
    x: float
    y: float | None


@dataclass(frozen=True)
class Chart:
    """Coordinates in a field of WIDTH x HEIGHT: dots, the pieces of line between shown ones, and the scale."""

    width: int
    height: int
    dots: tuple[Dot, ...]
    lines: tuple[str, ...]
    scale: tuple[tuple[int, float], ...]


def trend_chart(points: Sequence[Point]) -> Chart:
    """A chart of the points. A hidden number leaves a gap: no line is drawn through it."""
    top = _round_up(max((point.count or 0 for point in points), default=0))
    step = (WIDTH - LEFT - RIGHT) / max(1, len(points) - 1)
    dots = tuple(
        Dot(point, round(LEFT + index * step, 1), None if point.count is None else _height(point.count, top))
        for index, point in enumerate(points)
    )
    marks = sorted({0, top // 2, top})
    return Chart(WIDTH, HEIGHT, dots, tuple(_pieces(dots)), tuple((mark, _height(mark, top)) for mark in marks))


def _pieces(dots: Sequence[Dot]) -> list[str]:
    pieces: list[list[str]] = [[]]
    for dot in dots:
        if dot.y is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{dot.x},{dot.y}")
    return [" ".join(piece) for piece in pieces if len(piece) > 1]


def _height(count: int, top: int) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * count / top, 1)


def _round_up(highest: int) -> int:
    """A round top of the scale, at least 10."""
    for top in (10, 20, 50, 100, 200, 500, 1000, 2000, 5000):
        if highest <= top:
            return top
    return -(-highest // 5000) * 5000
