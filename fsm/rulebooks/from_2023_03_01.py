"""A free entry point lasts 72 hours instead of 24, and only on a phone: from 2023-03-01."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import conversations, entry_points
from fsm.rulebooks.from_2022_02_01 import COUNTED_FROM, FURTHER_MESSAGES
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2023, 3, 1)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2023-03-01."""
    return before.amended(
        SINCE,
        "A free entry point lasts 72 hours, and needs an Android or iOS device.",
        lanes=(
            entry_points.entry_point(
                entry_points.THREE_DAYS,
                rule="CBP1-10",
                only_without_conversation=True,
                counted_from=COUNTED_FROM[policy.fep_start],
                further_messages_give_time=FURTHER_MESSAGES[policy.fep_reply_deadline],
            ),
            conversations.single_conversation(entry_points.THREE_DAYS),
        ),
        readings={"devices": entry_points.PHONES},
    )
