"""All training recipes: `python -m benchmarks.recipes`. Digits with the fixed split, and five objects with different alterations.

FACECAM_TEST_DATA names the folder that holds data/objects. Generated images are deleted afterward.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from facecam.imageio import read_image, write_image
from facecam.training.dataset import Dataset, load_dataset
from facecam.training.recipes import BASE_PX, IMAGE_PX, find_recipe
from facecam.training.trainer import TrainingOptions, TrainingResult, train
from facecam.types import Image

DIGITS = {"neuron": 0.94, "dense": None, "mlp": 0.97, "cnn": 0.98}
OBJECTS = ("n02965783", "n03249569", "n04154565", "n07745940", "n03197337")
"""A car mirror, a drum, a screwdriver, a strawberry, a digital watch."""


def write_five_objects(source: Path, target: Path, train_count: int, test_count: int) -> None:
    """Write target/train/LABEL and target/test/LABEL: altered images of each of five photos."""
    random = np.random.default_rng(11)
    for wnid in OBJECTS:
        (photo,) = source.glob(f"{wnid}_*.JPEG")
        for part, count in (("train", train_count), ("test", test_count)):
            folder = target / part / photo.stem.partition("_")[2]
            folder.mkdir(parents=True)
            for number in range(count):
                image = alter(read_image(photo), random, test=part == "test")
                write_image(folder / f"{number:03}.jpg", image)


def alter(image: Image, random: np.random.Generator, *, test: bool) -> Image:
    """Alter the image; test images differ from training images in kind.

    Training: rotation up to 12 degrees, scale 0.9 to 1.3, brightness. Test: rotation of 12 to 25 degrees, scale 1.3 to 1.6, color
    balance, blur, mirrored half of the time.
    """
    height, width = image.shape[:2]
    angle = random.choice([-1, 1]) * random.uniform(12, 25) if test else random.uniform(-12, 12)
    scale = random.uniform(1.3, 1.6) if test else random.uniform(0.9, 1.3)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(angle), float(scale))
    matrix[:, 2] += random.uniform(-0.08, 0.08, 2) * (width, height)
    found = cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
    if not test:
        return np.asarray(cv2.convertScaleAbs(found, alpha=float(random.uniform(0.75, 1.25))), np.uint8)
    tinted = np.clip(found * random.uniform(0.75, 1.2, 3), 0, 255).astype(np.uint8)
    blurred = cv2.GaussianBlur(tinted, (0, 0), float(random.uniform(0.5, 2.0)))
    return np.asarray(blurred[:, ::-1] if random.random() < 0.5 else blurred, np.uint8)


def run(name: str, dataset: Dataset, required: float | None) -> TrainingResult:
    """Train, and print a row of the table."""
    started = time.perf_counter()
    found = train(dataset, find_recipe(name), TrainingOptions(), lambda epoch: None)
    seconds = time.perf_counter() - started
    requirement = "" if required is None else f"{required:.2f}"
    figures = f"{found.test_accuracy:9.4f} {found.test_loss:9.4f} {requirement:>8} {len(found.history):7} {seconds:8.1f}"
    print(f"{dataset.name:12} {name:9} {figures}", flush=True)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learned", type=int, default=20, help="training images of each object")
    parser.add_argument("--tested", type=int, default=20, help="test images of each object")
    parser.add_argument("--only", nargs="*", default=[*DIGITS, "things"], help="recipes on digits, and `things`")
    args = parser.parse_args()
    print(f"{'data':12} {'recipe':9} {'accuracy':>9} {'loss':>9} {'required':>8} {'epochs':>7} {'seconds':>8}")
    digits = load_dataset("digits", IMAGE_PX, lambda done, total: None)
    for name, least in DIGITS.items():
        if name in args.only:
            run(name, digits, least)
    if "things" not in args.only:
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "five objects"
        write_five_objects(Path(os.environ["FACECAM_TEST_DATA"]) / "data" / "objects", folder, args.learned, args.tested)
        for name in ("cnn", "transfer", "finetune"):
            size = BASE_PX if find_recipe(name).has_base else IMAGE_PX
            run(name, load_dataset(str(folder), size, lambda done, total: None), None)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
