"""Names in any script, and the folder names derived from them."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.errors import GalleryError
from facecam.gallery.people import MAX_FOLDER_BYTES, display_name, folder_key, folder_name

DANGEROUS = st.sampled_from(
    ["/", "\\", "..", ".", "\0", "\n", "CON", "nul.txt", "~", " ", "\u202e", "é", "e\u0301", "名", "😀", ":"]
)
TEXTS = st.one_of(st.text(), st.lists(st.one_of(DANGEROUS, st.text(max_size=3)), max_size=12).map("".join))


@given(TEXTS)
def test_any_name_is_refused_or_becomes_one_path_component(text: str) -> None:
    try:
        folder = folder_name(text)
    except GalleryError:
        return

    root = Path("/gallery")
    assert (root / folder).parent == root
    assert Path(folder).parts == (folder,)
    assert folder not in {"", ".", ".."}
    assert not folder.startswith(".")
    assert folder == folder.rstrip(". ")
    assert not set(folder) & set('<>:"/\\|?*')
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in folder)
    assert len(folder.encode("utf-8")) <= MAX_FOLDER_BYTES
    assert folder.partition(".")[0].strip().upper() not in {"CON", "NUL", "PRN", "AUX", "COM1"}


@given(st.lists(TEXTS, max_size=8))
def test_no_two_names_share_a_folder(texts: list[str]) -> None:
    folders: list[str] = []
    for text in texts:
        try:
            folders.append(folder_name(text, folders))
        except GalleryError:
            continue

    assert len({folder_key(folder) for folder in folders}) == len(folders)
    assert all(len(folder.encode("utf-8")) <= MAX_FOLDER_BYTES for folder in folders)


@given(TEXTS)
def test_a_display_name_is_stable(text: str) -> None:
    try:
        name = display_name(text)
    except GalleryError:
        return

    assert display_name(name) == name


@pytest.mark.parametrize("name", ["Ada Lovelace", "Åsa Öberg", "李雷", "Владимир", "علی\u200cرضا", "O'Brien", "José (Pepe)"])
def test_a_name_in_any_script_is_its_folder_name(name: str) -> None:
    assert folder_name(name) == name


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200d", "\u0301", "Ada\0", "a\x1bb", "\ud800", "Ada\u202eadA", "x" * 201])
def test_a_name_that_cannot_be_shown_is_refused(text: str) -> None:
    with pytest.raises(GalleryError):
        folder_name(text)


@pytest.mark.parametrize(
    ("name", "folder"),
    [("../../etc", "_.._.._etc"), ("CON", "_CON"), ("aux.jpg", "_aux.jpg"), (".hidden", "_.hidden"), ("...", "_")],
)
def test_a_name_that_would_be_a_path_or_a_device_is_changed(name: str, folder: str) -> None:
    assert folder_name(name) == folder


def test_names_that_differ_only_in_case_get_separate_folders() -> None:
    assert folder_name("ADA", taken=["Ada"]) == "ADA (2)"


def test_composed_and_decomposed_spellings_are_one_name() -> None:
    assert display_name("Zoe\u0308") == display_name("Zoë")


def test_a_long_name_is_truncated_between_characters() -> None:
    folder = folder_name("नमस्ते" * 30)

    assert len(folder.encode("utf-8")) <= MAX_FOLDER_BYTES
    assert unicodedata.category(folder[-1])[0] in {"L", "M"}
