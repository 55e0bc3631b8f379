"""Pictures of widgets that were looked at and found good, and how far a widget is from its own now."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import qVersion
from PySide6.QtGui import QFontInfo, QFontMetrics, QImage
from PySide6.QtWidgets import QApplication, QWidget

FOLDER = Path(__file__).parent / "goldens"

_KEY = "drawn-with"
_DIFFERS = 24
"""A pixel that is so far off in any color is another one; less is rounding."""

_SHARE = 0.004
"""So much of a widget may be other pixels: letters are placed by fractions."""


def drawn_with() -> str:
    """The font and the version of Qt that letters are drawn with: with others every letter is another one."""
    font = QFontInfo(QApplication.font())
    return f"{font.family()} {font.pixelSize()} {QFontMetrics(QApplication.font()).height()} Qt {qVersion().rpartition('.')[0]}"


def check(widget: QWidget, name: str, *, update: bool) -> None:
    """Fail when the widget does not look as its golden does; with `update` it is the golden from now on."""
    path = FOLDER / f"{name}.png"
    shown = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    if update:
        FOLDER.mkdir(exist_ok=True)
        shown.setText(_KEY, drawn_with())
        shown.save(str(path))
        return
    if not path.is_file():
        pytest.skip("there are no goldens here; they come with the repository")
    golden = QImage(str(path))
    if golden.text(_KEY) != drawn_with():
        pytest.skip(f"the golden was drawn with {golden.text(_KEY)}, here it is {drawn_with()}")
    assert shown.size() == golden.size()
    differs = np.abs(pixels(shown).astype(int) - pixels(golden.convertToFormat(QImage.Format.Format_RGB32))).max(axis=2)
    share = float((differs > _DIFFERS).mean())
    if share > _SHARE:
        seen = path.with_suffix(".seen.png")
        shown.save(str(seen))
        pytest.fail(
            f"{share:.1%} of {name} is other than its golden; look at {seen}, then run with --update-goldens if it is right"
        )


def pixels(image: QImage) -> np.ndarray:
    """The image (height, width, 3), blue first."""
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return data[:, : image.width(), :3]
