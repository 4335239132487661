"""One lane of a rulebook as a picture: what moves it, what its clock does, and which rule says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fsm import terms
from fsm.diagrams import graphs
from fsm.diagrams.canvas import Picture
from fsm.diagrams.graphs import Arrow, Graph, Node
from fsm.rules import facts, words
from fsm.rules.tables import EXTENDS, JOINS, RESTARTS, STAYS, Lane, Row, Rulebook


def lane_mermaid(book: Rulebook, lane: Lane) -> str:
    """The lane as the text of a Mermaid block; the numbers in it are those of `graphs.legend`."""
    return graphs.mermaid(lane_graph(book, lane))


def lane_picture(book: Rulebook, lane: Lane) -> Picture:
    """The lane as an SVG, with the place of every text in it."""
    return graphs.draw(lane_graph(book, lane))


def lane_graph(book: Rulebook, lane: Lane) -> Graph:
    """
    The states of a lane, and an arrow for everything that moves it.

    Rows with the same source, destination and conditions are one arrow. Rows that
    change nothing are not drawn; a note under the picture names their rules.
    """
    nodes = tuple(
        Node(
            id=state.name,
            name=words.state_words(state.name),
            caption=words.caption_words(state),
            open=state.open and lane.name != terms.WINDOW_IN_DOUBT,
            waits=state.lasts is not None and (not state.open or lane.name == terms.WINDOW_IN_DOUBT),
        )
        for state in lane.states
    )
    clocks = tuple(
        Arrow(source=state.name, dest=state.then, label=words.clock_words(state), rules=(state.rule,), clock=True)
        for state in lane.states
        if state.lasts is not None
    )
    name = words.lane_words(lane.name)
    return Graph(
        title=f"{words.sentence(name)} ({book.name})",
        desc=f"{lane.about} {_described(lane)}",
        nodes=nodes,
        arrows=(*_arrows(book, lane), *clocks),
        notes=tuple(_notes(lane)),
    )


def _arrows(book: Rulebook, lane: Lane) -> Iterator[Arrow]:
    merged: dict[tuple[str, str, tuple[str, ...], tuple[str, ...], str], list[Row]] = {}
    for row in lane.rows:
        for source in row.source:
            if row.dest == STAYS or impossible(book, lane, row, source):
                continue
            dest = source if row.dest in (JOINS, RESTARTS, EXTENDS) else row.dest
            merged.setdefault((source, dest, row.needs, row.unless, row.dest), []).append(row)
    for (source, dest, needs, unless, kind), rows in merged.items():
        on = tuple(dict.fromkeys(act for row in rows for act in row.on))
        label = words.acts_words(on)
        if kind in (JOINS, RESTARTS, EXTENDS):
            label = f"{label} ({words.effect_words(rows[0], lane)})"
        yield Arrow(
            source=source,
            dest=dest,
            label=label,
            short=_short(on, needs),
            given=_given(lane, source, needs, unless),
            rules=tuple(dict.fromkeys(row.rule for row in rows)),
        )


def _short(on: tuple[str, ...], needs: tuple[str, ...]) -> str:
    if facts.ANSWERS_ENTRY in needs:
        return "answer to an ad"
    return f"{words.acts_in_short(on)}{' (ad)' if facts.THROUGH_ENTRY in needs else ''}"


def _given(lane: Lane, source: str, needs: tuple[str, ...], unless: tuple[str, ...]) -> str:
    if lane.name == terms.FREE_ENTRY_POINT and source == "idle" and facts.ANSWERS_ENTRY in needs:
        others = tuple(fact for fact in needs if fact != facts.ANSWERS_ENTRY)
        return ", ".join(("sent in time as the answer, delivered later", *words.conditions(others, unless)))
    return words.condition_words(needs, unless)


def impossible(book: Rulebook, lane: Lane, row: Row, source: str) -> bool:
    """Whether a row stands in the table for completeness only: an answer counts while the entry waits for one."""
    return (
        lane.name == terms.FREE_ENTRY_POINT
        and source == "idle"
        and facts.ANSWERS_ENTRY in row.needs
        and book.readings.answered_at == "delivery"
    )


def _notes(lane: Lane) -> Iterable[str]:
    legend = "Solid arrow: something happens. Dashed arrow: a clock runs out. In [ ]: what must be true before it."
    if any(state.open and lane.name != terms.WINDOW_IN_DOUBT for state in lane.states):
        legend += " Filled box: open."
    yield legend
    nothing = list(dict.fromkeys(row.rule for row in lane.rows if row.dest == STAYS))
    if nothing:
        yield f"Not drawn: what changes nothing ({words.listed(nothing)}). The table beside the picture has it all."
    if lane.runs_out:
        yield "Nothing opens it any more: it is what an earlier rulebook left behind."


def _described(lane: Lane) -> str:
    names = [words.state_words(state.name) for state in lane.states]
    clocks = [
        f"“{words.state_words(state.name)}” becomes “{words.state_words(state.then)}” {words.clock_words(state)}"
        for state in lane.states
        if state.lasts is not None
    ]
    told = f"States: {words.listed(names)}."
    return f"{told} {words.sentence('; '.join(clocks))}." if clocks else told
