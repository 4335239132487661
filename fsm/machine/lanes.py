"""
Lanes as machines of the `transitions` library: the only place that imports it.

One flat, shared machine per lane. It is driven on a small model that is never
registered with it, and whose guards are plain booleans: the facts of the
configuration before the event. So no lane sees what another has just done.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import attrs
from transitions import Event, EventData, Machine, Transition

from fsm.rules import facts
from fsm.rules.tables import EXTENDS, JOINS, RESTARTS, STAYS, Lane, Row, Rulebook

CLOCK: Final = "clock"
"""The event that a state's own clock sends when it runs out."""

_INTERNAL: Final = (STAYS, JOINS, EXTENDS)

Fired = tuple[int, Row]
"""A lane, by its place in the rulebook, and the row that acted on it."""


@attrs.define(eq=False, slots=True)
class Model:
    """What a machine moves, for the length of one step: a state, and the facts that guards may ask."""

    state: str = ""
    fired: Row | None = None
    counts_as_customer_message: bool = False
    may_count_as_customer_message: bool = False
    through_free_entry_point: bool = False
    answers_free_entry_point: bool = False
    customer_service_window_open: bool = False
    free_entry_point_open: bool = False
    any_conversation_open: bool = False
    old_conversation_open: bool = False


assert {field.name for field in attrs.fields(Model)} == {"state", "fired", *facts.GUARDS}


class _RowTransition(Transition):
    """A transition that leaves its row on the model, so that a step can say which rule acted."""

    def __init__(self, *args: Any, row: Row | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row

    def execute(self, event_data: EventData) -> bool:
        done = super().execute(event_data)
        if done:
            model: Any = event_data.model
            model.fired = self.row
        return done


class _LaneMachine(Machine):
    transition_cls = _RowTransition


@lru_cache(maxsize=1024)
def machine_of(lane: Lane) -> Machine:
    """The shared machine of a lane: its states, its rows, and the clocks of its states. Equal lanes share one."""
    machine = _LaneMachine(
        model=None,
        states=[state.name for state in lane.states],
        initial=lane.states[0].name,
        auto_transitions=False,
    )
    for row in lane.rows:
        dest = "=" if row.dest == RESTARTS else None if row.dest in _INTERNAL else row.dest
        for act in row.on:
            machine.add_transition(
                act, list(row.source), dest, conditions=list(row.needs), unless=list(row.unless), row=row
            )
    for state in lane.states:
        if state.lasts is not None:
            machine.add_transition(CLOCK, state.name, state.then)
    return machine


class Machines:
    """
    The machines of a rulebook: one per lane, shared by all threads.

    Attributes:
        book: the rulebook whose lanes they run.
    """

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self._events: list[dict[str, Event]] = [machine_of(lane).events for lane in book.lanes]
        acts = dict.fromkeys(act for lane in book.lanes for act in lane.acts)
        self._moved_by: dict[str, tuple[tuple[int, Event], ...]] = {
            act: tuple((index, events[act]) for index, events in enumerate(self._events) if act in events)
            for act in acts
        }

    def knows(self, act: str) -> bool:
        """Whether some lane has rows about this act."""
        return act in self._moved_by

    def move(
        self, states: tuple[str, ...], act: str, true: frozenset[str]
    ) -> tuple[tuple[str, ...], tuple[Fired, ...]]:
        """
        Drive every lane that knows the act.

        Args:
            states: the state of every lane, in the order of the rulebook.
            act: what happened.
            true: the facts that are true before it.

        Returns:
            The states after it, and which row acted on which lane.
        """
        model = Model()
        for guard in facts.GUARDS:
            if guard in true:
                setattr(model, guard, True)
        after = list(states)
        fired: list[Fired] = []
        for index, event in self._moved_by.get(act, ()):
            model.state = states[index]
            event.trigger(model)
            after[index] = model.state
            assert model.fired is not None
            fired.append((index, model.fired))
        return tuple(after), tuple(fired)

    def ran_out(self, states: tuple[str, ...], lane: int) -> tuple[str, ...]:
        """The states after the clock of one lane has run out."""
        model = Model(state=states[lane])
        self._events[lane][CLOCK].trigger(model)
        return (*states[:lane], model.state, *states[lane + 1 :])
