"""Video files as they are found: damaged, joined, turned, stretched, with odd time stamps, and lists of other files."""

from __future__ import annotations

import gc
import itertools
import os
import sys
import threading
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import PIL.Image
import pytest
from av.stream import Disposition
from av.video.reformatter import ColorRange, Colorspace
from hypothesis import given
from hypothesis import strategies as st

from facecam.capture.files import Timeline, VideoFile
from facecam.capture.media import MediaError, MediaFault, MediaReader
from facecam.capture.source import Source, SourceKind, frames, open_source, source_kind
from facecam.errors import CameraError
from facecam.imageio import MAX_SIDE_PX
from facecam.settings import CaptureSettings
from facecam.types import Frame, Image

FPS = 25
SECONDS = Fraction(1, 1000)


def opened(path: Path | str) -> Source:
    return open_source(str(path), CaptureSettings(), time.monotonic())


def read_all(path: Path | str) -> list[Frame]:
    with opened(path) as source:
        return list(frames(source))


def gray_levels(read: Sequence[Frame]) -> list[int]:
    """Return the number of each frame of `numbered`, from its brightness."""
    return [round(float(frame.bgr[:, :, 1].mean()) / 4) for frame in read]


def numbered(count: int, size_wh: tuple[int, int] = (64, 48)) -> list[Image]:
    """Return images that get brighter by 4 gray levels each."""
    return [np.full((size_wh[1], size_wh[0], 3), 4 * number, np.uint8) for number in range(count)]


def noisy(count: int) -> list[Image]:
    """Return images whose packets are large, so that damage hits few of them."""
    random = np.random.default_rng(1)
    return [random.integers(0, 256, (48, 48, 3), np.uint8) for _ in range(count)]


