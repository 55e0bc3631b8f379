"""Stands for cv2.VideoCapture and plays what real drivers do: no machine that builds this has a camera.

A `Script` is one recorded behavior, with where it is written down. A `Device` is the camera that plays it: a test keeps it in
hand and unplugs, freezes, darkens, tears or blocks it while captures come and go. `devices(...)` puts them at OpenCV's seam.

    device = Device()
    monkeypatch.setattr(cv2, "VideoCapture", devices({0: device}))
    ...
    device.unplug()
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np

FOREVER = 10**9

# What a grab may do. NOTHING fails at once, SILENCE after the driver's own timeout; a TORN one fails only when decoded.
PICTURE, SAME, BLACK, TORN, NOTHING, SILENCE, BLOCK = "picture", "same", "black", "torn", "nothing", "silence", "block"


@dataclass(frozen=True)
class Script:
    """What successive grabs do, as (how many, what), and where that was seen. `size_wh` None: takes the size it is asked for."""

    seen_in: str
    steps: tuple[tuple[int, str], ...] = ((FOREVER, PICTURE),)
    opens: bool = True
    size_wh: tuple[int, int] | None = (160, 120)
    later_size_wh: tuple[int, int] | None = None
    fourcc: str = "MJPG"

    def step(self, number: int) -> str:
        """What the grab with this number does; the last step goes on for ever."""
        for count, what in self.steps:
            if number < count:
                return what
            number -= count
        return self.steps[-1][1]


HEALTHY = Script("a UVC camera that takes what it is asked for", size_wh=None)
REFUSES_SIZE = Script("opencv/opencv modules/videoio/src/cap_v4l.cpp: VIDIOC_S_FMT gives the nearest size")
UNPLUGGED = Script("opencv/opencv#5746, #10928: V4L2 fails after its timeout", ((5, PICTURE), (1, SILENCE), (FOREVER, NOTHING)))
BUSY = Script("opencv/opencv#15973: VIDIOC_S_FMT says EBUSY when another program streams", opens=False)
OPENS_IN_VAIN = Script("opencv/opencv#27312: VIDIOC_STREAMON fails, two cameras on one USB", ((FOREVER, NOTHING),))
LAST_FRAME_FOR_EVER = Script("opencv/opencv#5221, #14044: Windows repeats the last frame", ((5, PICTURE), (FOREVER, SAME)))
BLACK_FRAMES = Script("emgucv/emgucv#68: drivers that go black when unplugged", ((5, PICTURE), (FOREVER, BLACK)))
NOT_ALLOWED = Script("opencv/opencv#16427: AVFoundation without permission does not open", opens=False)
FIRST_ARE_MISSING = Script("mediapipe#477, lerobot#2722: open before they can deliver", ((3, NOTHING), (FOREVER, PICTURE)))
FIRST_IS_TORN = Script("FreeRDP/FreeRDP#10726: Logitech C920 and C930e", ((1, TORN), (FOREVER, PICTURE)))
TORN_NOW_AND_THEN = Script("mjpg-streamer#47: MJPEG over a weak USB", ((2, PICTURE), (3, TORN), (FOREVER, PICTURE)))
TORN_FOR_EVER = Script("huggingface/lerobot#1487: every picture is torn", ((2, PICTURE), (FOREVER, TORN)))
CHANGES_SIZE = Script("cap_v4l.cpp: 'for mjpeg streams the size might change in between'", later_size_wh=(80, 60))
BLOCKS = Script("opencv/opencv#10927: V4L2's own timeout is 10 s", ((2, PICTURE), (1, BLOCK), (FOREVER, PICTURE)))
TORN_PACKETS = Script("cap_ffmpeg_impl.hpp: fails at once, and goes on", ((3, PICTURE), (2, NOTHING), (FOREVER, PICTURE)))
YUYV_ONLY = Script("opencv/opencv#12404: raw pictures whatever is asked for", size_wh=None, fourcc="YUYV")

SCRIPTS = {name: value for name, value in globals().items() if isinstance(value, Script)}


@dataclass
class Device:
    """A camera or stream that plays a script until a test tells it otherwise, also from another thread.

    `stamped`: as V4L2 it says when a picture was taken, `waited_s` ago. `media_fps`: as FFmpeg it gives pictures times of their
    own; the first `buffered` come at once. `frame_count`: how many a recording says it has.
    """

    script: Script = HEALTHY
    fps: float = 200.0
    silence_s: float = 0.05
    block_s: float = 10.0
    stamped: bool = False
    waited_s: float = 0.0
    media_fps: float | None = None
    buffered: int = 0
    frame_count: int = 0
    plugged: bool = True
    acts: str | None = None
    captures: list[FakeCapture] = field(default_factory=list)
    grabs: int = 0
    free: threading.Event = field(default_factory=threading.Event)

    def unplug(self) -> None:
        self.plugged = False
        self.free.set()

    def plug(self) -> None:
        self.plugged, self.acts = True, None

    def freeze(self) -> None:
        """From now on the last picture again and again."""
        self.acts = SAME

    def go_black(self) -> None:
        self.acts = BLACK

    def tear(self) -> None:
        self.acts = TORN

    def fall_silent(self) -> None:
        self.acts = SILENCE

    def block(self) -> None:
        """The next grab does not return for `block_s`, or until `unblock`."""
        self.free.clear()
        self.acts = BLOCK

    def unblock(self) -> None:
        self.acts = None
        self.free.set()

    recover = unblock

    def next_act(self) -> str:
        """What the grab that is made now does."""
        number, self.grabs = self.grabs, self.grabs + 1
        return NOTHING if not self.plugged else self.acts or self.script.step(number)

    def picture(self, size_wh: tuple[int, int], act: str, number: int) -> np.ndarray:
        """No two pictures are equal, but for SAME and BLACK."""
        bgr = np.full((size_wh[1], size_wh[0], 3), 0 if act == BLACK else 40 + number % 200, np.uint8)
        if act != BLACK:
            bgr[: size_wh[1] // 4, : 1 + number % (size_wh[0] - 1)] = 250
        return bgr


class FakeCapture:
    """What cv2.VideoCapture(target, backend, parameters) gives for a device; for None, what it gives when there is none."""

    def __init__(self, device: Device | None, target: int | str, backend: int, parameters: list[int]) -> None:
        self.target, self.backend, self.parameters = target, backend, parameters
        self.asked: list[tuple[int, float]] = []
        self.released = 0
        self._device = device
        self._opened = device is not None and device.plugged and device.script.opens
        self._asked_wh = [640, 480]
        self._fps = 30.0
        self._act, self._shown, self._stamp_ms = NOTHING, 0, -1.0
        if device is not None:
            device.captures.append(self)

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self._opened and not self.released

    def set(self, property_id: int, value: float) -> bool:
        self.asked.append((property_id, value))
        if property_id in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT):
            self._asked_wh[property_id == cv2.CAP_PROP_FRAME_HEIGHT] = int(value)
        elif property_id == cv2.CAP_PROP_FPS:
            self._fps = min(value, 30.0)
        return False  # V4L2 says so of properties that it has taken, too

    def get(self, property_id: int) -> float:
        if self._device is None:
            return 0.0
        width, height = self._size_wh()
        return {
            cv2.CAP_PROP_FPS: self._fps,
            cv2.CAP_PROP_FRAME_WIDTH: width,
            cv2.CAP_PROP_FRAME_HEIGHT: height,
            cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*self._device.script.fourcc),
            cv2.CAP_PROP_POS_MSEC: self._stamp_ms,
            cv2.CAP_PROP_FRAME_COUNT: self._device.frame_count,
        }.get(property_id, -1.0)

    def grab(self) -> bool:
        device = self._device
        if device is None or not self.isOpened():
            return False
        self._act = device.next_act()
        if self._act == BLOCK:
            device.free.wait(device.block_s)
            device.acts, self._act = None, PICTURE if device.plugged else NOTHING
        at_once = self._act == NOTHING or device.grabs <= device.buffered
        time.sleep(device.silence_s if self._act == SILENCE else 0 if at_once else 1 / device.fps)
        if self._act in (NOTHING, SILENCE):
            return False
        self._shown += self._act != SAME
        if device.stamped:
            self._stamp_ms = (time.monotonic() - device.waited_s) * 1000
        elif device.media_fps:
            self._stamp_ms = device.grabs * 1000 / device.media_fps
        return True

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        if self._device is None or self._act in (NOTHING, SILENCE):
            return False, None
        if self._act == TORN:
            return True, None  # V4L2 with an empty picture; others say False
        return True, self._device.picture(self._size_wh(), self._act, self._shown)

    def release(self) -> None:
        self.released += 1

    def _size_wh(self) -> tuple[int, int]:
        assert self._device is not None
        script = self._device.script
        if script.later_size_wh and self._shown > 2:
            return script.later_size_wh
        return script.size_wh or (self._asked_wh[0], self._asked_wh[1])


def devices(there: Mapping[int | str, Device]) -> Callable[[int | str, int, list[int]], FakeCapture]:
    """What to put in the place of cv2.VideoCapture: these devices by index, path or address, and nothing else."""
    return lambda target, backend, parameters: FakeCapture(there.get(target), target, backend, parameters)
