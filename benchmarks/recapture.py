"""Made presentation attacks: photos and videos of a person, shown on paper or a screen and filmed by a camera.

A plane, bent for some kinds of paper, is held in front of a video of an empty room. Its light is rendered at twice the
camera's resolution: a screen with its gamma, its red, green and blue subpixels, whose pattern the sensor's grid turns to moire,
a bezel, reflections and flicker; paper with its ink, halftone dots, shading and gloss. The camera then blurs, samples through a
Bayer pattern, adds noise, interpolates, sharpens and compresses.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.types import Box, Floats, Frame, Image

FPS = 30
FRAMES = 30
SIZE_WH = (640, 480)
_FINE = 2
"""Rendered samples per sensor pixel and direction."""

_FOCAL_PX = 900
_GAMMA = 2.2
_STRIPS = 16
"""Plane parts that approximate bent paper."""


@dataclass(frozen=True, slots=True)
class AttackKind:
    """One way to present a face.

    Attributes:
        medium: "phone", "tablet", "monitor", "paper" or "glossy" paper.
        is_film: A video of the person instead of one frame.
        motion: "held" in a hand, "fixed" on a stand, "moved" in all directions or "tilted" by up to 35 degrees.
        is_bent: Paper bent around the vertical axis.
        outline: "border" as the medium has it, "tight" if the medium reaches beyond the image on every side, or "head" for a
            photo cut out along the head.
        is_reported_only: Not among the kinds on which the rule was chosen.
    """

    medium: str
    is_film: bool = False
    motion: str = "held"
    is_bent: bool = False
    outline: str = "border"
    is_reported_only: bool = False

    @property
    def is_screen(self) -> bool:
        """True for a medium that emits light."""
        return self.medium in ("phone", "tablet", "monitor")


KINDS = {
    "photo, phone": AttackKind("phone"),
    "photo, tablet": AttackKind("tablet"),
    "photo, monitor without border": AttackKind("monitor", outline="tight", is_reported_only=True),
    "photo, paper, fixed": AttackKind("paper", motion="fixed"),
    "photo, paper, bent": AttackKind("paper", is_bent=True),
    "photo, paper, tilted": AttackKind("paper", motion="tilted"),
    "photo, paper, moved": AttackKind("paper", motion="moved"),
    "photo, glossy paper": AttackKind("glossy", is_reported_only=True),
    "photo, paper without border": AttackKind("paper", outline="tight"),
    "photo, cut out": AttackKind("paper", outline="head"),
    "film, phone": AttackKind("phone", is_film=True),
    "film, phone, moved": AttackKind("phone", is_film=True, motion="moved"),
    "film, tablet": AttackKind("tablet", is_film=True),
    "film, tablet without border": AttackKind("tablet", is_film=True, outline="tight"),
    "film, monitor without border": AttackKind("monitor", is_film=True, outline="tight", is_reported_only=True),
}


class _Draws:
    """Random parameters."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def __call__(self, low: float, high: float) -> float:
        middle, half = (low + high) / 2, (high - low) / 2
        return float(self.random.uniform(middle - half, middle + half))


