"""From pixels to decisions, on the bundled portraits: Eileen Collins is enrolled, Grace Hopper never is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.errors import ModelError
from facecam.gallery.store import GalleryFolder
from facecam.imageio import read_image
from facecam.networks.convert import ensure_compiled
from facecam.networks.manifest import entry
from facecam.recognition.matching import decision_rule
from facecam.recognizer import Recognizer, networks_for
from facecam.settings import ExpressSettings, GateSettings, IdentifySettings, Mode, Settings
from facecam.types import DecisionStatus, Frame, Image, Result

EILEEN, GRACE = "Eileen Collins", "Grace Hopper"
FRAME_MS = 1000 / 30


@pytest.fixture
def recognizer(gallery: Path) -> Iterator[Recognizer]:
    with Recognizer(Settings(), gallery) as recognizer:
        yield recognizer


@pytest.fixture
def eileen(portraits: dict[str, Path]) -> Image:
    """Her portrait as a camera would see it: smaller, darker and a little askew."""
    return seen_by_a_camera(read_image(portraits["eileen_collins"]))


@pytest.fixture
def grace(portraits: dict[str, Path]) -> Image:
    return seen_by_a_camera(read_image(portraits["grace_hopper"]))


WALL: Image = np.full((480, 640, 3), 120, np.uint8)


def seen_by_a_camera(bgr: Image) -> Image:
    turn = cv2.getRotationMatrix2D((bgr.shape[1] / 2, bgr.shape[0] / 2), 4, 0.8)
    moved = cv2.warpAffine(bgr, turn, (bgr.shape[1], bgr.shape[0]), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.convertScaleAbs(moved, alpha=0.85), np.uint8)


def frames_of(bgr: Image, count: int, first: int = 0, source: str = "0") -> Iterator[Frame]:
    for index in range(first, first + count):
        yield Frame(bgr, index, index * FRAME_MS, index * FRAME_MS / 1000, source, "camera")


def decided(result: Result) -> list[tuple[DecisionStatus, str | None]]:
    """What each face's track stands for, from left to right."""
    ordered = sorted(result.sightings, key=lambda sighting: sighting.face.box.x)
    return [(sighting.track_decision.decision.status, sighting.track_decision.decision.name) for sighting in ordered]


def test_the_enrolled_one_is_known_with_the_third_frame(recognizer: Recognizer, eileen: Image) -> None:
    results = [recognizer(frame) for frame in frames_of(eileen, 3)]

    assert [decided(result) for result in results] == [
        [(DecisionStatus.UNSURE, None)],
        [(DecisionStatus.UNSURE, None)],
        [(DecisionStatus.KNOWN, EILEEN)],
    ]
    assert [(event.kind, event.name) for event in results[-1].events] == [("enter", EILEEN)]


def test_a_stranger_is_never_known(recognizer: Recognizer, grace: Image) -> None:
    results = [recognizer(frame) for frame in frames_of(grace, 60)]

    sightings = [sighting for result in results for sighting in result.sightings]
    assert len(sightings) == 60
    assert {sighting.decision.status for sighting in sightings if sighting.embedded} == {DecisionStatus.UNKNOWN}
    assert {kind for result in results[2:] for kind, _ in decided(result)} == {DecisionStatus.UNKNOWN}


def test_a_settled_track_is_embedded_only_now_and_then(recognizer: Recognizer, eileen: Image) -> None:
    sightings = [sighting for frame in frames_of(eileen, 60) for sighting in recognizer(frame).sightings]

    embedded = [number for number, sighting in enumerate(sightings) if sighting.embedded]
    assert embedded[:5] == [0, 1, 2, 3, 4]
    assert 5 < len(embedded) < 20
    assert {sighting.decision.reason for sighting in sightings if not sighting.embedded} == {"settled"}
    assert {sighting.track_decision.decision.name for sighting in sightings[2:]} == {EILEEN}


def test_the_enrolled_one_beside_a_stranger_is_told_apart(recognizer: Recognizer, eileen: Image, grace: Image) -> None:
    height = min(len(eileen), len(grace))
    both = np.hstack([grace[:height], eileen[:height]])

    results = [recognizer(frame) for frame in frames_of(both, 4)]

    assert decided(results[-1]) == [(DecisionStatus.UNKNOWN, None), (DecisionStatus.KNOWN, EILEEN)]


