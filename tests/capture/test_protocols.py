"""No source opens another file or address than the one that was named: a canary file and a canary server stay unread."""

from __future__ import annotations

import contextlib
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from facecam.capture.media import MediaError, MediaReader
from facecam.capture.source import open_source
from facecam.errors import CameraError
from facecam.settings import CaptureSettings
from tests.capture.raw_server import Send, serving, video


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """Return a video that no source may open."""
    path = tmp_path / "canary.ts"
    path.write_bytes(video("mpegts"))
    return path


@pytest.fixture
def requests() -> list[bytes]:
    return []


@pytest.fixture
def server(requests: list[bytes]) -> Iterator[str]:
    """Serve the video that no source may open, and note who asks."""

    def answer(request: bytes, send: Send) -> None:
        requests.append(request)
        send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with serving(answer) as host:
        yield host


HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{target}\n#EXT-X-ENDLIST\n"
LISTS = {
    "hls": HLS,
    "hls key": HLS.replace("#EXTINF", '#EXT-X-KEY:METHOD=AES-128,URI="{target}"\n#EXTINF'),
    "hls map": HLS.replace("#EXTINF", '#EXT-X-MAP:URI="{target}"\n#EXTINF'),
    "hls master": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{target}\n",
    "concat": "ffconcat version 1.0\nfile '{target}'\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9000 RTP/AVP 96\na=control:{target}\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
    '<AdaptationSet mimeType="video/mp2t"><Representation id="1" bandwidth="1"><BaseURL>{target}</BaseURL></Representation>'
    "</AdaptationSet></Period></MPD>",
    "smooth streaming": '<?xml version="1.0"?><SmoothStreamingMedia><StreamIndex Url="{target}"/></SmoothStreamingMedia>',
    "windows": "[Reference]\nRef1={target}\n",
    "real": "{target}\n",
    "asx": '<asx version="3.0"><entry><ref href="{target}"/></entry></asx>',
    "imf": '<?xml version="1.0"?><AssetMap><Path>{target}</Path></AssetMap>',
    "avisynth": 'FFmpegSource2("{target}")\n',
    "vapoursynth": 'core.ffms2.Source("{target}").set_output()\n',
    "subtitles": "1\n00:00:00,000 --> 00:00:01,000\n{target}\n",
    "movie filter": "movie={target}\n",
}
TARGETS = {
    "path": "{file}",
    "file": "file://{file}",
    "concat": "concat:{file}|{file}",
    "subfile": "subfile,,start,0,end,0,,:{file}",
    "crypto": "crypto+file://{file}",
    "async": "async:file:{file}",
    "cache": "cache:file:{file}",
    "data": "data:video/mp2t;base64,Rw==",
    "tee": "tee:{file}",
    "pipe": "pipe:0",
    "fd": "fd:0",
    "unix": "unix:{file}",
    "http": "http://{server}/canary.ts",
    "tcp": "tcp://{server}",
    "ftp": "ftp://{server}/canary.ts",
    "gopher": "gopher://{server}/canary.ts",
    "icecast": "icecast://{server}/canary.ts",
    "rtmp": "rtmp://{server}/canary",
    "rtsp": "rtsp://{server}/canary",
    "udp": "udp://{server}",
}


def opened_frames(source: str) -> int:
    """Return the number of frames that a source delivers, 0 when it is refused."""
    with contextlib.suppress(CameraError), open_source(source, CaptureSettings(), time.monotonic()) as opened:
        return len([None for _ in range(30) if opened.read() is not None])
    return 0


@pytest.mark.parametrize("target", TARGETS)
def test_a_list_in_a_file_opens_nothing_else(
    target: str, tmp_path: Path, canary: Path, server: str, requests: list[bytes]
) -> None:
    address = TARGETS[target].format(file=canary, server=server)
    for name, text in LISTS.items():
        for suffix in (".m3u8", ".mp4", ".sdp", ".mpd", ".txt", ".ffconcat"):
            for ending in ("", "\n#\0"):  # A zero byte hides that it is text.
                path = tmp_path / f"list{suffix}"
                path.write_text(text.format(target=address) + ending)
                assert opened_frames(str(path)) == 0, name
                with pytest.raises(MediaError):
                    MediaReader.open_file(path)
    assert not requests


