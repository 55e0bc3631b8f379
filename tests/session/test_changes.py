"""Changes while it runs: only what a setting concerns is built again, and a change that fails leaves everything as it was."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecam.enrollment.corrections import AssignName, AssignNameToImage
from facecam.errors import FacecamError, GalleryError, ModelError
from facecam.gallery.gallery import Gallery, analysis_conditions, folder_fingerprint
from facecam.imageio import read_image
from facecam.logbook.reader import read_log
from facecam.networks.embedding_networks import HIGH_ACCURACY_NETWORK
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.recognizer import Recognizer
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.gallery_monitor import LoadedGallery
from facecam.session.recognition_worker import MAX_FAILED_FRAMES
from facecam.session.session import Session
from facecam.session.status import CommandResult
from facecam.settings import Mode, Settings
from facecam.types import EventCode, Frame, Image, Result
from tests.own_network import copy_as_own
from tests.session.conftest import Rig, ScriptedSource, still_view, wait_for

EILEEN, GRACE = "Eileen Collins", "Grace Hopper"
FRAME_MS = 1000 / 30

NETWORKS = {"embedder", "gallery", "matcher", "tracks", "follower"}
REBUILT: dict[str, set[str]] = {
    "detect": {"detector", "follower", "gallery", "matcher"},
    "detect.threads": {"detector", "follower"},
    "gate": {"gallery", "matcher"},
    "identify": {"matcher"},
    "identify.network": NETWORKS,
    "identify.mirrored": NETWORKS,
    "identify.threads": {"embedder", "expressions"},
    "identify.distances_network": set(),
    "follow": {"follower"},
    "express.enabled": {"expressions"},
}
"""What a change of a setting, or of any other of its section, builds again while faces are recognized; nothing if not listed."""

OTHER_VALUES = {
    "detect.detector": "package",
    "identify.network": HIGH_ACCURACY_NETWORK,
    "identify.distances_network": HIGH_ACCURACY_NETWORK,
    "identify.threshold_l2": 0.5,
    "identify.margin_l2": 0.03,
    "identify.unsure_band_l2": 0.02,
    "objects.network": "MobileNetV2",
    "capture.cameras": {"0": {"rotate": 180}},
}


def other_value(key: str, value: Any) -> Any:
    if key in OTHER_VALUES:
        return OTHER_VALUES[key]
    if isinstance(value, str):
        return "tee events.jsonl"
    return not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else value * 0.9 or 0.01


def all_settings() -> list[Any]:
    keys = [f"{section}.{name}" for section, values in Settings().to_dict().items() for name in values]
    return [pytest.param(key, marks=[pytest.mark.long] if key == "detect.detector" else []) for key in keys]


def value_of(settings: Settings, key: str) -> Any:
    section, _, name = key.partition(".")
    return getattr(getattr(settings, section), name)


class Video:
    """Frames of one portrait, recognized one by one."""

    def __init__(self, recognizer: Recognizer, bgr: Image) -> None:
        self.recognizer = recognizer
        self.bgr = bgr
        self._indexes = itertools.count()

    def results(self, count: int) -> list[Result]:
        indexes = itertools.islice(self._indexes, count)
        return [self.recognizer(Frame(self.bgr, i, i * FRAME_MS, i * FRAME_MS / 1000, "0", "camera")) for i in indexes]

    def parts(self) -> dict[str, Any]:
        """Return what can be rebuilt; the same object as long as it was not."""
        recognizer, (source,) = self.recognizer, self.recognizer._sources.values()
        assert recognizer.analyzer is not None
        return {
            "detector": recognizer.analyzer.detector,
            "embedder": recognizer.analyzer.embedder,
            "expressions": recognizer._expressions,
            "gallery": recognizer.gallery,
            "matcher": recognizer._index,
            "tracks": source.tracker,
            "follower": source.follower,
            "smoothing": source.expressions,
        }


@pytest.fixture(scope="module")
def video(portraits: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Video]:
    """Faces of Eileen, who is enrolled; each test leaves the default settings."""
    gallery = tmp_path_factory.mktemp("changes") / "gallery"
    (gallery / EILEEN).mkdir(parents=True)
    (gallery / EILEEN / "1.jpg").write_bytes(portraits["eileen_collins"].read_bytes())
    with Recognizer(Settings(), gallery) as recognizer:
        yield Video(recognizer, read_image(portraits["eileen_collins"]))


@pytest.mark.parametrize("key", all_settings())
def test_a_setting_rebuilds_only_what_it_concerns_and_tracks_go_on(video: Video, key: str) -> None:
    before = video.results(5)[-1].sightings[0].track_decision
    parts = video.parts()
    changed = Settings().replace({key: other_value(key, value_of(Settings(), key))})

    exits = video.recognizer.apply_settings(changed)
    after = video.results(5)[-1].sightings[0].track_decision
    now = video.parts()
    video.recognizer.apply_settings(Settings())

    rebuilt = {name for name, part in now.items() if part is not parts[name]} - {"smoothing"}
    assert rebuilt == REBUILT.get(key, REBUILT.get(key.partition(".")[0], set()))
    assert before.decision.name == after.decision.name == EILEEN
    exit_ids = [event.track_id for events in exits.values() for event in events if event.kind == "exit"]
    if "tracks" in rebuilt:
        assert exit_ids == [before.track_id]
        assert after.track_id != before.track_id
    else:
        assert exit_ids == []
        assert after.track_id == before.track_id


def test_settings_of_tracks_take_effect_on_the_tracks_that_go_on(video: Video) -> None:
    video.results(5)

    video.recognizer.apply_settings(Settings().replace({"track.leave_after_ms": 0.0, "express.smooth_ms": 0.0}))
    video.recognizer.apply_settings(Settings().replace({"track.leave_after_ms": 0.0}))
    blank = replace_image(video, np.full_like(video.bgr, 120))
    video.recognizer.apply_settings(Settings())

    assert [event.kind for result in blank for event in result.events if event.kind == "exit"] == ["exit"]


def replace_image(video: Video, bgr: Image) -> list[Result]:
    shown, video.bgr = video.bgr, bgr
    try:
        return video.results(3)
    finally:
        video.bgr = shown


@pytest.mark.parametrize("key", ["detect.threads", "identify.threads", "log.keep_days", "gate.min_size_px", "track.min_iou"])
def test_in_object_mode_the_pipeline_is_rebuilt_for_its_threads_only(tmp_path: Path, key: str) -> None:
    with Recognizer(Settings(), tmp_path, Mode.OBJECTS) as recognizer:
        before = recognizer._objects
        recognizer.apply_settings(Settings().replace({key: other_value(key, value_of(Settings(), key))}))

        assert (recognizer._objects is not before) is key.endswith(".threads")


def test_a_network_of_another_gallery_or_an_older_gallery_is_refused(video: Video, gallery: Path) -> None:
    recognizer, settings = video.recognizer, Settings()
    with open_face_analyzer(settings) as analyzer:
        older = Gallery.load(gallery, analyzer, conditions=analysis_conditions(settings))
    recognizer.reload_gallery()
    in_use = recognizer.gallery

    with pytest.raises(GalleryError, match="a newer state of the gallery"):
        recognizer.use_gallery(older)
    with pytest.raises(GalleryError, match="was embedded by another network"):
        recognizer.use_gallery(replace(in_use, embedding_id="facenet:0:single"))

    assert recognizer.gallery is in_use


def test_a_damaged_network_does_not_prevent_unrelated_changes(gallery: Path, tmp_path: Path, portraits: dict[str, Path]) -> None:
    own = copy_as_own(HIGH_ACCURACY_NETWORK, tmp_path / "mine.tflite")
    settings = Settings().replace({"identify.network": str(own)})
    with Recognizer(settings, gallery) as recognizer:
        video = Video(recognizer, read_image(portraits["eileen_collins"]))
        before = video.results(3)[-1].sightings[0].track_decision
        own.write_bytes(own.read_bytes() + b"\0")

        recognizer.apply_settings(settings.replace({"log.keep_days": 7}))
        with pytest.raises(ModelError, match="has changed since it was calibrated"):
            recognizer.apply_settings(settings.replace({"gate.min_score": 0.9}))

        after = video.results(3)[-1].sightings[0].track_decision
    assert (after.track_id, after.decision.name) == (before.track_id, EILEEN)


def test_after_a_change_of_the_network_corrections_have_its_distances(video: Video, tmp_path: Path) -> None:
    recognizer, before = video.recognizer, video.recognizer._corrections._rule
    recognizer.apply_settings(Settings().replace({"identify.network": HIGH_ACCURACY_NETWORK}))
    with_other = recognizer._corrections._rule
    recognizer.apply_settings(Settings())

    assert with_other != before
    assert recognizer._corrections._rule == before


def test_a_network_chosen_while_objects_are_recognized_is_that_of_corrections(video: Video, tmp_path: Path) -> None:
    """The objects seen so far still count: only faces are compared by another network."""
    before = video.recognizer._corrections._rule
    with Recognizer(Settings(), tmp_path, Mode.OBJECTS) as recognizer:
        recognizer(Frame(video.bgr, 0, 0.0, 0.0, "0"))
        state = recognizer._object_states[0]
        assert recognizer.apply_settings(Settings().replace({"identify.network": HIGH_ACCURACY_NETWORK})) == {}

        assert recognizer._corrections._rule != before
        assert recognizer._object_states[0] is state


@pytest.fixture
def session_on(gallery: Path, portraits: dict[str, Path], tmp_path: Path) -> Callable[..., Session]:
    """Return a factory of sessions on a portrait, not started."""

    def create(settings: Settings | None = None, mode: Mode = Mode.FACES, portrait: str = "eileen_collins") -> Session:
        bgr = read_image(portraits[portrait])
        source = SourceConfig("fake", lambda started_at_s: ScriptedSource(started_at_s, fps=20.0, image=still_view(bgr)))
        return Session(SessionConfig(settings or Settings(), (source,), gallery, mode, tmp_path / "logs"))

    return create


def newest(session: Session) -> Result:
    while (taken := session.results.take(1)) is None:
        assert session.error is None
    return taken[1][1]


def wait_for_name(session: Session, name: str = EILEEN) -> int:
    """Wait until a face has the name, and return the id of its track."""
    while not (named := [s for s in newest(session).sightings if s.track_decision.decision.name == name]):
        pass
    return named[0].track_decision.track_id


def refusal(session: Session) -> FacecamError:
    results: list[CommandResult] = []
    wait_for(lambda: bool(results.extend(session.take_command_results()) or results))
    assert results[0].error is not None
    return results[0].error


@pytest.mark.parametrize("to", [Mode.OBJECTS, Mode.FACES])
def test_a_mode_change_that_fails_leaves_the_session_in_its_mode(
    session_on: Callable[..., Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: Mode
) -> None:
    """The network of the other mode is missing: not converted, or not calibrated."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    own = copy_as_own(HIGH_ACCURACY_NETWORK, tmp_path / "mine.tflite")
    changes = {"objects.network": "MobileNetV2"} if to is Mode.OBJECTS else {"identify.network": str(own)}
    mode = Mode.FACES if to is Mode.OBJECTS else Mode.OBJECTS
    with session_on(Settings().replace(changes), mode) as session:
        track_id = wait_for_name(session) if mode is Mode.FACES else 0
        newest(session)
        own.write_bytes(own.read_bytes() + b"\0")
        session.apply(to)
        error = refusal(session)
        recognized = session.status().recognized
        wait_for(lambda: session.status().recognized > recognized + MAX_FAILED_FRAMES)
        assert newest(session).mode is mode
        assert not track_id or wait_for_name(session) == track_id

    assert isinstance(error, ModelError)
    assert session.error is None
    assert session.log is not None
    log = read_log(session.log.path)
    assert list(log[log.event == "error"].event_code) == ["command_refused"]
    assert "mode_changed" not in set(log.event_code)


