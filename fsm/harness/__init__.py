"""
The harness: features to scripts, and scripts to verdicts.

This room knows the vocabulary of the scenarios, in English and Spanish, and what each
phrase does. It compiles features from the Gherkin tree, lints them, and runs what they
tell. It refuses to know what the answer should be: that is what scenarios are for.

Decisions:
- 2026-11-22. A phrase is a value with a pattern per language and one action, so the
  pytest-bdd steps, the compiler and the documentation cannot drift apart.
- 2026-11-22. A scenario "opens" exactly what it says: more than that is a failure
  even without "and nothing else opens".
- 2026-11-22. Scenarios say error codes in words. The lexicon maps the words to codes
  by itself, not through the tables that the scenarios test.
- 2026-11-22. Amounts, markets and labels are asked of the ledger, with rates that the
  scenario gives and never those shipped. Live threads know no amounts, so there the
  ledger is made of what they recorded, as `fsm ledger` would. Several accounts are a
  matter of the ledger alone: of another account's thread nothing else can be asked.
- 2026-11-22. A call of no seconds was not accepted, and so leaves no event.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fsm.harness.conform.adapters.python import Adapter as Adapter
    from fsm.harness.conform.adapters.python import Skip as Skip
    from fsm.harness.conform.own_features import world_of as world_of
    from fsm.harness.conform.suite import conformance_suite as conformance_suite

_FROM = {
    "Adapter": "fsm.harness.conform.adapters.python",
    "Skip": "fsm.harness.conform.adapters.python",
    "conformance_suite": "fsm.harness.conform.suite",
    "world_of": "fsm.harness.conform.own_features",
}
"""What outsiders import from here; loaded when it is asked for, since the rest of the room needs none of it."""


def __getattr__(name: str) -> Any:
    if name in _FROM:
        return getattr(import_module(_FROM[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
