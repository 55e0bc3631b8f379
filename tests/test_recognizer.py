"""Recognizer on the bundled portraits: Eileen Collins is enrolled, Grace Hopper is a stranger."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.enrollment.corrections import AssignName, RejectName, UndoCorrection
from facecam.errors import FaceGoneError, GalleryError, ModelError
from facecam.gallery.gallery import folder_fingerprint
from facecam.gallery.service import GalleryService
from facecam.imageio import read_image
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from facecam.recognition.matching import decision_rule
from facecam.recognizer import Recognizer
from facecam.settings import ExpressSettings, GateSettings, IdentifySettings, Mode, Settings
from facecam.types import DecisionStatus, Frame, Image, Result
from tests.own_network import copy_as_own

EILEEN, GRACE = "Eileen Collins", "Grace Hopper"
FRAME_MS = 1000 / 30
SETTINGS = Settings().replace({"track.presentation_check": False})
"""The people are photos: with the check, some of them get their name later or not at all."""

HIGH_ACCURACY = SETTINGS.replace({"identify.network": HIGH_ACCURACY_NETWORK})


@pytest.fixture
def recognizer(gallery: Path) -> Iterator[Recognizer]:
    with Recognizer(SETTINGS, gallery) as recognizer:
        yield recognizer


@pytest.fixture
def eileen(portraits: dict[str, Path]) -> Image:
    """Return her portrait as a camera would capture it: smaller, darker and slightly rotated."""
    return as_captured(read_image(portraits["eileen_collins"]))


@pytest.fixture
def grace(portraits: dict[str, Path]) -> Image:
    return as_captured(read_image(portraits["grace_hopper"]))


WALL: Image = np.full((480, 640, 3), 120, np.uint8)


def as_captured(bgr: Image) -> Image:
    turn = cv2.getRotationMatrix2D((bgr.shape[1] / 2, bgr.shape[0] / 2), 4, 0.8)
    moved = cv2.warpAffine(bgr, turn, (bgr.shape[1], bgr.shape[0]), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.convertScaleAbs(moved, alpha=0.85), np.uint8)


def frames_of(bgr: Image, count: int, first: int = 0, source: str = "0") -> Iterator[Frame]:
    for index in range(first, first + count):
        yield Frame(bgr, index, index * FRAME_MS, index * FRAME_MS / 1000, source, "camera")


def decided(result: Result) -> list[tuple[DecisionStatus, str | None]]:
    """Return status and name of each face's track, from left to right."""
    ordered = sorted(result.sightings, key=lambda sighting: sighting.face.box.x)
    return [(sighting.track_decision.decision.status, sighting.track_decision.decision.name) for sighting in ordered]


def test_an_enrolled_person_is_known_from_the_third_frame_on(recognizer: Recognizer, eileen: Image) -> None:
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


def test_an_enrolled_person_and_a_stranger_are_distinguished(recognizer: Recognizer, eileen: Image, grace: Image) -> None:
    height = min(len(eileen), len(grace))
    both = np.hstack([grace[:height], eileen[:height]])

    results = [recognizer(frame) for frame in frames_of(both, 4)]

    assert decided(results[-1]) == [(DecisionStatus.UNKNOWN, None), (DecisionStatus.KNOWN, EILEEN)]


def test_a_face_that_appears_twice_in_a_frame_is_named_at_most_once(recognizer: Recognizer, eileen: Image) -> None:
    twice = np.hstack([eileen, np.asarray(cv2.GaussianBlur(eileen, (0, 0), 1.5), np.uint8)])

    results = [recognizer(frame) for frame in frames_of(twice, 5)]

    for result in results:
        assert len(result.sightings) == 2
        assert [sighting.decision.name for sighting in result.sightings].count(EILEEN) <= 1
        assert [name for _, name in decided(result)].count(EILEEN) <= 1


