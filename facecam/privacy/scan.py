"""Scan of every file that facecam owns for one person: the proof at the end of `facecam forget`.

Looked for are the name in every form in which files store text, the person's id, the hashes of their photos, and their
embeddings: their bytes, and every vector near one of them. Containers are opened: ZIP, XLSX, Parquet, safetensors, NumPy and PNG
files, sealed caches and encrypted galleries. Pixels are not searched: `facecam forget` lists recordings and snapshots instead.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from facecam.errors import FacecamError
from facecam.fileio import open_regular, parse_json
from facecam.gallery.cache import CacheContent, cached_networks
from facecam.gallery.files import read_gallery_file
from facecam.gallery.people import REJECTED_FOLDER
from facecam.imageio import IMAGE_SUFFIXES, MAX_FILE_BYTES
from facecam.logbook.dictionary import FILE_NAME
from facecam.logbook.lines import read_header
from facecam.privacy.log_mentions import LogMentions, blocks, split, unescaped
from facecam.privacy.traces import EMBEDDING, FACE, NAME, PersonTraces
from facecam.types import Floats

SAME_IMAGE_L2 = 0.1
"""Vectors this near to an embedding of the person are taken for one of the same image, or for one computed from it.

Between two photos of one person, half of the distances are above 0.15.
"""

_PIECE_BYTES = 1 << 22
_MAX_WHOLE_BYTES = 256 << 20
"""Containers up to this size are opened; what is larger is searched as it is."""

_MAX_DEPTH = 4
_TEXT_BYTES = 4096
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
_COMPRESSED: Mapping[bytes, Callable[[bytes], Any]] = {
    b"\x1f\x8b": lambda data: gzip.GzipFile(fileobj=io.BytesIO(data)),
    b"BZh": lambda data: bz2.BZ2File(io.BytesIO(data)),
    b"\xfd7zXZ\0": lambda data: lzma.LZMAFile(io.BytesIO(data)),  # noqa: SIM115 - its user closes it
}
_CLOSED = (b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07")
"""Beginnings of compressed files that are not opened: Zstandard, 7-Zip, RAR."""

_ZIP, _PARQUET, _NUMPY = b"PK\3\4", b"PAR1", b"\x93NUMPY"
_SEAL_BYTES = 32

ProgressCallback = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class FoundTrace:
    """Trace of the person: the file, the kinds of traces, and the part of a container, "" for the file itself."""

    path: Path
    kinds: tuple[str, ...]
    part: str = ""

    def __str__(self) -> str:
        return f"{self.path}{': ' * bool(self.part)}{self.part} ({', '.join(self.kinds)})"


@dataclass(slots=True)
class ScanResult:
    """Result of a scan. `unreadable` are files that could not be searched."""

    files: int = 0
    bytes: int = 0
    findings: list[FoundTrace] = field(default_factory=list)
    unreadable: list[Path] = field(default_factory=list)

    def sentence(self) -> str:
        """Return the result as a sentence."""
        scanned = f"scanned {self.files} files, {self.bytes:,} bytes"
        found = f"{len(self.findings)} traces found" if self.findings else "nothing found"
        unread = f", {len(self.unreadable)} files could not be read" if self.unreadable else ""
        return f"{scanned}: {found}{unread}"


class _UnsearchedError(Exception):
    """A part of a container cannot be opened."""


class Scanner:
    """Searches files for one person.

    Args:
        traces: What is looked for.
        mentions: The logs, whose rows are read by column; None to search them as text.
        gallery: The gallery, whose files may be encrypted; None without one.
        max_l2: Greatest distance (plain L2) of the same person's faces by embedding_id, for rejected faces of other people.
    """

    def __init__(
        self,
        traces: PersonTraces,
        mentions: LogMentions | None = None,
        gallery: Path | None = None,
        max_l2: Mapping[str, float] | None = None,
    ) -> None:
        self._traces = traces
        self._needles = traces.needles
        self._mentions = mentions
        self._logs = frozenset(mentions.files.tables if mentions is not None else ())
        self._gallery = gallery
        self._max_l2 = max_l2 or {}
        self._caches = cached_networks(gallery) if gallery is not None else {}

    def scan(self, files: Iterable[Path], report_progress: ProgressCallback | None = None) -> ScanResult:
        """Search the files; folders are not followed. `report_progress(done, total)` counts files."""
        every, result = list(dict.fromkeys(files)), ScanResult()
        for number, path in enumerate(every):
            if report_progress is not None:
                report_progress(number, len(every))
            result.files += 1
            try:
                self._scan_file(path, result)
            except FileNotFoundError:
                continue
            except (OSError, FacecamError, _UnsearchedError):
                result.unreadable.append(path)
        result.findings += self._faces_of_others()
        return result

    def _scan_file(self, path: Path, result: ScanResult) -> None:
        kinds = self._needles.kinds_in(str(path.name).encode("utf-8", "surrogateescape"))
        if kinds:
            result.findings.append(FoundTrace(path, tuple(sorted(kinds)), "its name"))
        if path.is_symlink():
            return
        if path in self._logs:
            result.bytes += path.stat().st_size
            self._scan_log(path, result)
            return
        if self._gallery is not None and path.is_relative_to(self._gallery) and path.stat().st_size <= MAX_FILE_BYTES:
            data: bytes | None = _gallery_file(path)
        else:
            data = _whole(path)
        result.bytes += len(data) if data is not None else path.stat().st_size
        found: dict[str, set[str]] = {}
        if (cache := self._cache_content(path)) is not None:
            for part, kind in self._kinds_in_cache(cache):
                found.setdefault(part, set()).add(kind)
        if data is not None:
            for part, kind in self._kinds_in(data, path.name):
                found.setdefault(part, set()).add(kind)
        else:
            for piece in self._pieces(path):
                found.setdefault("", set()).update(self._needles.kinds_in(piece, is_text=_is_text(piece)))
        result.findings += [FoundTrace(path, tuple(sorted(kinds)), part) for part, kinds in found.items() if kinds]

    def _cache_content(self, path: Path) -> CacheContent | None:
        """Return the content of one of the gallery's caches, whatever its seal; None for any other file."""
        if self._gallery is None or path not in self._caches:
            return None
        return CacheContent.read(path, self._gallery)

    def _kinds_in_cache(self, content: CacheContent) -> Iterator[tuple[str, str]]:
        names = json.dumps([content.key, *content.stamps, *content.entries]).encode()
        hashes = " ".join(stamp.sha256 for stamp in content.stamps.values()).encode()
        for kind in self._needles.kinds_in(names + b" " + hashes):
            yield "photos", kind
        for entry in content.entries.values():
            if entry.embedding is not None and self._has_near(entry.embedding):
                yield "embeddings", EMBEDDING

    def _scan_log(self, path: Path, result: ScanResult) -> None:
        """Search a log by its columns: a name can be a word of the log as well."""
        assert self._mentions is not None
        header, kinds = read_header(path), set[str]()
        for block in blocks(path):
            for start, end, found in self._needles.lines_in(block):
                if not found <= kinds and self._is_mention(block[start:end], found, header):
                    kinds |= found
        if kinds:
            result.findings.append(FoundTrace(path, tuple(sorted(kinds))))

    def _is_mention(self, line: bytes, kinds: set[str], header: list[str]) -> bool:
        cells = split(line) if kinds == {NAME} else []
        if kinds != {NAME} or len(cells) != len(header):
            return True
        assert self._mentions is not None
        row = {name: unescaped(cell) for name, cell in zip(header, cells, strict=True)}
        return self._mentions.mention(row) is not None

    def _pieces(self, path: Path) -> Iterator[bytes]:
        """Yield a large file in pieces that overlap by more than the longest trace."""
        with open_regular(path) as file:
            kept = b""
            if file.read(8).startswith((_ZIP, _PARQUET, *_COMPRESSED, *_CLOSED)):
                raise _UnsearchedError
            file.seek(0)
            while data := file.read(_PIECE_BYTES):
                yield kept + data
                kept = (kept + data)[-self._needles.longest - 8 :]

    def _kinds_in(self, data: bytes, name: str, depth: int = 0) -> Iterator[tuple[str, str]]:
        """Yield the part of a container and the kind of each trace in it, "" for the data themselves."""
        is_image = Path(name).suffix.lower() in IMAGE_SUFFIXES or data.startswith((_PNG, _JPEG))
        plain = _image_metadata(data) if is_image else data
        if name != FILE_NAME or not _is_dictionary(data):
            for kind in self._needles.kinds_in(plain, is_text=_is_text(plain)):
                yield "", kind
        if depth == _MAX_DEPTH and data.startswith((_ZIP, _PARQUET, *_COMPRESSED)):
            raise _UnsearchedError
        if depth < _MAX_DEPTH and not is_image:
            for part, content in _parts(data):
                if isinstance(content, np.ndarray):
                    if self._has_near(content):
                        yield part, EMBEDDING
                    continue
                for kind in self._needles.kinds_in(part.encode("utf-8", "surrogateescape")):
                    yield part, kind
                for _, kind in self._kinds_in(content, part, depth + 1):
                    yield part, kind

    def _has_near(self, array: Floats) -> bool:
        """Return whether a row of an array is near to an embedding of the person."""
        for rows in self._traces.embeddings.values():
            if array.ndim and array.shape[-1] == rows.shape[-1]:
                found = array.reshape(-1, array.shape[-1]).astype(np.float32)
                lengths = np.linalg.norm(found, axis=1)
                found = found[np.isfinite(lengths) & (lengths > 0)]
                found = found / np.linalg.norm(found, axis=1, keepdims=True)
                if len(found) and bool((found @ rows.T > 1 - SAME_IMAGE_L2**2 / 2).any()):
                    return True
        return False

    def _faces_of_others(self) -> Iterator[FoundTrace]:
        """Yield the rejected faces of other people that show this one, by every network that has read them."""
        if self._gallery is None:
            return
        for path, network in self._caches.items():
            own, content = self._traces.embeddings.get(network or ""), CacheContent.read(path, self._gallery)
            max_l2 = self._max_l2.get(network or "")
            if own is None or content is None or max_l2 is None:
                continue
            for key, stamp in content.stamps.items():
                entry = content.entries.get(stamp.sha256)
                if f"/{REJECTED_FOLDER}/" in key and entry is not None and entry.embedding is not None:
                    nearest = float(np.linalg.norm(own - entry.embedding, axis=1).min())
                    if nearest <= max_l2:
                        yield FoundTrace(self._gallery / key, (FACE,))


