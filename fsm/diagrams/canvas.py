"""
A sheet of SVG: it draws, and it remembers where every word stands.

Text is measured with a table of character widths, so the same picture comes out on
every machine. The table is that of a wide sans-serif; where the reader's font is
narrower, there is a little more air.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import attrs

INK: Final = "#1f2937"
MUTED: Final = "#4b5563"
FAINT: Final = "#9ca3af"
CLOCK: Final = "#9a3412"
OPEN_FILL: Final = "#cfe5f7"
OPEN_EDGE: Final = "#0b5394"
CLOSED_FILL: Final = "#ffffff"
LIGHT_FILL: Final = "#f3f4f6"

FONTS: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, 'DejaVu Sans', sans-serif"
BOLD: Final = 1.15
"""Bold words are at most this much wider, averaged over a word."""

# Thousandths of the font size, from the blank to the tilde: for each character the wider of two
# common sans-serif fonts.
_ASCII: Final = (
    *(318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337),
    *(636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 556),
    *(1015, 684, 686, 722, 770, 667, 611, 778, 752, 295, 500, 667, 557, 863, 748, 787),
    *(667, 787, 722, 667, 611, 732, 684, 989, 685, 667, 685, 390, 337, 390, 838, 556),
    *(500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612),
    *(635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838),
)
_LATIN: Final = 0x0250
_WIDE: Final = 0x1100


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """
    How wide a text is, in pixels; rather too much than too little.

    >>> round(text_width("open", 10))
    25
    """
    thousandths = sum(_width_of(ord(letter)) for letter in text)
    return thousandths * size / 1000 * (BOLD if bold else 1)


def _width_of(code: int) -> int:
    if 0x20 <= code < 0x7F:
        return _ASCII[code - 0x20]
    return 850 if code < _LATIN else 1000 if code < _WIDE else 1150


def wrapped(text: str, size: float, width: float, *, bold: bool = False) -> tuple[str, ...]:
    """
    The text in lines that fit a width; a word longer than a line is cut.

    >>> wrapped("free-form message delivered", 10, 100)
    ('free-form message', 'delivered')
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        for piece in _cut(word, size, width, bold):
            longer = f"{line} {piece}" if line else piece
            if line and text_width(longer, size, bold=bold) > width:
                lines.append(line)
                line = piece
            else:
                line = longer
    return (*lines, line) if line else tuple(lines)


def balanced(text: str, size: float, width: float) -> tuple[str, ...]:
    """The text in as many lines as `wrapped` needs, the lines about equally long."""
    lines = wrapped(text, size, width)
    narrower = width
    while len(lines) > 1 and narrower > 60:
        narrower -= 8
        tried = wrapped(text, size, narrower)
        if len(tried) > len(lines):
            break
        lines = tried
    return lines


def _cut(word: str, size: float, width: float, bold: bool) -> Iterable[str]:
    while len(word) > 1 and text_width(word, size, bold=bold) > width:
        length = len(word) - 1
        while length > 1 and text_width(word[:length], size, bold=bold) > width:
            length -= 1
        yield word[:length]
        word = word[length:]
    yield word


@attrs.frozen
class Box:
    """A rectangle on the sheet, and the text in it."""

    left: float
    top: float
    right: float
    bottom: float
    text: str = ""

    def overlaps(self, other: Box) -> bool:
        """Whether the two share any area."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def within(self, other: Box) -> bool:
        """Whether it lies inside the other."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )


@attrs.frozen(kw_only=True)
class Picture:
    """
    A finished drawing.

    Attributes:
        svg: the text of the file.
        width, height: in pixels.
        texts: where every line of text stands.
        lines: the straight pieces of every arrow and guide, as thin boxes.
    """

    svg: str
    width: float
    height: float
    texts: tuple[Box, ...]
    lines: tuple[Box, ...]

    def clashes(self) -> tuple[str, ...]:
        """What no reader should see: texts that overlap, leave the sheet, or are crossed by a line."""
        sheet = Box(0, 0, self.width, self.height)
        found = [f"{text.text!r} leaves the picture" for text in self.texts if not text.within(sheet)]
        for place, text in enumerate(self.texts):
            found += [f"{text.text!r} overlaps {o.text!r}" for o in self.texts[place + 1 :] if text.overlaps(o)]
            found += [f"a line crosses {text.text!r}" for line in self.lines if text.overlaps(line)]
        return tuple(found)