@pytest.mark.parametrize("target", [*TARGETS, "image pattern"])
def test_a_name_of_a_source_is_a_path_or_an_allowed_address(
    target: str, tmp_path: Path, canary: Path, server: str, requests: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(3):
        (tmp_path / f"image{number}.ts").write_bytes(canary.read_bytes())
    text = "image%d.ts" if target == "image pattern" else TARGETS[target].format(file=canary, server=server)
    allowed = {"path", "http", "rtmp", "rtsp", "udp"}

    if target not in allowed:
        assert opened_frames(text) == 0
        assert not requests


@pytest.mark.parametrize("target", TARGETS)
def test_a_list_at_an_address_opens_nothing_else(target: str, canary: Path, server: str, requests: list[bytes]) -> None:
    # Another name of this machine is another host.
    address = TARGETS[target].format(file=canary, server=server.replace("127.0.0.1", "localhost"))
    for name, text in LISTS.items():
        content = text.format(target=address).encode()

        def answer(_: bytes, send: Send, content: bytes = content) -> None:
            send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content)

        with serving(answer) as host:
            assert opened_frames(f"http://{host}/v.m3u8") == 0, name
    assert not requests


@pytest.mark.parametrize("target", TARGETS)
def test_a_redirect_leads_to_nothing_but_the_same_server(target: str, canary: Path, server: str, requests: list[bytes]) -> None:
    address = TARGETS[target].format(file=canary, server=server.replace("127.0.0.1", "localhost"))

    def answer(_: bytes, send: Send) -> None:
        send(f"HTTP/1.1 302 Found\r\nLocation: {address}\r\nContent-Length: 0\r\n\r\n".encode())

    with serving(answer) as host:
        assert opened_frames(f"http://{host}/v") == 0
    assert not requests


def with_data_reference(data: bytes, path: Path) -> bytes:
    """Return an MP4 whose samples are stated to be in another file: a data reference of the kinds `alis` and `url `."""
    at = data.index(b"dref") - 4
    (length,) = struct.unpack_from(">I", data, at)
    name = str(path).encode()
    alias = bytes(4) + struct.pack(">HH", 150, 2) + bytes(2) + bytes(28) + bytes(4) + bytes(64) + bytes(8) + bytes(8)
    alias += bytes(2) + struct.pack(">hh", 1, 1) + bytes(16) + struct.pack(">hH", 2, len(name)) + name + bytes(len(name) % 2)
    alias += struct.pack(">hH", 18, len(name)) + name + bytes(len(name) % 2) + struct.pack(">hh", -1, 0)
    entry = struct.pack(">I", len(alias) + 8) + b"alis" + alias
    content = bytes(4) + struct.pack(">I", 1) + entry
    grown = struct.pack(">I", len(content) + 8) + b"dref" + content
    changed = bytearray(data[:at] + grown + data[at + length :])
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        place = changed.index(kind) - 4
        size = struct.unpack_from(">I", changed, place)[0] + len(grown) - length
        changed[place : place + 4] = struct.pack(">I", size)
    # Without the media's own data, frames could only come from the other file.
    media = changed.index(b"mdat")
    return bytes(changed[: media + 4]) + bytes(len(changed) - media - 4)


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_a_file_whose_frames_are_said_to_be_in_another_file_does_not_open_it(suffix: str, tmp_path: Path) -> None:
    data = video("mp4")
    canary = tmp_path / "canary.mp4"
    canary.write_bytes(data)
    path = tmp_path / f"film{suffix}"
    path.write_bytes(with_data_reference(data, canary))
    before = canary.stat().st_atime_ns

    assert opened_frames(str(path)) == 0
    assert canary.stat().st_atime_ns == before


def test_a_link_to_a_playlist_is_not_followed_into_other_files(tmp_path: Path, canary: Path) -> None:
    (tmp_path / "list.m3u8").write_text(HLS.format(target=canary))
    link = tmp_path / "film.mp4"
    link.symlink_to(tmp_path / "list.m3u8")

    assert opened_frames(str(link)) == 0
