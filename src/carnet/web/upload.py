"""How does an uploaded file reach the disk without passing through memory?"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, create_form_parser
from starlette.concurrency import run_in_threadpool

from carnet.errors import Refused
from carnet.web.door import check_token

LIMIT_GB = 50
"""The largest data file that Outlook makes by default."""


@dataclass(slots=True, kw_only=True)
class Upload:
    """What came: the form's texts, and the file with its own name, where one was chosen (no path where it is empty)."""

    texts: dict[str, str]
    path: Path | None = None
    name: str = ""


async def receive(request: Request, uploads: Path) -> Upload:
    """Read a multipart form, its file straight into `uploads`, readable by its owner only.

    Raises Refused for a form that breaks off, is too large or lacks its token; no file stays then.
    """
    arriving = await run_in_threadpool(_make_room, uploads)
    try:
        upload = await _parse(request, arriving)
        check_token(request, upload.texts.get("csrf", ""))
        await run_in_threadpool(_take_in, upload, uploads)
    except FormParserError as error:
        raise Refused("The file did not arrive whole.", "Choose it again.") from error
    else:
        return upload
    finally:
        await run_in_threadpool(shutil.rmtree, arriving)


def _make_room(uploads: Path) -> Path:
    """A folder for this form alone, so that whatever breaks off leaves nothing."""
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=uploads))


def _take_in(upload: Upload, uploads: Path) -> None:
    if upload.path is not None:
        upload.path = upload.path.rename(uploads / upload.path.name)


async def _parse(request: Request, folder: Path) -> Upload:
    upload = Upload(texts={})

    def on_field(field: Field) -> None:
        upload.texts[(field.field_name or b"").decode()] = (field.value or b"").decode().strip()

    def on_file(file: File) -> None:
        file.close()
        if not upload.name and file.file_name:
            upload.name = Path(file.file_name.decode(errors="replace").replace("\\", "/")).name
            upload.path = Path(file.actual_file_name.decode()) if file.actual_file_name else None

    headers = {"Content-Type": request.headers.get("content-type", "").encode()}
    config = {
        "UPLOAD_DIR": str(folder),
        "UPLOAD_KEEP_EXTENSIONS": True,
        "UPLOAD_DELETE_TMP": False,
        "MAX_MEMORY_FILE_SIZE": 0,
    }
    parser = create_form_parser(headers, on_field, on_file, config=config)
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LIMIT_GB * 1024**3:
            raise Refused("The file is larger than {limit} GB.", "Export the contact folder alone.", limit=LIMIT_GB)
        await run_in_threadpool(parser.write, chunk)
    parser.finalize()
    return upload
