"""Conversion of networks from Keras to LiteRT: the shipped ones when a release is built, a user's own once, on request.

`make models` (`python -m facecam.networks.convert`) converts the weights in models/ and updates sizes and hashes in
MANIFEST.toml. `facecam models convert` calls `convert_user_network`. Opening a network never imports this module.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import importlib.metadata
import json
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tomlkit

from facecam.errors import ModelError
from facecam.fileio import PART_PREFIX, cache_dir, create_private_folder, open_regular, write_atomic, write_output, write_private
from facecam.networks.embedding_networks import default_alignment
from facecam.networks.keras_imagenet import fetch, keras_networks, load_keras, silence_stderr, verified_sha256
from facecam.networks.litert import CompiledNetwork, embedding_shape
from facecam.networks.manifest import MANIFEST, CompiledEntry, compiled_entries, entry, models_dir
from facecam.networks.user_embeddings import description_path, description_template, read_network_file
from facecam.networks.user_networks import (
    NETWORK_FILE,
    InputForm,
    TrainedNetwork,
    is_embedding_file,
    network_folder,
    networks_dir,
    read_trained,
    verified_weights,
    write_converted,
    write_description,
)

if TYPE_CHECKING:
    import keras

# Largest accepted output error, relative to outputs above 1: rounding for float32, quantization steps of logits for int8.
_FLOAT_ERROR, _INT8_ERROR = 1e-3, 1.0

_USUAL_SIDE_PX = 112
"""Side of the input in the description of a network that allows any."""

KERAS_FILE = "keras"
"""Recipe in network.json of a network that was converted from a .keras file."""


@dataclass(frozen=True, slots=True)
class NetworkSource:
    """Source of a network: `module`.`function`(*arguments) returns a Keras model or a TensorFlow function of one argument.

    `weights` is the manifest entry of its weights, "" for a user's network. `shape` is the input's; None is a size that may
    change at run time. `int8` selects dynamic range quantization: 8-bit weights, activations quantized per call.
    """

    module: str
    function: str
    arguments: tuple[str, ...]
    weights: str
    shape: tuple[int | None, ...]
    int8: bool = False


def _nn4_small2(weights: str) -> NetworkSource:
    return NetworkSource("facecam.embedding.nn4_small2", "create_model", (weights,), weights, (None, 96, 96, 3))


def _minifasnet(weights: str) -> NetworkSource:
    return NetworkSource("facecam.presentation.minifasnet", "create_model", (weights,), weights, (None, 80, 80, 3))


_MTCNN = "facecam.detection.mtcnn_networks"
_IMAGENET = "facecam.objects.imagenet"
_LITE0 = "efficientnet_lite0_imagenet"

RECIPES = {
    "pnet": NetworkSource(_MTCNN, "pnet", (), "mtcnn", (1, None, None, 3)),
    # In int8 R-Net takes half the time, and the cascade finds as many faces as before (benchmarks.wider).
    "rnet": NetworkSource(_MTCNN, "rnet", (), "mtcnn", (None, 24, 24, 3), int8=True),
    "onet": NetworkSource(_MTCNN, "onet", (), "mtcnn", (None, 48, 48, 3)),
    # In int8 it takes less than half of the time and agrees with as many voters (docs/internals/expressions.md).
    "expression_facecam_v1": NetworkSource(
        "facecam.expression.network", "create_model", (), "expression_facecam_v1", (None, 48, 48, 1), int8=True
    ),
    "minifasnet_v2": _minifasnet("minifasnet_v2"),
    "minifasnet_v1se": _minifasnet("minifasnet_v1se"),
    "efficientnet_lite0_imagenet": NetworkSource(_IMAGENET, "create_model", (), _LITE0, (None, 224, 224, 3)),
    "efficientnet_lite0_features": NetworkSource(_IMAGENET, "create_features", (), _LITE0, (None, 224, 224, 3)),
    "nn4_small2_facecam_v2": _nn4_small2("nn4_small2_facecam_v2"),
    "face_reidentification_retail_0095": NetworkSource(
        "facecam.embedding.face_reidentification",
        "create_model",
        (),
        "face_reidentification_retail_0095",
        (None, 128, 128, 3),
    ),
    "nn4_small2_openface_v1": _nn4_small2("nn4_small2_openface_v1"),
}
"""The shipped networks."""


def user_source(name: str) -> NetworkSource:
    """Return the source of a network of keras.applications, or of the trained network in an absolute folder."""
    network = keras_networks().get(name)
    if network is not None:
        return NetworkSource(_IMAGENET, "create_application", (name,), "", (None, network.side_px, network.side_px, 3))
    trained = read_trained(Path(name))
    if trained.recipe == KERAS_FILE:
        return NetworkSource(__name__, "load_imported_keras_file", (name,), "", (None, *trained.form.shape))
    return NetworkSource("facecam.training.recipes", "create_model", (name,), "", (None, *trained.form.shape))


def create_shipped(name: str) -> keras.Model:
    """Return a shipped network as a Keras model. ModelError if it is unknown, or its weights are missing or damaged."""
    if name not in RECIPES:
        raise ModelError(f"{name} is not a network of facecam's; choose one of {', '.join(RECIPES)}")
    return _create(RECIPES[name])


def _create(source: NetworkSource) -> Any:
    return getattr(importlib.import_module(source.module), source.function)(*source.arguments)


def convert(name: str, source: NetworkSource) -> bytes:
    """Convert a network and return its LiteRT flat buffer. The same weights and TensorFlow give the same bytes.

    Raises:
        ModelError: TensorFlow cannot be imported, the weights do not fit, or the converted network gives other outputs.
    """
    load_keras()
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    with warnings.catch_warnings(), silence_stderr(), _private_temporary_files():
        warnings.simplefilter("ignore")
        model = _create(source)
        graph = tf.function(model.__call__, input_signature=[tf.TensorSpec(source.shape, tf.float32)])
        frozen = convert_variables_to_constants_v2(graph.get_concrete_function())
        converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
        if source.int8:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        content: bytes = converter.convert()
    _check_output(name, content, source, frozen)
    return content


@contextmanager
def _private_temporary_files() -> Iterator[None]:
    """Let TensorFlow write its temporary files, among them the network, to the user's cache folder instead of /tmp."""
    create_private_folder(cache_dir())
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix=PART_PREFIX, dir=cache_dir(), ignore_cleanup_errors=True) as folder:
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = before


