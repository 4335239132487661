"""
State diagrams: boxes and labelled arrows, as a Mermaid block and as our own SVG.

Three arrangements cover what there is to draw, and each keeps every label clear of
every line: a *chain* (boxes in a row), a *star* (one box, and those it leads to
below each other) and a *square* (the thread status with four boxes in a frame).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import attrs

from fsm.diagrams.canvas import (
    CLOCK,
    CLOSED_FILL,
    FAINT,
    INK,
    LIGHT_FILL,
    MUTED,
    OPEN_EDGE,
    OPEN_FILL,
    Box,
    Canvas,
    Picture,
    balanced,
    text_width,
    wrapped,
)

EDGE: Final = 24
LABEL: Final = 11.5
SMALL: Final = 9.5
TITLE: Final = 16
LINE: Final = 15
SMALL_LINE: Final = 12.5
LABEL_WIDTH: Final = 215.0
ANY: Final = "*"
"""As the source of an arrow: whichever box of the frame."""


@attrs.frozen(kw_only=True)
class Node:
    """
    A state as it is drawn.

    Attributes:
        open: a reader would call it open.
        waits: it is not open, but a clock runs in it.
    """

    id: str
    name: str
    caption: str = ""
    open: bool = False
    waits: bool = False


@attrs.frozen(kw_only=True)
class Arrow:
    """
    An arrow between two states, or from one to itself.

    Attributes:
        label: what makes it happen.
        short: the same in two or three words, for Mermaid.
        given: what must be true for it.
        rules: ids of the rules that say so.
        clock: it happens because time passes.
    """

    source: str
    dest: str
    label: str
    short: str = ""
    given: str = ""
    rules: tuple[str, ...] = ()
    clock: bool = False

    @property
    def loop(self) -> bool:
        """Whether it leads back to its own state."""
        return self.source == self.dest


@attrs.frozen(kw_only=True)
class Graph:
    """
    A state diagram before it is laid out. The first node is where a new thread starts.

    Attributes:
        notes: sentences under the picture.
    """

    title: str
    desc: str
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    notes: tuple[str, ...] = ()


# --- Mermaid ----------------------------------------------------------------
def mermaid(graph: Graph) -> str:
    """
    The diagram as the text of a Mermaid block; it ends with a line break.

    Mermaid writes long labels of neighbouring arrows over each other. So its labels are
    short, and numbered: `legend` has them in full, in the same order.
    """
    labels: dict[tuple[str, str], list[str]] = {}
    for number, arrow in enumerate(graph.arrows, 1):
        said = f"({number}) {_plain(arrow.short or arrow.label)}"
        for source in [node.id for node in _framed(graph)] if arrow.source == ANY else [arrow.source]:
            labels.setdefault((source, arrow.dest), []).append(said)
    lines = ["stateDiagram-v2", "    direction LR"]
    place = {node.id: number for number, node in enumerate(graph.nodes)}
    for node in graph.nodes:
        said = _plain(f"{node.name} ({node.caption})" if node.caption else node.name)
        if any(source == node.id and place[dest] > place[source] for source, dest in labels):
            # The label of a loop would stand on that of the arrow which leads on, so it goes into the box.
            said = "<br>".join((said, *(f"↻ {label}" for label in labels.pop((node.id, node.id), ()))))
        lines.append(f'    state "{said}" as {_id(node.id)}')
    lines.append(f"    [*] --> {_id(graph.nodes[0].id)}")
    for (source, dest), mine in labels.items():
        lines.append(f"    {_id(source)} --> {_id(dest)}: {'<br>'.join(mine)}")
    return "\n".join(lines) + "\n"


def legend(graph: Graph) -> tuple[str, ...]:
    """What the numbers in the Mermaid block mean: for each arrow a sentence, with its rules."""
    names = {node.id: node.name for node in graph.nodes} | {ANY: "any of these"}
    return tuple(
        f"{names[arrow.source]} → {names[arrow.dest]}: {arrow.label}"
        + (f", if {arrow.given}" if arrow.given else "")
        + (f" ({', '.join(arrow.rules)})" if arrow.rules else "")
        for arrow in graph.arrows
    )


def _id(name: str) -> str:
    # A prefix, because `end`, `state` and `note` are words of Mermaid's own.
    return "s_" + re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _plain(text: str) -> str:
    """The text without what Mermaid would read as its own syntax."""
    return re.sub(r"[\"<>#;:{}]", " ", text).replace("  ", " ").strip()


def _framed(graph: Graph) -> list[Node]:
    """The nodes that `ANY` stands for: all but those it leads to."""
    dests = {arrow.dest for arrow in graph.arrows if arrow.source == ANY}
    return [node for node in graph.nodes if node.id not in dests]


# --- SVG --------------------------------------------------------------------
def draw(graph: Graph) -> Picture:
    """The diagram as an SVG, arranged as fits it best."""
    if any(arrow.source == ANY for arrow in graph.arrows):
        return _Sheet(graph).square()
    first = graph.nodes[0].id
    between = [arrow for arrow in graph.arrows if not arrow.loop]
    if len(graph.nodes) > 2 and all(first in (arrow.source, arrow.dest) for arrow in between):
        return _Sheet(graph).star()
    return _Sheet(graph).chain()


@attrs.frozen
class _Block:
    """A label in lines: what happens, what must be true, the rules."""

    lines: tuple[tuple[str, str], ...]
    width: float
    height: float

    @classmethod
    def of(cls, arrow: Arrow, width: float = LABEL_WIDTH) -> _Block:
        lines = [("label", line) for line in balanced(arrow.label, LABEL, width)]
        if arrow.given:
            lines += [("given", line) for line in balanced(f"[{arrow.given}]", LABEL, width)]
        lines += [("rules", line) for line in wrapped(", ".join(arrow.rules), SMALL, width)]
        sizes = [text_width(text, SMALL if kind == "rules" else LABEL) for kind, text in lines]
        height = sum(SMALL_LINE if kind == "rules" else LINE for kind, _ in lines)
        return cls(tuple(lines), max(sizes, default=0), height)

    def write(self, canvas: Canvas, x: float, bottom: float, anchor: str, clock: bool) -> None:
        """Write it so that it ends just above `bottom`."""
        y = bottom - self.height
        for kind, text in self.lines:
            y += SMALL_LINE if kind == "rules" else LINE
            size = SMALL if kind == "rules" else LABEL
            fill = MUTED if kind == "rules" else CLOCK if clock else INK
            canvas.text(x, y - 4, text, size=size, anchor=anchor, fill=fill)


class _Sheet:
    """One drawing in the making."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.canvas = Canvas()
        self.blocks = {arrow: _Block.of(arrow) for arrow in graph.arrows}
        self.widths = {node.id: self._box_width(node) for node in graph.nodes}

    @staticmethod
    def _box_width(node: Node) -> float:
        return max(108, text_width(node.name, 13, bold=True) + 32, text_width(node.caption, SMALL + 1) + 28)

    # --- pieces -------------------------------------------------------------
    def _arrows(self, source: str, dest: str) -> list[Arrow]:
        """Events before clocks, otherwise in the order of the table."""
        mine = [arrow for arrow in self.graph.arrows if (arrow.source, arrow.dest) == (source, dest)]
        return sorted(mine, key=lambda arrow: arrow.clock)

    def _between(self, one: str, other: str) -> list[Arrow]:
        both = self._arrows(one, other) + self._arrows(other, one)
        return sorted(both, key=lambda arrow: arrow.clock)

    def _tracks(self, arrows: Sequence[Arrow]) -> float:
        """The height that these arrows need below each other."""
        return sum(self.blocks[arrow].height + 12 for arrow in arrows)

    def _across(self, arrows: Sequence[Arrow], left: float, right: float, top: float, first: str) -> None:
        """Straight arrows between two boxes side by side; `first` is the left one."""
        y = top
        for arrow in arrows:
            block = self.blocks[arrow]
            y += block.height + 12
            ends = (left, right) if arrow.source == first else (right, left)
            self._line(arrow, ((ends[0], y - 6), (ends[1], y - 6)))
            block.write(self.canvas, (left + right) / 2, y - 8, "middle", arrow.clock)

    def _line(self, arrow: Arrow, points: Sequence[tuple[float, float]]) -> None:
        self.canvas.line(points, stroke=CLOCK if arrow.clock else INK, dashed=arrow.clock, arrow=True)

    def _node(self, node: Node, box: Box) -> None:
        edge = OPEN_EDGE if node.open else MUTED
        fill = OPEN_FILL if node.open else LIGHT_FILL if node.waits else CLOSED_FILL
        self.canvas.rect(box, fill=fill, stroke=edge, thick=2, round=12, dashed=node.waits)
        x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        self.canvas.text(x, y + (4.5 if not node.caption else -2), node.name, size=13, anchor="middle", bold=True)
        self.canvas.text(x, y + 14, node.caption, size=SMALL + 1, anchor="middle", fill=MUTED)

    def _start(self, box: Box) -> None:
        """The dot from which a new thread enters."""
        y = box.top + 14
        self.canvas.circle(box.left - 26, y, 5, fill=INK)
        self.canvas.line(((box.left - 21, y), (box.left, y)), arrow=True)

    def _loops(self, node: Node) -> list[Arrow]:
        return [arrow for arrow in self.graph.arrows if arrow.loop and arrow.source == node.id]

    def _heading(self) -> float:
        self.canvas.text(EDGE, EDGE + 12, self.graph.title, size=TITLE, bold=True)
        return EDGE + 34

    def _finished(self, right: float, bottom: float) -> Picture:
        width = max(right, text_width(self.graph.title, TITLE, bold=True) + EDGE, 420) + EDGE
        y = bottom + 14
        for note in self.graph.notes:
            for line in wrapped(note, SMALL + 1, width - 2 * EDGE):
                y += 14
                self.canvas.text(EDGE, y, line, size=SMALL + 1, fill=MUTED)
            y += 4
        return self.canvas.finished(width, y + 16, self.graph.title, self.graph.desc)

    # --- boxes in a row -----------------------------------------------------
    def chain(self) -> Picture:
        nodes = self.graph.nodes
        top = self._heading()
        loops = {node.id: self._loops(node) for node in nodes}
        room = {
            node.id: max((self.blocks[arrow].width + 12 for arrow in loops[node.id]), default=0.0) for node in nodes
        }
        loop_height = max(
            (sum(self.blocks[a].height + 4 for a in mine) + 34 for mine in loops.values() if mine), default=0.0
        )
        gaps = [self._between(one.id, other.id) for one, other in pairwise(nodes)]
        height = max(64, *(self._tracks(gap) + 14 for gap in gaps)) if gaps else 64.0
        box_top = top + loop_height
        boxes: dict[str, Box] = {}
        left = EDGE + 34 + max(0.0, (room[nodes[0].id] - self.widths[nodes[0].id]) / 2)
        for place, node in enumerate(nodes):
            boxes[node.id] = Box(left, box_top, left + self.widths[node.id], box_top + height)
            if place < len(gaps):
                after = nodes[place + 1]
                over = [max(0.0, (room[n.id] - self.widths[n.id]) / 2) for n in (node, after)]
                labels = max((self.blocks[arrow].width + 44 for arrow in gaps[place]), default=70.0)
                left += self.widths[node.id] + max(labels, sum(over) + 24)
        for place, gap in enumerate(gaps):
            one, other = boxes[nodes[place].id], boxes[nodes[place + 1].id]
            free = height - self._tracks(gap)
            self._across(gap, one.right, other.left, box_top + free / 2, nodes[place].id)
        right = max(box.right + max(0.0, (room[id] - self.widths[id]) / 2) for id, box in boxes.items())
        for node in nodes:
            self._loop_above(loops[node.id], boxes[node.id])
        bottom = self._below(boxes)
        for node in nodes:
            self._node(node, boxes[node.id])
        self._start(boxes[nodes[0].id])
        return self._finished(right, bottom)

    def _loop_above(self, loops: Sequence[Arrow], box: Box) -> None:
        if not loops:
            return
        x = (box.left + box.right) / 2
        y = box.top - 26
        self._line(loops[0], ((x - 20, box.top), (x - 20, y), (x + 20, y), (x + 20, box.top)))
        for arrow in reversed(loops):
            self.blocks[arrow].write(self.canvas, x, y - 2, "middle", arrow.clock)
            y -= self.blocks[arrow].height + 4

    def _below(self, boxes: dict[str, Box]) -> float:
        """Arrows that pass over a box run below all of them, the shortest on top."""
        place = {id: number for number, id in enumerate(boxes)}
        bottom = max(box.bottom for box in boxes.values())
        far = [a for a in self.graph.arrows if not a.loop and abs(place[a.source] - place[a.dest]) > 1]
        far.sort(key=lambda a: (abs(place[a.source] - place[a.dest]), a.clock))
        ports: dict[tuple[str, Arrow], float] = {}
        for id, box in boxes.items():
            # Legs of deeper arrows stand further inside, so that no two arrows cross.
            to_left = [a for a in far if id in (a.source, a.dest) and max(place[a.source], place[a.dest]) == place[id]]
            to_right = [a for a in far if id in (a.source, a.dest) and min(place[a.source], place[a.dest]) == place[id]]
            ends = [*to_left, *reversed(to_right)]
            step = (box.right - box.left) / (len(ends) + 1)
            ports |= {(id, arrow): box.left + step * (number + 1) for number, arrow in enumerate(ends)}
        for arrow in far:
            start, end = ports[arrow.source, arrow], ports[arrow.dest, arrow]
            block = _Block.of(arrow, max(120.0, abs(end - start) - 30))
            bottom += block.height + 12
            source, dest = boxes[arrow.source], boxes[arrow.dest]
            self._line(arrow, ((start, source.bottom), (start, bottom), (end, bottom), (end, dest.bottom)))
            block.write(self.canvas, (start + end) / 2, bottom - 2, "middle", arrow.clock)
        return bottom + (4 if far else 0)

    # --- one box, and those it leads to --------------------------------------
    def star(self) -> Picture:
        first, *leaves = self.graph.nodes
        top = self._heading() + 6
        gaps = {leaf.id: self._between(first.id, leaf.id) for leaf in leaves}
        labels = max(self.blocks[arrow].width + 44 for gap in gaps.values() for arrow in gap)
        left = EDGE + 34
        root_loops = self._loops(first)
        top += sum(self.blocks[a].height + 4 for a in root_loops) + (34 if root_loops else 0)
        inner = left + self.widths[first.id]
        outer = inner + labels
        width = max(self.widths[leaf.id] for leaf in leaves)
        y = top
        right = outer + width
        drawn: list[tuple[Node, Box]] = []
        for leaf in leaves:
            loops = self._loops(leaf)
            loop_height = sum(self.blocks[arrow].height + 6 for arrow in loops)
            height = max(60.0, self._tracks(gaps[leaf.id]) + 12, loop_height + 8)
            box = Box(outer, y, outer + width, y + height)
            self._across(gaps[leaf.id], inner, outer, y + (height - self._tracks(gaps[leaf.id])) / 2, first.id)
            right = max(right, self._loop_beside(loops, box, loop_height))
            drawn.append((leaf, box))
            y += height + 20
        root = Box(left, top, inner, y - 20)
        self._loop_above(root_loops, root)
        for node, box in ((first, root), *drawn):
            self._node(node, box)
        self._start(root)
        return self._finished(right, y - 20)

    def _loop_beside(self, loops: Sequence[Arrow], box: Box, height: float) -> float:
        if not loops:
            return box.right
        middle = (box.top + box.bottom) / 2
        x = box.right + 26
        self._line(loops[0], ((box.right, middle - 14), (x, middle - 14), (x, middle + 14), (box.right, middle + 14)))
        y = middle - height / 2
        for arrow in loops:
            y += self.blocks[arrow].height + 6
            self.blocks[arrow].write(self.canvas, x + 8, y - 2, "start", arrow.clock)
        return x + 8 + max(self.blocks[arrow].width for arrow in loops)

    # --- four boxes in a frame, and one that all of them lead to ---------------
    def square(self) -> Picture:
        """`nodes` are: top left, top right, bottom left, bottom right, and the one beside the frame."""
        one, two, three, four, beside = self.graph.nodes
        top = self._heading() + 6
        in_rows = (self._between(one.id, two.id), self._between(three.id, four.id))
        in_columns = (self._between(one.id, three.id), self._between(two.id, four.id))
        entries = self._arrows(beside.id, one.id)
        exits = self._arrows(ANY, beside.id)
        drawn = {*entries, *exits, *(arrow for group in (*in_rows, *in_columns) for arrow in group)}
        assert drawn == set(self.graph.arrows), "an arrow of the thread status has no place in the square"
        self.blocks = {arrow: _Block.of(arrow, 135) for arrow in self.graph.arrows}
        # Along a column the label stands to the right of its arrow.
        narrow = {arrow: _Block.of(arrow, 108) for column in in_columns for arrow in column}
        columns = [
            max(
                self.widths[above.id],
                self.widths[below.id],
                sum(narrow[arrow].width + 22 for arrow in column) + 16,
            )
            for above, below, column in zip((one, two), (three, four), in_columns, strict=True)
        ]
        rows = [max(64.0, self._tracks(row) + 14) for row in in_rows]
        rows[0] = max(rows[0], self._tracks(entries) + 14)
        gap = max(self.blocks[arrow].width + 44 for row in in_rows for arrow in row)
        drop = max(narrow[arrow].height for column in in_columns for arrow in column) + 40
        reach = max(self.blocks[arrow].width + 44 for arrow in (*entries, *exits))
        frame_left = EDGE + self.widths[beside.id] + reach
        xs = (frame_left + 20, frame_left + 20 + columns[0] + gap)
        ys = (top + 40, top + 40 + rows[0] + drop)
        frame = Box(frame_left, top, xs[1] + columns[1] + 20, ys[1] + rows[1] + 20)
        self.canvas.rect(frame, stroke=FAINT, thick=1.5, round=16, dashed=True)
        boxes = {
            node.id: Box(x, y, x + columns[column], y + rows[row])
            for node, (row, column), x, y in (
                (one, (0, 0), xs[0], ys[0]),
                (two, (0, 1), xs[1], ys[0]),
                (three, (1, 0), xs[0], ys[1]),
                (four, (1, 1), xs[1], ys[1]),
            )
        }
        boxes[beside.id] = Box(EDGE, frame.top, EDGE + self.widths[beside.id], frame.bottom)
        for arrows, left, right in ((in_rows[0], one, two), (in_rows[1], three, four)):
            a, b = boxes[left.id], boxes[right.id]
            self._across(arrows, a.right, b.left, a.top + (a.bottom - a.top - self._tracks(arrows)) / 2, left.id)
        for column, above, below in zip(in_columns, (one, two), (three, four), strict=True):
            self._along(column, boxes[above.id], boxes[below.id], narrow, above.id)
        home = boxes[one.id]
        rise = home.top + (home.bottom - home.top - self._tracks(entries)) / 2
        for arrow in entries:
            block = self.blocks[arrow]
            rise += block.height + 12
            self._line(arrow, ((boxes[beside.id].right, rise - 6), (home.left, rise - 6)))
            block.write(self.canvas, (boxes[beside.id].right + frame.left) / 2, rise - 8, "middle", arrow.clock)
        lower = (boxes[three.id].top + boxes[three.id].bottom - self._tracks(exits)) / 2
        self._across(exits, boxes[beside.id].right, frame.left, lower, beside.id)
        for node in self.graph.nodes:
            self._node(node, boxes[node.id])
        self.canvas.circle(home.left + 20, frame.top + 14, 5, fill=INK)
        self.canvas.line(((home.left + 20, frame.top + 19), (home.left + 20, home.top)), arrow=True)
        return self._finished(frame.right, frame.bottom)

    def _along(self, arrows: Sequence[Arrow], above: Box, below: Box, blocks: dict[Arrow, _Block], first: str) -> None:
        """Straight arrows between two boxes above each other, each label to the right of its arrow."""
        needed = sum(blocks[arrow].width + 22 for arrow in arrows)
        x = (above.left + above.right - needed) / 2 + 6
        middle = (above.bottom + below.top) / 2
        for arrow in arrows:
            ends = (above.bottom, below.top) if arrow.source == first else (below.top, above.bottom)
            self._line(arrow, ((x, ends[0]), (x, ends[1])))
            blocks[arrow].write(self.canvas, x + 9, middle + blocks[arrow].height / 2, "start", arrow.clock)
            x += blocks[arrow].width + 22
