"""From webhook bodies to ledger rows, against the bare cost of decoding the same JSON."""

from __future__ import annotations

import gc
import json
import random
import time
from collections.abc import Callable, Iterator
from itertools import groupby

import orjson

from fsm.events import Account
from fsm.identity import Aliases, addressees, links_of, unify
from fsm.ledger import Paying, rows_of
from fsm.machine import Law
from fsm.replay import gather
from fsm.replay.fold import Fold
from fsm.service.accounting import ledger_of, stated_of
from fsm.service.rate_files import shipped_markets, shipped_prices
from fsm.service.reading import Log, read_all

STATUSES = (("sent", 0), ("delivered", 2), ("read", 30))
ROUNDS = 3


def small_bodies(messages: int, seed: int = 1) -> list[str]:
    """Bodies with one status each, three a message, shuffled: what a business that sends a lot receives."""
    chance = random.Random(seed)
    bodies = []
    for number in range(messages):
        sent_at = 1_785_000_000 + number * 7
        customer = (
            f"5511{chance.randrange(900_000_000, 999_999_999)}"
            if number % 3
            else f"9198{chance.randrange(10_000_000, 99_999_999)}"
        )
        for status, later in STATUSES:
            said = {
                "id": f"wamid.{number:016d}",
                "status": status,
                "timestamp": str(sent_at + later),
                "recipient_id": customer,
            }
            if status != "read":
                said["pricing"] = {"billable": True, "pricing_model": "PMP", "category": "utility", "type": "regular"}
            value = {
                "messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
                "statuses": [said],
            }
            entry = {"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}
            bodies.append(json.dumps({"object": "whatsapp_business_account", "entry": [entry]}, separators=(",", ":")))
    chance.shuffle(bodies)
    return bodies


def microseconds(action: Callable[[], object], bodies: int) -> float:
    """The best of a few rounds, per body; processor time, so that a busy machine disturbs less."""
    best = float("inf")
    for _ in range(ROUNDS):
        gc.collect()
        gc.disable()
        began = time.process_time()
        action()
        best = min(best, time.process_time() - began)
        gc.enable()
    return best / bodies * 1e6


def against_decoding(messages: int = 5_000) -> tuple[float, float, int]:
    """Microseconds a body to ledger rows, and of decoding it with orjson alone; and how many rows came out."""
    bodies = small_bodies(messages)
    text = "\n".join(bodies)
    prices, markets = shipped_prices(), shipped_markets()

    def run() -> int:
        return len(ledger_of(read_all([("bodies", text)]), [Account()], prices, markets).rows)

    rows = run()
    return (
        microseconds(run, len(bodies)),
        microseconds(lambda: [orjson.loads(body) for body in bodies], len(bodies)),
        rows,
    )


def stages(messages: int = 5_000) -> Iterator[tuple[str, float]]:
    """Where the time goes: each stage in microseconds a body."""
    bodies = small_bodies(messages)
    text, count = "\n".join(bodies), len(bodies)
    prices, markets, law = shipped_prices(), shipped_markets(), Law(Account(), engine="table")
    yield "decode with orjson, for comparison", microseconds(lambda: [orjson.loads(body) for body in bodies], count)
    log = read_all([("bodies", text)])
    yield "read the bodies", microseconds(lambda: read_all([("bodies", text)]), count)
    yield "who is who", microseconds(lambda: _unified(log), count)
    events, names, aliases = _unified(log)
    yield "what Meta states", microseconds(lambda: stated_of(log.evidence, aliases), count)
    stated = stated_of(log.evidence, aliases)
    yield "order and merge", microseconds(lambda: gather(events), count)
    facts = gather(events)

    def fold() -> list[object]:
        state = Fold(law, verdicts=False)
        return [
            result
            for _, together in groupby(facts, key=lambda fact: fact.event.at)
            for result in state.take(list(together))
        ]

    yield "run the threads", microseconds(fold, count)
    movements = fold()
    paying = Paying(law=law, movements=movements, stated=stated, names=names)  # type: ignore[arg-type]
    yield "rows and prices", microseconds(lambda: rows_of([paying], prices, markets), count)


def _unified(log: Log) -> tuple[list[object], object, Aliases]:
    aliases = Aliases([*log.aliases, *links_of(log.events)])
    return list(unify(log.events, aliases)), addressees(log.events), aliases
