"""Crops of the study: every face is detected once, cropped in several ways and embedded; results are cached in a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from facecam.detection.mtcnn import Mtcnn
from facecam.embedding.embedder import CROP_PX, TEMPLATE_XY, similarity_transform
from facecam.evaluation.lfw import LfwPhoto
from facecam.imageio import read_image
from facecam.networks.litert import FixedBatchNetwork, open_network
from facecam.settings import DetectSettings
from facecam.types import Face, Floats, Image

_BATCH = 32
_EYES_AND_NOSE, _ALL = [0, 1, 2], [0, 1, 2, 3, 4]
_AREA_FACTOR = 3
_MEAN, _DEVIATION = 115.0, 55.0
"""Brightness and contrast (0 to 255) of an evenly lit crop; near those of LFW crops."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Face of an image: (x1, y1, x2, y2) and landmarks (5, 2), pixels."""

    box_xyxy: Floats
    landmarks_xy: Floats


Crop = Callable[[Image, Place], Image]
"""Function from an image (BGR) and a place to (96, 96, 3) uint8 RGB."""


def template(scale: float = 1.0, shift_xy: tuple[float, float] = (0.0, 0.0)) -> Floats:
    """Return the template's five points (5, 2), scaled around their mean and moved; above 1 the face fills more of the crop."""
    center = TEMPLATE_XY.mean(axis=0)
    moved: Floats = (center + (TEMPLATE_XY - center) * np.float32(scale) + np.array(shift_xy)).astype(np.float32)
    return moved


def affine(from_xy: Floats, to_xy: Floats) -> Floats:
    """Return the (2, 3) affine least-squares transform between (n, 2) points."""
    points = np.column_stack([from_xy, np.ones(len(from_xy))])
    solved: Floats = np.linalg.lstsq(points, to_xy, rcond=None)[0].T.astype(np.float32)
    return solved


def box_crop(bgr: Image, place: Place) -> Image:
    """Return the box stretched to the crop, without alignment."""
    x1, y1, x2, y2 = place.box_xyxy
    corners = np.array([[x1, y1], [x2, y1], [x1, y2]], np.float32)
    goal = np.array([[0, 0], [CROP_PX, 0], [0, CROP_PX]], np.float32)
    return _warp(bgr, np.asarray(cv2.getAffineTransform(corners, goal), np.float32))


def similarity_crop(
    bgr: Image, place: Place, goal_xy: Floats = TEMPLATE_XY, points: Sequence[int] = _ALL, interpolation: int = cv2.INTER_LINEAR
) -> Image:
    """Return the crop of a similarity transform; by default the shipped crop."""
    return _warp(bgr, similarity_transform(place.landmarks_xy[points], goal_xy[points]), interpolation)


def affine_crop(bgr: Image, place: Place) -> Image:
    """Return the crop of an affine transform, which may stretch and shear the face."""
    return _warp(bgr, affine(place.landmarks_xy, TEMPLATE_XY))


def area_crop(bgr: Image, place: Place) -> Image:
    """Return the shipped crop with each pixel averaged over its area: warped at three times the size, then reduced."""
    matrix = similarity_transform(place.landmarks_xy, TEMPLATE_XY) * np.float32(_AREA_FACTOR)
    matrix[:, 2] += (_AREA_FACTOR - 1) / 2  # a pixel's center is at whole numbers
    side = CROP_PX * _AREA_FACTOR
    large = cv2.warpAffine(bgr, matrix, (side, side), flags=cv2.INTER_LINEAR)
    return _rgb(np.asarray(cv2.resize(large, (CROP_PX, CROP_PX), interpolation=cv2.INTER_AREA), np.uint8))


def equalized_crop(bgr: Image, place: Place) -> Image:
    """Return the shipped crop with its lightness equalized in tiles (CLAHE, clip limit 2, 4x4 tiles)."""
    lab = cv2.cvtColor(similarity_crop(bgr, place), cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(2.0, (4, 4)).apply(lab[..., 0])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)


def normalized_crop(bgr: Image, place: Place) -> Image:
    """Return the shipped crop normalized to a fixed mean and standard deviation."""
    crop = similarity_crop(bgr, place).astype(np.float32)
    even = (crop - crop.mean()) / max(float(crop.std()), 1.0) * _DEVIATION + _MEAN
    return np.asarray(np.clip(np.rint(even), 0, 255), np.uint8)


def mirrored_crop(crop: Crop, bgr: Image, place: Place) -> Image:
    """Return the mirror image of `crop`."""
    return np.ascontiguousarray(crop(bgr, place)[:, ::-1])


def _warp(bgr: Image, matrix: Floats, interpolation: int = cv2.INTER_LINEAR) -> Image:
    return _rgb(np.asarray(cv2.warpAffine(bgr, matrix, (CROP_PX, CROP_PX), flags=interpolation), np.uint8))


def _rgb(bgr: Image) -> Image:
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


