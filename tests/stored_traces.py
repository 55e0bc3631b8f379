"""Traces of people in files: images, and embeddings in every form in which they could be stored."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from facecam.types import Floats

IMAGE_MARKERS = {
    "JPEG": b"\xff\xd8\xff",
    "PNG": b"\x89PNG\r\n",
    "WebP": b"WEBPVP8",
    "base64 JPEG": b"/9j/4",
    "base64 PNG": b"iVBORw0KGgo",
}


def traces(folder: Path, embeddings: Iterable[Floats], allowed: Iterable[Path] = ()) -> list[str]:
    """Return what files below a folder contain of images, or of embeddings as numbers of any size, as text or as base64."""
    files = [path for path in folder.rglob("*") if path.is_file() and path not in set(allowed)]
    contents = {path: path.read_bytes() for path in files}
    found = [f"{path}: {kind}" for path, data in contents.items() for kind, marker in IMAGE_MARKERS.items() if marker in data]
    needles = [needle for embedding in embeddings for needle in encodings(embedding)]
    return found + [f"{path}: {kind} embedding" for path, data in contents.items() for kind, needle in needles if needle in data]


def encodings(embedding: Floats) -> Iterator[tuple[str, bytes]]:
    """Yield the beginning of an embedding in each form in which it could be stored."""
    for kind, numbers in (
        ("float16", embedding.astype(np.float16)),
        ("float32", embedding.astype(np.float32)),
        ("float64", embedding.astype(np.float64)),
        ("int8", np.round(embedding * 127).astype(np.int8)),
    ):
        data = numbers[:16].tobytes()
        yield kind, data
        for offset in range(3):  # base64 depends on the position in groups of three bytes
            yield f"base64 {kind}", base64.b64encode(data[offset : offset + (len(data) - offset) // 3 * 3])
    yield "text", json.dumps([float(number) for number in embedding[:3]])[1:-1].encode()
