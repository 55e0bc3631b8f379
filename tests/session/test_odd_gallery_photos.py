"""Photos that cannot be read, added to the gallery of a running session."""

from __future__ import annotations

import shutil
from pathlib import Path

from facecam.gallery.gallery import folder_fingerprint
from facecam.session.gallery_monitor import GalleryMonitor, LoadedGallery
from facecam.settings import Settings
from tests.image_samples import odd_photos
from tests.session.conftest import wait_for


def test_the_gallery_is_read_with_odd_photos_and_after_them(portraits: dict[str, Path], tmp_path: Path) -> None:
    delivered: list[LoadedGallery] = []
    (tmp_path / "Ada").mkdir()
    monitor = GalleryMonitor(tmp_path, Settings(), folder_fingerprint(tmp_path), delivered.append)
    monitor.start()
    try:
        for name, data in odd_photos().items():
            (tmp_path / "Ada" / name).write_bytes(data)
        wait_for(lambda: delivered and len(delivered[-1].gallery.problems) == len(odd_photos()))
        (tmp_path / "Eileen").mkdir()
        shutil.copy(portraits["eileen_collins"], tmp_path / "Eileen")
        wait_for(lambda: delivered[-1].gallery is not None and delivered[-1].gallery.samples)
    finally:
        monitor.close()

    gallery = delivered[-1].gallery
    assert gallery is not None
    assert [sample.name for sample in gallery.samples] == ["Eileen"]
    unreadable = {problem.path.name for problem in gallery.problems if problem.reason == "unreadable"}
    assert unreadable == odd_photos().keys() - {"wide.jpg"}
