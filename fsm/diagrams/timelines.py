"""A scenario as a timeline: lanes as bars, events as numbered ticks, and what each event did, in words."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final

import attrs

from fsm import terms
from fsm.diagrams.canvas import (
    BOLD,
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
    number,
    text_width,
    wrapped,
)
from fsm.errors import BadEvent
from fsm.events import Event, datetime_of, format_instant, micros
from fsm.machine import Allowances, Law, Outcome, Thread, advance, apply
from fsm.machine.thread import states_by_lane
from fsm.rules import acts, words
from fsm.rules.tables import Rulebook, State

WIDTH: Final = 900.0
PLOT_LEFT: Final = 206.0
PLOT_RIGHT: Final = 880.0
EDGE: Final = 20.0
ROW: Final = 30.0
MARK: Final = 9.0
APART: Final = 22.0
"""The least distance between two marks, so that their numbers do not touch."""

_SECOND: Final = 1_000_000
_STEPS: Final = tuple(
    micros(step)
    for step in (
        *(timedelta(seconds=n) for n in (1, 5, 15, 30)),
        *(timedelta(minutes=n) for n in (1, 2, 5, 10, 15, 30)),
        *(timedelta(hours=n) for n in (1, 2, 3, 6, 12, 24, 48)),
        *(timedelta(days=n) for n in (7, 14, 28, 56, 182, 364)),
    )
)


@attrs.frozen(kw_only=True)
class Span:
    """
    What a lane was in for a while.

    Attributes:
        begins, ends: instants; half-open.
        renewed: instants between them at which its clock started again.
    """

    lane: str
    state: State
    begins: int
    ends: int
    renewed: tuple[int, ...] = ()


@attrs.frozen(kw_only=True)
class Entry:
    """
    One numbered line of the legend.

    Attributes:
        what: what happened.
        did: what came of it, in pieces of a sentence.
        doubts: what is not certain about it.
        rules: ids of the rules that decided.
    """

    at: int
    what: str
    did: tuple[str, ...]
    doubts: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def then(self) -> str:
        """What came of it, in sentences."""
        text = f"{words.sentence('; '.join(self.did) or 'nothing changes')}."
        return f"{text} Note: {'; '.join(self.doubts)}." if self.doubts else text


@attrs.frozen(kw_only=True)
class Story:
    """
    A thread's history, run through the law and ready to be drawn.

    Attributes:
        first, last: the instants between which something happens or a clock runs.
        lanes: names of the lanes that ever leave their first state, in the order of the rulebooks.
        switches: when a new edition of the law took effect, and which.
    """

    first: int
    last: int
    book: Rulebook
    lanes: tuple[str, ...]
    spans: tuple[Span, ...]
    entries: tuple[Entry, ...]
    switches: tuple[tuple[int, Rulebook], ...]


# --- running the law ----------------------------------------------------------
class _Recorder:
    """Follows a thread and notes which lane was in which state from when to when."""

    def __init__(self, law: Law, thread: Thread) -> None:
        self.law = law
        self.thread = thread
        self.spans: list[Span] = []
        self.switches: list[tuple[int, Rulebook]] = []
        self.names: dict[str, None] = {}
        self._open: dict[str, Span] = {}
        self._note(thread)

    @property
    def book(self) -> Rulebook:
        return self.law.edition_of(self.thread).book

    @property
    def states(self) -> dict[str, str]:
        return states_by_lane(self.thread, self.book)

    def _note(self, thread: Thread) -> None:
        book = self.law.edition_of(thread).book
        now = {lane.name: lane.state(state) for lane, state in zip(book.lanes, thread.states, strict=True)}
        for name, span in list(self._open.items()):
            if name not in now or now[name].name != span.state.name:
                self._close(name, thread.at)
        for lane in book.lanes:
            if lane.name not in self._open and now[lane.name].name != lane.states[0].name:
                self.names[lane.name] = None
                self._open[lane.name] = Span(lane=lane.name, state=now[lane.name], begins=thread.at, ends=thread.at)
        self.thread = thread

    def _close(self, name: str, at: int) -> None:
        span = attrs.evolve(self._open.pop(name), ends=at)
        if span.ends > span.begins:
            self.spans.append(span)

    def pass_until(self, at: int) -> None:
        """Let time pass, noting every clock that runs out on the way."""
        while True:
            stops = [deadline for deadline in self.thread.deadlines if deadline is not None]
            ends = self.law.edition_of(self.thread).ends
            stop = min([*stops, at] if ends is None else [*stops, ends, at])
            before = self.thread.edition
            self._note(advance(self.law, self.thread, max(stop, self.thread.at)))
            if self.thread.edition != before:
                self.switches.append((self.thread.at, self.book))
            if stop >= at:
                return

    def happened(self, thread: Thread) -> None:
        """Note what an event did; a clock that started again leaves its mark."""
        pairs = zip(self.book.lanes, self.thread.deadlines, thread.deadlines, strict=True)
        renewed = [lane.name for lane, old, new in pairs if old is not None and new is not None and new != old]
        self._note(thread)
        for name in renewed:
            span = self._open.get(name)
            if span is not None and span.begins < thread.at:
                self._open[name] = attrs.evolve(span, renewed=(*span.renewed, thread.at))

    def finished(self, at: int) -> None:
        for name in list(self._open):
            self._close(name, at)


def told(events: Sequence[Event], law: Law) -> Story:
    """
    The history of one thread under the law of an account.

    Args:
        events: in any order; an event that stands twice counts once.

    Raises:
        BadEvent: there is none, or they are of several threads.
        NoRulebookInForce: the first lies before the first rulebook.
    """
    ordered: dict[tuple[str, str, str, str], Event] = {}
    for event in sorted(events, key=lambda event: event.order):
        ordered.setdefault(event.key, event)
    threads = {event.thread for event in events}
    if len(threads) != 1:
        raise BadEvent(
            f"a timeline shows one thread, and these {len(events)} events are of {len(threads)}. "
            "Choose the events of one customer with one business phone number."
        )
    run = list(ordered.values())
    first = run[0].at
    allowances = Allowances(law)
    allowances.seen(first)
    recorder = _Recorder(law, law.new_thread(run[0].business, run[0].customer, first))
    book = recorder.book
    entries: list[Entry] = []
    sent: dict[str, Event] = {}
    for place, event in enumerate(run):
        before = recorder.thread
        recorder.pass_until(event.at)
        edition = law.edition_at(event.at)
        left = allowances.left(edition, event.business, event.at) > 0
        # From the thread before it, so that a clock that ran out at this very instant is still seen.
        step = apply(law, before, event, allowance_left=left)
        if step.outcome.uses_allowance:
            allowances.use(edition, event.business, event.at)
        noted = _noted(recorder.states, states_by_lane(step.thread, step.edition.book))
        recorder.happened(step.thread)
        if event.event == "message_sent":
            sent[event.id] = event
        entry = Entry(
            at=event.at,
            what=_happening(event, sent.get(event.id)),
            did=_consequences(event, step.outcome, noted),
            doubts=tuple(terms.FLAGS.get(flag, acts.words(flag)) for flag in step.outcome.flags),
            rules=step.outcome.because,
        )
        if place and _is_delivery_of(run[place - 1], event):
            entries[-1] = _together(entries[-1], entry)
        else:
            entries.append(entry)
    last_event = run[-1].at
    while any(deadline is not None for deadline in recorder.thread.deadlines):
        recorder.pass_until(min(deadline for deadline in recorder.thread.deadlines if deadline is not None))
    last = max(last_event, recorder.thread.at)
    last = last if last > first else first + micros(timedelta(hours=1))
    recorder.finished(last)
    order = list(dict.fromkeys(lane.name for edition in law.editions for lane in edition.book.lanes))
    return Story(
        first=first,
        last=last,
        book=book,
        lanes=tuple(sorted(recorder.names, key=order.index)),
        spans=tuple(recorder.spans),
        entries=tuple(entries),
        switches=tuple(recorder.switches),
    )


def _is_delivery_of(before: Event, event: Event) -> bool:
    return (
        before.event == "message_sent"
        and event.event in terms.DELIVERY_EVENTS
        and (before.id, before.at) == (event.id, event.at)
    )


def _together(sending: Entry, delivery: Entry) -> Entry:
    return Entry(
        at=sending.at,
        what=sending.what.replace(" is sent", " is sent and delivered"),
        did=(*sending.did, *delivery.did),
        doubts=tuple(dict.fromkeys((*sending.doubts, *delivery.doubts))),
        rules=tuple(dict.fromkeys((*sending.rules, *delivery.rules))),
    )


def _happening(event: Event, sent: Event | None) -> str:
    match event.event:
        case "customer_message":
            kind = "writes" if event.kind == "text" else f"sends: {acts.words(event.kind)}"
            how = {"ad": " through an ad", "page_cta": " through a page button"}.get(event.entry or "", "")
            device = "" if event.device == "android" else f" (on {event.device})"
            return f"Customer {kind}{how}{device}"
        case "customer_call":
            return "Customer calls"
        case "call_accepted":
            return "Customer accepts a call by the business"
        case "welcome_requested":
            return "Customer opens the chat for the first time"
        case "opted_in" | "opted_out" | "marketing_stopped" | "marketing_resumed":
            return words.sentence(words.acts_words((event.event,)))
        case "message_failed":
            return f"{_message(event, sent)} fails" + (f" ({event.error})" if event.error else "")
    return f"{_message(event, sent)} is {event.event.removeprefix('message_')}"


def _message(event: Event, sent: Event | None) -> str:
    source = event if event.content else sent
    if source is None or source.content is None:
        return "A message not in the log"
    said = words.messages_words((acts.message_of(source.content, source.category),))
    if source.template_status != "APPROVED":
        said += f" ({source.template_status.lower().replace('_', ' ')})"
    return words.sentence(said)


_NOTED: Final = {
    (terms.FREE_ENTRY_POINT, "eligible"): "a free entry point waits for an answer",
    (terms.WINDOW_IN_DOUBT, "open"): "the window may, or may not, be open because of it",
    (terms.OPT_IN, "opted_in"): "consent is noted",
    (terms.OPT_IN, "opted_out"): "the end of the consent is noted",
    (terms.MARKETING_PREFERENCE, "stopped"): "no marketing from now on",
    (terms.MARKETING_PREFERENCE, "receiving"): "marketing may be sent again",
}
"""What lanes remember that is not reported as opening or closing."""


def _noted(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(
        _NOTED[name, state] for name, state in after.items() if (name, state) in _NOTED and before.get(name) != state
    )


def _named(names: Sequence[str], *, new: bool) -> str:
    said: list[str] = []
    for name in names:
        word = words.REPORTED.get(name, acts.words(name))
        article = "an" if word[0] in "ao" else "a"
        said.append(f"{article if new and name != terms.CUSTOMER_SERVICE_WINDOW else 'the'} {word}")
    return words.listed(said)


def _consequences(event: Event, outcome: Outcome, noted: tuple[str, ...]) -> tuple[str, ...]:
    said: list[str] = []
    if outcome.verdict is not None:
        said.append(words.verdict_words(outcome.verdict, outcome.error))
    if outcome.closes:
        said.append(f"closes {_named(outcome.closes, new=False)}")
    if outcome.opens:
        said.append(f"opens {_named(outcome.opens, new=True)}")
    if outcome.refreshes:
        said.append(f"the clock of {_named(outcome.refreshes, new=False)} starts again")
    said += noted
    if outcome.joins == terms.UNSPECIFIED:
        said.append("belongs to one of the open conversations")
    elif outcome.joins is not None:
        said.append(f"belongs to the {words.REPORTED.get(outcome.joins, outcome.joins)}")
    if event.event in terms.DELIVERY_EVENTS and (outcome.why is not None or outcome.charge is not None):
        said.append(words.charge_words(outcome.charge, outcome.why))
    return tuple(said)


# --- drawing ------------------------------------------------------------------
def timeline_svg(title: str, events: Sequence[Event], law: Law) -> str:
    """
    A timeline of one thread as the text of an SVG file.

    Args:
        title: the heading, for example the name of a scenario.
        events: the events of one thread, in any order.
        law: the law for the account; its time zone is that of the dates shown.

    Raises:
        BadEvent: there is no event, or they are of several threads.
        NoRulebookInForce: the first lies before the first rulebook.
    """
    return timeline_picture(title, events, law).svg


def timeline_picture(title: str, events: Sequence[Event], law: Law) -> Picture:
    """The same as `timeline_svg`, with the place of every text in it."""
    return _Drawing(title, told(events, law), law).picture()


class _Drawing:
    """One timeline in the making, from top to bottom."""

    def __init__(self, title: str, story: Story, law: Law) -> None:
        self.title = title
        self.story = story
        self.zone = law.account.time_zone
        self.canvas = Canvas()
        self.step = self._step()

    def _x(self, at: int) -> float:
        share = (at - self.story.first) / (self.story.last - self.story.first)
        return PLOT_LEFT + 10 + share * (PLOT_RIGHT - PLOT_LEFT - 30)

    def _step(self) -> int:
        length = self.story.last - self.story.first
        wanted = length / 10
        return _STEPS[min(bisect_right(_STEPS, wanted), len(_STEPS) - 1)]

    def picture(self) -> Picture:
        top = self._heading()
        top = self._switches(top)
        axis = top + 22
        lanes_top = axis + 8
        lanes_bottom = lanes_top + ROW * max(len(self.story.lanes), 1)
        self._grid(axis, lanes_bottom)
        for place, name in enumerate(self.story.lanes):
            self._lane(name, lanes_top + ROW * place)
        if not self.story.lanes:
            self.canvas.text(PLOT_LEFT + 16, lanes_top + 19, "Nothing opens.", size=11, fill=MUTED)
        bottom = self._marks(lanes_bottom)
        bottom = self._legend(bottom)
        return self.canvas.finished(WIDTH, bottom + 12, self.title, self._desc())

    def _heading(self) -> float:
        y = EDGE
        for line in balanced(self.title, 16, (WIDTH - 2 * EDGE) / BOLD):
            y += 20
            self.canvas.text(EDGE, y - 2, line, size=16, bold=True)
        begins = self._written(self.story.first)
        told = f"{self.story.book.title} ({self.story.book.name}), from {begins}"
        for line in wrapped(told, 11, WIDTH - 2 * EDGE):
            y += 16
            self.canvas.text(EDGE, y, line, size=11, fill=MUTED)
        return y + 10

    def _switches(self, top: float) -> float:
        """The dates on which the law changed, each on a line of its own above the plot."""
        self.switch_tops: list[tuple[float, float]] = []
        for at, book in self.story.switches:
            x = self._x(at)
            said = f"Dashed line, {book.since.isoformat()}: {book.changed}"
            room = WIDTH - 2 * EDGE
            for line in wrapped(said, 10, room):
                top += 14
                width = text_width(line, 10)
                left = min(max(x - width / 2, EDGE), WIDTH - EDGE - width)
                self.canvas.text(left, top, line, size=10, fill=INK)
            self.switch_tops.append((x, top + 4))
        return top + (10 if self.story.switches else 0)

    def _grid(self, axis: float, bottom: float) -> None:
        last_label = 0.0
        for place in range((self.story.last - self.story.first) // self.step + 1):
            at = self.story.first + place * self.step
            x = self._x(at)
            self.canvas.line(((x, axis), (x, bottom)), stroke="#e5e7eb", thick=1, solid=False)
            said = self._elapsed(at) if self.step < micros(timedelta(days=7)) else f"day {place * self.step // _DAY}"
            half = text_width(said, 10) / 2
            if x - half > last_label and x + half < WIDTH - 4:
                self.canvas.text(x, axis - 6, said, size=10, anchor="middle", fill=MUTED)
                last_label = x + half + 8
        for x, _ in self.switch_tops:
            self.canvas.line(((x, axis + 1), (x, bottom)), stroke=INK, thick=1.5, dashed=True, solid=False)
        self.canvas.line(((PLOT_LEFT, axis), (PLOT_RIGHT, axis)), stroke=FAINT, thick=1)
        self.canvas.line(((PLOT_LEFT, bottom), (PLOT_RIGHT, bottom)), stroke=MUTED, thick=1.5)

    def _lane(self, name: str, top: float) -> None:
        self.canvas.text(PLOT_LEFT - 10, top + 19, words.lane_words(name), size=12, anchor="end")
        mine = [span for span in self.story.spans if span.lane == name]
        mine.sort(key=lambda span: span.begins)
        for place, span in enumerate(mine):
            left = self._x(span.begins)
            right = max(self._x(span.ends), left + 3)
            light = not span.state.open or name == terms.WINDOW_IN_DOUBT
            lasting = span.state.lasts is None
            box = Box(left, top + 5, right, top + ROW - 5)
            self.canvas.rect(
                box,
                fill=LIGHT_FILL if light else OPEN_FILL,
                stroke=MUTED if light else OPEN_EDGE,
                thick=1.2,
                round=3,
                dashed=light and not lasting and right - left > 6,
            )
            for at in span.renewed:
                x = self._x(at)
                self.canvas.line(((x, box.top), (x, box.bottom)), stroke=OPEN_EDGE, thick=1.2, solid=False)
            following = self._x(mine[place + 1].begins) if place + 1 < len(mine) else PLOT_RIGHT
            self._bar_label(span, box, following)

    def _bar_label(self, span: Span, box: Box, following: float) -> None:
        """In the longest free piece of the bar, else beside it, else nowhere: the legend says it too."""
        said = words.state_words(span.state.name)
        width = text_width(said, 10.5)
        edges = [box.left, *(self._x(at) for at in span.renewed), box.right]
        pieces = [(right - left, left, right) for left, right in pairwise(edges)]
        room, left, right = max(pieces, key=lambda piece: (piece[0], -piece[1]))
        if width + 8 <= room:
            self.canvas.text((left + right) / 2, box.top + 14, said, size=10.5, anchor="middle")
        elif span.state.name != "boundary" and box.right + width + 10 <= following:
            self.canvas.rect(Box(box.right + 2, box.top + 2, box.right + width + 6, box.bottom - 2), fill="#ffffff")
            self.canvas.text(box.right + 5, box.top + 14, said, size=10.5, fill=MUTED)

    def _marks(self, axis: float) -> float:
        """Numbered marks below the axis, moved apart where events crowd, in as many rows as it takes."""
        wanted = [self._x(entry.at) for entry in self.story.entries]
        rows = -(-len(wanted) // int((PLOT_RIGHT - PLOT_LEFT) // APART))
        y = axis + 34
        for row in range(rows):
            places = list(range(row, len(wanted), rows))
            spread = _spread([wanted[place] for place in places], PLOT_LEFT + MARK, PLOT_RIGHT - MARK)
            for place, x in zip(places, spread, strict=True):
                tick = wanted[place]
                self.canvas.line(
                    ((tick, axis - 4), (tick, axis + 6), (x, y - MARK)), stroke=MUTED, thick=1, solid=False
                )
                self.canvas.circle(x, y, MARK, fill=INK)
                size = 10 if place < 99 else 8
                self.canvas.text(x, y + 3.5, str(place + 1), size=size, anchor="middle", bold=True, fill="#ffffff")
            y += 2 * MARK + 8
        return y

    def _legend(self, top: float) -> float:
        y = top
        left = EDGE + 2 * MARK + 8
        elapsed = max(text_width(self._elapsed(entry.at), 11, bold=True) for entry in self.story.entries)
        dates = left + elapsed + 12
        written = max(text_width(self._written(entry.at), 11) for entry in self.story.entries)
        words_left = dates + written + 14
        for number_, entry in enumerate(self.story.entries, 1):
            y += 18
            self.canvas.circle(EDGE + MARK, y - 4, MARK, fill=INK)
            small = 10 if number_ < 100 else 8
            self.canvas.text(EDGE + MARK, y - 0.5, str(number_), size=small, anchor="middle", bold=True, fill="#ffffff")
            self.canvas.text(left, y, self._elapsed(entry.at), size=11, bold=True)
            self.canvas.text(dates, y, self._written(entry.at), size=11, fill=MUTED)
            room = WIDTH - EDGE - words_left
            lines: list[tuple[str, bool, float]] = [
                (line, True, 11.5) for line in wrapped(f"{entry.what}.", 11.5, room, bold=True)
            ]
            lines += [(line, False, 11.5) for line in wrapped(entry.then, 11.5, room)]
            lines += [(line, False, 9.5) for line in wrapped(", ".join(entry.rules), 9.5, room)]
            for place, (line, bold, size) in enumerate(lines):
                y += 15 if place else 0
                self.canvas.text(words_left, y, line, size=size, bold=bold, fill=MUTED if size < 10 else INK)
            y += 8
        y += 14
        self.canvas.text(
            EDGE,
            y,
            "Filled bar: open. Light bar: eligible, in doubt, or a choice of the customer. "
            "Line across a bar: its clock starts again.",
            size=10,
            fill=MUTED,
        )
        return y

    def _elapsed(self, at: int) -> str:
        since = at - self.story.first
        whole = words.elapsed_words(since // _SECOND)
        rest = since % _SECOND
        return f"{whole} {number(rest / 1000)} ms" if rest else whole

    def _written(self, at: int) -> str:
        local = datetime_of(at).astimezone(self.zone)
        clock = local.strftime("%H:%M") if local.second == 0 else local.strftime("%H:%M:%S")
        return f"{local.date().isoformat()} {clock}"

    def _desc(self) -> str:
        told = [
            f"{place}. {self._elapsed(entry.at)} ({format_instant(entry.at)}): {entry.what}. {entry.then}"
            for place, entry in enumerate(self.story.entries, 1)
        ]
        return " ".join(told)


_DAY: Final = micros(timedelta(days=1))


def _spread(wanted: Sequence[float], left: float, right: float) -> list[float]:
    """
    Places as near as possible to those wanted (ascending), but apart, and between two edges.

    >>> _spread([100, 100, 300], 0, 400)
    [89.0, 111.0, 300.0]
    """
    # Neighbours that would touch stand together as one group around the middle of their wishes.
    groups: list[list[float]] = []
    for want in wanted:
        groups.append([want])
        while len(groups) > 1 and _start(groups[-2], left, right) + len(groups[-2]) * APART > _start(
            groups[-1], left, right
        ):
            last = groups.pop()
            groups[-1] += last
    return [place for group in groups for place in _places(group, left, right)]


def _start(group: Sequence[float], left: float, right: float) -> float:
    length = (len(group) - 1) * APART
    middle = sum(group) / len(group)
    return max(left, min(middle - length / 2, right - length))


def _places(group: Sequence[float], left: float, right: float) -> Iterator[float]:
    start = _start(group, left, right)
    for place in range(len(group)):
        yield start + place * APART
