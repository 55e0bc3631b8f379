"""The scan that proves a removal: every form and container in which a trace can be stored, and what is no trace."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin
from safetensors.numpy import save

from facecam.gallery.people import folder_name
from facecam.logbook.tables import Sheet, write_xlsx
from facecam.privacy.scan import Scanner
from facecam.privacy.traces import PersonTraces

NAME, PERSON_ID, PHOTO = "Zoë O'Brian", "0123456789abcdef" * 2, "fedcba9876543210" * 4
EMBEDDING = (np.arange(1, 129) / np.linalg.norm(np.arange(1, 129)))[None].astype(np.float32)
TRACES = PersonTraces((NAME,), (PERSON_ID,), ("Zoë",), frozenset([PHOTO]), {"net": EMBEDDING}, ("Zoë O'Brian Smith", "Ben"))


def zipped(data: bytes, name: str = "a.bin") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, data)
    return buffer.getvalue()


def parquet(table: dict[str, object]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(table), buffer)
    return buffer.getvalue()


def png(text: str, *, compressed: bool) -> bytes:
    buffer, info = io.BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("Comment", text, zip=compressed)
    Image.new("RGB", (8, 8)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


near = EMBEDDING + np.float32(0.001)
FILES: dict[str, bytes] = {
    "plain": f"seen: {NAME}, at the door".encode(),
    "lower case": NAME.lower().encode(),
    "upper case": NAME.upper().encode(),
    "decomposed": "Zoe\u0308 O'Brian".encode(),
    "a file name": b"/videos/zo\xc3\xab_o'brian.mp4",
    "UTF-16": ("\ufeff" + NAME).encode("utf-16-le"),
    "UTF-16 big-endian": NAME.encode("utf-16-be"),
    "JSON": json.dumps({"name": NAME}).encode(),
    "percent-encoded": f"file:///{quote(NAME)}/1.jpg".encode(),
    "INI of Qt": b"people=Zo\\xeb O'Brian",
    "HTML": "<td>Zoë O&#x27;Brian</td>".encode(),
    "folder": f"gallery/{folder_name('Zoë')}/1.jpg".encode(),
    "id": f"person {PERSON_ID.upper()}".encode(),
    "id as bytes": b"\0\1" + bytes.fromhex(PERSON_ID),
    "hash": f"{PHOTO}".encode(),
    "file name of a photo": f"{PHOTO[:16]}.jpg".encode(),
    "hash as bytes": b"\0\1" + bytes.fromhex(PHOTO),
    "embedding as bytes": b"\0\1" + EMBEDDING.tobytes(),
    "ZIP": zipped(NAME.encode()),
    "ZIP in a ZIP": zipped(zipped(NAME.encode()), "inner.zip"),
    "file name in a ZIP": zipped(b"", f"{NAME}/1.jpg"),
    "Parquet": parquet({"name": [NAME, "Ben"]}),
    "Parquet dictionary": parquet({"name": pa.array([NAME, "Ben"]).dictionary_encode()}),
    "safetensors text": save({"rows": np.frombuffer(NAME.encode(), np.uint8)}),
    "safetensors near": save({"prototypes": near}),
    "safetensors doubled": save({"prototypes": EMBEDDING.astype(np.float64) * 2}),
    "sealed safetensors": bytes(32) + save({"prototypes": near}),
    "PNG text": png(NAME, compressed=False),
    "PNG compressed text": png(NAME, compressed=True),
    "photo with metadata": b"\xff\xd8\xff\xe1" + NAME.encode() + b"\xff\xda\xff\xd9",
}


@pytest.mark.parametrize("kind", FILES)
def test_a_trace_is_found_in_every_form_and_container(kind: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(FILES[kind])

    result = Scanner(TRACES).scan([tmp_path / "file"])

    assert {finding.path for finding in result.findings} == {tmp_path / "file"}
    assert (result.files, result.unreadable) == (1, [])


def test_a_trace_is_found_in_an_excel_workbook(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", [Sheet("people", ("name",), [(NAME,)])])

    assert Scanner(TRACES).scan([tmp_path / "a.xlsx"]).findings


def test_a_trace_is_found_in_a_numpy_file_and_in_a_file_name(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", near)
    (tmp_path / f"{NAME}.txt").write_text("nothing", encoding="utf-8")

    found = Scanner(TRACES).scan([tmp_path / "vectors.npy", tmp_path / f"{NAME}.txt"]).findings

    assert [(finding.path.suffix, finding.kinds) for finding in found] == [(".npy", ("embedding",)), (".txt", ("name",))]


def test_a_trace_across_the_pieces_of_a_large_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facecam.privacy.scan._MAX_WHOLE_BYTES", 1000)
    monkeypatch.setattr("facecam.privacy.scan._PIECE_BYTES", 4096)
    (tmp_path / "large").write_bytes(b"." * 4090 + NAME.encode() + b"." * 10_000)

    assert Scanner(TRACES).scan([tmp_path / "large"]).findings


@pytest.mark.parametrize(
    "text",
    ["Zoë O'Brian Smith", "zoë o'brian smith was here", "AZoë O'Brian", "Zoë O'Brians", "Ben", f"x{PERSON_ID[:-1]}"],
)
def test_what_is_no_trace_is_not_found(text: str, tmp_path: Path) -> None:
    traces = PersonTraces((NAME,), (PERSON_ID,), (), frozenset([PHOTO]), {"net": EMBEDDING}, TRACES.others)
    (tmp_path / "file").write_text(text, encoding="utf-8")

    assert Scanner(traces).scan([tmp_path / "file"]).findings == []
    assert not traces.is_in(text)


def test_a_face_of_somebody_else_is_no_trace(tmp_path: Path) -> None:
    other = np.roll(EMBEDDING, 64)
    assert float(np.linalg.norm(other - EMBEDDING)) > 0.3
    (tmp_path / "head.safetensors").write_bytes(save({"prototypes": other}))

    assert Scanner(TRACES).scan([tmp_path / "head.safetensors"]).findings == []


def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    (tmp_path / "folder.bin").mkdir()

    assert Scanner(TRACES).scan([tmp_path / "folder.bin"]).unreadable == [tmp_path / "folder.bin"]


names = st.text(st.characters(min_codepoint=33, exclude_categories=["C", "Z", "M"]), min_size=3, max_size=12)


@given(names, names)
def test_a_text_has_no_trace_after_it_was_replaced(name: str, other: str) -> None:
    traces = PersonTraces((name,))
    text = f"{other} saw {name} and {name.upper()}"

    replaced = traces.replaced(text, lambda _: "*")

    assert traces.is_in(text)
    assert not traces.is_in(replaced)


FORMS: dict[str, Callable[[str], bytes]] = {
    "UTF-8": str.encode,
    "UTF-16": lambda text: text.encode("utf-16-le"),
    "WebVTT": lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode(),
    "JSON": lambda text: json.dumps([text]).encode(),
    "percent-encoded": lambda text: quote(text).encode(),
}


@pytest.mark.parametrize("form", FORMS)
@given(name=names)
def test_every_name_is_found_in_each_form(form: str, name: str) -> None:
    assert "name" in PersonTraces((name,)).needles.kinds_in(b" " + FORMS[form](name) + b" ")


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_trace_is_found_in_a_compressed_file(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(compress(f"1,{NAME},2".encode()))

    assert Scanner(TRACES).scan([path]).findings


def encrypted_zip() -> bytes:
    data = bytearray(zipped(b"a log"))
    data[6] |= 1
    data[data.find(b"PK\1\2") + 8] |= 1
    return bytes(data)


CLOSED = {
    "Zstandard": b"\x28\xb5\x2f\xfd" + bytes(20),
    "7-Zip": b"7z\xbc\xaf\x27\x1c" + bytes(20),
    "an encrypted entry of a ZIP file": encrypted_zip(),
    "a damaged gzip file": gzip.compress(b"a log")[:-9],
    "containers in containers": zipped(zipped(zipped(zipped(zipped(zipped(b"a log")))))),
}


@pytest.mark.parametrize("data", CLOSED.values(), ids=CLOSED)
def test_a_container_that_cannot_be_opened_is_reported(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "log.bin"
    path.write_bytes(data)

    assert Scanner(TRACES).scan([path]).unreadable == [path]
