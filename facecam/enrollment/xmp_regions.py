"""Face regions that photo managers wrote into a photo's XMP: names with the places of their faces.

XMP comes with any photo, so it is parsed without entities and within bounds: size, number and depth of elements, and number of
regions. Two forms are read: the regions of the Metadata Working Group (digiKam, Lightroom, Picasa, Apple Photos) and those of
Microsoft (Windows Photo Gallery). Coordinates are those of the stored image, and are turned with it.

References:
    Metadata Working Group: Guidelines for Handling Image Metadata, version 2.0, section 5.9.
    Microsoft: People Tagging Overview (MP:RegionInfo).
"""

from __future__ import annotations

import io
import math
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from facecam.detection.boxes import iou
from facecam.image_formats import PNG_SIGNATURE, jpeg_segments, media_brands, parse_header, png_chunks
from facecam.types import Box, FaceObservation

MAX_XMP_BYTES = 1 << 20
"""Maximum size of XMP. That of a photo with ten regions has 5 KB; a JPEG's first segment holds at most 64 KB."""

MAX_REGIONS = 200
_MAX_ELEMENTS = 20_000
_MAX_DEPTH = 40
_MAX_NAME = 1000

_MIN_IOU = 0.2
"""Least overlap of a region and a detected face. Programs draw regions around the face or the whole head."""

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_MWG = "http://www.metadataworkinggroup.com/schemas/regions/"
_AREA = "http://ns.adobe.com/xmp/sType/Area#"
_SIZE = "http://ns.adobe.com/xap/1.0/sType/Dimensions#"
_MP = "http://ns.microsoft.com/photo/1.2/"
_MP_INFO = "http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
_MP_REGION = "http://ns.microsoft.com/photo/1.2/t/Region#"
_SEPARATOR = " "
"""Between namespace and name of elements and attributes; no namespace contains it."""

_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_PNG_XMP = b"XML:com.adobe.xmp\0"
_TIFF_XMP = 700
_LIST_ITEM = f"{_RDF} li"
_CONTAINERS = frozenset([_LIST_ITEM, *(f"{_RDF} {name}" for name in ("Description", "Bag", "Seq", "Alt"))])
_NUMBER = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)(?:[eE]-?\d+)?\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class FaceRegion:
    """Named face: `box` is in shares of the upright image's width and height."""

    name: str
    box: Box


@dataclass(slots=True)
class _Element:
    tag: str
    attributes: dict[str, str]
    children: list[_Element] = field(default_factory=list)
    text: str = ""


class _RefusedError(Exception):
    """The XMP is not read."""


def read_face_regions(data: bytes) -> tuple[FaceRegion, ...]:
    """Return the named face regions of an image file's content, at most one per name and MAX_REGIONS.

    () without any, also where the file or its XMP is damaged, too large or uses entities.
    """
    try:
        xmp = _xmp(data)
        root = _parse(xmp) if xmp and len(xmp) <= MAX_XMP_BYTES else None
        if root is None:
            return ()
        encoded = parse_header(data)
        # Some decoders turn the image themselves, as HEIC's, whose container has the rotation: its regions are upright.
        found = {region.name: _turned(region, encoded.orientation) for region in reversed([*_regions(root)][:MAX_REGIONS])}
    except Exception:  # noqa: BLE001 - damaged files and XMP raise many errors, and the photo may be intact
        return ()
    return tuple(reversed(found.values()))


def _xmp(data: bytes) -> bytes:
    """Return the XMP of a JPEG, PNG, WebP, TIFF or HEIC image, b"" without any. Any exception for a damaged file."""
    if data.startswith(b"\xff\xd8"):
        contents = (content for marker, content, _ in jpeg_segments(data) if marker == 0xE1 and content.startswith(_JPEG_XMP))
        return next(contents, b"").removeprefix(_JPEG_XMP)
    if data.startswith(PNG_SIGNATURE):
        texts = (content for kind, content in png_chunks(data) if kind == b"iTXt" and content.startswith(_PNG_XMP))
        return next(map(_png_text, texts), b"")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return next((content for kind, content in _riff_chunks(data) if kind == b"XMP "), b"")
    if data[:4] in (b"II*\0", b"MM\0*"):
        return _tiff_xmp(data)
    if media_brands(data) and not {b"avif", b"avis"} & set(media_brands(data)):
        import pi_heif

        return pi_heif.open_heif(io.BytesIO(data)).info.get("xmp") or b""
    return b""


def _png_text(content: bytes) -> bytes:
    """Return the text of an iTXt chunk; one that is compressed, which XMP must not be, counts as none."""
    flags = content[len(_PNG_XMP) : len(_PNG_XMP) + 2]
    return content[len(_PNG_XMP) + 2 :].split(b"\0", 2)[2] if flags == b"\0\0" else b""


def _tiff_xmp(data: bytes) -> bytes:
    """Return the XMP in the first directory of a TIFF."""
    order = "<" if data.startswith(b"II") else ">"
    (start,) = struct.unpack_from(f"{order}I", data, 4)
    (entries,) = struct.unpack_from(f"{order}H", data, start)
    for at in range(start + 2, start + 2 + 12 * entries, 12):
        tag, _, count, place = struct.unpack_from(f"{order}HHII", data, at)
        if tag == _TIFF_XMP:
            return data[place : place + count]
    return b""


