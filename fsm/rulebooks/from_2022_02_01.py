"""
Conversation-based pricing, first version: the law from 2022-02-01.

Charges are per conversation of 24 hours. At most one is open: user-initiated if
its first message answers inside the window, business-initiated otherwise. The
first thousand of a month are free, and so is one that comes through an ad.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import charges, conversations, entry_points, labels, tariffs
from fsm.rulebooks.build import rule
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Allowance, Rulebook

SINCE: Final = date(2022, 2, 1)

RULES: Final = (
    rule(
        "CBP1-01",
        "A conversation opens when the first business message is delivered while none is open; it lasts 24 hours from that "
        "delivery and is never extended.",
        "M-2022",
        "A",
    ),
    rule(
        "CBP1-02",
        "Opened inside the customer service window it is user-initiated, otherwise business-initiated.",
        "M-2022",
        "A",
        "The window at the moment of delivery decides.",
    ),
    rule(
        "CBP1-03",
        "Any number of messages, templates included, belong to the open conversation and cost nothing more.",
        "M-2022",
        "A",
    ),
    rule("CBP1-04", "At most one conversation is open per customer and business phone number.", "M-2022", "A"),
    rule(
        "CBP1-05",
        "If the conversation has ended but the window is open, the next business message opens a user-initiated one.",
        "M-2022",
        "A",
    ),
    rule("CBP1-06", "Customer messages alone open no conversation and cost nothing.", "M-2022", "A"),
    rule(
        "CBP1-07",
        "User-initiated and business-initiated conversations have rates of their own, by the recipient's country.",
        "M-2022",
        "A",
    ),
    rule(
        "CBP1-08",
        "The first 1,000 conversations of an account in a calendar month are free, whoever starts them.",
        "M-2022",
        "A",
        "The month is that of the account's time zone; what is left over does not carry on.",
    ),
    rule(
        "CBP1-11",
        "A business-initiated conversation needs the customer's opt-in; a user-initiated one does not.",
        "M-2022 M-OPT",
        "A",
        "A policy, not a technical check.",
    ),
    rule(
        "CBP1-12",
        "A message that is not delivered opens no conversation and costs nothing.",
        "M-2022 360D22",
        "A",
        "One provider's page of 2022 said that a failed free-form message may open one; Meta opens on delivery.",
    ),
    *entry_points.RULES,
)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2022-02-01."""
    return before.amended(
        SINCE,
        "Charges are per conversation of 24 hours, user-initiated or business-initiated.",
        name="cbp-2022-02",
        retires=("NBP",),
        title="Conversation-based pricing (2022)",
        lanes=(
            entry_points.entry_point(
                entry_points.ONE_DAY,
                rule="CBP1-10",
                only_without_conversation=True,
                counted_from=COUNTED_FROM[policy.fep_start],
                further_messages_give_time=FURTHER_MESSAGES[policy.fep_reply_deadline],
            ),
            conversations.single_conversation(entry_points.ONE_DAY),
        ),
        charges=charges.single_conversations(business_initiated_in_tier=True),
        allowance=Allowance(units=1000, unit="conversations", per="account", rule="CBP1-08"),
        tariff=tariffs.CONVERSATIONS,
        labels=labels.SINGLE_CONVERSATIONS,
        rules=(*RULES, *tariffs.MARKET_RULES, *labels.CONVERSATION_RULES),
        readings={
            "entries": entry_points.ENTRIES,
            "devices": entry_points.ANY_DEVICE,
            "answered_at": ANSWERED_AT[policy.fep_start],
        },
    )


ANSWERED_AT: Final = {"by_date": "delivery", "delivered": "delivery", "sent": "sending"}
COUNTED_FROM: Final = {"by_date": "event", "delivered": "event", "sent": "sending"}
FURTHER_MESSAGES: Final = {"by_date": False, "first_message_24h": False, "csw": True}
