"""Check that a built wheel and sdist contain the models, that the wheel is small, and that all images are those of the demo.

Usage: python scripts/check_archives.py FOLDER
"""

from __future__ import annotations

import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path, PurePosixPath

IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".heic", ".mp4", ".mkv", ".mov", ".avi"}
MAX_WHEEL_MB = 100.0
WHEEL_MODELS = "facecam/_models"
MANIFEST = Path(__file__).parents[1] / "models" / "MANIFEST.toml"


def model_files(*, packaged_only: bool = False) -> set[str]:
    """Return the manifest and every file that it lists, with `packaged_only` those that a wheel contains."""
    tables = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))
    listed = [*tables["model"], *tables["compiled"]]
    return {"MANIFEST.toml", *(found["file"] for found in listed if found.get("packaged", True) or not packaged_only)}


def find_faults(names: list[str], models_folder: str) -> list[str]:
    """Return the faults of an archive with these files. `models_folder` is the folder of its models."""
    expected = model_files(packaged_only=models_folder == WHEEL_MODELS)
    faults = [f"{models_folder}/{file} is missing" for file in sorted(expected) if f"{models_folder}/{file}" not in names]
    unexpected = sorted(file for file in model_files() - expected if f"{models_folder}/{file}" in names)
    faults += [f"{models_folder}/{file} belongs to the source tree only" for file in unexpected]
    for name in names:
        path = PurePosixPath(name)
        if path.suffix.lower() in IMAGE_SUFFIXES and path.parent != PurePosixPath("facecam/_demo"):
            faults.append(f"{name} is an image outside facecam/_demo")
        if path.parts[0] == "gallery" and name != "gallery/README.md":
            faults.append(f"{name} is in the gallery")
    if not any(name.startswith("facecam/_demo/") for name in names):
        faults.append("facecam/_demo is missing")
    if models_folder == WHEEL_MODELS and "facecam/_docs/guides/window.md" not in names:
        faults.append("facecam/_docs is missing")
    return faults


def main(folder: Path) -> int:
    """Print the files and faults of both archives. Returns 1 if there are faults."""
    wheel = next(folder.glob("*.whl"))
    sdist = next(folder.glob("*.tar.gz"))
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = archive.namelist()
    with tarfile.open(sdist) as archive:
        in_sdist = [member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()]
    faults = []
    for path, names, models_folder in ((wheel, in_wheel, WHEEL_MODELS), (sdist, in_sdist, "models")):
        print(f"{path.name}: {len(names)} files, {path.stat().st_size / 1e6:.1f} MB")
        print("\n".join(f"    {name}" for name in sorted(names)))
        faults += [f"{path.name}: {fault}" for fault in find_faults(names, models_folder)]
    if wheel.stat().st_size >= MAX_WHEEL_MB * 1e6:
        faults.append(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, expected less than {MAX_WHEEL_MB:g} MB")
    print("\n".join(faults) if faults else "the archives contain the models and no photos of people")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
