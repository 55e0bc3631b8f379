"""The readers of files that are fuzzed: valid files of each format, and how facecam reads one."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import PIL.Image

from facecam.errors import FacecamError
from tests.image_samples import heic

MAX_FRAMES = 60
_EMBEDDING_NETWORK = "face_reidentification_retail_0095"


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of files.

    Attributes:
        valid: Returns valid files as (suffix, content).
        read: Reads the file at a path. Errors other than those of facecam fail the test.
    """

    valid: Callable[[], list[tuple[str, bytes]]]
    read: Callable[[Path], None]


def _pixels(width: int, height: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 3 % 256, y * 5 % 256, (x + y) * 7 % 256], axis=2).astype(np.uint8)


@cache
def _images() -> list[tuple[str, bytes]]:
    bgr = _pixels(96, 64)
    found = [
        (suffix, cv2.imencode(suffix, bgr)[1].tobytes()) for suffix in (".jpg", ".png", ".bmp", ".webp", ".tiff", ".ppm", ".hdr")
    ]
    found.append((".pgm", cv2.imencode(".pgm", bgr[:, :, 0])[1].tobytes()))
    found.append((".png", cv2.imencode(".png", bgr.astype(np.uint16) * 257)[1].tobytes()))
    image = PIL.Image.fromarray(bgr)
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    for suffix, name, options in (
        (".gif", "GIF", {}),
        (".avif", "AVIF", {"exif": exif.tobytes()}),
        (".jpg", "JPEG", {"progressive": True, "exif": exif.tobytes()}),
        (".tif", "TIFF", {"compression": "tiff_lzw"}),
        (".png", "PNG", {"icc_profile": bytes(4000)}),
        (".jpg", "DDS", {}),
    ):
        with suppress(KeyError, OSError):  # a Pillow without this format
            file = io.BytesIO()
            image.save(file, name, **options)
            found.append((suffix, file.getvalue()))
    return [*found, (".heic", heic()), (".heic", heic(orientation=6))]


def _read_image(path: Path) -> None:
    from facecam.imageio import read_image

    read_image(path)


@cache
def _videos() -> list[tuple[str, bytes]]:
    import av

    found = []
    for suffix, codec in ((".mp4", "libx264"), (".mkv", "libx264"), (".ts", "libx264"), (".avi", "mjpeg"), (".webm", "libvpx")):
        file = io.BytesIO()
        with av.open(file, "w", format={".mkv": "matroska", ".ts": "mpegts"}.get(suffix, suffix[1:])) as container:
            stream = container.add_stream(codec, rate=25)
            stream.width, stream.height = 96, 64
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            for number in range(20):
                frame = av.VideoFrame.from_ndarray(np.roll(_pixels(96, 64), number, axis=1), format="bgr24")
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        found.append((suffix, file.getvalue()))
    return found


def _read_video(path: Path) -> None:
    from facecam.capture.source import open_source
    from facecam.settings import CaptureSettings

    with open_source(str(path), CaptureSettings(), time.monotonic()) as source:
        for _ in range(MAX_FRAMES):
            if source.read() is None:
                break


@cache
def _packages() -> list[tuple[str, bytes]]:
    jpeg = cv2.imencode(".jpg", _pixels(32, 32))[1].tobytes()
    found = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as package:
            for name in ("Ada/a.jpg", "Ada/2020/b.jpg", "Ben/c.jpg", "__MACOSX/._a.jpg"):
                package.writestr(name, jpeg)
            package.writestr("Ada/person.toml", _person_toml())
        found.append((".zip", file.getvalue()))
    return found


def _read_package(path: Path) -> None:
    from facecam.enrollment.transfer import open_import

    with open_import(path) as source:
        for person in source.people:
            for photo in person.photos:
                with suppress(OSError):  # a damaged photo, of which the rest is imported
                    photo.read()


