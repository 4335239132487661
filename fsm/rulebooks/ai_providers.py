"""AI providers: in some markets they pay for every message, on dates of their own."""

from __future__ import annotations

from typing import Final

from fsm.rulebooks.build import rule

ITALY: Final = frozenset({"IT"})
BRAZIL: Final = frozenset({"BR"})
REST_OF_EEA: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS LI LT LU LV MT NL NO PL PT RO SE SI SK".split()
)

RULES: Final = (
    rule(
        "PMP-14",
        "In listed markets AI providers pay for every message that is not a template: Italy from 2026-02-16, the rest of "
        "the EEA and Brazil from 2026-03-11; Italy and the EEA end on 2026-05-13.",
        "M-AI",
        "A",
        "A free entry point waives this charge too: the pricing page says that everything inside it is free.",
    ),
)
