"""
Events and accounts: what the rules are asked about.

This room knows how an event is written in a log, how an instant is, which events
are the same event, and in which order they count. It refuses to know what any of
them does: that is the rulebooks' business.

Decisions:
- 2026-11-22. Instants are integers, microseconds since 1970 in UTC. Python's own
  clock has that grain, so nothing is rounded on the way in, and 24 hours are
  86,400 elapsed seconds whatever the local clocks do.
- 2026-11-22. A member of a log line that nobody knows is reported, not refused:
  logs of the future will carry more than we read. A *value* that nobody knows is
  refused, since it could change an answer. Categories and template states are the
  exception: Meta adds to them, and a rulebook that does not know one answers
  `unspecified`.
- 2026-11-22. The log gained two optional members, `entry_point_ends_at` and
  `inferred`: what a webhook says beyond the events themselves. The account file
  gained `integration`, `payment_method`, `sold_to`, `currency` and
  `[customers] in_experiment`, because rules in force ask about them.
"""

from fsm.events.account import Account as Account
from fsm.events.account import read_account as read_account
from fsm.events.event import Event as Event
from fsm.events.event import read_event as read_event
from fsm.events.event import write_event as write_event
from fsm.events.instants import datetime_of as datetime_of
from fsm.events.instants import format_instant as format_instant
from fsm.events.instants import instant_of as instant_of
from fsm.events.instants import micros as micros
from fsm.events.instants import parse_instant as parse_instant
from fsm.events.values import changed as changed