def _person_toml() -> bytes:
    from facecam.gallery.people import PersonFile, to_toml

    return to_toml(PersonFile.new("Ada Lovelace", "spoken")).encode()


@cache
def _person_files() -> list[tuple[str, bytes]]:
    return [(".toml", _person_toml())]


def _read_person(path: Path) -> None:
    from facecam.gallery.people import read_people

    folder = Path(tempfile.mkdtemp(dir=path.parent))
    (folder / "Ada").mkdir()
    shutil.copy(path, folder / "Ada" / "person.toml")
    (folder / "Ada" / "a.jpg").write_bytes(b"")
    read_people(folder)
    shutil.rmtree(folder)


@cache
def _settings_files() -> list[tuple[str, bytes]]:
    sections = {
        "detect": "min_face_size_px = 40",
        "identify": 'threshold_l2 = 0.9\ndistances_network = "nn4_small2_facecam_v2"',
        "log": "keep_days = 30\npart_mb = 10",
        "capture": "width_px = 640\nheight_px = 480",
    }
    return [(".toml", "\n".join(f"[{section}]\n{lines}\n" for section, lines in sections.items()).encode())]


def _read_settings(path: Path) -> None:
    from facecam.settings import load_settings

    load_settings(path)


@cache
def _log() -> list[tuple[str, bytes]]:
    from facecam.logbook.schema import SessionInfo, csv_lines, result_rows
    from facecam.settings import Mode
    from facecam.types import Box, Candidate, Decision, DecisionStatus, Expression, Face, Quality, Result, Sighting, TrackDecision

    session = SessionInfo("20260102T030405Z-beef", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "0.1.0", "nn4", "fer", {})
    decision = Decision(DecisionStatus.KNOWN, "match", "Ada", Candidate("Ada", "p1", "a.jpg", 0.2))
    face = Face(Box(10.04, 20.06, 60.0, 72.0), 0.998, np.zeros((5, 2), np.float32))
    sighting = Sighting(
        face,
        Quality(120.5, 99.25, -3.5, 0.001, -0.001),
        None,
        embedded=True,
        decision=decision,
        evidence_weight=0.75,
        track_decision=TrackDecision(4, 133.4, decision, 3.5, 4.0),
        expression=Expression((0.1, 0.0, 0.1, 0.6, 0.1, 0.05, 0.05)),
    )
    rows: list[list[str]] = []
    for index in range(12):
        result = Result(index, index * 33.3, "clip.mkv", "", (640, 480), Mode.FACES, (sighting,) * (index % 3))
        rows += result_rows(result, session, dropped_frames=0)
    return [(".csv", "".join(csv_lines(rows)).encode())]


@cache
def _session() -> list[tuple[str, bytes]]:
    details = {
        "session_id": "20260102T030405Z-beef",
        "schema_version": 3,
        "started_at_utc": "2026-01-02T03:04:05.250Z",
        "ended_at_utc": "2026-01-02T03:05:05.250Z",
        "source": "clip.mkv",
        "size_wh": [640, 480],
    }
    return [(".json", json.dumps(details, indent=1).encode())]


def _read_log(path: Path) -> None:
    from facecam.logbook.reader import read_log

    read_log(path)


def _read_details(path: Path) -> None:
    from facecam.logbook.sessions import read_details, session_summary

    log = path.with_suffix(".csv")
    log.write_bytes(_log()[0][1])
    read_details(log)
    session_summary(log)


@cache
def _caches() -> list[tuple[str, bytes]]:
    from facecam.gallery.cache import CacheContent, CacheEntry, FileStamp

    embedding = np.eye(128, dtype=np.float32)[0]
    entries = {"0" * 64: CacheEntry("ok", embedding), "1" * 64: CacheEntry("no_face")}
    content = CacheContent([1, "network", ""], {"Ada/a.jpg": FileStamp(10, 20, 30, "0" * 64)}, entries)
    return [(".embeddings", content.encode(Path()))]


