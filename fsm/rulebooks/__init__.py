"""
WhatsApp's conversation rules: one module per date on which the law changed.

Each `from_YYYY_MM_DD` module opens with what changed and holds the rules that are
new, each with its source. It builds on the law before it and never on a later one;
it contains values and asks no dates. `fsm.rulebooks.timeline` puts them in order.

This room knows the law. It refuses to know how it is run.

Decisions:
- 2026-11-22. Amendments with their own dates (entry point length, US pause, calls,
  AI providers, Direct Send, ...) are *editions* of the rulebook they amend: they
  share its name and have a module each. The law of any day is then one value, with
  no overlay left to apply and no date to ask.
- 2026-11-22. Nothing is answered before 2019-06-01, the earliest date any source
  gives for notification pricing.
- 2026-11-22. How an amount follows from a charge (volume tiers, calls, members of groups)
  is a table of the rulebook too, its tariff; what Meta calls a delivery in webhooks and
  analytics are its labels. Amounts and markets are no rules but prices: `fsm.rates`.
- 2026-11-22. Template review (TPL-03, 04, 06, 08), maximum prices (MM-02), Direct Send's
  review errors (DS-02), limits by quality and pace (LIM-02, LIM-03) and permission to call
  (CALL-02 to 04) are not here: they do not decide on one message, or cannot be known from
  what a business sees.
"""

from fsm.rulebooks.timeline import editions as editions
