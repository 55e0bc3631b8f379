"""Work in a thread of its own, and what the window hears of it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from facecam.errors import FacecamError, GalleryError
from facecam.ui.background import BackgroundJobs, Told


@pytest.fixture
def jobs(qtbot: QtBot) -> BackgroundJobs:
    return BackgroundJobs()


def refuse(error: FacecamError) -> None:
    pytest.fail(f"unexpected: {error}")


def test_work_is_done_elsewhere_and_its_result_comes_back_here(jobs: BackgroundJobs, qtbot: QtBot) -> None:
    results: list[tuple[int, int]] = []
    jobs.add(lambda _: threading.get_ident(), lambda there: results.append((there, threading.get_ident())), refuse)

    qtbot.waitUntil(lambda: bool(results))

    there, here = results[0]
    assert here == threading.get_ident() != there


def test_pieces_of_work_come_one_after_the_other(jobs: BackgroundJobs, qtbot: QtBot) -> None:
    order: list[str] = []
    first_may_end = threading.Event()
    jobs.add(lambda _: first_may_end.wait(5), lambda _: order.append("first"), refuse)
    jobs.add(lambda _: order.append("second begins"), lambda _: order.append("second"), refuse)
    qtbot.wait(100)
    assert order == []

    first_may_end.set()
    qtbot.waitUntil(lambda: not jobs.busy)

    assert order == ["first", "second begins", "second"]


def test_progress_is_told(jobs: BackgroundJobs, qtbot: QtBot) -> None:
    seen: list[tuple[int, int]] = []
    jobs.progressed.connect(lambda done, total: seen.append((done, total)))
    go_on = threading.Event()

    def work(told: Told) -> None:
        told(3, 7)
        go_on.wait(5)

    jobs.add(work, lambda _: None, refuse)
    qtbot.waitUntil(lambda: seen == [(3, 7)])
    go_on.set()
    qtbot.waitUntil(lambda: not jobs.busy)


def test_an_error_of_facecam_comes_back_as_it_is(jobs: BackgroundJobs, qtbot: QtBot) -> None:
    errors: list[FacecamError] = []

    def work(_: Told) -> None:
        raise GalleryError("nobody is there")

    jobs.add(work, lambda _: pytest.fail("no result was expected"), errors.append)
    qtbot.waitUntil(lambda: bool(errors))

    assert str(errors[0]) == "nobody is there"
    assert not jobs.busy


def test_a_file_that_cannot_be_used_is_a_sentence(jobs: BackgroundJobs, qtbot: QtBot, tmp_path: Path) -> None:
    errors: list[FacecamError] = []

    jobs.add(lambda _: (tmp_path / "none").read_bytes(), lambda _: None, errors.append)
    qtbot.waitUntil(lambda: bool(errors))

    assert str(errors[0]) == f"{tmp_path / 'none'} cannot be used: No such file or directory"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_our_own_is_told_and_ends_nothing_else(jobs: BackgroundJobs, qtbot: QtBot) -> None:
    errors: list[FacecamError] = []
    results: list[int] = []

    jobs.add(lambda _: 1 // 0, lambda _: None, errors.append)
    jobs.add(lambda _: 7, results.append, refuse)
    qtbot.waitUntil(lambda: results == [7])

    assert "please report" in str(errors[0])


def test_canceled_work_ends_soon_and_calls_nothing(jobs: BackgroundJobs, qtbot: QtBot) -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(told: Told) -> None:
        try:
            while True:
                told(0, 0)
                begun.set()
        finally:
            ended.set()

    jobs.add(work, lambda _: pytest.fail("it was canceled"), refuse)
    assert begun.wait(5)

    jobs.cancel()

    assert ended.wait(5)
    assert not jobs.busy
    qtbot.wait(60)


def test_work_ends_with_the_object_that_asked_for_it(qtbot: QtBot) -> None:
    jobs = BackgroundJobs()
    ended = threading.Event()

    def work(told: Told) -> None:
        try:
            while True:
                told(0, 0)
        finally:
            ended.set()

    jobs.add(work, lambda _: None, refuse)

    jobs.deleteLater()
    del jobs

    qtbot.waitUntil(ended.is_set)


def test_what_a_result_asks_for_comes_next(jobs: BackgroundJobs, qtbot: QtBot) -> None:
    order: list[str] = []

    jobs.add(lambda _: None, lambda _: jobs.add(lambda _: None, lambda _: order.append("inner"), refuse), refuse)
    jobs.add(lambda _: None, lambda _: order.append("outer"), refuse)
    qtbot.waitUntil(lambda: len(order) == 2)

    assert not jobs.busy
