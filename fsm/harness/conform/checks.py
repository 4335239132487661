"""One expectation against one answer: what was compared, and what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import attrs

from fsm import terms
from fsm.errors import FsmError
from fsm.events import format_instant, parse_instant
from fsm.harness.bill import amount_text
from fsm.harness.conform.case import questions_of
from fsm.harness.conform.levels import CONVERSATIONS, WINDOWS
from fsm.harness.conform.vectors import Vector
from fsm.rulebooks.labels import one_spelling

Answer = Mapping[str, Any]


class Malformed(FsmError):
    """An answer that is not of the agreed shape: nothing can be concluded from it."""


@attrs.frozen(kw_only=True)
class Check:
    """
    One thing that was compared.

    Attributes:
        level: one of `LEVELS`.
        about: what was asked, for example `opens`.
        place: which events or which question it is about, in words.
        expected, got: plain JSON values; `got` is None where nothing was asked.
        outcome: `passed`, `failed`, or `unsupported` where the implementation does not claim the level.
    """

    level: str
    about: str
    place: str
    expected: Any
    got: Any = None
    outcome: str


@attrs.frozen(kw_only=True)
class Reply:
    """
    What an implementation answered to a case.

    Attributes:
        results: for every event of the case what it did; None where there is nothing to say.
        answers: for every question of the case its answer.
    """

    results: Sequence[Answer | None]
    answers: Sequence[Answer | None]


def read_reply(vector: Vector, message: Mapping[str, Any]) -> Reply:
    """
    The reply that a message holds, with every result at the place of its event.

    Results are matched by position; or by name, if every one of them names its event: `event`, `business`,
    `customer`, and `id` (or `at`, where the event has no id).

    Raises:
        Malformed: a member has the wrong type, or results cannot be matched.
    """
    results, answers = message.get("results", []), message.get("answers", [])
    for name, listed in (("results", results), ("answers", answers)):
        if not isinstance(listed, list):
            raise Malformed(f"'{name}' is {_short(listed)}; it must be a list.")
        for number, each in enumerate(listed, 1):
            if each is not None and not isinstance(each, Mapping):
                raise Malformed(f"{name}, number {number}: it is {_short(each)}; it must be an object or null.")
    questions = questions_of(vector)
    if len(answers) > len(questions):
        raise Malformed(f"{len(answers)} answers to {len(questions)} questions.")
    named = bool(results) and all(each is not None and "event" in each and "customer" in each for each in results)
    placed = _by_name(vector, results) if named else _by_position(vector, results)
    return Reply(results=placed, answers=[*answers, *[None] * (len(questions) - len(answers))])


def _by_position(vector: Vector, results: Sequence[Answer | None]) -> Sequence[Answer | None]:
    if results and len(results) != len(vector.events):
        raise Malformed(
            f"{len(results)} results for {len(vector.events)} events. Answer every event, in the order in which they "
            "were sent (null where there is nothing to say), or let every result name its event."
        )
    return results or [None] * len(vector.events)


def _by_name(vector: Vector, results: Sequence[Any]) -> Sequence[Answer | None]:
    left: dict[tuple[object, ...], list[Answer]] = {}
    for result in results:
        left.setdefault(_name(result), []).append(result)
    placed: list[Answer | None] = []
    for event in vector.events:
        found = left.get(_name(event), [])
        # Of a message to a group every member has a delivery; a result may say whose it is, and need not.
        whose = [
            result
            for result in found
            if result.get("participant", event.get("participant")) == event.get("participant")
        ]
        placed.append(whose[0] if whose else None)
        if whose:
            found.remove(whose[0])
    over = [result for found in left.values() for result in found]
    if over:
        raise Malformed(f"a result names an event that is not in the case: {_short(over[0])}")
    return placed


def _name(event: Answer) -> tuple[str | int | None, ...]:
    id = _member(event, "id", str, "") or _instant("at", event.get("at"))
    return (*(_member(event, name, str) for name in ("event", "business", "customer")), id)


# --- checking -----------------------------------------------------------------
def checks_of(vector: Vector, reply: Reply, can_answer: Sequence[str]) -> list[Check]:
    """
    Everything a vector expects, compared with a reply.

    Args:
        can_answer: the levels that the implementation claims; everything else is `unsupported`.

    Raises:
        Malformed: an answer has the wrong shape, or lacks what the implementation claims to answer.
    """
    questions = questions_of(vector)
    found: list[Check] = []
    for each in vector.expect:
        question = each.get("question")
        for level, expected, part in _parts(each):
            place = _place(vector, each)
            check = Check(level=level, about=each["about"], place=place, expected=expected, outcome="unsupported")
            if level in can_answer:
                try:
                    if question is None:
                        got = _from_results(each, part, [reply.results[number] for number in each["events"]])
                    else:
                        got = _from_answer(each, reply.answers[questions.index(question)])
                except Malformed as bad:
                    raise Malformed(f"{place}: {bad}") from None
                same = _same(each["about"], expected, got)
                check = attrs.evolve(check, got=got, outcome="passed" if same else "failed")
            found.append(check)
    return found


def _parts(each: Mapping[str, Any]) -> list[tuple[str, Any, Sequence[str]]]:
    """What opens, renews and closes is judged in two parts."""
    if each["about"] not in ("opens", "refreshes", "closes"):
        return [(each["level"], each["value"], ())]
    return [
        ("windows", [name for name in each["value"] if name in WINDOWS], WINDOWS),
        ("conversations", [name for name in each["value"] if name not in WINDOWS], CONVERSATIONS),
    ]


def _place(vector: Vector, each: Mapping[str, Any]) -> str:
    if "events" in each:
        events = [vector.events[number] for number in each["events"]]
        names = [f"event {number + 1} ({event['event']})" for number, event in zip(each["events"], events, strict=True)]
        return " and ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
    question = each["question"]
    at = f" at {question['at']}" if "at" in question else ""
    about = f" about event {question['event'] + 1}" if "event" in question else ""
    of = ""
    if "of" in each:
        of = " about " + ", ".join(
            " ".join(named[name] for name in ("id", "status") if name in named) for named in each["of"]
        )
    return f"the question {question['question']!r}{at}{about}{of}"


def _same(about: str, expected: Any, got: Any) -> bool:
    if about in ("opens", "refreshes", "closes"):
        return sorted(expected) == sorted(got)
    if about in ("flag", "row_flag"):
        return expected in got
    if about in ("rows", "no_amount", "statuses_read"):
        return sorted(expected, key=repr) == sorted(got, key=repr)
    if about in ("stated_price", "stated_conversation") and expected is not None and got is not None:
        # Where a reader may keep a word or call it unknown, all that it may say is listed.
        may_say = {name: each if isinstance(each, list) else [each] for name, each in expected.items()}
        return all(got[name] in [_spelt(name, one) for one in many] for name, many in may_say.items())
    return bool(expected == got)


# --- what the results say -------------------------------------------------------
def _from_results(each: Mapping[str, Any], part: Sequence[str], results: Sequence[Answer | None]) -> Any:
    about, known = each["about"], [result for result in results if result is not None]
    if not known:
        raise Malformed("there is no result, although the implementation claims to answer this.")
    match about:
        case "verdict":
            sent = next((result for result in known if result.get("verdict") is not None), None)
            if sent is None:
                raise Malformed("no result has a 'verdict', although the implementation claims 'permission'.")
            error = _member(sent, "error", int, None)
            return {"verdict": _word(sent, "verdict", terms.VERDICTS), "error": error}
        case "opens" | "refreshes" | "closes":
            return [name for result in known for name in _names(result, about) if name in part]
        case "joins":
            joined = [result["joins"] for result in known if _joins(result) is not None]
            return joined[0] if len(set(joined)) <= 1 and joined else joined or None
        case "charge" | "charges":
            if not any("charge" in result or "why" in result for result in known):
                raise Malformed("no result has a 'charge' or a 'why', although the implementation claims 'charges'.")
            lines = [_charge(result) for result in known]
            told = [line for line in lines if line != {"charge": None, "why": None}]
            if about == "charges":
                return [line["charge"] for line in told if line["charge"]]
            return told[0] if len(told) == 1 else told or {"charge": None, "why": None}
        case "flag" | "flags":
            return sorted({flag for result in known for flag in _flags(result)})
        case "deadline":
            lane = each["value"]["lane"]
            deadlines = known[-1].get("deadlines")
            if not isinstance(deadlines, Mapping):
                raise Malformed("the result has no 'deadlines', an object of lane to instant.")
            return {"lane": lane, "at": _at(f"deadlines.{lane}", deadlines.get(lane))}
    raise AssertionError(about)


def _joins(result: Answer) -> object:
    return _word(result, "joins", (*CONVERSATIONS, terms.FREE_ENTRY_POINT, terms.UNSPECIFIED), optional=True)


def _charge(result: Answer) -> dict[str, Any]:
    return {
        "charge": _word(result, "charge", terms.RATE_LINES, optional=True),
        "why": _word(result, "why", terms.REASONS, optional=True),
    }


def _names(result: Answer, member: str) -> Sequence[str]:
    if member not in result:
        raise Malformed(f"the result has no '{member}', although the implementation claims to answer it.")
    return _words(result, member, terms.REPORTED)


def _flags(result: Answer) -> Sequence[str]:
    if "flags" not in result:
        raise Malformed("the result has no 'flags', although the implementation claims 'doubts'.")
    return _words(result, "flags", None)


# --- what the answers say ---------------------------------------------------------
def _from_answer(each: Mapping[str, Any], answer: Answer | None) -> Any:
    about = each["about"]
    if answer is None:
        raise Malformed("it was not answered, although the implementation claims to.")
    match about:
        case "state":
            lane = each["value"]["lane"]
            states = answer.get("states")
            if not isinstance(states, Mapping) or lane not in states:
                raise Malformed(f"the answer has no 'states' with the lane {lane!r}.")
            return {"lane": lane, "state": _member(states, lane, str)}
        case "status":
            return _member(answer, "status", str)
        case "advice":
            return _member(answer, "advised_against", bool)
        case "limit_use":
            return _member(answer, "customers", int)
        case "marketing_limit":
            return _member(answer, "active", bool, None)
        case "sum":
            return _amount(answer, "sum")
        case "webhook_label" | "analytics_label":
            label = answer.get(about.removesuffix("_label"))
            if not isinstance(label, Mapping):
                raise Malformed(f"the answer has no '{about.removesuffix('_label')}' with 'category' and 'type'.")
            return {"category": label.get("category") or "", "type": label.get("type") or ""}
        case "webhook_billable":
            return _member(answer, "billable", bool, None)
        case "webhook_end":
            return _at("ends_at", answer.get("ends_at"))
        case "statuses_read" | "stated_price" | "stated_conversation":
            return _from_reading(each, answer)
    return _from_rows(each, answer)


# --- what is read -------------------------------------------------------------------
def _from_reading(each: Mapping[str, Any], answer: Answer) -> Any:
    told = answer.get("statuses")
    if not isinstance(told, list) or not all(isinstance(status, Mapping) for status in told):
        raise Malformed("the answer has no 'statuses', a list of objects.")
    read = {(_member(status, "id", str), _member(status, "status", str)): status for status in told}
    if each["about"] == "statuses_read":
        return [{"id": id, "status": status} for id, status in read]
    (of,) = each["of"]
    status = read.get((of["id"], of["status"]))
    # One that is not read states nothing; that it is missing is told by `statuses_read`.
    part = each["about"].removeprefix("stated_")
    if status is None or _stated(status, part) is None:
        return None
    stated = status[part]
    if part == "price":
        return {
            **{name: _spelt(name, _optional(stated, name)) for name in ("model", "category", "type")},
            "billable": _optional(stated, "billable", bool),
        }
    return {
        "id": _optional(stated, "id"),
        "origin": _spelt("origin", _optional(stated, "origin")),
        "ends_at": _at("ends_at", _stated(stated, "ends_at")),
    }


def _spelt(name: str, value: Any) -> Any:
    """A word of Meta's in one spelling, whether upper or lower case, hyphen or underscore: Meta itself mixes them."""
    return one_spelling(value) or None if name in ("model", "category", "type", "origin") and value else value


