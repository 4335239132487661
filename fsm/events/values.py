"""Copies of frozen values with some members changed: what a step does most."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import attrs

_Value = TypeVar("_Value")
_Slot = tuple[str, Callable[[Any], Any], Callable[[Any, Any], None]]
_SLOTS: Final[dict[type, tuple[_Slot, ...]]] = {}


def changed(value: _Value, **changes: object) -> _Value:
    """
    A copy of a frozen, slotted value with some members changed.

    The same as `attrs.evolve` at a third of its price: it copies slot by slot and does not run `__init__`.
    A step changes a thread several times, so this price is most of a replay's.

    Raises:
        TypeError: the value has no member of that name.

    >>> from fsm.events import Event
    >>> changed(Event(event="opted_in", at=0), at=5).at
    5
    """
    cls = value.__class__
    slots = _SLOTS.get(cls) or _slots_of(cls)
    new = object.__new__(cls)
    left = len(changes)
    for name, get, put in slots:
        if name in changes:
            put(new, changes[name])
            left -= 1
        else:
            put(new, get(value))
    if left:
        raise TypeError(
            f"{cls.__name__} has no member {', '.join(sorted(set(changes) - {slot[0] for slot in slots}))}."
        )
    return new


def _slots_of(cls: type) -> tuple[_Slot, ...]:
    assert attrs.has(cls)
    found = []
    for field in attrs.fields(cls):
        descriptor = getattr(cls, field.name)
        found.append((field.name, descriptor.__get__, descriptor.__set__))
    return _SLOTS.setdefault(cls, tuple(found))