def test_a_decision_contains_the_compared_distance(recognizer: Recognizer, eileen: Image) -> None:
    (result,) = [recognizer(frame) for frame in frames_of(eileen, 1)]

    (sighting,) = result.sightings
    assert sighting.decision.nearest is not None
    assert sighting.decision.nearest.name == EILEEN
    assert result.threshold_l2 == decision_rule(SETTINGS.identify, recognizer.gallery.samples).threshold_l2
    assert sighting.decision.nearest.distance_l2 <= result.threshold_l2
    assert sighting.embedded
    assert sighting.gate is None


def test_a_face_that_fails_a_gate_is_shown_and_skipped(gallery: Path, eileen: Image) -> None:
    """The gate requires more sharpness than a portrait has. Its expression is not read either."""
    with Recognizer(Settings(gate=GateSettings(min_sharpness=20_000)), gallery) as recognizer:
        results = [recognizer(frame) for frame in frames_of(eileen, 4)]
        (image,) = [recognizer.recognize_image(frame) for frame in frames_of(eileen, 1)]

    (sighting,) = results[-1].sightings
    assert sighting.gate == "blurry"
    assert (sighting.decision.status, sighting.decision.reason) == (DecisionStatus.SKIPPED, "blurry")
    assert not sighting.embedded
    assert (sighting.expression, image.sightings[0].expression) == (None, None)
    assert decided(results[-1]) == [(DecisionStatus.SKIPPED, None)]


def test_expressions_are_read_with_the_faces(recognizer: Recognizer, eileen: Image) -> None:
    (result,) = [recognizer(frame) for frame in frames_of(eileen, 1)]

    expression = result.sightings[0].expression
    assert expression is not None
    assert expression.label == "happy"


@pytest.mark.parametrize(("smooth_ms", "stays_happy"), [(0.0, False), (60_000.0, True)])
def test_expressions_are_smoothed_according_to_the_settings(
    gallery: Path, eileen: Image, smooth_ms: float, stays_happy: bool
) -> None:
    """The smile is blurred more and more: a mouth that changed at once could be that of another face."""
    with Recognizer(Settings(express=ExpressSettings(smooth_ms)), gallery) as recognizer:
        (first,) = recognizer(next(frames_of(eileen, 1))).sightings
        (left, y), (right, _) = first.face.landmarks_xy[3:].astype(int)
        for number in range(1, 30):
            blurred = eileen.copy()
            mouth = blurred[y - 15 : y + 15, left - 10 : right + 10]
            mouth[:] = cv2.GaussianBlur(mouth, (0, 0), min(number, 12))
            (last,) = recognizer(next(frames_of(blurred, 1, first=number))).sightings

    assert first.expression is not None
    assert last.expression is not None
    assert last.track_decision.track_id == first.track_decision.track_id
    assert first.expression.label == "happy"
    assert (last.expression.label == "happy") is stays_happy


def test_an_empty_scene_has_one_event(recognizer: Recognizer, eileen: Image) -> None:
    """Faces are searched every few frames, so they are found and lost a little late."""
    frames = [*frames_of(WALL, 20), *frames_of(eileen, 40, first=20), *frames_of(WALL, 40, first=60)]

    results = [recognizer(frame) for frame in frames]

    has_faces = [bool(result.sightings) for result in results]
    empty = [number for number, result in enumerate(results) if "empty" in {event.kind for event in result.events}]
    assert empty == [0, len(has_faces) - has_faces[::-1].index(True)]
    assert has_faces[empty[1] - 1]
    assert not any(has_faces[empty[1] :])


def test_a_person_exits_after_three_seconds(recognizer: Recognizer, eileen: Image) -> None:
    for frame in frames_of(eileen, 3):
        recognizer(frame)

    early = recognizer(Frame(WALL, 3, 3000, 3.0, "0"))
    late = recognizer(Frame(WALL, 4, 3200, 3.2, "0"))

    assert [event.kind for event in early.events] == ["empty"]
    assert [(event.kind, event.name) for event in late.events] == [("exit", EILEEN)]


