"""
What if: the same traffic under several rulebooks, what each would have cost, why they differ, and what would avoid it.

This room knows how ledgers of one traffic are laid side by side: delivery by delivery, rule by rule, customer
by customer. It takes values and returns values; texts, JSON and pictures are made from those. It refuses to know
any rule, any price and any file: what is charged comes out of the ledger, and what would be saved comes out of
the ledger again, made anew from changed traffic.

Decisions:
- 2026-11-22. What is compared is a delivery (in a group, the delivery to one member) or a call. A conversation's
  price belongs to the delivery that opened it. So "one conversation became three messages" is one delivery charged
  otherwise and two that became charged; the customer's day tells them together.
- 2026-11-22. A difference is split into rules and rates, and the two always add up to it. Newly charged: the whole
  new amount is rules. No longer charged: the whole old amount, taken off, is rules. Charged on both sides by the
  same line, for the same thing (a conversation, a message, a call) and the same number of units: the difference is
  rates; other volume tiers and other markets are in it. Charged on both sides in any other way: the whole
  difference is rules.
- 2026-11-22. Where one side has no known amount there is no difference in money. Such deliveries are counted
  (`unknown`), and what the known side costs stands apart (`one_sided`): rules + rates + one-sided is the difference
  of the totals to the last digit, and nothing unknown is taken for zero.
- 2026-11-22. Only cards price a comparison. The cost and the volume tiers that Meta's webhooks state belong to one
  law; beside the prices of another law they would look like a difference of rules. Meta's statements about what was
  sent stay.
- 2026-11-22. The rules that cause a difference are those that decided under the new rulebook and not under the old.
  If there are none, the same rules decided, and all that decided are named.
- 2026-11-22. Customers are ranked under each rulebook by what they cost there: the costliest hundredth of one
  rulebook need not be that of another. The customer in the middle is a real one, the lower of two.
- 2026-11-22. A suggestion is a changed log, replayed and priced. What it saves is the difference to the ledger of
  the unchanged log, over deliveries whose amounts are known in both. A change that the rerun shows to be refused, or
  to be without its point, is taken back and the rest run again. Each saving stands alone; they do not add up.
- 2026-11-22. The 60 seconds between bubbles, the day within which utility came too late and the minute within which an
  entry point is answered are assumptions of a question, not rules: parameters, named in the report.
"""

from fsm.whatif.ask import Answer as Answer
from fsm.whatif.ask import what_if as what_if
from fsm.whatif.avoid import NOT_LOOKED_AT as NOT_LOOKED_AT
from fsm.whatif.avoid import Assumptions as Assumptions
from fsm.whatif.avoid import Suggestion as Suggestion
from fsm.whatif.avoid import suggestions as suggestions
from fsm.whatif.compare import compare as compare
from fsm.whatif.picture import comparison_picture as comparison_picture
from fsm.whatif.sides import Side as Side
from fsm.whatif.values import Cause as Cause
from fsm.whatif.values import Comparison as Comparison
from fsm.whatif.values import Delivery as Delivery
from fsm.whatif.values import Priced as Priced
from fsm.whatif.values import Step as Step
from fsm.whatif.written import delivery_cells as delivery_cells
from fsm.whatif.written import write_answer as write_answer
