"""Measure speed and size as ratios within one run."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable

import attrs
from transitions import Machine

from fsm.events import Event
from fsm.machine import Law, Thread, apply
from fsm.machine.lanes import Machines
from fsm.machine.table import Table
from fsm.rulebooks.timeline import editions

HOUR = 3_600_000_000
START = 1_694_422_800_000_000  # 2023-09-11T09:00:00Z
ROUNDS = 7


@attrs.define(eq=False, slots=True)
class Bare:
    """The least a `transitions` machine can drive: a state and one guard."""

    state: str = "idle"
    ready: bool = True


def bare_trigger() -> Callable[[], object]:
    """One trigger of a bare machine that moves: two states, one guard each way."""
    machine = Machine(model=None, states=["idle", "open"], initial="idle", auto_transitions=False)
    machine.add_transition("go", "idle", "open", conditions=["ready"])
    machine.add_transition("go", "open", "idle", conditions=["ready"])
    model, event = Bare(), machine.events["go"]
    return lambda: event.trigger(model)


def seconds_per_call(action: Callable[[], object], calls: int) -> float:
    """The best of several rounds: noise only ever adds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(calls):
            action()
        best = min(best, time.perf_counter() - began)
    return best / calls


def step_per_lane() -> tuple[float, float]:
    """
    Seconds of one `apply` per lane it drives, through the reference machine, and of one bare trigger.

    Averaged over the acts of an ordinary thread of the 2023 rules: a customer message, a send, a delivery
    that opens, one that joins.
    """
    law = Law(engine="machine")
    steps = _ordinary_steps(law)
    lanes = sum(_driven(law, thread, event) for thread, event in steps)

    def run() -> None:
        for thread, event in steps:
            apply(law, thread, event)

    return seconds_per_call(run, 200) / lanes, seconds_per_call(bare_trigger(), 5_000)


def _ordinary_steps(law: Law) -> list[tuple[Thread, Event]]:
    common = {"business": "b", "customer": "c"}
    told = [
        Event(event="customer_message", at=START, id="in-1", **common),
        Event(event="message_sent", at=START + HOUR, id="out-1", content="free_form", **common),
        Event(event="message_delivered", at=START + HOUR + 1, id="out-1", **common),
        Event(event="customer_message", at=START + 2 * HOUR, id="in-2", **common),
        Event(event="message_sent", at=START + 3 * HOUR, id="out-2", content="template", category="utility", **common),
        Event(event="message_delivered", at=START + 3 * HOUR + 1, id="out-2", **common),
        Event(event="message_sent", at=START + 4 * HOUR, id="out-3", content="free_form", **common),
        Event(event="message_delivered", at=START + 4 * HOUR + 1, id="out-3", **common),
    ]
    steps = []
    thread = law.new_thread("b", "c", START)
    for event in told:
        steps.append((thread, event))
        thread = apply(law, thread, event).thread
    return steps


def _driven(law: Law, thread: Thread, event: Event) -> int:
    """How many lanes the machines drive for an event; sending drives none."""
    engine = law.edition_of(thread).engine
    assert isinstance(engine, Machines)
    if event.event == "message_sent":
        return 0
    sent = thread.message(event.id)
    message = "free_form" if sent is None or sent.category is None else f"{sent.category}_template"
    act = event.event if event.event == "customer_message" else f"{message}_delivered"
    return len(engine._moved_by[act])


def walk_against_trigger() -> float:
    """How many times faster one symbol through the dense table is than one bare trigger."""
    book = next(book for book in editions() if book.name == "cbp-2023-06")
    table = Table(Machines(book))
    symbols = [number % len(table.symbols) for number in range(20_000)]
    table.walk(0, symbols[:1])
    walked = seconds_per_call(lambda: table.walk(0, symbols), 3) / len(symbols)
    return seconds_per_call(bare_trigger(), 5_000) / walked


def timed_table_against_machine() -> float:
    """How many times faster whole steps (clocks, effects, charges) are through the table than through the machines."""
    times = {}
    for engine in ("machine", "table"):
        law = Law(engine=engine)  # type: ignore[arg-type]
        steps = _ordinary_steps(law)
        times[engine] = seconds_per_call(lambda law=law, steps=steps: [apply(law, *step) for step in steps], 200)  # type: ignore[misc]
    return times["machine"] / times["table"]


def bytes_per_thread(count: int = 100_000) -> float:
    """The memory of one thread among many, each with a window and two conversations open, and its own deadlines."""
    law = Law(engine="table")
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    threads = [_busy_thread(law, number) for number in range(count)]
    gc.collect()
    size = (tracemalloc.get_traced_memory()[0] - before) / len(threads)
    tracemalloc.stop()
    return size


def _busy_thread(law: Law, number: int) -> Thread:
    at = START + number * 1_000_003
    thread = law.new_thread("b", f"{number}", at)
    common = {"business": "b", "customer": f"{number}"}
    for event in (
        Event(event="customer_message", at=at, id="in", **common),
        Event(event="message_sent", at=at + 1, id="out", content="template", category="utility", **common),
        Event(event="message_delivered", at=at + 2, id="out", **common),
    ):
        thread = apply(law, thread, event).thread
    # The message is long settled in a thread at rest; what is measured is the thread.
    return attrs.evolve(thread, messages=())
