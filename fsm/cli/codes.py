"""What the exit codes of `fsm` mean."""

from __future__ import annotations

from typing import Final

FINE: Final = 0
ANSWER_IS_NO: Final = 1
"""Refused, or differing, where `--check` asked."""
BAD_INPUT: Final = 2
"""Bad usage, or input that cannot be read."""
INTERRUPTED: Final = 130
TERMINATED: Final = 143
