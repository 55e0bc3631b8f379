"""Comparison of widgets with their golden images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import qVersion
from PySide6.QtGui import QFontInfo, QFontMetrics, QImage
from PySide6.QtWidgets import QApplication, QWidget

FOLDER = Path(__file__).parent / "goldens"

_KEY = "drawn-with"
_MAX_DIFFERENCE = 24
"""Larger differences of a color channel count as a different pixel; smaller ones are rounding."""

_MAX_SHARE = 0.004
"""Allowed share of different pixels, because text is placed at fractions of pixels."""


def rendering_key() -> str:
    """Return the font and Qt version, with which goldens can be compared at all."""
    font = QFontInfo(QApplication.font())
    return f"{font.family()} {font.pixelSize()} {QFontMetrics(QApplication.font()).height()} Qt {qVersion().rpartition('.')[0]}"


def check(widget: QWidget, name: str, *, update: bool) -> None:
    """Fail if the widget differs from its golden image; with `update`, save it as the golden."""
    path = FOLDER / f"{name}.png"
    actual = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    if update:
        FOLDER.mkdir(exist_ok=True)
        actual.setText(_KEY, rendering_key())
        actual.save(str(path))
        return
    if not path.is_file():
        pytest.skip("the goldens are part of the repository and missing here")
    golden = QImage(str(path))
    if golden.text(_KEY) != rendering_key():
        pytest.skip(f"the golden was drawn with {golden.text(_KEY)}, here it is {rendering_key()}")
    assert actual.size() == golden.size()
    differs = np.abs(pixels(actual).astype(int) - pixels(golden.convertToFormat(QImage.Format.Format_RGB32))).max(axis=2)
    share = float((differs > _MAX_DIFFERENCE).mean())
    if share > _MAX_SHARE:
        actual_path = path.with_suffix(".seen.png")
        actual.save(str(actual_path))
        pytest.fail(
            f"{share:.1%} of {name} differs from its golden: compare {actual_path}, then use --update-goldens if it is correct"
        )


def pixels(image: QImage) -> np.ndarray:
    """Return the pixels (height, width, 3), BGR."""
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return data[:, : image.width(), :3]
