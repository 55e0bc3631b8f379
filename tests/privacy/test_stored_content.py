"""What is in the files that facecam stores, and what is in none of them."""

from __future__ import annotations

import csv
import functools
import json
import platform
import re
from pathlib import Path

import pytest

from facecam.enrollment.corrections import _CROPS_PER_TRACK
from facecam.enrollment.pose_capture import _MAX_SAMPLES_PER_POSE
from facecam.gallery.snapshots import MAX_MEMORY_BYTES
from facecam.imageio import read_image
from facecam.logbook.schema import COLUMNS
from facecam.recognition.face_analyzer import FaceAnalyzer
from facecam.rendering.privacy import HOLD_MS
from facecam.session.visitor_groups import PORTRAIT_PX
from facecam.session.visitors import MAX_PEOPLE, MAX_UNKNOWN
from facecam.settings import Settings
from facecam.types import Floats
from tests.cli.conftest import Command, run_in, run_process_in
from tests.stored_traces import traces

ROOT = Path(__file__).parents[2]

_LONGEST_FIELD = 400
"""Characters. The longest field that a usual log has is a message."""


@pytest.fixture
def facecam(tmp_path: Path) -> Command:
    """Run `facecam ARGS` in the test's folder."""
    return functools.partial(run_in, tmp_path)


@pytest.fixture
def stranger(portraits: dict[str, Path]) -> Path:
    """A photo of somebody who is not in the gallery."""
    return portraits["grace_hopper"]


@pytest.fixture
def embedding(stranger: Path) -> Floats:
    """The stranger's embedding, as a session computes it."""
    (face,) = FaceAnalyzer(Settings()).analyze(read_image(stranger))
    assert face.embedding is not None
    return face.embedding


def rows_of(log: Path) -> list[dict[str, str]]:
    with log.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_stranger_leaves_no_image_no_embedding_and_no_name_on_disk(
    tmp_path: Path, gallery: Path, stranger: Path, embedding: Floats
) -> None:
    own = [path for path in gallery.rglob("*") if path.is_file()]

    done = run_process_in(tmp_path, "run", "--no-window", "--source", stranger, FACECAM_CACHE=str(tmp_path / "cache"))

    assert done.returncode == 0, done.stderr
    (log,) = (tmp_path / "data" / "facecam" / "logs").rglob("*.csv")
    seen = [row for row in rows_of(log) if row["event"] == "seen"]
    assert {row["name"] for row in seen} == {""}
    assert {row["nearest_name"] for row in seen} == {"Eileen Collins"}
    assert all(float(row["distance_l2"]) > 0 for row in seen)
    assert traces(tmp_path, [embedding], own) == []


def test_the_log_and_its_json_have_no_image(facecam: Command, tmp_path: Path, gallery: Path) -> None:
    photo = next(gallery.rglob("*.jpg"))
    assert facecam("run", "--no-window", "--source", photo, "--log", "logs").returncode == 0

    files = [path for path in (tmp_path / "logs").rglob("*") if path.is_file()]
    (log,) = (path for path in files if path.suffix == ".csv")
    fields = [field for row in rows_of(log) for field in row.values() if field]

    assert traces(tmp_path / "logs", []) == []
    assert {path.suffix for path in files} == {".csv", ".json"}
    assert max(map(len, fields)) <= _LONGEST_FIELD
    assert not any(column.kind not in ("text", "category", "int", "float", "bool", "time") for column in COLUMNS)


def test_the_json_of_a_log_names_the_sources_the_settings_and_the_computer(
    facecam: Command, tmp_path: Path, gallery: Path
) -> None:
    photo = next(gallery.rglob("*.jpg"))
    assert facecam("run", "--no-window", "--source", photo, "--log", "logs", "--label", "participant=P07").returncode == 0

    (path,) = (path for path in (tmp_path / "logs").rglob("*.json") if path.name != "columns.json")
    details = json.loads(path.read_text(encoding="utf-8"))

    assert details["machine"] == platform.node()
    assert details["labels"] == {"participant": "P07"}
    assert details["settings"]["track"]
    assert str(photo) in json.dumps(details["sources"])
    assert [person["name"] for person in details["people"]] == ["Eileen Collins"]


