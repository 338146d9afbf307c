"""/bundles: code, content-addressed. The body is the zip itself."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from caviar.api.answers import answer
from caviar.api.errors import RefusedBody
from caviar.api.models.others import BundleDigest
from caviar.api.routes import CodeRoute
from caviar.api.service import Service, ServiceOf
from caviar.domain.errors import InvalidInput, NotFound, Problem
from caviar.domain.fields import BUNDLE
from caviar.storage import bundles

router = APIRouter(prefix="/api/v1/bundles", tags=["bundles"], route_class=CodeRoute)

ZIP = "application/zip"
_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")
Digest = Annotated[str, Path(pattern=BUNDLE)]


@router.post(
    "",
    status_code=201,
    response_model=BundleDigest,
    openapi_extra={
        "requestBody": {"required": True, "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}
    },
)
async def upload_bundle(
    request: Request,
    service: ServiceOf,
    digest: Annotated[str | None, Query(pattern=BUNDLE, description="What the content must have")] = None,
) -> Response:
    """Stores a zip under its digest. Sending the same again changes nothing."""
    data = await _received(request, service.settings.max_bundle_bytes)
    found = "sha256:" + hashlib.sha256(data).hexdigest()
    if digest is not None and digest != found:
        raise InvalidInput([Problem("/digest", f"the content has the digest {found}: it was damaged on its way")])
    if not data.startswith(_BEGINNINGS):
        raise InvalidInput([Problem("", "the body is not a zip file")])
    await run_in_threadpool(_store, service, found, data)
    return answer({"digest": found, "size": len(data)}, 201, {"Location": f"/api/v1/bundles/{found}"})


@router.get("/{digest}", response_class=Response, responses={200: {"content": {ZIP: {}}}})
def get_bundle(service: ServiceOf, digest: Digest) -> Response:
    with service.read() as snapshot:
        data = bundles.get(snapshot, digest)
    if data is None:
        raise NotFound("There is no such bundle.")
    if "sha256:" + hashlib.sha256(data).hexdigest() != digest:
        raise NotFound("The bundle is damaged in the database.", code="bundle_damaged", hint="Upload the code again.")
    headers = {"ETag": f'"{digest}"', "Cache-Control": "private, max-age=31536000, immutable"}
    return Response(data, 200, headers, ZIP)


async def _received(request: Request, limit: int) -> bytes:
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            raise RefusedBody(limit)
    return bytes(data)


def _store(service: Service, digest: str, data: bytes) -> None:
    with service.work() as work:
        bundles.add(work.tx, digest, data, work.now)
