"""
The shapes of vectors and messages as JSON Schema (draft 2020-12), made from the words of the log and of the result.

They are published beside the vectors; a test holds the published ones to these, and everything that is sent to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs

from fsm import terms
from fsm.harness.conform.adapters.base import CLOCKS
from fsm.harness.conform.case import PROTOCOL
from fsm.harness.conform.levels import LEVELS
from fsm.harness.conform.vectors import STATUSES, VERSION, Vector

Schema = dict[str, Any]

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Final[Schema] = {"type": "string"}
_NAMED: Final[Schema] = {"type": "string", "minLength": 1}
_TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
_PLACE: Final[Schema] = {"type": "integer", "minimum": 0}
_INSTANT: Final[Schema] = {
    "description": "RFC 3339 with an offset, or whole seconds since 1970 (UTC).",
    "oneOf": [
        {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$"},
        {"type": "integer"},
    ],
}
_AMOUNT: Final[Schema] = {
    "description": "Decimal text, never a floating-point number.",
    "type": ["string", "null"],
    "pattern": r"^-?\d+(\.\d+)?$",
}


def _object(members: Mapping[str, Any], needed: Sequence[str] = (), *, open: bool = False, says: str = "") -> Schema:
    made: Schema = {"description": says} if says else {}
    made |= {"type": "object", "properties": dict(members), "required": list(needed)}
    return made if open else {**made, "additionalProperties": False}


def _list(of: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": of, **more}


def _words(words: Sequence[str], *, null: bool = False) -> Schema:
    return {"enum": [*words, None] if null else list(words)}


def _one(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


# --- what both speak of -------------------------------------------------------
def _shared() -> dict[str, Schema]:
    return {
        "instant": _INSTANT,
        "event": _object(
            {
                "event": _words(terms.EVENTS),
                "at": _ref("instant"),
                **dict.fromkeys(("business", "customer", "id", "category", "template_status", "participant"), _NAMED),
                "kind": _words(terms.KINDS),
                "entry": _words(terms.ENTRIES),
                "device": _words(terms.DEVICES),
                "content": _words(terms.CONTENTS),
                "error": {"type": "integer"},
                "entry_point_ends_at": _ref("instant"),
                "inferred": {"type": "boolean"},
            },
            ("event", "at", "business", "customer"),
            says="Something that happened to a thread: one line of a log. What is left out has its default.",
        ),
        "account": {
            "description": "What no event says: the members of an account file.",
            "type": "object",
            "properties": {
                "time_zone": _NAMED,
                "sender": _words(terms.SENDERS),
                "integration": _words(terms.INTEGRATIONS),
                "direct_send": {"type": "boolean"},
                "payment_method": {"type": "boolean"},
                "policy": {"type": "object"},
            },
        },
        "question": _question(),
        "bill": _bill(),
    }


def _question() -> Schema:
    thread = {"business": _NAMED, "customer": _NAMED, "at": _ref("instant")}
    kinds: Mapping[str, Mapping[str, Schema]] = {
        "state": thread,
        "marketing_limit": thread,
        "limit_use": {"at": _ref("instant")},
        "advice": {"event": _PLACE},
        "labels": {"business": _NAMED, "id": _NAMED},
        "ledger": {},
        "reading": {"at": _ref("instant"), "body": {"description": "A webhook body of Meta's.", "type": "object"}},
    }
    return {
        "description": "Something that is asked beyond the results of the events.",
        "oneOf": [
            _object({"question": {"const": name}, **members}, ("question", *members)) for name, members in kinds.items()
        ],
    }


def _bill() -> Schema:
    rate = {
        "since": _NAMED,
        "line": _NAMED,
        "market": _NAMED,
        "unit": _NAMED,
        "rate": _AMOUNT,
        "first": {"type": "integer", "minimum": 1},
    }
    call = {
        **dict.fromkeys(("business", "customer", "id", "direction"), _NAMED),
        "at": _ref("instant"),
        "seconds": {"type": "integer", "minimum": 0},
        "names": _list(_TEXT),
    }
    tier = {
        "at": _ref("instant"),
        **dict.fromkeys(("line", "market", "period"), _NAMED),
        "first": {"type": "integer", "minimum": 1},
    }
    return _object(
        {
            "rates": _list(_object(rate, tuple(rate))),
            "calls": _list(_object(call, tuple(call), open=True)),
            "announced": _list(_object(tier, tuple(tier))),
            "accounts": _list({"type": "object"}),
        },
        ("rates", "calls", "announced", "accounts"),
        says="What the ledger is made of beside the events: rates, calls, announced volume tiers, further accounts.",
    )


# --- vectors --------------------------------------------------------------------
def vector_schema() -> Schema:
    """
    One line of the published vectors.

    >>> vector_schema()["properties"]["status"]["enum"]
    ['documented', 'derived', 'contested', 'unspecified']
    """
    expectation = _object(
        {
            "about": _NAMED,
            "level": _words(tuple(LEVELS)),
            "events": _list(_PLACE),
            "question": _ref("question"),
            "of": _list(_object({"business": _NAMED, "id": _NAMED, "status": _NAMED}, ("id",))),
            "value": {"description": "What must be so."},
        },
        ("about", "value"),
        says="Asked of the results of the events with these places, or by a question.",
    )
    expectation["oneOf"] = [{"required": ["events"]}, {"required": ["question"]}]
    members = {
        "vector": {"const": VERSION},
        "id": {"type": "string", "pattern": r"^[A-Z0-9]+-[0-9]+[a-z]?\.[0-9]+$"},
        "feature": {"type": "string", "pattern": r"\.(feature|jsonl)$"},
        "concept": _NAMED,
        "rules": _list(_NAMED, minItems=1),
        "status": _words(STATUSES),
        "rulebooks": _list(_NAMED, minItems=1),
        "first": _ref("instant"),
        "last": _ref("instant"),
        "text": {
            "type": "object",
            "required": ["en"],
            "additionalProperties": _object({"title": _NAMED, "steps": _list(_NAMED, minItems=1)}, ("title", "steps")),
        },
        "account": _ref("account"),
        "events": _list(_ref("event")),
        "bill": _ref("bill"),
        "expect": _list(expectation, minItems=1),
    }
    optional = {field.name for field in attrs.fields(Vector) if field.default is not attrs.NOTHING}
    return {
        "$schema": _DRAFT,
        "$id": f"urn:whatsapp-conversation-fsm:vector:{VERSION}",
        "title": "One scenario for any implementation",
        **_object(members, [name for name in members if name not in optional]),
        "$defs": _shared(),
    }


# --- messages -------------------------------------------------------------------
def protocol_schema() -> Schema:
    """
    Every message between the harness and an implementation; `$defs` has one for each, and one for each reply.

    >>> sorted(name for name in protocol_schema()["$defs"] if name.startswith("reply to"))[:3]
    ['reply to begin', 'reply to event', 'reply to question']
    """
    opening = {"id": _NAMED, "rulebooks": _list(_NAMED), "account": _ref("account"), "bill": _ref("bill")}
    told = {"events": _list(_ref("event")), "questions": _list(_ref("question"))}
    needed = ("id", "rulebooks", "account")
    case = _object({**opening, **told}, (*needed, *told), says="A scenario without its answers.")
    begun = _object(opening, needed, says="A scenario whose events and questions follow one by one.")
    requests: Mapping[str, Mapping[str, Schema]] = {
        "start": {"protocol": {"const": PROTOCOL}, "suite": _NAMED},
        "run": {"case": _ref("case")},
        "begin": {"case": _ref("opening")},
        "set_clock": {"at": _ref("instant")},
        "event": {"event": _ref("event")},
        "question": {"question": _ref("question")},
        "stop": {},
    }
    seq = {"seq": {"type": "integer"}}
    asked = {
        f"request {name}": _object({"do": {"const": name}, **seq, **members}, ("do", "seq", *members))
        for name, members in requests.items()
    }
    declined = _object({**seq, "skipped": _NAMED}, ("seq", "skipped"), open=True, says="Not supported, and why.")
    errored = _object({**seq, "errored": _TEXT}, ("seq", "errored"), open=True, says="It failed, and how.")
    replies = {
        "start": _greeting(),
        "run": _object(
            {**seq, "results": _list(_ref("result or null")), "answers": _list(_ref("answer or null"))},
            ("seq",),
            open=True,
            says="One result per event, by position or by name, and one answer per question.",
        ),
        "event": _object({**seq, "result": _ref("result or null")}, ("seq",), open=True),
        "question": _object({**seq, "answer": _ref("answer or null")}, ("seq",), open=True),
        "begin": _object(seq, ("seq",), open=True),
        "set_clock": _object(seq, ("seq",), open=True),
    }
    answered = {
        f"reply to {name}": reply if name == "start" else _one(declined, errored, reply)
        for name, reply in replies.items()
    }
    return {
        "$schema": _DRAFT,
        "$id": f"urn:whatsapp-conversation-fsm:protocol:{PROTOCOL}",
        "title": "What the harness sends, and what an implementation replies",
        "description": "One JSON object per line on standard input and output, or one per HTTP request: POST /<do>.",
        "oneOf": [_ref(name) for name in asked],
        "$defs": {
            **asked,
            **answered,
            "case": case,
            "opening": begun,
            "result": _result(),
            "result or null": _one(_ref("result"), {"type": "null"}),
            "answer": _answer(),
            "answer or null": _one(_ref("answer"), {"type": "null"}),
            **_shared(),
        },
    }


def _greeting() -> Schema:
    who = _object({"name": _NAMED, "version": _TEXT, "language": _TEXT}, ("name",), open=True)
    return _object(
        {
            "seq": {"type": "integer"},
            "protocol": {"const": PROTOCOL},
            "implementation": who,
            "can_answer": _list(_words(tuple(LEVELS)), minItems=1),
            "rulebooks": _list(_NAMED, minItems=1),
            "clock": _words(CLOCKS),
        },
        ("seq", "protocol", "implementation", "can_answer"),
        open=True,
        says="What an implementation says of itself. What it does not claim is not graded.",
    )


def _result() -> Schema:
    named = _list(_words(terms.REPORTED))
    return _object(
        {
            **dict.fromkeys(("event", "business", "customer", "rulebook"), _TEXT),
            **dict.fromkeys(("id", "participant"), _TEXT_OR_NULL),
            "at": _ref("instant"),
            "verdict": _words(terms.VERDICTS, null=True),
            "error": {"type": ["integer", "null"]},
            "because": _list(_TEXT),
            **dict.fromkeys(("opens", "refreshes", "closes"), named),
            "joins": _words((*terms.REPORTED, terms.UNSPECIFIED), null=True),
            "charge": _words(terms.RATE_LINES, null=True),
            "why": _words(terms.REASONS, null=True),
            "deadlines": {"type": "object", "additionalProperties": _one(_ref("instant"), {"type": "null"})},
            "flags": _list(_TEXT),
        },
        open=True,
        says="What an event did. Needed are the members of the levels claimed; what else there is, is not read.",
    )


def _answer() -> Schema:
    label = _object({"category": _TEXT_OR_NULL, "type": _TEXT_OR_NULL}, open=True)
    row = {
        "kind": _TEXT,
        "business": _TEXT,
        "id": _TEXT,
        "line": _TEXT_OR_NULL,
        "amount": _AMOUNT,
        **dict.fromkeys(("why", "market", "day"), _TEXT_OR_NULL),
        "flags": _list(_TEXT),
    }
    return _object(
        {
            "states": {"type": "object", "additionalProperties": _TEXT},
            "status": _TEXT,
            "advised_against": {"type": "boolean"},
            "customers": {"type": "integer"},
            "active": {"type": ["boolean", "null"]},
            **dict.fromkeys(("webhook", "analytics"), _one(label, {"type": "null"})),
            "billable": {"type": ["boolean", "null"]},
            "ends_at": _one(_ref("instant"), {"type": "null"}),
            "rows": _list(_object(row, open=True)),
            "sum": _AMOUNT,
            "statuses": _list(_status_read()),
        },
        open=True,
        says="The members that the question asks for: `states` and `status` of a state, `rows` and `sum` of a ledger ...",
    )


def _status_read() -> Schema:
    """What one status of a webhook states; null, or left out, where it states nothing."""
    price = {**dict.fromkeys(("model", "category", "type"), _TEXT_OR_NULL), "billable": {"type": ["boolean", "null"]}}
    conversation = {
        **dict.fromkeys(("id", "origin"), _TEXT_OR_NULL),
        "ends_at": _one(_ref("instant"), {"type": "null"}),
    }
    return _object(
        {
            "id": _TEXT,
            "status": _TEXT,
            "price": _one(_object(price, open=True), {"type": "null"}),
            "conversation": _one(_object(conversation, open=True), {"type": "null"}),
        },
        ("id", "status"),
        open=True,
    )


SCHEMAS: Final[Mapping[str, Callable[[], Schema]]] = {"vector": vector_schema, "protocol": protocol_schema}
"""What is published, by name: in `<name>.schema.json` beside the vectors."""
