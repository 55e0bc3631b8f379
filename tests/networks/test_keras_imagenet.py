"""Weights of keras.applications: fetched whole and verified, or a sentence that says what to do. From a server in the test."""

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
from facecam.networks.convert import ensure_compiled, missing, recipe
from facecam.networks.keras_imagenet import KerasNetwork, fetch, keras_networks, verified_sha256

CONTENT = b"weights" * 100_000
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a server that has small/weights.h5."""
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
    """A network whose weights are not there yet; Keras's folder is the test's own."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return KerasNetwork("Small", "small", 32, "small/weights.h5", md5=MD5)


def test_weights_are_fetched_into_kerass_cache(network: KerasNetwork, server: str, tmp_path: Path) -> None:
    assert fetch(network, host=server) == tmp_path / "keras" / "models" / "weights.h5"
    assert network.file.read_bytes() == CONTENT
    assert verified_sha256(network) == hashlib.sha256(CONTENT).hexdigest()


def test_progress_is_told_in_bytes_up_to_the_end(network: KerasNetwork, server: str) -> None:
    told: list[tuple[int, int]] = []

    fetch(network, lambda done, total: told.append((done, total)), server)

    assert len(told) > 1
    assert told[-1] == (len(CONTENT), len(CONTENT))


def test_what_is_there_is_not_fetched_again(network: KerasNetwork, server: str) -> None:
    fetch(network, host=server)

    assert fetch(network, host="http://127.0.0.1:9/") == network.file


def test_damaged_weights_are_refused_and_not_kept(network: KerasNetwork, server: str) -> None:
    with pytest.raises(ModelError, match="weights of Small are damaged: md5"):
        fetch(dataclasses.replace(network, md5="0" * 32), host=server)

    assert [path for path in network.file.parent.iterdir() if path.is_file()] == []


def test_weights_that_were_damaged_later_are_refused(network: KerasNetwork, server: str) -> None:
    fetch(network, host=server).write_bytes(b"something else")

    with pytest.raises(ModelError, match=r"damaged: md5 .*; delete .*weights\.h5"):
        verified_sha256(network)


@pytest.mark.parametrize("host", ["http://127.0.0.1:9/", "http://nowhere.invalid/"])
def test_offline_it_says_what_to_do(network: KerasNetwork, host: str) -> None:
    with pytest.raises(ModelError) as caught:
        fetch(network, host=host)

    said = str(caught.value)
    assert said.startswith("the weights of Small are not on this machine and cannot be fetched (")
    assert f"go online and try again, or copy the file of {host}small/weights.h5 to {network.file}" in said


def test_weights_that_the_server_does_not_have_are_said(network: KerasNetwork, server: str) -> None:
    with pytest.raises(ModelError, match=r"(?i)not found"):
        fetch(dataclasses.replace(network, path="small/other.h5"), host=server)


def test_a_network_without_weights_is_to_be_compiled(network: KerasNetwork) -> None:
    assert missing(["MobileNetV2"]) == ["MobileNetV2"]


def test_networks_are_fetched_before_they_are_compiled(network: KerasNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")

    with pytest.raises(ModelError, match="weights of MobileNetV2 are not on this machine and cannot be fetched"):
        ensure_compiled(["MobileNetV2"])


@pytest.mark.parametrize("name", keras_networks())
def test_every_network_is_compiled_for_its_own_size(name: str) -> None:
    network = keras_networks()[name]

    assert recipe(name).shape == (None, network.side_px, network.side_px, 3)
    assert network.file.suffix == ".h5"
    assert len(network.md5) in (0, 32)
    assert len(network.sha256) in (0, 64)
