"""Logs and webhook bodies, told apart and read: texts in, events out. Opening files is the caller's business."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import attrs

from fsm.errors import BadBody, BadLog, FsmError
from fsm.events import Event, read_event
from fsm.webhooks import Alias, Call, Evidence, Notice, Unread, read_body
from fsm.webhooks.decode import decode
from fsm.webhooks.identities import earlier
from fsm.webhooks.quick import QuickReader


@attrs.define(kw_only=True)
class Log:
    """
    What was read, from however many sources.

    Attributes:
        events: in the order found.
        places: where each of them stands, in the same order.
        evidence: what Meta's statuses say about price and conversation.
        aliases: which ids name one customer; the same saying once, with the earliest of its instants.
        calls: what webhooks say about calls; several share the id of one call.
        left: how many of `evidence` and `calls` were read and left behind, where only events travel on.
        notices: what webhooks say about accounts, numbers, templates, tiers and groups.
        accounts: the distinct pairs of business number id and account id.
        unread: parts of webhook bodies that were not understood, each with its source before its path.
        notes: what was recognised and does nothing to a thread, counted.
        unknown_members: members of log lines that nobody knows, counted.
        problems: lines that could not be read; the good ones are in `events`.
        passed: files of folders that were passed over because of their names, see `fsm.service.folders`.
    """

    events: list[Event] = attrs.field(factory=list)
    places: list[str] = attrs.field(factory=list)
    evidence: list[Evidence] = attrs.field(factory=list)
    aliases: list[Alias] = attrs.field(factory=list)
    calls: list[Call] = attrs.field(factory=list)
    left: Counter[str] = attrs.field(factory=Counter)
    notices: list[Notice] = attrs.field(factory=list)
    accounts: list[tuple[str, str]] = attrs.field(factory=list)
    unread: list[Unread] = attrs.field(factory=list)
    notes: Counter[str] = attrs.field(factory=Counter)
    unknown_members: Counter[str] = attrs.field(factory=Counter)
    problems: list[BadLog] = attrs.field(factory=list)
    passed: list[Path] = attrs.field(factory=list)
    _alias_places: dict[tuple[str, tuple[str, ...]], int] = attrs.field(factory=dict, init=False, repr=False, eq=False)


def read_text(
    log: Log, name: str, text: str, *, keep_going: bool = False, tick: Callable[[], object] | None = None
) -> bool:
    """
    Read one source into a log: JSON Lines of events or webhook bodies, or one JSON document of either.

    Args:
        log: what was read so far; added to.
        name: the source, for messages.
        text: its text.
        keep_going: pass over a line that cannot be read, instead of stopping there.
        tick: called for each line, for whoever shows how far it is.

    Returns:
        Whether everything was read. If not, `log.problems` says what was not, and why.
    """
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip("\ufeff \t\r")]
    if is_document([line for _, line in lines[:2]]):
        return _document(log, name, text, keep_going)
    return read_lines(log, name, lines, keep_going=keep_going, tick=tick)


def read_lines(
    log: Log,
    name: str,
    lines: Iterable[tuple[int, str]],
    *,
    keep_going: bool = False,
    tick: Callable[[], object] | None = None,
    quick: QuickReader | None = None,
) -> bool:
    """
    Read some lines of a source into a log, given with their numbers; none of them blank.

    Args:
        log, name, keep_going, tick: as for `read_text`.
        quick: of earlier lines of the same source, whose surroundings it remembers.

    Returns:
        Whether everything was read. If not, `log.problems` says what was not, and why.
    """
    complete = True
    quick, known = quick or QuickReader(), set(log.accounts)
    for number, line in lines:
        where = f"{name}, line {number}"
        if tick is not None:
            tick()
        said = quick.read(line)
        if said is not None:
            log.events.append(said.event)
            log.places.append(where)
            log.evidence.append(said.evidence)
            if said.account is not None and said.account not in known:
                known.add(said.account)
                log.accounts.append(said.account)
            continue
        complete &= _guarded(log, where, line)
        if not complete and not keep_going:
            return False
    return complete


def is_document(lines: Sequence[str]) -> bool:
    """
    Whether a source is one JSON document over several lines, and not one object per line.

    Args:
        lines: its first two lines that are not blank.

    >>> is_document(["{", '"event": "opted_in",']), is_document(['{"event": ', "{}"])
    (True, False)
    """
    if not lines:
        return False
    opens_a_list = lines[0].strip("\ufeff \t\r") == "["
    return opens_a_list or (not _is_json(lines[0]) and not any(_is_object(line) for line in lines[1:2]))


def _document(log: Log, name: str, text: str, keep_going: bool) -> bool:
    try:
        value = decode(text.strip("\ufeff"), name)
    except BadBody as bad:
        log.problems.append(_bad(name, bad))
        return False
    parts = (
        [(f"{name}, item {place}", part) for place, part in enumerate(value)]
        if isinstance(value, list)
        else [(name, value)]
    )
    complete = True
    for where, part in parts:
        complete &= _value(log, where, part)
        if not complete and not keep_going:
            return False
    return complete


def _guarded(log: Log, where: str, line: str) -> bool:
    try:
        value = decode(line.strip("\ufeff"), where)
    except BadBody as bad:
        log.problems.append(_bad(where, bad))
        return False
    complete = True
    for each in value if isinstance(value, list) else [value]:
        complete &= _value(log, where, each)
    return complete


def _value(log: Log, where: str, value: object) -> bool:
    if not isinstance(value, Mapping):
        log.problems.append(
            BadLog(where, f"it is {type(value).__name__}, not an object. One event or webhook body per line.")
        )
        return False
    if "event" not in value and "entry" in value:
        reading = read_body(value, where=where)
        log.events += reading.events
        log.places += [where] * len(reading.events)
        log.evidence += reading.evidence
        _join(log, reading.aliases)
        log.calls += reading.calls
        log.notices += reading.notices
        log.accounts += [pair for pair in reading.accounts if pair not in log.accounts]
        log.unread += reading.unknown
        log.notes.update(dict(reading.notes))
        return True
    if "event" not in value:
        log.problems.append(
            BadLog(
                where, "it is neither an event (no 'event') nor a webhook body (no 'entry'). See `fsm replay --help`."
            )
        )
        return False
    try:
        event, unknown = read_event(value)
    except FsmError as bad:
        log.problems.append(BadLog(where, str(bad)))
        return False
    log.events.append(event)
    log.places.append(where)
    log.unknown_members.update(unknown)
    return True


def _join(log: Log, aliases: Iterable[Alias]) -> None:
    # Every message of a customer names them again: a log of millions has no more aliases than customers.
    for alias in aliases:
        place = log._alias_places.setdefault((alias.business, alias.ids), len(log.aliases))
        if place == len(log.aliases):
            log.aliases.append(alias)
        else:
            log.aliases[place] = earlier(log.aliases[place], alias)


def read_all(sources: Iterable[tuple[str, str]], *, keep_going: bool = False) -> Log:
    """
    Read several sources, given as name and text, into one log.

    >>> read_all([("a.jsonl", '{"event": "opted_in", "at": 0, "business": "b", "customer": "c"}')]).events[0].event
    'opted_in'
    """
    log = Log()
    for name, text in sources:
        if not read_text(log, name, text, keep_going=keep_going) and not keep_going:
            break
    return log


def _is_json(line: str) -> bool:
    try:
        decode(line.strip("\ufeff"))
    except BadBody:
        # The first line of a pretty-printed document opens something and does not close it.
        return line.strip("\ufeff \t\r") not in ("{", "[") and not line.rstrip().endswith(("{", "[", ","))
    return True


def _is_object(line: str) -> bool:
    """Whether a line is a whole JSON object: then the file is JSON Lines, however its first line is broken."""
    try:
        return isinstance(decode(line), Mapping) and line.lstrip().startswith("{")
    except BadBody:
        return False


def _bad(where: str, bad: BadBody) -> BadLog:
    return BadLog(where, getattr(bad, "why", str(bad)))
