"""Background jobs: order, progress, errors and cancellation."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from facecam.errors import FacecamError, GalleryError
from facecam.ui.background import BackgroundJobs, ProgressCallback


@pytest.fixture
def jobs(qtbot: QtBot) -> BackgroundJobs:
    return BackgroundJobs()


def refuse(error: FacecamError) -> None:
    pytest.fail(f"unexpected: {error}")


def test_jobs_run_in_another_thread_and_results_arrive_in_this_one(jobs: BackgroundJobs, qtbot: QtBot) -> None:
    results: list[tuple[int, int]] = []
    jobs.add(lambda _: threading.get_ident(), lambda there: results.append((there, threading.get_ident())), refuse)

    qtbot.waitUntil(lambda: bool(results))

    there, here = results[0]
    assert here == threading.get_ident() != there


def test_jobs_run_one_after_the_other(jobs: BackgroundJobs, qtbot: QtBot) -> None:
    order: list[str] = []
    first_may_end = threading.Event()
    jobs.add(lambda _: first_may_end.wait(60), lambda _: order.append("first"), refuse)
    jobs.add(lambda _: order.append("second begins"), lambda _: order.append("second"), refuse)
    assert [thread.name for thread in threading.enumerate()].count("window work") == 1
    assert order == []

    first_may_end.set()
    qtbot.waitUntil(lambda: not jobs.is_busy)

    assert order == ["first", "second begins", "second"]


def test_progress_is_reported(jobs: BackgroundJobs, qtbot: QtBot) -> None:
    seen: list[tuple[int, int]] = []
    jobs.progressed.connect(lambda done, total: seen.append((done, total)))
    go_on = threading.Event()

    def work(report_progress: ProgressCallback) -> None:
        report_progress(3, 7)
        go_on.wait(60)

    jobs.add(work, lambda _: None, refuse)
    qtbot.waitUntil(lambda: seen == [(3, 7)])
    go_on.set()
    qtbot.waitUntil(lambda: not jobs.is_busy)


def test_facecam_errors_are_passed_on_unchanged(jobs: BackgroundJobs, qtbot: QtBot) -> None:
    errors: list[FacecamError] = []

    def work(_: ProgressCallback) -> None:
        raise GalleryError("the gallery is empty")

    jobs.add(work, lambda _: pytest.fail("no result was expected"), errors.append)
    qtbot.waitUntil(lambda: bool(errors))

    assert str(errors[0]) == "the gallery is empty"
    assert not jobs.is_busy


def test_os_errors_become_facecam_errors(jobs: BackgroundJobs, qtbot: QtBot, tmp_path: Path) -> None:
    errors: list[FacecamError] = []

    jobs.add(lambda _: (tmp_path / "none").read_bytes(), lambda _: None, errors.append)
    qtbot.waitUntil(lambda: bool(errors))

    assert str(errors[0]) == f"{tmp_path / 'none'} cannot be used: No such file or directory"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_internal_error_is_reported_and_later_jobs_run(jobs: BackgroundJobs, qtbot: QtBot) -> None:
    errors: list[FacecamError] = []
    results: list[int] = []

    jobs.add(lambda _: 1 // 0, lambda _: None, errors.append)
    jobs.add(lambda _: 7, results.append, refuse)
    qtbot.waitUntil(lambda: results == [7])

    assert "please report" in str(errors[0])


def test_canceled_jobs_end_soon_and_call_nothing(jobs: BackgroundJobs, qtbot: QtBot) -> None:
    started, ended = threading.Event(), threading.Event()

    def work(report_progress: ProgressCallback) -> None:
        try:
            while True:
                report_progress(0, 0)
                started.set()
        finally:
            ended.set()

    jobs.add(work, lambda _: pytest.fail("it was canceled"), refuse)
    assert started.wait(60)

    jobs.cancel()

    assert ended.wait(60)
    assert not jobs.is_busy
    results: list[int] = []
    jobs.add(lambda _: 7, results.append, refuse)
    qtbot.waitUntil(lambda: results == [7])


def test_jobs_end_with_their_queue(qtbot: QtBot) -> None:
    jobs = BackgroundJobs()
    ended = threading.Event()

    def work(report_progress: ProgressCallback) -> None:
        try:
            while True:
                report_progress(0, 0)
        finally:
            ended.set()

    jobs.add(work, lambda _: None, refuse)

    jobs.deleteLater()
    del jobs

    qtbot.waitUntil(ended.is_set)


def test_a_result_callback_can_add_a_job(jobs: BackgroundJobs, qtbot: QtBot) -> None:
    order: list[str] = []

    jobs.add(lambda _: None, lambda _: jobs.add(lambda _: None, lambda _: order.append("inner"), refuse), refuse)
    jobs.add(lambda _: None, lambda _: order.append("outer"), refuse)
    qtbot.waitUntil(lambda: len(order) == 2)

    assert not jobs.is_busy
