"""Peers, each opened as its own documentation says."""

from __future__ import annotations

import importlib
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from facecam.types import Floats, Image

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

MTCNN_PACKAGE = "mtcnn package"
DLIB_HOG = "dlib HOG"
FACE_RECOGNITION = "face_recognition"
FAISS = "faiss-cpu IndexFlatL2"
YUNET = "YuNet"
YUNET_MIN_SCORE = 0.9
"""Default of cv2.FaceDetectorYN."""
HALVED = ", image halved"


def missing(module: str) -> str:
    """Return why a peer is missing; empty when it is installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # face_recognition_models still uses pkg_resources
            importlib.import_module(module)
    except (ImportError, SystemExit):
        return f"{module} is not installed; the dependency group `bench` has it"
    return ""


def mtcnn_package() -> Callable[[Image], list[dict[str, Any]]]:
    """Return `MTCNN().detect_faces` for RGB images, with its own thresholds and its smallest face of 20 px."""
    from mtcnn import MTCNN

    found: Callable[[Image], list[dict[str, Any]]] = MTCNN().detect_faces
    return found


def dlib_hog() -> Callable[[Image], Any]:
    """Return dlib's frontal face detector for RGB images, without upsampling: faces of 80 px and up."""
    import dlib

    detector = dlib.get_frontal_face_detector()
    return lambda rgb: detector(rgb, 0)


def yunet_files() -> list[Path]:
    """Return YuNet's ONNX files: `data/peers/yunet*.onnx` in the folder FACECAM_TEST_DATA."""
    folder = os.environ.get("FACECAM_TEST_DATA")
    return sorted(Path(folder, "data", "peers").glob("yunet*.onnx")) if folder else []


def missing_yunet() -> str:
    """Return why YuNet is missing; empty when it can be measured."""
    if not hasattr(cv2, "FaceDetectorYN"):
        return f"OpenCV {cv2.__version__} has no FaceDetectorYN"
    return "" if yunet_files() else "set FACECAM_TEST_DATA to the folder that holds data/peers/yunet*.onnx"


def yunet(onnx: Path, scale: float = 1.0, min_score: float = YUNET_MIN_SCORE) -> Callable[[Image], Floats]:
    """Return YuNet for BGR images: (n, 5) boxes x1, y1, x2, y2 and score. The image is resized by `scale` first.

    Raises cv2.error for a file that OpenCV cannot open.
    """
    detector = cv2.FaceDetectorYN.create(str(onnx), "", (320, 320), min_score)

    def detect(bgr: Image) -> Floats:
        image = bgr if scale == 1 else cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        detector.setInputSize(image.shape[1::-1])
        _, rows = detector.detect(image)
        if rows is None:
            return np.empty((0, 5), np.float32)
        corners = np.hstack([rows[:, :2], rows[:, :2] + rows[:, 2:4]]) / scale
        return np.hstack([corners, rows[:, -1:]]).astype(np.float32)

    return detect


def yunets(min_score: float = YUNET_MIN_SCORE) -> tuple[dict[str, Callable[[Image], Floats]], dict[str, str]]:
    """Return each YuNet file on whole images and on halved ones by name, and the reason for each that is missing.

    YuNet has no smallest face. On an image of half the width and height it does about the work of a detector from 40 px.
    """
    if reason := missing_yunet():
        return {}, {YUNET: reason}
    opened: dict[str, Callable[[Image], Floats]] = {}
    absent = {}
    for onnx in yunet_files():
        try:
            opened[onnx.stem] = yunet(onnx, min_score=min_score)
            opened[f"{onnx.stem}{HALVED}"] = yunet(onnx, 0.5, min_score)
        except cv2.error as error:
            absent[onnx.stem] = f"OpenCV {cv2.__version__} cannot open it: {error.err}"
    return opened, absent


def face_recognition_frame(known: Floats) -> Callable[[Image], list[int]]:
    """Return `face_recognition` for BGR images: faces without upsampling, encodings, and the nearest of `known` (n, 128)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import face_recognition

    def recognize(bgr: Image) -> list[int]:
        rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        places = face_recognition.face_locations(rgb, number_of_times_to_upsample=0)
        encodings = face_recognition.face_encodings(rgb, places)
        return [int(np.argmin(face_recognition.face_distance(known, one))) for one in encodings]

    return recognize


def plain_composition(known: Floats) -> Callable[[Image], list[tuple[int, int]]]:
    """Return facecam's parts in the most direct composition: the `mtcnn` package, and Keras `predict` twice.

    It takes a BGR image and returns (nearest of `known`, expression) for each face.
    """
    from facecam.embedding import nn4_small2
    from facecam.embedding.embedder import align, network_input
    from facecam.expression import network, reader
    from facecam.networks.embedding_networks import DEFAULT_NETWORK, embedding_network

    default = embedding_network(DEFAULT_NETWORK)
    detect = mtcnn_package()
    embed = nn4_small2.create_model(default.name)
    express = network.create_model()

    def recognize(bgr: Image) -> list[tuple[int, int]]:
        faces = detect(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))
        if not faces:
            return []
        crops = np.stack([align(bgr, _landmarks(face), default.alignment) for face in faces])
        grays = np.stack([reader.network_input(reader.frame_gray(bgr, _landmarks(face))) for face in faces])
        embeddings = embed.predict(network_input(crops, default), verbose=0)
        expressions = express.predict(grays, verbose=0)
        nearest = [int(np.argmin(np.linalg.norm(known - one, axis=1))) for one in embeddings]
        return list(zip(nearest, expressions.argmax(axis=1).tolist(), strict=True))

    return recognize


def _landmarks(face: dict[str, Any]) -> Floats:
    points = face["keypoints"]
    return np.array([points[name] for name in ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")], np.float32)
