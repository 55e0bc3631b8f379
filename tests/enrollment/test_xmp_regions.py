"""Named faces in the XMP of photos: both forms, every format and orientation, hostile XMP, and their import."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from facecam.enrollment import xmp_regions
from facecam.enrollment.xmp_regions import face_of_region, read_face_regions
from facecam.gallery.people import read_people
from facecam.imageio import decode_image
from facecam.types import Box, Face, FaceObservation, Quality
from tests.cli.conftest import run_in

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
MWG = (
    'xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" '
    'xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"'
)
MICROSOFT = (
    'xmlns:MP="http://ns.microsoft.com/photo/1.2/" xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#" '
    'xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#"'
)
SIZE = '<mwg-rs:AppliedToDimensions stDim:w="400" stDim:h="200" stDim:unit="pixel"/>'

Area = tuple[float, float, float, float]


def packet(content: str, head: str = "") -> bytes:
    """Return XMP with a description."""
    meta = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">{content}</rdf:RDF></x:xmpmeta>'
    return f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{head}{meta}<?xpacket end="w"?>'.encode()


def by_attributes(*regions: tuple[str, Area], kind: str = "Face", unit: str = "normalized") -> bytes:
    """Return MWG regions as digiKam and ExifTool write them. An area is left, top, width and height."""
    items = "".join(
        f'<rdf:li><rdf:Description mwg-rs:Name="{name}" mwg-rs:Type="{kind}"><mwg-rs:Area stArea:x="{x + w / 2}" '
        f'stArea:y="{y + h / 2}" stArea:w="{w}" stArea:h="{h}" stArea:unit="{unit}"/></rdf:Description></rdf:li>'
        for name, (x, y, w, h) in regions
    )
    listed = f"<mwg-rs:RegionList><rdf:Bag>{items}</rdf:Bag></mwg-rs:RegionList>"
    return packet(
        f'<rdf:Description rdf:about="" {MWG}><mwg-rs:Regions rdf:parseType="Resource">{SIZE}{listed}</mwg-rs:Regions>'
        "</rdf:Description>"
    )


def by_elements(*regions: tuple[str, Area]) -> bytes:
    """Return MWG regions as Lightroom and Picasa write them."""
    items = "".join(
        f'<rdf:li rdf:parseType="Resource"><mwg-rs:Area rdf:parseType="Resource"><stArea:x>{x + w / 2}</stArea:x>'
        f"<stArea:y>{y + h / 2}</stArea:y><stArea:w>{w}</stArea:w><stArea:h>{h}</stArea:h></mwg-rs:Area>"
        f"<mwg-rs:Name>{name}</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type></rdf:li>"
        for name, (x, y, w, h) in regions
    )
    return packet(
        f"<rdf:Description {MWG}><mwg-rs:Regions><rdf:Description><mwg-rs:RegionList><rdf:Bag>{items}</rdf:Bag>"
        "</mwg-rs:RegionList></rdf:Description></mwg-rs:Regions></rdf:Description>"
    )


def of_microsoft(*regions: tuple[str, Area]) -> bytes:
    items = "".join(
        f'<rdf:li><rdf:Description MPReg:Rectangle="{x}, {y}, {w}, {h}" MPReg:PersonDisplayName="{name}"/></rdf:li>'
        for name, (x, y, w, h) in regions
    )
    return packet(
        f"<rdf:Description {MICROSOFT}><MP:RegionInfo><rdf:Description><MPRI:Regions><rdf:Bag>{items}</rdf:Bag></MPRI:Regions>"
        "</rdf:Description></MP:RegionInfo></rdf:Description>"
    )


def image_with(xmp: bytes, kind: str = "JPEG", bgr: np.ndarray | None = None, orientation: int = 1) -> bytes:
    """Return an image file with XMP."""
    image = PIL.Image.fromarray((np.zeros((200, 400, 3), np.uint8) if bgr is None else bgr)[:, :, ::-1])
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    file = BytesIO()
    if kind == "PNG":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", xmp.decode())
        image.save(file, kind, pnginfo=info)
    elif kind == "TIFF":
        tags = ImageFileDirectory_v2()
        tags[700] = xmp
        image.save(file, kind, tiffinfo=tags)
    else:
        image.save(file, kind, xmp=xmp, quality=95, **({"exif": exif} if orientation != 1 else {}))
    return file.getvalue()


def found(data: bytes) -> dict[str, tuple[float, ...]]:
    return {
        region.name: tuple(round(value, 3) for value in (region.box.x, region.box.y, region.box.w, region.box.h))
        for region in read_face_regions(data)
    }


ADA, GRACE = ("Ada &amp; Co", (0.1, 0.2, 0.3, 0.4)), ("Grace", (0.6, 0.1, 0.2, 0.2))


@pytest.mark.parametrize("form", [by_attributes, by_elements, of_microsoft])
def test_both_forms_give_the_names_and_boxes(form) -> None:
    assert found(image_with(form(ADA, GRACE))) == {"Ada & Co": (0.1, 0.2, 0.3, 0.4), "Grace": (0.6, 0.1, 0.2, 0.2)}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_every_format_can_have_regions(kind: str) -> None:
    assert found(image_with(by_attributes(GRACE), kind)) == {"Grace": (0.6, 0.1, 0.2, 0.2)}


def test_pixels_count_from_the_size_in_the_xmp_and_other_kinds_of_regions_do_not() -> None:
    assert found(image_with(by_attributes(("Ada", (40, 40, 120, 80)), unit="pixel"))) == {"Ada": (0.1, 0.2, 0.3, 0.4)}
    assert found(image_with(by_attributes(GRACE, kind="Pet"))) == {}
    assert found(image_with(by_attributes(("", (0.1, 0.1, 0.2, 0.2))))) == {}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_regions_turn_with_the_image(orientation: int) -> None:
    bgr = np.zeros((200, 400, 3), np.uint8)
    bgr[20:60, 240:320] = 255

    data = image_with(by_attributes(GRACE), bgr=bgr, orientation=orientation)

    upright = decode_image(np.frombuffer(data, np.uint8), "photo.jpg")
    rows, columns = np.nonzero(upright[:, :, 0] > 128)
    height, width = upright.shape[:2]
    (region,) = read_face_regions(data)
    drawn = (columns.min() / width, rows.min() / height, np.ptp(columns) / width, np.ptp(rows) / height)
    assert (region.box.x, region.box.y, region.box.w, region.box.h) == pytest.approx(drawn, abs=0.02)


BOMB = "<!DOCTYPE x [" + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "a"}">' for n in range(10)) + "]>"
HOSTILE = {
    "entities": by_attributes(("&e9;", GRACE[1])).replace(b"<x:xmpmeta", BOMB.encode() + b"<x:xmpmeta"),
    "an external entity": packet("<a>&e;</a>", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
    "a document type": by_attributes(GRACE).replace(b"<x:xmpmeta", b'<!DOCTYPE x SYSTEM "http://example.com/x"><x:xmpmeta'),
    "an end too early": by_attributes(GRACE)[:-200],
    "deep elements": packet("<a>" * 1000 + "</a>" * 1000),
    "no XML": b"\xff\xfe\0\0" * 100,
}


@pytest.mark.parametrize("xmp", HOSTILE.values(), ids=HOSTILE)
def test_hostile_xmp_gives_no_regions(xmp: bytes) -> None:
    assert read_face_regions(image_with(xmp)) == ()


@pytest.mark.parametrize(
    "area", [(0.1, 0.1, 0.0, 0.1), (0.1, 0.1, 5, 0.1), (3, 0.1, 0.1, 0.1), (0.1, 0.1, float("nan"), 0.1), (1e400, 0.1, 0.1, 0.1)]
)
def test_a_region_outside_of_the_image_is_left_out(area: Area) -> None:
    assert found(image_with(by_attributes(("Ada", area), GRACE))) == {"Grace": (0.6, 0.1, 0.2, 0.2)}


def test_size_number_of_elements_and_of_regions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [(f"Person {number}", (0.1, 0.1, 0.1, 0.1)) for number in range(300)]

    assert len(read_face_regions(image_with(by_attributes(*many), "PNG"))) == 200
    monkeypatch.setattr(xmp_regions, "_MAX_ELEMENTS", 100)
    assert read_face_regions(image_with(by_attributes(*many), "PNG")) == ()
    monkeypatch.setattr(xmp_regions, "MAX_XMP_BYTES", 100)
    assert read_face_regions(image_with(by_attributes(GRACE))) == ()


def test_any_bytes_give_regions_or_none() -> None:
    data = image_with(by_attributes(GRACE), bgr=np.zeros((8, 8, 3), np.uint8))
    for at in range(0, len(data), 7):
        read_face_regions(data[:at])
        read_face_regions(data[:at] + b"\xff" + data[at + 1 :])


def face_at(x: float, y: float, side: float = 100) -> FaceObservation:
    return FaceObservation(Face(Box(x, y, side, side), 1.0, np.zeros((5, 2), np.float32)), Quality(0, 0, 0), None, None)


def test_a_face_belongs_to_the_region_that_overlaps_it_most() -> None:
    left, right = face_at(100, 50), face_at(180, 50)
    regions = read_face_regions(image_with(by_attributes(("Ada", (0.1, 0.1, 0.1, 0.2)), ("Grace", (0.19, 0.1, 0.1, 0.2)))))
    face_of = partial(face_of_region, regions, size_wh=(1000, 500))

    assert face_of("Ada", [right, left]) is left
    assert face_of("Grace", [right, left]) is right
    assert face_of("Ada", [right]) is None
    assert face_of("Ada", [face_at(400, 50)]) is None
    assert face_of("Ada", []) is None


def test_named_faces_are_imported_and_others_in_the_photo_are_not(tmp_path: Path, portraits: dict[str, Path]) -> None:
    facecam = partial(run_in, tmp_path)
    faces = [decode_image(np.frombuffer(portraits[name].read_bytes(), np.uint8), name) for name in PORTRAITS]
    height = min(face.shape[0] for face in faces)
    both = np.hstack([face[:height] for face in faces])
    share = faces[0].shape[1] / both.shape[1]
    boxes = [(portrait_box(face[:height]), left) for face, left in zip(faces, (0.0, share), strict=True)]
    areas = [(x * width + left, y, w * width, h) for ((x, y, w, h), left), width in zip(boxes, (share, 1 - share), strict=True)]
    photos = tmp_path / "photos" / "2026"
    photos.mkdir(parents=True)
    named = [("Eileen", areas[0]), ("Grace", areas[1])]
    (photos / "both.jpg").write_bytes(image_with(by_attributes(*named), bgr=both))
    (photos / "wrong.jpg").write_bytes(image_with(of_microsoft(("Nobody", (0.0, 0.9, 0.05, 0.05))), bgr=both))
    (photos / "bad.jpg").write_bytes(image_with(by_attributes(("\u202e", areas[0])), bgr=both))
    (photos / "plain.jpg").write_bytes(portraits["eileen_collins"].read_bytes())

    done = facecam("gallery", "import", "photos", "--xmp-regions", "--gallery", "people")

    assert done.returncode == 3, done.stderr
    assert {person.name: len(person.photos) for person in read_people(tmp_path / "people").people} == {"Eileen": 1, "Grace": 1}
    assert "Nobody: wrong.jpg: refused: no face found where the photo has the name" in done.stdout
    assert "bad.jpg: refused: '\\u202e' cannot be used as a name" in done.stdout
    assert "1 photo without the name of a face" in done.stderr
    assert "2 people, 2 photos added, 0 already in the gallery, 2 refused" in done.stderr
    again = facecam("gallery", "import", "photos", "--xmp-regions", "--gallery", "people")
    assert "0 people" not in again.stderr
    assert "2 already in the gallery" in again.stderr
    for name, portrait in (("Eileen", "eileen_collins"), ("Grace", "grace_hopper")):
        assert name in facecam("identify", portraits[portrait], "--gallery", "people").stdout
    nothing = facecam("gallery", "import", portraits["eileen_collins"].parent, "--xmp-regions", "--gallery", "people")
    assert (nothing.returncode, "no photo in which a face has a name" in nothing.stderr) == (1, True)


PORTRAITS = ("eileen_collins", "grace_hopper")


def portrait_box(bgr: np.ndarray) -> Area:
    """Return the head in a portrait as a photo manager would, in shares of its size: a third larger than the face."""
    import facecam
    from facecam.settings import Settings

    with facecam.open_face_analyzer(Settings()) as analyzer:
        box = analyzer.analyze(bgr)[0].face.box
    height, width = bgr.shape[:2]
    return (box.x - box.w / 6) / width, (box.y - box.h / 6) / height, box.w * 4 / 3 / width, box.h * 4 / 3 / height
