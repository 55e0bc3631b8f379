"""Look into a built wheel and sdist: the models are in, and no pictures but the demo's.

Usage: python scripts/check_archives.py FOLDER
"""

from __future__ import annotations

import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path, PurePosixPath

PICTURES = {".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".heic", ".mp4", ".mkv", ".mov", ".avi"}
MANIFEST = Path(__file__).parents[1] / "models" / "MANIFEST.toml"


def models() -> set[str]:
    """The manifest and every file that it lists."""
    return {"MANIFEST.toml", *(model["file"] for model in tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["model"])}


def faults(names: list[str], models_folder: str) -> list[str]:
    """What is wrong with an archive of these files; `models_folder` is where its weights belong."""
    found = [f"{models_folder}/{file} is missing" for file in sorted(models()) if f"{models_folder}/{file}" not in names]
    for name in names:
        path = PurePosixPath(name)
        if path.suffix.lower() in PICTURES and path.parent != PurePosixPath("facecam/_demo"):
            found.append(f"{name} is a picture outside facecam/_demo")
        if path.parts[0] == "gallery" and name != "gallery/README.md":
            found.append(f"{name} is in the gallery's folder")
    if not any(name.startswith("facecam/_demo/") for name in names):
        found.append("facecam/_demo is missing")
    return found


def main(folder: Path) -> int:
    """Print what both archives hold and what is wrong with them; 1 when anything is."""
    wheel = next(folder.glob("*.whl"))
    sdist = next(folder.glob("*.tar.gz"))
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = archive.namelist()
    with tarfile.open(sdist) as archive:
        in_sdist = [member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()]
    wrong = []
    for path, names, models_folder in ((wheel, in_wheel, "facecam/_models"), (sdist, in_sdist, "models")):
        print(f"{path.name}: {len(names)} files, {path.stat().st_size / 1e6:.1f} MB")
        print("\n".join(f"    {name}" for name in sorted(names)))
        wrong += [f"{path.name}: {fault}" for fault in faults(names, models_folder)]
    print("\n".join(wrong) if wrong else "models are in, people's photos are out")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
