"""The libraries that columns need, and what to do when they are missing."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from fsm.errors import MissingExtra

EXTRA: Final = "columns"
_NEEDED: Final = ("pyarrow", "numpy")


def require() -> None:
    """
    Raises:
        MissingExtra: pyarrow or numpy is not installed.

    >>> require()
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise MissingExtra(
            f"columns need {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed. "
            f"Install the extra: pip install 'whatsapp-conversation-fsm[{EXTRA}]'."
        )
