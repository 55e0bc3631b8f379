"""Sessions on network cameras: a video file is played once, and no password is written or shown."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from facecam.capture.source import open_source
from facecam.logbook.reader import read_log
from facecam.settings import CaptureSettings
from tests.capture.raw_server import HEAD, Send, jpeg, part, serving, video
from tests.session.conftest import Rig


def send_images(_: bytes, send: Send) -> None:
    send(HEAD)
    for number in range(30):
        send(part(jpeg(number)))
        time.sleep(0.01)


@pytest.mark.parametrize("length", [True, False])
def test_a_video_file_at_an_http_address_is_played_once(rig: Rig, length: bool) -> None:
    data, requests = video("mp4"), []

    def send_file(request: bytes, send: Send) -> None:
        requests.append(request)
        send(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: %d\r\n" % len(data) if length else b"") + b"\r\n" + data)

    with serving(send_file) as host:
        opens: Any = lambda started_at_s: open_source(f"http://{host}/film.mp4", CaptureSettings(), started_at_s)  # noqa: E731
        session = rig.session(opens, every_frame=True)
        session.start()
        assert session.wait(60)
        session.stop()

    assert session.error is None
    assert session.log is not None
    log = read_log(session.log.path)
    assert log[log.event == "seen"].frame_index.max() == 23
    assert session.status().sources[0].frames == 24
    assert session.status().sources[0].reconnections == 0
    assert len(requests) == 1


PLACES = ["adm1n:s3cret@HOST/v", "HOST/user=adm1n_password=s3cret_x", "HOST/v?pwd=s3cret", "HOST/v?x=s3cret"]


@pytest.mark.parametrize("place", PLACES)
def test_no_row_status_or_description_has_credentials(
    rig: Rig, wait_for: Callable[..., None], place: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with serving(send_images) as host:
        address = f"http://{place.replace('HOST', host)}"
        opens: Any = lambda started_at_s: open_source(address, CaptureSettings(), started_at_s)  # noqa: E731
        session = rig.session(opens)
        session.start()
        wait_for(lambda: session.status().sources[0].reconnections)
        status = session.status()
        session.stop()
    assert session.log is not None
    details = session.log.details_path.read_text()
    written = session.log.path.read_text() + details

    assert f"http://{host}/" in written
    assert json.loads(details)
    shown = "".join([written, repr(status), *capfd.readouterr()])
    assert "s3cret" not in shown
    assert "adm1n" not in shown
