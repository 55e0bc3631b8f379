"""Pictures to train on: faces aligned once into a memory-mapped array, averages of two, the teacher's targets, augmentation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from rich.progress import track
from safetensors.numpy import load_file, save

from facecam.detection.mtcnn import Mtcnn
from facecam.embedding.embedder import Embedder, align, similarity_transform
from facecam.embedding.nn4_small2 import EMBEDDING_SIZE, INPUT_SIZE_PX
from facecam.errors import TeachingError
from facecam.fileio import write_atomic
from facecam.imageio import IMAGE_SUFFIXES, read_image
from facecam.networks.embedding_networks import DEFAULT_NETWORK, embedding_network
from facecam.settings import DetectSettings, IdentifySettings
from facecam.types import Floats, Image

CROPS, ARRAYS = "crops.npy", "pictures.safetensors"
VALIDATION_SHARE, AVERAGES_PER_FACE, OTHERS = 1 / 26, 0.65, 16_384
_BORDER_PX = 24  # Around a stored crop, for rotated, smaller and shifted ones.


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Aligned pictures: `trained` faces and averages of two to train on, then faces to validate on.

    `crops_rgb` (n, 144, 144, 3) uint8 is memory-mapped: the student's crop and a border. `targets` (n, 128) float32 have length 1
    and keep the share `kept` of the squared length of the teacher's embeddings.
    """

    crops_rgb: Image
    targets: Floats
    kept: float
    trained: int

    def batch(self, step: int, size: int, seed: int) -> tuple[Floats, Floats, Floats]:
        """Return augmented crops (size, 96, 96, 3) in 0..1, their targets, and others to contrast. Seed and step decide all."""
        epoch, place = divmod(step, self.trained // size)
        order = np.random.default_rng((seed, 0, epoch)).permutation(self.trained)
        random = np.random.default_rng((seed, 1, step))
        rows = order[place * size : (place + 1) * size]
        crops = np.stack([augment(distort(self.crops_rgb[row], random), random) for row in rows])
        return crops, self.targets[rows], self.targets[random.integers(self.trained, size=min(OTHERS, self.trained))]

    def plain(self, rows: slice) -> Image:
        """Return the student's crops (n, 96, 96, 3) uint8 RGB of these rows, with the border replicated beyond the photo."""
        return np.asarray(self.crops_rgb[rows, _BORDER_PX:-_BORDER_PX, _BORDER_PX:-_BORDER_PX])


def distort(crop_rgb: Image, random: np.random.Generator) -> Image:
    """Return the middle (96, 96, 3) of a stored crop, rotated, scaled, shifted, mirrored, and now and then sheared."""
    (angle, scale, *shift), mirror = random.normal(0, (0.09, 0.05, 2.2, 2.2)), random.choice((-1, 1))
    shear, stretch = random.normal(0, 0.06, 2) * (random.random() < 0.1)
    turn = np.exp(scale) * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn = turn @ [[mirror * (1 + stretch), shear], [0, 1 - stretch]]
    center = (INPUT_SIZE_PX - 1) / 2
    matrix = np.column_stack([turn, shift - turn.sum(axis=1) * (center + _BORDER_PX) + center])
    image = cv2.warpAffine(crop_rgb, matrix, (INPUT_SIZE_PX, INPUT_SIZE_PX), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(image, np.uint8)


def augment(image: Image, random: np.random.Generator) -> Floats:
    """Return an RGB crop (n, n, 3) uint8 as float32 in 0..1 after random degradation, occlusion, color, shading and noise."""
    side = len(image)
    if random.random() < 0.25:
        small = cv2.resize(image, (int(random.integers(24, 72)),) * 2, interpolation=cv2.INTER_AREA)
        upscaling = int(random.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST)))
        image = np.asarray(cv2.resize(small, (side, side), interpolation=upscaling), np.uint8)
    if random.random() < 0.12:
        length = int(random.integers(3, 9))
        turn = cv2.getRotationMatrix2D(((length - 1) / 2,) * 2, random.uniform(0, 180), 1)
        line = cv2.warpAffine(np.eye(length, dtype=np.float32), turn, (length, length))
        image = np.asarray(cv2.filter2D(image, -1, line / line.sum(), borderType=cv2.BORDER_REPLICATE), np.uint8)
    if random.random() < 0.25:
        jpeg = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(18, 85))])[1]
        image = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR_RGB), np.uint8)
    if random.random() < 0.12:
        (x, y), (width, height) = random.integers(0, side, 2), random.integers(side // 8, side // 2, 2)
        image[y : y + height, x : x + width] = random.integers(0, 256, 3)
    rgb = image.astype(np.float32) / 255
    gray = (rgb @ (0.299, 0.587, 0.114))[:, :, None]
    rgb = gray + (random.random() >= 0.08) * random.uniform(0.5, 1.4) * (rgb - gray)
    rgb = rgb.mean() + random.uniform(0.6, 1.35) * (rgb - rgb.mean()) + random.uniform(-0.2, 0.2) + random.uniform(-0.06, 0.06, 3)
    rgb = np.clip(rgb, 0, 1).astype(np.float32) ** np.float32(random.uniform(0.6, 1.6))
    if random.random() < 0.3:
        (slope_x, slope_y), ramp = random.uniform(-0.5, 0.5, 2), np.linspace(-1, 1, side)
        rgb *= (1 + slope_y * ramp[:, None] + slope_x * ramp)[:, :, None]
    if random.random() < 0.25:
        rgb += random.normal(0, random.uniform(0, 0.05), rgb.shape)
    return np.asarray(np.clip(rgb, 0, 1), np.float32)


def open_pictures(folder: Path, data: Path, teacher: str, limit: int, seed: int) -> Pictures:
    """Return the pictures in `folder`, prepared from the photos in `data` if needed. TeachingError without enough faces."""
    if not (folder / ARRAYS).exists():  # It is written last.
        _prepare(folder, data, Embedder(IdentifySettings(network=teacher)), limit, np.random.default_rng(seed))
    arrays, crops = load_file(folder / ARRAYS), np.load(folder / CROPS, mmap_mode="r")
    return Pictures(crops, arrays["targets"], float(arrays["kept"]), int(arrays["trained"]))


def _prepare(folder: Path, data: Path, teacher: Embedder, limit: int, random: np.random.Generator) -> None:
    paths = sorted(path for path in data.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES)
    paths, detector = [paths[number] for number in random.permutation(len(paths))[:limit]], Mtcnn(DetectSettings())
    detected = ((path, detector.detect(read_image(path))) for path in track(paths, "detecting faces"))
    found = [(path, faces[0].landmarks_xy) for path, faces in detected if faces]
    count = len(found) - round(len(found) * VALIDATION_SHARE)
    if count < EMBEDDING_SIZE:
        raise TeachingError(f"{data}: {len(found)} of {len(paths)} photos show a face, too few to train on; name another folder")
    mixes = [[(face, 1, 1.0)] for face in range(count)]  # Face, direction of columns, weight.
    for first, second in random.integers(count, size=(int(count * AVERAGES_PER_FACE), 2)):
        weight, directions = random.uniform(0.38, 0.62), random.choice((-1, 1), 2)
        mixes.append([(first, directions[0], weight), (second, directions[1], 1 - weight)])
    trained, student = len(mixes), embedding_network(DEFAULT_NETWORK).alignment
    mixes += [[(face, 1, 1.0)] for face in range(count, len(found))]
    side, embeddings = student.size_px + 2 * _BORDER_PX, np.empty((len(mixes), teacher.network.length), np.float32)
    crops = np.lib.format.open_memmap(folder / CROPS, "w+", np.uint8, (len(mixes), side, side, 3))
    for row, mix in enumerate(track(mixes, f"embedding by {teacher.network.label}")):
        crop, teacher_crop = np.zeros(crops.shape[1:]), np.zeros((teacher.network.alignment.size_px,) * 2 + (3,))
        for face, direction, weight in mix:
            bgr, landmarks_xy = read_image(found[face][0]), found[face][1]
            matrix = similarity_transform(landmarks_xy, student.template_xy + np.float32(_BORDER_PX))
            image = cv2.warpAffine(bgr, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
            crop += weight * image[:, ::direction, ::-1]
            teacher_crop += weight * align(bgr, landmarks_xy, teacher.network.alignment)[:, ::direction]
        crops[row], embeddings[row] = crop, teacher.embed([np.asarray(teacher_crop, np.uint8)])[0]
    _, axes = np.linalg.eigh(embeddings[:trained].T.astype(np.float64) @ embeddings[:trained])
    targets = embeddings @ axes[:, -EMBEDDING_SIZE:]
    lengths = np.linalg.norm(targets, axis=1, keepdims=True)
    arrays = {"targets": (targets / lengths).astype(np.float32), "trained": np.array(trained)}
    write_atomic(folder / ARRAYS, save({**arrays, "kept": np.array(np.mean(lengths[:trained] ** 2))}))
