"""Explainers in a low-priority process of their own: a thread would compete with recognition for the interpreter lock.

Each message through the pipes is a line of JSON and the raw arrays that it announces:

    {"kind": "face", "side": s, "length": d}  crop (s, s, 3) uint8 RGB in the network's alignment, embedding (d,) float32
    {"kind": "object", "label_id": "..."}     square (224, 224, 3) uint8 RGB
    {"side": s}                               response: saliency map (s, s) float32
    {"error": {...}}                          response: error message, a TranslatableText
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from facecam.errors import FacecamError, ModelError
from facecam.explain.occlusion import FaceExplainer, ObjectExplainer
from facecam.messages import TranslatableText
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.settings import IdentifySettings
from facecam.types import Floats, Image

_NICENESS = 10
"""A tenth of the weight of other processes: it progresses on a busy machine and hardly slows it down."""


def start_module(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a module of ours with low priority, if it calls `lower_priority`, and with pipes for input and output.

    `environment` has variables to add to those of this process.
    """
    # -P keeps modules in the working folder from being imported instead of ours.
    path = os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path)
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": path} | dict(environment or {}),
        creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),  # elsewhere the process lowers its own
    )


def lower_priority() -> None:
    """Give other processes precedence over this one. For a process of `start_module`."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)


class ExplainerProcess:
    """Client of the process, which starts at once. Calls wait for the response; `close()` may come from another thread."""

    def __init__(self, settings: IdentifySettings) -> None:
        options = json.dumps(dataclasses.asdict(dataclasses.replace(settings, threads=1)))
        self._process = start_module(__name__, options)

    def face(self, crop_rgb: Image, embedding: Floats) -> Floats:
        """Return FaceExplainer's saliency map of a crop. ModelError when its weights are missing or the process has ended."""
        header: dict[str, str | int] = {"kind": "face", "side": len(crop_rgb), "length": len(embedding)}
        return self._request(header, crop_rgb.tobytes() + embedding.astype(np.float32).tobytes())

    def object(self, square_rgb: Image, label_id: str) -> Floats:
        """Return ObjectExplainer's saliency map for a classified square (224, 224, 3) uint8. ModelError as for `face`."""
        return self._request({"kind": "object", "label_id": label_id}, square_rgb.tobytes())

    def close(self) -> None:
        """End the process; a waiting call raises ModelError. Safe to call twice."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def _request(self, header: dict[str, str | int], payload: bytes) -> Floats:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(json.dumps(header).encode() + b"\n" + payload)
            stdin.flush()
            line = stdout.readline()
            if not line:
                raise ModelError("the explaining process has ended")
            response = json.loads(line)
            if "error" in response:
                raise ModelError(TranslatableText.from_json(response["error"]))
            side = int(response["side"])
            saliency_map: Floats = np.frombuffer(stdout.read(side * side * 4), np.float32).reshape(side, side)
        except (OSError, ValueError) as error:
            raise ModelError("the explaining process has ended ({error})", error=error) from error
        return saliency_map


def _serve(settings: IdentifySettings, requests: IO[bytes], responses: IO[bytes]) -> None:
    """Respond until the input ends."""
    faces: FaceExplainer | None = None
    objects: ObjectExplainer | None = None
    while line := requests.readline():
        request = json.loads(line)
        try:
            if request["kind"] == "face":
                crop = _read_image(requests, request["side"])
                embedding = np.frombuffer(requests.read(request["length"] * 4), np.float32)
                faces = faces or FaceExplainer(settings)
                saliency_map = faces.explain(crop, embedding)
            else:
                square = _read_image(requests, INPUT_SIZE_PX)
                objects = objects or ObjectExplainer(settings.threads)
                saliency_map = objects.saliency_map(square, request["label_id"])
            responses.write(json.dumps({"side": len(saliency_map)}).encode() + b"\n" + saliency_map.tobytes())
        except FacecamError as error:
            responses.write(json.dumps({"error": error.text.to_json()}).encode() + b"\n")
        responses.flush()


def _read_image(stream: IO[bytes], side: int) -> Image:
    return np.frombuffer(stream.read(side * side * 3), np.uint8).reshape(side, side, 3)


def _main(options: dict[str, Any]) -> None:
    lower_priority()
    responses = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # output of libraries must not mix with responses
    _serve(IdentifySettings(**options), sys.stdin.buffer, responses)


if __name__ == "__main__":
    _main(json.loads(sys.argv[1]))