def test_without_a_log_nothing_is_written(facecam: Command, tmp_path: Path, stranger: Path) -> None:
    assert facecam("run", "--no-window", "--no-log", "--source", stranger).returncode == 0

    assert list((tmp_path / "data").rglob("*.csv")) == []


def test_reports_lists_and_exports_have_no_image_of_a_face(facecam: Command, tmp_path: Path, gallery: Path) -> None:
    photo = next(gallery.rglob("*.jpg"))
    assert facecam("run", "--no-window", "--source", photo, "--log", "logs").returncode == 0
    (log,) = (tmp_path / "logs").rglob("*.csv")
    (tmp_path / "out").mkdir()
    for arguments in (
        ("report", log, "-o", "out/report.html"),
        ("report", log, "-o", "out/report.md"),
        ("log", "export", log, "-o", "out/log.csv"),
        ("log", "export", log, "-o", "out/log.parquet"),
        ("log", "merge", log, "-o", "out/merged.csv"),
    ):
        done = facecam(*arguments)
        assert done.returncode == 0, done.stderr

    found = [line for line in traces(tmp_path / "out", []) if "JPEG" in line or "WebP" in line]

    assert found == []
    assert "Eileen Collins" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    charts = len(list((tmp_path / "out").glob("*.png")))
    drawn = re.findall(r"data:image/(\w+)", (tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert charts <= 1
    assert set(drawn) <= {"png", "svg"}


def test_an_image_of_faces_is_written_only_where_a_command_was_told_to(
    facecam: Command, tmp_path: Path, gallery: Path, portraits: dict[str, Path]
) -> None:
    photo = next(gallery.rglob("*.jpg"))
    facecam("compare", photo, portraits["grace_hopper"], "--picture", "compared.png")
    facecam("gallery", "export", "exported.zip")

    images = {path.name for path in tmp_path.rglob("*") if path.is_file() and path.suffix in (".png", ".jpg", ".zip", ".mp4")}

    assert images == {"compared.png", "exported.zip", photo.name}


def test_the_numbers_in_the_document_are_those_of_the_code() -> None:
    text = (ROOT / "docs" / "guides" / "privacy.md").read_text(encoding="utf-8")

    assert f"beyond {MAX_MEMORY_BYTES // 2**20} MB" in text
    assert ("up to twelve small images" in text, _CROPS_PER_TRACK) == (True, 12)
    assert ("up to thirty small images" in text, _MAX_SAMPLES_PER_POSE) == (True, 30)
    assert f"at most {PORTRAIT_PX} pixels wide, of the last {MAX_UNKNOWN} strangers and {MAX_PEOPLE} enrolled people" in text
    assert ("covered for three seconds" in text, HOLD_MS) == (True, 3000.0)


def test_there_is_no_account_and_no_statistics() -> None:
    """Addresses of computers that the code knows: Keras's server, and those in texts that a user opens."""
    hosts = set()
    for path in (ROOT / "facecam").rglob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.lstrip().startswith(("#", '"""')):
                hosts |= set(re.findall(r"https?://([\w.-]+\.[a-z]{2,})", line))

    assert hosts <= {"storage.googleapis.com", "specifications.freedesktop.org"} | _DOCUMENTED


_DOCUMENTED = {"arxiv.org", "github.com", "doi.org", "www.w3.org", "spdx.org", "www.mpi.nl"}
_DOCUMENTED |= {"ns.adobe.com", "ns.microsoft.com", "www.metadataworkinggroup.com"}
"""Hosts in docstrings and namespaces."""


def test_a_removed_person_is_in_no_file_but_the_logs(facecam: Command, tmp_path: Path, gallery: Path) -> None:
    photo = next(gallery.rglob("*.jpg"))
    assert facecam("run", "--no-window", "--source", photo, "--log", "logs").returncode == 0

    assert run_in(tmp_path, "people", "remove", "Eileen Collins", "--yes").returncode == 0

    left = [path for path in tmp_path.rglob("*") if path.is_file() and b"Eileen" in path.read_bytes()]
    assert {path.parents[1] for path in left} == {tmp_path / "logs"}
    assert not (gallery / "Eileen Collins").exists()