def _stated(told: Answer, name: str) -> Any:
    if name not in told:
        raise Malformed(f"'{name}' is missing; say null where nothing is stated.")
    if name in ("price", "conversation") and not isinstance(told[name], Mapping | None):
        raise Malformed(f"'{name}' is {_short(told[name])}; it must be an object or null.")
    return told[name]


def _optional(told: Answer, name: str, kind: type = str) -> Any:
    _stated(told, name)
    return _member(told, name, kind, None)


def _from_rows(each: Mapping[str, Any], answer: Answer) -> Any:
    rows = answer.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise Malformed("the answer has no 'rows', a list of objects.")
    of = [(named["business"], named["id"]) for named in each["of"]]
    rows = [row for row in rows if (row.get("business"), row.get("id")) in of]
    match each["about"]:
        case "rows":
            charged = [row for row in rows if row.get("amount") is not None and row.get("line")]
            unknown = [row for row in rows if row.get("amount") is None]
            return [
                {"kind": row.get("kind"), "line": row.get("line"), "amount": _amount(row, "amount")}
                for row in (*charged, *unknown)
            ]
        case "no_amount":
            return [
                {"kind": row.get("kind"), "line": row.get("line"), "why": row.get("why")}
                for row in rows
                if row.get("amount") is None
            ]
        case "market":
            return _one_of_all([_member(row, "market", str, None) for row in rows])
        case "row_flag":
            return sorted({flag for row in rows for flag in _words(row, "flags", None)})
        case "day":
            return _one_of_all([_member(row, "day", str, None) for row in rows])
    raise AssertionError(each["about"])


