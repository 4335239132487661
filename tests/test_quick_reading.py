"""The fast path for small statuses gives what the full reading gives, or leaves the body to it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from fsm.errors import BadBody
from fsm.service.reading import Log, read_all
from fsm.webhooks import read_body
from fsm.webhooks.quick import QuickReader

SAMPLES = sorted((Path(__file__).parent / "data" / "webhooks").rglob("*.json"))
PRICING = {"billable": True, "pricing_model": "PMP", "category": "utility", "type": "regular"}
CONVERSATION = {"id": "c1", "expiration_timestamp": "1785086400", "origin": {"type": "utility"}}


def status(**members: object) -> dict[str, object]:
    return {"id": "wamid.A", "status": "sent", "timestamp": "1785000000", "recipient_id": "15550100099", **members}


def body(*statuses: object, **value: object) -> dict[str, Any]:
    held = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100001", "phone_number_id": "100000000000001"},
        "statuses": list(statuses),
        **value,
    }
    change = {"value": held, "field": "messages"}
    return {"object": "whatsapp_business_account", "entry": [{"id": "77", "changes": [change]}]}


def same(text: str, quick: QuickReader) -> bool:
    """Whether the fast path answers; if it does, the full reading must say the very same."""
    said = quick.read(text)
    if said is None:
        return False
    reading = read_body(text)
    assert reading.events == (said.event,)
    assert reading.evidence == (said.evidence,)
    assert reading.accounts == ((said.account,) if said.account else ())
    assert (reading.unknown, reading.notes, reading.aliases, reading.calls, reading.notices) == ((),) * 5
    return True


@pytest.mark.parametrize(
    "said",
    [
        status(pricing=PRICING),
        status(status="delivered", pricing=PRICING),
        status(status="delivered"),
        status(status="read"),
        status(conversation=CONVERSATION, pricing={**PRICING, "pricing_model": "CBP"}),
        status(conversation={**CONVERSATION, "origin": {"type": "referral_conversion"}}, pricing=PRICING),
        status(status="read", conversation={"id": "c1", "origin": {"type": "service"}}),
    ],
)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")], ids=["compact", "spaced"])
def test_a_small_status_is_read_quickly_and_alike(said: dict[str, object], separators: tuple[str, str]) -> None:
    assert same(json.dumps(body(said), separators=separators), QuickReader())


@pytest.mark.parametrize(
    "other",
    [
        body(status(pricing={**PRICING, "category": "something_new"})),
        body(status(pricing={**PRICING, "cost": {"amount": 1, "currency": "USD"}})),
        body(status()),
        body(status(status="failed", errors=[{"code": 131047}])),
        body(status(pricing=PRICING), status(status="read")),
        body(status(pricing=PRICING, recipient_user_id="US.1")),
        body(status(pricing=PRICING), contacts=[{"wa_id": "15550100099", "user_id": "US.1"}]),
        body(status(pricing=PRICING), messages=[{"id": "m", "from": "15550100099", "timestamp": "1", "type": "text"}]),
        body(status(pricing=PRICING, timestamp=1785000000)),
        body(status(pricing=PRICING, id="wamid.é")),
        body(status(pricing=PRICING, id='wamid."')),
        body(status(pricing=PRICING, timestamp="1785000000000")),
        body(status(pricing=PRICING), surprise=[1]),
        {"entry": "no list"},
    ],
)
def test_anything_else_is_left_to_the_full_reading(other: dict[str, Any]) -> None:
    assert QuickReader().read(json.dumps(other)) is None


@pytest.mark.parametrize(
    "broken",
    [
        '{"object":"whatsapp_business_account","object":"page","entry":[',
        '{"object":NaN,"entry":[',
        '{"object":"\\ud800","entry":[',
    ],
)
def test_what_the_strict_decoder_refuses_around_a_status_is_not_read_quickly(broken: str) -> None:
    text = json.dumps(body(status(pricing=PRICING)), separators=(",", ":"))
    text = broken + text.partition('"entry":[')[2]
    with pytest.raises(BadBody):
        read_body(text)
    assert QuickReader().read(text) is None


@pytest.mark.parametrize("twice", ['"category":"utility","category":"marketing"', '"type":"regular","type":"regular"'])
def test_a_price_that_gives_a_key_twice_is_not_read_quickly(twice: str) -> None:
    text = json.dumps(body(status(pricing={"x": 1})), separators=(",", ":")).replace('"x":1', twice)
    assert QuickReader().read(text) is None


def test_one_reader_stays_right_while_surroundings_and_prices_change() -> None:
    """It remembers both by their text, so what it remembers of one body must not leak into the next."""
    chance, quick, answered = random.Random(7), QuickReader(), 0
    for number in range(2_000):
        price = {**PRICING, "category": chance.choice(["utility", "marketing", "service", "news"])}
        said = status(id=f"wamid.{number}", status=chance.choice(["sent", "delivered", "read"]), pricing=price)
        if chance.random() < 0.3:
            said["conversation"] = CONVERSATION
        whole = body(said)
        whole["entry"][0]["id"] = chance.choice(["77", "78"])
        whole["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = chance.choice(["1", "2", "3"])
        answered += same(json.dumps(whole), quick)
    assert 500 < answered < 2_000


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_sample_is_read_alike_or_left_alone(file: Path) -> None:
    text = json.dumps(json.loads(file.read_text(encoding="utf-8")))
    same(text, QuickReader())


def test_a_log_is_the_same_whether_its_bodies_are_quick_or_not() -> None:
    bodies = [body(status(id=f"wamid.{n}", status=s, pricing=PRICING)) for n in range(5) for s in ("sent", "delivered")]
    quickly = read_all([("log", "\n".join(json.dumps(each) for each in bodies))])
    slowly = read_all([("log", "\n".join(json.dumps(each, sort_keys=True) for each in bodies))])
    assert QuickReader().read(json.dumps(bodies[0], sort_keys=True)) is None
    assert isinstance(quickly, Log)
    assert (quickly.events, quickly.evidence, quickly.accounts) == (slowly.events, slowly.evidence, slowly.accounts)
    assert quickly.places == slowly.places
