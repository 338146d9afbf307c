"""What the fields of a study's sections take: ranges, patterns, texts; and what every section is."""

from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema, WrapValidator

from caviar.domain.values import text_problem

MAX_TRIALS: Final = 10_000_000
MAX_SECONDS: Final = 1e9

STUDY_NAME: Final = "^[A-Za-z][A-Za-z0-9_.-]*$"
METRIC_NAME: Final = "^[A-Za-z_][A-Za-z0-9_./@:-]*$"
FUNCTION: Final = (
    r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"
)
BUNDLE: Final = "^sha256:[0-9a-f]{64}$"
RESOURCE: Final = "^[A-Za-z][A-Za-z0-9_.:-]*$"

_OWN_RESOURCES: Final = {
    "cpu": "cpus",
    "cpus": "cpus",
    "gpu": "gpus",
    "gpus": "gpus",
    "memory": "memory_mb",
    "memory_mb": "memory_mb",
    "object_store_memory": "memory_mb",
}
_LEAST_SHARE: Final = 1e-4
"""Ray counts resources in ten-thousandths."""


def clean(text: str) -> str:
    if problem := text_problem(text):
        raise ValueError(problem)
    return text


def _share(amount: float) -> float:
    if 0 < amount < _LEAST_SHARE:
        raise ValueError(f"must be 0 or at least {_LEAST_SHARE}, the smallest share that Ray knows")
    return amount


def whole_devices(amount: float) -> float:
    if amount > 1 and amount != int(amount):
        raise ValueError(f"must be whole above 1: a share of a device is a share of one device, not {amount:g}")
    return amount


def _not_our_own(name: str) -> str:
    if own := _OWN_RESOURCES.get(name.lower()):
        raise ValueError(f"is no custom resource: write resources.{own}")
    return name


def reserved(name: str) -> str:
    if name == "step":
        raise ValueError('"step" counts steps in reports: choose another name')
    return name


Label = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(clean)]
Count = Annotated[int, Field(ge=1, le=MAX_TRIALS)]
Seconds = Annotated[float, Field(gt=0, le=MAX_SECONDS)]
Amount = Annotated[float, Field(ge=0, le=1e6), AfterValidator(_share)]
Some = Annotated[float, Field(gt=0, le=1e6), AfterValidator(_share)]
Custom = Annotated[str, Field(pattern=RESOURCE, max_length=200), AfterValidator(_not_our_own)]
MAX_MEMORY: Final = 1_000_000_000
if TYPE_CHECKING:
    Memory = int | Literal["auto"] | None
else:  # a union would tell its mistakes twice, once for each kind
    Memory = Annotated[
        Annotated[int, Field(ge=1, le=MAX_MEMORY)] | None,
        WrapValidator(lambda given, judge: given if given == "auto" else judge(given)),
        PlainSerializer(lambda given: given),
        WithJsonSchema(
            {"anyOf": [{"type": "integer", "minimum": 1, "maximum": MAX_MEMORY}, {"const": "auto"}, {"type": "null"}]}
        ),
    ]
Argument = Annotated[str, Field(max_length=100_000)]
Factor = Annotated[float, Field(gt=0, le=1_000)]
Points = Annotated[int, Field(ge=1, le=10_000)]


class Section(BaseModel):
    """Frozen, complete and strict: `true` is no number, "1.5" neither, and what is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