def test_faces_that_cannot_be_loaded_leave_the_session_with_objects(session_on: Callable[..., Session], gallery: Path) -> None:
    for path in gallery.glob("*/*"):
        path.unlink()
    for path in gallery.iterdir():
        path.rmdir()
    gallery.rmdir()
    gallery.write_bytes(b"")
    with session_on(mode=Mode.OBJECTS) as session:
        newest(session)
        session.apply(Mode.FACES)
        error = refusal(session)
        recognized = session.status().recognized
        wait_for(lambda: session.status().recognized > recognized + MAX_FAILED_FRAMES)

    assert isinstance(error, GalleryError)
    assert session.error is None


def test_a_rejected_settings_change_is_not_in_use(session_on: Callable[..., Session]) -> None:
    with session_on() as session:
        track_id = wait_for_name(session)
        session.apply(Settings().replace({"identify.network": "facenet"}))
        error = refusal(session)
        session.apply(Settings().replace({"track.enter_after_sightings": 4}))
        wait_for(lambda: session.settings.track.enter_after_sightings == 4)
        assert wait_for_name(session) == track_id

    assert isinstance(error, ModelError)
    assert session.settings.identify.network == Settings().identify.network


def test_days_to_keep_logs_change_without_ending_a_track(session_on: Callable[..., Session]) -> None:
    patient = Settings().replace({"track.leave_after_ms": 60_000.0})  # on a busy machine, loading a detector can take seconds
    with session_on(patient) as session:
        track_id = wait_for_name(session)
        session.apply(patient.replace({"log.keep_days": 7, "detect.scale_factor": 0.7}))
        wait_for(lambda: session.settings.log.keep_days == 7)
        recognized = session.status().recognized
        wait_for(lambda: session.status().recognized > recognized + 5)
        assert wait_for_name(session) == track_id

    assert session.log is not None
    log = read_log(session.log.path)
    assert log[log.event.isin(["enter", "exit"])].event.tolist() == ["enter", "exit"], "once, at the end"


