"""Files that are made to exhaust memory or time are refused with a sentence, or read within a stated bound."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.hostile_files import HOSTILE_FILES, HostileFile, jpeg, mp4_of_fragments, mp4_of_stated_frames
from benchmarks.hostile_input import Measurement, measure, measure_paths
from tests.capture.raw_server import HEAD, Answer, Send, serving
from tests.cli.conftest import run_in

QUICK = [file for file in HOSTILE_FILES if not file.is_long]
LONG = [file for file in HOSTILE_FILES if file.is_long]


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Measurement]:
    return measure(QUICK, tmp_path_factory.mktemp("hostile"))


def check(file: HostileFile, found: Measurement) -> None:
    assert not found.failure
    assert found.peak_mb <= file.most_mb
    if file.message:
        assert re.search(file.message, found.error), found.error
    else:
        assert not found.error


@pytest.mark.parametrize("file", QUICK, ids=lambda file: f"{file.kind}-{file.name}")
def test_a_hostile_file_takes_no_more_memory_than_stated(file: HostileFile, quick: dict[str, Measurement]) -> None:
    check(file, quick[file.name])


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("file", LONG, ids=lambda file: f"{file.kind}-{file.name}")
def test_a_large_hostile_file_takes_no_more_memory_than_stated(file: HostileFile, tmp_path: Path) -> None:
    check(file, measure([file], tmp_path)[file.name])


@pytest.mark.parametrize(
    ("name", "command", "code"),
    [
        ("900-million.png", ["identify", "FILE"], 3),
        ("900-million.png", ["run", "--source", "FILE", "--no-window", "--no-log"], 1),
        ("60-million-frames.mp4", ["run", "--source", "FILE", "--no-window", "--no-log"], 1),
        ("overlap.zip", ["gallery", "import", "FILE"], 1),
        ("9000-columns.csv", ["log", "export", "FILE", "-o", "all.csv"], 1),
        ("30000-labels.csv", ["report", "FILE", "-o", "report.html"], 1),
        ("deep.toml", ["people", "list", "--config", "FILE"], 1),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_command_refuses_a_hostile_file_in_one_sentence(name: str, command: list[str], code: int, tmp_path: Path) -> None:
    path, file = tmp_path / name, next(file for file in HOSTILE_FILES if file.name == name)
    path.write_bytes(file.content())

    done = run_in(tmp_path, *(str(path) if part == "FILE" else part for part in command))

    assert done.returncode == code, done.stderr
    assert re.search(file.message, done.stdout + done.stderr)
    assert "Traceback" not in done.stderr


def test_a_long_honest_index_is_not_refused(tmp_path: Path) -> None:
    from facecam.capture.mp4_tables import stated_frames

    path = tmp_path / "film.mp4"
    path.write_bytes(mp4_of_stated_frames(9_000_000))

    assert stated_frames(path) == 9_000_000


def test_uncompressed_audio_of_hours_is_not_taken_for_frames(tmp_path: Path) -> None:
    import io

    import av
    import numpy as np

    from facecam.capture.mp4_tables import MAX_FRAMES, stated_frames

    file = io.BytesIO()
    with av.open(file, "w", format="mov") as output:
        sound = output.add_stream("pcm_s16le", rate=48_000)
        sound.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.int16), "s16", "mono")
        frame.sample_rate, frame.pts = 48_000, 0
        output.mux(sound.encode(frame))
        output.mux(sound.encode())
    hours = (48_000 * 3600 * 4).to_bytes(4, "big")
    path = tmp_path / "sound.mov"
    path.write_bytes(
        file.getvalue().replace((48_000).to_bytes(4, "big") + (1).to_bytes(4, "big"), hours + (1).to_bytes(4, "big"))
    )
    data = path.read_bytes()
    sizes = data.index(b"stsz") + 12
    path.write_bytes(data[:sizes] + hours + data[sizes + 4 :])

    assert stated_frames(path) < MAX_FRAMES


HTTP = b"HTTP/1.1 200 OK\r\n"
CONTENT = HTTP + b"Content-Type: %s\r\nContent-Length: %d\r\n\r\n"


def endless(head: bytes, piece: bytes) -> Answer:
    """Return a server that sends this head and then these bytes, until the client closes the connection."""

    def answer(_: bytes, send: Send) -> None:
        send(head)
        while True:
            send(piece * 100)

    return answer


def once(kind: bytes, data: bytes) -> Answer:
    return lambda _, send: send(CONTENT % (kind, len(data)) + data)


SERVERS = {
    "endless headers": endless(HTTP, b"X: y\r\n"),
    "endless header": endless(HTTP + b"X: ", b"y" * 1000),
    "endless part": endless(HEAD + b"--frame\r\n\r\n\xff\xd8\xff", bytes(1000)),
    "endless part header": endless(HEAD + b"--frame\r\n", b"X: y\r\n"),
    "endless image": endless(HTTP + b"Content-Type: image/jpeg\r\n\r\n\xff\xd8\xff", bytes(1000)),
    "endless image of a stated size": endless(CONTENT % (b"image/jpeg", 10**15), bytes(1000)),
    "endless chunk": endless(HTTP + b"Transfer-Encoding: chunked\r\n\r\nfffffffffff\r\n", bytes(1000)),
    "endless playlist": endless(HTTP + b"\r\n#EXTM3U\n", b"#EXTINF:1,\na.ts\n"),
    "endless zeros": endless(HTTP + b"\r\n", bytes(1000)),
    "image of 4 billion pixels": once(b"image/jpeg", jpeg(65_500, 65_500)),
    "MP4 of 60 million frames": once(b"video/mp4", mp4_of_stated_frames(60_000_000)),
    "fragment of 60 million frames": once(b"video/mp4", mp4_of_fragments(60_000_000)),
}
SERVER_MB = 400
"""Most memory for what a server sends: a part of 64 MB, its copy, and the image in it."""


@pytest.fixture(scope="module")
def read_addresses() -> dict[str, Measurement]:
    """What one process found that read from all servers, one after another."""
    with ExitStack() as servers:
        addresses = [f"http://{servers.enter_context(serving(answer))}/v" for answer in SERVERS.values()]
        return dict(zip(SERVERS, measure_paths("address", addresses), strict=True))


@pytest.mark.parametrize("server", SERVERS)
def test_a_hostile_server_cannot_fill_the_memory(server: str, read_addresses: dict[str, Measurement]) -> None:
    found = read_addresses[server]

    assert not found.failure
    assert found.peak_mb <= SERVER_MB, found
    assert found.error


@pytest.mark.parametrize(
    "answer", [b"RTSP/1.0 200 OK\r\n" + b"X: y\r\n" * 10_000_000, b"RTSP/1.0 200 OK\r\nContent-Length: 999999999999\r\n\r\n"]
)
def test_a_hostile_rtsp_server_cannot_fill_the_memory(answer: bytes) -> None:
    with serving(lambda _, send: send(answer)) as host:
        (found,) = measure_paths("address", [f"rtsp://{host}/v"])

    assert not found.failure
    assert found.peak_mb <= SERVER_MB
    assert found.error
