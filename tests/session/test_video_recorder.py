"""Video files written by VideoRecorder: their timing, what they replace, and what is left after an error."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from facecam.capture.files import VideoFile
from facecam.capture.source import frames
from facecam.errors import FacecamError, LogError
from facecam.session import recording
from facecam.session.recording import VideoRecorder
from tests.capture.test_video_files import write
from tests.session.video_files import frame_times_ms, frames_in, images_in, small_disk

SIZE_WH = (64, 48)


def gray(width: int, height: int, value: int) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def noise(number: int, size_wh: tuple[int, int] = (320, 240)) -> np.ndarray:
    """Return an image that no codec makes small."""
    return np.random.default_rng(number).integers(0, 255, (size_wh[1], size_wh[0], 3), np.uint8)


def record_noise(recorder: VideoRecorder, frames: int, step_ms: float = 40.0) -> None:
    for number in range(frames):
        recorder.write(number * step_ms, noise(number))


def record(path: Path, times_ms: list[float], *, overwrite: bool = False) -> None:
    with VideoRecorder(path, SIZE_WH, overwrite=overwrite) as recorder:
        for number, t_ms in enumerate(times_ms):
            recorder.write(t_ms, gray(64, 48, min(255, number * 20)))


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Iterator[Path]:
    yield from small_disk(tmp_path / "disk", "2m")


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "видео 小明.MP4"])
def test_a_recording_plays_back(name: str, tmp_path: Path) -> None:
    record(tmp_path / name, [40.0 * number for number in range(10)])

    played = images_in(tmp_path / name)
    assert [image.shape for image in played] == [(48, 64, 3)] * 10
    np.testing.assert_allclose([image.mean() for image in played], np.arange(10) * 20, atol=6)


def test_a_recording_is_h264_in_a_file_that_a_player_can_seek_in(tmp_path: Path) -> None:
    record(tmp_path / "a.mp4", [40.0 * number for number in range(75)])

    with av.open(str(tmp_path / "a.mp4")) as video:
        stream = video.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt, stream.frames) == ("h264", "yuv420p", 75)
        assert video.duration == pytest.approx(3_000_000, abs=5000)
        video.seek(2_000_000)
        assert float(next(video.decode(video=0)).time) == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize(
    ("times_ms", "expected_ms"),
    [
        ([0, 50, 100, 150], [0, 50, 100, 150]),
        ([0, 100, 133, 300, 301], [0, 100, 133, 300, 301]),  # a variable rate
        ([0, 50, 60_050, 60_100], [0, 50, 83, 133]),  # a camera that was away for a minute
        ([0, 5000, 10_000, 75_000, 80_000], [0, 5000, 10_000, 10_033, 15_033]),  # a frame in 5 s, and a minute away
        ([5000, 5050], [0, 50]),
        ([0, 50, 50, 100], [0, 50, 100]),  # two frames of one time
        ([1000, 1050, 0, 50], [0, 50, 83, 133]),  # time runs back, as in joined files
    ],
)
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_frames_keep_their_times(tmp_path: Path, suffix: str, times_ms: list[float], expected_ms: list[float]) -> None:
    record(tmp_path / f"a{suffix}", times_ms)

    np.testing.assert_allclose(frame_times_ms(tmp_path / f"a{suffix}"), expected_ms, atol=1)


def test_the_parts_say_where_each_frame_is_in_the_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times_ms = [1000.0, 1040.0, 1080.0, 9000.0, 9040.0, 500.0, 540.0]
    with VideoRecorder(tmp_path / "a.mp4", (320, 240)) as recorder:
        for number, t_ms in enumerate(times_ms):
            recorder.write(t_ms, noise(number))

    parts = recorder.parts
    assert [(part.begin_ms, part.end_ms) for part in parts] == [(1000, 1080), (9000, 9040), (500, 540)]
    part_of = [0, 0, 0, 1, 1, 2, 2]
    placed = [parts[k].position_ms + t_ms - parts[k].begin_ms for k, t_ms in zip(part_of, times_ms, strict=True)]
    np.testing.assert_allclose(frame_times_ms(tmp_path / "a.mp4"), placed, atol=1)
    monkeypatch.setattr(recording, "_MAX_PARTS", 2)
    with VideoRecorder(tmp_path / "b.mp4", (320, 240)) as recorder:
        for number, t_ms in enumerate(times_ms):
            recorder.write(t_ms, noise(number))
    assert recorder.parts == parts[:2]


def test_a_source_that_declares_1000_fps_gives_as_many_frames_as_it_has(tmp_path: Path) -> None:
    stamps_ms = [round(number * 1e3 / 30) for number in range(60)]
    path = write(tmp_path / "a.webm", [gray(64, 48, 4 * number) for number in range(60)], "libvpx", fps=1000, stamps_ms=stamps_ms)
    with VideoFile(path) as source, VideoRecorder(tmp_path / "a.mp4", SIZE_WH) as recorder:
        for frame in frames(source):
            recorder.write(frame.t_ms, frame.bgr)

    np.testing.assert_allclose(frame_times_ms(tmp_path / "a.mp4"), stamps_ms, atol=1)


def test_an_odd_size_loses_its_last_row_and_column(tmp_path: Path) -> None:
    with VideoRecorder(tmp_path / "a.mp4", (65, 49)) as recorder:
        recorder.write(0, gray(65, 49, 9))

    assert [image.shape for image in images_in(tmp_path / "a.mp4")] == [(48, 64, 3)]


def test_a_frame_of_another_size_is_fitted_in(tmp_path: Path) -> None:
    with VideoRecorder(tmp_path / "a.mp4", SIZE_WH) as recorder:
        recorder.write(0, gray(64, 48, 200))
        recorder.write(40, gray(24, 48, 200))
    (first, portrait) = images_in(tmp_path / "a.mp4")

    assert portrait.shape == first.shape
    assert portrait[24, 32].mean() > 180
    assert portrait[24, 4].mean() < 20


def test_the_video_before_an_error_is_kept(tmp_path: Path) -> None:
    def interrupted() -> None:
        with VideoRecorder(tmp_path / "a.mp4", SIZE_WH) as recorder:
            recorder.write(0, gray(64, 48, 9))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert frames_in(tmp_path / "a.mp4") == 1


def test_without_a_frame_there_is_no_file(tmp_path: Path) -> None:
    record(tmp_path / "a.mp4", [])

    assert list(tmp_path.iterdir()) == []


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    recorder = VideoRecorder(tmp_path / "a.mp4", SIZE_WH)
    recorder.write(0, gray(64, 48, 9))
    recorder.close()
    recorder.close()

    assert frames_in(tmp_path / "a.mp4") == 1


@pytest.mark.parametrize(("name", "message"), [("a.gif", r"\.mp4"), ("a", r"\.mp4"), ("missing/a.mp4", "does not exist")])
def test_an_impossible_recording_has_a_message(name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(FacecamError, match=message):
        VideoRecorder(tmp_path / name, SIZE_WH)


def test_a_size_that_no_codec_accepts_is_refused_without_a_file(tmp_path: Path) -> None:
    with pytest.raises(FacecamError, match="cannot be recorded with 1 x 1 pixels"):
        VideoRecorder(tmp_path / "a.mp4", (1, 1))

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_exists_is_kept_without_overwrite(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"a film")
    with pytest.raises(LogError, match="add --overwrite"):
        VideoRecorder(tmp_path / "a.mp4", SIZE_WH)

    assert (tmp_path / "a.mp4").read_bytes() == b"a film"


def test_overwriting_replaces_a_file_and_keeps_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"a film")
    (tmp_path / "a.mp4").chmod(0o600)
    record(tmp_path / "a.mp4", [0, 50], overwrite=True)

    assert frames_in(tmp_path / "a.mp4") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    if os.name == "posix":
        assert (tmp_path / "a.mp4").stat().st_mode & 0o777 == 0o600


def test_the_overwritten_file_is_kept_until_there_is_a_second_of_video(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"a film")
    with VideoRecorder(tmp_path / "a.mp4", SIZE_WH, overwrite=True) as recorder:
        recorder.write(0, gray(64, 48, 9))
        assert (tmp_path / "a.mp4").read_bytes() == b"a film"
        if os.name == "posix":  # Windows moves no open file
            recorder.write(1000, gray(64, 48, 9))
            assert frames_in(tmp_path / "a.mp4") == 1


def test_the_overwritten_file_survives_a_recording_that_fails_at_once(tmp_path: Path, disk: Path) -> None:
    (disk / "a.mp4").write_bytes(b"a film")
    (disk / "ballast").write_bytes(b"0" * 1_900_000)
    recorder = VideoRecorder(disk / "a.mp4", (320, 240), overwrite=True, min_free_bytes=0)
    with pytest.raises(LogError, match="full, so nothing is recorded"):
        record_noise(recorder, 200)
    recorder.abort()

    assert (disk / "a.mp4").read_bytes() == b"a film"
    assert sorted(path.name for path in disk.iterdir()) == ["a.mp4", "ballast"]


@pytest.mark.skipif(os.name == "nt", reason="Windows needs a privilege for links")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    for name in ("missing", "empty"):
        (tmp_path / f"{name}-link.mp4").symlink_to(f"{name}.mp4")
    (tmp_path / "empty.mp4").touch()
    for name in ("missing", "empty"):
        record(tmp_path / f"{name}-link.mp4", [0, 50])
        assert (tmp_path / f"{name}-link.mp4").is_symlink()
        assert frames_in(tmp_path / f"{name}.mp4") == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_pipe_gets_the_video_and_stays_a_pipe(tmp_path: Path, suffix: str) -> None:
    os.mkfifo(pipe := tmp_path / f"pipe{suffix}")
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
    reader.start()
    while True:
        try:
            recorder = VideoRecorder(pipe, SIZE_WH)
            break
        except LogError:  # the reader has not opened it yet
            continue
    with recorder:
        for number in range(60):
            recorder.write(number * 40.0, gray(64, 48, number))
    reader.join()

    assert pipe.is_fifo()
    (tmp_path / f"copy{suffix}").write_bytes(received[0])
    assert frames_in(tmp_path / f"copy{suffix}") == 60


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_without_a_reader_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(LogError, match=r"pipe\.mp4 cannot be recorded: nothing reads it"):
        VideoRecorder(tmp_path / "pipe.mp4", SIZE_WH)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_full_disk_keeps_the_whole_seconds_before(disk: Path, suffix: str) -> None:
    path = disk / f"a{suffix}"
    recorder = VideoRecorder(path, (320, 240), min_free_bytes=0)
    with pytest.raises(LogError, match=r"the disk of .* is full, so the recording ended after 0:0[1-9]; free space"):
        record_noise(recorder, 500, 100.0)
    recorder.abort()

    times_ms = frame_times_ms(path)
    assert len(times_ms) >= 10
    assert len(times_ms) % 10 == 0, "whole fragments, of ten frames each"


def test_a_disk_that_is_nearly_full_is_refused_before_a_file_is_created(disk: Path) -> None:
    with pytest.raises(LogError, match=r"nearly full \(\d MB free\), so nothing is recorded; free space"):
        VideoRecorder(disk / "a.mp4", SIZE_WH)

    assert list(disk.iterdir()) == []


def test_a_disk_that_becomes_nearly_full_ends_the_recording_with_all_of_its_frames(disk: Path) -> None:
    recorder = VideoRecorder(disk / "a.mp4", SIZE_WH, min_free_bytes=1_000_000)
    recorder._checked_at_s = 0.0
    recorder.write(0, gray(64, 48, 9))
    (disk / "ballast").write_bytes(b"0" * 1_500_000)
    recorder.write(1500, gray(64, 48, 9))
    recorder._checked_at_s = 0.0
    with pytest.raises(LogError, match=r"nearly full .* ended after 0:01"):
        recorder.write(1600, gray(64, 48, 9))
    recorder.abort()

    assert len(frame_times_ms(disk / "a.mp4")) == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_device_that_is_full_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").symlink_to("/dev/full")
    recorder = VideoRecorder(tmp_path / "a.mp4", (320, 240))
    with pytest.raises(LogError, match="is full, so nothing is recorded"):
        record_noise(recorder, 50)
    recorder.abort()

    assert (tmp_path / "a.mp4").is_symlink()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_killed_process_leaves_a_video_up_to_its_last_second(tmp_path: Path, suffix: str) -> None:
    script = (
        "import sys, numpy as np, pathlib; from facecam.session.recording import VideoRecorder\n"
        "recorder = VideoRecorder(pathlib.Path(sys.argv[1]), (64, 48))\n"
        "for number in range(100_000):\n"
        "    recorder.write(number * 40.0, np.full((48, 64, 3), number % 256, np.uint8))\n"
        "    print(number * 40, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, tmp_path / f"a{suffix}"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    acknowledged_ms = 0.0
    for line in process.stdout:
        acknowledged_ms = float(line)
        if acknowledged_ms >= 5_000:
            break
    process.send_signal(signal.SIGKILL)
    process.communicate()

    times_ms = frame_times_ms(tmp_path / f"a{suffix}")
    assert times_ms[-1] > acknowledged_ms - 1100
    np.testing.assert_allclose(np.diff(times_ms), 40, atol=1)


@pytest.mark.skipif(os.name == "nt", reason="Windows refuses at the end to replace a file that is open")
@pytest.mark.parametrize("seconds", [0, 1, 2])
def test_two_recordings_to_one_name_do_not_mix(tmp_path: Path, seconds: int) -> None:
    (tmp_path / "a.mp4").touch()
    with VideoRecorder(tmp_path / "a.mp4", SIZE_WH) as first:
        for number in range(seconds + 1):
            first.write(number * 1000, gray(64, 48, 9))
        with pytest.raises(LogError, match="another recording writes it"):
            VideoRecorder(tmp_path / "a.mp4", SIZE_WH, overwrite=True)
    with VideoRecorder(tmp_path / "b.mp4", SIZE_WH) as first:
        first.write(0, gray(64, 48, 9))
        with pytest.raises(LogError, match="another recording writes it"):
            VideoRecorder(tmp_path / "b.mp4", SIZE_WH)

    assert (frames_in(tmp_path / "a.mp4"), frames_in(tmp_path / "b.mp4")) == (seconds + 1, 1)


@pytest.mark.skipif(os.name == "nt", reason="Windows deletes no open file")
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("goes_on", [True, False])
def test_a_recording_that_is_deleted_meanwhile_is_reported(tmp_path: Path, suffix: str, goes_on: bool) -> None:
    path = tmp_path / f"a{suffix}"
    recorder = VideoRecorder(path, SIZE_WH)
    for number in range(60):
        recorder.write(number * 40.0, gray(64, 48, number))
    path.unlink()

    def end() -> None:
        if goes_on:
            record_noise(recorder, 60, 100.0)
        recorder.close()

    with pytest.raises(LogError, match=rf"a\{suffix} cannot be written \(it was deleted\), so the recording ended after 0:02"):
        end()
    recorder.abort()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows moves no open file")
def test_a_recording_whose_folder_is_moved_goes_on_there(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with VideoRecorder(tmp_path / "a" / "a.mp4", SIZE_WH) as recorder:
        for number in range(60):
            recorder.write(number * 40.0, gray(64, 48, number))
            if number == 30:
                (tmp_path / "a").rename(tmp_path / "b")

    assert frames_in(tmp_path / "b" / "a.mp4") == 60


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
@pytest.mark.parametrize(("stays_open", "reason"), [(False, "Broken pipe"), (True, "nothing reads it")])
def test_a_pipe_whose_reader_leaves_or_stops_ends_the_recording(tmp_path: Path, stays_open: bool, reason: str) -> None:
    os.mkfifo(pipe := tmp_path / "pipe.mp4")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    recorder = VideoRecorder(pipe, (320, 240))
    if not stays_open:
        os.close(reader)
    with pytest.raises(LogError, match=reason):
        record_noise(recorder, 100)
    recorder.abort()
    if stays_open:
        os.close(reader)

    assert pipe.is_fifo()


def test_without_an_h264_encoder_the_video_is_mpeg4_and_a_notice_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    encoders = {"no_such_encoder": {}, "h264_cuvid": {}, "mpeg4": recording._ENCODERS["mpeg4"]}
    monkeypatch.setattr(recording, "_ENCODERS", encoders)
    recording._encoder.cache_clear()
    try:
        record(tmp_path / "a.mp4", [40.0 * number for number in range(60)])
    finally:
        recording._encoder.cache_clear()

    with av.open(str(tmp_path / "a.mp4")) as video:
        assert video.streams.video[0].codec_context.name == "mpeg4"
    np.testing.assert_allclose(np.diff(frame_times_ms(tmp_path / "a.mp4")), 40, atol=1)
    assert "which browsers do not play" in caplog.text
