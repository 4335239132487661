"""Threads as plain JSON values, and back. What cannot be read is refused, never guessed at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from fsm import terms
from fsm.errors import UnreadableSnapshot
from fsm.events import datetime_of
from fsm.machine.law import Law
from fsm.machine.thread import Sent, Thread, states_by_lane

_SENT: Final = attrs.fields_dict(Sent)
_THREAD: Final = {"business", "customer", "at", "edition", "states", "deadlines", "opened", "ran_out_at", "messages"}


def write_thread(thread: Thread, law: Law) -> dict[str, object]:
    """The thread as plain JSON values: states and clocks by lane, instants in microseconds."""
    book = law.edition_of(thread).book
    names = [lane.name for lane in book.lanes]
    return {
        "business": thread.business,
        "customer": thread.customer,
        "at": thread.at,
        "edition": thread.edition,
        "states": states_by_lane(thread, book),
        "deadlines": {name: at for name, at in zip(names, thread.deadlines, strict=True) if at is not None},
        "opened": {name: at for name, at in zip(names, thread.opened, strict=True) if at is not None},
        "ran_out_at": thread.ran_out_at,
        "messages": [{**attrs.asdict(sent), "recipients": list(sent.recipients)} for sent in thread.messages],
    }


def read_thread(saved: object, law: Law) -> Thread:
    """
    The thread that was written.

    Raises:
        UnreadableSnapshot: it names an edition, lane or state that this law does not have, or has another shape.
    """
    members = _object(saved, "a saved thread")
    if set(members) != _THREAD:
        raise UnreadableSnapshot(f"a saved thread has other members than expected: {', '.join(members)}.")
    edition = next((each for each in law.editions if each.book.edition == members["edition"]), None)
    if edition is None:
        raise UnreadableSnapshot(
            f"the thread was saved under {members['edition']!r}, an edition of the law that is not known here. "
            "Use the release that saved it, or replay its log."
        )
    lanes = edition.book.lanes
    states = _object(members["states"], "'states'")
    if set(states) != {lane.name for lane in lanes}:
        raise UnreadableSnapshot(f"the saved lanes are not those of {edition.book.edition}: {', '.join(states)}.")
    for lane in lanes:
        if _text(states[lane.name]) not in {state.name for state in lane.states}:
            raise UnreadableSnapshot(f"lane {lane.name!r} has no state {states[lane.name]!r}.")
    clocks = {name: _object(members[name], f"'{name}'") for name in ("deadlines", "opened")}
    for name, given in clocks.items():
        if not set(given) <= set(states):
            raise UnreadableSnapshot(f"'{name}' of a saved thread names lanes that do not exist: {', '.join(given)}.")
    for lane in lanes:
        has_clock = lane.state(_text(states[lane.name])).lasts is not None
        if has_clock != (lane.name in clocks["deadlines"]):
            raise UnreadableSnapshot(
                f"lane {lane.name!r} in state {states[lane.name]!r} {'has no' if has_clock else 'has a'} clock."
            )
    messages = members["messages"]
    if not isinstance(messages, list):
        raise UnreadableSnapshot("'messages' of a saved thread must be a list.")
    return Thread(
        business=_text(members["business"]),
        customer=_text(members["customer"]),
        at=_instant(members["at"]),
        edition=edition.book.edition,
        states=tuple(_text(states[lane.name]) for lane in lanes),
        deadlines=tuple(_clock(clocks["deadlines"], lane.name) for lane in lanes),
        opened=tuple(_clock(clocks["opened"], lane.name) for lane in lanes),
        messages=tuple(_sent(message) for message in messages),
        ran_out_at=None if members["ran_out_at"] is None else _instant(members["ran_out_at"]),
    )


def _sent(saved: object) -> Sent:
    # Saved before members of groups were told apart, it names none.
    members = {"recipients": [], **_object(saved, "a saved message")}
    if set(members) != set(_SENT):
        raise UnreadableSnapshot(f"a saved message has other members than expected: {', '.join(members)}.")
    flags = ("answered", "refused", "delivered", "failed", "inferred")
    if any(not isinstance(members[flag], bool) for flag in flags):
        raise UnreadableSnapshot(f"a saved message has a flag that is neither true nor false: {dict(members)}.")
    _text(members["id"])
    _instant(members["at"])
    if members["content"] not in terms.CONTENTS:
        raise UnreadableSnapshot(f"a saved message has content {members['content']!r}, which nobody knows.")
    if members["category"] is not None:
        _text(members["category"])
    if members["entry_point_ends_at"] is not None:
        _instant(members["entry_point_ends_at"])
    recipients = members["recipients"]
    if not isinstance(recipients, list | tuple):
        raise UnreadableSnapshot("'recipients' of a saved message must be a list.")
    return Sent(**{**members, "recipients": tuple(map(_text, recipients))})  # type: ignore[arg-type]


def _object(saved: object, what: str) -> Mapping[str, object]:
    if not isinstance(saved, Mapping):
        raise UnreadableSnapshot(f"{what} must be an object, and is {type(saved).__name__}.")
    return saved


def _text(saved: object) -> str:
    if not isinstance(saved, str):
        raise UnreadableSnapshot(f"{saved!r} in a saved thread should be text.")
    return saved


def _instant(saved: object) -> int:
    if isinstance(saved, bool) or not isinstance(saved, int):
        raise UnreadableSnapshot(f"{saved!r} in a saved thread should be an instant in whole microseconds.")
    try:
        datetime_of(saved)
    except OverflowError:
        raise UnreadableSnapshot(f"{saved!r} in a saved thread is an instant that no calendar has.") from None
    return saved


def _clock(clocks: Mapping[str, object], lane: str) -> int | None:
    return _instant(clocks[lane]) if lane in clocks else None
