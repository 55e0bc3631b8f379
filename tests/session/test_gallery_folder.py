"""A gallery folder that disappears, is emptied, or cannot be read during a session."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.enrollment.corrections import RejectName
from facecam.enrollment.enroll import EnrollmentOptions, enroll, judge_photo, selection_from
from facecam.enrollment.samples import SelectionRule
from facecam.errors import GalleryError
from facecam.gallery.gallery import Gallery
from facecam.imageio import read_image
from facecam.logbook.reader import read_log
from facecam.networks.embedding_networks import HIGH_ACCURACY_NETWORK, embedding_network
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.session.status import CommandResult
from facecam.settings import Settings
from tests.own_network import copy_as_own
from tests.session.conftest import ScriptedSource, wait_for

EILEEN, GRACE = "Eileen Collins", "Grace Hopper"
MEMORY_DISK = Path("/dev/shm")  # noqa: S108
EVERY_FRAME = Settings().replace({"follow.enabled": False})


@pytest.fixture
def both(portraits: dict[str, Path]) -> np.ndarray:
    """Return an image of two people, Eileen and Grace."""
    images = [read_image(portraits[name]) for name in ("eileen_collins", "grace_hopper")]
    height = min(map(len, images))
    return np.hstack([image[:height] for image in images])


@pytest.fixture
def start(both: np.ndarray, gallery: Path, tmp_path: Path) -> Iterator[Callable[..., Session]]:
    """Return a function that starts a session in which Eileen is known, and Grace is not."""
    sessions: list[Session] = []

    def start_session(settings: Settings = EVERY_FRAME, folder: Path = gallery) -> Session:
        source = SourceConfig("fake", lambda started_at_s: ScriptedSource(started_at_s, fps=15.0, image=lambda index: both))
        sessions.append(Session(SessionConfig(settings, (source,), folder, log_dir=tmp_path / "logs")))
        sessions[-1].start()
        wait_for_names(sessions[-1], EILEEN)
        return sessions[-1]

    yield start_session
    for session in sessions:
        assert session.stop()


def names_now(session: Session) -> set[str]:
    while (taken := session.results.take(1)) is None:
        assert session.error is None
    return {s.track_decision.decision.name for s in taken[1][1].sightings if s.track_decision.decision.name is not None}


def wait_for_names(session: Session, *names: str) -> None:
    wait_for(lambda: names_now(session) == set(names))


def add_grace(gallery: Path, portraits: dict[str, Path]) -> None:
    (gallery / GRACE).mkdir()
    shutil.copy(portraits["grace_hopper"], gallery / GRACE)


def event_codes(session: Session) -> list[str]:
    assert session.log is not None
    codes = read_log(session.log.path).event_code.dropna()
    return [code for code in codes if code.startswith("gallery_")]


def result_of(session: Session) -> CommandResult:
    results: list[CommandResult] = []
    wait_for(lambda: bool(results.extend(session.take_command_results()) or results))
    return results[0]


@pytest.mark.parametrize("is_replaced_by_a_file", [False, True])
def test_a_folder_that_disappears_forgets_nobody_and_counts_again_when_it_is_back(
    start: Callable[..., Session],
    gallery: Path,
    portraits: dict[str, Path],
    caplog: pytest.LogCaptureFixture,
    is_replaced_by_a_file: bool,
) -> None:
    session, away = start(), gallery.with_name("away")
    gallery.rename(away)
    if is_replaced_by_a_file:
        gallery.write_bytes(b"")
    wait_for(lambda: session.status().gallery_fault is not None)
    fault = session.status().gallery_fault
    recognized = session.status().recognized
    wait_for(lambda: session.status().recognized > recognized + 20)
    assert names_now(session) == {EILEEN}

    gallery.unlink(missing_ok=True)
    add_grace(away, portraits)
    away.rename(gallery)
    wait_for_names(session, EILEEN, GRACE)
    wait_for(lambda: session.status().gallery_fault is None)
    assert session.stop()

    reason = "Not a directory" if is_replaced_by_a_file else "No such file or directory"
    assert fault is not None
    assert fault.startswith(
        f"the gallery {gallery} is not available ({reason}); the people loaded from it are still recognized. "
    )
    assert fault in caplog.text
    assert f"the gallery {gallery} is read again" in caplog.text
    assert sorted(event_codes(session)) == ["gallery_available", "gallery_changed", "gallery_unavailable"]


def test_a_folder_that_is_back_unchanged_is_available_again(start: Callable[..., Session], gallery: Path) -> None:
    session = start()
    gallery.rename(gallery.with_name("away"))
    wait_for(lambda: session.status().gallery_fault is not None)
    gallery.with_name("away").rename(gallery)
    wait_for(lambda: session.status().gallery_fault is None)
    assert names_now(session) == {EILEEN}
    assert session.stop()

    assert event_codes(session) == ["gallery_unavailable", "gallery_available"]


@pytest.mark.parametrize("how", ["emptied", "made anew"])
def test_a_folder_that_was_emptied_forgets_everyone(start: Callable[..., Session], gallery: Path, how: str) -> None:
    session = start()
    if how == "made anew":
        gallery.rename(gallery.with_name("away"))
        wait_for(lambda: session.status().gallery_fault is not None)
        gallery.mkdir()
    else:
        shutil.rmtree(gallery / EILEEN)

    wait_for_names(session)
    wait_for(lambda: session.status().gallery_fault is None)


@pytest.mark.skipif(not MEMORY_DISK.is_dir(), reason="needs a second file system")
def test_an_empty_mount_point_is_not_an_emptied_gallery(start: Callable[..., Session], gallery: Path, tmp_path: Path) -> None:
    """The folder is a link to a share, and then to what is left of its mount point: empty, and on another file system."""
    (left := MEMORY_DISK / f"facecam-test-{os.getpid()}").mkdir()
    try:
        assert left.stat().st_dev != gallery.stat().st_dev
        (link := tmp_path / "share").symlink_to(gallery)
        session = start(folder=link)
        link.unlink()
        link.symlink_to(left)
        wait_for(lambda: session.status().gallery_fault is not None)
        fault = session.status().gallery_fault
        assert names_now(session) == {EILEEN}
        assert session.stop()
    finally:
        left.rmdir()

    assert fault is not None
    assert "(its drive is not connected)" in fault


def test_without_the_folder_corrections_and_other_networks_are_refused(start: Callable[..., Session], gallery: Path) -> None:
    session = start()
    track_id = next(s.track_decision.track_id for s in session.results.take(5)[1][1].sightings)  # type: ignore[index]
    gallery.rename(gallery.with_name("away"))
    wait_for(lambda: session.status().gallery_fault is not None)

    session.apply(RejectName(track_id, EILEEN))
    correction = result_of(session)
    session.apply(EVERY_FRAME.replace({"identify.network": HIGH_ACCURACY_NETWORK}))
    change = result_of(session)

    for result in (correction, change):
        assert isinstance(result.error, GalleryError)
        assert f"the gallery {gallery} is not available" in str(result.error)
    assert not gallery.exists()
    assert session.settings == EVERY_FRAME
    assert names_now(session) == {EILEEN}


def test_nobody_is_enrolled_into_a_folder_that_has_disappeared(gallery: Path, portraits: dict[str, Path]) -> None:
    rule = SelectionRule.for_network(embedding_network(EVERY_FRAME.identify.network))
    with open_face_analyzer(EVERY_FRAME) as analyzer:
        loaded = Gallery.load(gallery, analyzer)
        selection = selection_from([judge_photo(portraits["grace_hopper"], analyzer, rule)])
    gallery.rename(gallery.with_name("away"))

    with pytest.raises(GalleryError, match="is not available"):
        enroll(loaded, GRACE, selection, EnrollmentOptions(rule))

    assert not gallery.exists()


def test_a_network_that_was_overwritten_is_reported_and_read_when_it_is_calibrated(
    start: Callable[..., Session], gallery: Path, portraits: dict[str, Path], tmp_path: Path
) -> None:
    own = copy_as_own(HIGH_ACCURACY_NETWORK, tmp_path / "mine.tflite")
    session = start(EVERY_FRAME.replace({"identify.network": str(own)}))
    own.write_bytes(own.read_bytes() + b"\0")
    add_grace(gallery, portraits)
    wait_for(lambda: session.status().gallery_fault is not None)
    fault = session.status().gallery_fault
    assert names_now(session) == {EILEEN}

    copy_as_own(HIGH_ACCURACY_NETWORK, own)
    wait_for_names(session, EILEEN, GRACE)
    wait_for(lambda: session.status().gallery_fault is None)

    assert fault is not None
    assert fault.startswith(f"the gallery was not reloaded: {own} has changed since it was calibrated")


def test_an_image_that_cannot_be_read_does_not_end_the_monitor(
    start: Callable[..., Session], gallery: Path, portraits: dict[str, Path]
) -> None:
    """An image this wide fails inside OpenCV."""
    session = start()
    cv2.imwrite(str(gallery / EILEEN / "wide.jpg"), np.full((600, 32_767), 90, np.uint8))
    add_grace(gallery, portraits)
    wait_for_names(session, EILEEN, GRACE)
    (gallery / EILEEN / "wide.jpg").unlink()
    shutil.rmtree(gallery / GRACE)
    wait_for_names(session, EILEEN)

    assert session.error is None
