"""End of a session: who was present and for how long, its report, and the folder of its log."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from facecam.errors import FacecamError
from facecam.fileio import write_private
from facecam.privacy.places import PlaceKind
from facecam.session.visitors import VisitorSummary
from facecam.settings import Mode
from facecam.ui.background import BackgroundJobs
from facecam.ui.language import error_text, length_text
from facecam.ui.session_controller import SessionController
from facecam.ui.window.message_bar import MessageButton
from facecam.ui.window.recording import new_output_path, show_folder

translate = QCoreApplication.translate

_MAX_LISTED = 5


def visitor_lines(visitors: Sequence[VisitorSummary]) -> tuple[str, ...]:
    """Return a line with name, time and visits for each known person, the longest first.

    One line each follows for the visitors who are perhaps enrolled and for the unknown ones, with their number.
    """
    named: dict[str, tuple[float, int]] = {}
    for visitor in visitors:
        if visitor.name is not None:
            seconds, visits = named.get(visitor.name, (0.0, 0))
            named[visitor.name] = seconds + visitor.present_s, visits + visitor.visits
    longest_first = sorted(named.items(), key=lambda item: (-item[1][0], item[0]))
    lines = [_line(name, *present) for name, present in longest_first[:_MAX_LISTED]]
    if (more := len(longest_first) - _MAX_LISTED) > 0:
        lines.append(translate("SessionEnd", "and {number} more").format(number=more))
    nameless = [visitor for visitor in visitors if visitor.name is None]
    unsure = [visitor for visitor in nameless if visitor.possible_name]
    unknown = [visitor for visitor in nameless if not visitor.possible_name]
    for text, group in (
        (translate("SessionEnd", "Possibly enrolled ({number}): {duration}"), unsure),
        (translate("SessionEnd", "Unknown visitors ({number}): {duration}"), unknown),
    ):
        if group:
            seconds = sum(visitor.present_s for visitor in group)
            lines.append(text.format(number=len(group), duration=length_text(seconds)))
    return tuple(lines) or (translate("SessionEnd", "No one was present."),)


def _line(name: str, seconds: float, visits: int) -> str:
    if visits < 2:
        return translate("SessionEnd", "{name}: {duration}").format(name=name, duration=length_text(seconds))
    text = translate("SessionEnd", "{name}: {duration} in {visits} visits")
    return text.format(name=name, duration=length_text(seconds), visits=visits)


class SessionEnd(QObject):
    """Texts and buttons of the notice after a session."""

    message_posted = Signal(str, tuple)
    """A sentence and its buttons."""

    def __init__(self, controller: SessionController, parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        self._jobs = BackgroundJobs(self)

    @property
    def lines(self) -> tuple[str, ...]:
        """A line about each person who was present; () in objects mode without a visitor."""
        visitors = self._controller.visitor_tracker.visitors
        session = self._controller.session
        is_objects_mode = session is not None and session.mode is Mode.OBJECTS
        return () if is_objects_mode and not visitors else visitor_lines(visitors)

    @property
    def buttons(self) -> tuple[MessageButton, ...]:
        """Buttons for the log, () without one."""
        if self._controller.log_path is None:
            return ()
        return (self.tr("Open report"), self.open_report), (self.tr("Open log folder"), self.open_log_folder)

    def open_report(self) -> None:
        """Write a report of the session's log to the user's documents and open it."""
        log_path = self._controller.log_path
        if log_path is None or self._jobs.is_busy:
            return
        self.message_posted.emit(self.tr("Writing the report…"), ())
        with_expressions = self._controller.request.settings.express.enabled
        write = partial(_write_report, log_path, with_expressions=with_expressions)
        self._jobs.add(lambda _: write(), self._show_report, self._show_error)

    def open_log_folder(self) -> None:
        """Open the folder of the session's log in the file manager."""
        if (path := self._controller.log_path) is not None:
            show_folder(path)

    def _show_report(self, path: Path) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
        text = self.tr("Report saved as {path}").format(path=path)
        self.message_posted.emit(text, ((self.tr("Show folder"), partial(show_folder, path)),))

    def _show_error(self, error: FacecamError) -> None:
        self.message_posted.emit(error_text(error), ())


def _write_report(log_path: Path, *, with_expressions: bool) -> Path:
    # Loading pandas takes a second, which the window spends only when a report is wanted.
    from facecam.report import Format
    from facecam.report.page import write_report

    path = new_output_path(PlaceKind.REPORTS, ".html")
    write_private(path, b"")  # The report keeps its permissions.
    try:
        write_report([log_path], path, Format.HTML, with_expressions=with_expressions)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path
