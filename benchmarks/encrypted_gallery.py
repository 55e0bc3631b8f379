"""Time to unlock an encrypted gallery, and to load 1000 photos from a plain and from an encrypted one.

    python benchmarks/encrypted_gallery.py

The photos are 100 people with 10 JPEG files of about 30 KB each; a stand-in for the networks gives each one an embedding, so that
the figures are those of files, keys and caches. Medians of 20.
"""

from __future__ import annotations

import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from facecam.gallery import encryption
from facecam.gallery.conversion import decrypt_gallery, encrypt_gallery
from facecam.gallery.files import unlock_gallery
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import read_people
from facecam.gallery.service import GalleryService
from facecam.types import Box, Face, FaceObservation, Image, Quality

PASSPHRASE = "correct horse battery staple"  # noqa: S105 - of a gallery made here
PEOPLE, PHOTOS = 100, 10


class RandomAnalyzer:
    """Analyzer that finds one face in each image, with a random embedding."""

    embedding_id = "random"

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)

    def analyze(self, bgr: Image) -> tuple[FaceObservation, ...]:  # noqa: ARG002 - an analyzer's signature
        embedding = self._random.standard_normal(128).astype(np.float32)
        face = Face(Box(10, 10, 80, 80), 0.99, np.full((5, 2), 50, np.float32))
        quality = Quality(yaw_deg=0, pitch_deg=0, roll_deg=0, sharpness=100, brightness=128)
        return (FaceObservation(face, quality, None, embedding / np.linalg.norm(embedding)),)


def make_gallery(root: Path) -> None:
    """Make the people from random images."""
    random = np.random.default_rng(1)
    for person in range(PEOPLE):
        images = [cv2.resize(random.integers(0, 256, (60, 60, 3), np.uint8), (320, 320)) for _ in range(PHOTOS)]
        jpegs = [cv2.imencode(".jpg", image)[1].tobytes() for image in images]
        GalleryService(root).add_photos(f"Person {person}", jpegs, "agreed")


def medians(action: Callable[[], object], count: int, prepare: Callable[[], object] = lambda: None) -> str:
    """Return the median time of an action, and the median time that it used the processor: other programs do not count."""
    times, used = [], []
    for _ in range(count):
        prepare()
        start_s, start_used_s = time.perf_counter(), time.process_time()
        action()
        times.append(time.perf_counter() - start_s)
        used.append(time.process_time() - start_used_s)
    return f"{statistics.median(times) * 1e3:.0f} ms, of the processor {statistics.median(used) * 1e3:.0f} ms"


def peak_mb() -> float:
    """Return the peak memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FACECAM_CACHE"] = str(Path(folder) / "cache")
        os.environ["XDG_DATA_HOME"] = str(Path(folder) / "data")
        root, analyzer = Path(folder) / "gallery", RandomAnalyzer()
        make_gallery(root)

        def load() -> None:
            Gallery.load(root, analyzer)

        load()
        time.sleep(2.5)  # photos hashed sooner after a change are hashed again
        load()
        print(f"plain: load with a warm cache {medians(load, 20)}")
        print(f"plain: read the people {medians(lambda: read_people(root), 20)}")
        before_mb = peak_mb()
        print(f"encrypt {PEOPLE * PHOTOS} photos {medians(lambda: encrypt_gallery(root, PASSPHRASE), 1)}")
        print(f"unlock {medians(lambda: unlock_gallery(root, PASSPHRASE), 20, encryption.forget_keys)}")
        print(f"peak memory {peak_mb() - before_mb:.0f} MB more")
        time.sleep(2.5)
        print(f"encrypted: first load {medians(load, 1)}")
        print(f"encrypted: load with a warm cache {medians(load, 20)}")
        print(f"encrypted: read the people {medians(lambda: read_people(root), 20)}")
        print(f"decrypt {PEOPLE * PHOTOS} photos {medians(lambda: decrypt_gallery(root), 1)}")


if __name__ == "__main__":
    main()
