"""
What threads did, on its way from the worker that ran them to the one that settles them.

Where a month's allowance decides, an answer hangs on all other threads: both of its outcomes travel until that is known.
The log is run once, and what lies on disks meanwhile are the rows that are to be written. They are pickled: Spark moves
everything between the workers of one job like that.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa

from fsm.bulk.bucket import Answers
from fsm.bulk.encode import Encoded
from fsm.bulk.layout import LEFT, NONE
from fsm.bulk.memory import WHAT
from fsm.bulk.program import Program
from fsm.spark.counting import USES_SCHEMA, blank
from fsm.spark.parcels import Numbers, means

ANSWERS: Final = "answers"
ANSWERED: Final = USES_SCHEMA.append(pa.field(ANSWERS, pa.binary()))
"""
What a worker tells of its threads: rows that could use the allowance, and between them, in `answers`, what they all did.
"""
_BY_ROW: Final = ("raised", "ties", "clocks", "ends", "editions", "most")


class Sender:
    """
    Makes bytes of answers that another process can read.

    Args:
        program: whose cells and symbols they name.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._cells: list[bytes] = []
        self._told = 0

    def rows(self, uses: Any, answers: Answers) -> Iterator[Any]:
        """
        Batches of `ANSWERED`.

        Args:
            uses: what `fsm.spark.counting.Uses` tells of the answers.
        """
        nothing = pa.nulls(uses.num_rows, pa.binary())
        yield pa.record_batch([*uses.columns, nothing], schema=ANSWERED)
        yield pa.RecordBatch.from_pylist([{**blank(), ANSWERS: self.packed(answers)}], schema=ANSWERED)

    def packed(self, answers: Answers) -> bytes:
        """Answers, and all that their numbers stand for."""
        encoded = answers.encoded.part(answers.rows)
        parcel = {
            "cells": answers.cells,
            **{name: getattr(answers, name) for name in _BY_ROW},
            # Column by column: like numbers lie together, and take less room.
            "records": np.ascontiguousarray(encoded.records.T),
            "stated": encoded.ends,
            "what": means(encoded),
            "customers": encoded.customers,
            "texts": encoded.texts,
            "odd": dict(encoded.odd),
            "means": self._means(),
        }
        raw = pickle.dumps(parcel, protocol=5)
        return len(raw).to_bytes(8, "little") + bytes(pa.compress(raw, codec="lz4", asbytes=True))

    def _means(self) -> list[bytes]:
        """
        What cells stand for, in pieces that stay the same: their outcomes if a unit is left and if none is, and what was
        delivered.
        """
        program = self._program
        count = len(program.about)
        if count > self._told:
            cells = program.tables.cells[self._told : count]
            told = [
                (program.outcomes[left], program.outcomes[none], about)
                for left, none, about in zip(
                    cells[:, LEFT].tolist(), cells[:, NONE].tolist(), program.about[self._told : count], strict=True
                )
            ]
            self._cells.append(pickle.dumps(told, protocol=5))
            self._told = count
        return self._cells


class Receiver:
    """
    Makes answers of those bytes, in the numbers of this process.

    Args:
        numbers: gives those of businesses and symbols.
    """

    def __init__(self, numbers: Numbers) -> None:
        self._numbers, self._program = numbers, numbers.program
        self._known: dict[bytes, Any] = {}

    def each(self, batches: Iterable[Any]) -> Iterator[Answers]:
        """
        The answers in some batches.

        Args:
            batches: with a column of what `Sender.packed` made.
        """
        for batch in batches:
            for parcel in batch.column(0):
                yield self.answers(parcel.as_buffer().to_pybytes())

    def answers(self, parcel: bytes) -> Answers:
        """The answers in a parcel."""
        size = int.from_bytes(parcel[:8], "little")
        told = pickle.loads(pa.decompress(parcel[8:], decompressed_size=size, codec="lz4"))  # noqa: S301 (see above)
        records = np.ascontiguousarray(told["records"].T)
        records[:, WHAT] = self._numbers.told(told["what"], records[:, WHAT])
        encoded = Encoded(
            records=records,
            ends=told["stated"],
            businesses=self._numbers.businesses,
            customers=told["customers"],
            texts=told["texts"],
            odd=told["odd"],
            program=self._program,
        )
        cells = np.concatenate([np.zeros(0, np.int32), *(self._cells(piece) for piece in told["means"])])
        return Answers(
            encoded=encoded,
            rows=np.arange(len(records)),
            cells=cells[told["cells"]],
            threads=0,
            routed=0,
            **{name: told[name] for name in _BY_ROW},
        )

    def _cells(self, piece: bytes) -> Any:
        """The cells of this process that stand for those of a piece."""
        found = self._known.get(piece)
        if found is None:
            told = pickle.loads(piece)  # noqa: S301 (see above)
            found = self._known[piece] = np.array(
                [self._program.told(0, left, none, about) for left, none, about in told], np.int32
            )
        return found
