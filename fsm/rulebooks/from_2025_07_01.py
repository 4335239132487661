"""
Per-message pricing: the law from 2025-07-01.

Each delivered template is charged; utility is free inside the window, and so is
everything that is not a template. Nothing opens any more except a free entry
point. Conversations opened before run to their end.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm import terms
from fsm.rulebooks import charges, conversations, entry_points, labels, limits, tariffs
from fsm.rulebooks.build import rule
from fsm.rulebooks.from_2022_02_01 import FURTHER_MESSAGES
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2025, 7, 1)

RULES: Final = (
    rule("PMP-01", "Each delivered template is charged; messages that are not templates are free.", "M-PMP", "A"),
    rule(
        "PMP-02",
        "Marketing and authentication templates are charged inside and outside the window, except in a free entry point.",
        "M-PMP",
        "A",
    ),
    rule(
        "PMP-03",
        "A utility template is free while the customer service window is open, and charged otherwise.",
        "M-PMP",
        "A",
        "The window at the moment of delivery decides: the page speaks of templates delivered within an open window.",
    ),
    rule(
        "PMP-04", "There are no conversations; a business message opens nothing but a free entry point.", "M-PMP", "A"
    ),
    rule(
        "PMP-05",
        "A free entry point starts when the business responds and makes every message free; it lasts 72 hours until 2026-09-27.",
        "M-PMP",
        "A",
        "It opens with the delivery of the answer; its hours are counted from the sending.",
        "fep_start",
    ),
    rule(
        "PMP-06",
        "A free entry point needs the answer within 24 hours; the answer itself is free.",
        "M-PMP MYOP",
        "A",
        "The answer is timely if it was sent in time.",
    ),
    rule(
        "PMP-07",
        "Utility templates still belong to a utility conversation opened before 2025-07-01, free of charge, until it ends.",
        "M-PMP",
        "A",
        "Nothing is said of the other categories: they follow the new rules at once.",
        "transition_non_utility",
    ),
    rule(
        "PMP-11",
        "The category at the time of use decides; the one in Meta's webhook is authoritative over our own record.",
        "M-PMP",
        "A",
    ),
    rule("PMP-12", "A message that is not delivered costs nothing, for whatever reason.", "M-PMP M-ERR", "A"),
    rule(
        "PMP-13",
        "A message reported read or played was delivered, even if no delivery was reported; it is charged once.",
        "M-STAT",
        "A",
    ),
    rule(
        "TPL-07",
        "Since 2025-04-09 a utility template that reads as a promotion is approved as marketing, and charged as such.",
        "M-CAT",
        "A",
    ),
)

ANSWERED_AT: Final = {"by_date": "sending", "delivered": "delivery", "sent": "sending"}
COUNTED_FROM: Final = {"by_date": "sending", "delivered": "event", "sent": "sending"}


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2025-07-01."""
    kept = policy.transition_non_utility == "keep"
    return before.amended(
        SINCE,
        "Charges are per delivered template; nothing opens but a free entry point.",
        name="pmp-2025-07",
        retires=("CBP2", "LBL-01", "LBL-03"),
        title="Per-message pricing",
        lanes=(
            entry_points.entry_point(
                entry_points.THREE_DAYS,
                rule="PMP-05",
                counted_from=COUNTED_FROM[policy.fep_start],
                further_messages_give_time=FURTHER_MESSAGES[policy.fep_reply_deadline],
            ),
            conversations.running_out("utility", ("utility_template",)),
            conversations.running_out("marketing", ("marketing_template",) if kept else ()),
            conversations.running_out("authentication", ("authentication_template",) if kept else ()),
            conversations.running_out("marketing_lite", ("marketing_lite_template",) if kept else ()),
            conversations.running_out("service"),
        ),
        charges=charges.messages(policy, running_out=True, ai_providers=False),
        tariff=tariffs.MESSAGES,
        labels=labels.TRANSITION,
        rules=(*RULES, *tariffs.MESSAGE_RULES, *labels.MESSAGE_RULES, *limits.RULES),
        readings={
            "answered_at": ANSWERED_AT[policy.fep_start],
            "limit_looks_back": limits.LOOKS_BACK,
            "without_marketing_limit": limits.WITHOUT_MARKETING_LIMIT,
        },
    )


OLD_CONVERSATIONS: Final = (*terms.CATEGORIES, "service")