def test_finishing_a_source_ends_its_tracks(recognizer: Recognizer, eileen: Image) -> None:
    for frame in frames_of(eileen, 3):
        recognizer(frame)

    events = recognizer.finish(3 * FRAME_MS)

    assert [(event.kind, event.name) for event in events] == [("exit", EILEEN)]
    assert recognizer.finish(3 * FRAME_MS) == []


def test_a_single_image_is_decided_at_once(recognizer: Recognizer, eileen: Image) -> None:
    results = [recognizer.recognize_image(frame) for frame in frames_of(eileen, 2)]

    assert [decided(result) for result in results] == [[(DecisionStatus.KNOWN, EILEEN)]] * 2
    assert recognizer.finish(0) == []


def test_every_single_image_without_a_face_has_an_event(recognizer: Recognizer) -> None:
    kinds = [[event.kind for event in recognizer.recognize_image(frame).events] for frame in frames_of(WALL, 2)]

    assert kinds == [["empty"], ["empty"]]


@pytest.mark.parametrize("mode", list(Mode))
def test_a_result_identifies_its_frame_and_source(gallery: Path, eileen: Image, mode: Mode) -> None:
    with Recognizer(SETTINGS, gallery, mode) as one, Recognizer(SETTINGS, gallery, mode) as other:
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
    with Recognizer(SETTINGS, gallery) as one, Recognizer(SETTINGS, gallery) as other:
        for frame in frames_of(eileen, 3):
            one(frame)
        (result,) = [other(frame) for frame in frames_of(eileen, 1, first=3)]

    assert decided(result) == [(DecisionStatus.UNSURE, None)]


def test_a_cat_is_recognized_in_object_mode(tmp_path: Path, portraits: dict[str, Path]) -> None:
    with Recognizer(SETTINGS, tmp_path / "nobody", Mode.OBJECTS) as recognizer:
        (result,) = [recognizer(frame) for frame in frames_of(read_image(portraits["cat"]), 1)]

    assert "cat" in result.labels[0].name
    assert len(result.labels) == 3
    assert result.sightings == ()


def test_the_mode_can_change_between_frames(recognizer: Recognizer, eileen: Image, portraits: dict[str, Path]) -> None:
    for frame in frames_of(eileen, 3):
        recognizer(frame)
    exits = recognizer.set_mode(Mode.OBJECTS)
    (coffee,) = [recognizer(frame) for frame in frames_of(read_image(portraits["coffee"]), 1, first=3)]
    assert recognizer.set_mode(Mode.FACES) == {}
    *_, back = [recognizer(frame) for frame in frames_of(eileen, 3, first=4)]

    assert [(event.kind, event.name) for event in exits[0]] == [("exit", EILEEN)]
    assert coffee.labels[0].name == "espresso"
    assert decided(back) == [(DecisionStatus.KNOWN, EILEEN)]


def test_a_newly_enrolled_person_is_known_after_reloading(
    recognizer: Recognizer, gallery: Path, grace: Image, portraits: dict[str, Path]
) -> None:
    (before,) = [recognizer.recognize_image(frame) for frame in frames_of(grace, 1)]
    (gallery / GRACE).mkdir()
    (gallery / GRACE / "1.jpg").write_bytes(portraits["grace_hopper"].read_bytes())

    recognizer.reload_gallery()

    (after,) = [recognizer.recognize_image(frame) for frame in frames_of(grace, 1, first=1)]
    assert decided(before) == [(DecisionStatus.UNKNOWN, None)]
    assert decided(after) == [(DecisionStatus.KNOWN, GRACE)]
    assert before.gallery_revision != after.gallery_revision


def test_a_removed_person_is_unknown_after_reloading(recognizer: Recognizer, gallery: Path, eileen: Image) -> None:
    GalleryService(gallery).remove_person(EILEEN)

    recognizer.reload_gallery()

    (result,) = [recognizer.recognize_image(frame) for frame in frames_of(eileen, 1)]
    (sighting,) = result.sightings
    assert (sighting.decision.status, sighting.decision.reason) == (DecisionStatus.UNKNOWN, "gallery_empty")