def _check_output(name: str, content: bytes, source: NetworkSource, reference: Any) -> None:
    """Compare the outputs of the compiled network and its graph. Conversions have silently produced NaN."""
    import tensorflow as tf

    sizes = [size or fallback for size, fallback in zip(source.shape, (2, 48, 48, 3), strict=True)]
    batch = np.random.default_rng(0).random(sizes, np.float32)
    expected = np.asarray(tf.nest.flatten(reference(tf.constant(batch)))[0])
    network = CompiledNetwork(name, content, threads=1)
    worst = float(np.max(np.abs(network(batch) - expected)) / max(1.0, float(np.max(np.abs(expected)))))
    if not worst < (_INT8_ERROR if source.int8 else _FLOAT_ERROR):
        raise ModelError(
            f"{name} gives different outputs once converted (error {worst}); this version of TensorFlow converts it incorrectly"
        )


def converter_version() -> str:
    """Return what the manifest calls the converter, such as "tensorflow 2.21.0"."""
    return f"tensorflow {importlib.metadata.version('tensorflow')}"


def convert_user_network(
    network: str, progress: Callable[[int, int], None] | None = None, labels: Sequence[str] = (), scaling: str = "unit"
) -> Path:
    """Convert a user's network for LiteRT, store it, and return the path of the result.

    Args:
        network: Folder of a trained network, a .keras file, or a network of keras.applications by name. The weights of the
            last are downloaded if Keras's cache lacks them, the only download that facecam makes.
        progress: Called with the downloaded bytes and their total.
        labels: Labels of a .keras file, in the order of its outputs.
        scaling: Scaling of a .keras file's input, a name in SCALINGS.

    Raises:
        ModelError: The network is unknown, cannot be downloaded, or cannot be converted.
    """
    application = keras_networks().get(network)
    if application is not None:
        load_keras()  # Nothing is downloaded where it could not be converted.
        fetch(application, progress)
        return write_converted(network, convert(network, user_source(network)), verified_sha256(application), converter_version())
    path = Path(network).expanduser().absolute()
    if path.suffix == ".keras":
        path = _import_keras_file(path, tuple(labels), scaling)
    elif not path.is_dir() and (networks_dir() / network / NETWORK_FILE).is_file():
        path = networks_dir() / network
    if is_embedding_file(str(path)):
        raise ModelError(f"{network} is a compiled network: add --embedding to use it for faces; objects need a .keras file")
    if not path.is_dir():
        raise ModelError(
            f"{network} cannot be converted: it is neither the folder of a trained network, nor a .keras file, nor one of "
            f"keras.applications; choose from {', '.join(keras_networks())}"
        )
    return convert_trained(read_trained(path))