class Canvas:
    """What is drawn so far. Later things cover earlier ones."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._texts: list[Box] = []
        self._lines: list[Box] = []

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 12,
        anchor: str = "start",
        bold: bool = False,
        italic: bool = False,
        fill: str = INK,
    ) -> None:
        """One line of text; `y` is its base line, `x` its start, middle or end."""
        if not text:
            return
        width = text_width(text, size, bold=bold)
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        self._texts.append(Box(left, y - 0.78 * size, left + width, y + 0.24 * size, text))
        style = f' font-size="{number(size)}"'
        style += f' text-anchor="{anchor}"' if anchor != "start" else ""
        style += ' font-weight="bold"' if bold else ""
        style += ' font-style="italic"' if italic else ""
        self._parts.append(f'<text x="{number(x)}" y="{number(y)}"{style} fill="{fill}">{escaped(text)}</text>')

    def rect(
        self,
        box: Box,
        *,
        fill: str = "none",
        stroke: str = "none",
        thick: float = 1.5,
        round: float = 0,
        dashed: bool = False,
    ) -> None:
        """A rectangle, with round corners if asked for."""
        width, height = number(box.right - box.left), number(box.bottom - box.top)
        dashes = ' stroke-dasharray="5 3"' if dashed else ""
        edge = "" if stroke == "none" else f' stroke="{stroke}" stroke-width="{number(thick)}"{dashes}'
        corner = f' rx="{number(round)}"' if round else ""
        self._parts.append(
            f'<rect x="{number(box.left)}" y="{number(box.top)}" width="{width}" height="{height}"{corner}'
            f' fill="{fill}"{edge}/>'
        )

    def line(
        self,
        points: Sequence[tuple[float, float]],
        *,
        stroke: str = INK,
        thick: float = 1.5,
        dashed: bool = False,
        arrow: bool = False,
        solid: bool = True,
    ) -> None:
        """
        A line through points, with an arrow head at the end if asked for.

        Args:
            solid: no text may stand on it; a faint guide in the background is not solid.
        """
        if solid:
            for (x, y), (u, v) in pairwise(points):
                half = thick / 2
                self._lines.append(Box(min(x, u) - half, min(y, v) - half, max(x, u) + half, max(y, v) + half))
        shown = [*points[:-1], _shortened(points[-2], points[-1])] if arrow else points
        path = " ".join(f"{number(x)},{number(y)}" for x, y in shown)
        dashes = ' stroke-dasharray="6 4"' if dashed else ""
        self._parts.append(
            f'<polyline points="{path}" fill="none" stroke="{stroke}" stroke-width="{number(thick)}"'
            f' stroke-linejoin="round"{dashes}/>'
        )
        if arrow:
            self._head(points[-2], points[-1], stroke)

    def _head(self, source: tuple[float, float], tip: tuple[float, float], fill: str) -> None:
        (x, y), (u, v) = source, tip
        across, down = (u > x) - (u < x), (v > y) - (v < y)
        corners = (
            (u - 9 * across - 4.5 * down, v - 9 * down - 4.5 * across),
            tip,
            (u - 9 * across + 4.5 * down, v - 9 * down + 4.5 * across),
        )
        path = " ".join(f"{number(a)},{number(b)}" for a, b in corners)
        self._parts.append(f'<polygon points="{path}" fill="{fill}"/>')

    def circle(self, x: float, y: float, radius: float, *, fill: str, stroke: str = "none") -> None:
        """A disc."""
        edge = "" if stroke == "none" else f' stroke="{stroke}" stroke-width="1.5"'
        self._parts.append(f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}"{edge}/>')

    def finished(self, width: float, height: float, title: str, desc: str) -> Picture:
        """The sheet as a file, with what a screen reader says about it."""
        w, h = number(width), number(height)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img">',
            f"<title>{escaped(title)}</title>",
            f"<desc>{escaped(desc)}</desc>",
            f'<rect width="{w}" height="{h}" fill="#ffffff"/>',
            f'<g font-family="{FONTS}">',
        )
        return Picture(
            svg="\n".join((*head, *self._parts, "</g>", "</svg>", "")),
            width=width,
            height=height,
            texts=tuple(self._texts),
            lines=tuple(self._lines),
        )


def _shortened(source: tuple[float, float], tip: tuple[float, float]) -> tuple[float, float]:
    (x, y), (u, v) = source, tip
    return (u - 7 * ((u > x) - (u < x)), v - 7 * ((v > y) - (v < y)))


def number(value: float) -> str:
    """
    A coordinate, to a tenth of a pixel.

    >>> number(12.0), number(0.25 + 0.1)
    ('12', '0.3')
    """
    written = f"{value:.1f}"
    return written.removesuffix(".0") if written != "-0.0" else "0"


def escaped(text: str) -> str:
    """
    The text as XML; what XML cannot hold becomes a replacement character.

    >>> escaped('<script>&"')
    '&lt;script&gt;&amp;&quot;'
    """
    named = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
    return "".join(named.get(letter) or (letter if _may_stand(ord(letter)) else "�") for letter in text)


def _may_stand(code: int) -> bool:
    return code in (0x9, 0xA, 0xD) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF
