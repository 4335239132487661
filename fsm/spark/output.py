"""
What a replay on a cluster writes, as Parquet: by the workers themselves where all of them and we see one folder.

Spark writes rows one by one, which takes longer than working them out; a worker writes the columns as they are. Each
attempt of a task writes files with names of its own into a folder beside the target, and only those that a finished
attempt told of are moved into it: a task that was run twice leaves one copy of its rows.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from fsm.bulk.job import parquet_options
from fsm.errors import BadColumns

MODES: Final = ("errorifexists", "error", "overwrite", "append", "ignore")
"""What to do if there is something at the target already, as Spark calls it."""
ROWS_TOGETHER: Final = 500_000
"""Rows of a file, at least, unless there are no more."""
SPARK_ROWS: Final = b"org.apache.spark.sql.parquet.row.metadata"
"""Where Spark looks for the schema that it gave a Parquet file."""
WRITTEN: Final = pa.schema(
    [pa.field("file", pa.string(), nullable=False), pa.field("rows", pa.int64(), nullable=False)]
)
"""What a worker tells of the files that it wrote."""


def shared_folder(session: Any, target: str) -> Path | None:
    """The folder that a target is on this machine's own disk; None if only Spark can write there."""
    path = session._jvm.org.apache.hadoop.fs.Path(target)
    system = path.getFileSystem(session._jsc.hadoopConfiguration())
    return Path(system.makeQualified(path).toUri().getPath()) if system.getScheme() == "file" else None


def wanted(folder: Path, mode: str) -> bool:
    """
    Whether anything is to be written.

    Raises:
        BadColumns: the mode is none, or the folder holds something that it does not allow for.
    """
    if mode not in MODES:
        raise BadColumns(f"mode is {mode!r}, which is none of {', '.join(MODES)}.")
    if not folder.exists():
        return True
    if mode in ("errorifexists", "error"):
        raise BadColumns(
            f"{folder} exists already, and nothing was written. Name another folder, or say what to do with --mode."
        )
    return mode != "ignore"


def write_files(batches: Iterable[Any], folder: str, schema: Any) -> Iterator[Any]:
    """
    Write record batches to files of a folder; batches of `WRITTEN` tell of them.

    Args:
        schema: of the files. Texts may be dictionaries in the batches, and unsigned numbers of 64 bits are written as
            the same bits, signed: what Spark can read.
    """
    waiting: list[Any] = []
    count = 0
    for batch in batches:
        if batch.num_rows:
            waiting.append(batch)
            count += batch.num_rows
        if count >= ROWS_TOGETHER:
            yield _write(waiting, folder, schema)
            waiting, count = [], 0
    if count:
        yield _write(waiting, folder, schema)


def _write(batches: Sequence[Any], folder: str, schema: Any) -> Any:
    table = pa.Table.from_batches(batches).unify_dictionaries()
    columns = [
        pa.chunked_array([chunk.view(pa.int64()) for chunk in column.chunks], pa.int64())
        if pa.types.is_uint64(column.type)
        else column
        for column in table.columns
    ]
    fields = [pa.field(field.name, column.type, field.nullable) for field, column in zip(schema, columns, strict=True)]
    table = pa.Table.from_arrays(columns, schema=pa.schema(fields, metadata=schema.metadata))
    name = f"part-{uuid.uuid4()}.parquet"
    _put(table, Path(folder, name))
    return pa.record_batch([pa.array([name]), pa.array([table.num_rows])], schema=WRITTEN)


def _put(table: Any, path: Path) -> None:
    # Without Arrow's own schema: texts that were dictionaries here are texts to whoever reads them.
    with pq.ParquetWriter(path, table.schema, store_schema=False, **parquet_options(table.schema)) as writer:
        writer.write_table(table)
        # Arrow leaves out what the schema says as well, which Spark asks for.
        writer.add_key_value_metadata(table.schema.metadata or {})


def beside(folder: Path) -> Path:
    """An empty folder beside the target, for files that no finished task has told of yet."""
    room = folder.parent / f".{folder.name}.{uuid.uuid4()}"
    room.mkdir(parents=True)
    return room


def publish(names: Iterable[str], room: Path, folder: Path, schema: Any, mode: str) -> None:
    """
    Put what finished tasks wrote where it belongs: a new target appears with all of its files at once.

    Raises:
        BadColumns: a file is not there: the workers see another disk.
    """
    kept = sorted(names)
    lacking = next((name for name in kept if not (room / name).exists()), None)
    if lacking is not None:
        raise BadColumns(
            f"a worker wrote {room / lacking}, which this machine does not see. Give a target that all machines of the "
            "cluster share."
        )
    if not kept:
        _put(schema.empty_table(), room / "part-empty.parquet")
        kept = ["part-empty.parquet"]
    if folder.exists() and mode == "append":
        for name in kept:
            (room / name).rename(folder / name)
        return
    for path in room.iterdir():
        if path.name not in kept:
            path.unlink()
    (room / "_SUCCESS").touch()
    if mode == "overwrite":
        shutil.rmtree(folder, ignore_errors=True)
    wanted(folder, "errorifexists")
    room.rename(folder)
