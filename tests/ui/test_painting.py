"""What is written over the picture can be read: on any picture, by anybody, in any script."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QFontInfo, QImage, QPainter
from PySide6.QtWidgets import QApplication

from facecam.rendering.annotations import AnnotationBar, FaceAnnotation, Overlay, Stroke
from facecam.rendering.renderer import DETAIL_BGR, PLATE_BGR, PLATE_COVERS, TITLE_BGR
from facecam.types import Box
from facecam.ui.video.overlay_painter import ImagePlacement, Letters, OverlayPainter

WIDE, HIGH = 640, 480


def painted(overlay: Overlay, background: int = 90, factor: float = 1.0, font: QFont | None = None) -> np.ndarray:
    """The overlay over a picture of one gray, blue first."""
    image = QImage(round(WIDE * factor), round(HIGH * factor), QImage.Format.Format_RGB32)
    image.fill(QColor(background, background, background))
    painter = QPainter(image)
    fit = ImagePlacement(QRectF(image.rect()), (WIDE, HIGH), False)
    OverlayPainter().paint(painter, fit, overlay, font or QApplication.font())
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[:, :, :3].copy()


def overlay_of(*marks: FaceAnnotation) -> Overlay:
    return Overlay((WIDE, HIGH), marks)


def mark(title: str, x: float = 250, detail: str = "", track_id: int = 1, stroke: Stroke = Stroke.SOLID) -> FaceAnnotation:
    return FaceAnnotation(Box(x, 200, 120, 120), title, detail, stroke, (115, 158, 0), track_id)


def luminance(bgr: tuple[float, ...]) -> float:
    """WCAG 2.2's relative luminance."""
    linear = [value / 12.92 if (value := channel / 255) <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for channel in bgr]
    return 0.0722 * linear[0] + 0.7152 * linear[1] + 0.2126 * linear[2]


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("behind", [0, 127, 255])
@pytest.mark.parametrize("ink", [TITLE_BGR, DETAIL_BGR])
def test_every_text_on_the_picture_has_the_contrast_of_wcag_aa(
    qapp: QApplication, behind: int, ink: tuple[int, int, int]
) -> None:
    plate = tuple(channel * PLATE_COVERS + behind * (1 - PLATE_COVERS) for channel in PLATE_BGR)

    assert contrast(ink, plate) > 7
    shown = painted(overlay_of(mark("Ann", detail="happy")), behind)
    darkest = min(shown.reshape(-1, 3).tolist(), key=sum)
    if behind:
        assert contrast((255, 255, 255), tuple(darkest)) > 7


@pytest.mark.parametrize("name", ["Žofie", "Грейс", "Γιώργος", "שרה", "محمد", "李小龙", "さくら", "김민준", "आरती"])
def test_a_name_in_any_script_is_inked(qapp: QApplication, name: str) -> None:
    empty, named = painted(overlay_of()), painted(overlay_of(mark(name)))

    assert ((named > 200).all(axis=2) & ~(empty > 200).all(axis=2)).sum() > 30


def test_a_long_name_ends_in_an_ellipsis_and_stays_in_the_picture(qapp: QApplication) -> None:
    long = painted(overlay_of(mark("Maria Magdalena Wilhelmine von Hohenzollern-Sigmaringen zu Altenburg", x=500)))

    changed = np.argwhere((long != 90).any(axis=2))
    assert changed[:, 1].max() < WIDE
    assert np.ptp(np.argwhere((long > 200).all(axis=2))[:, 1]) < 0.45 * WIDE


def test_letters_are_never_smaller_than_the_users_own(qapp: QApplication) -> None:
    font = QFont(QApplication.font())
    font.setPointSizeF(font.pointSizeF() * 2)
    letters = Letters.of(font, QRectF(0, 0, 320, 240))

    assert letters.title.pixelSize() >= QFontInfo(font).pixelSize()
    assert letters.detail.pixelSize() >= 0.9 * QFontInfo(font).pixelSize()


def test_the_four_strokes_are_told_apart_without_their_color(qapp: QApplication) -> None:
    inked = {stroke: (painted(overlay_of(mark("", stroke=stroke))) != 90).any(axis=2).sum() for stroke in Stroke}

    assert inked[Stroke.SOLID] > inked[Stroke.DASHED] > inked[Stroke.DOTTED]
    assert inked[Stroke.SOLID] > 1.5 * inked[Stroke.CORNERS]
    assert len(set(inked.values())) == 4


def test_plates_of_neighbors_do_not_cover_each_other(qapp: QApplication) -> None:
    marks = [mark("Somebody with a name", x, track_id=n) for n, x in enumerate((150, 210, 270))]
    together = painted(overlay_of(*marks))
    apart = [painted(overlay_of(one)) for one in marks]

    white = sum((shown == 255).all(axis=2).sum() for shown in apart)
    assert (together == 255).all(axis=2).sum() > 0.85 * white


def test_a_plate_stays_where_it_is_while_the_box_trembles(qapp: QApplication) -> None:
    painter_of = OverlayPainter()
    tops = set()
    for number in range(20):
        image = QImage(WIDE, HIGH, QImage.Format.Format_RGB32)
        image.fill(0x5A5A5A)
        painter = QPainter(image)
        # Just below the upper edge, where the plate fits above it in one frame and not in the next.
        box = Box(250, 47 + number % 2, 120, 120)
        painter_of.paint(
            painter,
            ImagePlacement(QRectF(image.rect()), (WIDE, HIGH), False),
            overlay_of(FaceAnnotation(box, "Ann", "happy", Stroke.SOLID, (115, 158, 0), 1)),
            QApplication.font(),
        )
        painter.end()
        shown = np.frombuffer(image.constBits(), np.uint8).reshape(HIGH, WIDE, 4)[:, :, :3]
        tops.add(int(np.argwhere((shown == 255).all(axis=2))[:, 0].min()) // 20)

    assert len(tops) == 1


def test_sharp_at_twice_the_scale(qapp: QApplication) -> None:
    one, two = painted(overlay_of(mark("Ann"))), painted(overlay_of(mark("Ann")), factor=2.0)

    assert (two == 255).all(axis=2).sum() > 2.5 * (one == 255).all(axis=2).sum()


def test_a_caption_keeps_off_the_bars(qapp: QApplication) -> None:
    bars = tuple(AnnotationBar(f"cup {share:.0%}", share, (233, 180, 86)) for share in (0.9, 0.06, 0.02))
    alone = painted(Overlay((WIDE, HIGH), (), bars))
    panel = (alone != 90).any(axis=2)
    bottom = int(np.nonzero(panel.any(axis=1))[0].max())
    held_up = FaceAnnotation(Box(60, bottom + 4, 120, 120), "cup", "", Stroke.SOLID, (233, 180, 86))

    with_mark = painted(Overlay((WIDE, HIGH), (held_up,), bars))

    np.testing.assert_array_equal(with_mark[: bottom - 2], alone[: bottom - 2])
