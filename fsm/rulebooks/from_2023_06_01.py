"""
Four categories: the law from 2023-06-01.

A template opens a conversation of its own category; a free-form message opens a
service conversation, and only when nothing else is open. Several run side by side.
A free entry point closes them all and keeps new ones from opening.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import charges, conversations, entry_points, labels, permissions
from fsm.rulebooks.build import rule
from fsm.rulebooks.from_2022_02_01 import ANSWERED_AT, COUNTED_FROM, FURTHER_MESSAGES
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Allowance, Rulebook

SINCE: Final = date(2023, 6, 1)
CATEGORIES: Final = ("marketing", "utility", "authentication")

RULES: Final = (
    rule(
        "CBP2-01",
        "A delivered template opens a conversation of its category for 24 hours, unless one of that category is open.",
        "M-CBP",
        "A",
    ),
    rule(
        "CBP2-02",
        "A template delivered while its category is open belongs to that conversation, without charge.",
        "M-CBP",
        "A",
    ),
    rule(
        "CBP2-03",
        "A free-form message delivered while any conversation is open belongs to an open one and opens nothing.",
        "M-CBP",
        "A",
        "Which one, when several are open, is not documented; it never affects money.",
        "free_form_attach",
    ),
    rule(
        "CBP2-04",
        "A free-form message delivered while no conversation is open opens a service conversation for 24 hours.",
        "M-CBP",
        "A",
        "It needs an open window when it is sent; delivered late, it opens the conversation all the same.",
    ),
    rule(
        "CBP2-05",
        "A template sent as the answer to a customer opens its own category, never a service conversation.",
        "M-CBP M-2023U",
        "A",
    ),
    rule(
        "CBP2-06",
        "A template delivered during an open service conversation opens a further conversation of its category; both run.",
        "M-CBP",
        "A",
    ),
    rule(
        "CBP2-07",
        "Several conversations may be open at once, one of each category, each with its own 24 hours.",
        "M-CBP",
        "A",
    ),
    rule("CBP2-08", "A customer's message extends the window, but no conversation.", "M-CBP", "A"),
    rule(
        "CBP2-09",
        "When a category's conversation has ended but the window is open, the next free-form message opens a service "
        "conversation.",
        "M-CBP",
        "A",
    ),
    rule(
        "CBP2-10",
        "The charge is that of the recipient's country and of the template's category at the time of use.",
        "M-CBP M-CAT",
        "A",
    ),
    rule(
        "CBP2-11",
        "The first 1,000 service conversations of an account in a month are free, and all of them from 2024-11-01; marketing, "
        "utility and authentication never are.",
        "M-CBP",
        "A",
    ),
    rule(
        "CBP2-12",
        "A customer on Android or iOS who writes through an ad or a Facebook Page button and is answered within 24 hours "
        "opens a free entry point conversation of 72 hours, at the delivery of the answer.",
        "M-CBP",
        "A",
        "An answer of any kind counts; one typed in the Business app does not.",
        "fep_start",
    ),
    rule(
        "CBP2-13",
        "Opening a free entry point conversation closes every other one, and no new one opens until it ends.",
        "M-CBP",
        "A",
    ),
    rule(
        "CBP2-14",
        "Inside a free entry point, free-form messages still need an open window; templates do not.",
        "M-CBP",
        "A",
    ),
    rule(
        "CBP2-15",
        "Without an answer within 24 hours there is no free entry point: only a template can follow, and it opens its own "
        "category.",
        "M-CBP",
        "A",
    ),
    rule(
        "CBP2-16", "Authentication-international is a rate of the authentication conversation.", "M-CBP M-AUTHINT", "A"
    ),
    rule(
        "CBP2-17",
        "The new rates and categories hold for conversations opened on or after 2023-06-01; an older one keeps its own to "
        "its end.",
        "M-2023U",
        "A",
        "What a template inside an older one does is not documented: it opens its own category.",
        "transition_2023",
    ),
    rule("CBP2-19", "A message that is not delivered opens nothing.", "M-CBP", "A"),
    rule(
        "CBP2-20",
        "Whether a second click on an ad starts a second free entry point while one is open is not documented.",
        "M-CBP",
        "?",
        "It does not.",
    ),
    *permissions.EXPERIMENT_RULES,
)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2023-06-01."""
    return before.amended(
        SINCE,
        "Conversations have four categories, and several may be open at once.",
        name="cbp-2023-06",
        retires=("CBP1",),
        title="Conversation-based pricing (2023)",
        lanes=(
            entry_points.entry_point(
                entry_points.THREE_DAYS,
                rule="CBP2-12",
                counted_from=COUNTED_FROM[policy.fep_start],
                further_messages_give_time=FURTHER_MESSAGES[policy.fep_reply_deadline],
            ),
            conversations.single_conversation_running_out(policy, entry_points.THREE_DAYS),
            *(conversations.category(name, old=True, policy=policy) for name in CATEGORIES),
            conversations.service(),
        ),
        clauses=(permissions.experiment_clause(),),
        charges=charges.conversations(policy, old_conversation=True, international=False),
        allowance=Allowance(units=1000, unit="service conversations", per="account", rule="CBP2-11"),
        labels=labels.CONVERSATIONS,
        rules=RULES,
        readings={"answered_at": ANSWERED_AT[policy.fep_start]},
    )
