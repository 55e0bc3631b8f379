"""Weights of keras.applications: downloaded completely and verified, or an error with advice. The server is in the test."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from facecam.errors import ModelError
from facecam.networks.convert import convert_user_network, user_source
from facecam.networks.keras_imagenet import KerasNetwork, fetch, keras_networks, verified_sha256

CONTENT = b"weights" * 100_000
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


class Quiet(SimpleHTTPRequestHandler):
    """Serve a folder without logging."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Yield the address of a server that has small/weights.h5."""
    (tmp_path / "served" / "small").mkdir(parents=True)
    (tmp_path / "served" / "small" / "weights.h5").write_bytes(CONTENT)
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path / "served")) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}/"
        listening.shutdown()
        thread.join()


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KerasNetwork:
    """Return a network whose weights are missing, with a temporary folder for Keras."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return KerasNetwork("Small", "small", 32, "small/weights.h5", md5=MD5)


def test_weights_are_downloaded_to_the_cache_of_keras(network: KerasNetwork, server: str, tmp_path: Path) -> None:
    assert fetch(network, host=server) == tmp_path / "keras" / "models" / "weights.h5"
    assert network.file.read_bytes() == CONTENT
    assert verified_sha256(network) == hashlib.sha256(CONTENT).hexdigest()


def test_progress_is_reported_in_bytes_up_to_the_end(network: KerasNetwork, server: str) -> None:
    progress: list[tuple[int, int]] = []

    fetch(network, lambda done, total: progress.append((done, total)), server)

    assert len(progress) > 1
    assert progress[-1] == (len(CONTENT), len(CONTENT))


def test_existing_weights_are_not_downloaded_again(network: KerasNetwork, server: str) -> None:
    fetch(network, host=server)

    assert fetch(network, host="http://127.0.0.1:9/") == network.file


def test_damaged_weights_are_an_error_and_not_stored(network: KerasNetwork, server: str) -> None:
    with pytest.raises(ModelError, match="weights of Small are damaged: md5"):
        fetch(dataclasses.replace(network, md5="0" * 32), host=server)

    assert [path for path in network.file.parent.iterdir() if path.is_file()] == []


def test_weights_damaged_after_the_download_are_an_error(network: KerasNetwork, server: str) -> None:
    fetch(network, host=server).write_bytes(b"something else")

    with pytest.raises(ModelError, match=r"damaged: md5 .*; delete .*weights\.h5"):
        verified_sha256(network)


@pytest.mark.parametrize("host", ["http://127.0.0.1:9/", "http://nowhere.invalid/"])
def test_the_error_offline_says_what_to_do(network: KerasNetwork, host: str) -> None:
    with pytest.raises(ModelError) as caught:
        fetch(network, host=host)

    message = str(caught.value)
    assert message.startswith("the weights of Small are not on this machine and cannot be downloaded (")
    assert f"go online and try again, or copy the file of {host}small/weights.h5 to {network.file}" in message


def test_weights_missing_on_the_server_are_reported(network: KerasNetwork, server: str) -> None:
    with pytest.raises(ModelError, match=r"(?i)not found"):
        fetch(dataclasses.replace(network, path="small/other.h5"), host=server)


def test_a_network_that_cannot_be_downloaded_is_not_converted(network: KerasNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")

    with pytest.raises(ModelError, match="weights of MobileNetV2 are not on this machine and cannot be downloaded"):
        convert_user_network("MobileNetV2")


@pytest.mark.parametrize("name", keras_networks())
def test_every_network_is_converted_for_its_input_size(name: str) -> None:
    network = keras_networks()[name]

    assert user_source(name).shape == (None, network.side_px, network.side_px, 3)
    assert network.file.suffix == ".h5"
    assert len(network.md5) in (0, 32)
    assert len(network.sha256) in (0, 64)
