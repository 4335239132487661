"""Events to files: Parquet, Arrow IPC, CSV and JSON Lines, batch by batch."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from urllib.parse import quote

import attrs
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fsm.columns.coding import from_events
from fsm.columns.instants import texts_of
from fsm.columns.lines import csv_header, csv_lines, json_lines
from fsm.columns.names import Names
from fsm.columns.profiles import packed, readable, recoded
from fsm.columns.schema import NAMES_KEY, names_of
from fsm.errors import BadColumns
from fsm.service.endings import ENDINGS, FORMATS, format_of, packing_of
from fsm.service.files import whole_file

PROFILES: Final = ("readable", "coded", "packed")
ROWS_TOGETHER: Final = 1_048_576
"""Rows of a group of a Parquet file: many, so that their pages compress, and few enough to wait in memory."""


@attrs.frozen
class Kind:
    """What a file is: its format, and how it is packed (`gzip`, `zstd` or empty)."""

    format: str
    packing: str = ""


def kind_of(path: str, format: str | None = None) -> Kind:
    """
    What a file is, by its ending.

    Raises:
        BadColumns: the ending says nothing, and no format is given.

    >>> kind_of("log.jsonl.zst")
    Kind(format='jsonl', packing='zstd')
    """
    packing, name = packing_of(path), format or format_of(path)
    if name in FORMATS:
        if packing and name in ("parquet", "ipc"):
            raise BadColumns(f"{path}: {name} is packed inside. Leave the ending {Path(path).suffix} out.")
        return Kind(name, packing)
    if format is not None:
        raise BadColumns(f"there is no format {format!r}; there are {', '.join(FORMATS)}.")
    raise BadColumns(
        f"{path}: the ending does not say what it is; known are {', '.join(ENDINGS)}, the last four also with .gz or .zst. "
        "Rename it, or name the format."
    )


class EventWriter:
    """
    One file of events, written batch by batch. It stands under its name only once it is whole.

    Args:
        path: the file; `-` is standard output, for CSV and JSON Lines.
        format: `parquet`, `ipc`, `csv` or `jsonl`; by the ending if not given.
        profile: of Parquet and IPC: `readable`, `coded` or `packed`.
        compression: of Parquet and IPC, `none` for none; if not given `zstd`, and `lz4` for `packed`, which is made to
            be read fast.

    >>> import tempfile
    >>> from fsm.columns import from_events
    >>> from fsm.events import Event
    >>> with tempfile.TemporaryDirectory() as folder, EventWriter(f"{folder}/log.parquet") as writer:
    ...     writer.write(from_events([Event(event="opted_in", at=0, business="b", customer="c")]))
    >>> writer.rows
    1
    """

    def __init__(
        self, path: str, *, format: str | None = None, profile: str = "coded", compression: str | None = None
    ) -> None:
        if profile not in PROFILES:
            raise BadColumns(f"there is no profile {profile!r}; there are {', '.join(PROFILES)}.")
        self.rows = 0
        self.path, self.profile = path, profile
        self.kind = kind_of(path, format or ("jsonl" if path == "-" else None))
        self.names = Names()
        self._compression = compression or ("lz4" if profile == "packed" else "zstd")
        self._whole = ExitStack()
        self._text: Any = None
        self._writer: Any = None
        self._told = ""
        self._waiting: list[Any] = []
        self._wait_rows = 0
        self._businesses: dict[str, int] = {}
        self._dictionary: Any = pa.array([], type=pa.string())
        if path == "-" and self.kind.format in ("parquet", "ipc"):
            raise BadColumns(f"{self.kind.format} cannot go to standard output. Name a file.")
        if self.kind.format in ("parquet", "ipc") and Path(path).exists() and not Path(path).is_file():
            raise BadColumns(f"{path} is no plain file, and {self.kind.format} needs one. Name one, or write CSV.")

    def write(self, batch: Any) -> None:
        """
        Write coded events.

        Raises:
            BadColumns: they do not fit the profile.
        """
        if not batch.num_rows:
            return
        if self.kind.format in ("csv", "jsonl"):
            self._write_text(batch)
        else:
            batch = self._with_businesses(recoded(batch, self.names))
            self._waiting.append(_PROFILED[self.profile](batch))
            self._wait_rows += batch.num_rows
            if self._wait_rows >= ROWS_TOGETHER:
                self._write_columns()
        self.rows += batch.num_rows

    def _with_businesses(self, batch: Any) -> Any:
        """One dictionary for the whole file, which grows: IPC files allow no other."""
        column = batch.column("business")
        places = [self._businesses.setdefault(id, len(self._businesses)) for id in column.dictionary.to_pylist()]
        if len(self._businesses) != len(self._dictionary):
            self._dictionary = pa.array(list(self._businesses), type=pa.string())
        indices = pa.array(places, type=pa.int32()).take(column.indices)
        place = batch.schema.get_field_index("business")
        columns = list(batch.columns)
        columns[place] = pa.DictionaryArray.from_arrays(indices, self._dictionary)
        return pa.record_batch(columns, schema=batch.schema)

    def _write_text(self, batch: Any) -> None:
        if self._text is None:
            self._open_text()
        write = json_lines if self.kind.format == "jsonl" else csv_lines
        self._text.write(write(batch))

    def _open_text(self) -> None:
        if self.path == "-":
            self._text = sys.stdout.buffer
        elif self.kind.packing:
            self._text = pa.output_stream(self._begun(), compression=self.kind.packing)
        else:
            self._text = self._begun().open("wb")
        if self.kind.format == "csv":
            self._text.write(csv_header())

    def _begun(self) -> Path:
        return self._whole.enter_context(whole_file(self.path))

    def _write_columns(self) -> None:
        waiting, self._waiting, self._wait_rows = self._waiting, [], 0
        if not waiting:
            return
        if self._writer is None:
            self._open_columns(waiting[0].schema)
        if self.kind.format == "parquet":
            self._writer.write_table(pa.Table.from_batches([batch.replace_schema_metadata() for batch in waiting]))
            return
        for batch in waiting:
            words = batch.schema.metadata.get(NAMES_KEY, b"").decode()
            # The schema stands at the front of the file: words met later travel with their batch.
            news = {NAMES_KEY: words} if words != self._told else None
            self._told = words
            self._writer.write_batch(batch, custom_metadata=news)

    def _open_columns(self, schema: Any) -> None:
        compression = None if self._compression == "none" else self._compression
        self._told = schema.metadata.get(NAMES_KEY, b"").decode()
        if self.kind.format == "parquet":
            plain = [name for name in ("id", "at", "error", "entry_point_ends_at") if name in schema.names]
            self._writer = pq.ParquetWriter(
                self._begun(),
                schema,
                compression=compression or "none",
                # Ids hardly repeat, and instants rise: both are smaller and faster without a dictionary.
                use_dictionary=[name for name in schema.names if name not in plain],
                column_encoding={"at": "DELTA_BINARY_PACKED"},
                write_page_checksum=True,
            )
        else:
            options = pa.ipc.IpcWriteOptions(compression=compression, emit_dictionary_deltas=True)
            self._writer = pa.ipc.new_file(str(self._begun()), schema, options=options)

    def close(self) -> None:
        """Finish the file and give it its name."""
        with self._whole:
            if self.kind.format in ("csv", "jsonl"):
                if self._text is None:
                    self._open_text()
                if self.path == "-":
                    self._text.flush()
                else:
                    self._text.close()
                return
            self._write_columns()
            if self._writer is None:
                self._open_columns(_PROFILED[self.profile](from_events([])).schema)
            if self.kind.format == "parquet" and self.profile != "readable":
                self._writer.add_key_value_metadata({NAMES_KEY.decode(): self.names.written()})
            self._writer.close()

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
            return
        try:
            for stream in (self._text if self.path != "-" else None, self._writer):
                if stream is not None:
                    stream.close()
        finally:
            self._whole.__exit__(kind, value, trace)


def write_events(batches: Iterable[Any], path: str, **options: Any) -> int:
    """Write batches of coded events to one file; the options are those of `EventWriter`. Returns the number of rows."""
    with EventWriter(path, **options) as writer:
        for batch in batches:
            writer.write(batch)
    return writer.rows


_PROFILED: Final[Mapping[str, Callable[[Any], Any]]] = {
    "readable": readable,
    "coded": lambda batch: batch,
    "packed": packed,
}


PARTITIONS: Final = ("business", "event", "day")
_MOST_OPEN: Final = 200


@contextmanager
def whole_folder(folder: str | Path) -> Iterator[Path]:
    """
    A folder that gets its files once all of them are written.

    Args:
        folder: it must be empty, or not there yet.

    Yields:
        The folder to write to meanwhile, hidden beside it; it is gone if anything goes wrong.

    Raises:
        BadColumns: the folder holds something already, or does so by the time that all files are written.

    >>> with tempfile.TemporaryDirectory() as home:
    ...     with whole_folder(f"{home}/parts") as new:
    ...         _ = Path(new, "a.csv").write_text("event")
    ...     [path.name for path in Path(home, "parts").iterdir()]
    ['a.csv']
    """
    place = Path(folder).absolute()
    _check_empty(place, folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{place.name}-", dir=place.parent) as new:
        whole = Path(new, place.name)
        whole.mkdir()
        yield whole
        # Somebody else may have filled it meanwhile.
        _check_empty(place, folder)
        if place.exists():
            for path in sorted(whole.iterdir()):
                path.rename(place / path.name)
        else:
            whole.rename(place)


def _check_empty(place: Path, shown: str | Path) -> None:
    if place.exists() and any(place.iterdir()):
        raise BadColumns(f"{shown} is not empty, and old files would be mixed with new ones. Name another folder.")


class FolderWriter:
    """
    A folder of files by what the events have in common: `business=.../part-00000.parquet`. It gets them once all of
    them are whole.

    Args:
        folder: it must be empty, or not there yet.
        by: names out of `PARTITIONS`; `day` is the day of `at` in UTC. None of them: plain parts of `rows` each.
        format, profile, compression: as for `EventWriter`; Parquet if not given.
        rows: the most rows of a file.

    Raises:
        BadColumns: the folder holds something already, or `by` names something else.
    """

    def __init__(
        self,
        folder: str,
        *,
        by: Sequence[str] = (),
        format: str = "parquet",
        profile: str = "coded",
        compression: str | None = None,
        rows: int = 16 * ROWS_TOGETHER,
    ) -> None:
        for name in by:
            if name not in PARTITIONS:
                raise BadColumns(f"folders cannot be made by {name!r}, only by {', '.join(PARTITIONS)}.")
        if format not in FORMATS:
            raise BadColumns(f"there is no format {format!r}; there are {', '.join(FORMATS)}.")
        self._whole = whole_folder(folder)
        self._place = self._whole.__enter__()
        self._by, self._most, self._ending = tuple(by), rows, FORMATS[format][0]
        self._options: dict[str, Any] = {"format": format, "profile": profile, "compression": compression}
        self._open: dict[tuple[str, ...], EventWriter] = {}
        self._numbers: dict[tuple[str, ...], int] = {}
        self.rows = self.files = 0

    def write(self, batch: Any) -> None:
        """Write coded events, each to the file that it belongs to."""
        for key, part in self._divided(batch):
            writer = self._open.pop(key, None) or self._new(key)
            # The one that was used last stands last; the first one has rested longest.
            self._open[key] = writer
            writer.write(part)
            if writer.rows >= self._most:
                self._open.pop(key).close()
        self.rows += batch.num_rows

    def _divided(self, batch: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
        if not self._by:
            yield (), batch
            return
        keys = pa.table({name: _partition_of(batch, name) for name in self._by})
        groups = keys.append_column("row", pa.array(range(batch.num_rows))).group_by(list(self._by), use_threads=False)
        for group in groups.aggregate([("row", "list")]).to_pylist():
            yield (
                tuple(f"{name}={quote(group[name], safe='')}" for name in self._by),
                batch.take(pa.array(group["row_list"])),
            )

    def _new(self, key: tuple[str, ...]) -> EventWriter:
        if len(self._open) >= _MOST_OPEN:
            self._open.pop(next(iter(self._open))).close()
        number = self._numbers[key] = self._numbers.get(key, -1) + 1
        folder = self._place.joinpath(*key)
        folder.mkdir(parents=True, exist_ok=True)
        self.files += 1
        return EventWriter(str(folder / f"part-{number:05}{self._ending}"), **self._options)

    def close(self) -> None:
        """Finish every file and give the folder its files."""
        for writer in self._open.values():
            writer.close()
        self._open.clear()
        self._whole.__exit__(None, None, None)

    def __enter__(self) -> FolderWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
            return
        for writer in self._open.values():
            writer.__exit__(kind, value, trace)
        self._whole.__exit__(kind, value, trace)


def _partition_of(batch: Any, name: str) -> Any:
    if name == "business":
        return batch.column("business").dictionary_decode()
    if name == "event":
        words = names_of(batch.schema).words["event"]
        return pa.array(words, type=pa.string()).take(batch.column("event"))
    return pc.utf8_slice_codeunits(texts_of(batch.column("at")), 0, 10)