def test_one_face_seen_twice_in_a_frame_is_named_at_most_once(recognizer: Recognizer, eileen: Image) -> None:
    twice = np.hstack([eileen, np.asarray(cv2.GaussianBlur(eileen, (0, 0), 1.5), np.uint8)])

    results = [recognizer(frame) for frame in frames_of(twice, 5)]

    for result in results:
        assert len(result.sightings) == 2
        assert [sighting.decision.name for sighting in result.sightings].count(EILEEN) <= 1
        assert [name for _, name in decided(result)].count(EILEEN) <= 1


def test_a_decision_carries_the_distance_that_was_compared(recognizer: Recognizer, eileen: Image) -> None:
    (result,) = [recognizer(frame) for frame in frames_of(eileen, 1)]

    (sighting,) = result.sightings
    assert sighting.decision.nearest is not None
    assert sighting.decision.nearest.name == EILEEN
    assert result.threshold_l2 == decision_rule(Settings().identify, recognizer.gallery.samples).threshold_l2
    assert sighting.decision.nearest.distance_l2 <= result.threshold_l2
    assert sighting.embedded
    assert sighting.gate is None


def test_a_face_that_fails_a_gate_is_shown_and_skipped(gallery: Path, eileen: Image) -> None:
    """A gate that asks for more sharpness than a portrait has stands for every gate."""
    with Recognizer(Settings(gate=GateSettings(min_sharpness=20_000)), gallery) as recognizer:
        results = [recognizer(frame) for frame in frames_of(eileen, 4)]

    (sighting,) = results[-1].sightings
    assert sighting.gate == "blurry"
    assert (sighting.decision.status, sighting.decision.reason) == (DecisionStatus.SKIPPED, "blurry")
    assert not sighting.embedded
    assert decided(results[-1]) == [(DecisionStatus.SKIPPED, None)]


def test_a_smile_is_read_while_somebody_is_recognized(recognizer: Recognizer, eileen: Image) -> None:
    (result,) = [recognizer(frame) for frame in frames_of(eileen, 1)]

    expression = result.sightings[0].expression
    assert expression is not None
    assert expression.label == "happy"


@pytest.mark.parametrize(("smooth_ms", "stays_happy"), [(0.0, False), (60_000.0, True)])
def test_what_a_track_shows_is_smoothed_as_the_settings_say(
    gallery: Path, eileen: Image, smooth_ms: float, stays_happy: bool
) -> None:
    """The smile is wiped away from the second frame on."""
    with Recognizer(Settings(express=ExpressSettings(smooth_ms)), gallery) as recognizer:
        (first,) = recognizer(next(frames_of(eileen, 1))).sightings
        (left, y), (right, _) = first.face.landmarks_xy[3:].astype(int)
        vague = eileen.copy()
        mouth = vague[y - 15 : y + 15, left - 10 : right + 10]
        mouth[:] = cv2.GaussianBlur(mouth, (0, 0), 12)
        *_, (last,) = [recognizer(frame).sightings for frame in frames_of(vague, 15, first=1)]

    assert first.expression is not None
    assert last.expression is not None
    assert last.track_decision.track_id == first.track_decision.track_id
    assert first.expression.label == "happy"
    assert (last.expression.label == "happy") is stays_happy


def test_nobody_is_told_once_each_time(recognizer: Recognizer, eileen: Image) -> None:
    """Faces are looked for every few frames, so that one is found, and missed, a little late."""
    frames = [*frames_of(WALL, 20), *frames_of(eileen, 40, first=20), *frames_of(WALL, 40, first=60)]

    results = [recognizer(frame) for frame in frames]

    seen = [bool(result.sightings) for result in results]
    told = [number for number, result in enumerate(results) if "empty" in {event.kind for event in result.events}]
    assert told == [0, len(seen) - seen[::-1].index(True)]
    assert seen[told[1] - 1]
    assert not any(seen[told[1] :])


