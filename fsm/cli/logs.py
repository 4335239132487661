"""What a log left over, told on standard error: what could not be read, and what does nothing."""

from __future__ import annotations

import sys
from itertools import groupby

from fsm.service.reading import Log

_MOST_PROBLEMS = 20


def report(log: Log) -> None:
    """What was read and not used, and what could not be read."""
    for problem in log.problems[:_MOST_PROBLEMS]:
        print(f"fsm: {problem}", file=sys.stderr)
    if len(log.problems) > _MOST_PROBLEMS:
        print(f"fsm: and {len(log.problems) - _MOST_PROBLEMS} more lines that cannot be read", file=sys.stderr)
    if log.notes:
        listed = ", ".join(f"{name} {count}" for name, count in sorted(log.notes.items()))
        print(f"Recognised, and without effect on a thread: {listed}", file=sys.stderr)
    if log.unknown_members:
        listed = ", ".join(sorted(log.unknown_members))
        print(f"Members nobody knows, passed over: {listed}", file=sys.stderr)
    for reason, group in groupby(sorted(log.unread, key=lambda unread: unread.why), key=lambda unread: unread.why):
        places = [unread.where for unread in group]
        more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
        print(f"Kept but not understood: {places[0]}: {reason}{more}", file=sys.stderr)
