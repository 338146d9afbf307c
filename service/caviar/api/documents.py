"""POST /documents: a study file's text as the document it means. Nothing is stored, and nothing is checked but the
text."""

from fastapi import APIRouter
from starlette.responses import Response

from caviar.api.answers import answer
from caviar.api.models.others import DocumentRead, DocumentText
from caviar.api.routes import StudyRoute
from caviar.domain.document import load_document
from caviar.domain.errors import InvalidStudy, Problem
from caviar.domain.json_shape import shape_problems

router = APIRouter(prefix="/api/v1", tags=["studies"], route_class=StudyRoute)


@router.post("/documents", response_model=DocumentRead)
def read_document(given: DocumentText) -> Response:
    """YAML, TOML or JSON in, JSON out: what POST /studies and POST /preview take."""
    document = load_document(given.text, given.format)
    if not isinstance(document, dict):
        raise InvalidStudy([Problem("", "holds no study: a mapping with metric, train and space")])
    if problems := shape_problems(document):
        raise InvalidStudy(problems)
    return answer({"document": document})