def test_while_the_file_of_the_network_is_damaged_other_settings_and_networks_can_be_chosen(
    session_on: Callable[..., Session], tmp_path: Path
) -> None:
    own = copy_as_own(HIGH_ACCURACY_NETWORK, tmp_path / "mine.tflite")
    settings = Settings().replace({"identify.network": str(own)})
    with session_on(settings) as session:
        track_id = wait_for_name(session)
        own.write_bytes(own.read_bytes() + b"\0")
        session.apply(settings.replace({"log.keep_days": 7}))
        wait_for(lambda: session.settings.log.keep_days == 7)
        assert wait_for_name(session) == track_id
        session.apply(settings.replace({"track.enter_after_sightings": 5}))
        assert isinstance(refusal(session), ModelError)
        assert session.settings.track == Settings().track
        session.apply(Settings())
        wait_for(lambda: session.settings == Settings())
        wait_for(lambda: wait_for_name(session) != track_id)


@pytest.mark.parametrize(
    "change",
    [Mode.OBJECTS, Settings().replace({"identify.network": HIGH_ACCURACY_NETWORK}), None],
    ids=["mode", "network", "end"],
)
def test_open_tracks_get_their_exits(session_on: Callable[..., Session], change: Settings | Mode | None) -> None:
    with session_on() as session:
        wait_for_name(session)
        if change is not None:
            session.apply(change)
            wait_for(lambda: session.settings == change or newest(session).mode is change)

    assert session.log is not None
    log = read_log(session.log.path)
    rows = log[log.event.isin(["enter", "exit"])]
    assert rows.event.tolist()[:2] == ["enter", "exit"]
    assert rows.track_id.nunique() * 2 == len(rows), "each track enters and exits once"
    assert set(rows["mode"]) == {"faces"}
    assert set(rows["name"]) == {EILEEN}


