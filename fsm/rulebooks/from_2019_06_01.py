"""
Notification-based pricing: the law until 2022-01-31.

Templates ("notifications") are charged one by one; replies inside the window are
free. There are no conversations. The start is not documented by Meta: an open data
set dates its first era June 2019, and nothing before that is answered here.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm import terms
from fsm.rulebooks import charges, labels, permissions, tariffs, windows
from fsm.rulebooks.build import rule
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import STAYS, Lane, Row, Rulebook, State

SINCE: Final = date(2019, 6, 1)

RULES: Final = (
    *windows.RULES,
    *permissions.TEMPLATE_RULES,
    *permissions.CONSENT_RULES,
    *permissions.PAYMENT_RULES,
    rule(
        "NBP-01",
        "Each delivered template is charged as one notification at the rate of the recipient's country.",
        "M-CHG YELLOW",
        "B",
    ),
    rule(
        "NBP-02",
        "Replies within 24 hours of the customer's last message are free; whether templates were too is contested.",
        "YELLOW",
        "C",
        "Charged, and flagged.",
        "nbp_template_in_csw",
    ),
    rule(
        "NBP-03",
        "There are no conversations; webhooks of the time say pricing model NBP.",
        "M-CHG",
        "B",
        "Nothing is known of how webhooks of this era looked, beyond the name in later software kits.",
    ),
)


def opt_in() -> Lane:
    """The lane of the customer's consent. It warns; it never refuses (OPT-05)."""
    return Lane(
        name=terms.OPT_IN,
        about="Has the customer agreed to hear from the business?",
        states=(State(name="unknown"), State(name="opted_in"), State(name="opted_out")),
        rows=(
            Row(("opted_in",), ("unknown", "opted_out"), "opted_in", "OPT-01"),
            Row(("opted_in",), ("opted_in",), STAYS, "OPT-01"),
            Row(("opted_out",), ("unknown", "opted_in"), "opted_out", "OPT-01"),
            Row(("opted_out",), ("opted_out",), STAYS, "OPT-01"),
        ),
    )


def law(policy: Policy) -> Rulebook:
    """The first law that is known."""
    readings = windows.readings(policy)
    return Rulebook(
        name="nbp",
        since=SINCE,
        title="Notification-based pricing",
        changed="Templates are charged one by one; there are no conversations.",
        lanes=(windows.window(policy), windows.window_in_doubt(), opt_in()),
        clauses=(
            windows.window_clause(policy),
            permissions.direct_send_unknown(),
            permissions.template_clause(),
            permissions.payment_clause(policy),
            permissions.consent_clause(),
        ),
        charges=charges.notifications(policy),
        tariff=tariffs.NOTIFICATIONS,
        labels=labels.NOTIFICATIONS,
        readings=readings.with_template_states(permissions.TEMPLATE_STATES),
        rules={rule.id: rule for rule in RULES},
        attach=policy.free_form_attach,
    )
