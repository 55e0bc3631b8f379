"""Small valid images in every format that facecam reads."""

from __future__ import annotations

import base64
import io
import zlib

import cv2
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

_HEIC = {
    1: "c-muNV30^FsVvAy%}izhg51nBLkOEuEjP6!kpTh}Gg5MjplpVM%;XXVG{9GoS&|E8F#@q%W==lXI2RC~5hBXy2Bd!hv2tc+UK(7jD3FuN1m$IvB^!d6t1="
    "6U3V?KPW<hd3kS+vDI5V<v0GabwfE37mVEFU*#}5Vuer5%rMsWv59>)LwK?<0`Dwu&vb}>090_D`47#UF|7AQ1}MK4)$=vhMpNB~T<C;^qSxiB6mY!m{TFOpe"
    "YkP7vi0}va4U0RR}3lN~Mm>PkuW@O4uNd$!kE*Ai$h;#r@CBpvY8jNey8(Pyh|7Tq0!6!KNq_sW6%7a0joU@x=>Tat}aXS5IOK#A*yFwQyx7-TO<J>0dYovY"
    "eQ_1S0Eux_(ZuK8|wNT@TUSqbT=9v|tC)a#e@;=v=Z+<Y!<mIk|I_$rEtIZtNW&8eTm%W(98kE+ucAZ;^n3Q(HFMFlHixEd}KH8c6^OW|~j9l%xrnP^1=2RX"
    "rWBlP~v42nb|7)gl-*4>yxAD@fBO8_<003DZoWK",
    6: "c-muNV30^FsVvAy%}izhg51nBLkOGEAUCxnkpTh}Gg5MjplpVM%;XXVG{9GoS&|E8F#@q%W==lXI2RC~5hBVM0Hl8bv2tc+UK(7jD3FuN1m$IvB^!d6TQUoZ"
    "3V`&q%!1^6AYBNQaAsuT05a#V04b3B!0_kqj~@&S{LBhKjp7cBJdFSUgA_1>RWJjU>|%0I1j?y7F*2e`EKq0`i(azi(6fdHkN}uyQ35Jub74GC*eC=vUnH}*"
    "AQkF22Ou^8V$RH>{1Tvk2C>Y7Tv*5ey~o_h)C^=W<)$Qp!UdOGfKo&{1*j6?lI0qVYt$QB(>MQTT;{<iIQ68pJ;Ta_L7kkln_lW}t4?t`{b);W(7L-q7bmye"
    "3eMx)ChBXXeeYAr>Y^>8p(k$jA9=M<<A`2kwxs5n6`?2Bd{^>5*OqU7Fv{fRu7f)4zkI9B9M)y~{%4oHn8g~D*0Oe;TZx#IcET@vrNE03M{hpbnf>#W_SB4A"
    "?YXA4e|qLr9x-G5;b*abPx=3ArgGnJ?Ekm%(ySvJmLC8BHWQyV",
}
"""HEIC images by orientation: left half red, right half black, a white square in the upper left corner before they are turned."""


def heic(orientation: int = 1) -> bytes:
    """Return a HEIC image of 64 x 48 pixels, turned by its container (1 or 6)."""
    return zlib.decompress(base64.b85decode(_HEIC[orientation]))


def pattern(width: int = 64, height: int = 48) -> np.ndarray:
    """Return RGB pixels: left half red, right half black, a white square in the upper left corner."""
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[:, : width // 2] = (250, 0, 0)
    rgb[: height // 6, : width // 8] = 255
    return rgb


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def samples() -> dict[str, bytes]:
    """Return images of `pattern` by a name that begins with their suffix."""
    rgb = Image.fromarray(pattern())
    exif = Image.Exif()
    exif[0x0112] = 1
    text = PngInfo()
    text.add_text("Comment", "text " * 20)
    deep = pattern()[:, :, ::-1].astype(np.uint16) * 257
    animation = {"save_all": True, "append_images": [rgb.transpose(Image.Transpose.ROTATE_180)]}
    return {
        "jpg": saved(rgb, "JPEG", quality=95, exif=exif),
        "jpg progressive": saved(rgb, "JPEG", quality=95, progressive=True),
        "jpg cmyk": saved(rgb.convert("CMYK"), "JPEG", quality=95),
        "png": saved(rgb, "PNG", pnginfo=text, exif=exif),
        "png 16": cv2.imencode(".png", deep)[1].tobytes(),
        "png palette": saved(rgb.convert("P"), "PNG"),
        "png animated": saved(rgb, "PNG", **animation),
        "bmp": saved(rgb, "BMP"),
        "webp": saved(rgb, "WEBP", quality=90, exif=exif),
        "webp lossless": saved(rgb.convert("RGBA"), "WEBP", lossless=True),
        "webp animated": saved(rgb, "WEBP", **animation),
        "gif": saved(rgb.convert("P"), "GIF"),
        "gif animated": saved(rgb, "GIF", **animation),
        "tif": saved(rgb, "TIFF", exif=exif),
        "tif lzw": saved(rgb, "TIFF", compression="tiff_lzw"),
        "tif deflate": saved(rgb.convert("RGBA"), "TIFF", compression="tiff_deflate"),
        "tif jpeg": saved(rgb, "TIFF", compression="jpeg"),
        "tif 16": cv2.imencode(".tif", deep)[1].tobytes(),
        "ppm": saved(rgb, "PPM"),
        "ppm 16": b"P6\n# a comment\n64 48\n65535\n" + deep[:, :, ::-1].astype(">u2").tobytes(),
        "pgm": saved(rgb.convert("L"), "PPM"),
        "avif": saved(rgb, "AVIF", quality=90, exif=exif),
        "heic": heic(),
        "heic turned": heic(6),
    }


def odd_photos() -> dict[str, bytes]:
    """Return files that once stopped what read them, by name: one that is read at a reduced size, and unreadable ones."""
    wide = np.tile(np.random.default_rng(0).integers(0, 255, (120, 70, 3), np.uint8), (1, 469, 1))[:, :32_767]
    avif = bytearray(saved(Image.fromarray(pattern()), "AVIF", quality=90))
    avif[avif.index(b"av1C") + 4] ^= 0xFF
    return {
        "wide.jpg": saved(Image.fromarray(wide), "JPEG", quality=40),
        "byte.avif": bytes(avif),
        "dds.jpg": saved(Image.new("RGB", (9, 9)), "DDS"),
        "huge.png": b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x75\x30\0\0\x75\x30\x08\x02\0\0\0" + bytes(40),
        "empty.heic": b"",
    }