def captured_embeddings(gallery: Path, photo_hashes: Iterable[str]) -> dict[str, Floats]:
    """Return the cached embeddings (n, d) of photos by each network's embedding_id."""
    hashes, found = set(photo_hashes), dict[str, list[Floats]]()
    for path, network in cached_networks(gallery).items():
        content = CacheContent.read(path, gallery)
        for digest, entry in content.entries.items() if content is not None and network else ():
            if digest in hashes and entry.embedding is not None:
                found.setdefault(str(network), []).append(entry.embedding)
    return {network: np.unique(np.stack(rows), axis=0) for network, rows in found.items()}


def _gallery_file(path: Path) -> bytes | None:
    try:
        return read_gallery_file(path, MAX_FILE_BYTES)
    except (OSError, FacecamError):
        return _whole(path)  # no file of an encrypted gallery, such as its header


def _whole(path: Path) -> bytes | None:
    """Return the content of a file, None for one that is too large to be opened as a container."""
    with open_regular(path) as file:
        data = file.read(_MAX_WHOLE_BYTES + 1)
    return data if len(data) <= _MAX_WHOLE_BYTES else None


def _is_text(data: bytes) -> bool:
    """Return whether data begin like text in UTF-8."""
    head = data[:_TEXT_BYTES]
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4 and b"\0" not in head
    return b"\0" not in head


