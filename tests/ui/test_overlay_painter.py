"""Annotations over the video: contrast, scripts, placement and sharpness."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QFontInfo, QImage, QPainter
from PySide6.QtWidgets import QApplication

from facecam.rendering.annotations import AnnotationBar, FaceAnnotation, Overlay, Stroke
from facecam.rendering.renderer import DETAIL_BGR, PLATE_BGR, PLATE_OPACITY, TITLE_BGR
from facecam.types import Box
from facecam.ui.video.overlay_painter import ImagePlacement, OverlayFonts, OverlayPainter

WIDTH, HEIGHT = 640, 480


def painted(overlay: Overlay, background: int = 90, factor: float = 1.0, font: QFont | None = None) -> np.ndarray:
    """Paint an overlay over a uniform gray image and return the pixels, BGR."""
    image = QImage(round(WIDTH * factor), round(HEIGHT * factor), QImage.Format.Format_RGB32)
    image.fill(QColor(background, background, background))
    painter = QPainter(image)
    fit = ImagePlacement(QRectF(image.rect()), (WIDTH, HEIGHT), False)
    OverlayPainter().paint(painter, fit, overlay, font or QApplication.font())
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[:, :, :3].copy()


def overlay_of(*marks: FaceAnnotation) -> Overlay:
    return Overlay((WIDTH, HEIGHT), marks)


def mark(title: str, x: float = 250, detail: str = "", track_id: int = 1, stroke: Stroke = Stroke.SOLID) -> FaceAnnotation:
    return FaceAnnotation(Box(x, 200, 120, 120), title, detail, stroke, (115, 158, 0), track_id)


def luminance(bgr: tuple[float, ...]) -> float:
    """Return the relative luminance of WCAG 2.2."""
    linear = [value / 12.92 if (value := channel / 255) <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for channel in bgr]
    return 0.0722 * linear[0] + 0.7152 * linear[1] + 0.2126 * linear[2]


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("behind", [0, 127, 255])
@pytest.mark.parametrize("text_bgr", [TITLE_BGR, DETAIL_BGR])
def test_captions_have_the_contrast_of_wcag_aaa_on_any_background(
    qapp: QApplication, behind: int, text_bgr: tuple[int, int, int]
) -> None:
    plate = tuple(channel * PLATE_OPACITY + behind * (1 - PLATE_OPACITY) for channel in PLATE_BGR)

    assert contrast(text_bgr, plate) > 7
    shown = painted(overlay_of(mark("Ann", detail="happy")), behind)
    shades = shown.reshape(-1, 3)
    darkest = shades[shades.sum(axis=1).argmin()].tolist()
    if behind:
        assert contrast((255, 255, 255), tuple(darkest)) > 7


@pytest.mark.parametrize("name", ["Žofie", "Грейс", "Γιώργος", "שרה", "محمد", "李小龙", "さくら", "김민준", "आरती"])
def test_names_in_any_script_are_painted(qapp: QApplication, name: str) -> None:
    empty, named = painted(overlay_of()), painted(overlay_of(mark(name)))

    assert ((named > 200).all(axis=2) & ~(empty > 200).all(axis=2)).sum() > 30


def test_a_long_name_is_elided_and_stays_inside_the_frame(qapp: QApplication) -> None:
    long = painted(overlay_of(mark("Maria Magdalena Wilhelmine von Hohenzollern-Sigmaringen zu Altenburg", x=500)))

    changed = np.argwhere((long != 90).any(axis=2))
    assert changed[:, 1].max() < WIDTH
    assert np.ptp(np.argwhere((long > 200).all(axis=2))[:, 1]) < 0.45 * WIDTH


def test_text_is_never_smaller_than_the_users_font(qapp: QApplication) -> None:
    font = QFont(QApplication.font())
    font.setPointSizeF(font.pointSizeF() * 2)
    fonts = OverlayFonts.for_view(font, QRectF(0, 0, 320, 240))

    assert fonts.title.font.pixelSize() >= QFontInfo(font).pixelSize()
    assert fonts.detail.font.pixelSize() >= 0.9 * QFontInfo(font).pixelSize()


def test_the_four_strokes_differ_without_their_color(qapp: QApplication) -> None:
    painted_px = {stroke: (painted(overlay_of(mark("", stroke=stroke))) != 90).any(axis=2).sum() for stroke in Stroke}

    assert painted_px[Stroke.SOLID] > painted_px[Stroke.DASHED] > painted_px[Stroke.DOTTED]
    assert painted_px[Stroke.SOLID] > 1.5 * painted_px[Stroke.CORNERS]
    assert len(set(painted_px.values())) == 4


def test_captions_of_neighbors_do_not_overlap(qapp: QApplication) -> None:
    marks = [mark("A person with a name", x, track_id=n) for n, x in enumerate((150, 210, 270))]
    together = painted(overlay_of(*marks))
    apart = [painted(overlay_of(one)) for one in marks]

    white = sum((shown == 255).all(axis=2).sum() for shown in apart)
    assert (together == 255).all(axis=2).sum() > 0.85 * white


def test_a_caption_keeps_its_place_while_the_box_jitters(qapp: QApplication) -> None:
    overlay_painter = OverlayPainter()
    tops = set()
    for number in range(20):
        image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
        image.fill(0x5A5A5A)
        painter = QPainter(image)
        # Just below the upper edge, where the caption fits above the box in one frame and not in the next.
        box = Box(250, 47 + number % 2, 120, 120)
        overlay_painter.paint(
            painter,
            ImagePlacement(QRectF(image.rect()), (WIDTH, HEIGHT), False),
            overlay_of(FaceAnnotation(box, "Ann", "happy", Stroke.SOLID, (115, 158, 0), 1)),
            QApplication.font(),
        )
        painter.end()
        shown = np.frombuffer(image.constBits(), np.uint8).reshape(HEIGHT, WIDTH, 4)[:, :, :3]
        tops.add(int(np.argwhere((shown == 255).all(axis=2))[:, 0].min()) // 20)

    assert len(tops) == 1


def test_text_is_sharp_at_twice_the_scale(qapp: QApplication) -> None:
    one, two = painted(overlay_of(mark("Ann"))), painted(overlay_of(mark("Ann")), factor=2.0)

    assert (two == 255).all(axis=2).sum() > 2.5 * (one == 255).all(axis=2).sum()


def test_a_caption_does_not_cover_the_bars(qapp: QApplication) -> None:
    bars = tuple(AnnotationBar(f"cup {share:.0%}", share, (233, 180, 86)) for share in (0.9, 0.06, 0.02))
    alone = painted(Overlay((WIDTH, HEIGHT), (), bars))
    panel = (alone != 90).any(axis=2)
    bottom = int(np.nonzero(panel.any(axis=1))[0].max())
    annotation = FaceAnnotation(Box(60, bottom + 4, 120, 120), "cup", "", Stroke.SOLID, (233, 180, 86))

    with_mark = painted(Overlay((WIDTH, HEIGHT), (annotation,), bars))

    np.testing.assert_array_equal(with_mark[: bottom - 2], alone[: bottom - 2])