def test_who_is_gone_for_three_seconds_has_left(recognizer: Recognizer, eileen: Image) -> None:
    for frame in frames_of(eileen, 3):
        recognizer(frame)

    early = recognizer(Frame(WALL, 3, 3000, 3.0, "0"))
    late = recognizer(Frame(WALL, 4, 3200, 3.2, "0"))

    assert [event.kind for event in early.events] == ["empty"]
    assert [(event.kind, event.name) for event in late.events] == [("exit", EILEEN)]


def test_at_the_end_everybody_leaves(recognizer: Recognizer, eileen: Image) -> None:
    for frame in frames_of(eileen, 3):
        recognizer(frame)

    events = recognizer.finish(3 * FRAME_MS)

    assert [(event.kind, event.name) for event in events] == [("exit", EILEEN)]
    assert recognizer.finish(3 * FRAME_MS) == []


def test_a_still_picture_needs_no_second_look(recognizer: Recognizer, eileen: Image) -> None:
    results = [recognizer.still(frame) for frame in frames_of(eileen, 2)]

    assert [decided(result) for result in results] == [[(DecisionStatus.KNOWN, EILEEN)]] * 2
    assert recognizer.finish(0) == []


def test_every_still_picture_without_a_face_is_empty(recognizer: Recognizer) -> None:
    told = [[event.kind for event in recognizer.still(frame).events] for frame in frames_of(WALL, 2)]

    assert told == [["empty"], ["empty"]]


@pytest.mark.parametrize("mode", list(Mode))
def test_a_result_says_which_frame_of_which_source_it_is_about(gallery: Path, eileen: Image, mode: Mode) -> None:
    with Recognizer(Settings(), gallery, mode) as one, Recognizer(Settings(), gallery, mode) as other:
        results = [
            recognizer(frame)
            for recognizer, source in ((one, "door.mkv"), (other, "rtsp://garden"))
            for frame in frames_of(eileen, 2, first=7, source=source)
        ]

    assert [(result.source, result.frame_index) for result in results] == [
        ("door.mkv", 7), ("door.mkv", 8), ("rtsp://garden", 7), ("rtsp://garden", 8),
    ]  # fmt: skip
    assert {(result.camera_id, result.size_wh, result.mode) for result in results} == {
        ("camera", (eileen.shape[1], eileen.shape[0]), mode)
    }
    assert [result.t_ms for result in results[:2]] == [7 * FRAME_MS, 8 * FRAME_MS]


def test_two_recognizers_do_not_share_their_tracks(gallery: Path, eileen: Image) -> None:
    with Recognizer(Settings(), gallery) as one, Recognizer(Settings(), gallery) as other:
        for frame in frames_of(eileen, 3):
            one(frame)
        (result,) = [other(frame) for frame in frames_of(eileen, 1, first=3)]

    assert decided(result) == [(DecisionStatus.UNSURE, None)]


def test_in_the_mode_for_objects_a_cat_is_a_cat(tmp_path: Path, portraits: dict[str, Path]) -> None:
    with Recognizer(Settings(), tmp_path / "nobody", Mode.OBJECTS) as recognizer:
        (result,) = [recognizer(frame) for frame in frames_of(read_image(portraits["cat"]), 1)]

    assert "cat" in result.labels[0].name
    assert len(result.labels) == 3
    assert result.sightings == ()


def test_the_mode_can_be_changed_while_it_runs(recognizer: Recognizer, eileen: Image, portraits: dict[str, Path]) -> None:
    for frame in frames_of(eileen, 3):
        recognizer(frame)
    recognizer.mode = Mode.OBJECTS
    (coffee,) = [recognizer(frame) for frame in frames_of(read_image(portraits["coffee"]), 1, first=3)]
    recognizer.mode = Mode.FACES
    (back,) = [recognizer(frame) for frame in frames_of(eileen, 1, first=4)]

    assert coffee.labels[0].name == "espresso"
    assert decided(back) == [(DecisionStatus.KNOWN, EILEEN)]