def _is_dictionary(data: bytes) -> bool:
    """Return whether data are the description of a log's columns, which facecam writes and in which no person is named."""
    try:
        content = parse_json(data)
    except ValueError:
        return False
    return isinstance(content, dict) and all(
        isinstance(entry, dict) and entry.keys() <= {"Description", "Format", "Units", "Levels", "LongName", "Delimiter"}
        for entry in content.values()
    )


def _image_metadata(data: bytes) -> bytes:
    """Return what an image has besides its compressed pixels: chunks with text, metadata, and what follows its end."""
    if data.startswith(_PNG):
        return b"\n".join(_png_texts(data))
    if data.startswith(_JPEG):
        scan, end = data.find(b"\xff\xda"), data.rfind(b"\xff\xd9")
        return data if scan < 0 else data[:scan] + (data[end + 2 :] if end > scan else b"")
    return data


def _png_texts(data: bytes) -> Iterator[bytes]:
    at = len(_PNG)
    while at + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if kind != b"IDAT":
            yield content
        if kind in (b"zTXt", b"iTXt"):
            for start in (found.end() for found in re.finditer(rb"\0", content)):
                unpacked = _inflated(content[start:]) or _inflated(content[start + 1 :])
                if unpacked:
                    yield unpacked
        at += 12 + length
        if kind == b"IEND":
            yield data[at:]
            return


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _PIECE_BYTES)
    except zlib.error:
        return b""