def _read_cache(path: Path) -> None:
    from facecam.gallery.cache import CacheContent

    CacheContent.read(path, Path())


def _authentic_cache(path: Path) -> None:
    from facecam.gallery.cache import CacheContent
    from facecam.gallery.sealing import seal

    path.write_bytes(seal(path.read_bytes()[32:], Path(), "embeddings"))
    CacheContent.read(path, Path())


@cache
def _networks() -> list[tuple[str, bytes]]:
    from facecam.networks.manifest import models_dir

    return [(".tflite", (models_dir() / f"{_EMBEDDING_NETWORK}.litert").read_bytes())]


def _read_network(path: Path) -> None:
    from facecam.networks.litert import embedding_shape
    from facecam.networks.user_embeddings import read_network_file

    embedding_shape(path.name, read_network_file(path))


@cache
def _calibrations() -> list[tuple[str, bytes]]:
    from safetensors.numpy import save

    facts = {"format": 1, "sha256": "0", "input_sha256": "0", "length": 8, "distances_l2": {}, "people": 20, "photos": 40}
    return [(".safetensors", save({"probability": np.linspace(0.1, 1, 10)}, {"facecam": json.dumps(facts)}))]


def _read_calibration(path: Path) -> None:
    import hashlib

    from facecam.integrity import approve, withdraw_approval
    from facecam.networks import user_embeddings

    network = path.with_name(f"{path.stem}-network.tflite")
    shutil.copy(path, user_embeddings.calibration_path(network))
    network.write_bytes(b"network")
    user_embeddings.description_path(network).write_text('size_px = 112\nchannels = "rgb"\nscaling = "unit"\nlength = 8\n')
    calibration = user_embeddings.calibration_path(network)
    approve(calibration, hashlib.sha256(calibration.read_bytes()).hexdigest(), user_embeddings.CALIBRATION)
    try:
        user_embeddings.read_calibration(network)
    finally:
        withdraw_approval(calibration, user_embeddings.CALIBRATION)


@cache
def _encrypted_files() -> list[tuple[str, bytes]]:
    from facecam.gallery.encryption import GalleryKey

    key = GalleryKey(bytes(16), bytes(32))
    return [(".fcenc", key.encrypt(content, "a", original="Ada/a.jpg")[0]) for content in (b"", b"photo" * 200)]


def _read_encrypted(path: Path) -> None:
    from facecam.gallery.encryption import GalleryKey

    with suppress(OSError):  # one file of the gallery, which is named as a problem
        GalleryKey(bytes(16), bytes(32)).decrypt(path.read_bytes(), path)


@cache
def _encryption_headers() -> list[tuple[str, bytes]]:
    from facecam.gallery.encryption import GalleryKey, encode_header

    return [(".toml", encode_header(GalleryKey(bytes(16), bytes(32)), "a passphrase"))]


def _read_encryption_header(path: Path) -> None:
    from facecam.gallery.encryption import Header

    header = Header.read(path)
    assert header is not None
    header.unwrap("a passphrase")


READERS: Mapping[str, Reader] = {
    "image": Reader(_images, _read_image),
    "video": Reader(_videos, _read_video),
    "zip": Reader(_packages, _read_package),
    "person": Reader(_person_files, _read_person),
    "settings": Reader(_settings_files, _read_settings),
    "log": Reader(_log, _read_log),
    "session": Reader(_session, _read_details),
    "cache": Reader(_caches, _read_cache),
    "cache-content": Reader(_caches, _authentic_cache),
    "encrypted": Reader(_encrypted_files, _read_encrypted),
    "encryption-header": Reader(_encryption_headers, _read_encryption_header),
    "network": Reader(_networks, _read_network),
    "calibration": Reader(_calibrations, _read_calibration),
}


def read(name: str, path: Path) -> str | None:
    """Read a file; return the error that facecam reported, None without one. Other exceptions are not caught."""
    try:
        READERS[name].read(path)
    except FacecamError as error:
        return str(error)
    return None