def convert_embedding(network: Path, target: Path, scaling: str = "unit") -> Path:
    """Convert an embedding network from a .keras file to `target`, and describe its input in FILE.toml beside that.

    A description that exists stays; one that does not has to be corrected by the user. A .tflite file is only described.

    Raises:
        ModelError: The network cannot be loaded or converted, or does not embed square images.
        OutputError: A file cannot be written.
    """
    if is_embedding_file(str(network)):
        target = network
        side_px, length = embedding_shape(str(network), read_network_file(network))
    elif network.suffix.lower() == ".keras":
        model = load_embedding_file(str(network))
        side_px, length = model.input_shape[1], model.output_shape[1]
        source = NetworkSource(__name__, "load_embedding_file", (str(network),), "", (None, side_px, side_px, 3))
        write_output(target, convert(network.name, source))
    else:
        raise ModelError(f"{network} cannot be converted to an embedding network; name a .keras or .tflite file")
    path = description_path(target)
    if not path.exists():
        alignment = default_alignment(side_px or _USUAL_SIDE_PX)
        landmarks_xy = json.dumps(alignment.landmarks_xy)
        write_output(path, description_template(target, alignment.size_px, length, scaling, landmarks_xy).encode())
    return target


def load_embedding_file(path: str) -> keras.Model:
    """Load an embedding network from a .keras file. Code in the file is not executed."""
    model = _load_keras_file(path)
    if model.input_shape[3] != 3:
        raise ModelError(f"{path} takes images with {model.input_shape[3]} channel; facecam needs 3")
    if not isinstance(model.output_shape, tuple) or len(model.output_shape) != 2:
        raise ModelError(f"{path} returns {model.output_shape}; facecam needs one row of numbers per image")
    return model


def convert_trained(network: TrainedNetwork) -> Path:
    """Convert a trained network, store the result in its folder and return its path."""
    name = str(network.folder.absolute())
    return write_converted(name, convert(name, user_source(name)), network.sha256, converter_version())


def convert_again(name: str) -> Path:
    """Convert a user's network again whose compiled file cannot be used. ModelError unless the source is as the user left it."""
    application = keras_networks().get(name)
    if application is None:
        return convert_trained(read_trained(Path(name)))
    if not (application.md5 or application.sha256):
        raise ModelError(f"no hash of the weights of {name} is published; run `facecam models convert {name}` again")
    sha256 = verified_sha256(application)
    return write_converted(name, convert(name, user_source(name)), sha256, converter_version())


def load_keras_file(path: str) -> keras.Model:
    """Load a .keras file, with a softmax where its outputs are not probabilities. Code in the file is not executed."""
    load_keras()
    import keras

    model = _load_keras_file(path)
    shape = model.input_shape
    if not isinstance(model.output_shape, tuple) or len(model.output_shape) != 2:
        raise ModelError(f"{path} returns {model.output_shape}; facecam needs one row of class probabilities per image")
    sample = np.asarray(model(np.random.default_rng(0).random((2, *shape[1:]), np.float32), training=False))
    if sample.min() < 0 or np.abs(sample.sum(axis=1) - 1).max() > 1e-3:
        model = keras.Model(model.input, keras.layers.Softmax(name="probabilities")(model.output))
    return model


def load_imported_keras_file(folder: str) -> keras.Model:
    """Load the .keras file of a user's network, from a private copy of the content that was verified: Keras needs a path."""
    content = verified_weights(read_trained(Path(folder)))
    create_private_folder(cache_dir())
    with tempfile.TemporaryDirectory(prefix=PART_PREFIX, dir=cache_dir()) as private:
        path = Path(private) / "network.keras"
        path.write_bytes(content)
        return load_keras_file(str(path))