def _parts(data: bytes) -> Iterator[tuple[str, bytes | Floats]]:
    """Yield the parts of a container by name: bytes and arrays."""
    if data.startswith(_ZIP):
        yield from _zip_parts(data)
    elif data.startswith(tuple(_COMPRESSED)):
        yield "content", _decompressed(data)
    elif data.startswith(_CLOSED):
        raise _UnsearchedError
    elif data.startswith(_PARQUET):
        yield from _parquet_parts(data)
    elif data.startswith(_NUMPY):
        array = _numpy_array(data)
        if array is not None:
            yield "array", array
    else:
        for start in (0, _SEAL_BYTES):
            yield from _safetensors_parts(data[start:])


def _decompressed(data: bytes) -> bytes:
    """Return what a compressed file holds. _UnsearchedError when it is damaged or too large."""
    unpack = next(unpack for start, unpack in _COMPRESSED.items() if data.startswith(start))
    try:
        with unpack(data) as file:
            content: bytes = file.read(_MAX_WHOLE_BYTES + 1)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise _UnsearchedError from error
    if len(content) > _MAX_WHOLE_BYTES:
        raise _UnsearchedError
    return content


def _zip_parts(data: bytes) -> Iterator[tuple[str, bytes | Floats]]:
    left = _MAX_WHOLE_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for info in package.infolist():
                if info.flag_bits & 1 or info.file_size > left:
                    raise _UnsearchedError
                left -= info.file_size
                content = package.read(info)
                yield info.filename, content
                yield f"{info.filename}: comment", info.comment + info.extra
    except (zipfile.BadZipFile, OSError, zlib.error, NotImplementedError, EOFError, ValueError):
        return


def _parquet_parts(data: bytes) -> Iterator[tuple[str, bytes | Floats]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(io.BytesIO(data)) as file:
            for key, value in (file.schema_arrow.metadata or {}).items():
                yield key.decode("utf-8", "replace"), value
            for batch in file.iter_batches():
                for name, column in zip(batch.schema.names, batch.columns, strict=True):
                    plain = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
                    if pa.types.is_string(plain.type) or pa.types.is_large_string(plain.type):
                        texts = {text for text in plain.to_pylist() if text}
                        yield f"column {name}", "\n".join(texts).encode("utf-8", "surrogateescape")
    except (pa.ArrowInvalid, OSError):
        return


def _numpy_array(data: bytes) -> Floats | None:
    try:
        array: Any = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, OSError, EOFError):
        return None
    return array if isinstance(array, np.ndarray) and array.dtype.kind == "f" else None


_FLOATS = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}


def _safetensors_parts(data: bytes) -> Iterator[tuple[str, bytes | Floats]]:
    """Yield the arrays of a safetensors block, also of one whose checksum or seal comes before it; bytes are text."""
    if len(data) < 10 or not 2 <= (length := struct.unpack_from("<Q", data)[0]) <= len(data) - 8:
        return
    try:
        header = json.loads(data[8 : 8 + length])
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            first, last = entry["data_offsets"]
            content = data[8 + length + first : 8 + length + last]
            if entry["dtype"] in _FLOATS:
                yield name, np.frombuffer(content, _FLOATS[entry["dtype"]]).reshape(entry["shape"])
            else:
                yield name, content
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return
