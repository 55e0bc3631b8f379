"""Replays of ten logs of clips: with the logged parameters, and with other thresholds compared to real runs."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from facecam.capture.source import frames, open_source
from facecam.enrollment.samples import SelectionRule, select_samples
from facecam.gallery.service import GalleryService
from facecam.logbook.reader import read_log
from facecam.logbook.replay import ReplayedDecision, ReplayRules, replay_decisions
from facecam.logbook.writer import LogWriter
from facecam.networks.embedding_networks import DEFAULT_NETWORK, embedding_network
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.recognizer import Recognizer
from facecam.session.config import describe_session
from facecam.settings import Mode, Settings
from facecam.types import Frame

ENROLLED_FROM = {"A": "again", "B": "milk", "C": "book", "D": "eat"}
LOGS = (
    *((f"webcam/{clip}.mkv", "ABCD") for clip in ("help", "please", "learn", "night", "again")),
    ("webcam/please.mkv", "C"),
    ("webcam/night.mkv", "B"),
    ("webcam/learn.mkv", ""),
    ("presence/face_noface.mov", "ABCD"),
    ("presence/noface_face.mov", "AD"),
)
"""Clips with the enrolled people."""


def _all_but_one_long(logs: Sequence[tuple[str, str]]) -> list[Any]:
    """Mark all logs but the first as long: ten logs take minutes."""
    return [entry if entry == LOGS[0] else pytest.param(*entry, marks=pytest.mark.long) for entry in logs]


Play = Callable[..., Path]


@pytest.fixture(scope="module")
def play(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Return a function that recognizes a clip with these people, threshold and following, and returns the cached log.

    With `apart_ms` the source has 20 frames that far apart.
    """
    root = tmp_path_factory.mktemp("replay")
    clips = test_data / "data"
    rule = SelectionRule.for_network(embedding_network(DEFAULT_NETWORK))
    with open_face_analyzer(Settings()) as analyzer:
        for name, clip in ENROLLED_FROM.items():
            observed = (
                (frame.bgr, analyzer.analyze(frame.bgr)) for frame in list(_frames_of(clips / "webcam" / f"{clip}.mkv"))[::3]
            )
            samples = select_samples(observed, analyzer, rule).samples
            GalleryService(root / "all").add_photos(name, [sample.jpeg for sample in samples])

    @cache
    def run(clip: str, people: str, threshold_l2: float | None, follow: bool, apart_ms: float | None = None) -> Path:
        gallery = root / (people or "nobody")
        for name in people:
            shutil.copytree(root / "all" / name, gallery / name, dirs_exist_ok=True)
        settings = Settings().replace({"identify.threshold_l2": threshold_l2, "follow.enabled": follow})
        with Recognizer(settings, gallery) as recognizer:
            info = describe_session(settings, Mode.FACES, [clip], recognizer.gallery.revision)
            with LogWriter(root / "logs", info) as log:
                for frame in _frames_of(clips / clip, apart_ms):
                    log.write(recognizer(frame, expected_interval_ms=apart_ms), 0)
        return log.path

    return run


def _frames_of(path: Path, apart_ms: float | None = None) -> Iterator[Frame]:
    """Yield all frames of a clip, or 20 of them that far apart."""
    with open_source(str(path), Settings().capture, time.monotonic()) as source:
        if apart_ms is None:
            yield from frames(source)
        else:
            for number, frame in enumerate(itertools.islice(frames(source), 0, 40, 2)):
                yield replace(frame, index=number, t_ms=number * apart_ms)


def _by_face(rows: list[ReplayedDecision]) -> dict[tuple[int, int], ReplayedDecision]:
    return {(row.frame_index, row.track_id): row for row in rows}


@pytest.mark.parametrize("follow", [True, False], ids=["followed", "every_face_compared"])
@pytest.mark.parametrize(("clip", "people"), _all_but_one_long(LOGS))
def test_a_replay_repeats_every_decision_and_name(play: Play, clip: str, people: str, follow: bool) -> None:
    rows = list(replay_decisions(play(clip, people, None, follow)))

    assert len(rows) > 20
    assert [row.again for row in rows] == [row.logged for row in rows]
    assert all(row.certain for row in rows)


@pytest.mark.parametrize("threshold_l2", [0.2, 0.4])
@pytest.mark.parametrize(("clip", "people"), _all_but_one_long([entry for entry in LOGS if entry[1]]))
def test_a_replay_at_another_threshold_agrees_with_a_real_run(play: Play, clip: str, people: str, threshold_l2: float) -> None:
    """Every face is compared in both runs, so that all rows are comparable."""
    replayed = replay_decisions(play(clip, people, None, False), ReplayRules(threshold_l2=threshold_l2))
    real = replay_decisions(play(clip, people, threshold_l2, False))

    assert [row.again for row in replayed] == [row.logged for row in real]


@pytest.mark.parametrize("threshold_l2", [0.2, 0.4])
@pytest.mark.parametrize(("clip", "people"), _all_but_one_long([entry for entry in LOGS if entry[1]]))
def test_a_replay_of_followed_faces_agrees_where_both_compared_and_where_it_is_certain(
    play: Play, clip: str, people: str, threshold_l2: float
) -> None:
    replayed = _by_face(list(replay_decisions(play(clip, people, None, True), ReplayRules(threshold_l2=threshold_l2))))
    real = _by_face(list(replay_decisions(play(clip, people, threshold_l2, True))))

    both = [face for face, row in replayed.items() if face in real and row.embedded and real[face].embedded]
    certain = [face for face, row in replayed.items() if row.certain]
    assert len(both) >= 5
    assert [replayed[face].again.sighting_decision for face in both] == [real[face].logged.sighting_decision for face in both]
    assert [replayed[face].again for face in certain] == [real[face].logged for face in certain]


def test_frames_further_apart_than_a_track_lives_are_named_one_by_one(play: Play) -> None:
    log = read_log(play("webcam/help.mkv", "ABCD", None, True, 10_000.0))

    seen = log[(log.event == "seen") & log.gate.isna()]
    assert seen.t_ms.tolist() == [10_000.0 * number for number in range(20)]
    assert seen.name.tolist() == ["A"] * 20
    assert seen.track_id.nunique() == 20


def test_sparse_frames_are_said_before_the_first_of_them(play: Play) -> None:
    log = read_log(play("webcam/help.mkv", "ABCD", None, True, 10_000.0))

    assert log.event.head(3).tolist() == ["state", "state", "seen"]
    assert log.event_code.head(2).tolist() == ["sparse_frames", "decision_parameters"]
    assert log.enter_after_sightings.dropna().tolist() == [1]
    assert log.message[0] == "frames are 10 s apart, and tracks end after 3 s: one sighting is enough for a name"


def test_each_sparse_sighting_enters_and_leaves_at_its_own_time(play: Play) -> None:
    log = read_log(play("webcam/help.mkv", "ABCD", None, True, 10_000.0))

    entered, left = (log[log.event == kind].set_index("track_id").t_ms for kind in ("enter", "exit"))
    assert len(entered) == 20
    assert left.to_dict() == {track_id: t_ms for track_id, t_ms in entered.items() if track_id in left.index}


def test_a_replay_repeats_sparse_frames(play: Play) -> None:
    rows = list(replay_decisions(play("webcam/help.mkv", "ABCD", None, True, 10_000.0)))

    assert len(rows) >= 20
    assert [row.again for row in rows] == [row.logged for row in rows]
