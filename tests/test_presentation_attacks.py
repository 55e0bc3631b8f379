"""The check for presentation attacks in recognition, log and replay, with the real networks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from facecam.capture.demo import DemoSource
from facecam.capture.source import frames, open_source
from facecam.enrollment.corrections import AssignName
from facecam.enrollment.samples import SelectionRule, select_samples
from facecam.gallery.service import GalleryService
from facecam.imageio import read_image
from facecam.logbook.reader import read_log
from facecam.logbook.replay import ReplayRules, replay_decisions
from facecam.logbook.writer import LogWriter
from facecam.networks.embedding_networks import DEFAULT_NETWORK, embedding_network
from facecam.presentation.detector import NETWORKS
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.recognizer import Recognizer, networks_for
from facecam.session.config import describe_session, settings_changed_events
from facecam.settings import Mode, Settings
from facecam.types import DecisionStatus, Frame, Image

ANY_POSE = Settings().replace({"gate.max_yaw_deg": 90, "gate.max_pitch_deg": 90})
"""The face in one of the images of attacks is turned too far to be compared otherwise."""

ON, OFF = (ANY_POSE.replace({"track.presentation_check": check}) for check in (True, False))
EVERY_FRAME = ON.replace({"follow.enabled": False})
FRAME_MS = 1000 / 30
WITHHELD = {"presentation_undecided", "presentation_attack"}

Play = Callable[..., Path]


@pytest.fixture(scope="module")
def people(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gallery of Ada, who signs `again` in a clip, and of the faces in the images of attacks."""
    folder = tmp_path_factory.mktemp("presentation") / "gallery"
    with open_face_analyzer(Settings()) as analyzer:
        clip = [frame.bgr for frame in clip_frames(test_data, "again")][::3]
        rule = SelectionRule.for_network(embedding_network(DEFAULT_NETWORK))
        samples = select_samples(((bgr, analyzer.analyze(bgr)) for bgr in clip), analyzer, rule).samples
    GalleryService(folder).add_photos("Ada", [sample.jpeg for sample in samples])
    for image in ("attack_1", "attack_2", "live_1"):
        GalleryService(folder).add_photos(image, [attack_image(test_data, image).read_bytes()])
    return folder


def attack_image(test_data: Path, name: str) -> Path:
    return test_data / "data" / "attacks" / f"{name}.jpg"


def clip_frames(test_data: Path, clip: str) -> Iterator[Frame]:
    path = test_data / "data" / "webcam" / f"{clip}.mkv"
    with open_source(str(path), Settings().capture, time.monotonic()) as source:
        yield from frames(source)


def held(bgr: Image, count: int = 45, first: int = 0) -> Iterator[Frame]:
    """Yield an image as a camera sees it that shakes a little."""
    random = np.random.default_rng(0)
    for index in range(first, first + count):
        moved = np.roll(bgr, (index % 3, index % 2), axis=(1, 0)).astype(np.int16) + random.integers(-3, 4, bgr.shape, np.int16)
        yield Frame(moved.clip(0, 255).astype(np.uint8), index, index * FRAME_MS, index / 30, "camera")