def _one_of_all(values: Sequence[str | None]) -> Any:
    """What all rows say; if they do not agree, everything that they say."""
    different = list(dict.fromkeys(values))
    return different[0] if len(different) == 1 else different


# --- members ------------------------------------------------------------------------
_REQUIRED: Final = object()


def _member(answer: Answer, name: str, kind: type, default: Any = _REQUIRED) -> Any:
    value = answer.get(name)
    if value is None and default is not _REQUIRED:
        return default
    right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if not right:
        what = {int: "a whole number", bool: "true or false", str: "text"}[kind]
        raise Malformed(f"'{name}' is {_short(value)}; it must be {what}.")
    return value


def _amount(answer: Answer, name: str) -> str | None:
    """An amount in one spelling: 0.0080 and 0.008 are the same."""
    text = _member(answer, name, str, None)
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except ArithmeticError:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise Malformed(f"'{name}' is {_short(text)}; it must be a decimal number as text, for example '0.0118'.")
    return amount_text(amount)


def _word(answer: Answer, name: str, words: Sequence[str], optional: bool = False) -> Any:
    value = answer.get(name)
    if value is None and optional:
        return None
    if not isinstance(value, str) or value not in words:
        raise Malformed(f"'{name}' is {_short(value)}, which is none of {', '.join(words)}.")
    return value


def _words(answer: Answer, name: str, words: Sequence[str] | None) -> Sequence[str]:
    value = answer.get(name)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Malformed(f"'{name}' is {_short(value)}; it must be a list of words.")
    for each in value:
        if words is not None and each not in words:
            raise Malformed(f"'{name}' holds {_short(each)}, which is none of {', '.join(words)}.")
    return value


def _instant(name: str, value: object) -> int:
    try:
        return parse_instant(value)
    except FsmError as bad:
        raise Malformed(f"'{name}' is {_short(value)}: {bad}") from None


def _at(name: str, value: object) -> str | None:
    return None if value is None else format_instant(_instant(name, value))


def _short(value: object, most: int = 120) -> str:
    text = repr(value)
    return text if len(text) <= most else f"{text[:most]}... ({len(text)} characters)"
