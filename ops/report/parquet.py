"""Rows of cases as one Parquet file. pyarrow is imported when a file is written: other commands do not wait for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from buyer_protection.domain.timeline import instant
from ops.report.case_rows import COLUMNS, VERSION, Kind, Value

if TYPE_CHECKING:
    import pyarrow as pa

# Keys of the file's own metadata.
VERSION_KEY: Final = "buyer_protection.schema_version"
LOOKED_AT_KEY: Final = "buyer_protection.looked_at"


def schema_of(looked_at: datetime) -> pa.Schema:
    """The columns with their types and meanings, the version of both, and when the cases were read."""
    import pyarrow as pa

    types: dict[Kind, pa.DataType] = {
        Kind.CODE: pa.string(),
        Kind.CODES: pa.list_(pa.string()),
        Kind.COUNT: pa.int64(),
        Kind.DAYS: pa.float64(),
        Kind.FLAG: pa.bool_(),
        Kind.INSTANT: pa.timestamp("ms", tz="UTC"),
    }
    fields = [
        pa.field(it.name, types[it.kind], nullable=it.is_optional, metadata={"meaning": it.meaning})
        for it in COLUMNS
    ]
    return pa.schema(fields, metadata={VERSION_KEY: str(VERSION), LOOKED_AT_KEY: instant(looked_at)})


def file_of(rows: Sequence[dict[str, Value]], looked_at: datetime) -> bytes:
    """The file's bytes; without rows it has the columns all the same."""
    import pyarrow as pa
    from pyarrow import parquet

    written = pa.BufferOutputStream()
    parquet.write_table(pa.Table.from_pylist(rows, schema=schema_of(looked_at)), written)
    return written.getvalue().to_pybytes()
