"""Frames: pieces of data one after the other in a file that only grows, so that it can be cut back and continued."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from fengqiao.engine.errors import InputError
from fengqiao.engine.findings import DataFinding
from fengqiao.engine.loss.grouping import text_array
from fengqiao.engine.loss.reading.arrays import int64_array, numpy_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

MARK = 0x6671_7370_696C_6C31
HEAD = 8  # int64 numbers before each payload: the mark, the size of the payload, six that the writer understands
HEAD_BYTES = HEAD * 8
PRIVATE = 0o600
COMPRESSED = pa.ipc.IpcWriteOptions(compression="lz4")


def frame(payload: Any, *numbers: int) -> list[bytes | memoryview]:
    """A payload with its head, as buffers to be written."""
    view = memoryview(payload)
    head = np.array([MARK, view.nbytes, *numbers, *[0] * (HEAD - 2 - len(numbers))], dtype=np.int64)
    return [head.tobytes(), view]


def with_number(head: bytes | memoryview, place: int, number: int) -> bytes:
    """The head of a frame with one of the writer's numbers changed."""
    numbers = np.frombuffer(head, np.int64).copy()
    numbers[2 + place] = number
    return numbers.tobytes()


def append(path: Path, buffers: Sequence[bytes | memoryview]) -> int:
    """Write buffers to the end of a file that only its owner may read; returns its new size."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE)
    try:
        for buffer in buffers:
            rest = memoryview(buffer).cast("B") if memoryview(buffer).nbytes else memoryview(b"")
            while rest.nbytes:
                rest = rest[os.write(file, rest) :]
        return os.lseek(file, 0, os.SEEK_END)
    finally:
        os.close(file)


def sync(path: Path) -> None:
    """Have what a file (or a folder's list of files) holds put on the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def frames(path: Path, size: int) -> Iterator[tuple[NDArray[np.int64], pa.Buffer]]:
    """(numbers of the writer, payload) of all frames in the first `size` bytes. Errors: InputError when damaged."""
    if not size:
        return
    with path.open("rb", buffering=0) as stream:
        at = 0
        while at < size:
            head = np.frombuffer(stream.read(HEAD_BYTES), np.int64)
            if len(head) < HEAD or head[0] != MARK or not 0 <= head[1] <= size - at - HEAD_BYTES:
                raise damaged(path)
            payload = bytearray(int(head[1]))
            if stream.readinto(payload) != len(payload):
                raise damaged(path)
            at += HEAD_BYTES + len(payload)
            yield head[2:], pa.py_buffer(payload)


def damaged(path: Path) -> InputError:
    """The sentence for spilled data that are not what was written."""
    return InputError(
        f"The spilled data in {path.parent} are damaged (临时数据损坏)",
        why=f"{path.name} does not hold what was written",
        todo="Give --fresh to begin anew",
    )  # fmt: skip


def batch_bytes(batch: pa.RecordBatch) -> pa.Buffer:
    """A record batch as bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=COMPRESSED) as writer:
        writer.write_batch(batch)
    return sink.getvalue()


def batch_of(payload: pa.Buffer) -> pa.RecordBatch:
    """The record batch that `batch_bytes` wrote."""
    with pa.ipc.open_stream(payload) as reader:
        return reader.read_next_batch()


def findings_bytes(findings: Sequence[DataFinding]) -> pa.Buffer:
    """Findings as bytes."""
    texts = {
        name: text_array([getattr(item, name) for item in findings])
        for name in ("code", "reason", "file", "sheet", "investor")
    }
    numbers = np.array([(item.row, item.used) for item in findings], dtype=np.int64).reshape(-1, 2)
    columns = texts | {"row": int64_array(numbers[:, 0]), "used": int64_array(numbers[:, 1])}
    return batch_bytes(pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns)))


def findings_of(payload: pa.Buffer) -> list[DataFinding]:
    """The findings that `findings_bytes` wrote."""
    batch = batch_of(payload)
    columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
    columns["used"] = [bool(used) for used in columns["used"]]
    names = ("code", "reason", "file", "sheet", "row", "investor", "used")
    return [DataFinding(*values) for values in zip(*(columns[name] for name in names), strict=True)]


def results_bytes(ids: pa.Array, outs: Sequence[NDArray[np.int64]]) -> pa.Buffer:
    """Results of some investors as bytes. outs: one int64[fields, investors] a segment."""
    columns = [ids, *(int64_array(column) for out in outs for column in out)]
    return batch_bytes(pa.RecordBatch.from_arrays(columns, names=[str(place) for place in range(len(columns))]))


def results_of(payload: pa.Buffer, segments: int) -> tuple[pa.Array, list[NDArray[np.int64]]]:
    """The results that `results_bytes` wrote."""
    batch = batch_of(payload)
    fields = (batch.num_columns - 1) // segments
    columns = [numpy_view(batch.column(place)) for place in range(1, batch.num_columns)]
    outs = [np.stack(columns[segment * fields : (segment + 1) * fields]) for segment in range(segments)]
    return batch.column(0), outs