def test_tracks_get_their_exits_when_an_error_ends_the_session(gallery: Path, portraits: dict[str, Path], tmp_path: Path) -> None:
    bgr = read_image(portraits["eileen_collins"])

    class FailingSink:
        def __call__(self, _: Frame, result: Result, *__: object) -> None:
            if result.sightings[0].track_decision.decision.name:
                raise ModelError("no more")

        def close(self) -> None:
            """There is nothing to close."""

    source = SourceConfig("fake", lambda started_at_s: ScriptedSource(started_at_s, fps=20.0, image=still_view(bgr)))
    config = SessionConfig(Settings(), (source,), gallery, log_dir=tmp_path / "logs", sinks=(FailingSink(),))
    with Session(config) as session:
        assert session.wait(30)

    assert str(session.error) == "no more"
    assert session.log is not None
    log = read_log(session.log.path)
    assert log[log.event.isin(["enter", "exit"])].event.tolist() == ["enter", "exit"]


def test_a_gallery_that_was_read_before_a_correction_is_not_used(session_on: Callable[..., Session], gallery: Path) -> None:
    with session_on(portrait="grace_hopper") as session:
        while not (sightings := newest(session).sightings):
            pass
        assert session.gallery is not None
        fingerprint = folder_fingerprint(gallery)
        with open_face_analyzer(Settings()) as analyzer:
            earlier = Gallery.load(gallery, analyzer, conditions=analysis_conditions(Settings()))
        wait_for(lambda: session.status().recognized > 10)
        session.apply(AssignName(sightings[0].track_decision.track_id, GRACE))
        session.apply(LoadedGallery(Settings(), fingerprint, earlier))  # type: ignore[arg-type]
        wait_for_name(session, GRACE)
        recognized = session.status().recognized
        wait_for(lambda: session.status().recognized > recognized + 5)
        assert len(session.gallery.people) == 2

    assert session.log is not None
    log = read_log(session.log.path)
    named = log[(log.event == "correction")].index[0]
    revisions = log.loc[named:].gallery_revision.dropna().unique()
    assert len(revisions) == 1, "the earlier gallery was never in use"


