"""Another embedding network in a running session: recognition continues until the gallery is embedded with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.errors import GalleryError, ModelError
from facecam.gallery.cache import CacheContent, cache_folder
from facecam.gallery.gallery import Gallery, analysis_conditions, folder_fingerprint
from facecam.gallery.service import GalleryService
from facecam.imageio import read_image
from facecam.logbook.reader import read_log
from facecam.logbook.replay import replay_decisions
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.gallery_monitor import LoadedGallery
from facecam.session.session import Session
from facecam.session.status import CommandResult
from facecam.settings import Mode, Settings
from facecam.types import Result
from tests.own_network import copy_as_own
from tests.session.conftest import ScriptedSource, still_view
from tests.session.conftest import wait_for as wait_for_at_most

EILEEN, GRACE = "Eileen Collins", "Grace Hopper"
PHOTOS = 60

DEFAULT = Settings().replace({"follow.enabled": False})
"""Every face is embedded on every frame."""

HIGH_ACCURACY = DEFAULT.replace({"identify.network": HIGH_ACCURACY_NETWORK})

OLD, NEW = embedding_network(DEFAULT_NETWORK).length, embedding_network(HIGH_ACCURACY_NETWORK).length
"""Lengths of the embeddings: they tell which network compared a face."""

# Busy machines need longer than the default timeout.
pytestmark = pytest.mark.timeout(600)
PATIENCE_S = 240


@pytest.fixture(scope="module")
def embedded_gallery(portraits: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gallery with PHOTOS of Eileen, which the default network has embedded."""
    gallery = tmp_path_factory.mktemp("embedded") / "gallery"
    (gallery / EILEEN).mkdir(parents=True)
    bgr = small(portraits["eileen_collins"])
    for number in range(PHOTOS):
        bgr[0, 0] = number
        cv2.imwrite(str(gallery / EILEEN / f"{number}.png"), bgr)
    with open_face_analyzer(DEFAULT) as analyzer:
        Gallery.load(gallery, analyzer, conditions=analysis_conditions(DEFAULT))
    return gallery


@pytest.fixture
def gallery(embedded_gallery: Path, tmp_path: Path) -> Path:
    return shutil.copytree(embedded_gallery, tmp_path / "gallery")


@pytest.fixture
def session_on(gallery: Path, portraits: dict[str, Path], tmp_path: Path) -> Callable[[str], Session]:
    """Return a factory of sessions on one portrait, not started."""

    def open_session(portrait: str) -> Session:
        bgr = small(portraits[portrait])
        source = SourceConfig("fake", lambda s: ScriptedSource(s, fps=15.0, image=lambda i: np.roll(bgr, i % 3, axis=1)))
        return Session(SessionConfig(DEFAULT, (source,), gallery, log_dir=tmp_path / "logs"))

    return open_session


def small(path: Path) -> np.ndarray:
    return np.asarray(cv2.resize(read_image(path), (480, 480), interpolation=cv2.INTER_AREA), np.uint8)


def wait_for(condition: Callable[[], bool]) -> None:
    wait_for_at_most(condition, PATIENCE_S)


def results_until(session: Session, *ends: tuple[int, str | None]) -> list[Result]:
    """Return the newest results up to the first one whose only face has one of these embedding lengths and names."""
    results: list[Result] = []
    deadline_s = time.monotonic() + PATIENCE_S
    while not results or compared(results[-1]) not in ends:
        assert time.monotonic() < deadline_s, f"{set(map(compared, results))} and not {ends}"
        taken = session.results.take(1)
        results += [taken[1][1]] if taken else []
    return results


def next_results(session: Session, count: int) -> list[Result]:
    return [result for _ in range(count) for result in results_until(session, *((n, name) for n in (OLD, NEW) for name in NAMES))]


NAMES = (EILEEN, GRACE, None)


def compared(result: Result) -> tuple[int, str | None] | None:
    """Return the length of the embedding of the only face and its track's name; None without a face."""
    faces = [(sighting.embedding, sighting.track_decision.decision.name) for sighting in result.sightings]
    return next(((len(embedding), name) for embedding, name in faces if embedding is not None), None)


