"""Playback bar below the video of a file: pause, next frame, position, length and loop."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QStyle, QStyleOptionSlider, QToolButton, QWidget

from facecam.ui.session_controller import SessionController

STEP_MS = 5_000
_PAGE_MS = 30_000
_REFRESH_MS = 100


def position_text(ms: float) -> str:
    """Return a position as "0:05" or "1:02:03"."""
    minutes, seconds = divmod(int(max(0.0, ms) // 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class PositionSlider(QSlider):
    """Slider whose handle jumps to a click."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        groove, handle = (
            self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self)
            for part in (QStyle.SubControl.SC_SliderGroove, QStyle.SubControl.SC_SliderHandle)
        )
        if event.button() == Qt.MouseButton.LeftButton and not handle.contains(event.position().toPoint()):
            x = round(event.position().x()) - groove.x() - handle.width() // 2
            span = groove.width() - handle.width()
            self.setSliderPosition(
                QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), x, span, upsideDown=option.upsideDown)
            )
            self.sliderMoved.emit(self.sliderPosition())
        super().mousePressEvent(event)


class PlaybackBar(QWidget):
    """Shows and changes the position in files that can be sought; hidden for other sources."""

    def __init__(self, controller: SessionController, parent: QWidget) -> None:
        super().__init__(parent)
        self._controller = controller
        self._is_wanted = True
        self._pause: QAction | None = None
        self.setObjectName("playback")
        self.setAccessibleName(self.tr("Playback"))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 2, 10, 2)
        self.slider = PositionSlider(Qt.Orientation.Horizontal, self)
        self.slider.setAccessibleName(self.tr("Position"))
        self.slider.setSingleStep(STEP_MS)
        self.slider.setPageStep(_PAGE_MS)
        self.time = QLabel(self)
        self.slider.sliderMoved.connect(controller.seek)
        self.slider.actionTriggered.connect(self._on_action)
        self._timer = QTimer(self, interval=_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        controller.started.connect(self.refresh)
        self.hide()

    def set_actions(self, before: tuple[QAction, ...], after: tuple[QAction, ...]) -> None:
        """Place the buttons of actions before and after the slider; the first one is the pause."""
        self._pause = before[0]
        for action in before:
            self._row.addWidget(self._button(action))
        self._row.addWidget(self.slider, 1)
        self._row.addWidget(self.time)
        for action in after:
            self._row.addWidget(self._button(action))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pause by the space bar, which the focused slider leaves over."""
        if event.key() == Qt.Key.Key_Space and self._pause is not None:
            self._pause.trigger()
        else:
            super().keyPressEvent(event)

    def set_wanted(self, on: bool) -> None:
        """Show the bar for files, or never."""
        self._is_wanted = on
        self.refresh()

    def refresh(self) -> None:
        """Update position, length and visibility."""
        length_ms, position_ms = self._controller.length_ms, self._controller.position_ms
        self.setVisible(self._is_wanted and length_ms is not None)
        if length_ms is None:
            return
        self.slider.setEnabled(self._controller.has_session)
        self.slider.setMaximum(max(1, round(length_ms)))
        if not self.slider.isSliderDown():
            self.slider.setValue(round(position_ms))
        shown_ms = self.slider.sliderPosition() if self.slider.isSliderDown() else position_ms
        self.time.setText(f"{position_text(shown_ms)} / {position_text(length_ms)}")

    def _on_action(self, action: int) -> None:
        """Seek by the keyboard and the wheel; dragging emits sliderMoved instead."""
        if action != QSlider.SliderAction.SliderMove.value:
            self._controller.seek(self.slider.sliderPosition())

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setAutoRaise(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        return button
