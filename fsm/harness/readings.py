"""
Readings: webhook bodies, and what they state about price and conversation.

They belong to the specification and are no scenarios: nothing happens in them, and what is
read is JSON, which no feature may hold. So they stand beside the features as data, one
reading per line, and become vectors without events.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fsm.errors import FsmError
from fsm.events import format_instant, read_account
from fsm.events.instants import SECOND
from fsm.harness.conform.vectors import STATUSES, Vector
from fsm.harness.lint import rule_ids
from fsm.machine import Law

FOLDER: Final = "readings"

_MEMBERS: Final = {"title", "rules", "status", "shape", "body", "states"}


class BadReading(FsmError):
    """A line that is no reading."""


def read_readings(folder: Path) -> dict[str, list[Vector]]:
    """
    The vectors of every file of readings below a folder of features, without ids; none if there is no such file.

    Raises:
        BadReading: a line lacks a member, or names a rule or status word that does not exist.
    """
    found: dict[str, list[Vector]] = {}
    for file in sorted((folder / FOLDER).glob("*.jsonl")):
        path = file.relative_to(folder).as_posix()
        lines = file.read_text(encoding="utf-8").splitlines()
        found[path] = [_vector(path, number, line) for number, line in enumerate(lines, 1)]
    return found


def _vector(path: str, number: int, line: str) -> Vector:
    where = f"{path}, line {number}"
    try:
        told = json.loads(line)
    except ValueError as bad:
        raise BadReading(f"{where}: it is not JSON ({bad}).") from None
    if not isinstance(told, dict) or set(told) != _MEMBERS:
        raise BadReading(f"{where}: it must have exactly the members {', '.join(sorted(_MEMBERS))}.")
    if told["status"] not in STATUSES or not told["rules"] or not set(told["rules"]) <= rule_ids():
        raise BadReading(f"{where}: its status is none of {', '.join(STATUSES)}, or one of its rules does not exist.")
    instants = sorted(int(status["timestamp"]) * SECOND for status in _statuses(told["body"]))
    first, last = instants[0], instants[-1]
    law = Law(read_account({}), engine="table")
    question = {"question": "reading", "at": format_instant(last), "body": told["body"]}
    return Vector(
        id="",
        feature=path,
        concept=FOLDER,
        rules=tuple(told["rules"]),
        status=told["status"],
        rulebooks=tuple(dict.fromkeys(law.edition_at(at).book.name for at in instants)),
        first=format_instant(first),
        last=format_instant(last),
        text={"en": {"title": told["title"], "steps": _steps(told)}},
        account={},
        events=[],
        expect=[
            {"about": about, "level": "reading", "question": question, **more}
            for about, more in _expected(told["states"])
        ],
    )


def _statuses(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    values = [change["value"] for entry in body["entry"] for change in entry["changes"]]
    return [status for value in values for status in value.get("statuses", ())]


def _expected(states: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = [
        ("statuses_read", {"value": [{"id": each["id"], "status": each["status"]} for each in states]})
    ]
    for each in states:
        of = {"id": each["id"], "status": each["status"]}
        found.append(("stated_price", {"value": each["price"], "of": [of]}))
        found.append(("stated_conversation", {"value": each["conversation"], "of": [of]}))
    return found


def _steps(told: Mapping[str, Any]) -> list[str]:
    return [
        f"Given a webhook body, {told['shape']}",
        "When it is read",
        *(
            f"{'Then' if place == 0 else 'And'} it states that {each['id'][:40]} was {each['status']}, "
            f"{_said('price', each['price'])} and {_said('conversation', each['conversation'])}"
            for place, each in enumerate(told["states"])
        ),
    ]


def _said(what: str, members: Mapping[str, Any] | None) -> str:
    if members is None:
        return f"no {what}"
    return f"the {what} " + ", ".join(f"{name} {_word(value)}" for name, value in members.items())


def _word(value: object) -> str:
    if isinstance(value, list):
        return " or ".join(_word(each) for each in value)
    return "not stated" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