def test_exceptions_of_any_kind_cost_their_frames_only_and_are_named(rig: Rig) -> None:
    bad = {3: ZeroDivisionError("three"), 4: MemoryError("four"), 8: np.linalg.LinAlgError("eight"), 9: KeyError("nine")}

    def work(frame: Frame) -> None:
        if frame.index in bad:
            raise bad[frame.index]

    session = rig.session(
        lambda started_at_s: ScriptedSource(started_at_s, live=False, fps=30.0, count=20, frame_count=20),
        work=work,
        every_frame=True,
    )
    with session:
        assert session.wait(20)

    assert session.error is None
    assert [index for _, index, _ in rig.recognizers[0].recognized] == [index for index in range(20) if index not in bad]
    assert session.log is not None
    log = read_log(session.log.path)
    messages = log[log.event_code == "frame_failed"].message.tolist()
    assert [message.partition(":")[0] for message in messages] == ["frame 3", "frame 4", "frame 8", "frame 9"]
    assert "ZeroDivisionError: three" in messages[0]


def test_frames_that_fail_before_a_change_of_mode_do_not_count_after_it(rig: Rig) -> None:
    failed: list[int] = []

    def work(frame: Frame) -> None:
        if frame.index in range(5, 5 + MAX_FAILED_FRAMES - 1):
            failed.append(frame.index)
            if len(failed) == MAX_FAILED_FRAMES - 1:
                session.apply(Mode.FACES)
            raise RuntimeError("before")
        if len(failed) == MAX_FAILED_FRAMES - 1 and frame.index == 5 + MAX_FAILED_FRAMES - 1:
            failed.append(frame.index)
            raise RuntimeError("after")

    session = rig.session(
        lambda started_at_s: ScriptedSource(started_at_s, live=False, fps=30.0, count=20, frame_count=20),
        work=work,
        every_frame=True,
    )
    with session:
        assert session.wait(20)

    assert len(failed) == MAX_FAILED_FRAMES
    assert session.error is None


def test_events_of_a_video_session_have_its_media_time(rig: Rig) -> None:
    """Also after a change that ends all tracks, and after the first of two videos has ended."""
    used = Settings().replace({"log.keep_days": 7})

    def changes_at(index: int, change: Settings | Mode) -> Callable[[float], ScriptedSource]:
        def before_read(read: int) -> None:
            if read == index:
                session.apply(change)
                wait_for(lambda: change in (session.settings, session.mode))

        return lambda started_at_s: ScriptedSource(
            started_at_s, live=False, fps=10.0, count=index + 3, frame_count=index + 3, before_read=before_read
        )

    session = rig.session(changes_at(5, Mode.FACES), changes_at(20, used), every_frame=True)
    with session:
        assert session.wait(30)

    assert session.log is not None
    log = read_log(session.log.path)
    times_ms = log[log.event_code.isin(["mode_changed", "settings_changed"])].t_ms
    assert times_ms.iloc[0] >= 300, "the time of the frames before it"
    assert times_ms.iloc[1] >= 1700


def test_a_correction_just_before_the_end_is_applied(gallery: Path, portraits: dict[str, Path], tmp_path: Path) -> None:
    bgr = read_image(portraits["grace_hopper"])

    class EndAfterCorrection:
        def __call__(self, *_: object) -> None:
            session.apply(AssignNameToImage(1, bgr, GRACE))
            session._recognition_worker.stop()

        def close(self) -> None:
            pass

    source = SourceConfig("fake", lambda started_at_s: ScriptedSource(started_at_s, fps=20.0, image=still_view(bgr)))
    session = Session(SessionConfig(Settings(), (source,), gallery, log_dir=tmp_path / "logs", sinks=(EndAfterCorrection(),)))
    with session:
        assert session.wait(30)

    results = session.take_command_results()
    assert {(result.error, result.event.code) for result in results} == {(None, EventCode.NAME_ASSIGNED)}
    assert list((gallery / GRACE).glob("*.jpg"))
    assert session.log is not None
    assert "name_assigned" in set(read_log(session.log.path).event_code)
