"""Explainers in a low-priority process of their own: a thread would compete with recognition for the interpreter lock."""

from __future__ import annotations

import ctypes
import dataclasses
import multiprocessing
import os
import signal
import subprocess
import sys
from multiprocessing.connection import Connection

from facecam.errors import FacecamError, ModelError
from facecam.explain.occlusion import FaceExplainer, ObjectExplainer
from facecam.settings import IdentifySettings
from facecam.types import Floats, Image

_NICENESS = 10
"""A tenth of the weight of other processes: it progresses on a busy machine and hardly slows it down."""


class ExplainerProcess:
    """Client of the process, which starts at once. Calls wait for the response; `close()` may come from another thread."""

    def __init__(self, settings: IdentifySettings) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, served = context.Pipe()
        arguments = dataclasses.replace(settings, threads=1), served
        self._process = context.Process(target=_serve, args=arguments, name="explain", daemon=True)
        self._process.start()
        served.close()

    def face(self, crop_rgb: Image, embedding: Floats) -> Floats:
        """Return FaceExplainer's saliency map. ModelError when its weights are missing or the process has ended."""
        return self._request(crop_rgb, embedding)

    def object(self, square_rgb: Image, label_id: str) -> Floats:
        """Return ObjectExplainer's saliency map for a classified square (224, 224, 3) uint8. ModelError as for `face`."""
        return self._request(square_rgb, label_id)

    def close(self) -> None:
        """End the process; a waiting call raises ModelError. Safe to call twice."""
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _request(self, rgb: Image, subject: Floats | str) -> Floats:
        try:
            self._connection.send((rgb, subject))
            response: Floats | str = self._connection.recv()
        except (OSError, EOFError) as error:
            raise ModelError("the explaining process has ended; turn the heat map off and on again") from error
        if isinstance(response, str):
            raise ModelError(response)
        return response


def _serve(settings: IdentifySettings, connection: Connection) -> None:
    """Answer each image and subject, an embedding or a label's id, with a saliency map or an error message."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one.
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), subprocess.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(_NICENESS)
    faces: FaceExplainer | None = None
    objects: ObjectExplainer | None = None
    while True:
        try:
            rgb, subject = connection.recv()
        except EOFError:
            return
        try:
            if isinstance(subject, str):
                objects = objects or ObjectExplainer(settings.threads)
                connection.send(objects.saliency_map(rgb, subject))
            else:
                faces = faces or FaceExplainer(settings)
                connection.send(faces.explain(rgb, subject))
        except FacecamError as error:
            connection.send(str(error))