def test_whoever_is_enrolled_while_it_runs_is_known_from_then_on(
    recognizer: Recognizer, gallery: Path, grace: Image, portraits: dict[str, Path]
) -> None:
    (before,) = [recognizer.still(frame) for frame in frames_of(grace, 1)]
    (gallery / GRACE).mkdir()
    (gallery / GRACE / "1.jpg").write_bytes(portraits["grace_hopper"].read_bytes())

    recognizer.reload_gallery()

    (after,) = [recognizer.still(frame) for frame in frames_of(grace, 1, first=1)]
    assert decided(before) == [(DecisionStatus.UNKNOWN, None)]
    assert decided(after) == [(DecisionStatus.KNOWN, GRACE)]
    assert before.gallery_revision != after.gallery_revision


def test_whoever_is_removed_while_it_runs_is_a_stranger_from_then_on(
    recognizer: Recognizer, gallery: Path, eileen: Image
) -> None:
    GalleryFolder(gallery).remove(EILEEN)

    recognizer.reload_gallery()

    (result,) = [recognizer.still(frame) for frame in frames_of(eileen, 1)]
    (sighting,) = result.sightings
    assert (sighting.decision.status, sighting.decision.reason) == (DecisionStatus.UNKNOWN, "gallery_empty")


def test_without_a_gallerys_folder_everybody_is_a_stranger(tmp_path: Path, eileen: Image) -> None:
    with Recognizer(Settings(), tmp_path / "nobody") as recognizer:
        results = [recognizer(frame) for frame in frames_of(eileen, 3)]

    assert decided(results[-1]) == [(DecisionStatus.UNKNOWN, None)]
    assert not (tmp_path / "nobody").exists()


def test_a_threshold_that_the_user_pins_wins_over_the_networks_own(gallery: Path, eileen: Image) -> None:
    pinned = Settings(identify=IdentifySettings(threshold_l2=0.001, unsure_band_l2=0.0))

    with Recognizer(pinned, gallery) as recognizer:
        results = [recognizer(frame) for frame in frames_of(eileen, 3)]

    assert results[-1].threshold_l2 == 0.001
    assert decided(results[-1]) == [(DecisionStatus.UNKNOWN, None)]


@pytest.mark.parametrize("network", ["nn4_small2_facecam_v1", "nn4_small2_openface_v1"])
def test_margin_and_band_are_the_networks_own(network: str) -> None:
    rule, listed = decision_rule(IdentifySettings(network=network), ()), entry(network)

    assert (rule.margin_l2, rule.unsure_band_l2) == (listed.margin_l2, listed.unsure_band_l2)


def test_openfaces_weights_tell_the_two_apart_as_well(gallery: Path, eileen: Image, grace: Image) -> None:
    with Recognizer(Settings(identify=IdentifySettings(network="nn4_small2_openface_v1")), gallery) as recognizer:
        (known,) = [recognizer.still(frame) for frame in frames_of(eileen, 1)]
        (stranger,) = [recognizer.still(frame) for frame in frames_of(grace, 1)]

    assert decided(known) == [(DecisionStatus.KNOWN, EILEEN)]
    assert [name for _, name in decided(stranger)] == [None]


def test_a_network_that_does_not_exist_is_answered_with_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model 'facenet'; there are .*nn4_small2_facecam_v1"):
        Recognizer(Settings(identify=IdentifySettings(network="facenet")), tmp_path)


def test_recognizing_imports_neither_tensorflow_nor_keras_nor_pandas(gallery: Path, portraits: dict[str, Path]) -> None:
    """In a process of its own, with everything compiled already: what the first picture waits for."""
    ensure_compiled(networks_for(Settings(), Mode.FACES))
    code = """
import sys
from pathlib import Path
from facecam.imageio import read_picture
from facecam.recognizer import Recognizer
from facecam.settings import Settings
from facecam.types import Frame
with Recognizer(Settings(), Path(sys.argv[1])) as recognizer:
    result = recognizer.still(Frame(read_picture(sys.argv[2]), 0, 0.0, 0.0, "picture"))
print(result.sightings[0].decision.name)
print(*sorted({"tensorflow", "keras", "pandas", "matplotlib", "PySide6", "mtcnn"} & set(sys.modules)))
"""
    root = str(Path(__file__).parents[1])
    child = subprocess.run(
        [sys.executable, "-c", code, str(gallery), str(portraits["eileen_collins"])],
        cwd=root, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert child.returncode == 0, child.stderr
    assert child.stdout.splitlines() == [EILEEN, ""]
