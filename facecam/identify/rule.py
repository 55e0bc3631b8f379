"""The decision rule in force: what the settings pin, else what the network and the gallery give."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from facecam.errors import ModelError
from facecam.identify.decide import DecisionRule
from facecam.identify.distances import packaged
from facecam.identify.gallery import Sample
from facecam.identify.strangers import crowd_of
from facecam.settings import IdentifySettings, Settings
from facecam.weights import entry


def decision_rule(settings: IdentifySettings, samples: Sequence[Sample]) -> DecisionRule:
    """The rule for a gallery of these samples. Distances are plain L2.

    The threshold is the pinned one, else the one at which `stranger_rate` of all strangers get a name: it falls as the gallery
    grows, and is never above the network's own. Margin and band are the pinned ones, else the network's own. The network's own
    stand in models/MANIFEST.toml; ModelError when there is no such network.
    """
    network = entry(settings.network)
    threshold_l2 = settings.threshold_l2
    if threshold_l2 is None:
        table = packaged(settings.network)
        threshold_l2 = crowd_of(samples, table).threshold_l2(settings.stranger_rate, table, own_threshold_l2(settings.network))
    margin_l2 = network.margin_l2 if settings.margin_l2 is None else settings.margin_l2
    band_l2 = network.unsure_band_l2 if settings.unsure_band_l2 is None else settings.unsure_band_l2
    assert margin_l2 is not None and band_l2 is not None
    return DecisionRule(threshold_l2, margin_l2, band_l2)


def own_threshold_l2(network: str) -> float:
    """The network's own figure from models/MANIFEST.toml: the scale of its distances, whatever gallery and settings ask for."""
    threshold_l2 = entry(network).threshold_l2
    if threshold_l2 is None:
        raise ModelError(f"{network} is no embedding network: `facecam models list` names those that are")
    return threshold_l2


def without_rule(settings: Settings) -> Settings:
    """The settings but for what decides between distances, which no network needs to know."""
    own = IdentifySettings()
    unruled = dataclasses.replace(
        settings.identify, stranger_rate=own.stranger_rate, threshold_l2=None, margin_l2=None, unsure_band_l2=None
    )
    return dataclasses.replace(settings, identify=unruled)
