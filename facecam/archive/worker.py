"""Process that executes jobs of an archive, one after the other, on one core.

The first line of the input is the configuration, each further one a job; the process ends with its input. Each line of the output
is the progress of the job, or its result:

    {"kind": "index", ...}    -> {"index": {...}}
    {"kind": "part", ...}     -> {"t_ms": 1000.0}, ..., {"done": true}, or {"is_cut": false} for a video that needs to be one part
    {"kind": "join", ...}     -> {"done": true}
    any                       -> {"error": {...}, "is_of_file": ...} with a TranslatableText

Results have the warnings that were logged meanwhile in "warnings".
"""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, TextIO

import cv2

from facecam.archive.jobs import Archivist, Cuts, VideoSession, index_video
from facecam.capture.key_frames import PartError, VideoPart
from facecam.errors import FacecamError, GalleryError, ModelError
from facecam.gallery.files import unlock_gallery_with_key
from facecam.messages import TranslatableText
from facecam.settings import Settings

PROGRESS_S = 0.5


class _Warnings(logging.Handler):
    """Keeps the texts of warnings."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def _read_lines(lines: queue.SimpleQueue[bytes]) -> None:
    """Pass on the lines of the input, and end this process when the one that started it closes the pipe, or ends in any way."""
    rest = b""
    while data := os.read(0, 1 << 16):  # not sys.stdin, which the interpreter cannot close while a thread reads it
        *whole, rest = (rest + data).split(b"\n")
        for line in whole:
            lines.put(line)
    os.kill(os.getpid(), signal.SIGTERM)


def _execute(job: Mapping[str, Any], archivist: Archivist, send: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    if job["kind"] == "index":
        cuts = Cuts(job["part_ms"], job["overlap_ms"], job["every"])
        return {"index": index_video(Path(job["path"]), cuts).to_json()}
    session = VideoSession.from_json(job["session"])
    if job["kind"] == "join":
        archivist.join(session, [Path(path) for path in job["parts"]], Path(job["target"]), job["details"])
        return {"done": True}
    reported_s = 0.0

    def report_ms(t_ms: float) -> None:
        nonlocal reported_s
        if (now_s := time.monotonic()) - reported_s >= PROGRESS_S:
            reported_s = now_s
            send({"t_ms": t_ms})

    try:
        archivist.recognize(session, VideoPart(**job["part"]), Path(job["target"]), report_ms)
    except PartError:
        return {"is_cut": False}
    return {"done": True}


def _result(job: Mapping[str, Any], archivist: Archivist, send: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Execute a job. Any error costs this job only; the result says whether other videos would have it, too."""
    try:
        return _execute(job, archivist, send)
    except FacecamError as error:
        return {"error": error.text.to_json(), "is_of_file": not isinstance(error, (GalleryError, ModelError))}
    except Exception as error:  # noqa: BLE001 - one video must not stop the others
        text = TranslatableText(
            "internal error during recognition ({kind}: {error}); please report this", kind=type(error).__name__, error=error
        )
        return {"error": text.to_json(), "is_of_file": True}


def _main() -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of the terminal; the first one ends the others.
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # output of libraries must not mix with the results
    cv2.setNumThreads(1)
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read_lines, args=[lines], daemon=True).start()
    configuration = json.loads(lines.get())
    gallery_dir = Path(configuration["gallery"])
    if key := bytes.fromhex(configuration["key"]):
        unlock_gallery_with_key(gallery_dir, key)
    sections = {section: type(getattr(Settings(), section))(**values) for section, values in configuration["settings"].items()}
    archivist = Archivist(Settings(**sections), gallery_dir, configuration["revision"])
    warnings = _Warnings()
    logging.getLogger("facecam").addHandler(warnings)
    while True:
        job = json.loads(lines.get())
        warnings.texts.clear()
        _send(output, _result(job, archivist, lambda message: _send(output, message)) | {"warnings": [*warnings.texts]})


def _send(output: TextIO, message: Mapping[str, Any]) -> None:
    output.write(json.dumps(message) + "\n")
    output.flush()


if __name__ == "__main__":
    _main()