class Recapture:
    """One attempt: a kind of attack with drawn parameters.

    Args:
        kind: What is shown, on what and how.
        content: Frames of the person (height, width, 3) uint8; a photo shows the first.
        face: Box of the face in the first frame.
        room: Frames of 640x480 of an empty room.
        seed: Seed of the parameters and of the noise.
    """

    def __init__(self, kind: AttackKind, content: Sequence[Image], face: Box, room: Sequence[Image], seed: int) -> None:
        self._kind, self._room = kind, room
        self._draw = draw = _Draws(seed)
        faces_wh = self._faces_wh()
        self._content = [_around(bgr, face, faces_wh) for bgr in (content if kind.is_film else content[:1])]
        height, width = self._content[0].shape[:2]
        face_px = draw(110, 190) if kind.outline == "tight" else draw(75, 130)
        scale = face_px / face.longer_side_px
        if kind.outline == "tight":
            # The medium covers the image, also where it moves.
            scale = max(scale, 1.25 * SIZE_WH[0] / width, 1.25 * SIZE_WH[1] / height)
        self._size_wh = width * scale, height * scale
        self._pose = np.radians([draw(-8, 8), draw(-8, 8), draw(-4, 4)])
        self._place = np.array([draw(-40, 40), draw(-20, 20)])
        self._bend = draw(0.5, 1.2) if kind.is_bent else 0.0
        self._border = {"phone": draw(0.04, 0.09), "tablet": draw(0.06, 0.12), "monitor": 0.05}.get(kind.medium, draw(0.0, 0.08))
        self._pixels = draw(0.45, 0.95)
        self._brightness = draw(0.7, 1.3)
        self._gains = np.array([draw(0.98, 1.25), 1.0, draw(0.85, 1.02)], np.float32)
        self._black = draw(0.005, 0.03)
        self._veil = draw(0.01, 0.07) if kind.is_screen or kind.medium == "glossy" else 0.0
        self._glare = draw(0.0, 0.5) if kind.is_screen or kind.medium == "glossy" else draw(0.0, 0.08)
        self._glare_xy = draw(0.1, 0.9), draw(0.1, 0.9)
        self._flicker = draw(0.0, 0.06) if kind.is_screen else 0.0
        self._mask_depth = draw(0.3, 0.9)
        self._dots = draw(1.2, 2.6)
        self._ink = draw(0.03, 0.1), draw(0.65, 0.9)
        self._saturation = draw(0.65, 0.95)
        self._shade = draw(-0.3, 0.3)
        self._blur = draw(0.25, 0.5)
        self._noise = draw(0.003, 0.01)
        self._sharpen = draw(1.0, 2.2)
        self._quality = round(draw(75, 95))

    def _faces_wh(self) -> tuple[float, float]:
        """Return how many faces wide and high the shown part of the person's frames is."""
        if self._kind.outline == "head":
            return 2.2, 2.2
        if self._kind.medium == "phone":
            wide = self._draw(1.5, 2.3)
            return wide, 1.7 * wide
        wide = self._draw(1.9, 3.4)
        return wide, wide * self._draw(0.75, 1.35)

    def frames(self) -> Iterator[Frame]:
        """Yield the frames that the camera delivers."""
        for index, packed in enumerate(self.packed_frames()):
            yield unpack(packed, index)

    def packed_frames(self) -> Iterator[bytes]:
        """Yield the frames that the camera delivers, as JPEG."""
        hand = np.zeros(3)
        for index in range(FRAMES):
            hand = 0.9 * hand + self._draw.random.normal(0, 1, 3) * (1, 1, 0.004)
            turn = index % max(2 * len(self._content) - 2, 1)
            shown = self._content[min(turn, 2 * len(self._content) - 2 - turn)]
            light, covered = self._medium_light(shown, index / FPS, hand)
            room = (self._room[index % len(self._room)].astype(np.float32) / 255) ** _GAMMA
            yield self._camera(room + covered[..., np.newaxis] * (light - room))

    def _medium_light(self, shown: Image, t_s: float, hand: NDArray[np.float64]) -> tuple[Floats, Floats]:
        """Return linear light (480, 640, 3) of the medium, and the share of each pixel that it covers."""
        surface, alpha = self._surface(shown)
        (left, top, right, bottom), u, v, covered = self._places(t_s, hand)
        rows, columns = alpha.shape
        at = u * np.float32(columns - 1), v * np.float32(rows - 1)
        light: NDArray[Any] = cv2.remap(surface, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) * self._pattern(u, v)
        light += self._reflection(u, v, t_s)[..., np.newaxis]
        cover: NDArray[Any] = cv2.remap(alpha, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) * covered
        sigma = self._blur * _FINE
        light = cv2.GaussianBlur(light * cover[..., np.newaxis], (0, 0), sigma)
        cover = cv2.GaussianBlur(cover, (0, 0), sigma)
        size_wh = right - left, bottom - top
        light = cv2.resize(light, size_wh, interpolation=cv2.INTER_AREA)
        cover = cv2.resize(cover, size_wh, interpolation=cv2.INTER_AREA)
        light = light / np.maximum(cover, np.float32(1e-3))[..., np.newaxis]
        bands = np.sin(np.linspace(0, 9, size_wh[1], dtype=np.float32) + np.float32(23 * t_s))
        light *= (1 + np.float32(self._flicker) * bands)[:, np.newaxis, np.newaxis]
        whole, covers = np.zeros((SIZE_WH[1], SIZE_WH[0], 3), np.float32), np.zeros((SIZE_WH[1], SIZE_WH[0]), np.float32)
        whole[top:bottom, left:right], covers[top:bottom, left:right] = light, cover
        return whole, covers

    def _places(self, t_s: float, hand: NDArray[np.float64]) -> tuple[tuple[int, int, int, int], Floats, Floats, Floats]:
        """Return the part of the image that the medium may cover, and there, finely, the place on the medium and the cover.

        The place is u, v in 0..1, outside the medium that of its edge.
        """
        strips = _STRIPS if self._bend else 1
        edges = np.linspace(0, 1, strips + 1)
        parts = [self._corners(first, last, t_s, hand) for first, last in itertools.pairwise(edges)]
        points = np.concatenate(parts)
        left, top = np.clip(np.floor(points.min(axis=0)).astype(int) - 4, 0, np.array(SIZE_WH) - 1).tolist()
        right, bottom = np.clip(np.ceil(points.max(axis=0)).astype(int) + 4, (left + 1, top + 1), SIZE_WH).tolist()
        shape = (bottom - top) * _FINE, (right - left) * _FINE
        u, v, cover = np.zeros(shape, np.float32), np.zeros(shape, np.float32), np.zeros(shape, np.uint8)
        for (first, last), part in zip(itertools.pairwise(edges), parts, strict=True):
            corners = ((part - (left, top)) * _FINE).astype(np.float32)
            place = np.array([[first, 0], [last, 0], [last, 1], [first, 1]], np.float32)
            to_uv = cv2.getPerspectiveTransform(corners, place).astype(np.float32)
            inside = np.zeros(shape, np.uint8)
            cv2.fillConvexPoly(inside, np.round(corners).astype(np.int32), 1)
            # A plane goes on beyond its corners, so that nothing of the image's edge is missing; parts of a bent one do not.
            low = max(int(corners[:, 0].min()) - 1, 0) if strips > 1 else 0
            high = int(corners[:, 0].max()) + 2 if strips > 1 else shape[1]
            x = np.arange(shape[1], dtype=np.float32)[np.newaxis, low:high]
            y = np.arange(shape[0], dtype=np.float32)[:, np.newaxis]
            chosen = inside[:, low:high] > 0 if strips > 1 else slice(None)
            scale = 1 / (to_uv[2, 0] * x + (to_uv[2, 1] * y + to_uv[2, 2]))
            u[:, low:high][chosen] = ((to_uv[0, 0] * x + (to_uv[0, 1] * y + to_uv[0, 2])) * scale)[chosen]
            v[:, low:high][chosen] = ((to_uv[1, 0] * x + (to_uv[1, 1] * y + to_uv[1, 2])) * scale)[chosen]
            cover |= inside
        return (left, top, right, bottom), np.clip(u, 0, 1), np.clip(v, 0, 1), cover.astype(np.float32)

    def _surface(self, shown: Image) -> tuple[Floats, Floats]:
        """Return the medium's linear light (rows, columns, 3), without the pattern of its dots, and its shape."""
        linear: NDArray[Any] = (shown.astype(np.float32) / 255) ** _GAMMA
        if self._kind.is_screen:
            linear = (linear * self._brightness + self._black) * self._gains
        else:
            black, white = self._ink
            gray = linear.mean(axis=2, keepdims=True)
            linear = black + (white - black) * (gray + self._saturation * (linear - gray))
        rows, columns = linear.shape[:2]
        alpha = np.ones((rows, columns), np.float32)
        if self._kind.outline == "head":
            alpha[:] = 0
            cv2.ellipse(alpha, (columns // 2, rows // 2), (int(columns * 0.29), int(rows * 0.4)), 0, 0, 360, 1.0, -1)
        elif self._kind.outline == "border":
            edge = round(self._border * max(rows, columns))
            color = 0.012 if self._kind.is_screen else self._ink[1]
            linear = cv2.copyMakeBorder(linear, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(color,) * 3)
            alpha = np.ones(linear.shape[:2], np.float32)
        return np.asarray(linear, np.float32), alpha

    def _corners(self, first: float, last: float, t_s: float, hand: NDArray[np.float64]) -> Floats:
        """Return the image positions (4, 2) of a vertical part of the medium."""
        motion = self._kind.motion

        def wave(size: float, period_s: float, *motions: str) -> float:
            return size * float(np.sin(2 * np.pi * t_s / period_s)) if motion in motions else 0.0

        tremor = np.zeros(3) if motion == "fixed" else hand
        pitch, yaw, roll = self._pose + np.radians(
            [wave(12, 1.9, "moved", "tilted"), wave(15, 2.3, "moved") + wave(35, 2.5, "tilted"), wave(8, 2.2, "moved")]
        )
        turn = cv2.Rodrigues(np.array([0, 0, roll + tremor[2]]))[0] @ cv2.Rodrigues(np.array([pitch, 0, 0]))[0]
        turn = turn @ cv2.Rodrigues(np.array([0, yaw, 0]))[0]
        size = np.array(self._size_wh) * (1 + wave(0.15, 2.7, "moved"))
        xs, ys = (np.array([first, last]) - 0.5) * size[0], size[1] / 2
        if self._bend:
            radius = size[0] / self._bend
            xs, zs = radius * np.sin(xs / radius), radius * (1 - np.cos(xs / radius))
        else:
            zs = np.zeros(2)
        points = np.array([[xs[0], -ys, zs[0]], [xs[1], -ys, zs[1]], [xs[1], ys, zs[1]], [xs[0], ys, zs[0]]]) @ turn.T
        place = np.array(SIZE_WH) / 2 + self._place * (self._kind.outline != "tight") + tremor[:2]
        if self._kind.outline != "tight":
            place += wave(60, 3.0, "moved"), wave(25, 2.3, "moved")
        found: Floats = (place + _FOCAL_PX * points[:, :2] / (_FOCAL_PX + points[:, 2:])).astype(np.float32)
        return found

    def _pattern(self, u: Floats, v: Floats) -> Floats:
        """Return the factor of the medium's dots (rows, columns, 3): subpixels of a screen or halftone of a print."""
        width, height = self._size_wh
        if self._kind.is_screen:
            x, y = u * np.float32(2 * np.pi * width * self._pixels), v * np.float32(2 * np.pi * height * self._pixels)
            depth = np.float32(self._mask_depth)
            rows = 1 + 0.6 * depth * np.cos(y)
            cosine, sine = depth * np.cos(x), depth * np.sin(x)
            turns = [np.exp(2j * np.pi * color / 3) for color in (2, 1, 0)]
            stripes = [1 + np.float32(turn.real) * cosine + np.float32(turn.imag) * sine for turn in turns]
            return np.stack([stripe * rows for stripe in stripes], axis=-1)
        channels = []
        for angle in (15, 75, 45):
            across, along = np.cos(np.radians(angle)), np.sin(np.radians(angle))
            x = (u * np.float32(width * across) + v * np.float32(height * along)) * np.float32(2 * np.pi / self._dots)
            y = (v * np.float32(height * across) - u * np.float32(width * along)) * np.float32(2 * np.pi / self._dots)
            channels.append(1 + np.float32(0.25) * np.cos(x) * np.cos(y))
        shade = 1 + np.float32(self._shade) * (u - 0.5) - np.float32(0.35 * self._bend) * (2 * u - 1) ** 2
        return np.stack(channels, axis=-1) * shade[..., np.newaxis]

    def _reflection(self, u: Floats, v: Floats, t_s: float) -> Floats:
        """Return the light that the surface reflects: a lamp and a veil of the room's light."""
        x, y = self._glare_xy
        if self._kind.motion in ("moved", "tilted"):
            x += 0.4 * np.sin(2 * np.pi * t_s / 2.5)
        spot = np.exp(-(((u - np.float32(x)) / 0.16) ** 2 + ((v - np.float32(y)) / 0.1) ** 2))
        return np.float32(self._glare) * spot + np.float32(self._veil) * (1 + np.float32(0.5) * u)

    def _camera(self, light: NDArray[Any]) -> bytes:
        """Return the image (480, 640, 3) of linear light as JPEG."""
        sensor = np.empty(light.shape[:2], np.float32)
        for row, column, color in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
            sensor[row::2, column::2] = light[row::2, column::2, color]
        random = self._draw.random
        spread = np.float32(self._noise) * np.sqrt(0.2 + np.clip(sensor, 0, 1))
        sensor += spread * random.standard_normal(sensor.shape, np.float32)
        counts = (np.clip(sensor, 0, 1) * 65535).astype(np.uint16)
        # OpenCV names a pattern by its second row and column: red is there, blue in the corner.
        linear = cv2.cvtColor(counts, cv2.COLOR_BayerRG2BGR).astype(np.float32) / 65535
        encoded = linear ** np.float32(1 / _GAMMA)
        if self._sharpen:
            encoded += np.float32(self._sharpen) * (encoded - cv2.GaussianBlur(encoded, (0, 0), 1.0))
        bgr = (np.clip(encoded, 0, 1) * 255).astype(np.uint8)
        return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, self._quality])[1].tobytes()


def unpack(packed: bytes, index: int) -> Frame:
    """Return the frame of a JPEG at the time of its index."""
    bgr = np.asarray(cv2.imdecode(np.frombuffer(packed, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    return Frame(bgr, index, index * 1000 / FPS, index / FPS, "attack")


def _around(bgr: Image, face: Box, faces_wh: tuple[float, float]) -> Image:
    """Return the part of a frame that is shown: so many faces wide and high, as far as the frame reaches."""
    half_w, half_h = (faces * face.longer_side_px / 2 for faces in faces_wh)
    x, y = face.x + face.w / 2, face.y + face.h / 2
    return bgr[max(0, int(y - half_h)) : int(y + half_h), max(0, int(x - half_w)) : int(x + half_w)]
