"""Face detector of the `mtcnn` package: the reference in tests, and `--detector package`.

The package stores its weights as pickles, which can run code when they are loaded, and looks for them in the working folder
first. Its networks therefore get the same arrays from models/mtcnn.safetensors, and no file of its weights is opened.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from facecam.networks.keras_imagenet import assign_arrays, load_keras
from facecam.networks.manifest import load_arrays
from facecam.settings import DetectSettings
from facecam.types import Box, Face, Image

_LANDMARKS = slice(6, 16)


class PackageMtcnn:
    """`mtcnn.MTCNN` on TensorFlow with facecam's thresholds. It takes about 100 ms per frame.

    The package works with a min_face_size of 20 only, so faces smaller than `min_face_size_px` are removed afterward.
    """

    def __init__(self, settings: DetectSettings) -> None:
        load_keras()
        from mtcnn import MTCNN

        self._settings = settings
        self._detector: Any = MTCNN(stages=_stages())

    def detect(self, bgr: Image) -> tuple[Face, ...]:
        """Return the faces of `bgr` (height, width, 3) uint8, best score first."""
        settings = self._settings
        found = self._detector.detect_faces(
            cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB),
            output_type="numpy",
            box_format="xyxy",
            threshold_pnet=settings.pnet_threshold,
            threshold_rnet=settings.rnet_threshold,
            threshold_onet=settings.onet_threshold,
        )
        faces = (self._face(row) for row in np.asarray(found, np.float32) if row[3] > row[1] and row[4] > row[2])
        return tuple(face for face in faces if face.box.longer_side_px >= settings.min_face_size_px)

    def _face(self, row: Any) -> Face:
        x1, y1, x2, y2, score = (float(value) for value in row[1:6])
        return Face(Box(x1, y1, x2 - x1, y2 - y1), score, row[_LANDMARKS].reshape(2, 5).T.astype(np.float32))


def _stages() -> list[Any]:
    """Return P-Net, R-Net and O-Net of the package with facecam's verified arrays, without calling the loader of the package."""
    from mtcnn.network.onet import ONet
    from mtcnn.network.pnet import PNet
    from mtcnn.network.rnet import RNet
    from mtcnn.stages import StageONet, StagePNet, StageRNet
    from mtcnn.stages.base import StageBase

    arrays = load_arrays("mtcnn")
    stages = []
    for number, (kind, network) in enumerate(((StagePNet, PNet), (StageRNet, RNet), (StageONet, ONet)), start=1):
        prefix = f"{network.__name__.lower()}/"
        model = network()
        model.build()
        own = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
        assign_arrays(model, own, f"the weights {prefix}* of models/mtcnn.safetensors")
        stage = kind.__new__(kind)  # its own __init__ loads the pickle
        StageBase.__init__(stage, f"Stage {network.__name__.upper()}", number, model)
        stages.append(stage)
    return stages
