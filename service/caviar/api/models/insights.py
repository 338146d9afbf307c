"""The read model: pictures, and what is said of a study beside its trials."""

from typing import Any

from caviar.api.models.common import Answer


class Figure(Answer):
    """In Plotly's form. `layout.meta` is what the picture says of itself; `customdata` are the trials' numbers."""

    kind: str
    revision: int
    data: list[dict[str, Any]]
    layout: dict[str, Any]
