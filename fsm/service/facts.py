"""What was read, kept for the next time: facts as JSON Lines, each once, in an order that does not depend on arrival."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from json import dumps
from typing import Any, Final

import attrs

from fsm.errors import BadBody, BadLog, FsmError
from fsm.events import format_instant, parse_instant, read_event, write_event
from fsm.service.reading import Log
from fsm.webhooks import Alias, Call, Evidence, Notice
from fsm.webhooks.decode import decode
from fsm.webhooks.identities import earlier

VERSION: Final = "fsm-facts/1"

_KINDS: Final[Mapping[str, type]] = {"evidence": Evidence, "alias": Alias, "call": Call, "notice": Notice}
_LISTS: Final = {"evidence": "evidence", "alias": "aliases", "call": "calls", "notice": "notices"}
_INSTANTS: Final = ("at", "started_at", "ended_at")


def write_facts(log: Log) -> Iterator[str]:
    """
    The facts of a log as lines of JSON, behind a line that names the version.

    The same facts give the same lines, whatever their order and however often each came. What was read once and
    does nothing (notes, unknown parts) is not kept.

    >>> list(write_facts(Log()))
    ['{"fact": "version", "is": "fsm-facts/1"}']
    """
    yield dumps({"fact": "version", "is": VERSION})
    lines = {dumps({"fact": "event", **write_event(event)}, sort_keys=True) for event in log.events}
    for kind, name in _LISTS.items():
        facts = _earliest(log.aliases) if kind == "alias" else getattr(log, name)
        lines.update(dumps({"fact": kind, **_written(fact)}, sort_keys=True) for fact in facts)
    lines.update(
        dumps({"fact": "number", "business": business, "account": account}, sort_keys=True)
        for business, account in log.accounts
    )
    yield from sorted(lines)


def _earliest(aliases: Iterable[Alias]) -> Iterable[Alias]:
    """Each saying about names once, however many runs it comes from."""
    found: dict[tuple[str, tuple[str, ...]], Alias] = {}
    for alias in aliases:
        known = found.get((alias.business, alias.ids))
        found[alias.business, alias.ids] = alias if known is None else earlier(known, alias)
    return found.values()


def read_facts(log: Log, name: str, lines: Iterable[str]) -> None:
    """
    Add the facts of a file to a log.

    Raises:
        BadLog: a line is not one that `write_facts` writes; nothing is taken for granted about the rest.

    >>> log = Log()
    >>> read_facts(log, "facts", ['{"fact": "version", "is": "fsm-facts/1"}',
    ...     '{"fact": "event", "event": "opted_in", "at": 0, "business": "b", "customer": "c"}'])
    >>> log.events[0].event
    'opted_in'
    """
    started = False
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        members = _members(line, where)
        kind = members.pop("fact", None)
        if not started:
            if kind != "version" or members.get("is") != VERSION:
                raise BadLog(where, f"this is no file of facts of this release: it must begin with {VERSION!r}.")
            started = True
            continue
        try:
            _add(log, str(kind), members, where)
        except (FsmError, KeyError, TypeError, ValueError) as bad:
            raise BadLog(where, f"this fact cannot be read: {bad}. Restore the file, or start it anew.") from None


def _add(log: Log, kind: str, members: dict[str, Any], where: str) -> None:
    if kind == "event":
        event, unknown = read_event(members)
        if unknown:
            raise ValueError(f"nobody knows {', '.join(unknown)}")
        log.events.append(event)
        log.places.append(where)
    elif kind == "number":
        pair = (str(members["business"]), str(members["account"]))
        if pair not in log.accounts:
            log.accounts.append(pair)
    elif kind in _KINDS:
        values = {key: tuple(value) if isinstance(value, list) else value for key, value in members.items()}
        for key in _INSTANTS:
            if values.get(key) is not None:
                values[key] = parse_instant(values[key])
        getattr(log, _LISTS[kind]).append(_KINDS[kind](**values))
    else:
        raise ValueError(f"{kind!r} is no kind of fact")


def _members(line: str, where: str) -> dict[str, Any]:
    try:
        value = decode(line, where)
    except BadBody as bad:
        raise BadLog(where, bad.why) from None
    if not isinstance(value, dict):
        raise BadLog(where, "it is not an object.")
    return value


def _written(fact: object) -> dict[str, object]:
    cls = type(fact)
    assert attrs.has(cls)
    written: dict[str, object] = {}
    for field in attrs.fields(cls):
        value = getattr(fact, field.name)
        if field.default is not attrs.NOTHING and value == field.default:
            continue
        if field.name in _INSTANTS and value is not None:
            value = format_instant(value)
        # Where a fact stood in its source is no part of it: a copy elsewhere is the same fact.
        written[field.name] = "" if field.name == "where" else value
    return written
