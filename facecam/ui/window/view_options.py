"""View options of the window: mirror, blur, numbers, video only and full screen; most of them are remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from facecam.capture.source import SourceKind, source_kind
from facecam.settings import Mode
from facecam.ui.preferences import read_flag

if TYPE_CHECKING:
    from facecam.ui.window.window import Window

_CAMERA, _OTHER = "mirror/camera", "mirror/other"


class ViewOptions(QObject):
    """Applies the actions of the View menu to a window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._controller, self._store, self._actions = window.controller, window.store, window.app_actions
        self._mirrored: list[bool] = []
        window.video.is_mirrored = self.is_mirrored
        self._actions["mirror"].triggered.connect(self._set_mirror)
        self._actions["blur"].toggled.connect(self._set_blur)
        self._actions["figures"].toggled.connect(self._set_figures)
        self._actions["bare"].toggled.connect(self._set_video_only)
        self._actions["fullscreen"].toggled.connect(self._set_fullscreen)
        self._controller.request_changed.connect(self._on_request_changed)
        for name in ("blur", "figures"):
            self._actions[name].setChecked(read_flag(self._store, name, False))
        self._on_request_changed()

    def is_mirrored(self, slot: int) -> bool:
        """Return whether a source is mirrored: cameras are by default, videos are not."""
        return slot < len(self._mirrored) and self._mirrored[slot]

    def leave(self) -> bool:
        """Leave video-only or full-screen view; return False if neither is active."""
        for name in ("bare", "fullscreen"):
            if self._actions[name].isChecked():
                self._actions[name].setChecked(False)
                return True
        return False

    def _mirror_key(self, slot: int) -> str:
        return _CAMERA if source_kind(self._controller.request.sources[slot]) is SourceKind.CAMERA else _OTHER

    def _update_mirrored(self) -> None:
        """Cache what every paint needs, so that painting does not read files."""
        keys = [self._mirror_key(slot) for slot in range(len(self._controller.request.sources))]
        self._mirrored = [read_flag(self._store, key, key == _CAMERA) for key in keys]
        self._window.video.update()

    def _set_mirror(self, on: bool) -> None:
        self._store.setValue(self._mirror_key(0), on)
        self._update_mirrored()

    def _set_blur(self, on: bool) -> None:
        self._store.setValue("blur", on)
        self._apply_blur()

    def _apply_blur(self) -> None:
        """Blur strangers in faces mode; in objects mode, warn that blurring is impossible."""
        on, detects_faces = self._actions["blur"].isChecked(), self._controller.request.mode is Mode.FACES
        self._actions["blur"].setEnabled(detects_faces)
        self._window.video.blur = on and detects_faces
        self._window.recorder.set_blur(on and detects_faces)
        if on and not detects_faces:
            self._window.toast.show_message(self.tr("Objects mode does not detect faces, so strangers are not blurred."))

    def _set_figures(self, on: bool) -> None:
        self._store.setValue("figures", on)
        self._window.video.show_figures(on)

    def _set_video_only(self, on: bool) -> None:
        window = self._window
        for part in (window.menuBar(), window.toolbar, window.status):
            part.setVisible(not on)
        window.side.setVisible(not on and window.side.current is not None)
        window.video.shows_annotations = not on
        if on:
            window.toast.show_message(self.tr("Press H or Escape to show the controls again."))

    def _set_fullscreen(self, on: bool) -> None:
        state, full = self._window.windowState(), Qt.WindowState.WindowFullScreen
        self._window.setWindowState(state | full if on else state & ~full)

    def _on_request_changed(self) -> None:
        self._update_mirrored()
        self._actions["faces" if self._controller.request.mode is Mode.FACES else "objects"].setChecked(True)
        self._actions["mirror"].setChecked(self.is_mirrored(0))
        self._apply_blur()
