"""The reference as one implementation among others: what `fsm replay` and `fsm ledger` answer, told as replies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

from fsm import __version__
from fsm.errors import FsmError
from fsm.events import Event, format_instant, parse_instant, read_account, read_event
from fsm.harness.bill import Announced, Bill, ListedRate, amount_text
from fsm.harness.booked import labels_in_ledger
from fsm.harness.conform.adapters.python import Adapter
from fsm.harness.conform.levels import LEVELS
from fsm.harness.script import Played
from fsm.ledger import Called, sum_of
from fsm.machine import Law
from fsm.machine.thread import status
from fsm.replay import write_result
from fsm.webhooks import Evidence, read_body

TOLD_BEFORE: dict[str, Any] = {
    "verdict": None,
    "error": None,
    "opens": [],
    "refreshes": [],
    "closes": [],
    "joins": None,
    "charge": None,
    "why": None,
    "flags": [],
}
"""What an event does that has been told before."""


class Reference(Adapter):
    """The kit's own rules. Name it as the adapter to see what a full pass looks like; it is never a default."""

    name: ClassVar[str] = "whatsapp-conversation-fsm"
    version: ClassVar[str] = __version__
    can_answer = tuple(LEVELS)

    def law(self, account: Mapping[str, Any]) -> Law:
        """The law for an account."""
        return _law(json.dumps(account, sort_keys=True))

    def run(self, case: Mapping[str, Any]) -> Mapping[str, Any]:
        """Replay the events of a case and answer its questions."""
        events = [read_event(members)[0] for members in case["events"]]
        played = Played(self.law(case["account"]), events, _bill(case.get("bill")))
        told: set[tuple[str, str, str, str]] = set()
        results = []
        for event in events:
            result = write_result(played.results[event.key])
            results.append({**result, **TOLD_BEFORE} if event.key in told else result)
            told.add(event.key)
        answers = [_answer(question, played, events) for question in case["questions"]]
        return {"results": results, "answers": answers}


@lru_cache(maxsize=256)
def _law(account: str) -> Law:
    return Law(read_account(json.loads(account)), engine="table")


def _bill(members: Mapping[str, Any] | None) -> Bill:
    if members is None:
        return Bill()
    return Bill(
        rates=tuple(ListedRate(**rate) for rate in members["rates"]),
        calls=tuple(Called(**{**call, "at": parse_instant(call["at"])}) for call in members["calls"]),
        announced=tuple(Announced(**{**tier, "at": parse_instant(tier["at"])}) for tier in members["announced"]),
        accounts=tuple(members["accounts"]),
    )


def _answer(question: Mapping[str, Any], played: Played, events: list[Event]) -> dict[str, Any]:
    match question["question"]:
        case "state":
            states = played.states(parse_instant(question["at"]), (question["business"], question["customer"]))
            return {"states": states, "status": status(states)}
        case "advice":
            return {"advised_against": played.policy_speaks_against(events[question["event"]])}
        case "limit_use":
            return {"customers": played.limit_use(parse_instant(question["at"]))}
        case "marketing_limit":
            at = parse_instant(question["at"])
            return {"active": played.marketing_limited(question["customer"], at)}
        case "labels":
            return labels_in_ledger(question["business"], question["id"], played.ledger)
        case "reading":
            return {"statuses": [_read(evidence) for evidence in read_body(question["body"]).evidence]}
        case "ledger":
            everything = sum_of(played.ledger)
            return {
                "rows": [_row(row) for row in played.ledger],
                "sum": amount_text(everything.amount) if everything.complete else None,
            }
    raise AssertionError(question)


def _row(row: Any) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "business": row.business,
        "id": row.id,
        "line": row.line,
        "amount": None if row.amount is None else amount_text(row.amount),
        "why": "unknown_market" if "unknown_market" in row.flags else row.priced_by,
        "market": row.market,
        "day": row.day,
        "flags": list(row.flags),
    }


def _read(evidence: Evidence) -> dict[str, Any]:
    pricing, conversation = evidence.pricing, evidence.conversation
    billable = None if pricing is None else pricing.get("billable")
    return {
        "id": evidence.id,
        "status": evidence.status,
        "price": None
        if pricing is None
        else {
            "model": _word(pricing, "pricing_model"),
            "category": _word(pricing, "category"),
            "type": _word(pricing, "type"),
            "billable": billable if isinstance(billable, bool) else None,
        },
        "conversation": None
        if conversation is None
        else {
            "id": _word(conversation, "id"),
            "origin": _word(conversation.get("origin"), "type"),
            "ends_at": _instant(conversation.get("expiration_timestamp")),
        },
    }


def _word(told: object, name: str) -> str | None:
    word = told.get(name) if isinstance(told, Mapping) else None
    return word if isinstance(word, str) else None


def _instant(seconds: object) -> str | None:
    """Meta states seconds since 1970, as text."""
    if not isinstance(seconds, str | int):
        return None
    try:
        return format_instant(parse_instant(int(seconds)))
    except (ValueError, FsmError):
        return None
