"""How an amount follows from a charge: what one charge pays for, volume tiers, calls, members of groups."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fsm.rulebooks.build import rule
from fsm.rules.tables import Calls, Ladder, Tariff
from fsm.terms import AUTHENTICATION_INTERNATIONAL

MARKET_RULES: Final = (
    rule(
        "GEO-01",
        "The recipient's calling code and network prefix, on the day, decide the market; what is not listed is Other.",
        "M-PMP M-CBP",
        "A",
        "A business-scoped id tells the market by its country.",
    ),
)

MESSAGE_RULES: Final = (
    rule(
        "PMP-08",
        "Utility and authentication get cheaper with volume: each tier's rate holds for the charged messages inside it, "
        "counted per business portfolio, market, category and month.",
        "M-PMP",
        "A",
        "A month is that of the zone of the account that sends, so accounts of one portfolio change months one by one.",
    ),
    rule(
        "PMP-09",
        "Authentication and authentication-international share one count.",
        "M-PMP",
        "A",
    ),
    rule(
        "PMP-10",
        "Every account of a portfolio counts towards its tiers, whichever partner bills it; each pays for what it sent.",
        "M-PMP",
        "A",
    ),
    rule(
        "TIER-01",
        "Meta alone determines tiers; of several webhooks about one tier the one with the smallest update time is official.",
        "M-PMP",
        "A",
    ),
    rule(
        "GRP-01",
        "A message to a group is charged once for each member to whom it was delivered; such messages have no volume tiers.",
        "M-GRP",
        "A",
        "The page speaks of group utility; no text gives another group message tiers.",
    ),
)

CALL_RULES: Final = (
    rule(
        "CALL-01",
        "Calls by customers are free; calls by the business are charged by pulses of six seconds, rounded up, at the rate "
        "per minute of the market called.",
        "M-CALL",
        "A",
    ),
    rule(
        "TIER-02",
        "A call that crosses into a volume tier is billed as a whole at that tier's rate.",
        "M-CALL",
        "A",
        "Tiers of calls count minutes; a call that was not accepted lasts no time.",
    ),
)

METERED_RULES: Final = (
    rule(
        "P26-12",
        "The free tier is used up in the order of delivery; for several deliveries in one second the order is not documented.",
        "M-OCT26",
        "C",
        "The message with the smaller id comes first, and both are flagged.",
    ),
    rule(
        "P26-14",
        "Bangladesh, Iraq, Kazakhstan, Kuwait, Morocco, Nepal, Oman, Sri Lanka and Ukraine become markets of their own.",
        "M-PMP",
        "A",
        "Kazakhstan shares +7 with Russia, so the market needs more than the calling code.",
    ),
)

NOTIFICATIONS: Final = Tariff(charged="notification")
CONVERSATIONS: Final = Tariff(charged="conversation")

_UTILITY: Final = Ladder(name="utility", lines=("utility",), rules=("PMP-08", "PMP-10"))
_AUTHENTICATION: Final = Ladder(
    name="authentication",
    lines=("authentication", AUTHENTICATION_INTERNATIONAL),
    rules=("PMP-08", "PMP-09", "PMP-10"),
)

MESSAGES: Final = Tariff(charged="message", ladders=(_UTILITY, _AUTHENTICATION))
CALLS: Final = Tariff(
    charged="message",
    ladders=(_UTILITY, _AUTHENTICATION),
    calls=Calls(
        pulse=timedelta(seconds=6),
        rate_for=timedelta(minutes=1),
        free=("user_initiated",),
        line="calling",
        rules=("CALL-01",),
        ladder=Ladder(name="calling", lines=("calling",), whole=True, rules=("TIER-02",)),
    ),
)
METERED: Final = Tariff(
    charged="message",
    ladders=CALLS.ladders,
    calls=CALLS.calls,
    # P26-01: a service message costs what utility costs in its market.
    same_rate={"service": "utility"},
)
