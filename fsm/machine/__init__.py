"""
The reference machine: one flat `transitions` machine per lane, and a frozen thread.

This room makes the tables run. It knows how time passes, how facts are taken from
a configuration, and how a delivery becomes openings and a charge. It refuses to
know any rule: not a number of hours, not a category, not a date.

Its pieces: `lanes` (rows to machines), `table` (the same, compiled), `thread` (the
value), `law` (which edition holds when, for one account), `step` (`advance` and
`apply`), `judge`, and `allowances` (units of the month).

Decisions:
- 2026-11-22. Flat machines per lane, driven unregistered, with facts taken before
  the event. The library's nested parallel states fire an event several times, let
  guards see half-updated states and are not thread-safe; registering models is
  quadratic and drops equal ones.
- 2026-11-22. The second after the window's end is a state of its own (`boundary`),
  because what holds in it is not documented. So the doubt is in the table, and not
  an exception in the code.
- 2026-11-22. An inbound event of which no text says whether it opens the window
  runs a lane of its own (`customer_service_window_in_doubt`). It never opens
  anything; it turns a refusal into `unspecified`.
- 2026-11-22. A delivery that the rules refused at sending is taken as it is: it
  opens and costs what it would have, and is flagged. It has happened.
- 2026-11-22. Whether an answer to a free entry point is timely is a fact of the
  message, taken when it is sent; the rulebook says whether that or the delivery
  counts.
"""

from fsm.machine.allowances import Allowances as Allowances
from fsm.machine.judge import judge as judge
from fsm.machine.law import Law as Law
from fsm.machine.outcomes import Intent as Intent
from fsm.machine.outcomes import Outcome as Outcome
from fsm.machine.outcomes import Verdict as Verdict
from fsm.machine.step import Step as Step
from fsm.machine.step import advance as advance
from fsm.machine.step import apply as apply
from fsm.machine.thread import Thread as Thread