def _load_keras_file(path: str) -> keras.Model:
    """Load a .keras file without executing code in it. ModelError unless it takes square images of a fixed size."""
    load_keras()
    import keras

    try:
        open_regular(path).close()  # Keras would wait for a pipe.
        model = keras.models.load_model(path, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError, KeyError) as error:
        text = getattr(error, "strerror", None) or str(error)
        reason = next(iter(text.strip().splitlines()), type(error).__name__)
        raise ModelError(f"{path} cannot be loaded as a Keras network: {reason}") from error
    shape = getattr(model, "input_shape", None)
    if not isinstance(shape, tuple) or len(shape) != 4 or shape[1] is None or shape[1] != shape[2] or shape[3] not in (1, 3):
        raise ModelError(f"{path} takes {shape}; facecam needs one input of square images with 1 or 3 channels of fixed size")
    return model


def _import_keras_file(path: Path, labels: tuple[str, ...], scaling: str) -> Path:
    """Copy a .keras file to the user's networks as a trained network, and return its folder."""
    content = read_network_file(path)
    model = load_keras_file(str(path))
    if len(labels) != model.output_shape[1] or len(set(labels)) != len(labels):
        raise ModelError(
            f"{path} has {model.output_shape[1]} outputs and got {len(set(labels))} different labels; name a text file with one "
            "label per line with --labels"
        )
    digest = hashlib.sha256(content).hexdigest()
    folder, form = network_folder(path.stem), InputForm(model.input_shape[1], model.input_shape[3], scaling)
    if folder.exists() and read_trained(folder).recipe != KERAS_FILE:
        raise ModelError(f"{folder} holds a network that facecam trained; rename {path.name}")
    trained = TrainedNetwork(folder, KERAS_FILE, "", form, labels, f"weights-{digest[:12]}.keras", digest)
    try:
        create_private_folder(folder)
        write_private(folder / trained.weights, content)
        write_description(trained)
    except OSError as error:
        raise ModelError(f"{folder} cannot be written: {error.strerror}") from error
    return folder


def convert_shipped(names: Sequence[str], directory: Path) -> list[CompiledEntry]:
    """Convert shipped networks into `directory` and update its manifest. Returns the new entries."""
    found = {compiled.name: compiled for compiled in compiled_entries(directory)}
    converted = []
    for name in names:
        source, file = RECIPES[name], f"{name}.litert"
        content = convert(name, source)
        write_atomic(directory / file, content)
        digest, before = hashlib.sha256(content).hexdigest(), found.get(name)
        # A compiled network may be packaged without its weights.
        packaged = entry(source.weights, directory).packaged if before is None else before.packaged
        compiled = CompiledEntry(name, file, len(content), digest, source.weights, converter_version(), packaged)
        found[name] = compiled
        converted.append(compiled)
    _write_manifest([found[name] for name in RECIPES if name in found], directory / MANIFEST)
    return converted


def _write_manifest(compiled: Sequence[CompiledEntry], path: Path) -> None:
    """Replace the tables of compiled networks, which are the end of the manifest."""
    document = tomlkit.parse(path.read_text(encoding="utf-8").partition("\n[[compiled]]")[0] + "\n")
    tables = document["compiled"] = tomlkit.aot()
    for found in compiled:
        names = {"size_bytes": "bytes"}
        facts = {names.get(name, name): value for name, value in dataclasses.asdict(found).items()}
        if found.packaged:
            del facts["packaged"]
        tables.append(tomlkit.item(facts))
    write_atomic(path, tomlkit.dumps(document).encode())


def main() -> None:
    """Convert all shipped networks in models/ and print their sizes and hashes, or one network of the user again."""
    if sys.argv[1:2] == ["--again"]:
        convert_again(sys.argv[2])
        return
    for compiled in convert_shipped(list(RECIPES), models_dir()):
        print(f"{compiled.file:36} {compiled.size_bytes:9} bytes  {compiled.sha256[:16]}")


if __name__ == "__main__":
    main()
