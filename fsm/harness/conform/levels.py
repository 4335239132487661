"""What an implementation can be asked: the levels it claims, and the words each answer may use."""

from __future__ import annotations

from typing import Final

from fsm import terms

LEVELS: Final = {
    "permission": "whether a message may be sent, and Meta's error code if not",
    "windows": "when the customer service window and the free entry point open, renew and close",
    "conversations": "which billing conversations open, renew, close and are joined",
    "charges": "the rate line of a delivery, and why",
    "status": "what a reader would call the thread: idle, service-open, business-open: marketing ...",
    "doubts": "contradictions and undocumented cases, by name",
    "advice": "whether the opt-in policy speaks against a message that nothing refuses",
    "limits": "who counts towards the messaging limit, and where marketing per customer is limited",
    "ledger": "rows with amounts, markets and volume tiers, from rates that come with the case",
    "labels": "what Meta's webhooks and analytics call a delivery",
    "reading": "what a webhook body states about price and conversation",
}
"""The levels, and the question each answers."""

WINDOWS: Final = (terms.CUSTOMER_SERVICE_WINDOW, terms.FREE_ENTRY_POINT)
"""Lanes and openings of the level `windows`; every other opening is a conversation."""

CONVERSATIONS: Final = tuple(name for name in terms.REPORTED if name not in WINDOWS)


def level_of_lane(lane: str) -> str:
    """
    The level that a lane's clock belongs to.

    >>> level_of_lane("customer_service_window"), level_of_lane("marketing")
    ('windows', 'conversations')
    """
    if lane == terms.WINDOW_IN_DOUBT:
        return "doubts"
    return "windows" if lane in WINDOWS else "conversations"
