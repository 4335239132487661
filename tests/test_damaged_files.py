"""Files of columns that were damaged on their way: whatever a cut or a bit does is told, or changes nothing."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fsm.bulk import bulk_replay
from fsm.columns import event_schema, read_events
from fsm.errors import BadLog, FsmError
from fsm.generate import Traffic
from fsm.generate.output import write_parts
from fsm.machine import Law

LAW = Law(engine="table")
DAMAGES = 60


def _log(folder: Path, format: str, profile: str) -> Path:
    write_parts(Traffic(threads=30), str(folder), format=format, profile=profile, part=30)
    return next(path for path in folder.rglob("*") if path.is_file())


def _damaged(raw: bytes, chance: random.Random) -> bytes:
    """The bytes cut off, or with some bits turned over."""
    if chance.random() < 0.3:
        return raw[: chance.randrange(len(raw))]
    changed = bytearray(raw)
    for _ in range(chance.choice((1, 1, 3, 20))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


@pytest.mark.parametrize("profile", ["packed", "coded", "readable"])
def test_parquet_that_was_damaged_is_told_or_says_the_same(profile: str, tmp_path: Path) -> None:
    whole = _log(tmp_path / "log", "parquet", profile)
    raw, answer = whole.read_bytes(), bulk_replay([str(whole)], LAW, tmp_path / "out", hashed=True).digest
    events = read_events([str(whole)])
    chance, told = random.Random(profile), 0
    for number in range(DAMAGES):
        file = tmp_path / "damaged.parquet"
        file.write_bytes(_damaged(raw, chance))
        try:
            found = bulk_replay([str(file)], LAW, tmp_path / f"out-{number}", hashed=True).digest
            assert found == answer
            assert read_events([str(file)]).equals(events)
        except FsmError as problem:
            assert str(problem).startswith(str(file))  # noqa: PT017 (either answer will do, no other)
            told += 1
    assert told > 0.8 * DAMAGES


def test_a_bit_of_parquet_is_told_by_its_checksum(tmp_path: Path) -> None:
    """What is not compressed: nothing but a checksum could know."""
    whole = _log(tmp_path / "log", "parquet", "packed")
    raw = whole.read_bytes()
    digits = read_events([str(whole)]).column("customer")[0].as_py()
    place = raw.index(int(digits).to_bytes(8, "little"))
    whole.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
    words = re.escape(f"{whole}: it is damaged: its checksums do not fit what it holds.")
    for read in (read_events, lambda paths: bulk_replay(paths, LAW, tmp_path / "out")):
        with pytest.raises(BadLog, match=words):
            read([str(whole)])


def test_an_arrow_stream_cut_between_two_batches_is_told(tmp_path: Path) -> None:
    events = read_events([str(_log(tmp_path / "log", "ipc", "coded"))]).combine_chunks()
    path = tmp_path / "stream.arrow"
    lengths = []
    with path.open("wb") as file, pa.ipc.new_stream(file, events.schema) as stream:
        for batch in events.to_batches(max_chunksize=200):
            stream.write_batch(batch)
            lengths.append(file.tell())
    assert read_events([str(path)]).num_rows == events.num_rows
    raw = path.read_bytes()
    for length in lengths:
        path.write_bytes(raw[:length])
        with pytest.raises(BadLog, match="the end of the stream is missing"):
            read_events([str(path)])


def test_packed_columns_are_all_there_or_the_file_is_refused(tmp_path: Path) -> None:
    whole = _log(tmp_path / "log", "parquet", "packed")
    table = pq.read_table(whole)
    pq.write_table(table.drop_columns(["kind", "error"]), whole)
    for read in (read_events, lambda paths: bulk_replay(paths, LAW, tmp_path / "out")):
        with pytest.raises(BadLog, match="it lacks the columns kind, error"):
            read([str(whole)])


@pytest.mark.parametrize("format", ["parquet", "ipc"])
def test_texts_that_are_no_utf8_are_told(format: str, tmp_path: Path) -> None:
    schema = event_schema()
    events = read_events([str(_log(tmp_path / "log", "ipc", "coded"))]).combine_chunks()
    raw = pa.array([b"\xff\xfe"] * events.num_rows, pa.binary())
    broken = pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())
    place = events.schema.get_field_index("customer")
    table = events.set_column(place, schema.field("customer"), broken)
    path = tmp_path / f"log.{'parquet' if format == 'parquet' else 'arrow'}"
    if format == "parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as file:
            file.write_table(table)
    for read in (read_events, lambda paths: bulk_replay(paths, LAW, tmp_path / "out")):
        with pytest.raises(BadLog, match="UTF-8"):
            read([str(path)])
