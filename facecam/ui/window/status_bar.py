"""Status line below the video: source, frame rate, faces, log and dropped frames."""

from __future__ import annotations

import contextlib
import time

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from facecam.capture.addresses import parse_address
from facecam.capture.source import SourceKind, source_kind
from facecam.diagnostics.connections import open_connections
from facecam.errors import FacecamError
from facecam.session.status import SessionStatus, SourceState, SourceStatus
from facecam.ui.language import error_text, error_words, format_number
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import ElidedLabel

REFRESH_MS = 500
_NETWORK_REFRESH_S = 2.0


class _ConnectionLabel(ElidedLabel):
    """Label as wide as its text, elided only where the window is too narrow for it. The tooltip has the full text."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._tip = ""
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def show_connections(self, text: str, tip: str) -> None:
        """Show the text; `tip` explains it."""
        if (text, tip) != (self.accessibleName(), self._tip):
            self._tip = tip
            self.setText(text)
            self.updateGeometry()

    def _elide(self) -> None:
        super()._elide()
        self.setToolTip(f"{self.accessibleName()}\n{self._tip}")

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.accessibleName())
        return QSize(width + 2, super().sizeHint().height())


class StatusBar(QWidget):
    """Labels that are refreshed twice a second and never shrink, so that nothing moves.

    Only the source and, in a narrow window, the connections are elided.
    """

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.setObjectName("status")
        self.setAccessibleName(self.tr("Status"))
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 10, 4)
        row.setSpacing(14)
        self.source = ElidedLabel(self)
        row.addWidget(self.source, 1)
        self.heatmap = self._label(row, "")
        self.heatmap.hide()
        self.rate = self._label(row, self.tr("{rate} fps").format(rate="000"))
        self.faces = self._label(row, self.tr("Faces: {count}").format(count="00"))
        self.log = self._label(row, "")
        self.network = _ConnectionLabel(self)
        row.addWidget(self.network)
        self.dropped = self._label(row, self.tr("Dropped: {count}").format(count="0000"))
        self.rate.setToolTip(self.tr("Frames received per second"))
        self.dropped.setToolTip(self.tr("Frames shown but not recognized because recognition was still busy"))
        self._network_due_s = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()

    def _label(self, row: QHBoxLayout, widest: str) -> QLabel:
        label = QLabel(self)
        label.setMinimumWidth(label.fontMetrics().horizontalAdvance(widest))
        label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        row.addWidget(label)
        return label

    def show_heatmap(self, *, on: bool, loading: bool) -> None:
        """Show the state of the heatmap, or nothing while it is off."""
        self.heatmap.setVisible(on)
        _set_text(self.heatmap, self.tr("Heatmap: loading") if loading else self.tr("Heatmap: on"))

    def refresh(self) -> None:
        """Update all labels."""
        controller = self._controller
        is_current = controller.session is not None and not controller.is_switching
        status = controller.session.status() if controller.session is not None and is_current else controller.status
        sources = status.sources
        self.source.setText(", ".join(map(self._source_text, sources)))
        fps = sum(source.fps for source in sources)
        # Above 10 fps, tenths would only flicker.
        _set_text(self.rate, self.tr("{rate} fps").format(rate=format_number(fps, 0 if fps >= 10 else 1)))
        faces = sum(len(result.sightings) for _, result in controller.results.values())
        _set_text(self.faces, self.tr("Faces: {count}").format(count=faces))
        _set_text(self.dropped, self.tr("Dropped: {count}").format(count=sum(source.dropped for source in sources)))
        self._refresh_log(status)
        self._refresh_network(status)

    def _source_text(self, status: SourceStatus) -> str:
        source = error_words(status.source)
        if source.isdecimal():
            source = self.tr("camera {number}").format(number=source)
        texts = {
            SourceState.OPENING: self.tr("{source}: opening"),
            SourceState.RECONNECTING: self.tr("{source}: reconnecting"),
            SourceState.FAILED: self.tr("{source}: unavailable"),
            SourceState.IDLE: self.tr("{source}: ended"),
        }
        if self._controller.is_paused:
            return self.tr("{source}: paused").format(source=source)
        if status.state in texts:
            return texts[status.state].format(source=source)
        if status.size_wh is None:
            return source
        width, height = status.size_wh
        return self.tr("{source}, {wide} × {high}").format(source=source, wide=width, high=height)

    def _refresh_log(self, status: SessionStatus) -> None:
        controller = self._controller
        if status.log_fault:
            text, tip = self.tr("Log: not written"), error_text(status.log_fault)
        elif controller.log_path is not None:
            text, tip = self.tr("Log: on"), str(controller.log_path)
        elif controller.session is not None and controller.session.has_log and not status.ready:
            text, tip = self.tr("Log: starting"), str(controller.paths.log_dir)
        else:
            text, tip = self.tr("Log: off"), self.tr("Results are not logged")
        if self.log.text() != text:
            self.log.setText(text)  # It changes rarely, so it keeps no room for a longer text.
        self.log.setToolTip(tip)

    def _refresh_network(self, status: SessionStatus) -> None:
        """Show the computers to which this program has a connection, looked up every two seconds."""
        if time.monotonic() < self._network_due_s:
            return
        self._network_due_s = time.monotonic() + _NETWORK_REFRESH_S
        measured = open_connections()
        if measured is not None:
            hosts = list(dict.fromkeys(map(str, measured)))
            tip = self.tr("Connections of this program to other computers, as the system lists them")
        else:
            hosts = _source_hosts(status)
            tip = self.tr("Network cameras in use. This system does not list the connections of a program.")
        connected = self.tr("Connected to {host}").format(host=", ".join(hosts))
        text = connected if hosts else self.tr("No connection")
        self.network.show_connections(text, tip)


def _source_hosts(status: SessionStatus) -> list[str]:
    """Return the hosts of the network cameras that are open."""
    hosts: dict[str, None] = {}
    for source in status.sources:
        address = str(source.source)
        if source.state is SourceState.RUNNING and source_kind(address) is SourceKind.ADDRESS:
            with contextlib.suppress(FacecamError):
                hosts[parse_address(address).host] = None
    return list(hosts)


def _set_text(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
        label.setMinimumWidth(max(label.minimumWidth(), label.sizeHint().width()))
