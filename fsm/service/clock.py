"""The one place where this package asks what time it is."""

from __future__ import annotations

from datetime import UTC, datetime

from fsm.events import instant_of


def now() -> int:
    """The present instant, microseconds since 1970 (UTC). Frozen clocks freeze this too."""
    return instant_of(datetime.now(UTC))
