"""`caviar show`: one study."""

from rich.console import Console
from rich.text import Text

from caviar.cli.formats import Format
from caviar.cli.output import emit_one
from caviar.cli.report import print_report
from caviar.client.models import StudyInfo
from caviar.client.study import Study


def show(study: Study, output: Format) -> None:
    if output is not Format.TABLE:
        emit_one(study.info.model_dump(mode="json"), output)
        return
    console = Console()
    for name, value in _facts(study.info):
        console.print(Text.assemble((f"{name:<9}", "dim"), value), soft_wrap=True)
    console.print()
    print_report(console, study)


def _facts(info: StudyInfo) -> list[tuple[str, str]]:
    search = info.spec.get("search", {})
    stopping = info.spec.get("stopping", {})
    labels = info.spec.get("labels") or {}
    facts = [
        ("study", info.name),
        ("id", info.id),
        ("metric", f"{info.metric}, to {'minimize' if info.minimizes else 'maximize'}"),
        ("search", str(search.get("strategy", "-"))),
        ("stopping", str(stopping.get("rule", "none"))),
        ("created", info.created_at.isoformat(" ", "seconds") if info.created_at else "-"),
    ]
    return [*facts, ("labels", ", ".join(f"{key}={value}" for key, value in labels.items()))] if labels else facts
