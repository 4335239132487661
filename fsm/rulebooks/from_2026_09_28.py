"""
A free entry point may stay open for up to seven days: from about 2026-09-28.

No hour was published, and the sources disagree on what "up to" means; the knob
`fep_model` chooses.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from fsm.rulebooks import charges, entry_points
from fsm.rulebooks.from_2025_07_01 import COUNTED_FROM
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Lane, Rulebook

SINCE: Final = date(2026, 9, 28)

LASTS: Final = {
    "webhook": entry_points.SEVEN_DAYS,
    "fixed_7d": entry_points.SEVEN_DAYS,
    "fixed_72h": entry_points.THREE_DAYS,
    "rolling_24h_cap_7d": entry_points.THREE_DAYS,
}
FURTHER_MESSAGES: Final = {"by_date": True, "first_message_24h": False, "csw": True}
ENTRIES: Final = {"yes": entry_points.ENTRIES, "no": entry_points.ENTRIES - {"page_cta"}}
WINDOW_EVENTS: Final = ("welcome_requested", "customer_call", "call_accepted")


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2026-09-28."""
    return before.amended(
        SINCE,
        "A free entry point may stay open for up to seven days.",
        lanes=(entry_point(LASTS[policy.fep_model], policy),),
        charges=charges.messages(policy, direct_send=True, agent_tokens=True, entry_point_in_doubt=is_rolling(policy)),
        rules=entry_points.LONGER_RULES,
        readings={
            "entries": ENTRIES[policy.fep_page_cta],
            "entry_point_end_from_webhook": policy.fep_model == "webhook",
        },
    )


def entry_point(lasts: timedelta, policy: Policy) -> Lane:
    """The lane of the free entry point since that day."""
    return entry_points.entry_point(
        lasts,
        rule="PMP-05",
        lasts_by="FEP-02",
        counted_from=COUNTED_FROM[policy.fep_start],
        further_messages_give_time=FURTHER_MESSAGES[policy.fep_reply_deadline],
        window_events=WINDOW_EVENTS,
        direct_send=True,
        rolling=is_rolling(policy),
    )


def is_rolling(policy: Policy) -> bool:
    """Whether every further customer message lengthens the entry point."""
    return policy.fep_model == "rolling_24h_cap_7d"
