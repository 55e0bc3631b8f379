"""The named networks that `facecam train` fits, each a plain Keras graph with its way of training.

| name | network | trained with |
|---|---|---|
| neuron | one dense softmax layer: logistic regression | Adam 1e-2 |
| dense | Flatten, Dense 100 ReLU, Dense softmax | Adam 1e-3 |
| mlp | Flatten, Dense 512 ReLU, Dense softmax | RMSprop 1e-3 |
| cnn | Conv 32 3x3 ReLU, max pooling 2, dropout 0.25, Dense 128 ReLU, dropout 0.5, Dense softmax | Adadelta 1, batches of 128 |
| transfer | a frozen base with ImageNet's weights, global average pooling, Dense 512 ReLU, Dense softmax | Adam 1e-3 |
| finetune | the same, then the base's last block too | Adam 1e-3, then Adam 2e-5 |

neuron, dense, mlp and cnn are the first examples of every course on Keras (keras.io/examples, F. Chollet, "Deep Learning with
Python", 2017). Adadelta (Zeiler, arXiv:1212.5701) has rate 1 in its paper; Keras 3's default of 0.001 would hardly move.
Yosinski et al., "How transferable are features in deep neural networks?", NeurIPS 2014, is why only the end is fitted at first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facecam.errors import ModelError, TeachingError
from facecam.networks.keras_imagenet import keras_home
from facecam.networks.trained import InputForm, TrainedNetwork, read_trained, trained_arrays

if TYPE_CHECKING:
    import keras

LITE0, MOBILENET = "efficientnet_lite0", "mobilenet"
BASES = {LITE0: "efficientnet_lite", MOBILENET: "mobilenet"}
"""The bases that can be had, and the scaling each was trained with."""

BASE_PX = 224
PICTURE_PX = 64
"""The side of what goes into a recipe without a base, when the pictures come in all sizes."""

_TOP_BLOCK = {LITE0: "block_15_expand_conv", MOBILENET: "conv_dw_13"}
"""The first layer that `finetune` moves."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One fit, in batches of `batch` or a tenth of the pictures. What comes before layer `after` is frozen and computed once."""

    optimizer: str
    rate: float
    epochs: int
    patience: int
    batch: int = 128
    after: str | None = None


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """A named network: `layers` are put over the pictures, or over a base's pooled features when it has one.

    With `copies` it learns written figures also from so many copies of each, moved, turned and scaled a little.
    """

    name: str
    says: str
    stages: tuple[Stage, ...]
    layers: Callable[[Any], Any]
    has_base: bool = False
    copies: int = 0


def _neuron(x: Any) -> Any:
    from keras import layers

    return layers.Flatten(name="flatten")(x)


def _one_hidden(units: int) -> Callable[[Any], Any]:
    def hidden(x: Any) -> Any:
        from keras import layers

        return layers.Dense(units, activation="relu", name="hidden")(layers.Flatten(name="flatten")(x))

    return hidden


def _cnn(x: Any) -> Any:
    from keras import layers

    x = layers.Conv2D(32, 3, activation="relu", name="conv")(x)
    x = layers.Dropout(0.25)(layers.MaxPooling2D(2)(x))
    x = layers.Dense(128, activation="relu", name="hidden")(layers.Flatten(name="flatten")(x))
    return layers.Dropout(0.5)(x)


def _transfer(x: Any) -> Any:
    from keras import layers

    return layers.Dense(512, activation="relu", name="hidden")(x)


_HEAD = Stage("adam", 1e-3, epochs=40, patience=6, after="features")

RECIPES = {
    recipe.name: recipe
    for recipe in (
        TrainingRecipe("neuron", "logistic regression", (Stage("adam", 1e-2, 100, 10),), _neuron),
        TrainingRecipe("dense", "100 hidden neurons", (Stage("adam", 1e-3, 60, 10),), _one_hidden(100), copies=6),
        TrainingRecipe("mlp", "512 hidden neurons", (Stage("rmsprop", 1e-3, 60, 10),), _one_hidden(512), copies=6),
        TrainingRecipe("cnn", "a small convolutional network", (Stage("adadelta", 1.0, 60, 12),), _cnn, copies=6),
        TrainingRecipe("transfer", "a new head on ImageNet's features", (_HEAD,), _transfer, has_base=True),
        TrainingRecipe(
            "finetune",
            "the same, and the base's last block",
            (_HEAD, Stage("adam", 2e-5, epochs=8, patience=3, after="top")),
            _transfer,
            has_base=True,
        ),
    )
}