def wait_until_embedding(session: Session) -> None:
    """Wait until some photos of the gallery, but not all, are embedded for the settings that were applied."""
    wait_for(lambda: (session.status().gallery_progress or (0, 0))[0] > 0)


def state_messages(session: Session, code: str) -> list[str]:
    assert session.log is not None
    log = read_log(session.log.path)
    return [str(message) for message in log[log.event_code == code].message]


def test_the_old_network_recognizes_until_the_gallery_is_embedded_by_the_other(session_on: Callable[[str], Session]) -> None:
    with session_on("eileen_collins") as session:
        results_until(session, (OLD, EILEEN))
        session.apply(HIGH_ACCURACY.replace({"identify.threshold_l2": 1.0}))
        wait_until_embedding(session)
        results, progress = [], []
        while not results or compared(results[-1]) != (NEW, EILEEN):
            progress.append(session.status().gallery_progress)
            results += next_results(session, 1)
        over = session.status().gallery_progress

    lengths = [face[0] for face in map(compared, results) if face is not None]
    assert lengths == sorted(lengths), "the networks change once"
    assert lengths.count(OLD) > 2
    by_old = [result for result in results if compared(result) == (OLD, EILEEN)]
    assert len(by_old) == lengths.count(OLD), "she has her name on every frame"
    assert {result.threshold_l2 for result in results if result not in by_old} == {1.0}
    assert 1.0 not in {result.threshold_l2 for result in by_old}
    photos = [found for found in progress if found is not None]
    assert photos == sorted(photos)
    assert {total for _, total in photos} == {PHOTOS}
    assert over is None
    (message,) = state_messages(session, "settings_changed")
    assert f"identify.network {DEFAULT_NETWORK} -> {HIGH_ACCURACY_NETWORK}" in message
    assert session.log is not None
    assert all(row.again == row.logged for row in replay_decisions(session.log.path))


def test_the_log_has_the_change_between_the_rows_of_the_two_networks(session_on: Callable[[str], Session]) -> None:
    with session_on("eileen_collins") as session:
        results_until(session, (OLD, EILEEN))
        session.apply(HIGH_ACCURACY)
        results_until(session, (NEW, EILEEN))

    assert session.log is not None
    log = read_log(session.log.path)
    before = log.loc[: log[log.event_code == "settings_changed"].index[0]]
    after = log.drop(before.index)
    assert before[before.event == "seen"].gallery_revision.nunique() == 1
    assert after[after.event == "seen"].gallery_revision.nunique() == 1
    assert not set(before.gallery_revision.dropna()) & set(after.gallery_revision.dropna())
    assert not set(before.track_id.dropna()) & set(after.track_id.dropna()), "no track has embeddings of both"
    assert list(before[before.event.isin(["enter", "exit"])].event) == ["enter", "exit"]


def test_a_person_removed_meanwhile_does_not_come_back(session_on: Callable[[str], Session], gallery: Path) -> None:
    with session_on("eileen_collins") as session:
        results_until(session, (OLD, EILEEN))
        session.apply(HIGH_ACCURACY)
        wait_until_embedding(session)
        GalleryService(gallery).remove_person(EILEEN)
        results = results_until(session, (NEW, None)) + next_results(session, 5)

    assert (NEW, EILEEN) not in set(map(compared, results))
    assert session.gallery is not None
    assert session.gallery.people == ()
    assert session.log is not None
    codes = list(read_log(session.log.path).event_code.dropna())
    assert codes.index("gallery_changed") < codes.index("settings_changed"), "she lost her name before the change"
    contents = [CacheContent.read(path, gallery) for path in cache_folder(gallery).glob("*.embeddings")]
    assert [content.entries for content in contents if content is not None] == [{}] * len(contents)


def test_a_person_added_meanwhile_is_recognized_by_both_networks(
    session_on: Callable[[str], Session], gallery: Path, portraits: dict[str, Path]
) -> None:
    with session_on("grace_hopper") as session:
        results_until(session, (OLD, None))
        session.apply(HIGH_ACCURACY)
        wait_until_embedding(session)
        (gallery / GRACE).mkdir()
        shutil.copy(portraits["grace_hopper"], gallery / GRACE)
        results_until(session, (NEW, GRACE))

    assert session.log is not None
    log = read_log(session.log.path)
    codes = list(log.event_code.dropna())
    assert codes.index("gallery_changed") < codes.index("settings_changed")
    assert f"gallery: 2 people, {PHOTOS + 1} photos" in state_messages(session, "gallery_changed")


