"""What the exit codes of `fsm` mean, and what the commands say alike."""

from __future__ import annotations

from typing import Final

FINE: Final = 0
ANSWER_IS_NO: Final = 1
"""Refused, or differing, where `--check` asked."""
BAD_INPUT: Final = 2
"""Bad usage, or input that cannot be read."""
INTERRUPTED: Final = 130
LOGS: Final = (
    "webhook bodies or events: JSON Lines or one JSON document (also .gz or .zst), CSV, Parquet or Arrow; a folder of "
    "them; or - for JSON from standard input"
)
"""What commands that read logs take, for their help."""
