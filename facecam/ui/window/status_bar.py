"""The line below the picture: source, rate, faces, log, frames left out. Renewed twice a second, and never jumping about."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from facecam.session.status import SessionStatus, SourceState, SourceStatus
from facecam.ui.session_controller import SessionController

EVERY_MS = 500


class StatusBar(QWidget):
    """Says how it goes, in words as wide as they will ever be."""

    def __init__(self, live: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self.setObjectName("status")
        self.setAccessibleName(self.tr("Status"))
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 10, 4)
        row.setSpacing(18)
        self.source = self._label(row, "")
        self.source.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.setStretch(0, 1)
        self.heat = self._label(row, "")
        self.heat.hide()
        self.rate = self._label(row, self.tr("{rate} fps").format(rate="000"))
        self.faces = self._label(row, self.tr("Faces: {count}").format(count="00"))
        self.log = self._label(row, "")
        self.dropped = self._label(row, self.tr("Dropped: {count}").format(count="00000"))
        self.rate.setToolTip(self.tr("Pictures that come in a second"))
        self.dropped.setToolTip(self.tr("Pictures that were shown but not recognized: another one was still being worked on"))
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.renew)
        self._timer.start()

    def _label(self, row: QHBoxLayout, widest: str) -> QLabel:
        label = QLabel(self)
        label.setProperty("widest", widest)
        label.setMinimumWidth(label.fontMetrics().horizontalAdvance(widest))
        label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        row.addWidget(label)
        return label

    def tell_heat(self, *, on: bool, loading: bool) -> None:
        """Say whether what decided is laid over the picture."""
        self.heat.setVisible(on)
        _put(self.heat, self.tr("What decided: loading") if loading else self.tr("What decided: on"))

    def renew(self) -> None:
        """Show how it is now."""
        status = self._live.session.status() if self._live.session is not None and not self._live.changing else self._live.status
        sources = status.sources
        _put(self.source, ", ".join(map(self._source, sources)))
        _put(self.rate, self.tr("{rate} fps").format(rate=_rate(sum(s.fps for s in sources))))
        faces = sum(len(result.sightings) for _, result in self._live.results.values())
        _put(self.faces, self.tr("Faces: {count}").format(count=faces))
        _put(self.dropped, self.tr("Dropped: {count}").format(count=sum(s.dropped for s in sources)))
        self._renew_log(status)

    def _source(self, status: SourceStatus) -> str:
        source = status.source
        if source.isdecimal():
            source = self.tr("camera {number}").format(number=source)
        words = {
            SourceState.OPENING: self.tr("{source}: opening"),
            SourceState.RECONNECTING: self.tr("{source}: lost, trying again"),
            SourceState.FAILED: self.tr("{source}: not there"),
            SourceState.IDLE: self.tr("{source}: over"),
        }
        if self._live.paused:
            return self.tr("{source}: held").format(source=source)
        if status.state in words:
            return words[status.state].format(source=source)
        if status.size_wh is None:
            return source
        wide, high = status.size_wh
        return self.tr("{source}, {wide} × {high}").format(source=source, wide=wide, high=high)

    def _renew_log(self, status: SessionStatus) -> None:
        path = self._live.log_path
        if status.log_fault:
            _put(self.log, self.tr("Log: not written"))
            self.log.setToolTip(status.log_fault)
        elif path is not None:
            _put(self.log, self.tr("Log: written"))
            self.log.setToolTip(str(path))
        elif self._live.places.log_dir is not None and self._live.session is not None and not status.ready:
            _put(self.log, self.tr("Log: begins soon"))
            self.log.setToolTip(str(self._live.places.log_dir))
        else:
            _put(self.log, self.tr("Log: off"))
            self.log.setToolTip(self.tr("Nothing of what is seen is kept"))


def _rate(fps: float) -> str:
    """Tenths count only where there are few: beyond, they would only flicker."""
    return f"{fps:.0f}" if fps >= 10 else f"{fps:.1f}"


def _put(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
        # It grows when it must and never shrinks: nothing beside it moves to and fro.
        label.setMinimumWidth(
            max(
                label.minimumWidth(),
                label.sizeHint().width() if label.sizePolicy().horizontalPolicy() != QSizePolicy.Policy.Ignored else 0,
            )
        )
