"""`facecam find`: one person in logs, videos and photos, with the table, the thumbnails and what could not be read."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from facecam.gallery.gallery import Gallery
from facecam.imageio import read_image
from facecam.logbook.export import write_parquet_log
from facecam.session.file_search import files_to_search, videos_with_tables
from facecam.session.recording import VideoRecorder
from tests.cli.conftest import Command, environment_in, run_in
from tests.session.conftest import wait_for

NAME = "Eileen Collins"
LOGS = Path(__file__).parents[1] / "logbook" / "version_1"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, portraits: dict[str, Path]) -> Path:
    """Home with a gallery of one person, and a folder of a video, photos, a log, and what cannot be read.

    The video shows the person for 2 s, nobody for 8 s and the person for 1 s.
    """
    home = tmp_path_factory.mktemp("archive")
    (home / "gallery" / NAME).mkdir(parents=True)
    shutil.copy(portraits["eileen_collins"], home / "gallery" / NAME)
    folder = home / "all" / "2026" / "deep"
    folder.mkdir(parents=True)
    face = cv2.resize(read_image(portraits["eileen_collins"]), (320, 320))
    with VideoRecorder(folder / "visit.mp4", (320, 320), min_free_bytes=0) as video:
        for number in range(55):
            bgr = face if number < 10 or number >= 50 else np.zeros_like(face)
            video.write(number * 200.0, np.roll(bgr, number % 3, axis=1))
    for name in ("eileen_collins", "grace_hopper"):
        shutil.copy(portraits[name], folder)
    shutil.copytree(LOGS, home / "all" / "logs")
    (home / "all" / "table.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (home / "all" / "notes.txt").write_text("text", encoding="utf-8")
    (home / "all" / ".hidden.jpg").write_bytes(b"")
    (folder / "broken.jpg").write_bytes(b"no image")
    (folder / "broken.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(100))
    return home


def test_a_person_is_found_in_logs_videos_and_photos_and_bad_files_are_named(archive: Path) -> None:
    done = run_in(
        archive, "find", NAME, "all", "all/2026", "-o", "found.csv", "--thumbnails", "all/faces", "--json", "found.json"
    )

    assert done.returncode == 3, done.stderr
    assert [name for name in ("broken.jpg", "broken.mp4") if name in done.stderr] == ["broken.jpg", "broken.mp4"]
    assert len(done.stderr.splitlines()) == 3, done.stderr  # and the note about ./gallery
    with (archive / "found.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["kind"] for row in rows] == ["log"] * 2 + ["video"] * 2 + ["photo"]
    assert [Path(row["file"]).name for row in rows[2:]] == ["visit.mp4", "visit.mp4", "eileen_collins.jpg"]
    assert [row["source"] for row in rows[:2]] == ["demo"] * 2
    first, second = rows[2:4]
    assert (float(first["begin_s"]), float(first["end_s"])) == (0.0, pytest.approx(1.8, abs=0.25))
    assert (float(second["begin_s"]), float(second["end_s"])) == (pytest.approx(10.0, abs=0.5), pytest.approx(10.8, abs=0.25))
    assert 3 <= int(second["sightings"]) <= 5
    assert all(float(row["distance_l2"]) < 0.25 for row in rows[2:])
    assert len(json.loads((archive / "found.json").read_text(encoding="utf-8"))) == 5
    assert "was found 5 times in 7 files." in done.stdout
    names = [row["thumbnail"] for row in rows]
    assert names == ["", "", "0003-visit.jpg", "0004-visit.jpg", "0005-eileen_collins.jpg"]
    assert all(max(read_image(archive / "all" / "faces" / name).shape) <= 256 for name in names[2:])
    assert (archive / "all" / "faces" / "found.csv").read_bytes() == (archive / "found.csv").read_bytes()


def test_a_second_search_replaces_its_thumbnails_does_not_search_them_and_keeps_other_images(archive: Path) -> None:
    (archive / "again").mkdir()
    shutil.copy(archive / "gallery" / NAME / "eileen_collins.jpg", archive / "again" / "ada.jpg")
    search = ["find", NAME, "again", "--thumbnails", "again/faces", "--quiet"]
    assert run_in(archive, *search).returncode == 0
    (archive / "again" / "faces" / "2026-holiday.jpg").write_bytes(b"mine")
    (archive / "again" / "ada.jpg").rename(archive / "again" / "grace.jpg")

    done = run_in(archive, *search, "-o", "again.parquet")

    assert (done.returncode, "was found 1 time in 1 file." in done.stdout) == (0, True)
    assert sorted(path.name for path in (archive / "again" / "faces").iterdir()) == [
        "0001-grace.jpg",
        "2026-holiday.jpg",
        "found.columns.json",
        "found.csv",
    ]
    table = pd.read_parquet(archive / "again.parquet")
    assert (table["kind"].tolist(), str(table["begin_utc"].dtype), table["sightings"].tolist()) == (
        ["photo"],
        "datetime64[ms, UTC]",
        [1],
    )


def test_someone_who_is_not_enrolled_is_found_in_logs_alone(facecam: Command, tmp_path: Path) -> None:
    shutil.copytree(LOGS, tmp_path / "logs")

    in_logs = facecam("find", NAME.replace(" ", "  "), "logs")
    absent = facecam("find", "Nobody", "logs")
    (tmp_path / "logs" / "photo.jpg").write_bytes(b"no image")
    in_photos = facecam("find", NAME, "logs")

    assert (in_logs.returncode, "was found 2 times in 2 files." in in_logs.stdout) == (0, True)
    assert (absent.returncode, absent.stdout) == (0, "Nobody was not found in 2 files.\n")
    assert (in_photos.returncode, "is not enrolled" in in_photos.stderr) == (1, True)


def test_a_missing_path_is_named_and_the_others_are_searched(facecam: Command, tmp_path: Path) -> None:
    shutil.copytree(LOGS, tmp_path / "logs")

    done = facecam("find", NAME, "nothing", "logs")

    assert (done.returncode, done.stderr) == (3, "nothing: it does not exist; check the path\n")
    assert "was found 2 times" in done.stdout


def test_an_output_with_another_suffix_or_a_foreign_folder_is_a_usage_error(facecam: Command, tmp_path: Path) -> None:
    shutil.copytree(LOGS, tmp_path / "logs")

    suffix = facecam("find", NAME, "logs", "-o", "found.xlsx")
    folder = facecam("find", NAME, "logs", "--thumbnails", "logs")
    (tmp_path / "photos").mkdir()
    searched = facecam("find", NAME, "photos", "--thumbnails", "photos")

    assert (suffix.returncode, ".csv or .parquet" in suffix.stderr) == (2, True)
    assert (folder.returncode, "holds other files" in " ".join(folder.stderr.split())) == (2, True)
    assert (searched.returncode, "photos is searched" in " ".join(searched.stderr.split())) == (2, True)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_a_search_that_is_interrupted_writes_what_it_has_found(archive: Path, portraits: dict[str, Path]) -> None:
    folder = archive / "long"
    folder.mkdir()
    shutil.copy(archive / "all" / "2026" / "deep" / "visit.mp4", folder / "1.mp4")
    face = cv2.resize(read_image(portraits["eileen_collins"]), (640, 640))
    with VideoRecorder(folder / "2.mp4", (640, 640), min_free_bytes=0) as video:
        for number in range(1000):
            video.write(number * 40.0, np.roll(face, number % 5, axis=1))
    command = [sys.executable, "-m", "facecam", "find", NAME, "long", "-o", "part.csv", "--thumbnails", "part"]
    with subprocess.Popen(command, cwd=archive, env=environment_in(archive), stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: (archive / "part" / "0002-1.jpg").exists() or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)

    assert (process.returncode, "stopped: the table has" in errors) == (130, True), errors
    with (archive / "part.csv").open(encoding="utf-8", newline="") as file:
        assert [row["file"] for row in csv.DictReader(file)] == ["long/1.mp4"] * 2


def test_a_video_is_not_recognized_again_if_a_table_has_the_present_gallery_network_and_frames(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    gallery, video = Gallery(tmp_path, ""), folder / "visit.mp4"
    video.write_bytes(b"")
    details = {"source": str(video), "gallery_revision": gallery.revision, "embed_model": "nn4", "options": {"every": 1}}
    rows = next(LOGS.glob("*.csv"))
    table = folder / "20261130T023832Z-f198.visit.mp4.parquet"

    def left_out(changes: dict[str, object], every: int = 1) -> list[Path]:
        write_parquet_log(rows, table, details | changes)
        files = files_to_search([folder])
        assert (files.logs, files.videos) == (((table,),), (video,))
        return videos_with_tables(files, gallery, "nn4", every)

    assert files_to_search([tmp_path], folder).count == 0
    assert left_out({}) == [video]
    assert left_out({"gallery_revision": "other"}) == []
    assert left_out({"embed_model": "other"}) == []
    assert left_out({"source": "other.mp4"}) == []
    assert left_out({"options": "damaged"}) == []
    assert left_out({}, every=2) == []
