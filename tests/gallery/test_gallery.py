"""Loading a gallery from its folder, with and without the cache."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from facecam.errors import GalleryError
from facecam.gallery.cache import CacheContent, cache_folder
from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.gallery.service import GalleryService
from facecam.settings import Settings

RED, GREEN = (0, 0, 255), (0, 255, 0)


def reasons(gallery: Gallery) -> dict[str, str]:
    return {problem.path.name: problem.reason for problem in gallery.problems}


def cache_file(root: Path) -> Path:
    (path,) = cache_folder(root).glob("*.embeddings")
    return path


def test_a_gallery_that_does_not_exist_is_empty(studio) -> None:
    gallery = studio.load()

    assert (gallery.people, gallery.samples, gallery.problems) == ((), (), ())
    assert not studio.root.exists()


def test_a_gallery_that_is_a_file_is_an_error(studio) -> None:
    studio.root.write_text("no folder")

    with pytest.raises(GalleryError, match="cannot be read"):
        studio.load()


def test_a_folder_of_photos_is_a_person_named_like_the_folder(studio) -> None:
    studio.save(studio.root / "Ada Lovelace" / "1.png", RED)

    gallery = studio.load()

    assert [(sample.sample_id, sample.name) for sample in gallery.samples] == [("Ada Lovelace/1.png", "Ada Lovelace")]
    assert gallery.samples[0].person_id == gallery.people[0].person_id
    assert [path.name for path in (studio.root / "Ada Lovelace").iterdir()] == ["1.png"]


def test_unusable_photos_are_reported_with_their_reason(studio) -> None:
    folder = studio.root / "Ada"
    studio.save(folder / "good.png", RED)
    studio.save(folder / "empty.png")
    studio.save(folder / "two.png", RED, GREEN)
    studio.save(folder / "far.png", RED, size=10)
    (folder / "broken.jpg").write_bytes(b"not an image")
    (folder / "notes.txt").write_text("not a photo")
    studio.save(studio.root / "loose.png", RED)

    gallery = studio.load()

    assert [sample.sample_id for sample in gallery.samples] == ["Ada/good.png"]
    assert reasons(gallery) == {
        "empty.png": "no_face",
        "two.png": "several_faces",
        "far.png": "too_small",
        "broken.jpg": "unreadable",
        "loose.png": "no_person",
    }


def test_a_small_face_in_the_background_does_not_spoil_a_portrait(studio) -> None:
    image = studio.image(RED)
    image[10:20, 300:310] = GREEN
    studio.save(studio.root / "Ada" / "1.png")
    import cv2

    cv2.imwrite(str(studio.root / "Ada" / "1.png"), image)

    assert len(studio.load().samples) == 1


def test_loading_again_reads_no_photo_again(studio) -> None:
    studio.save(studio.root / "Ada" / "good.png", RED)
    studio.save(studio.root / "Ada" / "empty.png")
    (studio.root / "Ada" / "broken.jpg").write_bytes(b"not an image")
    first = studio.load()
    studio.reader.images_analyzed = 0

    second = studio.load()

    assert studio.reader.images_analyzed == 0
    assert second.revision == first.revision
    assert reasons(second) == reasons(first)
    assert (second.samples[0].embedding == first.samples[0].embedding).all()


def test_a_photo_with_the_same_name_size_and_time_but_new_content_is_read_again(studio) -> None:
    photo = studio.root / "Ada" / "1.bmp"
    studio.save(photo, RED)
    os.utime(photo, ns=(10**18, 10**18))
    studio.load()
    before = photo.stat()
    studio.save(photo, GREEN)
    os.utime(photo, ns=(10**18, 10**18))
    assert (photo.stat().st_size, photo.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)

    assert studio.load().samples[0].embedding[1] > 0.9


def test_unchanged_photos_are_not_even_hashed(studio, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    monkeypatch.setattr("time.time_ns", lambda: 2 * 10**18)
    studio.load()

    monkeypatch.setattr("hashlib.file_digest", lambda *_: pytest.fail("hashed again"))
    assert len(studio.load().samples) == 1


def test_another_network_has_a_cache_of_its_own(studio, reader_named) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    first = studio.load()
    other = reader_named("colors-2")

    second = Gallery.load(studio.root, other)

    assert other.images_analyzed == 1
    assert second.revision != first.revision


def test_other_gates_have_a_cache_of_their_own(studio) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    studio.load(analysis_conditions(Settings()))
    studio.load(analysis_conditions(Settings().replace({"detect.threads": 1})))
    assert studio.reader.images_analyzed == 1

    studio.load(analysis_conditions(Settings().replace({"gate.min_sharpness": 5})))

    assert studio.reader.images_analyzed == 2


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "foreign"])
def test_a_damaged_cache_is_reported_and_rebuilt(studio, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    studio.load()
    path = cache_file(studio.root)
    stored = path.read_bytes()
    flipped = stored[:100] + bytes([stored[100] ^ 1]) + stored[101:]
    path.write_bytes({"cut": stored[:-7], "flip": flipped, "empty": b"", "foreign": b"x" * 500}[damage])

    gallery = studio.load()

    assert len(gallery.samples) == 1
    assert studio.reader.images_analyzed == 2
    assert path.read_bytes()[32:] == stored[32:]
    assert "has changed or is of another program" in caplog.text


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
@pytest.mark.timeout(20)  # writing to a pipe waits for a reader
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_pipe_or_device_in_place_of_the_cache_is_replaced(studio, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    studio.load()
    path = cache_file(studio.root)
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")

    gallery = studio.load()

    assert len(gallery.samples) == 1
    assert path.is_file()
    assert CacheContent.read(path, studio.root) is not None
    assert not caplog.records


def test_the_cache_drops_deleted_photos(studio) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    gone = studio.save(studio.root / "Ada" / "2.png", GREEN)
    studio.load()
    size = cache_file(studio.root).stat().st_size

    gone.unlink()
    studio.load()

    assert cache_file(studio.root).stat().st_size < size
    assert b"2.png" not in cache_file(studio.root).read_bytes()


def test_a_photo_deleted_while_the_gallery_is_read_leaves_nothing_in_the_cache(studio) -> None:
    photos = [studio.save(studio.root / "Ada" / f"{number}.png", RED, size=30 + number) for number in range(2)]

    def delete_and_interrupt(done: int, total: int) -> None:
        photos[0].unlink()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Gallery.load(studio.root, studio.reader, delete_and_interrupt)

    content = CacheContent.read(cache_file(studio.root), studio.root)
    assert content is not None
    assert content.entries == {}
    assert list(content.stamps) == ["Ada/1.png"]


def test_photos_read_before_an_interruption_are_not_read_again(studio) -> None:
    for number in range(4):
        studio.save(studio.root / "Ada" / f"{number}.png", (0, 0, 255 - number))

    def interrupt(done: int, total: int) -> None:
        assert total == 4
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Gallery.load(studio.root, studio.reader, interrupt)
    assert len(studio.load().samples) == 4
    assert studio.reader.images_analyzed == 4


def test_the_revision_changes_with_people_photos_and_names(studio) -> None:
    revisions = [studio.load().revision]
    studio.save(studio.root / "Ada" / "1.png", RED)
    revisions.append(studio.load().revision)
    studio.save(studio.root / "Ada" / "2.png", (0, 10, 255))
    revisions.append(studio.load().revision)
    GalleryService(studio.root).rename("Ada", "Augusta")
    revisions.append(studio.load().revision)

    assert len(set(revisions)) == 4
    assert all(len(revision) == 12 for revision in revisions)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator can write everywhere")
def test_a_gallery_that_cannot_be_written_can_be_read(studio) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    for folder in (studio.root / "Ada", studio.root):
        folder.chmod(0o555)
    try:
        first, second = studio.load(), studio.load()
    finally:
        for folder in (studio.root, studio.root / "Ada"):
            folder.chmod(0o755)

    assert first.people[0].person_id == second.people[0].person_id
    assert not (studio.root / "Ada" / "person.toml").exists()


def test_an_unwritable_cache_is_logged_and_only_costs_time(studio, caplog: pytest.LogCaptureFixture) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    folder = cache_folder(studio.root)
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way")

    assert len(studio.load().samples) == len(studio.load().samples) == 1
    assert "cannot be written" in caplog.text