@pytest.fixture(scope="module")
def play(people: Path, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Return a function that recognizes frames, and returns the log. `changes` are settings from a frame number on."""
    logs = tmp_path_factory.mktemp("logs")

    def run(
        video: Iterable[Frame], settings: Settings, gallery: Path = people, changes: dict[int, Settings] | None = None
    ) -> Path:
        with Recognizer(settings, gallery) as recognizer:
            info = describe_session(settings, Mode.FACES, ["camera"], recognizer.gallery.revision)
            with LogWriter(logs, info) as log:
                for frame in video:
                    if changed := (changes or {}).get(frame.index):
                        recognizer.apply_settings(changed)
                        for event in settings_changed_events(settings, changed):
                            log.event(event, frame.t_ms)
                        settings = changed
                    log.write(recognizer(frame), 0)
        return log.path

    return run


def seen_rows(log: Path) -> pd.DataFrame:
    rows = read_log(log)
    return rows[rows.event == "seen"]


def assert_replay_is_equal(log: Path) -> None:
    rows = list(replay_decisions(log))
    assert rows
    assert [row.again for row in rows] == [row.logged for row in rows]
    assert all(row.certain for row in rows)


@pytest.mark.parametrize("settings", [ON, EVERY_FRAME], ids=["followed", "every_frame_searched"])
@pytest.mark.parametrize("image", ["attack_1", "attack_2"])
def test_a_picture_of_an_enrolled_person_gets_no_name(play: Play, test_data: Path, image: str, settings: Settings) -> None:
    log = play(held(read_image(attack_image(test_data, image))), settings)

    seen = seen_rows(log)
    assert seen["name"].isna().all()
    assert seen["reason"].iloc[-1] == "presentation_attack"
    assert set(seen["nearest_name"].dropna()) == {image}
    assert_replay_is_equal(log)


def test_without_the_check_a_picture_has_the_name_and_no_score(play: Play, test_data: Path) -> None:
    seen = seen_rows(play(held(read_image(attack_image(test_data, "attack_1"))), OFF))

    assert seen["name"].iloc[-1] == "attack_1"
    assert seen["live_score"].isna().all()


@pytest.mark.parametrize("settings", [ON, EVERY_FRAME], ids=["followed", "every_frame_searched"])
def test_a_living_person_is_named_and_scored_from_time_to_time(play: Play, test_data: Path, settings: Settings) -> None:
    log = play(clip_frames(test_data, "help"), settings)

    seen = seen_rows(log)
    named, scored = seen["name"].eq("Ada"), seen["live_score"].notna()
    assert named.mean() > 0.9
    assert 0 < scored.sum() < 0.5 * len(seen)
    assert_replay_is_equal(log)


def test_no_row_has_a_name_before_the_first_score_of_its_track(play: Play, test_data: Path) -> None:
    seen = seen_rows(play(clip_frames(test_data, "help"), ON))

    for _, rows in seen.groupby("track_id"):
        is_scored = rows["live_score"].notna().cummax()
        assert rows.loc[~is_scored, "name"].isna().all()


def test_most_rows_that_are_named_without_the_check_are_named_with_it(play: Play, test_data: Path) -> None:
    with_check, without = (seen_rows(play(clip_frames(test_data, "help"), settings)) for settings in (ON, OFF))

    named = without["name"].notna().to_numpy()
    assert (with_check["name"].notna().to_numpy()[named]).mean() > 0.95


def test_strangers_are_not_scored(play: Play, test_data: Path, tmp_path: Path) -> None:
    seen = seen_rows(play(clip_frames(test_data, "help"), ON, tmp_path / "nobody"))

    assert len(seen) > 40
    assert seen["live_score"].isna().all()


def test_a_picture_put_before_the_camera_after_the_person_takes_no_name_over(play: Play, test_data: Path) -> None:
    living, picture = (read_image(attack_image(test_data, name)) for name in ("live_1", "attack_1"))
    living = living[: picture.shape[0], : picture.shape[1]]
    log = play([*held(living), *held(picture, first=45)], ON)

    seen = seen_rows(log)
    assert "live_1" in set(seen["name"].dropna())
    assert seen[seen["frame_index"] >= 45]["name"].isna().all()
    assert_replay_is_equal(log)


def test_the_check_can_be_turned_on_and_off_while_a_picture_is_shown(play: Play, test_data: Path) -> None:
    log = play(held(read_image(attack_image(test_data, "attack_1")), 60), OFF, changes={20: ON, 40: OFF})

    seen = seen_rows(log)
    names = seen.groupby(pd.cut(seen["frame_index"], [4, 19, 39, 59]), observed=True)["name"].apply(
        lambda part: part.notna().mean()
    )
    assert names.tolist() == [1.0, 0.0, 1.0]
    assert_replay_is_equal(log)


def test_a_replay_with_a_loose_threshold_calls_names_without_scores_estimates(play: Play, test_data: Path) -> None:
    log = play(clip_frames(test_data, "help"), ON.replace({"identify.threshold_l2": 0.05}))

    rows = list(replay_decisions(log, ReplayRules(threshold_l2=1.0)))

    named = [row for row in rows if row.again.name == "Ada"]
    assert named
    assert not any(row.certain for row in named)


def test_a_name_that_the_user_assigns_is_kept_whatever_the_scores_are(test_data: Path, tmp_path: Path) -> None:
    picture = read_image(attack_image(test_data, "attack_1"))
    GalleryService(tmp_path / "gallery").add_photos("Ada", [attack_image(test_data, "attack_1").read_bytes()])
    with Recognizer(ON, tmp_path / "gallery") as recognizer:
        before = [recognizer(frame) for frame in held(picture)][-1]
        track = before.sightings[0].track_decision
        recognizer.correct(AssignName(track.track_id, "Ada"))
        after = [recognizer(frame) for frame in held(picture, first=45)][-1]

    assert track.decision.reason == "presentation_attack"
    assert after.sightings[0].track_decision.decision.name == "Ada"


def test_a_single_image_is_recognized_without_the_check(people: Path, test_data: Path) -> None:
    with Recognizer(ON, people) as recognizer:
        result = recognizer.recognize_image(next(held(read_image(attack_image(test_data, "attack_1")))))

    assert result.sightings[0].track_decision.decision.name == "attack_1"
    assert result.sightings[0].track_decision.live_score is None


def test_images_that_do_not_follow_each_other_are_recognized_without_the_check(people: Path, test_data: Path) -> None:
    with Recognizer(ON, people) as recognizer:
        picture = next(held(read_image(attack_image(test_data, "attack_1"))))
        result = recognizer(picture, expected_interval_ms=float("inf"))

    assert result.sightings[0].track_decision.decision.name == "attack_1"


def test_the_photos_of_the_demo_are_named(play: Play, gallery: Path) -> None:
    with DemoSource() as source:
        log = play(frames(source), ON, gallery)

    seen = seen_rows(log)
    assert "Eileen Collins" in set(seen["name"].dropna())
    assert not WITHHELD & set(seen["reason"].dropna())
    assert_replay_is_equal(log)


def test_without_the_check_its_networks_are_not_needed() -> None:
    assert set(NETWORKS) <= set(networks_for(ON, Mode.FACES))
    assert not set(NETWORKS) & set(networks_for(OFF, Mode.FACES))
    assert not set(NETWORKS) & set(networks_for(ON, Mode.OBJECTS))


def test_the_session_describes_the_networks_of_the_check() -> None:
    networks = describe_session(ON, Mode.FACES, ["0"], "").details["networks"]

    assert isinstance(networks, dict)
    assert set(NETWORKS) <= networks.keys()
    assert all(len(networks[name]["sha256"]) == 64 for name in NETWORKS)


def test_a_decision_made_again_for_the_last_frame_does_not_name_a_picture(people: Path, test_data: Path) -> None:
    with Recognizer(ON, people) as recognizer:
        for frame in held(read_image(attack_image(test_data, "attack_1"))):
            result = recognizer(frame)
        while_shown = recognizer.decide_again(frame, result)
        recognizer.finish(frame.t_ms)
        after_the_end = recognizer.decide_again(frame, result)

    for again in (while_shown, after_the_end):
        decision = again.sightings[0].track_decision.decision
        assert (decision.status, decision.reason) == (DecisionStatus.UNSURE, "presentation_attack")
