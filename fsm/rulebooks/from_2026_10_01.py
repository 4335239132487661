"""
Service messages are metered: the law from 2026-10-01.

Every delivered message is charged except reactions. The first thousand service
messages of a phone number and month are free; utility is charged inside the
window too. Nine more countries have an international authentication rate. What
may be sent does not change.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import charges, international, labels, permissions, tariffs
from fsm.rulebooks.build import rule
from fsm.rulebooks.from_2026_09_28 import is_rolling
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Allowance, Charge, Rulebook

SINCE: Final = date(2026, 10, 1)

RULES: Final = (
    rule(
        "P26-01",
        "Each delivered service message, which is any message that is neither a template nor Meta's own agent, is charged.",
        "M-NT M-OCT26",
        "A",
    ),
    rule(
        "P26-02",
        "The first 1,000 delivered service messages of a business phone number in a month are free.",
        "M-NT M-OCT26",
        "A",
        "The month is that of the account's time zone; an undelivered message uses no unit.",
    ),
    rule(
        "P26-03",
        "Utility templates are charged inside the window too, and use nothing of the free tier.",
        "M-NT M-OCT26",
        "A",
    ),
    rule("P26-04", "Reactions stay free and use nothing of the free tier.", "M-OCT26", "B"),
    rule(
        "P26-05",
        "Inside a free entry point marketing, utility, authentication and service messages are free; agent replies are not.",
        "M-NT M-OCT26",
        "A",
    ),
    rule(
        "P26-06",
        "Governments and eligible non-profits pay nothing for service messages beyond the free tier until 2027-12-31.",
        "M-OCT26",
        "B",
    ),
    rule(
        "P26-07",
        "AI providers stay under their own policy: their messages are neither charged as service nor counted in the free "
        "tier.",
        "M-OCT26",
        "B",
        "Outside the listed markets what is not a template stays free.",
    ),
    rule(
        "P26-08",
        "A promotional free-form message inside the window is one service message, without a marketing surcharge.",
        "M-NT",
        "A",
    ),
    rule("P26-10", "What may be sent, and how the window works, does not change.", "M-NT", "A"),
    rule(
        "P26-11",
        "Whether free service messages inside a free entry point use up the free tier is not documented.",
        "M-OCT26",
        "?",
        "They do not.",
        "fep_consumes_free_tier",
    ),
    rule(
        "P26-13",
        "In webhooks, `free_customer_service` now means a service message inside the free tier, no longer utility in the "
        "window.",
        "M-PMP M-OCT26",
        "A",
    ),
    *permissions.TIER_PAYMENT_RULES,
)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2026-10-01."""
    return before.amended(
        SINCE,
        "Service messages are charged beyond a monthly free tier, and utility also inside the window.",
        name="pmp-2026-10",
        retires=("PMP-03",),
        title="Per-message pricing (service metered)",
        clauses=(permissions.payment_clause(policy, since_2026_10=True),),
        charges=table_of_charges(policy, exemption=True),
        allowance=Allowance(units=1000, unit="service messages", per="business", rule="P26-02"),
        tariff=tariffs.METERED,
        labels=labels.METERED,
        readings={"international_markets": international.SINCE_2026_10},
        rules=(*RULES, *tariffs.METERED_RULES),
    )


def table_of_charges(policy: Policy, *, exemption: bool) -> tuple[Charge, ...]:
    """The charges since that day, with or without the exemption of governments and non-profits."""
    return charges.messages(
        policy,
        direct_send=True,
        agent_tokens=True,
        since_2026_10=True,
        exemption=exemption,
        entry_point_in_doubt=is_rolling(policy),
    )
