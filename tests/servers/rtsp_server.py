"""RTSP camera that simulates faults on command: `/usr/bin/python3 -m tests.servers.rtsp_server`.

The first line on standard output is the port; each line on standard input is a command and is answered with its word; the
server ends with its standard input. Runs under the system's Python, which has GStreamer's bindings.

    ok          normal operation
    hang 4      sessions stay open, nothing is sent for 4 s
    freeze 4    a repeated image for 4 s
    black 4     black images for 4 s
    teardown    all connections are closed; new ones are accepted
    refuse      the same, and new ones get status 401 until `ok`
"""

from __future__ import annotations

import argparse
import secrets
import sys
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402 - the versions are chosen first

from tests.servers.playback import ImageSequence, PlaybackState, listen, reply  # noqa: E402

_SIZE_WH = (640, 480)
_ENCODERS = {
    "jpeg": "video/x-raw,format=I420 ! jpegenc quality=85 ! rtpjpegpay name=pay0 pt=26",
    # Like cameras: one key frame per second.
    "h264": "openh264enc bitrate=2000000 gop-size={fps} ! rtph264pay name=pay0 pt=96 config-interval=-1",
}
_ELEMENTS = ("appsrc", "jpegenc", "rtpjpegpay", "openh264enc", "rtph264pay", "videoconvert", "videoscale", "jpegdec")
_ROLE = "viewer"


class Server:
    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._state = PlaybackState()
        self._images = ImageSequence(_SIZE_WH, options.picture and _decoded(options.picture))
        self._source: Any = None
        self._server = GstRtspServer.RTSPServer(address="127.0.0.1", service=str(options.port))
        factory = GstRtspServer.RTSPMediaFactory(shared=True, launch=_pipeline(options.codec, options.fps))
        factory.connect("media-configure", self._configured)
        permissions = GstRtspServer.RTSPPermissions()
        for role in (_ROLE, "anonymous"):
            permissions.add_permission_for_role(role, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)
            permissions.add_permission_for_role(role, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, True)
        factory.set_permissions(permissions)
        self._server.get_mount_points().add_factory("/video", factory)
        self._require_password(options.password)
        self._server.attach(None)
        GLib.timeout_add(1000 // options.fps, self._push)

    @property
    def port(self) -> int:
        return self._server.get_bound_port()

    def execute(self, word: str, numbers: list[float]) -> bool:
        """Execute a command in the main loop's thread. False tells GLib not to repeat the call."""
        if word in {"teardown", "refuse"}:
            self._server.client_filter(_close)
        self._require_password(secrets.token_hex() if word == "refuse" else self._options.password)
        self._state.play(word, *numbers)
        reply(word)
        return False

    def _configured(self, _: Any, media: Any) -> None:
        self._source = media.get_element().get_child_by_name("source")

    def _push(self) -> bool:
        if self._source is not None and self._state.word != "hang":
            buffer = Gst.Buffer.new_wrapped(bytes(self._images.next(self._state.word)))
            self._source.emit("push-buffer", buffer)
        return True

    def _require_password(self, password: str | None) -> None:
        """Require this password, or none."""
        if password is None:
            self._server.set_auth(None)
            return
        auth, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
        token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, _ROLE)
        if self._options.auth == "basic":
            auth.add_basic(GstRtspServer.RTSPAuth.make_basic(self._options.user, password), token)
        else:
            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
            auth.add_digest(self._options.user, password, token)
        self._server.set_auth(auth)


def _close(_: Any, client: Any) -> Any:
    # As the network does; close() on a client that is about to disconnect makes GLib log errors endlessly.
    client.get_connection().get_read_socket().shutdown(True, True)
    return GstRtspServer.RTSPFilterResult.KEEP


def _pipeline(codec: str, fps: int) -> str:
    width, height = _SIZE_WH
    caps = f"video/x-raw,format=BGR,width={width},height={height},framerate={fps}/1"
    # One buffer that keeps the newest image; a queue would look like a slow client.
    source = f"appsrc name=source is-live=true do-timestamp=true format=time caps={caps} max-buffers=1 leaky-type=downstream"
    return f"( {source} ! videoconvert ! {_ENCODERS[codec].format(fps=fps)} )"


def _decoded(path: Path) -> bytes:
    """Return the image as pixels of a frame, with borders where the aspect ratio differs."""
    caps = f"video/x-raw,format=BGR,width={_SIZE_WH[0]},height={_SIZE_WH[1]},pixel-aspect-ratio=1/1"
    steps = f"filesrc location={path} ! jpegdec ! videoconvert ! videoscale add-borders=true ! {caps} ! appsink name=sink"
    pipeline = Gst.parse_launch(steps)
    pipeline.set_state(Gst.State.PLAYING)
    buffer = pipeline.get_by_name("sink").emit("pull-sample").get_buffer()
    pixels = buffer.extract_dup(0, buffer.get_size())
    pipeline.set_state(Gst.State.NULL)
    return bytes(pixels)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--codec", choices=list(_ENCODERS), default="h264")
    parser.add_argument("--picture", type=Path, help="a JPEG to stamp (default: plain gray)")
    parser.add_argument("--user", default="ada")
    parser.add_argument("--password", help="required together with --user")
    parser.add_argument("--auth", choices=["basic", "digest"], default="basic")
    parser.add_argument("--check", action="store_true", help="only check that GStreamer's elements are installed")
    options = parser.parse_args()
    Gst.init(None)
    if options.check:
        sys.exit(not all(map(Gst.ElementFactory.find, _ELEMENTS)))
    loop = GLib.MainLoop()
    server = Server(options)
    listen(lambda word, numbers: GLib.idle_add(server.execute, word, numbers), lambda: GLib.idle_add(loop.quit))
    reply(str(server.port))
    loop.run()


if __name__ == "__main__":
    main()