def test_without_a_gallery_folder_every_face_is_unknown(tmp_path: Path, eileen: Image) -> None:
    with Recognizer(SETTINGS, tmp_path / "nobody") as recognizer:
        results = [recognizer(frame) for frame in frames_of(eileen, 3)]

    assert decided(results[-1]) == [(DecisionStatus.UNKNOWN, None)]
    assert not (tmp_path / "nobody").exists()


def test_a_pinned_threshold_overrides_the_networks_own(gallery: Path, eileen: Image) -> None:
    pinned = Settings(identify=IdentifySettings(threshold_l2=0.001, unsure_band_l2=0.0))

    with Recognizer(pinned, gallery) as recognizer:
        results = [recognizer(frame) for frame in frames_of(eileen, 3)]

    assert results[-1].threshold_l2 == 0.001
    assert decided(results[-1]) == [(DecisionStatus.UNKNOWN, None)]


@pytest.mark.parametrize("network", [DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK])
def test_margin_and_band_default_to_the_networks_own(network: str) -> None:
    rule, listed = decision_rule(IdentifySettings(network=network), ()), embedding_network(network)

    assert (rule.margin_l2, rule.unsure_band_l2) == (listed.margin_l2, listed.unsure_band_l2)


def test_openfaces_weights_also_distinguish_the_two(gallery: Path, eileen: Image, grace: Image) -> None:
    with Recognizer(Settings(identify=IdentifySettings(network="nn4_small2_openface_v1")), gallery) as recognizer:
        (known,) = [recognizer.recognize_image(frame) for frame in frames_of(eileen, 1)]
        (stranger,) = [recognizer.recognize_image(frame) for frame in frames_of(grace, 1)]

    assert decided(known) == [(DecisionStatus.KNOWN, EILEEN)]
    assert [name for _, name in decided(stranger)] == [None]


def test_an_unknown_network_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"'facenet' is not a face recognition network; choose nn4_small2_facecam_v2, "):
        Recognizer(Settings(identify=IdentifySettings(network="facenet")), tmp_path)


def test_another_network_names_the_person_on_a_new_track(recognizer: Recognizer, eileen: Image) -> None:
    *_, (old,) = [recognizer(frame).sightings for frame in frames_of(eileen, 3)]

    exits = recognizer.apply_settings(HIGH_ACCURACY)

    *_, (new,) = [recognizer(frame).sightings for frame in frames_of(eileen, 3, first=3)]
    assert [(event.kind, event.name, event.track_id) for event in exits[0]] == [("exit", EILEEN, old.track_decision.track_id)]
    assert [sighting.track_decision.decision.name for sighting in (old, new)] == [EILEEN, EILEEN]
    assert new.track_decision.track_id != old.track_decision.track_id
    assert [len(sighting.embedding) for sighting in (old, new) if sighting.embedding is not None] == [128, 256]


def test_a_change_that_fails_leaves_everything_as_it_was(recognizer: Recognizer, gallery: Path, eileen: Image) -> None:
    before = [recognizer(frame) for frame in frames_of(eileen, 3)]
    gallery.rename(gallery.with_name("elsewhere"))
    gallery.write_bytes(b"")

    with pytest.raises(GalleryError):
        recognizer.apply_settings(HIGH_ACCURACY)

    (after,) = [recognizer(frame) for frame in frames_of(eileen, 1, first=3)]
    assert decided(after) == decided(before[-1]) == [(DecisionStatus.KNOWN, EILEEN)]
    assert after.sightings[0].track_decision.track_id == before[-1].sightings[0].track_decision.track_id
    assert after.gallery_revision == before[-1].gallery_revision


def test_a_correction_made_with_one_network_is_undone_with_another(recognizer: Recognizer, eileen: Image) -> None:
    *_, (named,) = [recognizer(frame).sightings for frame in frames_of(eileen, 3)]
    recognizer.correct(RejectName(named.track_decision.track_id, EILEEN))
    recognizer.apply_settings(HIGH_ACCURACY)
    rejected = [recognizer(frame) for frame in frames_of(eileen, 3, first=3)]

    recognizer.correct(UndoCorrection())

    undone = [recognizer(frame) for frame in frames_of(eileen, 3, first=6)]
    assert decided(rejected[-1]) == [(DecisionStatus.UNSURE, None)]
    assert decided(undone[-1]) == [(DecisionStatus.KNOWN, EILEEN)]


