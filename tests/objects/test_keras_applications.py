"""Networks of keras.applications on LiteRT, with random weights for MobileNet in Keras's cache."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from facecam.errors import ModelError
from facecam.imageio import read_image
from facecam.networks.convert import convert_user_network
from facecam.networks.keras_imagenet import keras_networks, load_keras
from facecam.objects.classifier import Classifier, central_crop, crop_square
from facecam.objects.imagenet import create_application
from facecam.recognizer import networks_for
from facecam.settings import Mode, Settings
from facecam.types import Floats
from tests.cli.conftest import run_in

NAME = "MobileNet"


@pytest.fixture(scope="module")
def keras_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keras's cache with random weights for MobileNet."""
    load_keras()
    import keras

    home = tmp_path_factory.mktemp("keras")
    (home / "models").mkdir()
    keras.utils.set_random_seed(7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras's own, about NumPy
        keras.applications.MobileNet(weights=None).save(home / "models" / keras_networks()[NAME].file.name)
    return home


@pytest.fixture
def cached(keras_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use that cache, with no converted networks."""
    monkeypatch.setenv("KERAS_HOME", str(keras_home))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.mark.usefixtures("cached")
def test_probabilities_equal_those_of_keras_with_its_own_preprocessing(portraits: dict[str, Path]) -> None:
    import keras

    image = read_image(portraits["cat"])
    rgb = crop_square(image, central_crop(image), 224)[np.newaxis].astype(np.float32)
    weights = str(keras_networks()[NAME].file)
    model = keras.applications.MobileNet(weights=weights)
    expected: Floats = np.asarray(model(keras.applications.mobilenet.preprocess_input(rgb.copy())))

    convert_user_network(NAME)
    found = Classifier(1, NAME).probabilities(image, central_crop(image))[np.newaxis]

    assert found == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("module", "gray"), [("mobilenet", 0.0), ("vgg16", 127.5 - 103.939), ("densenet", (0.5 - 0.485) / 0.229)]
)
def test_preprocessing_inside_the_graph_equals_that_of_keras(module: str, gray: float) -> None:
    """There are three kinds: -1 to 1; BGR minus the mean; minus the mean, divided by the standard deviation."""
    import keras

    prepare = getattr(keras.applications, module).preprocess_input
    inputs = keras.Input((2, 2, 3))
    rgb = np.random.default_rng(1).integers(0, 256, (1, 2, 2, 3)).astype(np.float32)
    graph = keras.Model(inputs, prepare(inputs))

    assert graph.predict(rgb, verbose=0) == pytest.approx(prepare(rgb.copy()), abs=1e-4)
    assert graph.predict(np.full((1, 2, 2, 3), 127.5, np.float32), verbose=0)[0, 0, 0, 0] == pytest.approx(gray, abs=1e-4)


def test_every_network_of_keras_is_known_by_its_name() -> None:
    import keras

    there = {name for name in dir(keras.applications) if name[0].isupper()}

    assert there - set(keras_networks()) == {"MobileNetV3"} & there
    assert all(hasattr(getattr(keras.applications, one.module), "preprocess_input") for one in keras_networks().values())


@pytest.mark.usefixtures("cached")
def test_weights_of_another_network_are_refused(keras_home: Path) -> None:
    mobilenet_file = keras_home / "models" / keras_networks()[NAME].file.name
    mobilenet_v2_file = keras_networks()["MobileNetV2"].file
    mobilenet_v2_file.write_bytes(mobilenet_file.read_bytes())

    with pytest.raises(ModelError, match="does not hold the weights of MobileNetV2"):
        create_application("MobileNetV2")


def test_a_network_that_cannot_be_downloaded_is_an_error_message(tmp_path: Path) -> None:
    done = run_in(
        tmp_path,
        *("models", "convert", "MobileNetV2"),
        https_proxy="http://127.0.0.1:9",
        KERAS_HOME=str(tmp_path / "keras"),
    )

    assert done.returncode == 1
    assert "the weights of MobileNetV2 are not on this machine and cannot be downloaded" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_network_that_is_not_converted_ends_the_run_with_the_command(tmp_path: Path) -> None:
    words = ("run", "--source", "demo", "--mode", "objects", "--no-window", "--no-log", "--network", "MobileNetV2")
    done = run_in(tmp_path, *words, KERAS_HOME=str(tmp_path / "keras"))

    assert done.returncode == 1
    assert "MobileNetV2 has not been converted yet: run `facecam models convert MobileNetV2` first" in done.stderr


def test_a_network_that_does_not_classify_objects_is_refused_with_the_valid_choices() -> None:
    with pytest.raises(
        ModelError, match=r"nn4_small2_facecam_v2 does not classify objects; choose efficientnet_lite0_imagenet, .* or from keras"
    ):
        networks_for(Settings().replace({"objects.network": "nn4_small2_facecam_v2"}), Mode.OBJECTS)
