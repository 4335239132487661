"""
Change every cell of the law, one at a time, and see whether the features notice.

    python -m tests.mutation                every mutant; writes the record that `fsm spec` reads
    python -m tests.mutation CBP2-06        those of one rule

The same as `fsm spec pin --write`, and `fsm spec pin CBP2-06`. Exit code 1 if a mutant survives that
`fsm/spec/survivors.toml` does not explain.
"""

from __future__ import annotations

import sys

from fsm.cli.main import main

if __name__ == "__main__":
    rules = sys.argv[1:]
    raise SystemExit(main(["spec", "pin", *(rules or ["--write"])]))
