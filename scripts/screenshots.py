"""`python scripts/screenshots.py DIR [NAME ...]`: the window's main views as pictures, from the pictures that come with facecam.

Nothing in them is posed but the moment: the real session recognises the demo's film, or a wall of its two portraits.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

import cv2
import numpy as np
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from facecam.capture.demo import demo_picture
from facecam.capture.source import Source, open_source
from facecam.errors import CameraError
from facecam.mode import Mode
from facecam.picture import read_picture
from facecam.runtime.plan import Plan, SourcePlan
from facecam.runtime.session import Session
from facecam.settings import Settings
from facecam.types import Frame, Kind, Picture
from facecam.ui.app import make_app
from facecam.ui.live import Live, Places, Wish
from facecam.ui.pages import ENROL, FIRST_RUN, GALLERY, SETTINGS, STUDIO, WHY, page
from facecam.ui.store import open_store
from facecam.ui.window import Window

EILEEN, GRACE = "Eileen Collins", "Grace Hopper"
SIZE_WH = (1280, 800)
PATIENCE_S = 120.0


class Wall:
    """A camera that looks at a wall of portraits, never quite still."""

    camera_id, live, frame_count = "", True, None
    fps: float | None = 10.0

    def __init__(self, bgr: Picture, started_at_s: float, source: str = "camera 0") -> None:
        self.source = source
        self.size_wh: tuple[int, int] | None = (bgr.shape[1], bgr.shape[0])
        self._bgr, self._started_at_s, self._index = bgr, started_at_s, 0

    def read(self) -> Frame:
        """The wall, moved a little, with a camera's noise."""
        time.sleep(0.1)
        index, self._index = self._index, self._index + 1
        moved = np.roll(self._bgr, index % 3, axis=1).astype(np.int16)
        noisy = moved + np.random.default_rng(index).integers(-2, 3, moved.shape)
        now_s = time.monotonic()
        bgr = np.clip(noisy, 0, 255).astype(np.uint8)
        return Frame(bgr, index, (now_s - self._started_at_s) * 1e3, now_s, self.source)

    def close(self) -> None:
        """Nothing to give back."""

    def __enter__(self) -> Wall:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def portrait(name: str) -> Picture:
    """A bundled portrait."""
    return read_picture(demo_picture(name.lower().replace(" ", "_")))


def wall(columns: int, rows: int) -> Picture:
    """The two portraits in turn, in 1280x720."""
    wide, high = 1280 // columns, 720 // rows
    picture = np.full((720, 1280, 3), (150, 162, 168), np.uint8)
    for place in range(columns * rows):
        row, column = divmod(place, columns)
        bgr = portrait((EILEEN, GRACE)[(place + row) % 2])
        side = min(bgr.shape[:2])
        left = (bgr.shape[1] - side) // 2
        factor = min(wide, high)
        shown = cv2.resize(bgr[:side, left : left + side], (factor, factor), interpolation=cv2.INTER_AREA)
        y, x = row * high + (high - factor) // 2, column * wide + (wide - factor) // 2
        picture[y : y + factor, x : x + factor] = shown
    return picture


@dataclass
class Stage:
    """Makes windows on what a picture needs, in a home of its own."""

    folder: Path
    app: QApplication
    made: list[tuple[Live, Window]] = field(default_factory=list)

    def enrol(self, *names: str) -> None:
        """Have exactly these people in the gallery."""
        gallery = self.folder / "gallery"
        gallery.mkdir(exist_ok=True)
        for name in names:
            (gallery / name).mkdir(exist_ok=True)
            source = EILEEN if name not in (EILEEN, GRACE) else name
            picture = demo_picture(source.lower().replace(" ", "_"))
            (gallery / name / "portrait.jpg").write_bytes(picture.read_bytes())

    def open(self, source: str = "demo", mode: Mode = Mode.FACES, *, size_wh: tuple[int, int] = SIZE_WH) -> Window:
        """A window on "demo", on "wall:COLUMNSxROWS", or on a camera that is not there."""
        places = Places(self.folder / "gallery", self.folder / "logs")
        live = Live(self._begin, Wish((source,), Settings(), mode), places=places)
        window = Window(live, open_store())
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, on=False)
        window.resize(*size_wh)
        window.show()
        live.start()
        self.made.append((live, window))
        return window

    def close(self) -> None:
        """End all that was opened."""
        for live, window in self.made:
            live.stop()
            window.close()
            window.deleteLater()
        self.made.clear()
        QTest.qWait(50)

    def _begin(self, wish: Wish) -> Session:
        def opened(text: str, started_at_s: float) -> Source:
            if text.startswith("wall:"):
                columns, rows = map(int, text.removeprefix("wall:").split("x"))
                return Wall(wall(columns, rows), started_at_s)
            if text == "0":
                raise CameraError("there is no camera 0 and no other on this machine; plug one in, or try without: facecam demo")
            return open_source(text, wish.settings.capture, started_at_s)

        sources = tuple(SourcePlan(text, lambda at, text=text: opened(text, at)) for text in wish.sources)  # type: ignore[misc]
        return Session(Plan(wish.settings, sources, self.folder / "gallery", wish.mode, self.folder / "logs"))


