"""A file that came as `multipart/form-data` under `file`, with the form's other fields."""

from typing import Any

from litestar.datastructures import FormMultiDict, UploadFile
from litestar.enums import RequestEncodingType

from api.kernel.errors import Refused, wrong_field
from api.web.edge import Req

SHEET = 20 * 1024 * 1024


async def uploaded(request: Req) -> tuple[UploadFile, FormMultiDict]:
    """Refuses `unsupported_media`, and a form without a file."""
    if request.content_type[0] != RequestEncodingType.MULTI_PART:
        raise Refused("unsupported_media", what=request.content_type[0] or "-")
    form = await request.form()
    file: Any = form.get("file")
    if not isinstance(file, UploadFile):
        raise wrong_field("$.file", "没有文件。", "No file.")
    return file, form