def test_a_session_stops_while_the_gallery_is_embedded_and_the_finished_photos_are_kept(
    session_on: Callable[[str], Session], gallery: Path
) -> None:
    with session_on("eileen_collins") as session:
        results_until(session, (OLD, EILEEN))
        session.apply(HIGH_ACCURACY)
        wait_until_embedding(session)
        assert session.stop()

    assert session.error is None
    assert session.settings == DEFAULT
    assert state_messages(session, "settings_changed") == []
    contents = [CacheContent.read(path, gallery) for path in cache_folder(gallery).glob("*.embeddings")]
    photos = {str(content.key[1]).partition(":")[0]: len(content.entries) for content in contents if content is not None}
    assert photos[DEFAULT_NETWORK] == PHOTOS
    assert 0 < photos[HIGH_ACCURACY_NETWORK] < PHOTOS


def test_going_back_meanwhile_keeps_the_old_network(
    session_on: Callable[[str], Session], gallery: Path, portraits: dict[str, Path]
) -> None:
    with session_on("eileen_collins") as session:
        results_until(session, (OLD, EILEEN))
        session.apply(HIGH_ACCURACY)
        wait_until_embedding(session)
        session.apply(DEFAULT.replace({"identify.threshold_l2": 0.9}))
        wait_for(lambda: session.settings.identify.threshold_l2 == 0.9)
        assert session.status().gallery_progress is None
        # A photo that is added and counts shows that the thread has left the gallery of the other network.
        (gallery / GRACE).mkdir()
        shutil.copy(portraits["grace_hopper"], gallery / GRACE)
        wait_for(lambda: session.gallery is not None and len(session.gallery.people) == 2)
        results = next_results(session, 5)

    assert {face[0] for face in map(compared, results) if face is not None} == {OLD}
    (message,) = state_messages(session, "settings_changed")
    assert HIGH_ACCURACY_NETWORK not in message


def test_the_latest_of_several_settings_takes_effect(session_on: Callable[[str], Session]) -> None:
    with session_on("eileen_collins") as session:
        results_until(session, (OLD, EILEEN))
        session.apply(HIGH_ACCURACY)
        wait_until_embedding(session)
        session.apply(HIGH_ACCURACY.replace({"identify.threshold_l2": 0.9}))
        (result,) = results_until(session, (NEW, EILEEN))[-1:]

    assert result.threshold_l2 == 0.9
    assert len(state_messages(session, "settings_changed")) == 1


def test_a_network_changed_in_objects_mode_recognizes_faces_afterward(session_on: Callable[[str], Session]) -> None:
    with session_on("eileen_collins") as session:
        results_until(session, (OLD, EILEEN))
        session.apply(Mode.OBJECTS)
        session.apply(HIGH_ACCURACY)
        wait_until_embedding(session)
        wait_for(lambda: session.settings == HIGH_ACCURACY)
        session.apply(Mode.FACES)
        results_until(session, (NEW, EILEEN))

    assert session.error is None


def test_a_network_that_was_replaced_meanwhile_is_used_with_the_next_change_of_the_gallery(
    gallery: Path, portraits: dict[str, Path], tmp_path: Path
) -> None:
    own = copy_as_own(HIGH_ACCURACY_NETWORK, tmp_path / "mine.tflite")
    for photo in sorted((gallery / EILEEN).iterdir())[2:]:
        photo.unlink()
    bgr = small(portraits["eileen_collins"])
    source = SourceConfig("fake", lambda started_at_s: ScriptedSource(started_at_s, fps=15.0, image=still_view(bgr)))
    settings = DEFAULT.replace({"identify.network": str(own)})

    with Session(SessionConfig(settings, (source,), gallery)) as session:
        results_until(session, (NEW, EILEEN))
        copy_as_own(DEFAULT_NETWORK, own)
        GalleryService(gallery).remove_person(EILEEN)
        results_until(session, (OLD, None))

    assert session.error is None