def _riff_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _parse(xmp: bytes) -> _Element:
    """Return the root of the XML. _RefusedError, or an error of expat, for XML with a document type, or outside of the bounds."""
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True
    stack = [_Element("", {})]
    count = 0

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > _MAX_ELEMENTS or len(stack) > _MAX_DEPTH:
            raise _RefusedError
        element = _Element(tag, attributes)
        stack[-1].children.append(element)
        stack.append(element)

    def add_text(text: str) -> None:
        if len(stack[-1].text) <= _MAX_NAME:
            stack[-1].text += text

    def refuse(*_: object) -> int:
        raise _RefusedError

    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda _: stack.pop()
    parser.CharacterDataHandler = add_text
    # Entities are defined in a document type, which XMP never has.
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = refuse
    # The packet may be padded, and end in zero bytes.
    parser.Parse(xmp.rstrip(b"\0"), True)
    return stack[0]


def _regions(root: _Element) -> Iterator[FaceRegion]:
    for element in _descendants(root):
        properties = _properties(element)
        if f"{_MWG} RegionList" in properties:
            yield from _mwg_regions(properties)
        for region in _items(properties.get(f"{_MP_INFO} Regions")):
            yield from _microsoft_region(_properties(region))


def _descendants(element: _Element) -> Iterator[_Element]:
    for child in element.children:
        yield child
        yield from _descendants(child)


def _properties(element: _Element) -> dict[str, _Element | str]:
    """Return the properties of a structure, which RDF writes as attributes or as elements, with rdf:Description around or not."""
    found: dict[str, _Element | str] = dict(element.attributes)
    for child in element.children:
        if child.tag in _CONTAINERS:
            found |= _properties(child) if child.tag == f"{_RDF} Description" else {}
        else:
            found[child.tag] = child if child.children or child.attributes else child.text
    return found


def _items(value: _Element | str | None) -> Iterator[_Element]:
    """Yield the elements of an array."""
    if isinstance(value, _Element):
        for child in value.children:
            if child.tag == _LIST_ITEM:
                yield child
            elif child.tag in _CONTAINERS:
                yield from _items(child)


def _mwg_regions(properties: dict[str, _Element | str]) -> Iterator[FaceRegion]:
    for item in _items(properties[f"{_MWG} RegionList"]):
        region = _properties(item)
        area = region.get(f"{_MWG} Area")
        name = _text(region.get(f"{_MWG} Name"))
        if not isinstance(area, _Element) or not name or _text(region.get(f"{_MWG} Type")) not in ("", "Face"):
            continue
        values = _properties(area)
        x, y, w, h = (_number(values.get(f"{_AREA} {key}")) for key in "xywh")
        if _text(values.get(f"{_AREA} unit")) == "pixel":
            size = properties.get(f"{_MWG} AppliedToDimensions")
            dimensions = _properties(size) if isinstance(size, _Element) else {}
            width, height = (_number(dimensions.get(f"{_SIZE} {key}")) for key in "wh")
            if not width or not height:
                continue
            x, y, w, h = x / width, y / height, w / width, h / height
        yield from _face_region(name, x - w / 2, y - h / 2, w, h)


def _microsoft_region(region: dict[str, _Element | str]) -> Iterator[FaceRegion]:
    name = _text(region.get(f"{_MP_REGION} PersonDisplayName"))
    numbers = [_number(text) for text in _text(region.get(f"{_MP_REGION} Rectangle")).split(",")]
    if name and len(numbers) == 4:
        yield from _face_region(name, *numbers)


def _face_region(name: str, x: float, y: float, w: float, h: float) -> Iterator[FaceRegion]:
    """Yield the region unless it lies outside of the image, or a number is missing."""
    is_inside = all(map(math.isfinite, (x, y, w, h))) and 0 < w <= 1 and 0 < h <= 1 and -w < x < 1 and -h < y < 1
    if is_inside and len(name) <= _MAX_NAME:
        yield FaceRegion(name, Box(x, y, w, h))


def _text(value: _Element | str | None) -> str:
    return "" if value is None or isinstance(value, _Element) else value.strip()


def _number(value: _Element | str | None) -> float:
    """Return a number of XMP, NaN without one."""
    text = _text(value)
    return float(text) if _NUMBER.fullmatch(text) else math.nan


def _turned(region: FaceRegion, orientation: int) -> FaceRegion:
    """Return a region of the stored image in the upright one, by EXIF's orientation (1 to 8)."""
    box = region.box
    x, y, w, h = box.x, box.y, box.w, box.h
    if orientation in (5, 6, 7, 8):
        x, y, w, h = y, x, h, w
    if orientation in (2, 3, 6, 7):
        x = 1 - x - w
    if orientation in (3, 4, 7, 8):
        y = 1 - y - h
    return FaceRegion(region.name, Box(x, y, w, h))


def face_of_region(
    regions: Sequence[FaceRegion], name: str, observations: Sequence[FaceObservation], size_wh: tuple[int, int]
) -> FaceObservation | None:
    """Return the face of the region with this name: the one that it overlaps most, unless that face is more another region's."""
    width, height = size_wh
    boxes = {region.name: _scaled(region.box, width, height) for region in regions}
    best = max(observations, key=lambda face: iou(face.face.box, boxes[name]), default=None)
    if best is None:
        return None
    overlaps = {other: iou(best.face.box, box) for other, box in boxes.items()}
    return best if overlaps[name] >= _MIN_IOU and overlaps[name] == max(overlaps.values()) else None


def _scaled(box: Box, width: int, height: int) -> Box:
    return Box(box.x * width, box.y * height, box.w * width, box.h * height)
