"""
Replay: a log goes in, one result per distinct event comes out.

This room knows that facts arrive in any order and more than once, and that one
account's allowance is shared by its threads. It refuses to know where a log comes
from and how a result is shown.

Decisions:
- 2026-11-22. The same key with different content is never resolved in silence: the
  earliest counts and the result is flagged `conflict`.
- 2026-11-22. Where two events of one second would give other answers the other way
  round, both results are flagged `tie_sensitive`.
"""

from fsm.replay.fold import Fold as Fold
from fsm.replay.fold import replay as replay
from fsm.replay.gather import Fact as Fact
from fsm.replay.gather import gather as gather
from fsm.replay.results import Result as Result
from fsm.replay.results import write_result as write_result
