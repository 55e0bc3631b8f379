"""`python scripts/screenshots.py DIR [NAME ...]`: the window's main views as pictures, from the pictures that come with facecam.

Nothing in them is posed but the moment: the real session recognizes the demo's film, or a wall of its two portraits.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QLabel

from facecam.settings import Mode
from facecam.training.live_teaching import TeachingPhase
from facecam.types import DecisionStatus
from facecam.ui.app import make_app
from facecam.ui.teaching import TeachPanel
from facecam.ui.window.pages import ENROLL, FIRST_RUN, GALLERY, SETTINGS, STUDIO, TEACH, WHY, page
from facecam.ui.window.window import Window
from scripts.screenshot_stage import EILEEN, GRACE, Stage, hold, kinds, named, pause, tracks, wait_for


def live_picture(stage: Stage) -> Window:
    """One known face, and the panel of who is here."""
    stage.enroll(EILEEN)
    window = stage.open()
    wait_for(lambda: DecisionStatus.KNOWN in kinds(window) and DecisionStatus.UNKNOWN in kinds(window))
    hold(window)
    return window


def what_decided(stage: Stage) -> Window:
    """What makes the face like its photo, laid over it."""
    stage.enroll(EILEEN)
    window = stage.open()
    wait_for(lambda: DecisionStatus.KNOWN in kinds(window))
    window.deeds["heat"].trigger()
    hold(window)
    wait_for(lambda: all(window.heats.shown(slot, result) for slot, (_, result) in window.live.results.items()))
    pause(300)
    return window


def eight_faces(stage: Stage) -> Window:
    """Eight at once."""
    stage.enroll(EILEEN)
    window = stage.open("wall:4x2")
    wait_for(lambda: len(kinds(window)) == 8 and {DecisionStatus.KNOWN, DecisionStatus.UNKNOWN} <= set(kinds(window)))
    hold(window)
    return window


def objects(stage: Stage) -> Window:
    """What is held up."""
    window = stage.open(mode=Mode.OBJECTS)
    wait_for(lambda: any("espresso" in label.name and label.probability > 0.8 for label in named(window)))
    hold(window)
    return window


def teach(stage: Stage) -> Window:
    """A cup that is held up for the first time."""
    window = stage.open("lesson", Mode.OBJECTS)
    wait_for(lambda: window.live.results)
    window.pages.open(TEACH)
    panel = window.findChild(TeachPanel)
    assert panel is not None
    panel.name.setText("My cup")
    panel.teach()
    wait_for(lambda: panel.phase is TeachingPhase.THING)
    assert stage.lesson is not None
    stage.lesson.held_from_s = time.monotonic()
    pause(5000)
    return window


def taught(stage: Stage) -> Window:
    """The same once it is known."""
    window = teach(stage)
    panel = window.findChild(TeachPanel)
    assert panel is not None
    wait_for(lambda: panel.phase is TeachingPhase.DONE)
    wait_for(lambda: any(label.name == "My cup" for label in named(window)))
    wait_for(lambda: any(not label.pixmap().isNull() for label in panel.findChildren(QLabel)))
    hold(window)
    return window


def blurred(stage: Stage) -> Window:
    """A stranger beside somebody known."""
    stage.enroll(EILEEN)
    window = stage.open("wall:2x1")
    window.deeds["blur"].setChecked(True)
    wait_for(lambda: DecisionStatus.KNOWN in kinds(window) and DecisionStatus.UNKNOWN in kinds(window))
    hold(window)
    return window


def why(stage: Stage) -> Window:
    """The figures behind a name."""
    stage.enroll(EILEEN)
    window = stage.open("wall:2x1")
    wait_for(lambda: tracks(window, DecisionStatus.KNOWN))
    window.pages.open(WHY, tracks(window, DecisionStatus.KNOWN)[0])
    pause(1500)
    return window


def of_page(page_id: str, *names: str) -> Callable[[Stage], Window]:
    """A page on its own."""

    def shot(stage: Stage) -> Window:
        stage.enroll(*(names or (EILEEN, GRACE)))
        window = stage.open("wall:2x1")
        wait_for(lambda: window.live.gallery is not None and window.live.results)
        window.pages.open(page_id)
        pause(2500)
        return window

    return shot


def no_camera(stage: Stage) -> Window:
    """What is said without a camera."""
    window = stage.open("0")
    wait_for(lambda: window.note.note is not None and len(window.note.note.lines) > 1)
    pause(700)
    return window


def keys(stage: Stage) -> Window:
    """The sheet of keys."""
    window = live_picture(stage)
    window.deeds["keys"].trigger()
    pause(200)
    return window


def german(stage: Stage) -> Window:
    """The same in German."""
    make_app("de")
    return live_picture(stage)


def dark(stage: Stage) -> Window:
    """The same where the system is dark."""
    stage.app.setPalette(dark_palette())
    return live_picture(stage)


def dark_palette() -> QPalette:
    """What a dark desktop gives; the platform without a screen knows only a light one."""
    palette, role = QPalette(QColor(50, 50, 50)), QPalette.ColorRole
    texts = (role.WindowText, role.Text, role.ButtonText, role.ToolTipText)
    grounds = {role.Base: 36, role.AlternateBase: 44, role.Window: 50, role.Button: 50, role.ToolTipBase: 60, role.Mid: 38}
    for one in texts:
        palette.setColor(one, QColor(240, 240, 240))
    for one, gray in grounds.items():
        palette.setColor(one, QColor(gray, gray, gray))
    palette.setColor(role.PlaceholderText, QColor(160, 160, 160))
    palette.setColor(role.Highlight, QColor(48, 140, 198))
    palette.setColor(role.HighlightedText, QColor(255, 255, 255))
    palette.setColor(role.Link, QColor(90, 170, 235))
    for one in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, QColor(140, 140, 140))
    return palette


def large(stage: Stage) -> Window:
    """Letters twice as large."""
    font = stage.app.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    stage.app.setFont(font)
    return live_picture(stage)


def menu(stage: Stage) -> Window:
    """The menu of a face."""
    window = live_picture(stage)
    track = tracks(window, DecisionStatus.UNKNOWN)[0]
    window.video.face_clicked.emit(track, window.mapToGlobal(QPoint(500, 300)))
    pause(200)
    return window


SHOTS: dict[str, Callable[[Stage], Window]] = {
    "live": live_picture,
    "explain-window": what_decided,
    "eight-faces": eight_faces,
    "objects": objects,
    "taught": taught,
    "blurred": blurred,
    "menu": menu,
    "why": why,
    "studio": of_page(STUDIO),
    "gallery": of_page(GALLERY),
    "enroll": of_page(ENROLL, EILEEN),
    "first-run": of_page(FIRST_RUN),
    "settings": of_page(SETTINGS),
    "no-camera": no_camera,
    "keys": keys,
    "dark": dark,
    "german": german,
    "large": large,
}


def keep(window: Window, path: Path) -> None:
    """Write what the window shows, with the menu that is open over it."""
    picture: QPixmap = window.grab()
    popup = QApplication.activePopupWidget()
    if popup is not None:
        painter = QPainter(picture)
        painter.drawPixmap(window.mapFromGlobal(popup.pos()), popup.grab())
        painter.end()
        popup.close()
    framed = QPixmap(picture.width() + 2, picture.height() + 2)
    framed.fill(QColor(120, 120, 120))
    painter = QPainter(framed)
    painter.drawPixmap(1, 1, picture)
    painter.end()
    framed.save(str(path))
    # A quarter of the bytes, and nothing that an eye would miss.
    shown = Image.open(path).convert("RGB")
    few = shown.quantize(256)
    if path.stem == "explain-window":  # the median cut gives up colors that are few, a heat map's among them
        few = shown.quantize(256, palette=shown.quantize(256, Image.Quantize.MAXCOVERAGE))
    few.save(path, optimize=True)
    print(path)


def main(arguments: list[str]) -> int:
    """Make the pictures that are named, or all."""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    app = make_app("en")
    font = app.font()
    for name in arguments[1:] or SHOTS:
        if name == "first-run" and not page(FIRST_RUN).exists:
            continue
        with tempfile.TemporaryDirectory() as home:
            os.environ["XDG_CONFIG_HOME"] = f"{home}/config"
            os.environ["FACECAM_OBJECTS"] = f"{home}/objects"
            stage = Stage(Path(home), app)
            keep(SHOTS[name](stage), folder / f"{name}.png")
            stage.close()
        make_app("en")
        app.setFont(font)
        app.setPalette(QPalette())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
