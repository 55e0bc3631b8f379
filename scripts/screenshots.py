"""Screenshots of the main views: `python scripts/screenshots.py DIR [NAME ...] [--language de] [--font-scale 2]`.

Real sessions recognize the bundled demo, or a wall of its two portraits.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from PIL import Image
from PySide6.QtCore import QLocale, QPoint
from PySide6.QtGui import QColor, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QLabel

from facecam.settings import Mode
from facecam.training.live_teaching import TeachingPhase
from facecam.types import DecisionStatus
from facecam.ui.app import make_app
from facecam.ui.appearance import Appearance, Colors
from facecam.ui.name_field import NameField
from facecam.ui.teaching import TeachPanel
from facecam.ui.window.pages import ENROLL, FIRST_RUN, GALLERY, SETTINGS, STUDIO, TEACH, WHY
from facecam.ui.window.window import Window
from scripts.screenshot_stage import EILEEN, GRACE, Stage, best_labels, freeze, pause, statuses, tracks, wait_for


def live_view(stage: Stage) -> Window:
    """One known face, and the panel of visible people."""
    stage.enroll(EILEEN)
    window = stage.open()
    wait_for(lambda: DecisionStatus.KNOWN in statuses(window) and DecisionStatus.UNKNOWN in statuses(window))
    freeze(window)
    return window


def suggestion(stage: Stage) -> Window:
    """Suggestion of the high-accuracy network, with the figures of a gallery of 20 people from the test data."""
    images = Path(os.environ["FACECAM_TEST_DATA"]) / "data" / "lfw-view1" / "images"
    people = [folder for folder in sorted(images.iterdir()) if len(list(folder.iterdir())) >= 3]
    for folder in people[:20]:
        stage.enroll_photos(folder.name.replace("_", " "), sorted(folder.iterdir())[:3])
    stage.enroll(EILEEN)
    window = stage.open("wall:2x1")
    window.network_suggestion.timer.setInterval(100)
    wait_for(lambda: window.suggestion.text)
    wait_for(lambda: DecisionStatus.KNOWN in statuses(window))
    freeze(window)
    return window


def heatmap(stage: Stage) -> Window:
    """Heatmap of the similarity to the nearest photo."""
    stage.enroll(EILEEN)
    window = stage.open()
    wait_for(lambda: DecisionStatus.KNOWN in statuses(window))
    window.app_actions["heat"].trigger()
    freeze(window)
    wait_for(lambda: all(window.heatmaps.heatmaps_for(slot, result) for slot, (_, result) in window.controller.results.items()))
    pause(300)
    return window


def eight_faces(stage: Stage) -> Window:
    """Eight faces at once."""
    stage.enroll(EILEEN)
    window = stage.open("wall:4x2")
    wait_for(lambda: len(statuses(window)) == 8 and {DecisionStatus.KNOWN, DecisionStatus.UNKNOWN} <= set(statuses(window)))
    freeze(window)
    return window


def objects(stage: Stage) -> Window:
    """A recognized object."""
    window = stage.open(mode=Mode.OBJECTS)
    wait_for(lambda: any("espresso" in label.name and label.probability > 0.8 for label in best_labels(window)))
    freeze(window)
    return window


def open_teaching(stage: Stage) -> Window:
    """Teaching of a cup."""
    window = stage.open("object", Mode.OBJECTS)
    wait_for(lambda: window.controller.results)
    window.pages.open(TEACH)
    panel = window.findChild(TeachPanel)
    assert panel is not None
    panel.name.setText("My cup")
    panel.teach()
    wait_for(lambda: panel.phase is TeachingPhase.OBJECT)
    assert stage.object_camera is not None
    stage.object_camera.shown_from_s = time.monotonic()
    pause(5000)
    return window


def taught(stage: Stage) -> Window:
    """Teaching after the cup was learned."""
    window = open_teaching(stage)
    panel = window.findChild(TeachPanel)
    assert panel is not None
    wait_for(lambda: panel.phase is TeachingPhase.DONE)
    wait_for(lambda: any(label.name == "My cup" for label in best_labels(window)))
    wait_for(lambda: any(not label.pixmap().isNull() for label in panel.findChildren(QLabel)))
    freeze(window)
    return window


def covered(stage: Stage) -> Window:
    """A covered stranger next to a known person."""
    stage.enroll(EILEEN)
    window = stage.open("wall:2x1")
    window.app_actions["cover"].setChecked(True)
    wait_for(lambda: DecisionStatus.KNOWN in statuses(window) and DecisionStatus.UNKNOWN in statuses(window))
    freeze(window)
    return window


def explanation(stage: Stage) -> Window:
    """Explanation of a decision."""
    stage.enroll(EILEEN)
    window = stage.open("wall:2x1")
    wait_for(lambda: tracks(window, DecisionStatus.KNOWN))
    window.pages.open(WHY, tracks(window, DecisionStatus.KNOWN)[0])
    pause(1500)
    return window


def open_page(page_id: str, *names: str, source: str = "wall:2x1") -> Callable[[Stage], Window]:
    """Return a function that opens a page over a source."""

    def shot(stage: Stage) -> Window:
        stage.enroll(*(names or (EILEEN, GRACE)))
        window = stage.open(source)
        wait_for(lambda: window.controller.gallery is not None and window.controller.results)
        window.pages.open(page_id)
        pause(2500)
        return window

    return shot


def no_camera(stage: Stage) -> Window:
    """Message without a camera."""
    window = stage.open("0")
    wait_for(lambda: window.notice_view.notice is not None and window.notice_view.notice.buttons)
    pause(700)
    return window


def shortcuts(stage: Stage) -> Window:
    """Keyboard shortcuts."""
    window = live_view(stage)
    window.app_actions["keys"].trigger()
    pause(200)
    return window


def german(stage: Stage) -> Window:
    """German window."""
    make_app("de")
    return live_view(stage)


def dark(stage: Stage) -> Window:
    """Dark theme."""
    Appearance(QLocale().name(), Colors.DARK).apply(stage.app)
    return live_view(stage)


def large(stage: Stage) -> Window:
    """Text of double size."""
    Appearance(QLocale().name(), text_percent=200).apply(stage.app)
    return live_view(stage)


def menu(stage: Stage) -> Window:
    """Context menu of a face."""
    window = live_view(stage)
    track = tracks(window, DecisionStatus.UNKNOWN)[0]
    window.video.face_clicked.emit(track, window.mapToGlobal(QPoint(500, 300)))
    pause(200)
    return window


def naming(stage: Stage) -> Window:
    """Field that asks for the name of a stranger, and for consent."""
    window = live_view(stage)
    visitor = window.controller.visitor_tracker.visitor_of(tracks(window, DecisionStatus.UNKNOWN)[0])
    assert visitor is not None
    field = NameField(window.controller, visitor, window)
    field.open_at(window.mapToGlobal(QPoint(300, 250)))
    field.edit.setText("Grace")
    field.edit.returnPressed.emit()
    pause(200)
    return window


def marker(stage: Stage) -> Window:
    """Line for a marker, with the last ones."""
    window = live_view(stage)
    for text in ("stimulus 1", "stimulus 2", "break"):
        window.app_actions["mark"].trigger()
        window.marker_line.field.setText(text)
        window.marker_line.field.returnPressed.emit()
    window.app_actions["mark"].trigger()
    window.marker_line.field.setText("stimulus 3")
    pause(200)
    return window


def session_labels(stage: Stage) -> Window:
    """Labels of the next session."""
    window = live_view(stage)
    window.controller.set_labels({"participant": "P07", "condition": "2"})
    window.app_actions["labels"].trigger()
    pause(300)
    return window


SHOTS: dict[str, Callable[[Stage], Window]] = {
    "live": live_view,
    "suggestion": suggestion,
    "explain-window": heatmap,
    "eight-faces": eight_faces,
    "objects": objects,
    "taught": taught,
    "covered": covered,
    "naming": naming,
    "menu": menu,
    "why": explanation,
    "studio": open_page(STUDIO),
    "gallery": open_page(GALLERY),
    "enroll": open_page(ENROLL, EILEEN),
    "first-run": open_page(FIRST_RUN),
    "settings": open_page(SETTINGS, source="demo"),
    "marker": marker,
    "session-labels": session_labels,
    "no-camera": no_camera,
    "keys": shortcuts,
    "dark": dark,
    "german": german,
    "large": large,
}


def save(window: Window, path: Path) -> None:
    """Save a window with its open menu, in a gray frame."""
    pixmap: QPixmap = window.grab()
    popup = QApplication.activePopupWidget()
    if popup is not None:
        painter = QPainter(pixmap)
        painter.drawPixmap(window.mapFromGlobal(popup.pos()), popup.grab())
        painter.end()
        popup.close()
    framed = QPixmap(pixmap.width() + 2, pixmap.height() + 2)
    framed.fill(QColor(120, 120, 120))
    painter = QPainter(framed)
    painter.drawPixmap(1, 1, pixmap)
    painter.end()
    framed.save(str(path))
    # 256 colors need a quarter of the bytes without a visible difference.
    image = Image.open(path).convert("RGB")
    reduced = image.quantize(256)
    if path.stem == "explain-window":  # the median cut drops rare colors such as those of a heatmap
        reduced = image.quantize(256, palette=image.quantize(256, Image.Quantize.MAXCOVERAGE))
    reduced.save(path, optimize=True)
    print(path)


def main() -> None:
    """Save the named screenshots, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", choices=[[], *SHOTS], metavar="NAME")
    parser.add_argument("--language", default="en")
    parser.add_argument("--font-scale", type=float, default=1.0)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    app = make_app(options.language)
    font = app.font()
    font.setPointSizeF(font.pointSizeF() * options.font_scale)
    names = options.names or [name for name in SHOTS if name != "suggestion" or "FACECAM_TEST_DATA" in os.environ]
    for name in names:
        make_app(options.language)
        app.setFont(font)
        app.setPalette(QPalette())
        with tempfile.TemporaryDirectory() as home:
            os.environ["XDG_CONFIG_HOME"] = f"{home}/config"
            os.environ["FACECAM_OBJECTS"] = f"{home}/objects"
            stage = Stage(Path(home), app)
            save(SHOTS[name](stage), options.folder / f"{name}.png")
            stage.close()


if __name__ == "__main__":
    main()
