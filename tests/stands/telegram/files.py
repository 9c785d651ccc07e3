"""Files on the platform: what people and bots uploaded, by file id, and the objects that messages show for them."""

from __future__ import annotations

import mimetypes
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .people import Json

if TYPE_CHECKING:
    from .account import Account

MOST_DOWNLOAD = 20 * 1024 * 1024
MOST_UPLOAD = 50 * 1024 * 1024
_FOLDERS = {"photo": "photos", "document": "documents", "voice": "voice", "video": "videos", "audio": "music",
            "animation": "animations", "sticker": "stickers", "video_note": "video_notes"}  # fmt: skip
_NAMES = {"photo": "file.jpg", "document": "file.pdf", "voice": "file.oga", "video": "file.mp4", "audio": "file.mp3",
          "animation": "file.mp4", "sticker": "file.webp", "video_note": "file.mp4"}  # fmt: skip
KINDS = tuple(_FOLDERS)


@dataclass(frozen=True)
class File:
    """A file, as one bot may name it. `size` may be more than there is, to try limits without the bytes."""

    file_id: str
    unique_id: str
    path: str
    content: bytes
    name: str
    mime: str
    size: int
    kind: str

    def base(self) -> Json:
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": self.size}


def store(account: Account, kind: str, content: bytes, name: str = "", size: int = 0, mime: str = "") -> File:
    """Keep a file for this bot."""
    name = name or _NAMES[kind]
    number = len(account.files)
    unique = f"AQAD{zlib.crc32(content + name.encode()):08x}"
    suffix = name.rpartition(".")[2] if "." in name else "bin"
    found = File(
        file_id=f"{kind.upper()}-{account.id}-{number}-{unique}",
        unique_id=unique,
        path=f"{_FOLDERS[kind]}/file_{number}.{suffix}",
        content=content,
        name=name,
        mime=mime or mimetypes.guess_type(name)[0] or "application/octet-stream",
        size=size or len(content),
        kind=kind,
    )
    account.files[found.file_id] = found
    return found


def shape(file: File, kind: str) -> Json:
    """The fields of a message that show this file."""
    base = file.base()
    typed = base | {"mime_type": file.mime}
    square = {"width": 512, "height": 512}
    match kind:
        case "photo":
            small = {**base, "file_id": f"{file.file_id}-s", "file_unique_id": f"{file.unique_id}s"}
            return {"photo": [small | {"width": 90, "height": 60}, base | {"width": 1280, "height": 853}]}
        case "document":
            return {"document": typed | {"file_name": file.name}}
        case "voice":
            return {"voice": typed | {"duration": 3}}
        case "audio":
            return {"audio": typed | {"duration": 60, "file_name": file.name}}
        case "video":
            return {"video": typed | {"width": 640, "height": 360, "duration": 5, "file_name": file.name}}
        case "animation":
            animation = typed | {"width": 320, "height": 240, "duration": 2, "file_name": file.name}
            return {"animation": animation, "document": typed | {"file_name": file.name}}
        case "video_note":
            return {"video_note": base | {"length": 240, "duration": 5}}
        case "sticker":
            flags = {"is_animated": False, "is_video": False, "type": "regular", "emoji": "👍", "set_name": "thumbs"}
            return {"sticker": base | square | flags}
    raise ValueError(kind)


def named(account: Account, file_id: str) -> File | None:
    """A file of this bot; the small size of a photo is the same file here."""
    return account.files.get(file_id) or account.files.get(file_id.removesuffix("-s"))
