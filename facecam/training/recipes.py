"""Training recipes of `facecam train`: plain Keras networks with the settings of their training.

| name | network | trained with |
|---|---|---|
| neuron | one dense softmax layer: logistic regression | Adam 1e-2 |
| dense | Flatten, Dense 100 ReLU, Dense softmax | Adam 1e-3 |
| mlp | Flatten, Dense 512 ReLU, Dense softmax | RMSprop 1e-3 |
| cnn | Conv 32 3x3 ReLU, max pooling 2, dropout 0.25, Dense 128 ReLU, dropout 0.5, Dense softmax | Adadelta 1, batches of 128 |
| transfer | a frozen base with ImageNet's weights, global average pooling, Dense 512 ReLU, Dense softmax | Adam 1e-3 |
| finetune | the same, then the base's last block too | Adam 1e-3, then Adam 2e-5 |

neuron, dense, mlp and cnn are the introductory networks of Keras (keras.io/examples, F. Chollet, "Deep Learning with Python",
2017). Adadelta (Zeiler, arXiv:1212.5701) has rate 1 in its paper; with Keras 3's default of 0.001 the weights hardly change.
Only the head is fitted at first (Yosinski et al., "How transferable are features in deep neural networks?", NeurIPS 2014).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facecam.errors import ModelError, TeachingError
from facecam.networks.keras_imagenet import assign_arrays, keras_home, load_keras
from facecam.networks.user_networks import InputForm, read_trained, trained_arrays

if TYPE_CHECKING:
    import keras

LITE0, MOBILENET = "efficientnet_lite0", "mobilenet"
BASES = {LITE0: "efficientnet_lite", MOBILENET: "mobilenet"}
"""Available bases, and the input scaling each was trained with."""

BASE_PX = 224
IMAGE_PX = 64
"""Input side of a recipe without a base, for images of different sizes."""

_TOP_BLOCK = {LITE0: "block_15_expand_conv", MOBILENET: "conv_dw_13"}
"""First layer of the base that `finetune` fits."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One fit, in batches of `batch` or a tenth of the images. Layers before `after` are frozen and computed once."""

    optimizer: str
    rate: float
    epochs: int
    patience: int
    batch: int = 128
    after: str | None = None


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """A named network: `layers` on top of the images, or of a base's pooled features.

    `copies` of each handwritten digit, moved, rotated and scaled a little, are added to the training images.
    """

    name: str
    description: str
    stages: tuple[Stage, ...]
    layers: Callable[[Any], Any]
    has_base: bool = False
    copies: int = 0


def _flatten(x: Any) -> Any:
    from keras import layers

    return layers.Flatten(name="flatten")(x)


def _hidden(x: Any, units: int) -> Any:
    from keras import layers

    return layers.Dense(units, activation="relu", name="hidden")(_flatten(x))


def _convolutions(x: Any) -> Any:
    from keras import layers

    x = layers.Conv2D(32, 3, activation="relu", name="conv")(x)
    x = layers.Dropout(0.25)(layers.MaxPooling2D(2)(x))
    return layers.Dropout(0.5)(_hidden(x, 128))


_HEAD = Stage("adam", 1e-3, epochs=40, patience=6, after="features")

RECIPES = {
    recipe.name: recipe
    for recipe in (
        TrainingRecipe("neuron", "logistic regression", (Stage("adam", 1e-2, 100, 10),), _flatten),
        TrainingRecipe("dense", "100 hidden neurons", (Stage("adam", 1e-3, 60, 10),), partial(_hidden, units=100), copies=6),
        TrainingRecipe("mlp", "512 hidden neurons", (Stage("rmsprop", 1e-3, 60, 10),), partial(_hidden, units=512), copies=6),
        TrainingRecipe("cnn", "a small convolutional network", (Stage("adadelta", 1.0, 60, 12),), _convolutions, copies=6),
        TrainingRecipe("transfer", "a new head on ImageNet's features", (_HEAD,), partial(_hidden, units=512), has_base=True),
        TrainingRecipe(
            "finetune",
            "the same, and the base's last block",
            (_HEAD, Stage("adam", 2e-5, epochs=8, patience=3, after="top")),
            partial(_hidden, units=512),
            has_base=True,
        ),
    )
}


def find_recipe(name: str) -> TrainingRecipe:
    """Return the recipe of that name. TeachingError lists the known ones."""
    if name not in RECIPES:
        raise TeachingError(f"unknown recipe {name!r}; choose from {', '.join(RECIPES)} and names")
    return RECIPES[name]


def build_model(recipe: TrainingRecipe, form: InputForm, labels: int, base: str = "", *, pretrained: bool = True) -> keras.Model:
    """Build the recipe's network: (n, *form.shape) float32 to (n, labels) softmax; `pretrained` loads ImageNet's weights.

    Layers with weights have fixed names, so that stored arrays fit the network when it is built again. ModelError when the
    weights of the base are unavailable.
    """
    load_keras()
    import keras
    from keras import layers

    if recipe.has_base:
        network = _build_base(base, pretrained=pretrained)
        inputs, x = network.input, network.get_layer("features").output
    else:
        inputs = x = keras.Input(form.shape, name="picture")
    x = layers.Dense(labels, activation="softmax", name="labels")(recipe.layers(x))
    return keras.Model(inputs, x, name=recipe.name)


def frozen_output(model: keras.Model, base: str, after: str | None) -> Any:
    """Return the tensor up to which a stage keeps the network frozen; None when it fits all of it."""
    if after is None:
        return None
    return model.get_layer("features").output if after == "features" else model.get_layer(_TOP_BLOCK[base]).input


def create_model(folder: str) -> keras.Model:
    """Build the network of a folder that `facecam train` wrote and load its weights.

    Raises ModelError when the folder is damaged or its arrays do not fit the network exactly.
    """
    network = read_trained(Path(folder))
    if network.recipe == "names":
        raise ModelError(f"{folder} is a head of `facecam train --recipe names`, which compares faces; it recognizes no objects")
    if network.recipe not in RECIPES or (RECIPES[network.recipe].has_base and network.base not in BASES):
        raise ModelError(f"{folder} was trained by the recipe {network.recipe!r}, which this facecam does not know; update it")
    model = build_model(RECIPES[network.recipe], network.form, len(network.labels), network.base, pretrained=False)
    assign_arrays(model, trained_arrays(network), f"the weights of {network.folder}")
    return model


def _build_base(name: str, *, pretrained: bool) -> keras.Model:
    """Build a network whose layer `features` gives (n, channels) pooled features.

    MobileNet (Howard et al., arXiv:1704.04861) is that of keras.applications, with weights from Keras's cache only.
    """
    if name != MOBILENET:
        from facecam.objects.imagenet import create_model as create_lite0

        return create_lite0(weights=pretrained)
    import keras
    from keras import layers

    stored = keras_home() / "models" / "mobilenet_1_0_224_tf_no_top.h5"
    if pretrained and not stored.is_file():
        raise ModelError(
            f"MobileNet's weights are not in Keras's cache ({stored}); put them there, or use --base {LITE0}, which is included"
        )
    shape = (BASE_PX, BASE_PX, 3)
    network = keras.applications.MobileNet(input_shape=shape, include_top=False, weights=str(stored) if pretrained else None)
    features = layers.GlobalAveragePooling2D(name="features")(network.output)
    return keras.Model(network.input, features, name=MOBILENET)
