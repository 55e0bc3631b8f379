"""`facecam gallery`, with the real networks."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import cv2
import pytest

from facecam.imageio import read_image
from tests.cli.conftest import Command


def encode(path: Path, bgr, quality: int = 70) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())
    return path


def photos(root: Path) -> dict[str, bytes]:
    """Return the content of every photo below a folder, hidden ones included, by path."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.jpg")}


@pytest.fixture
def damaged(gallery: Path, portraits: dict[str, Path]) -> Path:
    """Eileen Collins with a duplicate, a tiny photo and a photo of a cup; Grace Hopper, named in another script."""
    portrait = read_image(portraits["eileen_collins"])
    encode(gallery / "Eileen Collins" / "again.jpg", portrait)
    encode(gallery / "Eileen Collins" / "tiny.jpg", cv2.resize(portrait, (20, 20)))
    shutil.copy(portraits["coffee"], gallery / "Eileen Collins" / "cup.jpg")
    (gallery / "グレース").mkdir()
    shutil.copy(portraits["grace_hopper"], gallery / "グレース")
    return gallery


def test_a_good_gallery_has_no_findings(facecam: Command, gallery: Path) -> None:
    done = facecam("gallery", "doctor")

    assert done.returncode == 0, done.stderr
    assert "photos identified wrongly by the others" in done.stdout


def test_an_empty_gallery_has_no_findings(facecam: Command) -> None:
    for command in ("doctor", "verify"):
        done = facecam("gallery", command, "--gallery", "empty")

        assert done.returncode == 0
        assert "no one is enrolled in empty" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for the size of files")