_PLAIN: dict[str, Crop] = {
    "similarity": similarity_crop,
    "box": box_crop,
    "scale 0.90": partial(similarity_crop, goal_xy=template(0.90)),
    "scale 1.10": partial(similarity_crop, goal_xy=template(1.10)),
    "scale 0.95": partial(similarity_crop, goal_xy=template(0.95)),
    "scale 1.05": partial(similarity_crop, goal_xy=template(1.05)),
    "affine": affine_crop,
    "eyes and nose": partial(similarity_crop, points=_EYES_AND_NOSE),
    "shift +2": partial(similarity_crop, goal_xy=template(shift_xy=(2, 2))),
    "shift -2": partial(similarity_crop, goal_xy=template(shift_xy=(-2, -2))),
    "cubic": partial(similarity_crop, interpolation=cv2.INTER_CUBIC),
    "evenly lit": normalized_crop,
    "equalized": equalized_crop,
    "scale 1.15": partial(similarity_crop, goal_xy=template(1.15)),
    "area": area_crop,
}
MIRRORED = ", mirrored"
CROPS: Mapping[str, Crop] = {**_PLAIN, **{name + MIRRORED: partial(mirrored_crop, crop) for name, crop in _PLAIN.items()}}
"""All crops by name."""


class FaceCache:
    """Reads each image once, detects the face nearest to its center once, and embeds it in any crop of CROPS.

    `folder` caches places and embeddings by photo; delete it when detector, crops or networks change.
    """

    def __init__(self, images: Path, folder: Path) -> None:
        self._images, self._folder = images, folder
        self._read_images: dict[LfwPhoto, Image] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def places(self, photos: Iterable[LfwPhoto], progress: Callable[[int, int], None]) -> dict[LfwPhoto, Place | None]:
        """Return the place of each photo's face; None without a face."""
        detector = Mtcnn(DetectSettings())

        def found(part: Sequence[LfwPhoto]) -> Floats:
            return np.stack([_flat(_central(self._image(photo), detector.detect(self._image(photo)))) for photo in part])

        rows = self._cached("places", photos, found, progress)
        return {photo: None if np.isnan(row[0]) else Place(row[:4], row[4:].reshape(5, 2)) for photo, row in rows.items()}

    def embeddings(
        self, network: str, crop: str, places: Mapping[LfwPhoto, Place], progress: Callable[[int, int], None]
    ) -> dict[LfwPhoto, Floats]:
        """Return (128,) float32 of length 1 for each photo that has a place."""
        run, cut = FixedBatchNetwork(open_network(network, threads=1), [_BATCH]), CROPS[crop]

        def embedded(part: Sequence[LfwPhoto]) -> Floats:
            crops = np.stack([cut(self._image(photo), places[photo]) for photo in part])
            return run(crops.astype(np.float32) / np.float32(255))

        return self._cached(f"{network}, {crop}", places, embedded, progress)

    def _cached(
        self,
        name: str,
        photos: Iterable[LfwPhoto],
        compute: Callable[[Sequence[LfwPhoto]], Floats],
        progress: Callable[[int, int], None],
    ) -> dict[LfwPhoto, Floats]:
        """Return a row for each photo, cached or computed in batches."""
        path = self._folder / f"{name}.npz"
        known: dict[LfwPhoto, Floats] = {}
        if path.is_file():
            with np.load(path) as stored:
                rows = zip(stored["name"], stored["number"], stored["row"], strict=True)
                known = {LfwPhoto(str(name), int(number)): row for name, number, row in rows}
        requested = sorted(set(photos))
        missing = [photo for photo in requested if photo not in known]
        total = len(known) + len(missing)
        for part in _parts(missing):
            known |= dict(zip(part, compute(part), strict=True))
            progress(len(known), total)
        if missing:
            names, numbers = [photo.name for photo in known], [photo.number for photo in known]
            np.savez(path, name=np.array(names), number=np.array(numbers), row=np.stack(list(known.values())))
        return {photo: known[photo] for photo in requested}

    def _image(self, photo: LfwPhoto) -> Image:
        if photo not in self._read_images:
            self._read_images[photo] = read_image(photo.path(self._images))
        return self._read_images[photo]


def _parts(photos: Sequence[LfwPhoto]) -> Iterator[Sequence[LfwPhoto]]:
    return (photos[start : start + _BATCH] for start in range(0, len(photos), _BATCH))


def _central(bgr: Image, faces: Sequence[Face]) -> Face | None:
    """Return the face nearest to the image's center, as `facecam evaluate lfw` does."""
    x, y = bgr.shape[1] / 2, bgr.shape[0] / 2
    return min(faces, key=lambda face: np.hypot(face.box.x + face.box.w / 2 - x, face.box.y + face.box.h / 2 - y), default=None)


def _flat(face: Face | None) -> Floats:
    if face is None:
        return np.full(14, np.nan, np.float32)
    return np.concatenate([face.box.xyxy, face.landmarks_xy.ravel()]).astype(np.float32)
