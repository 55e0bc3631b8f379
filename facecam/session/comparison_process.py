"""Comparison of the embedding networks on a gallery, in a low-priority process of its own.

A thread would compete with recognition for the interpreter lock. The arguments are the gallery's folder and the settings as JSON,
the first line of the input is the key of an encrypted gallery in hexadecimal digits, empty for a plain one. The output is
{"figures": ...} as JSON, null if the networks cannot be compared, or {"error": ...} with a TranslatableText.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from facecam.errors import FacecamError
from facecam.explain.process import lower_priority, start_module
from facecam.gallery.files import encryption_key, unlock_gallery_with_key
from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.gallery.network_comparison import NetworkComparison, compare_networks
from facecam.messages import TranslatableText
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Settings

_POLL_S = 0.1


def compare_in_process(folder: Path, settings: Settings, check_canceled: Callable[[], None]) -> NetworkComparison | None:
    """Compare the networks as `compare_networks` does, and store the figures.

    Args:
        folder: Folder of the gallery.
        settings: Settings in use.
        check_canceled: Called ten times a second; an exception that it raises ends the process.

    Raises:
        FacecamError: A network is missing or damaged, the gallery cannot be read, or the process ended.
    """
    sections = settings.replace({"detect.threads": 1, "identify.threads": 1}).to_dict()
    del sections["capture"]  # Addresses of cameras may have credentials, and every user can list the arguments of a process.
    key = encryption_key(folder)
    process = start_module(__name__, str(folder.absolute()), json.dumps(sections))
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with contextlib.suppress(BrokenPipeError):  # the process has ended, which is reported below
            process.stdin.write(b"%s\n" % (b"" if key is None else key.key.hex().encode()))
            process.stdin.flush()
        while process.poll() is None:
            check_canceled()
            time.sleep(_POLL_S)
        output = process.stdout.read()
    finally:
        process.kill()
        process.wait()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()
    if not output:
        raise FacecamError("the process that compares the networks has ended")
    answer = json.loads(output)
    if "error" in answer:
        raise FacecamError(TranslatableText.from_json(answer["error"]))
    return None if answer["figures"] is None else NetworkComparison.from_dict(answer["figures"])


def _compare(folder: Path, settings: Settings) -> dict[str, Any]:
    try:
        with open_face_analyzer(settings) as analyzer:
            gallery = Gallery.load(folder, analyzer, conditions=analysis_conditions(settings))
        comparison = compare_networks(gallery, settings)
    except FacecamError as error:
        return {"error": error.text.to_json()}
    return {"figures": None if comparison is None else comparison.to_dict()}


def _end_with_parent() -> None:
    """End this process when the one that started it closes the pipe, or ends in any way."""
    while os.read(0, 1):  # not sys.stdin, which the interpreter cannot close while a thread reads it
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _read_key() -> bytes:
    """Return the key in the first line of the input, read as in `_end_with_parent`."""
    line = b""
    while (byte := os.read(0, 1)) not in (b"", b"\n"):
        line += byte
    return bytes.fromhex(line.decode())


def _main(folder: str, settings: dict[str, dict[str, Any]]) -> None:
    lower_priority()
    if key := _read_key():
        unlock_gallery_with_key(Path(folder), key)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # output of libraries must not mix with the answer
    sections = {section: type(getattr(Settings(), section))(**values) for section, values in settings.items()}
    json.dump(_compare(Path(folder), Settings(**sections)), answers)
    answers.close()


if __name__ == "__main__":
    _main(sys.argv[1], json.loads(sys.argv[2]))