def test_an_export_without_space_says_so_and_leaves_nothing(gallery: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    export = f"ulimit -f 1; exec '{sys.executable}' -m facecam gallery export out.zip"

    done = subprocess.run(["sh", "-c", export], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    expected = "facecam: the gallery cannot be exported to out.zip: File too large; free space or choose another place\n"
    assert done.stderr.endswith(expected)
    assert not list(tmp_path.glob("*out.zip*"))


def test_a_file_as_the_gallery_is_one_error(facecam: Command, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")

    done = facecam("people", "list", "--gallery", "file")

    assert done.returncode == 1
    assert done.stderr == "facecam: the gallery file cannot be read: Not a directory; choose another with --gallery\n"
    assert not caplog.text


def test_each_finding_is_a_line_and_no_photo_is_moved(facecam: Command, damaged: Path) -> None:
    before = photos(damaged)

    done = facecam("gallery", "doctor")

    assert done.returncode == 3, done.stderr
    assert [line.split(":")[0].split(maxsplit=1) for line in done.stdout.splitlines()[:3]] == [
        ["duplicate", "Eileen Collins/again.jpg"],
        ["no_face", "Eileen Collins/cup.jpg"],
        ["too_small", "Eileen Collins/tiny.jpg"],
    ]
    assert photos(damaged) == before


@pytest.mark.parametrize(
    "command",
    [
        "people list",
        "gallery verify",
        "gallery doctor",
        "identify photo.jpg",
        "calibrate",
        "run --no-window --no-log --source photo.jpg",
    ],
)
def test_a_command_that_looks_at_a_photo_library_writes_into_no_folder_of_it(
    facecam: Command, portraits: dict[str, Path], tmp_path: Path, command: str
) -> None:
    library = tmp_path / "library"
    for folder, portrait in {"2020": "eileen_collins", "2021/May": "grace_hopper"}.items():
        (library / folder).mkdir(parents=True)
        shutil.copy(portraits[portrait], library / folder)
    shutil.copy(portraits["grace_hopper"], tmp_path / "photo.jpg")
    before = [path for path in sorted(library.rglob("*")) if ".cache" not in path.parts]

    done = facecam(*command.split(), "--gallery", "library")

    assert done.returncode in (0, 3), done.stderr
    assert [path for path in sorted(library.rglob("*")) if ".cache" not in path.parts] == before


def test_fix_removes_the_findings_and_undo_restores_the_photos(facecam: Command, damaged: Path) -> None:
    before = photos(damaged)

    fixed = facecam("gallery", "doctor", "--fix", "--json", "-")
    again = facecam("gallery", "doctor")
    listed = json.loads(facecam("people", "list", "--json", "-").stdout)
    undone = facecam("gallery", "doctor", "--undo")

    assert (fixed.returncode, again.returncode, undone.returncode) == (3, 0, 0), fixed.stderr
    report = json.loads(fixed.stdout)
    assert {finding["reason"] for finding in report["findings"]} == {"duplicate", "no_face", "too_small"}
    assert report["set"].startswith("0001-")
    assert {person["name"]: person["photos"] for person in listed["people"]} == {"Eileen Collins": 1, "グレース": 1}
    assert len(undone.stdout.splitlines()) == 3
    assert photos(damaged) == before


def test_undo_without_quarantined_photos_is_an_error(facecam: Command, gallery: Path) -> None:
    done = facecam("gallery", "doctor", "--undo")

    assert done.returncode == 1
    announced, error = done.stderr.splitlines()
    assert announced == f"using the gallery in the working folder, {gallery}; choose another with --gallery"
    assert error == "facecam: no photo is quarantined in gallery"


def test_fix_and_undo_cannot_be_combined(facecam: Command, gallery: Path) -> None:
    assert facecam("gallery", "doctor", "--fix", "--undo").returncode == 2


def test_removing_a_person_also_removes_quarantined_photos(facecam: Command, damaged: Path) -> None:
    facecam("gallery", "doctor", "--fix")

    removed = facecam("people", "remove", "Eileen Collins", "--yes")

    assert "3 quarantined photos" in removed.stdout
    assert set(photos(damaged)) == {"グレース/grace_hopper.jpg"}


def test_verify_reports_only_faults(facecam: Command, damaged: Path) -> None:
    facecam("people", "list")

    done = facecam("gallery", "verify", "--json", "-")

    assert done.returncode == 3, done.stderr
    assert {(Path(fault["path"]).name, fault["reason"]) for fault in json.loads(done.stdout)} == {
        ("cup.jpg", "no_face"),
        ("tiny.jpg", "no_face"),
    }
    assert "5 of them in the cache: 2 faults" in done.stderr


def test_an_exported_gallery_can_be_imported(facecam: Command, gallery: Path, tmp_path: Path) -> None:
    facecam("people", "list")

    exported = facecam("gallery", "export", "people.zip")
    imported = facecam("gallery", "import", "people.zip", "--gallery", "there")
    back = facecam("gallery", "export", "back.zip", "--gallery", "there")

    assert (exported.returncode, imported.returncode, back.returncode) == (0, 0, 0), imported.stderr
    assert exported.stdout == "1 person, 1 photo in people.zip\n"
    assert (tmp_path / "back.zip").read_bytes() == (tmp_path / "people.zip").read_bytes()


def test_import_adds_people_from_folders_and_refuses_other_images(
    facecam: Command, portraits: dict[str, Path], tmp_path: Path
) -> None:
    for name, portrait in (("Eileen", "eileen_collins"), ("Eileen", "cat"), ("Grace", "grace_hopper")):
        (tmp_path / "from" / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(portraits[portrait], tmp_path / "from" / name)

    done, again = (facecam("gallery", "import", "from", "--gallery", "there") for _ in range(2))

    assert (done.returncode, again.returncode) == (3, 3)
    assert done.stdout.splitlines() == ["Eileen: cat.jpg: refused: no face found (no_face)"]
    assert done.stderr.splitlines()[-1] == "2 people, 2 photos added, 0 already in the gallery, 1 refused"
    assert "2 people, no photos added, 2 already in the gallery, 1 refused" in again.stderr


def test_import_names_what_it_leaves_out(facecam: Command, portraits: dict[str, Path], tmp_path: Path) -> None:
    photo = portraits["grace_hopper"].read_bytes()
    with zipfile.ZipFile(tmp_path / "from.zip", "w") as package:
        for name in ("Grace/2020/1.jpg", "Grace/@eaDir/1.jpg", "../2.jpg", "Grace/notes.txt", "3.jpg"):
            package.writestr(name, photo)

    done = facecam("gallery", "import", "from.zip", "--gallery", "there", "--json", "import.json")

    assert done.returncode == 3, done.stderr
    assert done.stdout.splitlines() == [
        "../2.jpg: left out: points outside of the ZIP file",
        "3.jpg: left out: is outside a person's folder",
        "Grace/notes.txt: left out: is not an image",
    ]
    assert "1 person, 1 photo added, 0 already in the gallery, 2 refused" in done.stderr
    rows = json.loads((tmp_path / "import.json").read_text(encoding="utf-8"))
    assert [(row["photo"], row["name"], row["reason"]) for row in rows] == [
        (str(Path("Grace/2020/1.jpg")), "Grace", "ok"),
        ("../2.jpg", "", "outside"),
        ("3.jpg", "", "no_person"),
        ("Grace/notes.txt", "", "not_an_image"),
    ]


@pytest.mark.skipif(os.name == "nt", reason="needs SIGINT")
def test_an_interrupted_import_ends_its_json(
    portraits: dict[str, Path], environment: dict[str, str], tmp_path: Path, facecam: Command
) -> None:
    for number in range(300):
        (tmp_path / "from" / f"{number:03}").mkdir(parents=True)
        shutil.copy(portraits["grace_hopper" if number else "eileen_collins"], tmp_path / "from" / f"{number:03}" / "1.jpg")
    command = [sys.executable, "-m", "facecam", "gallery", "import", "from", "--gallery", "there", "--json", "-"]

    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        deadline_s = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline_s and not list((tmp_path / "there").glob("001/person.toml")):
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=60)[0]

    assert process.returncode != 0
    rows = json.loads(output)
    assert 0 < len(rows) < 300
    assert rows[0]["reason"] == "ok"


def test_the_gallery_is_not_imported_into_itself(facecam: Command, gallery: Path) -> None:
    done = facecam("gallery", "import", "gallery")

    assert done.returncode == 1
    assert "is the gallery itself" in done.stderr


@pytest.fixture
def two_faces(portraits: dict[str, Path], tmp_path: Path) -> Path:
    """A folder for Grace with a photo of her and Eileen Collins."""
    grace, eileen = (read_image(portraits[name]) for name in ("grace_hopper", "eileen_collins"))
    height = min(len(grace), len(eileen))
    portraits_bgr = [cv2.resize(bgr, (round(bgr.shape[1] * height / len(bgr)), height)) for bgr in (grace, eileen)]
    encode(tmp_path / "from" / "Grace" / "both.jpg", cv2.hconcat(portraits_bgr), 95)
    return tmp_path / "from"


def test_without_a_terminal_an_image_with_several_faces_is_refused(facecam: Command, two_faces: Path) -> None:
    done = facecam("gallery", "import", two_faces, "--gallery", "there")

    assert done.returncode == 3
    assert "several_faces" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_on_a_terminal_the_user_chooses_the_face(two_faces: Path, environment: dict[str, str], tmp_path: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "facecam", "gallery", "import", "from", "--gallery", "there"]
    os.write(ours, b"9\n2\n")

    done = subprocess.run(
        command, cwd=tmp_path, env=environment, stdin=theirs, capture_output=True, text=True, timeout=120, check=False
    )
    os.close(ours)
    os.close(theirs)

    assert done.returncode == 0, done.stderr
    assert "shows 2 faces, the largest first:" in done.stderr
    assert done.stderr.count("Which one is Grace?") == 2
    assert "1 person, 1 photo added" in done.stderr
