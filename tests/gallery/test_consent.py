"""Consent of an enrolled person: recorded, changed and withdrawn in person.toml, with undo."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from facecam.errors import ChangeExpiredError, GalleryError
from facecam.gallery.people import PersonFile, read_people, to_toml
from facecam.gallery.service import GalleryService
from tests.color_reader import Studio

RED, GREEN = (30, 30, 200), (30, 200, 30)
DAY = date(2026, 11, 30)


@pytest.fixture
def root(studio: Studio) -> Path:
    """Gallery with Ann, whose person.toml has a line of its owner, and Ben without a person.toml."""
    studio.save(studio.root / "Ann" / "1.png", RED)
    studio.save(studio.root / "Ben" / "1.png", GREEN)
    toml = to_toml(PersonFile.new("Ann")) + 'room = "12"\n'
    (studio.root / "Ann" / "person.toml").write_text(toml, encoding="utf-8")
    return studio.root


def consents(root: Path) -> dict[str, tuple[str, str]]:
    return {person.name: (person.consent, person.withdrawn) for person in read_people(root).people}


def test_consent_is_recorded_and_other_lines_stay(root: Path) -> None:
    GalleryService(root).record_consent("Ann", "agreed on  paper\n(2026-11-30)")

    assert consents(root)["Ann"] == ("agreed on paper (2026-11-30)", "")
    assert 'room = "12"' in (root / "Ann" / "person.toml").read_text(encoding="utf-8")


def test_a_person_without_a_file_gets_one_with_the_consent_and_keeps_the_id(root: Path) -> None:
    before = GalleryService(root).person("Ben").person_id

    GalleryService(root).record_consent("Ben", "agreed")

    assert consents(root)["Ben"] == ("agreed", "")
    assert GalleryService(root).person("Ben").person_id == before


def test_recorded_consent_is_undone_byte_for_byte_and_redone(root: Path) -> None:
    toml = root / "Ann" / "person.toml"
    before = toml.read_bytes()

    recorded = GalleryService(root).record_consent("Ann", "agreed")
    redo = recorded.undo()
    assert toml.read_bytes() == before
    redo()

    assert consents(root)["Ann"] == ("agreed", "")


def test_a_changed_record_replaces_the_old_one(root: Path) -> None:
    service = GalleryService(root)
    service.record_consent("Ann", "agreed")

    changed = service.record_consent("Ann", "agreed on paper")
    assert consents(root)["Ann"] == ("agreed on paper", "")
    changed.undo()

    assert consents(root)["Ann"] == ("agreed", "")


def test_undoing_added_photos_takes_back_the_consent_that_came_with_them(root: Path, studio: Studio) -> None:
    studio.save(root.parent / "new.png", RED)
    jpeg = (root.parent / "new.png").read_bytes()

    added = GalleryService(root).add_photos("Ben", [jpeg], "agreed")
    assert consents(root)["Ben"] == ("agreed", "")
    redo = added.undo()
    assert consents(root)["Ben"] == ("", "")
    again = redo()
    assert consents(root)["Ben"] == ("agreed", "")
    again.undo()

    assert consents(root)["Ben"] == ("", "")


def test_undo_does_not_replace_a_record_that_was_changed_meanwhile(root: Path) -> None:
    recorded = GalleryService(root).record_consent("Ann", "agreed")
    GalleryService(root).withdraw_consent("Ann", DAY)

    with pytest.raises(ChangeExpiredError, match="was changed meanwhile"):
        recorded.undo()

    assert consents(root)["Ann"] == ("", "agreed; withdrawn on 2026-11-30")


def test_an_edited_record_does_not_replace_one_that_was_withdrawn_meanwhile(root: Path) -> None:
    service = GalleryService(root)
    service.record_consent("Ann", "agreed")
    shown = service.person("Ann")
    service.withdraw_consent("Ann", DAY)

    with pytest.raises(GalleryError, match="was changed meanwhile"):
        service.record_consent(shown, "agreed on paper")

    assert consents(root)["Ann"] == ("", "agreed; withdrawn on 2026-11-30")


def test_undoing_a_merge_keeps_a_consent_that_was_withdrawn_after_it(root: Path, studio: Studio) -> None:
    service = GalleryService(root)
    service.record_consent("Ann", "agreed")
    merged = service.merge("Ann", "Ben", studio.load(), 0.3)
    service.withdraw_consent("Ben", DAY)

    merged.undo()

    assert consents(root) == {"Ann": ("agreed", ""), "Ben": ("", "agreed; withdrawn on 2026-11-30")}


def test_withdrawn_consent_stays_in_the_file_with_both_dates(root: Path) -> None:
    service = GalleryService(root)
    service.record_consent("Ann", "agreed (2026-05-03)")

    withdrawn = service.withdraw_consent("Ann", DAY)
    assert consents(root)["Ann"] == ("", "agreed (2026-05-03); withdrawn on 2026-11-30")
    withdrawn.undo()

    assert consents(root)["Ann"] == ("agreed (2026-05-03)", "")
    assert "consent_withdrawn" not in (root / "Ann" / "person.toml").read_text(encoding="utf-8")


def test_a_rename_keeps_a_withdrawn_consent(root: Path) -> None:
    service = GalleryService(root)
    service.record_consent("Ann", "agreed")
    service.withdraw_consent("Ann", DAY)

    service.rename("Ann", "Anna")

    assert consents(root)["Anna"] == ("", "agreed; withdrawn on 2026-11-30")


def test_consent_that_is_not_recorded_cannot_be_withdrawn(root: Path) -> None:
    with pytest.raises(GalleryError, match="no consent of Ann is recorded"):
        GalleryService(root).withdraw_consent("Ann", DAY)


def test_an_empty_consent_is_refused(root: Path) -> None:
    with pytest.raises(GalleryError, match="write what Ann agreed to"):
        GalleryService(root).record_consent("Ann", " ")


def test_a_damaged_person_file_is_not_replaced(root: Path) -> None:
    toml = root / "Ann" / "person.toml"
    toml.write_text("name = [", encoding="utf-8")

    with pytest.raises(GalleryError, match="is damaged"):
        GalleryService(root).record_consent("Ann", "agreed")

    assert toml.read_text(encoding="utf-8") == "name = ["


def test_a_merge_keeps_the_record_of_the_person_who_is_merged_unless_the_other_has_one(root: Path, studio: Studio) -> None:
    service = GalleryService(root)
    service.record_consent("Ann", "agreed")
    service.record_consent("Ben", "agreed too")
    service.withdraw_consent("Ben", DAY)
    studio.save(root / "Cleo" / "1.png", RED)

    merged = service.merge("Ann", "Cleo", studio.load(), 0.3)
    assert consents(root)["Cleo"] == ("agreed", "")
    merged.undo()
    assert consents(root)["Cleo"] == ("", "")
    service.merge("Ann", "Ben", studio.load(), 0.3)

    assert consents(root)["Ben"][0] == "", "Ben has withdrawn"
    studio.save(root / "Dora" / "1.png", RED)
    service.merge("Ben", "Dora", studio.load(), 0.3)
    assert consents(root)["Dora"] == ("", "agreed too; withdrawn on 2026-11-30")


def test_a_merge_keeps_a_withdrawn_consent_beside_the_consent_of_the_other(root: Path, studio: Studio) -> None:
    service = GalleryService(root)
    service.record_consent("Ann", "agreed")
    service.withdraw_consent("Ann", DAY)
    service.record_consent("Ben", "agreed too")

    merged = service.merge("Ann", "Ben", studio.load(), 0.3)
    assert consents(root) == {"Ben": ("agreed too", "agreed; withdrawn on 2026-11-30")}
    merged.undo()

    assert consents(root) == {"Ann": ("", "agreed; withdrawn on 2026-11-30"), "Ben": ("agreed too", "")}
