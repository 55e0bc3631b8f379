"""Text rendering in every script."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.rendering.text import join_arabic, render_line, visual_order

MISSING = "\U0010fffe"
CJK = pytest.mark.skipif(not hasattr(cv2, "FontFace"), reason="OpenCV 4 has no font for it")


@pytest.mark.parametrize(
    "letter",
    [*"Aß€éŁőжЖЩґΩλήşțơưԱႠאع", *(pytest.param(letter, marks=CJK) for letter in "王小明龍さカ김철")],
)
def test_each_script_has_its_own_glyphs(letter: str) -> None:
    assert render_line(letter, 24).tobytes() != render_line(MISSING, 24).tobytes()
    assert render_line(letter, 24).any()


def test_lines_of_one_size_are_equally_high_in_every_script() -> None:
    assert {render_line(text, 20, bold=True).shape[0] for text in ("Ada", "gjpqy", "ÁŇ", "王小明", "محمد", "", " ")} == {27}


def test_letters_do_not_touch_the_lines_edges() -> None:
    mask = render_line("ÁŇgjpqy(|", 40)

    assert not mask[0].any()
    assert not mask[-1].any()


def test_a_long_line_is_cut_to_its_width_and_ends_in_an_ellipsis() -> None:
    cut = render_line("Wolfeschlegelsteinhausenbergerdorff", 20, max_px=120)

    assert cut.shape[1] <= 120
    np.testing.assert_array_equal(cut[:, -5:], render_line("Wolfeschleg…", 20)[:, -5:])


@given(st.text(max_size=30), st.integers(1, 200))
def test_any_text_fits_into_any_width(text: str, max_px: int) -> None:
    mask = render_line(text, 14, max_px=max_px)

    assert 1 <= mask.shape[1] <= max_px
    assert mask.dtype == np.uint8


@pytest.mark.parametrize("text", ["Ada Lovelace", "Софья (2)", "Υπατία?", "王小明 42 %", "", "42"])
def test_left_to_right_text_is_unchanged(text: str) -> None:
    assert visual_order(text) == text


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
def test_hebrew_is_ordered_right_to_left_with_numbers_left_to_right(logical: str, on_screen: str) -> None:
    expected = on_screen.replace("דוד", "דוד"[::-1])

    assert visual_order(logical) == expected


def test_arabic_letters_join_with_their_neighbors() -> None:
    assert join_arabic("محمد") == "\ufee3\ufea4\ufee4\ufeaa"  # initial, medial, medial, final
    assert join_arabic("دار") == "\ufea9\ufe8d\ufead"  # none of them joins forward
    assert join_arabic("ب") == "\ufe8f"


def test_lam_and_alef_form_a_ligature() -> None:
    assert join_arabic("سلام") == "\ufeb3\ufefc\ufee1"
    assert join_arabic("لا") == "\ufefb"


def test_persian_letters_join_too() -> None:
    assert join_arabic("پگ") == "\ufb58\ufb93"


def test_invisible_marks_are_not_drawn() -> None:
    assert visual_order("A\u200f\u202e\nda") == "Ada"


@given(st.text(max_size=30))
def test_any_text_can_be_ordered(text: str) -> None:
    assert len(visual_order(text)) <= len(text) * 3  # normalizing may take a few characters apart
    assert visual_order("א" + text) != ""
