"""Fake of cv2.VideoCapture that behaves like real drivers, because no build machine has a camera.

A `Script` is one behavior with its reference. A `Device` is a camera that follows it, which a test may unplug, freeze, darken,
damage or block while captures are open. `devices(...)` replaces cv2.VideoCapture.

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

# Results of a grab. NOTHING fails at once, SILENCE after the driver's timeout; TORN fails only when decoded.
FRAME, SAME, BLACK, TORN, NOTHING, SILENCE, BLOCK = "frame", "same", "black", "torn", "nothing", "silence", "block"


@dataclass(frozen=True)
class Script:
    """Results of successive grabs as (count, result), with a source. `size_wh` None: accepts any requested size."""

    reference: str
    steps: tuple[tuple[int, str], ...] = ((FOREVER, FRAME),)
    opens: bool = True
    size_wh: tuple[int, int] | None = (160, 120)
    later_size_wh: tuple[int, int] | None = None
    fourcc: str = "MJPG"

    def step(self, number: int) -> str:
        """Return the result of this grab; the last step is repeated forever."""
        for count, what in self.steps:
            if number < count:
                return what
            number -= count
        return self.steps[-1][1]


HEALTHY = Script("a UVC camera that accepts every request", size_wh=None)
REFUSES_SIZE = Script("opencv/opencv modules/videoio/src/cap_v4l.cpp: VIDIOC_S_FMT gives the nearest size")
UNPLUGGED = Script("opencv/opencv#5746, #10928: V4L2 fails after its timeout", ((5, FRAME), (1, SILENCE), (FOREVER, NOTHING)))
BUSY = Script("opencv/opencv#15973: VIDIOC_S_FMT says EBUSY when another program streams", opens=False)
OPENS_WITHOUT_DELIVERING = Script("opencv/opencv#27312: VIDIOC_STREAMON fails, two cameras on one USB", ((FOREVER, NOTHING),))
LAST_FRAME_FOREVER = Script("opencv/opencv#5221, #14044: Windows repeats the last frame", ((5, FRAME), (FOREVER, SAME)))
BLACK_FRAMES = Script("emgucv/emgucv#68: drivers that go black when unplugged", ((5, FRAME), (FOREVER, BLACK)))
NOT_ALLOWED = Script("opencv/opencv#16427: AVFoundation without permission does not open", opens=False)
FIRST_ARE_MISSING = Script("mediapipe#477, lerobot#2722: opens before it can deliver", ((3, NOTHING), (FOREVER, FRAME)))
FIRST_IS_TORN = Script("FreeRDP/FreeRDP#10726: Logitech C920 and C930e", ((1, TORN), (FOREVER, FRAME)))
TORN_SOMETIMES = Script("mjpg-streamer#47: MJPEG over a weak USB", ((2, FRAME), (3, TORN), (FOREVER, FRAME)))
TORN_FOREVER = Script("huggingface/lerobot#1487: every frame is damaged", ((2, FRAME), (FOREVER, TORN)))
CHANGES_SIZE = Script("cap_v4l.cpp: 'for mjpeg streams the size might change in between'", later_size_wh=(80, 60))
BLOCKS = Script("opencv/opencv#10927: V4L2's own timeout is 10 s", ((2, FRAME), (1, BLOCK), (FOREVER, FRAME)))
TORN_PACKETS = Script("cap_ffmpeg_impl.hpp: fails at once, and goes on", ((3, FRAME), (2, NOTHING), (FOREVER, FRAME)))
YUYV_ONLY = Script("opencv/opencv#12404: raw frames whatever is requested", size_wh=None, fourcc="YUYV")

SCRIPTS = {name: value for name, value in globals().items() if isinstance(value, Script)}


@dataclass
class Device:
    """Camera or stream that follows a script until a test, in any thread, changes its behavior.

    `stamped`: like V4L2, it reports a capture time `waited_s` ago. `image`: draws the frame of a number.
    """

    script: Script = HEALTHY
    fps: float = 200.0
    silence_s: float = 0.05
    block_s: float = 10.0
    stamped: bool = False
    waited_s: float = 0.0
    plugged: bool = True
    override: str | None = None
    image: Callable[[int], np.ndarray] | None = None
    captures: list[FakeCapture] = field(default_factory=list)
    grabs: int = 0
    free: threading.Event = field(default_factory=threading.Event)

    def unplug(self) -> None:
        self.plugged = False
        self.free.set()

    def plug(self) -> None:
        self.plugged, self.override = True, None

    def freeze(self) -> None:
        """Repeat the last frame from now on."""
        self.override = SAME

    def go_black(self) -> None:
        self.override = BLACK

    def tear(self) -> None:
        self.override = TORN

    def fall_silent(self) -> None:
        self.override = SILENCE

    def block(self) -> None:
        """Block the next grab for `block_s`, or until `unblock`."""
        self.free.clear()
        self.override = BLOCK

    def unblock(self) -> None:
        self.override = None
        self.free.set()

    recover = unblock

    def next_result(self) -> str:
        """Return the result of the current grab."""
        number, self.grabs = self.grabs, self.grabs + 1
        return NOTHING if not self.plugged else self.override or self.script.step(number)

    def frame(self, size_wh: tuple[int, int], result: str, number: int) -> np.ndarray:
        """Return a frame; no two are equal, except for SAME and BLACK."""
        if self.image is not None:
            return self.image(number)
        bgr = np.full((size_wh[1], size_wh[0], 3), 0 if result == BLACK else 40 + number % 200, np.uint8)
        if result != BLACK:
            bgr[: size_wh[1] // 4, : 1 + number % (size_wh[0] - 1)] = 250
        return bgr


class FakeCapture:
    """Result of cv2.VideoCapture(target, backend, parameters) for a device, or without one (None)."""

    def __init__(self, device: Device | None, target: int | str, backend: int, parameters: list[int]) -> None:
        self.target, self.backend, self.parameters = target, backend, parameters
        self.requested: list[tuple[int, float]] = []
        self.released = 0
        self._device = device
        self._opened = device is not None and device.plugged and device.script.opens
        self._requested_wh = [640, 480]
        self._fps = 30.0
        self._result, self._frame_number, self._stamp_ms = NOTHING, 0, -1.0
        if device is not None:
            device.captures.append(self)

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self._opened and not self.released

    def set(self, property_id: int, value: float) -> bool:
        self.requested.append((property_id, value))
        if property_id in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT):
            self._requested_wh[property_id == cv2.CAP_PROP_FRAME_HEIGHT] = int(value)
        elif property_id == cv2.CAP_PROP_FPS:
            self._fps = min(value, 30.0)
        return False  # V4L2 returns False even for accepted properties.

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
        }.get(property_id, -1.0)

    def grab(self) -> bool:
        device = self._device
        if device is None or not self.isOpened():
            return False
        self._result = device.next_result()
        if self._result == BLOCK:
            device.free.wait(device.block_s)
            device.override, self._result = None, FRAME if device.plugged else NOTHING
        time.sleep(device.silence_s if self._result == SILENCE else 0 if self._result == NOTHING else 1 / device.fps)
        if self._result in (NOTHING, SILENCE):
            return False
        self._frame_number += self._result != SAME
        if device.stamped:
            self._stamp_ms = (time.monotonic() - device.waited_s) * 1000
        return True

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        if self._device is None or self._result in (NOTHING, SILENCE):
            return False, None
        if self._result == TORN:
            return True, None  # Like V4L2; other backends return False.
        return True, self._device.frame(self._size_wh(), self._result, self._frame_number)

    def release(self) -> None:
        self.released += 1

    def _size_wh(self) -> tuple[int, int]:
        assert self._device is not None
        script = self._device.script
        if script.later_size_wh and self._frame_number > 2:
            return script.later_size_wh
        return script.size_wh or (self._requested_wh[0], self._requested_wh[1])


def devices(there: Mapping[int | str, Device]) -> Callable[[int | str, int, list[int]], FakeCapture]:
    """Return a replacement of cv2.VideoCapture with these devices by index, path or address."""
    return lambda target, backend, parameters: FakeCapture(there.get(target), target, backend, parameters)
