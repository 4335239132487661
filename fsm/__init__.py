"""
WhatsApp's conversation rules, written down once and made to run.

Start with `CustomerThread`: one customer with one business phone number, events
in, verdicts out. The rules it follows are the tables in `fsm.rulebooks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fsm.service.customer_thread import CustomerThread as CustomerThread

__version__ = "0.1.0"
__all__ = ["CustomerThread", "__version__"]


def __getattr__(name: str) -> object:
    # Loaded on first use, so that `fsm --version` pays for nothing it does not need.
    if name == "CustomerThread":
        from fsm.service.customer_thread import CustomerThread

        return CustomerThread
    raise AttributeError(f"module 'fsm' has no attribute {name!r}")