def find_recipe(name: str) -> TrainingRecipe:
    """The recipe of that name; TeachError lists those there are."""
    if name not in RECIPES:
        raise TeachingError(f"there is no recipe {name!r}; there are {', '.join(RECIPES)} and names")
    return RECIPES[name]


def build(recipe: TrainingRecipe, form: InputForm, labels: int, base: str = "", *, pretrained: bool = True) -> keras.Model:
    """The recipe's network, (n, *form.shape) float32 to (n, labels) softmax; `pretrained` fills its base with ImageNet's weights.

    Layers that carry weights have fixed names, so that a file of arrays fits the network built again. ModelError when the base's
    weights are not to be had.
    """
    import keras
    from keras import layers

    if recipe.has_base:
        under = _base(base, pretrained=pretrained)
        inputs, x = under.input, under.get_layer("features").output
    else:
        inputs = x = keras.Input(form.shape, name="picture")
    x = layers.Dense(labels, activation="softmax", name="labels")(recipe.layers(x))
    return keras.Model(inputs, x, name=recipe.name)


def frozen_end(model: keras.Model, base: str, after: str | None) -> Any:
    """The tensor up to which a stage leaves the network alone; None when it fits all of it."""
    if after is None:
        return None
    return model.get_layer("features").output if after == "features" else model.get_layer(_TOP_BLOCK[base]).input


def create_model(folder: str) -> keras.Model:
    """The network of a folder that `facecam train` wrote, built in code and filled from its arrays.

    ModelError when the folder is damaged, or its arrays are not exactly the network's.
    """
    network = read_trained(Path(folder))
    if network.recipe not in RECIPES or (RECIPES[network.recipe].has_base and network.base not in BASES):
        raise ModelError(f"{folder} was trained by the recipe {network.recipe!r}, which this facecam does not know; update it")
    model = build(RECIPES[network.recipe], network.form, len(network.labels), network.base, pretrained=False)
    _fill(model, network)
    return model


def arrays_of(model: keras.Model) -> dict[str, Any]:
    """Every array of the network by "layer/array", as _fill takes them back."""
    return {name: variable.numpy() for name, variable in _variables(model)}


def _variables(model: keras.Model) -> list[tuple[str, Any]]:
    return [
        (f"{layer.name}/{variable.name}", variable)
        for layer in model.layers
        for variable in layer.weights
        if "seed_generator" not in variable.path
    ]


def _fill(model: keras.Model, network: TrainedNetwork) -> None:
    arrays = trained_arrays(network)
    for name, variable in _variables(model):
        array = arrays.pop(name, None)
        if array is None or array.shape != tuple(variable.shape):
            raise ModelError(f"the weights of {network.folder} do not fit the recipe {network.recipe} at {name}; train anew")
        variable.assign(array)
    if arrays:
        raise ModelError(f"the weights of {network.folder} hold {', '.join(sorted(arrays)[:3])}, which {network.recipe} has not")


def _base(name: str, *, pretrained: bool) -> keras.Model:
    """A network whose layer `features` gives (n, channels) pooled features."""
    if name == MOBILENET:
        return _mobilenet(pretrained=pretrained)
    from facecam.objects.imagenet import create_model as create_lite0

    return create_lite0(weights=pretrained)


def _mobilenet(*, pretrained: bool) -> keras.Model:
    """Howard et al., "MobileNets", arXiv:1704.04861, as keras.applications has it; weights only when Keras has them already."""
    import keras
    from keras import layers

    stored = keras_home() / "models" / "mobilenet_1_0_224_tf_no_top.h5"
    if pretrained and not stored.is_file():
        raise ModelError(
            f"MobileNet's weights are not in Keras's cache ({stored}); put them there, or use --base {LITE0}, which comes along"
        )
    shape = (BASE_PX, BASE_PX, 3)
    under = keras.applications.MobileNet(input_shape=shape, include_top=False, weights=str(stored) if pretrained else None)
    features = layers.GlobalAveragePooling2D(name="features")(under.output)
    return keras.Model(under.input, features, name=MOBILENET)
