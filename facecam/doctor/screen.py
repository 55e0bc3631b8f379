"""What a window needs, a display that answers and the system's libraries; and whether OpenCV loads, which needs some of them."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator, Mapping

from facecam.doctor.check import Finding, Verdict

LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
}
"""What OpenCV and Qt load on Linux, and the Debian package that brings it. scripts/system-libraries.sh installs the same."""

_WINDOWLESS = "Without a window: facecam run --no-window"


def display(environment: Mapping[str, str]) -> Finding:
    """Whether a window could be shown: always on Windows and macOS, elsewhere when an X11 or Wayland display is named.

    An X11 display is asked whether it answers, since Qt ends the whole program when it does not.
    """
    if sys.platform in ("win32", "darwin"):
        return Finding("display", Verdict.OK, "the system's own")
    x11, wayland = environment.get("DISPLAY"), environment.get("WAYLAND_DISPLAY")
    if x11 and not answers(x11):
        return Finding(
            "display", Verdict.FAULT, f"DISPLAY is {x11}, but nothing answers there", f"Correct DISPLAY. {_WINDOWLESS}"
        )
    named = [f"{name} {value}" for name, value in (("X11", x11), ("Wayland", wayland)) if value]
    if not named:
        return Finding("display", Verdict.WARNING, "there is none: DISPLAY and WAYLAND_DISPLAY are not set", _WINDOWLESS)
    return Finding("display", Verdict.OK, ", ".join(named))


def answers(x11: str) -> bool:
    """Whether the X server of that name lets this user in; True where that cannot be asked, for want of libxcb."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(x11.encode(), None)
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not refused


def libraries(needed: Mapping[str, str], *, window: bool) -> Finding:
    """Whether every system library (file name -> Debian package) loads. Only with a `window` to be shown is that a fault."""
    if not sys.platform.startswith("linux"):
        return Finding("libraries", Verdict.OK, "they came with the packages")
    missing = [name for name in needed if not _loads(name)]
    if not missing:
        return Finding("libraries", Verdict.OK, f"all {len(needed)} that OpenCV and Qt load from the system")
    verdict = Verdict.FAULT if window else Verdict.WARNING
    install = f"sudo apt-get install {' '.join(needed[name] for name in missing)}"
    return Finding("libraries", verdict, f"missing: {', '.join(missing)}", f"On Debian and Ubuntu: {install}")


def opencv() -> Iterator[Finding]:
    """Whether the module cv2 loads."""
    try:
        import cv2
    except ImportError as error:
        found = f"cv2 does not load, so cameras, networks and speed are not checked: {error}"
        yield Finding("opencv", Verdict.FAULT, found, "Install what the line `libraries` names; else install opencv-python again")
        return
    yield Finding("opencv", Verdict.OK, str(cv2.__version__))


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
