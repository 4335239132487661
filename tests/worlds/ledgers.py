"""The ledger of a delivery, as a text: `python -m tests.worlds --answer tests.worlds.ledgers:ledger`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import attrs

from fsm.events import read_account
from fsm.ledger import ledger_hash, sum_of, write_row
from fsm.service.accounting import ledger_of
from fsm.service.rate_files import shipped_markets, shipped_prices
from tests.worlds.answers import read


def ledger(lines: Sequence[bytes], account: Mapping[str, object]) -> str:
    """Every row, the total, what became of the messages, what Meta states of the undelivered, and who may be whom."""
    made = ledger_of(read(lines), [read_account(account)], shipped_prices(), shipped_markets(), partial=True)
    said = [json.dumps(write_row(row)) for row in made.rows]
    said += [ledger_hash(made.rows), repr(sum_of(made.rows)), json.dumps(dict(made.fates))]
    said += [f"{recipient} {stated}" for recipient, stated in made.undelivered.items()]
    said += [json.dumps(attrs.astuple(found)) for found in made.suspicions]
    said += sorted({problem.why for problem in made.problems})
    said.append(json.dumps(dict(made.provenance), sort_keys=True, default=str))
    return "\n".join(said)
