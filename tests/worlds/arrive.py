"""How a world arrives: in any order, more than once, and in bodies of any size."""

from __future__ import annotations

import json
from collections.abc import Iterable
from random import Random
from typing import Any

from tests.worlds.model import ACCOUNT_ID, Item, World

BATCHES = (1, 1, 1, 2, 3, 5, 20)


def one_by_one(items: Iterable[Item]) -> list[bytes]:
    """The plainest delivery: every item once, alone, in the order of making."""
    return [_line([item]) for item in items]


def deliveries(world: World, random: Random) -> list[bytes]:
    """One delivery of a world as JSON Lines: shuffled, with retries, packed into bodies of any size."""
    return arrival(world.items, random)


def arrival(items: Iterable[Item], random: Random) -> list[bytes]:
    """One delivery of some items; the same for the same random numbers."""
    waiting = list(items)
    if random.random() < 0.7 and waiting:
        waiting += random.choices(waiting, k=random.randint(1, len(waiting)))
    random.shuffle(waiting)
    lines = []
    while waiting:
        size = random.choice(BATCHES)
        batch, waiting = waiting[:size], waiting[size:]
        lines += [_line([item]) for item in batch if not item.field]
        packed = [item for item in batch if item.field]
        if packed:
            lines.append(_line(packed, random))
    return lines


def _line(items: list[Item], random: Random | None = None) -> bytes:
    if not items[0].field:
        return json.dumps(items[0].raw).encode()
    values: list[list[Item]] = []
    for item in items:
        homes = [value for value in values if _fits(value, item)]
        if homes and random is not None and random.random() < 0.7:
            random.choice(homes).append(item)
        else:
            values.append([item])
    entries: list[dict[str, Any]] = []
    for value in values:
        # What is about the account has an instant on its entry and is alone in it.
        stamped = {} if value[0].part else {"time": value[0].at}
        if entries and not stamped and "time" not in entries[-1] and random is not None and random.random() < 0.6:
            entries[-1]["changes"].append(_change(value))
        else:
            entries.append({"id": ACCOUNT_ID, **stamped, "changes": [_change(value)]})
    return json.dumps({"object": "whatsapp_business_account", "entry": entries}).encode()


def _fits(value: list[Item], item: Item) -> bool:
    """Whether an item may share a value: same field, same number, and what stands beside a person is the same."""
    first = value[0]
    return (
        bool(item.part)
        and (first.field, first.business) == (item.field, item.business)
        and all(other.contacts == item.contacts for other in value if other.who == item.who)
    )


def _change(items: list[Item]) -> dict[str, Any]:
    if not items[0].part:
        return {"field": items[0].field, "value": items[0].raw}
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100001", "phone_number_id": items[0].business},
    }
    for item in items:
        value.setdefault(item.part, []).append(item.raw)
        for contact in item.contacts:
            if contact not in value.setdefault("contacts", []):
                value["contacts"].append(contact)
    return {"field": items[0].field, "value": value}
