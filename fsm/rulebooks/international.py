"""Authentication-international: a rate of its own where Meta has told the business that it applies."""

from __future__ import annotations

from typing import Final

from fsm.rulebooks.build import rule

FIRST: Final = frozenset({"ID", "IN"})
SINCE_2025: Final = FIRST | frozenset({"AE", "EG", "MY", "NG", "PK", "SA", "ZA"})
SINCE_2026_10: Final = SINCE_2025 | frozenset({"BD", "IQ", "KW", "KZ", "LK", "MA", "NP", "OM", "UA"})

RULES: Final = (
    rule(
        "INTL-01",
        "A business becomes eligible by sending more than 750,000 messages outside windows within 30 days to customers of a "
        "listed country; eligibility is permanent.",
        "M-AUTHINT",
        "A",
        "No thread can know it: the account says for which countries, and from when.",
    ),
    rule(
        "INTL-02",
        "The international rate starts at an instant of its own for every business and country, and the delivery is "
        "compared with it.",
        "M-AUTHINT",
        "A",
    ),
    rule(
        "INTL-03",
        "It never applies to the country of the verified primary business location; an unverified one gives no protection.",
        "M-AUTHINT",
        "A",
    ),
    rule(
        "INTL-04",
        "Listed are Indonesia and India since June 2024; Egypt, Malaysia, Nigeria, Pakistan, Saudi Arabia, South Africa and "
        "the United Arab Emirates since 2025-02-01; and since 2026-10-01 the nine that then became markets of their own: "
        "Bangladesh, Iraq, Kazakhstan, Kuwait, Morocco, Nepal, Oman, Sri Lanka and Ukraine.",
        "M-AUTHINT M-CBP M-OCT26",
        "A",
        "Kazakhstan shares +7 with Russia; the numbers that begin with +7 6 and +7 7 are Kazakh.",
    ),
    rule(
        "INTL-05",
        "The international authentication rate is spelt with an underscore on one page and a hyphen on another.",
        "M-AUTHINT M-STAT",
        "A",
        "Both are read as the same.",
    ),
)
