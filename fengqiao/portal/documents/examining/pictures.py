"""Pictures: counted before they are decoded, decoded to the end, shown as new pictures without what came with them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps

from fengqiao.portal.documents.examining.marks import hidden
from fengqiao.portal.documents.examining.verdict import BROKEN, Refused, Verdict

LARGEST = 64 << 20
MOST_PIXELS = {"jpeg": 220_000_000, "png": 50_000_000, "webp": 50_000_000, "tiff": 50_000_000}
"""JPEG is decoded at an eighth of its size; the others as a whole."""
MOST_FRAMES = 500
LONGER_SIDE = 1600
FORMATS = {"jpeg": ("JPEG", "MPO"), "png": ("PNG",), "webp": ("WEBP",), "tiff": ("TIFF",)}
FAULTS = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError, ZeroDivisionError)

Image.MAX_IMAGE_PIXELS = None  # counted here, before anything is decoded


def examine(path: Path, kind: str) -> Verdict:
    """Refused when it is too large, moves, is broken, or is something else besides."""
    size = path.stat().st_size
    if size > LARGEST:
        raise Refused(f"图片超过 {LARGEST >> 20} MB 的限制。请缩小后再上传。")
    data = path.read_bytes()
    other = hidden(data)
    if other:
        raise Refused(f"它既是图片，又带有{other}。一个文件只能是一种格式；请用看图软件打开后另存为新的图片再上传。")
    try:
        with Image.open(path, formats=FORMATS[kind]) as picture:
            frames = frames_of(picture, kind)
            for number in range(frames):
                if frames > 1:
                    picture.seek(number)
                require_modest(picture, kind)
                if number == 0:
                    decode(picture, 400)
    except FAULTS as error:
        raise Refused(BROKEN) from error
    return Verdict(kind, frames, "" if whole(data, kind) else (
        "图片的数据之后还带有其他数据（例如动态照片的视频）。原件按收到的样子保存；这里显示的图片不含这些数据。"
    ))  # fmt: skip


def frames_of(picture: Image.Image, kind: str) -> int:
    """Pages of a TIFF; other pictures have one, and may not move."""
    count = getattr(picture, "n_frames", 1)
    if kind == "tiff":
        if count > MOST_FRAMES:
            raise Refused(f"它有 {count:,} 页，超过 {MOST_FRAMES} 页的限制。请拆成几个文件再上传。")
        return count
    if count > 1 and kind in ("png", "webp"):
        raise Refused("它是动画，无法作为证据固定显示。请另存为静止的图片再上传。")
    return 1


def require_modest(picture: Image.Image, kind: str) -> None:
    """The number of pixels it announces."""
    width, height = picture.size
    if width * height > MOST_PIXELS[kind]:
        raise Refused(
            f"图片声明的大小是 {width:,} × {height:,} 像素，超过 {MOST_PIXELS[kind] // 10_000:,} 万像素的限制。"
            "请缩小后再上传。"
        )


def decode(picture: Image.Image, longer_side: int) -> Image.Image:
    """A picture to its end, at the size it is shown, upright, in plain colours."""
    picture.draft("RGB", (longer_side, longer_side))
    picture.load()
    turned = ImageOps.exif_transpose(picture) or picture
    plain = turned if turned.mode in ("RGB", "L") else flat(turned)
    plain.thumbnail((longer_side, longer_side))
    return plain


def flat(picture: Image.Image) -> Image.Image:
    """What is transparent becomes white."""
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    with_alpha = picture.convert("RGBA")
    ground = Image.new("RGB", with_alpha.size, "white")
    ground.paste(with_alpha, mask=with_alpha.getchannel("A"))
    return ground


def whole(data: bytes, kind: str) -> bool:
    """True when nothing stands behind the end of the picture."""
    rest = b""
    if kind == "jpeg":
        rest = data[data.rfind(b"\xff\xd9") + 2 :]
        if b"MPF\0" not in data[: 1 << 16] and b"ftyp" in data[-len(data) // 2 :]:
            rest += b"video"
    elif kind == "png":
        end = data.rfind(b"IEND\xaeB`\x82")
        rest = data[end + 8 :] if end >= 0 else b""
    elif kind == "webp":
        rest = data[int.from_bytes(data[4:8], "little") + 9 :]
    return not rest.strip(b"\0\r\n ")


def draw(path: Path, kind: str, number: int, target: Path) -> None:
    """Put a picture (page from 1) as a new one at target, without EXIF, place, or anything else that came with it."""
    with Image.open(path, formats=FORMATS[kind]) as picture:
        if number > 1:
            picture.seek(number - 1)
        require_modest(picture, kind)
        made = decode(picture, LONGER_SIDE)
        clean = Image.new(made.mode, made.size)
        clean.paste(made)
        clean.save(target, format="PNG")
