"""
Reconciliation: our ledger beside what somebody else states about the same traffic.

This room knows how three other accounts of a month are read and compared with our rows:
Meta's own statuses, the analytics of the Graph API, and an invoice. It refuses to know
how a row came about (the ledger does), what the law calls a delivery (the rulebooks do),
and where a file was opened.

Decisions:
- 2026-11-22. Every row of ours is in exactly one line, or in exactly one group of rows that
  the other side does not speak about; every entry of theirs is in exactly one line. Nothing
  is dropped because it is hard to place.
- 2026-11-22. Labels are compared through tables, never as equal words: analytics count free
  utility as service, and `free_customer_service` changed its meaning (LBL-05, P26-13).
- 2026-11-22. `billable` is compared and never makes money (LBL-06). `pricing.cost` is
  compared with the card; which of the two prices a row is the ledger's decision.
- 2026-11-22. Ends are compared to the minute, rounded up from the sending as Meta rounds
  them (LBL-02). Where the log does not tell the sending, only an end that is too late is a
  difference. Ids of conversations are compared while there are conversations, and in free
  entry points; in 2025 every message had one of its own.
- 2026-11-22. Rows that could be in several data points (a calling code that two countries
  share, an account whose phone numbers are not told) make these points one line: rather a
  coarse comparison than a guess.
- 2026-11-22. Sums of analytics are decimal texts of binary fractions. A difference of less
  than a millionth is told in words and is not a difference; an invoice is compared exactly.
- 2026-11-22. Some outcomes need nobody's attention: a failed message stands in a webhook and
  in no ledger, days before the log stand in an export. They are `normal`, counted, and do
  not make `--check` fail.
- 2026-11-23. Only free rows may be missing from an export as expected. A file that is empty, or
  of another month, does not agree with a row that is charged or that no rule prices.
- 2026-11-23. An amount in another currency than the ledger's is refused: counted without its
  amount, it would agree with anything.
"""

from fsm.reconcile.buckets import against_export as against_export
from fsm.reconcile.entries import Entry as Entry
from fsm.reconcile.entries import Export as Export
from fsm.reconcile.exports import is_analytics as is_analytics
from fsm.reconcile.exports import read_analytics as read_analytics
from fsm.reconcile.invoices import read_invoice as read_invoice
from fsm.reconcile.lines import DIFFERS as DIFFERS
from fsm.reconcile.lines import MATCHED as MATCHED
from fsm.reconcile.lines import ONLY_OURS as ONLY_OURS
from fsm.reconcile.lines import ONLY_THEIRS as ONLY_THEIRS
from fsm.reconcile.lines import OUTCOMES as OUTCOMES
from fsm.reconcile.lines import Difference as Difference
from fsm.reconcile.lines import LeftOut as LeftOut
from fsm.reconcile.lines import Line as Line
from fsm.reconcile.lines import Reconciliation as Reconciliation
from fsm.reconcile.lines import Tally as Tally
from fsm.reconcile.naming import label_of as label_of
from fsm.reconcile.naming import meaning as meaning
from fsm.reconcile.places import countries_by as countries_by
from fsm.reconcile.statuses import against_webhook as against_webhook
