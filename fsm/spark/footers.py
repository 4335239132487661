"""What Parquet files say of themselves at their ends: their words, what their ids are, and from when to when they go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import attrs
import pyarrow as pa
import pyarrow.parquet as pq

from fsm.columns.schema import NAMES_KEY, VERSION, VERSION_KEY
from fsm.errors import BadColumns

Span = tuple[int, int]
"""Two instants."""


@attrs.frozen(kw_only=True)
class Footer:
    """
    The end of one file.

    Attributes:
        metadata: what whoever wrote it said of it.
        numbers: whether customers are numbers, and whether ids are.
        spans: the first and the last `at` of each row group, in the unit of the file (milliseconds where it is coded);
            None for one that does not tell.
    """

    metadata: Mapping[str, str]
    numbers: tuple[bool, bool]
    spans: tuple[Span | None, ...]


def is_here(path: str) -> bool:
    """Whether a path that Spark gave names a file of this machine, which every worker is taken to see as well."""
    return path.startswith("file:")


def path_of(path: str) -> str:
    """The path of such a file, as everything but Spark writes it."""
    return unquote(urlsplit(path).path)


def local_footer(path: str) -> Footer:
    """
    The end of a file of this machine.

    Raises:
        BadColumns: it is no Parquet.
    """
    try:
        told = pq.read_metadata(path_of(path))
    except (OSError, pa.ArrowException) as problem:
        raise BadColumns(f"{path} cannot be read as Parquet: {problem}") from None
    kinds = {told.schema.column(place).path: told.schema.column(place) for place in range(told.num_columns)}
    customer, id = (name in kinds and kinds[name].physical_type == "INT64" for name in ("customer", "id"))
    return Footer(
        metadata={key.decode(): value.decode() for key, value in (told.metadata or {}).items()},
        numbers=(customer, id),
        spans=tuple(_local_spans(told)),
    )


def _local_spans(told: Any) -> Iterator[Span | None]:
    for group in range(told.num_row_groups):
        rows = told.row_group(group)
        if rows.num_rows:
            chunks = (rows.column(place) for place in range(rows.num_columns))
            chunk = next((each for each in chunks if each.path_in_schema == "at"), None)
            statistics = None if chunk is None else chunk.statistics
            if statistics is None or not statistics.has_min_max:
                yield None
            else:
                yield statistics.min_raw, statistics.max_raw


def cluster_footer(session: Any, path: str) -> Footer:
    """
    The end of a file that only the cluster's own file system can open: whatever Spark can open can be read.

    Raises:
        BadColumns: it is no Parquet.
    """
    from py4j.protocol import Py4JJavaError

    java = session._jvm.org.apache.parquet.hadoop
    location = session._jvm.org.apache.hadoop.fs.Path(session._jvm.java.net.URI(path))
    try:
        reader = java.ParquetFileReader.open(
            java.util.HadoopInputFile.fromPath(location, session._jsc.hadoopConfiguration())
        )
    except Py4JJavaError as problem:
        raise BadColumns(f"{path} cannot be read as Parquet: {problem.java_exception.getMessage()}") from None
    try:
        schema = reader.getFileMetaData().getSchema()
        customer, id = (
            schema.containsField(name)
            and schema.getType(name).asPrimitiveType().getPrimitiveTypeName().name() == "INT64"
            for name in ("customer", "id")
        )
        return Footer(
            metadata=dict(reader.getFileMetaData().getKeyValueMetaData()),
            numbers=(customer, id),
            spans=tuple(_cluster_spans(reader)),
        )
    finally:
        reader.close()


def _cluster_spans(reader: Any) -> Iterator[Span | None]:
    for block in reader.getFooter().getBlocks():
        if block.getRowCount():
            told = next((each for each in block.getColumns() if each.getPath().toDotString() == "at"), None)
            statistics = None if told is None else told.getStatistics()
            if statistics is None or not statistics.hasNonNullValue():
                yield None
            else:
                yield statistics.genericGetMin(), statistics.genericGetMax()


def names_in(footer: Footer, path: str) -> str:
    """
    The lists of words that a file carries; empty if it holds words instead of codes.

    Raises:
        BadColumns: it is no log in columns, or one of another version.
    """
    version = footer.metadata.get(VERSION_KEY.decode())
    if version is None:
        raise BadColumns(f"{path} does not say that it is a log in columns. Write it with `fsm columns`.")
    if version != VERSION:
        raise BadColumns(
            f"{path}: these are columns of version {version!r}; this kit reads version {VERSION!r}. "
            "Read them with the kit that wrote them."
        )
    return footer.metadata.get(NAMES_KEY.decode()) or ""