def test_a_face_is_named_with_the_crops_that_the_current_network_embedded(recognizer: Recognizer, grace: Image) -> None:
    *_, (old,) = [recognizer(frame).sightings for frame in frames_of(grace, 5)]
    recognizer.apply_settings(HIGH_ACCURACY)
    *_, (new,) = [recognizer(frame).sightings for frame in frames_of(grace, 5, first=5)]

    with pytest.raises(FaceGoneError):
        recognizer.correct(AssignName(old.track_decision.track_id, GRACE))
    recognizer.correct(AssignName(new.track_decision.track_id, GRACE))

    results = [recognizer(frame) for frame in frames_of(grace, 3, first=10)]
    assert decided(results[-1]) == [(DecisionStatus.KNOWN, GRACE)]


def test_another_network_set_in_object_mode_recognizes_faces_afterward(recognizer: Recognizer, eileen: Image) -> None:
    recognizer.set_mode(Mode.OBJECTS)

    recognizer.apply_settings(HIGH_ACCURACY)

    recognizer.set_mode(Mode.FACES)
    results = [recognizer(frame) for frame in frames_of(eileen, 3)]
    assert decided(results[-1]) == [(DecisionStatus.KNOWN, EILEEN)]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return copy_as_own(HIGH_ACCURACY_NETWORK, tmp_path / "mine.tflite")


def test_a_network_that_was_overwritten_while_it_runs_refuses_corrections_before_they_change_anything(
    own: Path, gallery: Path, eileen: Image
) -> None:
    with Recognizer(SETTINGS.replace({"identify.network": str(own)}), gallery) as recognizer:
        *_, (named,) = [recognizer(frame).sightings for frame in frames_of(eileen, 3)]
        before = folder_fingerprint(gallery)
        own.write_bytes(own.read_bytes() + b"\0")

        with pytest.raises(ModelError, match="has changed since it was calibrated"):
            recognizer.correct(RejectName(named.track_decision.track_id, EILEEN))

        assert folder_fingerprint(gallery) == before
        assert recognizer.last_correction is None
        other_source = [recognizer(frame, 1) for frame in frames_of(eileen, 3)]
    assert named.track_decision.decision.name == EILEEN
    assert decided(other_source[-1]) == [(DecisionStatus.KNOWN, EILEEN)]


def test_a_network_that_was_replaced_while_it_runs_is_opened_with_the_next_settings(
    own: Path, gallery: Path, eileen: Image
) -> None:
    settings = SETTINGS.replace({"identify.network": str(own)})
    with Recognizer(settings, gallery) as recognizer:
        *_, (old,) = [recognizer(frame).sightings for frame in frames_of(eileen, 3)]
        copy_as_own(DEFAULT_NETWORK, own)

        recognizer.apply_settings(settings.replace({"identify.false_positive_identification_rate": 0.02}))

        *_, (new,) = [recognizer(frame).sightings for frame in frames_of(eileen, 3, first=3)]
    assert [len(sighting.embedding) for sighting in (old, new) if sighting.embedding is not None] == [256, 128]
    assert new.track_decision.decision.name == EILEEN


def test_recognizing_imports_neither_tensorflow_nor_keras_nor_pandas(gallery: Path, portraits: dict[str, Path]) -> None:
    """Run in a separate process."""
    code = """
import sys
from pathlib import Path
from facecam.imageio import read_image
from facecam.recognizer import Recognizer
from facecam.settings import Settings
from facecam.types import Frame
with Recognizer(Settings(), Path(sys.argv[1])) as recognizer:
    result = recognizer.recognize_image(Frame(read_image(sys.argv[2]), 0, 0.0, 0.0, "image"))
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