def test_a_gallery_read_before_a_person_was_removed_is_not_used(session_on: Callable[[str], Session], gallery: Path) -> None:
    with session_on("eileen_collins") as session:
        results_until(session, (OLD, EILEEN))
        stale = LoadedGallery(session.settings, folder_fingerprint(gallery), session.gallery)
        GalleryService(gallery).remove_person(EILEEN)
        results_until(session, (OLD, None))
        session.apply(stale)
        results = next_results(session, 5)

    assert set(map(compared, results)) == {(OLD, None)}


def refusals(session: Session) -> list[CommandResult]:
    results: list[CommandResult] = []

    def has_any() -> bool:
        results.extend(session.take_command_results())
        return bool(results)

    wait_for(has_any)
    return results


def test_an_unknown_network_is_refused_and_does_not_end_a_change_in_progress(session_on: Callable[[str], Session]) -> None:
    with session_on("eileen_collins") as session:
        results_until(session, (OLD, EILEEN))
        session.apply(HIGH_ACCURACY)
        wait_until_embedding(session)
        session.apply(DEFAULT.replace({"identify.network": "facenet"}))
        (refusal,) = refusals(session)
        results_until(session, (NEW, EILEEN))

    assert isinstance(refusal.error, ModelError)
    assert "facenet" in state_messages(session, "command_refused")[0]


def test_a_gallery_that_cannot_be_read_anymore_leaves_the_old_network_running(
    session_on: Callable[[str], Session], gallery: Path
) -> None:
    with session_on("eileen_collins") as session:
        results_until(session, (OLD, EILEEN))
        session.apply(HIGH_ACCURACY)
        wait_until_embedding(session)
        gallery.rename(gallery.with_name("elsewhere"))
        gallery.write_bytes(b"")
        (refusal,) = refusals(session)
        results = next_results(session, 5)

    assert refusal.command == HIGH_ACCURACY
    assert isinstance(refusal.error, GalleryError)
    assert set(map(compared, results)) == {(OLD, EILEEN)}
    assert session.status().gallery_progress is None
    assert session.settings == DEFAULT
    assert state_messages(session, "settings_changed") == []


WATCH = """
import sys, time
from pathlib import Path
from facecam.imageio import read_image
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.settings import Settings
from tests.session.conftest import ScriptedSource, still_view

gallery, network, portrait = sys.argv[1:]
bgr = read_image(portrait)
source = SourceConfig("fake", lambda started_at_s: ScriptedSource(started_at_s, fps=15.0, image=still_view(bgr)))
settings = Settings().replace({"follow.enabled": False})

def compared(session):
    while session.error is None:
        if (taken := session.results.take(1)) is not None:
            for sighting in taken[1][1].sightings:
                return len(sighting.embedding), sighting.track_decision.decision.name
    raise session.error

with Session(SessionConfig(settings, (source,), Path(gallery))) as session:
    while compared(session)[1] is None:
        pass
    session.apply(settings.replace({"identify.network": network}))
    while not (refusals := session.take_command_results()):
        time.sleep(0.01)
    compared(session)
    print(refusals[0].error)
    print(*compared(session))
"""


def test_a_damaged_network_leaves_the_old_one_running(gallery: Path, portraits: dict[str, Path], tmp_path: Path) -> None:
    """Run in a separate process, on a copy of the package in which the file of the network is cut off."""
    root = Path(__file__).parents[2]
    shutil.copytree(root / "facecam", tmp_path / "facecam", ignore=shutil.ignore_patterns("__pycache__", "ui"))
    (tmp_path / "models").mkdir()
    for path in (root / "models").iterdir():
        (tmp_path / "models" / path.name).symlink_to(path)
    damaged = tmp_path / "models" / f"{HIGH_ACCURACY_NETWORK}.litert"
    content = damaged.read_bytes()[:-1]
    damaged.unlink()
    damaged.write_bytes(content)

    child = subprocess.run(
        [sys.executable, "-c", WATCH, str(gallery), HIGH_ACCURACY_NETWORK, str(portraits["eileen_collins"])],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip

    assert child.returncode == 0, child.stderr
    error, seen = child.stdout.splitlines()
    assert f"the compiled network {HIGH_ACCURACY_NETWORK} is damaged" in error
    assert seen == f"{OLD} {EILEEN}"
