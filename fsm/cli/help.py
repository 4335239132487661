"""What several commands say of their options; nothing is imported for it."""

from __future__ import annotations

from typing import Final

LOGS: Final = (
    "webhook bodies or events: JSON Lines or one JSON document (also .gz or .zst), CSV, Parquet or Arrow; a folder of "
    "them; or - for JSON from standard input"
)