def marked(size_wh: tuple[int, int] = (64, 48)) -> Image:
    """Return an image with a white upper edge and a red left edge."""
    width, height = size_wh
    bgr = np.full((height, width, 3), 90, np.uint8)
    bgr[:, : width // 8] = (0, 0, 255)
    bgr[: height // 4] = 255
    return bgr


def edges(bgr: Image) -> dict[str, str]:
    """Return on which sides of the image the edges of `marked` are."""
    height, width = bgr.shape[:2]
    places = {
        "top": (2, width // 2),
        "bottom": (height - 3, width // 2),
        "left": (height // 2, 2),
        "right": (height // 2, width - 3),
    }
    found = {}
    for side, (y, x) in places.items():
        blue, _, red = (int(value) for value in bgr[y, x])
        if blue > 180:
            found["white"] = side
        elif red > 180:
            found["red"] = side
    return found


def write(
    path: Path,
    images: Sequence[Image],
    codec: str = "libx264",
    *,
    fps: float = FPS,
    options: dict[str, str] | None = None,
    container: dict[str, str] | None = None,
    stamps_ms: Sequence[int] | None = None,
    aspect: Fraction | None = None,
    rotation: tuple[float, bool, bool] | None = None,
) -> Path:
    """Write a video with PyAV."""
    with av.open(f"file:{path}", "w", format=None, options=container or {}) as output:
        stream: Any = output.add_stream(codec, rate=Fraction(fps).limit_denominator(1000), options=options or {})
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        if stamps_ms is not None:
            stream.codec_context.time_base = SECONDS
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation is not None:
            stream.set_display_rotation(*rotation)
        for number, bgr in enumerate(images):
            frame = av.VideoFrame.from_ndarray(bgr, format="bgr24")
            if stamps_ms is not None:
                frame.pts, frame.time_base = stamps_ms[number], SECONDS
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def zero(path: Path, at: int, count: int = 3000) -> Path:
    data = bytearray(path.read_bytes())
    data[at : at + count] = bytes(count)
    path.write_bytes(data)
    return path


def cut(path: Path, share: float = 0.5) -> Path:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    return path


# Damage


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi"])
def test_what_follows_a_damaged_packet_is_read_and_the_loss_is_reported(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    # Without slices and without B-frames, each damaged packet is one frame.
    path = write(tmp_path / name, noisy(60), options={"bf": "0", "g": "10", "slices": "1"})
    zero(path, path.stat().st_size // 2)

    read = read_all(path)

    assert 50 <= len(read) < 60
    assert read[-1].t_ms > 2000
    assert f"60 frames expected, {len(read)} read" in caplog.text or "the file is damaged in" in caplog.text
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.flv"])
def test_a_download_that_stopped_halfway_is_reported_with_both_numbers(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    container = {"movflags": "faststart"} if name == "a.mp4" else {}
    path = cut(write(tmp_path / name, noisy(60), options={"g": "10"}, container=container))

    read = read_all(path)

    assert 20 <= len(read) <= 40
    assert f"60 frames expected, {len(read)} read; the file is damaged or incomplete" in caplog.text


def test_half_an_mp4_without_its_index_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match=r"a\.mp4 is incomplete: its end.*download it again"):
        opened(cut(write(tmp_path / "a.mp4", noisy(60))))


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.ts", "a.flv", "a.mpg", "a.webm", "a.h264", "a.gif"])
def test_an_intact_file_is_read_whole_without_a_warning(name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    codec = {"a.mpg": "mpeg2video", "a.webm": "libvpx", "a.gif": "gif"}.get(name, "libx264")
    if name == "a.gif":
        images = [PIL.Image.fromarray(image) for image in numbered(50)]
        images[0].save(tmp_path / name, save_all=True, append_images=images[1:], duration=1000 // FPS)
    else:
        write(tmp_path / name, numbered(50), codec)

    read = read_all(tmp_path / name)

    np.testing.assert_allclose([frame.t_ms for frame in read], np.arange(50) * 1000 / FPS, atol=1)
    assert gray_levels(read) == pytest.approx(range(50), abs=1)
    assert caplog.text == ""


@pytest.mark.parametrize("count", [1, 2, 4, 11])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.webm"])
def test_a_short_file_is_read_whole_without_a_warning(
    name: str, count: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert len(read_all(write(tmp_path / name, numbered(count), "libvpx" if name == "a.webm" else "libx264"))) == count
    assert caplog.text == ""


def test_a_variable_rate_that_breaks_off_is_reported_with_both_times(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    stamps = list(itertools.accumulate([0, *([40] * 5 + [400]) * 15]))
    path = cut(write(tmp_path / "a.mkv", noisy(91), stamps_ms=stamps, options={"bf": "0", "g": "10"}))

    last_s = read_all(path)[-1].t_ms / 1000

    assert f"the last frame is at {last_s:.1f} s of 9.0 s; the file is incomplete" in caplog.text


def test_a_variable_frame_rate_is_not_a_loss(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    stamps = list(itertools.accumulate([0, *([40] * 5 + [400]) * 5]))

    read = read_all(write(tmp_path / "a.mkv", numbered(31), stamps_ms=stamps, options={"bf": "0"}))

    assert [frame.t_ms for frame in read] == stamps
    assert caplog.text == ""


def test_frames_cut_off_by_an_edit_list_are_not_expected(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    stamps = [40 * (number - 20) for number in range(50)]  # MP4 hides what lies before 0.
    path = write(
        tmp_path / "a.mp4", numbered(50), stamps_ms=stamps, options={"bf": "0"}, container={"avoid_negative_ts": "disabled"}
    )

    with opened(path) as source:
        assert source.frame_count == 30
        assert gray_levels(list(frames(source))) == pytest.approx(range(20, 50), abs=1)
    assert caplog.text == ""


# Time stamps


@given(
    st.lists(st.none() | st.floats(-1e7, 1e7) | st.sampled_from([0.0, 40.0, 80.0]), max_size=60), st.sampled_from([None, 25.0])
)
def test_time_begins_at_zero_and_rises_whatever_the_stamps_are(stamps: list[float | None], fps: float | None) -> None:
    timeline = Timeline(fps)
    times = [timeline.next_ms(stamp) for stamp in stamps]

    assert times[:1] in ([], [0.0])
    assert all(later > earlier for earlier, later in itertools.pairwise(times))


def test_time_stamps_of_another_millennium_are_damaged(tmp_path: Path) -> None:
    far = 2**48
    stamps = [0, 40, 80, far, far + 40]
    path = write(tmp_path / "a.mkv", numbered(5), stamps_ms=stamps, options={"bf": "0"})

    read = read_all(path)

    np.testing.assert_allclose([frame.t_ms for frame in read], np.arange(5) * 40, atol=1)


def test_joined_recordings_continue_each_other(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ts", numbered(30))
    path.write_bytes(path.read_bytes() * 3)

    np.testing.assert_allclose([frame.t_ms for frame in read_all(path)], np.arange(90) * 1000 / FPS, atol=1)


@pytest.mark.parametrize("name", ["a.mkv", "a.ts"])
def test_negative_time_stamps_are_times_like_others(name: str, tmp_path: Path) -> None:
    stamps = [40 * (number - 28) for number in range(58)]
    options = {"avoid_negative_ts": "disabled"}

    read = read_all(write(tmp_path / name, numbered(58), stamps_ms=stamps, options={"bf": "0"}, container=options))

    np.testing.assert_allclose([frame.t_ms for frame in read], np.arange(58) * 40, atol=1)


def test_b_frames_in_an_avi_which_has_no_time_stamps_are_in_order(tmp_path: Path) -> None:
    path = write(tmp_path / "a.avi", numbered(40), options={"bf": "3", "b_strategy": "0"})

    with opened(path) as source:
        read = list(frames(source))

    np.testing.assert_allclose([frame.t_ms for frame in read], np.arange(40) * 40, atol=1)
    assert gray_levels(read) == pytest.approx(range(40), abs=1)


def test_a_rate_of_1000_fps_is_not_believed_and_the_stamps_count(tmp_path: Path) -> None:
    stamps = [0, 30, 70, 95, 140, 165, 200, 231]
    path = write(tmp_path / "a.webm", numbered(8), "libvpx", fps=1000, stamps_ms=stamps)

    with opened(path) as source:
        assert source.fps is None or source.fps < 60
        assert [frame.t_ms for frame in frames(source)] == stamps


# Names and codecs


@pytest.mark.skipif(sys.platform == "win32", reason="a colon cannot stand in a file name")
@pytest.mark.parametrize("name", ["cam1:front.mp4", "2024-01-01T12:30:00.mp4", "http:a.mp4"])
def test_a_name_with_a_colon_is_not_an_address(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / name, numbered(5))
    monkeypatch.chdir(tmp_path)

    assert len(read_all(name)) == 5


def test_av1_in_mp4_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SVT_LOG", "0")

    assert gray_levels(read_all(write(tmp_path / "a.mp4", numbered(6), "libsvtav1"))) == pytest.approx(range(6), abs=1)


@pytest.mark.parametrize("name", ["a.mpg", "a.ts", "a.avi"])
def test_interlaced_mpeg_2_is_an_image(name: str, tmp_path: Path) -> None:
    """OpenCV's conversion made interlaced frames nearly black, so that no face was found."""
    ramp = np.repeat(np.linspace(20, 230, 96, dtype=np.uint8)[np.newaxis, :, np.newaxis], 96, axis=0).repeat(3, axis=2)
    path = write(tmp_path / name, [ramp] * 10, "mpeg2video", options={"flags": "+ildct+ilme", "b": "4000000"})

    read = read_all(path)

    assert len(read) == 10
    for frame in read:
        assert np.abs(frame.bgr.astype(int) - ramp).mean() < 3


@pytest.mark.parametrize("size_wh", [(192, 96), (1280, 720)])
@pytest.mark.parametrize("colorspace", [Colorspace.ITU601, Colorspace.ITU709])
@pytest.mark.parametrize("color_range", [ColorRange.MPEG, ColorRange.JPEG])
def test_colors_follow_the_matrix_and_range_of_the_file(
    size_wh: tuple[int, int], colorspace: Colorspace, color_range: ColorRange, tmp_path: Path
) -> None:
    color = (40, 60, 200)
    with av.open(str(tmp_path / "a.mp4"), "w") as output:
        stream: Any = output.add_stream("libx264", rate=FPS, options={"qp": "0"})
        stream.width, stream.height = size_wh
        stream.pix_fmt = "yuv444p"
        stream.codec_context.colorspace = {Colorspace.ITU601: 6, Colorspace.ITU709: 1}[colorspace]
        stream.codec_context.color_range = color_range
        bgr = av.VideoFrame.from_ndarray(np.full((*size_wh[::-1], 3), color, np.uint8), format="bgr24")
        output.mux(stream.encode(bgr.reformat(format="yuv444p", dst_colorspace=colorspace, dst_color_range=color_range)))
        output.mux(stream.encode(None))

    frame = read_all(tmp_path / "a.mp4")[0]

    np.testing.assert_allclose(frame.bgr.reshape(-1, 3).mean(axis=0), color, atol=2.5)


# What a file says about its pixels


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
@pytest.mark.parametrize(
    ("rotation", "white", "red"),
    [
        ((0, False, False), "top", "left"),
        ((90, False, False), "left", "bottom"),
        ((180, False, False), "bottom", "right"),
        ((270, False, False), "right", "top"),
        ((0, True, False), "top", "right"),
        ((0, False, True), "bottom", "left"),
    ],
)
def test_frames_are_turned_and_mirrored(
    name: str, rotation: tuple[float, bool, bool], white: str, red: str, tmp_path: Path
) -> None:
    path = write(tmp_path / name, [marked()] * 5, rotation=rotation)

    with opened(path) as source:
        read = list(frames(source))

    assert {frame.size_wh for frame in read} == {(48, 64) if rotation[0] in (90, 270) else (64, 48)}
    assert [edges(frame.bgr) for frame in read] == [{"white": white, "red": red}] * 5


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
@pytest.mark.parametrize(("stored_wh", "aspect"), [((160, 240), Fraction(2, 1)), ((320, 120), Fraction(1, 2))])
def test_anamorphic_frames_are_stretched(name: str, stored_wh: tuple[int, int], aspect: Fraction, tmp_path: Path) -> None:
    circle = np.zeros((240, 320, 3), np.uint8)
    cv2.circle(circle, (160, 120), 80, (255, 255, 255), -1)
    stored = np.asarray(cv2.resize(circle, stored_wh, interpolation=cv2.INTER_AREA), np.uint8)

    for frame in read_all(write(tmp_path / name, [stored] * 3, aspect=aspect)):
        assert frame.size_wh == (320, 240)
        assert np.abs(frame.bgr.astype(int) - circle).mean() < 5


def test_anamorphic_and_turned_frames_are_stretched_first(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", [marked((32, 48))] * 3, aspect=Fraction(2, 1), rotation=(90, False, False))

    assert {frame.size_wh for frame in read_all(path)} == {(48, 64)}


@pytest.mark.parametrize("size_wh", [(39328, 40), (40, 39328)])
def test_very_long_frames_are_reduced(size_wh: tuple[int, int], tmp_path: Path) -> None:
    PIL.Image.new("RGB", size_wh, 90).save(
        tmp_path / "a.gif", save_all=True, append_images=[PIL.Image.new("RGB", size_wh, 120)], duration=100
    )

    assert {max(frame.size_wh) for frame in read_all(tmp_path / "a.gif")} == {MAX_SIDE_PX}


def test_frames_larger_than_8k_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mkv", [np.zeros((5200, 7000, 3), np.uint8)], "mpeg4")

    with pytest.raises(CameraError, match=r"a\.mkv could not be decoded as a video, is damaged or over 8K"):
        opened(path)


@pytest.mark.parametrize("name", ["a.mkv", "a.ts"])
@pytest.mark.parametrize("sizes_wh", [((32, 24), (160, 120)), ((64, 48), (48, 64), (96, 96))])
def test_a_size_that_changes_inside_a_file_is_kept(name: str, sizes_wh: tuple[tuple[int, int], ...], tmp_path: Path) -> None:
    with av.open(str(tmp_path / name), "w") as output:
        stream: Any = None
        number = 0
        for width, height in sizes_wh:
            encoder: Any = av.CodecContext.create("mpeg4", "w")
            encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
            encoder.time_base, encoder.framerate = Fraction(1, FPS), Fraction(FPS)
            if stream is None:
                stream = output.add_stream("mpeg4", rate=FPS)
                stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for _ in range(5):
                frame = av.VideoFrame.from_ndarray(marked((width, height)), format="bgr24")
                frame.pts, frame.time_base = number, Fraction(1, FPS)
                number += 1
                for packet in encoder.encode(frame):
                    packet.stream, packet.time_base = stream, Fraction(1, FPS)
                    output.mux(packet)

    read = read_all(tmp_path / name)

    assert [frame.size_wh for frame in read] == [size for size in sizes_wh for _ in range(5)]
    assert all(edges(frame.bgr) == {"white": "top", "red": "left"} for frame in read)


def with_cover(path: Path, images: Sequence[Image]) -> Path:
    """Write sound with a cover picture, and a film of the images if there are any."""
    with av.open(str(path), "w", format="mp4" if path.suffix == ".m4a" else None) as output:
        cover: Any = output.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 120, 120, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        film: Any = output.add_stream("libx264", rate=FPS) if images else None
        if film is not None:
            film.width, film.height, film.pix_fmt = images[0].shape[1], images[0].shape[0], "yuv420p"
        sound: Any = output.add_stream("aac", rate=48000)
        output.mux(cover.encode(av.VideoFrame.from_ndarray(np.full((120, 120, 3), 90, np.uint8), format="bgr24")))
        output.mux(cover.encode(None))
        for bgr in images:
            output.mux(film.encode(av.VideoFrame.from_ndarray(bgr, format="bgr24")))
        if film is not None:
            output.mux(film.encode(None))
        for number in range(20):
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            silence.sample_rate, silence.pts = 48000, number * 1024
            output.mux(sound.encode(silence))
        output.mux(sound.encode(None))
    return path


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.mov"])
def test_an_attached_cover_picture_is_not_the_film(name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    read = read_all(with_cover(tmp_path / name, numbered(48)))

    assert [frame.size_wh for frame in read] == [(64, 48)] * 48
    assert caplog.text == ""


def test_sound_with_a_cover_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match=r"a\.m4a contains audio or a cover image but no video"):
        opened(with_cover(tmp_path / "a.m4a", []))


# Animated images


@pytest.mark.parametrize("name", ["a.webp", "a.png", "a.gif", "a.avif"])
def test_an_animated_image_is_read_whole(name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    images = [PIL.Image.fromarray(image) for image in numbered(12)[::2]]
    durations = [100, 200, 100, 50, 100, 100]
    images[0].save(tmp_path / name, save_all=True, append_images=images[1:], duration=durations, quality=90)

    with opened(tmp_path / name) as source:
        read = list(frames(source))
        assert source.read() is None
        assert source.frame_count in (None, 6)

    assert [frame.t_ms for frame in read] == [0, 100, 300, 400, 450, 550]
    assert [frame.index for frame in read] == list(range(6))
    assert gray_levels(read) == pytest.approx(range(0, 12, 2), abs=1)
    assert caplog.text == ""


@pytest.mark.parametrize("name", ["a.webp", "a.png", "a.gif"])
def test_an_image_that_is_not_animated_is_one_image(name: str, tmp_path: Path) -> None:
    PIL.Image.fromarray(marked()).save(tmp_path / name)

    assert len(read_all(tmp_path / name)) == 1


def test_half_an_animated_webp_is_read_up_to_its_damage(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    images = [PIL.Image.fromarray(image) for image in noisy(8)]
    images[0].save(tmp_path / "a.webp", save_all=True, append_images=images[1:], duration=100)
    path = zero(tmp_path / "a.webp", (tmp_path / "a.webp").stat().st_size // 2)

    try:
        read = read_all(path)
    except CameraError as error:
        assert "a.webp could not be decoded" in str(error)  # noqa: PT017 - either answer is right, depending on libwebp
    else:
        assert len(read) < 8
        assert f"8 frames expected, {len(read)} read" in caplog.text


def test_a_stream_that_begins_late_does_not_disturb_the_end(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flv", numbered(30), options={"bf": "0"})
    data = bytearray(path.read_bytes())
    at, tags = 13, []
    while at < len(data):
        tags.append(at)
        at += 15 + int.from_bytes(data[at + 1 : at + 4], "big")
    data[tags[-4]] = 8  # A tag of sound, the first one.
    path.write_bytes(data)

    assert len(read_all(path)) in (28, 29)


# Lists of other files


def secret(folder: Path) -> Path:
    """Return a video that another file must not be able to open."""
    return write(folder / "secret.mkv", numbered(5))


LISTS = {
    "list.ffconcat": "ffconcat version 1.0\nfile secret.mkv\n",
    "list.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nsecret.mkv\n#EXT-X-ENDLIST\n",
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("suffix", ["", ".mp4"])
@pytest.mark.parametrize("ending", ["", "\n#\0"])
def test_a_list_of_files_opens_none_of_them(name: str, suffix: str, ending: str, tmp_path: Path) -> None:
    secret(tmp_path)
    path = tmp_path / f"{name}{suffix}"
    path.write_text(LISTS[name] + ending)  # A zero byte hides that it is text.

    with pytest.raises(CameraError, match=r"is a text file|is a list of other files|could not be decoded"):
        opened(path)
    with pytest.raises(MediaError) as refused:
        MediaReader.open_file(path)

    assert refused.value.fault in (MediaFault.NOT_ALLOWED, MediaFault.NOT_MEDIA)


def test_without_the_allow_list_the_list_would_have_opened_the_other_file(tmp_path: Path) -> None:
    secret(tmp_path)
    (tmp_path / "list.mp4").write_text(LISTS["list.ffconcat"])

    with av.open(str(tmp_path / "list.mp4")) as container:
        assert len(list(container.decode(video=0))) == 5


@pytest.mark.parametrize(
    "name", ["concat:secret.mkv", "subfile,,start,0,end,0,,:secret.mkv", "data:video/x-matroska;base64,AAAA"]
)
def test_protocols_other_than_file_are_not_used(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret(tmp_path)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(MediaError) as refused:
        MediaReader.open_file(Path(name))

    assert refused.value.fault in (MediaFault.NOT_FOUND, MediaFault.NOT_ALLOWED)


def test_the_text_of_an_error_does_not_contain_the_path(tmp_path: Path) -> None:
    with pytest.raises(MediaError) as refused:
        MediaReader.open_file(tmp_path / "password.mp4")

    assert "password" not in str(refused.value)
    assert refused.value.__cause__ is None


# Numbers, pipes and closing


def test_a_number_is_a_camera_and_a_path_to_it_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "9").mkdir()
    PIL.Image.fromarray(marked()).save(tmp_path / "9" / "a.png")
    monkeypatch.chdir(tmp_path)

    assert source_kind("9") is SourceKind.CAMERA
    assert source_kind("./9") is SourceKind.FILE
    assert len(read_all("./9")) == 1
    with pytest.raises(CameraError, match="camera 9"):
        opened("9")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without named pipes")
def test_a_named_pipe_is_an_error_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.mp4")

    with pytest.raises(CameraError, match="is not a regular file"):
        opened(tmp_path / "a.mp4")


def video_frames() -> int:
    """Return the number of decoded frames in memory; images of clips that other tests keep are views of theirs."""
    return sum(isinstance(each, av.VideoFrame) for each in gc.get_objects())


@pytest.mark.skipif(sys.platform != "linux", reason="counts the threads of the process in /proc")
@pytest.mark.parametrize("rotation", [None, (90, False, False), (0, False, True)])
def test_decoded_frames_are_freed_without_the_garbage_collector(
    tmp_path: Path, rotation: tuple[float, bool, bool] | None
) -> None:
    path = write(tmp_path / "a.mp4", numbered(60), rotation=rotation)
    gc.collect()
    gc.disable()
    try:
        before = video_frames()
        with VideoFile(path) as source:
            assert len(list(frames(source))) == 60
        assert video_frames() <= before + 1
    finally:
        gc.enable()


def test_closing_ends_the_threads_of_the_decoder_at_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", numbered(20))
    tasks = Path("/proc/self/task")
    gc.disable()
    try:
        before = len(list(tasks.iterdir()))
        source = VideoFile(path)
        source.read()
        source.close()
        assert len(list(tasks.iterdir())) <= before
        assert source.read() is None
    finally:
        gc.enable()


def test_several_files_can_be_decoded_in_threads_at_once(tmp_path: Path) -> None:
    path = zero(write(tmp_path / "a.mp4", noisy(40), options={"g": "10"}), 20_000)
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(len(read_all(path)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert len(counts) == 4
    assert len(set(counts)) == 1
