"""The explainers in a process of their own, of low priority: a thread would take turns with recognition for Python's lock.

Through pipes go a line of JSON and the arrays that it announces, as they lie in memory:

    {"kind": "face"}                       crop (96, 96, 3) uint8 RGB, embedding (128,) float32
    {"kind": "object", "label_id": "..."}  square (224, 224, 3) uint8 RGB
    {"side": 96}                           the answer: heat (side, side) float32
    {"error": "..."}                       why there is none
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import numpy as np

from facecam.embedding.embedder import CROP_PX
from facecam.embedding.nn4_small2 import EMBEDDING_SIZE
from facecam.errors import FacecamError, ModelError
from facecam.explain.occlusion import FaceExplainer, ObjectExplainer
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.settings import IdentifySettings
from facecam.types import Floats, Image

_NICENESS = 10
"""A tenth of the weight of others: it goes on while everything else is busy, and hardly counts."""


class ExplainerProcess:
    """Asks the process, which begins at once, and waits for its answers. `close()` may be called from another thread."""

    def __init__(self, settings: IdentifySettings) -> None:
        # -P: nothing in the working folder may be imported in place of our own.
        path = os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path)
        options = json.dumps(dataclasses.asdict(dataclasses.replace(settings, threads=1)))
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": path},
            creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),  # Windows; elsewhere it steps back itself
        )

    def face(self, crop_rgb: Image, embedding: Floats) -> Floats:
        """As FaceExplainer has it. ModelError when its weights are missing, or when the process has ended."""
        return self._ask({"kind": "face"}, crop_rgb.tobytes() + embedding.astype(np.float32).tobytes())

    def object(self, square_rgb: Image, label_id: str) -> Floats:
        """As ObjectExplainer has it, for what the network looks at, (224, 224, 3) uint8."""
        return self._ask({"kind": "object", "label_id": label_id}, square_rgb.tobytes())

    def close(self) -> None:
        """End the process; whoever waits for an answer gets an error. Harmless a second time."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def _ask(self, header: dict[str, str], payload: bytes) -> Floats:
        into, out_of = self._process.stdin, self._process.stdout
        assert into is not None
        assert out_of is not None
        try:
            into.write(json.dumps(header).encode() + b"\n" + payload)
            into.flush()
            answer = json.loads(out_of.readline() or '{"error": "the process that explains has ended"}')
            if "error" in answer:
                raise ModelError(answer["error"])
            side = int(answer["side"])
            heat: Floats = np.frombuffer(out_of.read(side * side * 4), np.float32).reshape(side, side)
        except (OSError, ValueError) as error:
            raise ModelError(f"the process that explains has ended ({error}); switch the heat map on again") from error
        return heat


def _serve(settings: IdentifySettings, questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until there are no more questions."""
    faces: FaceExplainer | None = None
    objects: ObjectExplainer | None = None
    while line := questions.readline():
        asked = json.loads(line)
        try:
            if asked["kind"] == "face":
                crop = _picture(questions, CROP_PX)
                embedding = np.frombuffer(questions.read(EMBEDDING_SIZE * 4), np.float32)
                faces = faces or FaceExplainer(settings)
                heat = faces.explain(crop, embedding)
            else:
                square = _picture(questions, INPUT_SIZE_PX)
                objects = objects or ObjectExplainer(settings.threads)
                heat = objects.heat(square, asked["label_id"])
            answers.write(json.dumps({"side": len(heat)}).encode() + b"\n" + heat.tobytes())
        except FacecamError as error:
            answers.write(json.dumps({"error": str(error)}).encode() + b"\n")
        answers.flush()


def _picture(stream: IO[bytes], side: int) -> Image:
    return np.frombuffer(stream.read(side * side * 3), np.uint8).reshape(side, side, 3)


def _main(options: dict[str, Any]) -> None:
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library says to stdout is no answer
    _serve(IdentifySettings(**options), sys.stdin.buffer, answers)


if __name__ == "__main__":
    _main(json.loads(sys.argv[1]))
