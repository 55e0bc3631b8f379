"""A home folder in which facecam has stored everything that it can store about two people, made with real commands."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2

from facecam.gallery.service import GalleryService
from tests.cli.conftest import run_in

DEMO = Path(__file__).parents[2] / "facecam" / "_demo"
NAME, OTHER = "Zoë Collins", "Grace Hopper"
LOGS, GALLERY = Path("data/facecam/logs"), Path("data/facecam/gallery")


def make_home(home: Path) -> None:
    """Enroll two people, recognize them in photos, and store rejected faces, a quarantined photo, an export and notifications."""
    photos = home / "photos"
    photos.mkdir(parents=True)
    for name in ("eileen_collins", "grace_hopper"):
        shutil.copy(DEMO / f"{name}.jpg", photos / f"{name.split('_')[0]}.jpg")
    image = cv2.imread(str(DEMO / "eileen_collins.jpg"))
    cv2.imwrite(str(photos / "mirrored.jpg"), image[:, ::-1])
    cv2.imwrite(str(home / "brighter.jpg"), cv2.convertScaleAbs(image, alpha=1.1, beta=10))
    for name, files in ((NAME, ("eileen.jpg", "mirrored.jpg")), (OTHER, ("grace.jpg",))):
        _call(home, "enroll", name, *(photos / file for file in files), "--consent", f"{name} agreed")
    zoe, service = home / GALLERY / NAME, GalleryService((home / GALLERY).absolute())
    (zoe / "old photo.jpg").write_bytes((photos / "eileen.jpg").read_bytes() + b" ")
    service.quarantine([zoe / "old photo.jpg"])
    service.reject_face(OTHER, [(home / "brighter.jpg").read_bytes()])
    service.reject_face(NAME, [(photos / "grace.jpg").read_bytes()])
    _call(home, "run", "--no-window", "--source", photos, "--label", f"participant={NAME}", "--label", "site=Oslo")
    _call(home, "log", "export", LOGS, "-o", LOGS / "all.parquet")
    person_id = service.person(NAME).person_id
    other_id = service.person(OTHER).person_id
    ini = home / ".config" / "facecam" / "window.ini"
    ini.parent.mkdir(parents=True)
    ini.write_text(f"[notify]\npeople={other_id} {person_id}\nstrangers=true\n", encoding="utf-8")


def _call(home: Path, *arguments: str | Path) -> None:
    done = run_in(home, *arguments)
    assert done.returncode == 0, done.stderr
