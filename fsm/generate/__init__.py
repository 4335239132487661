"""
Generated traffic: histories that look like those of businesses, for trials and measurements.

This room knows how people might behave: when they write, how soon they answer, what a
network loses, repeats and disorders. It refuses to know what any of it does: what a
careful business must know of the rules it looks up in the rulebooks.

Decisions:
- 2026-11-26. Every draw is a function of the seed, the thread and a count, in integers.
  So the same traffic comes out of any chunks, workers and machines.
- 2026-11-26. Behaviour is invented, and says so where it stands. It is shaped to reach
  the rules' edges often, not to forecast anybody's bill.
- 2026-11-26. Phone numbers have the length of real ones and stand in blocks that are
  assigned to nobody.
- 2026-11-26. Instants are whole seconds, as in webhooks. Groups, business-scoped ids and
  prices in statuses are not generated.
"""

from fsm.columns import extra as _extra

_extra.require()

from fsm.generate.traffic import STORIES as STORIES  # noqa: E402 (after the check for the libraries)
from fsm.generate.traffic import Traffic as Traffic  # noqa: E402
