"""
A second calculator: what a row costs, worked out from its own members and the shipped files.

It shares no code with the package, and knows nothing of threads, windows or allowances.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

DATA = Path(__file__).parents[2] / "fsm" / "rates" / "data"
LAST_DAY = "2026-12-31"
"""Of the quarter in which the newest card was read."""


@cache
def lines(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cost(row: Mapping[str, object]) -> Decimal | None:
    """What a row of a ledger in US dollars costs, given as the JSON object it is written as; None if nobody knows."""
    line, market, day = row["line"], row["market"], str(row["day"])
    if line is None:
        return None if row["why"] is None else Decimal(0)
    cards = [each["file"] for each in lines("files.csv") if each["use"] == "priced" and each["kind"] != "tiers"]
    started = [name for name in cards if name[-14:-4] <= day <= LAST_DAY]
    if market is None or not started:
        return None
    found = next((each for each in lines(max(started)) if each["market"] == market), {})
    # Conversations were priced until June 2025, messages since.
    if (row["kind"] == "conversation") != (max(started)[-14:-4] < "2025-07-01"):
        return None
    listed = found.get(str(line)) or ""
    if listed in ("", "n/a"):
        # A service message costs what utility costs, where there is no figure of its own.
        listed = (found.get("utility") or "") if line == "service" else ""
    if row["tier"] and day >= "2026-10-01":
        for band in lines("volume_tiers_USD_2026-10-01.csv"):
            inside = int(band["tier_from"]) <= int(str(row["volume"])) <= int(band["tier_to"] or 10**15)
            if (band["market"], band["category"]) == (market, line) and inside:
                listed = band["rate"]
    return Decimal(listed) * int(str(row["units"])) if listed not in ("", "n/a") else None
