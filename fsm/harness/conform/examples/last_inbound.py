"""
The way most systems decide whether they may answer: one time per customer, and a day.

    fsm conform --python fsm.harness.conform.examples.last_inbound:LastInbound

It is close to right and not right, which is what the suite is for: whatever a customer does counts as a message.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from fsm.harness import Adapter, Skip

DAY = timedelta(hours=24)
NEEDS_TEMPLATE = 131047


class LastInbound(Adapter):
    """A column `last_inbound` in a table of customers."""

    name = "last_inbound"
    version = "1"
    can_answer = ("permission",)
    rulebooks = ("pmp-2025-07", "pmp-2026-10")

    def begin(self, case: Mapping[str, Any]) -> None:
        """A new case: nobody has written yet."""
        self.last_inbound: dict[tuple[str, str], datetime] = {}

    def event(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Note when the customer wrote; answer when the business sends."""
        thread, at = (event["business"], event["customer"]), datetime.fromisoformat(event["at"])
        if event["event"] == "customer_message":
            self.last_inbound[thread] = at
        if event["event"] != "message_sent":
            return None
        if event["content"] != "free_form":
            raise Skip("it decides about free-form messages only")
        wrote = self.last_inbound.get(thread)
        if wrote is not None and at - wrote < DAY:
            return {"verdict": "allowed", "error": None}
        return {"verdict": "refused", "error": NEEDS_TEMPLATE}
