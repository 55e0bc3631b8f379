"""Sessions from start to stop: latency, dropped frames, errors and threads."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from facecam.cli.main import application
from facecam.errors import AccessDeniedError, CameraError, LogError, ModelError
from facecam.logbook.reader import read_log
from facecam.session.session import Session
from facecam.session.status import SourceState
from facecam.settings import Mode, Settings
from facecam.types import Frame
from tests.session.conftest import Rig, ScriptedSource

Wait = Callable[..., None]


def camera(**script: object) -> Callable[[float], ScriptedSource]:
    return lambda started_at_s: ScriptedSource(started_at_s, **script)  # type: ignore[arg-type]


def video(count: int = 30, **script: object) -> Callable[[float], ScriptedSource]:
    return camera(live=False, fps=30.0, count=count, frame_count=count, **script)


def one_after_another(*opens: Callable[[float], ScriptedSource]) -> Callable[[float], ScriptedSource]:
    """Return a source that opens differently each time; the last way is repeated."""
    left = list(opens)

    def opens_next(started_at_s: float) -> ScriptedSource:
        return (left.pop(0) if len(left) > 1 else left[0])(started_at_s)

    return opens_next


def failing(error: CameraError) -> Callable[[float], ScriptedSource]:
    def raises(_: float) -> ScriptedSource:
        raise error

    return raises


def state_rows(session: Session) -> list[str]:
    assert session.log is not None
    log = read_log(session.log.path)
    return [str(message) for message in log[log.event == "state"].message]


def test_the_preview_is_fresh_however_slow_recognition_is(rig: Rig) -> None:
    session = rig.session(camera(), work=lambda frame: time.sleep(0.08))
    ages_ms: list[float] = []
    with session:
        while len(ages_ms) < 50 or session.status().recognized <= 5:
            taken = session.preview.take(0.033)
            if taken is not None:
                ages_ms.append((time.monotonic() - taken[1].captured_at_s) * 1e3)
        status = session.status()

    assert np.percentile(ages_ms, 95) < 50
    assert status.state is SourceState.RUNNING
    assert status.sources[0].dropped > status.recognized


def test_recognition_takes_the_newest_frame(rig: Rig, wait_for: Wait) -> None:
    lag_ms: list[float] = []

    def work(frame: Frame) -> None:
        lag_ms.append((time.monotonic() - frame.captured_at_s) * 1e3)
        time.sleep(0.05)

    with rig.session(camera(), work=work) as session:
        wait_for(lambda: session.status().recognized > 20)

    assert np.median(lag_ms) < 20


def test_stopping_releases_the_camera_and_completes_the_log(rig: Rig, wait_for: Wait) -> None:
    sources: list[ScriptedSource] = []

    def opens(started_at_s: float) -> ScriptedSource:
        sources.append(ScriptedSource(started_at_s))
        return sources[-1]

    session = rig.session(opens)
    session.start()
    wait_for(lambda: session.status().recognized > 3)
    assert session.stop()

    assert sources[0].closed == 1
    assert rig.recognizers[0].closed
    assert session.status().state is SourceState.IDLE
    assert session.log is not None
    assert list(read_log(session.log.path).event)[-2:] == ["exit", "frames"]


def test_random_starts_and_stops_leave_no_thread(rig: Rig) -> None:
    chance, before = random.Random(4), threading.active_count()
    for _ in range(40):
        with rig.session(camera(), log=False):
            time.sleep(chance.uniform(0, 0.05))

    assert threading.active_count() == before


def test_a_video_with_every_frame_drops_none(rig: Rig) -> None:
    session = rig.session(video(60), work=lambda frame: time.sleep(0.002), every_frame=True)
    with session:
        assert session.wait(20)

    assert [index for _, index, _ in rig.recognizers[0].recognized] == list(range(60))
    assert session.status().state is SourceState.IDLE
    assert session.status().sources[0].dropped == 0
    assert rig.recognizers[0].finished == [(0, pytest.approx(59 * 1000 / 30))]
    assert session.error is None


def test_a_video_plays_at_its_own_rate_by_default(rig: Rig) -> None:
    begun_s = time.monotonic()
    with rig.session(video(30), work=lambda frame: time.sleep(0.1)) as session:
        assert session.wait(20)

    assert time.monotonic() - begun_s > 0.9
    assert session.status().sources[0].frames == 30
    assert session.status().sources[0].dropped > 10


def test_several_sources_are_recognized_in_turn_with_their_own_slots(rig: Rig) -> None:
    session = rig.session(video(20, source="left"), video(20, source="right"), every_frame=True)
    with session:
        assert session.wait(20)

    assert session.log is not None
    log = read_log(session.log.path)
    seen = log[log.event == "seen"]
    assert seen.groupby("source", observed=True).frame_index.apply(list).to_dict() == {
        "left": list(range(20)),
        "right": list(range(20)),
    }


def test_a_slow_camera_is_not_starved_by_a_fast_one(rig: Rig, wait_for: Wait) -> None:
    session = rig.session(camera(fps=200.0), camera(fps=10.0), work=lambda frame: time.sleep(0.03), log=False)
    with session:
        wait_for(lambda: len(rig.recognizers) > 0 and len(rig.recognizers[0].recognized) > 40)

    slots = [slot for slot, _, _ in rig.recognizers[0].recognized]
    assert slots.count(1) >= 8


def test_a_lost_camera_reconnects_and_its_frame_index_continues(rig: Rig, wait_for: Wait) -> None:
    opens = one_after_another(camera(count=10), failing(CameraError("the camera is away")), camera())
    with rig.session(opens) as session:
        wait_for(lambda: session.status().sources[0].reconnections == 1 and session.status().recognized > 12)
        status = session.status().sources[0]

    assert (status.state, status.message) == (SourceState.RUNNING, "")
    assert session.log is not None
    (source,) = json.loads(session.log.details_path.read_text())["sources"]
    opened = {name: source[name] for name in ("source", "camera_id", "live", "size_wh", "fps")}
    assert opened == {"source": "fake", "camera_id": "", "live": True, "size_wh": [32, 24], "fps": 100.0}
    indexes = [index for _, index, _ in rig.recognizers[0].recognized]
    assert indexes == sorted(set(indexes))
    assert max(indexes) > 10
    rows = state_rows(session)
    assert rows[0] == "running: pictures of 32 x 24"
    assert rows[1:] == ["reconnecting: fake has stopped", "reconnecting: the camera is away", "running: pictures of 32 x 24"]


def test_tracks_end_when_the_camera_is_lost(rig: Rig, wait_for: Wait) -> None:
    opens = one_after_another(camera(count=10), failing(CameraError("away")))
    with rig.session(opens) as session:
        wait_for(lambda: session.status().state is SourceState.RECONNECTING)
        wait_for(lambda: bool(rig.recognizers[0].finished))

    last = rig.recognizers[0].recognized[-1]
    assert rig.recognizers[0].finished[0] == (0, last[2])


@pytest.mark.logs_errors
def test_a_camera_whose_driver_raises_anything_is_opened_again(rig: Rig, wait_for: Wait) -> None:
    def raise_at_5(index: int) -> None:
        if index == 5:
            raise ZeroDivisionError

    with rig.session(one_after_another(camera(before_read=raise_at_5), camera())) as session:
        wait_for(lambda: session.status().sources[0].reconnections == 1 and session.status().recognized > 12)

    assert session.error is None
    assert state_rows(session)[1].startswith("reconnecting: fake failed inside (ZeroDivisionError)")


@pytest.mark.parametrize("error", [CameraError("there is no camera 7"), AccessDeniedError("the server failing")])
def test_a_camera_that_does_not_open_at_first_has_failed(rig: Rig, error: CameraError) -> None:
    with rig.session(failing(error)) as session:
        assert session.wait(10)

    assert session.status().state is SourceState.FAILED
    assert session.error is error
    assert session.log is None
    assert not (rig.folder / "logs").exists(), "a session without any source leaves no log"


def test_a_lost_camera_that_denies_access_is_not_retried(rig: Rig) -> None:
    with rig.session(one_after_another(camera(count=5), failing(AccessDeniedError("no longer")))) as session:
        assert session.wait(10)

    assert session.status().state is SourceState.FAILED
    assert state_rows(session)[-2:] == ["reconnecting: fake has stopped", "failed: no longer"]


def test_a_camera_that_opens_late_is_logged_from_its_first_frame_on(rig: Rig, wait_for: Wait) -> None:
    """Opening may take longer than recognition waits for it."""
    may_open = threading.Event()

    def opens(started_at_s: float) -> ScriptedSource:
        may_open.wait(20)
        return ScriptedSource(started_at_s)

    with rig.session(opens) as session:
        wait_for(lambda: session.status().ready)
        assert session.log is None
        may_open.set()
        wait_for(lambda: session.status().recognized > 3)

    assert state_rows(session) == ["running: pictures of 32 x 24"]
    assert session.log is not None
    log = read_log(session.log.path)
    assert log.frame_index.dropna().min() == rig.recognizers[0].recognized[0][1]


def test_the_command_with_a_missing_source_leaves_no_session(tmp_path: Path) -> None:
    arguments = ["run", "--no-window", "--source", str(tmp_path / "missing.mp4"), "--log", str(tmp_path / "logs")]

    result = CliRunner().invoke(application(), [*arguments, "--gallery", str(tmp_path / "gallery")])

    assert result.exit_code != 0
    assert list(tmp_path.rglob("*.csv")) == list(tmp_path.rglob("*.json")) == []


def test_one_of_two_cameras_may_fail(rig: Rig, wait_for: Wait) -> None:
    with rig.session(camera(), failing(CameraError("no second"))) as session:
        wait_for(lambda: session.status().recognized > 5)
        status = session.status()

    assert status.state is SourceState.RUNNING
    assert status.message == "no second"
    assert str(session.error) == "no second"


def test_a_frozen_camera_is_reopened_once_and_a_still_scene_is_accepted(rig: Rig, wait_for: Wait) -> None:
    still = np.random.default_rng(2).integers(0, 255, (24, 32, 3)).astype(np.uint8)
    with rig.session(camera(speed=10.0, image=lambda index: still)) as session:
        wait_for(lambda: session.status().sources[0].reconnections == 1)
        frames = session.status().sources[0].frames
        wait_for(lambda: session.status().sources[0].frames > frames + 50)  # half a second at 100 fps
        status = session.status().sources[0]

    assert (status.state, status.reconnections) == (SourceState.RUNNING, 1)
    assert "repeats the same image" in state_rows(session)[1]


def test_a_black_camera_keeps_running_with_a_message(rig: Rig, wait_for: Wait) -> None:
    def picture(index: int) -> np.ndarray:
        return np.full((24, 32, 3), index % 5 if index < 30 else 90 + index % 5, np.uint8)

    with rig.session(camera(speed=10.0, image=picture)) as session:
        wait_for(lambda: "only black" in session.status().message)
        assert session.status().state is SourceState.RUNNING
        wait_for(lambda: session.status().message == "")

    assert [row.partition(":")[0] for row in state_rows(session)] == ["running"] * 3


def test_a_change_of_size_is_logged(rig: Rig, wait_for: Wait) -> None:
    def picture(index: int) -> np.ndarray:
        return np.full((24, 32, 3) if index < 10 else (48, 64, 3), 50 + index % 100, np.uint8)

    with rig.session(camera(image=picture)) as session:
        wait_for(lambda: session.status().recognized > 20)

    assert state_rows(session) == ["running: pictures of 32 x 24", "running: pictures of 64 x 48"]


@pytest.mark.leaves_threads
def test_a_driver_call_that_never_returns_is_reported_and_does_not_block_stop(rig: Rig, wait_for: Wait) -> None:
    release = threading.Event()
    session = rig.session(camera(before_read=lambda index: (release.wait(20), None)[1] if index == 5 else None))
    session.start()
    try:
        wait_for(lambda: session.status().state is SourceState.RECONNECTING)
        assert "does not answer" in session.status().message
        wait_for(lambda: len(state_rows(session)) == 2)
        begun_s = time.monotonic()
        assert not session.stop()
        assert time.monotonic() - begun_s < 15, "the driver call takes 20 s"
    finally:
        release.set()
    wait_for(session.stop)


def test_one_failed_frame_is_logged_and_skipped(rig: Rig, wait_for: Wait) -> None:
    def work(frame: Frame) -> None:
        if frame.index == 3:
            raise ValueError("odd picture")

    session = rig.session(video(10), work=work, every_frame=True)
    with session:
        assert session.wait(10)

    assert session.error is None
    assert session.status().recognized == 9
    assert session.log is not None
    log = read_log(session.log.path)
    assert list(log[log.event == "error"].t_ms) == [100.0]
    assert "odd picture" in log[log.event == "error"].message.iloc[0]


def test_five_failed_frames_in_a_row_end_the_session_with_the_error(rig: Rig) -> None:
    def work(frame: Frame) -> None:
        raise ValueError("always")

    session = rig.session(camera(), work=work)
    with session:
        assert session.wait(10)

    assert session.status().state is SourceState.FAILED
    assert "5 frames in a row" in str(session.error)
    assert "always" in str(session.error)
    assert session.log is not None
    assert (read_log(session.log.path).event == "error").sum() == 5


def test_a_recognizer_that_does_not_open_fails_the_session_and_releases_the_camera(rig: Rig) -> None:
    sources: list[ScriptedSource] = []
    session = rig.session(lambda started_at_s: sources.append(ScriptedSource(started_at_s)) or sources[-1])
    session._recognition_worker._open_recognizer = lambda config: (_ for _ in ()).throw(ModelError("no network"))
    with session:
        assert session.wait(10)
        assert session.status().message == "no network"

    assert session.status().state is SourceState.FAILED
    assert all(source.closed == 1 for source in sources)


def test_an_exception_in_a_sink_ends_the_session_and_closes_every_sink(rig: Rig) -> None:
    class Full:
        closed = False

        def __call__(self, *_: object) -> None:
            raise LogError("no room for the video")

        def close(self) -> None:
            self.closed = True

    sink = Full()
    with rig.session(camera(), sinks=(sink,)) as session:
        assert session.wait(10)

    assert str(session.error) == "no room for the video"
    assert sink.closed


def test_settings_and_mode_change_while_it_runs(rig: Rig, wait_for: Wait) -> None:
    with rig.session(camera()) as session:
        wait_for(lambda: session.status().recognized > 3)
        session.apply(Settings().replace({"identify.threshold_l2": 0.25}))
        session.apply(Settings().replace({"identify.threshold_l2": 0.25, "track.enter_after_sightings": 5}))
        session.apply(Mode.FACES)
        wait_for(lambda: rig.recognizers[0].mode is Mode.FACES)
        count = session.status().recognized
        wait_for(lambda: session.status().recognized > count + 3)

    assert rig.recognizers[0].settings.identify.threshold_l2 == 0.25
    assert "settings: identify.threshold_l2 None -> 0.25" in state_rows(session)
    assert session.log is not None
    log = read_log(session.log.path)
    codes = ["running", "settings_changed", "settings_changed", "decision_parameters", "mode_changed"]
    assert log[log.event == "state"].event_code.tolist() == codes
    assert log.enter_after_sightings.dropna().tolist() == [5]
    assert list(dict.fromkeys(log["mode"])) == ["objects", "faces"]


def test_a_mode_whose_network_is_not_converted_is_refused_and_the_session_goes_on(
    rig: Rig, wait_for: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(rig.folder))
    with rig.session(camera()) as session:
        wait_for(lambda: session.status().recognized > 0)
        session.apply(Mode.FACES)
        session.apply(Settings().replace({"objects.network": "MobileNetV2"}))
        session.apply(Mode.OBJECTS)
        wait_for(lambda: "MobileNetV2 has not been converted yet" in str([r.error for r in session.take_command_results()]))
        recognized = session.status().recognized
        wait_for(lambda: session.status().recognized > recognized + 3)

    assert session.error is None
    assert rig.recognizers[0].mode is Mode.FACES


def test_change_is_a_deprecated_name_of_apply(rig: Rig, wait_for: Wait) -> None:
    with rig.session(camera()) as session:
        with pytest.warns(DeprecationWarning, match=r"Session\.apply"):
            session.change(Settings())
        wait_for(lambda: "settings: unchanged" in state_rows(session) if session.log else False)


def test_rows_have_the_time_at_which_their_frame_was_captured(rig: Rig, wait_for: Wait) -> None:
    with rig.session(camera(), work=lambda frame: time.sleep(0.05)) as session:
        wait_for(lambda: session.status().recognized > 10)

    taken_ms = {index: t_ms for _, index, t_ms in rig.recognizers[0].recognized}
    assert session.log is not None
    log = read_log(session.log.path).query("event == 'seen'")
    assert all(abs(t_ms - taken_ms[index]) < 0.01 for index, t_ms in zip(log.frame_index, log.t_ms, strict=True))


def test_a_session_that_was_never_started_has_nothing_to_stop(tmp_path: Path, rig: Rig) -> None:
    session = rig.session(camera())

    assert session.status().state is SourceState.IDLE
    assert session.stop()