def wait_for(condition: Callable[[], object]) -> None:
    """Let the window live until it is so."""
    until_s = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > until_s:
            raise SystemExit("what the picture is to show does not come")
        QTest.qWait(20)


def hold(window: Window) -> None:
    """Hold the picture once what is shown is what was recognised last: a busy machine is a step behind."""
    live = window.live
    live.pause(True)
    wait_for(lambda: all(slot in live.results and live.results[slot][0] is frame for slot, frame in live.frames.items()))
    QTest.qWait(300)


def kinds(window: Window) -> list[Kind]:
    """How the faces in the picture are decided."""
    return [s.vote.decision.kind for _, result in window.live.results.values() for s in result.sightings]


def tracks(window: Window, kind: Kind) -> list[int]:
    """The tracks that are decided so."""
    found = [s for _, result in window.live.results.values() for s in result.sightings]
    return [s.vote.track_id for s in found if s.vote.decision.kind is kind]


def live_picture(stage: Stage) -> Window:
    """One known face, and the panel of who is here."""
    stage.enrol(EILEEN)
    window = stage.open()
    wait_for(lambda: Kind.KNOWN in kinds(window) and Kind.UNKNOWN in kinds(window))
    hold(window)
    return window


def what_decided(stage: Stage) -> Window:
    """What makes the face like its photo, laid over it."""
    stage.enrol(EILEEN)
    window = stage.open()
    wait_for(lambda: Kind.KNOWN in kinds(window))
    window.deeds["heat"].trigger()
    hold(window)
    wait_for(lambda: all(window.heats.shown(slot, result) for slot, (_, result) in window.live.results.items()))
    QTest.qWait(300)
    return window


def eight_faces(stage: Stage) -> Window:
    """Eight at once."""
    stage.enrol(EILEEN)
    window = stage.open("wall:4x2")
    wait_for(lambda: len(kinds(window)) == 8 and {Kind.KNOWN, Kind.UNKNOWN} <= set(kinds(window)))
    hold(window)
    return window


def objects(stage: Stage) -> Window:
    """What is held up."""
    window = stage.open(mode=Mode.OBJECTS)
    wait_for(lambda: any("espresso" in label.name for _, r in window.live.results.values() for label in r.labels[:1]))
    hold(window)
    return window


def blurred(stage: Stage) -> Window:
    """A stranger beside somebody known."""
    stage.enrol(EILEEN)
    window = stage.open("wall:2x1")
    window.deeds["blur"].setChecked(True)
    wait_for(lambda: Kind.KNOWN in kinds(window) and Kind.UNKNOWN in kinds(window))
    hold(window)
    return window


def why(stage: Stage) -> Window:
    """The figures behind a name."""
    stage.enrol(EILEEN)
    window = stage.open("wall:2x1")
    wait_for(lambda: tracks(window, Kind.KNOWN))
    window.pages.open(WHY, tracks(window, Kind.KNOWN)[0])
    QTest.qWait(1500)
    return window


def of_page(page_id: str, *names: str) -> Callable[[Stage], Window]:
    """A page on its own."""

    def shot(stage: Stage) -> Window:
        stage.enrol(*(names or (EILEEN, GRACE)))
        window = stage.open("wall:2x1")
        wait_for(lambda: window.live.gallery is not None and window.live.results)
        window.pages.open(page_id)
        QTest.qWait(2500)
        return window

    return shot


def no_camera(stage: Stage) -> Window:
    """What is said without a camera."""
    window = stage.open("0")
    wait_for(lambda: window.note.note is not None and len(window.note.note.lines) > 1)
    QTest.qWait(700)
    return window


def keys(stage: Stage) -> Window:
    """The sheet of keys."""
    window = live_picture(stage)
    window.deeds["keys"].trigger()
    QTest.qWait(200)
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
    for one, grey in grounds.items():
        palette.setColor(one, QColor(grey, grey, grey))
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
    track = tracks(window, Kind.UNKNOWN)[0]
    window.video.face_clicked.emit(track, window.mapToGlobal(QPoint(500, 300)))
    QTest.qWait(200)
    return window


SHOTS: dict[str, Callable[[Stage], Window]] = {
    "live": live_picture,
    "explain-window": what_decided,
    "eight-faces": eight_faces,
    "objects": objects,
    "blurred": blurred,
    "menu": menu,
    "why": why,
    "studio": of_page(STUDIO),
    "gallery": of_page(GALLERY),
    "enrol": of_page(ENROL, EILEEN),
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
    if path.stem == "explain-window":  # the median cut gives up colours that are few, a heat map's among them
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
            stage = Stage(Path(home), app)
            keep(SHOTS[name](stage), folder / f"{name}.png")
            stage.close()
        make_app("en")
        app.setFont(font)
        app.setPalette(QPalette())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
