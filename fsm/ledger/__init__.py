"""
The ledger: what a log's deliveries, conversations and calls cost, row by row, with reasons.

This room knows how an amount follows from a charge: which market and rate, which place
in the month's volume, what was free and why, what a settled month owes after a late
fact. It refuses to know which rules decided (the machine does), where a rate card was
opened, and what an invoice looks like.

Decisions:
- 2026-11-22. While conversations are charged, the conversation has the amount and each
  message in it, the first one too, is a row of its own without a charge (`attached`).
  So totals are sums of rows, with nothing counted twice.
- 2026-11-22. Amounts are `Decimal` and exact: nothing is rounded, because no text says
  how Meta rounds. A row without a rate has no amount. It is never zero for want of one.
- 2026-11-22. Rates, markets and months are those of the account's own day. Under
  `--rulebook NAME` they are those of the nearest day on which that rulebook holds.
- 2026-11-22. Volume is counted over all accounts of a portfolio in order of delivery;
  each account counts towards the month of its own zone. What Meta's tier webhook says
  beats our own count, and the row says so (TIER-01).
- 2026-11-22. Meta's stated cost (`pricing.cost`) prices a row that the rules charge. It
  never makes a free row cost something: that is a contradiction, and is flagged.
- 2026-11-22. Rows are provisional until somebody settles their month. After that a late
  fact gives a correction in the first month that is not settled. Names of customers and
  doubts may change in silence; money, market, reason and instant may not.
- 2026-11-22. Of several statuses the first that reports a delivery states the price; what
  a `sent` states was expected. A contract's rate holds at any volume, and volume tiers that
  ship with this kit do not price over the caller's own card.
- 2026-11-22. A correction's amount is the difference from all that was settled about its
  row, where a row without an amount counts as nothing; its units are the difference of the
  units charged. So settled rows and corrections always add up to what is known now.
- 2026-11-22. A log whose message ids repeat from customer to customer has a row for each
  delivery, and cannot be settled against: two rows would have one key.
- 2026-11-22. The tiers of calls count minutes; a minute that was begun counts (C: the
  page does not say). The call's beginning decides its day and month.
"""

from fsm.ledger.book import Called as Called
from fsm.ledger.book import Paying as Paying
from fsm.ledger.book import Recipient as Recipient
from fsm.ledger.book import rows_of as rows_of
from fsm.ledger.limits import portfolio_limit_use as portfolio_limit_use
from fsm.ledger.pricing import first_stated as first_stated
from fsm.ledger.rows import LEDGER_FLAGS as LEDGER_FLAGS
from fsm.ledger.rows import Row as Row
from fsm.ledger.rows import Stated as Stated
from fsm.ledger.rows import write_row as write_row
from fsm.ledger.settle import corrected as corrected
from fsm.ledger.settle import settle as settle
from fsm.ledger.totals import Sum as Sum
from fsm.ledger.totals import ledger_hash as ledger_hash
from fsm.ledger.totals import sum_of as sum_of
from fsm.ledger.totals import sums_by as sums_by
from fsm.ledger.volume import TierSwitch as TierSwitch
