"""Who can read and change what is stored: what is found, and how it is narrowed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from facecam.diagnostics.machine import Finding, Verdict
from facecam.diagnostics.privacy import check_permissions
from facecam.privacy.permissions import Exposure, Readers, check_access, narrow_permissions
from facecam.privacy.places import PlaceKind, StoredPlace

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")

needs_root = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give files to another user")


@pytest.fixture
def place(open_folder: Path) -> StoredPlace:
    """A gallery with one photo, private, in folders that everyone can enter."""
    gallery = open_folder / "gallery"
    (gallery / "Ada").mkdir(parents=True)
    (gallery / "Ada" / "1.jpg").touch(0o600)
    gallery.chmod(0o700)
    (gallery / "Ada").chmod(0o700)
    return StoredPlace(PlaceKind.GALLERY, gallery, "photos")


def findings(place: StoredPlace) -> list[Finding]:
    return [finding for finding in check_permissions([place]) if finding.verdict is Verdict.WARNING]


def test_a_private_place_has_no_finding(place: StoredPlace) -> None:
    access = check_access(place)

    assert access is not None
    assert (access.readers, access.exposed) == (Readers.USER, ())
    assert findings(place) == []


def test_a_readable_file_behind_a_private_folder_cannot_be_read_by_others(place: StoredPlace) -> None:
    (place.path / "Ada" / "1.jpg").chmod(0o666)

    assert findings(place) == []


def test_a_gallery_that_everyone_can_read_is_a_warning_with_the_command(place: StoredPlace) -> None:
    place.path.chmod(0o755)

    (finding,) = findings(place)

    assert finding.found == f"gallery: {place.path}: can be read by everyone"
    assert finding.advice == "Run facecam privacy --fix"


def test_files_that_others_can_change_are_a_warning(place: StoredPlace) -> None:
    place.path.chmod(0o711)
    (place.path / "Ada").chmod(0o733)
    (place.path / "Ada" / "1.jpg").chmod(0o622)

    (finding,) = findings(place)

    assert finding.found == f"gallery: {place.path / 'Ada'} and 1 more: can be changed by everyone"


@needs_root
def test_a_file_of_another_user_is_a_warning_with_its_owner(place: StoredPlace) -> None:
    os.chown(place.path / "Ada" / "1.jpg", 65534, 65534)

    (finding,) = findings(place)

    assert finding.found.endswith("1.jpg: owned by nobody")
    assert f"sudo chown -R $USER {place.path}" in finding.advice


def test_a_folder_above_in_which_others_can_replace_the_gallery_is_a_warning(place: StoredPlace) -> None:
    place.path.parent.chmod(0o777)

    (finding,) = findings(place)

    assert finding.found == f"others can replace what is in {place.path.parent}, where facecam stores something"
    assert finding.advice.startswith(f"Run chmod o-w {place.path.parent}")


def test_a_gallery_that_is_writable_for_the_group_is_shared_on_purpose(place: StoredPlace) -> None:
    place.path.chmod(0o770)
    (place.path / "Ada").chmod(0o770)
    (place.path / "Ada" / "1.jpg").chmod(0o660)

    (finding,) = check_permissions([place])

    assert finding.verdict is Verdict.OK
    assert f"{place.path} is shared with the group" in finding.found


def test_the_repair_takes_what_others_have_and_leaves_the_group_of_a_shared_gallery(place: StoredPlace) -> None:
    for path, mode in ((place.path, 0o777), (place.path / "Ada", 0o775), (place.path / "Ada" / "1.jpg", 0o664)):
        path.chmod(mode)

    changed, left = narrow_permissions([place])

    modes = [path.stat().st_mode & 0o777 for path in (place.path, place.path / "Ada", place.path / "Ada" / "1.jpg")]
    assert modes == [0o770, 0o770, 0o660]
    assert (len(changed), left) == (3, [])


def test_the_repair_follows_no_link(place: StoredPlace, tmp_path: Path) -> None:
    (tmp_path / "outside").touch()
    (tmp_path / "outside").chmod(0o644)
    (place.path / "Ada" / "2.jpg").symlink_to(tmp_path / "outside")
    place.path.chmod(0o755)
    (place.path / "Ada").chmod(0o755)

    narrow_permissions([place])

    assert (tmp_path / "outside").stat().st_mode & 0o777 == 0o644


@needs_root
def test_the_repair_names_what_belongs_to_another_user(place: StoredPlace) -> None:
    os.chown(place.path / "Ada" / "1.jpg", 65534, 65534)

    _, left = narrow_permissions([place])

    assert [(each.path.name, each.exposure) for each in left] == [("1.jpg", Exposure.OWNED)]


def test_in_a_folder_that_the_user_chose_only_facecams_files_are_narrowed(open_folder: Path) -> None:
    own, other = open_folder / "facecam 2026-11-30 10.00.00.mp4", open_folder / "holiday.mp4"
    for path in (own, other):
        path.touch()
        path.chmod(0o644)

    pattern = r"facecam \d{4}-\d\d-\d\d [^/]*\.mp4"
    narrow_permissions([StoredPlace(PlaceKind.RECORDINGS, open_folder, "videos", names=pattern, is_whole_owned=False)])

    assert (own.stat().st_mode & 0o777, other.stat().st_mode & 0o777) == (0o600, 0o644)
