"""How the picture is shown, as the user likes it: mirrored, blurred, bare, on the whole screen; most of it is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from facecam.capture.source import SourceKind, kind_of
from facecam.settings import Mode
from facecam.ui.preferences import flag

if TYPE_CHECKING:
    from facecam.ui.window.window import Window

_CAMERA, _OTHER = "mirror/camera", "mirror/other"


class ViewOptions(QObject):
    """Carries out the actions of the menu View on a window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._live, self._store, self._deeds = window.live, window.store, window.deeds
        self._mirrored: list[bool] = []
        window.video.mirrors = self.mirrors
        self._deeds["mirror"].triggered.connect(self._mirror)
        self._deeds["blur"].toggled.connect(self._blur)
        self._deeds["figures"].toggled.connect(self._figures)
        self._deeds["bare"].toggled.connect(self._bare)
        self._deeds["fullscreen"].toggled.connect(self._fullscreen)
        self._live.wish_changed.connect(self._follow_wish)
        for name in ("blur", "figures"):
            self._deeds[name].setChecked(flag(self._store, name, False))
        self._follow_wish()

    def mirrors(self, slot: int) -> bool:
        """Whether a source is shown like a mirror: a camera is, unless it was switched off; a film is not."""
        return slot < len(self._mirrored) and self._mirrored[slot]

    def _look_at_mirrors(self) -> None:
        """What every paint asks for, without the files that it is found out from."""
        keys = [self._key(slot) for slot in range(len(self._live.wish.sources))]
        self._mirrored = [flag(self._store, key, key == _CAMERA) for key in keys]
        self._window.video.update()

    def leave(self) -> bool:
        """Come back from the bare picture or the whole screen; False when there was nothing to leave."""
        for name in ("bare", "fullscreen"):
            if self._deeds[name].isChecked():
                self._deeds[name].setChecked(False)
                return True
        return False

    def _key(self, slot: int) -> str:
        camera = kind_of(self._live.wish.sources[slot]) is SourceKind.CAMERA
        return _CAMERA if camera else _OTHER

    def _mirror(self, on: bool) -> None:
        self._store.setValue(self._key(0), on)
        self._look_at_mirrors()

    def _blur(self, on: bool) -> None:
        self._store.setValue("blur", on)
        self._apply_blur()

    def _apply_blur(self) -> None:
        """Among objects no face is looked for, so that nobody can be blurred: that must be said, not passed over."""
        on, faces = self._deeds["blur"].isChecked(), self._live.wish.mode is Mode.FACES
        self._deeds["blur"].setEnabled(faces)
        self._window.video.blur = on and faces
        self._window.filming.set_blur(on and faces)
        if on and not faces:
            self._window.toast.say(self.tr("While objects are recognized, nobody is blurred: faces are not looked for."))

    def _figures(self, on: bool) -> None:
        self._store.setValue("figures", on)
        self._window.video.show_figures(on)

    def _bare(self, on: bool) -> None:
        window = self._window
        for part in (window.menuBar(), window.toolbar, window.status):
            part.setVisible(not on)
        window.side.setVisible(not on and window.side.current is not None)
        window.video.marked = not on
        if on:
            window.toast.say(self.tr("Only the picture. H or Escape brings everything back."))

    def _fullscreen(self, on: bool) -> None:
        state, full = self._window.windowState(), Qt.WindowState.WindowFullScreen
        self._window.setWindowState(state | full if on else state & ~full)

    def _follow_wish(self) -> None:
        mode = self._live.wish.mode
        self._look_at_mirrors()
        self._deeds["faces" if mode is Mode.FACES else "objects"].setChecked(True)
        self._deeds["mirror"].setChecked(self.mirrors(0))
        self._apply_blur()
