"""Text of every script as bitmaps."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.rendering.text import joined, line, visual

MISSING = "\U0010fffe"
CJK = pytest.mark.skipif(not hasattr(cv2, "FontFace"), reason="OpenCV 4 has no font for it")


@pytest.mark.parametrize(
    "letter",
    [*"Aß€éŁőжЖЩґΩλήşțơưԱႠאع", *(pytest.param(letter, marks=CJK) for letter in "王小明龍さカ김철")],
)
def test_a_letter_of_each_script_has_a_shape_of_its_own(letter: str) -> None:
    assert line(letter, 24).tobytes() != line(MISSING, 24).tobytes()
    assert line(letter, 24).any()


def test_lines_of_one_size_are_equally_high_in_every_script() -> None:
    assert {line(text, 20, bold=True).shape[0] for text in ("Ada", "gjpqy", "ÁŇ", "王小明", "محمد", "", " ")} == {27}


def test_letters_do_not_touch_the_lines_edges() -> None:
    ink = line("ÁŇgjpqy(|", 40)

    assert not ink[0].any()
    assert not ink[-1].any()


def test_a_long_line_is_cut_to_its_width_and_ends_in_an_ellipsis() -> None:
    cut = line("Wolfeschlegelsteinhausenbergerdorff", 20, widest_px=120)

    assert cut.shape[1] <= 120
    np.testing.assert_array_equal(cut[:, -5:], line("Wolfeschleg…", 20)[:, -5:])


@given(st.text(max_size=30), st.integers(1, 200))
def test_any_text_fits_into_any_width(text: str, widest_px: int) -> None:
    ink = line(text, 14, widest_px=widest_px)

    assert 1 <= ink.shape[1] <= widest_px
    assert ink.dtype == np.uint8


@pytest.mark.parametrize("text", ["Ada Lovelace", "Софья (2)", "Υπατία?", "王小明 42 %", "", "42"])
def test_text_from_left_to_right_stays_as_it_is(text: str) -> None:
    assert visual(text) == text


@pytest.mark.parametrize(
    ("logical", "on_screen"),
    [
        ("שלום", "םולש"),
        ("שלום דוד", "דוד םולש"),
        ("Ada שלום דוד 12 x", "Ada 12 דוד םולש x"),
        ("שלום Ada דוד", "דוד Ada םולש"),
        ("שלום (2)", "(2) םולש"),
        ("שלום?", "?םולש"),
        ("Ada (שלום)", "Ada (םולש)"),
        ("42 שלום", "םולש 42"),
    ],
)
def test_hebrew_is_ordered_from_right_to_left_and_numbers_in_it_are_not(logical: str, on_screen: str) -> None:
    expected = on_screen.replace("דוד", "דוד"[::-1])

    assert visual(logical) == expected


def test_arabic_letters_join_with_their_neighbors() -> None:
    assert joined("محمد") == "\ufee3\ufea4\ufee4\ufeaa"  # initial, medial, medial, final
    assert joined("دار") == "\ufea9\ufe8d\ufead"  # none of them joins forward
    assert joined("ب") == "\ufe8f"


def test_lam_and_alef_become_one() -> None:
    assert joined("سلام") == "\ufeb3\ufefc\ufee1"
    assert joined("لا") == "\ufefb"


def test_persian_letters_join_too() -> None:
    assert joined("پگ") == "\ufb58\ufb93"


def test_invisible_marks_are_not_drawn() -> None:
    assert visual("A\u200f\u202e\nda") == "Ada"


@given(st.text(max_size=30))
def test_ordering_any_text_loses_no_letter(text: str) -> None:
    assert len(visual(text)) <= len(text) * 3  # normalizing may take a few characters apart
    assert visual("א" + text) != ""
