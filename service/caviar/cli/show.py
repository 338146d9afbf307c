"""`caviar show`: one study."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from caviar.cli.formats import Format
from caviar.cli.insights import asked_for, print_insights
from caviar.cli.lines import origin_text
from caviar.cli.output import emit_one
from caviar.cli.report import MOVES, print_report
from caviar.client.models import StudyInfo
from caviar.client.study import Study


def show(study: Study, output: Format, *, all_rounds: bool, sections: Sequence[str] = ()) -> None:
    """`sections`: names of SECTIONS that are shown as well."""
    said = asked_for(study, sections)
    if output is not Format.TABLE:
        rounds = {"rounds": [each.model_dump(mode="json") for each in study.rounds()]} if all_rounds else {}
        emit_one({**study.info.model_dump(mode="json"), **rounds, **said}, output)
        return
    console = Console()
    for name, value in [*_facts(study.info), *_audit(study), *_recommended(study)]:
        console.print(Text.assemble((f"{name:<9}", "dim"), value), soft_wrap=True)
    print_report(console, study, moves=None if all_rounds else MOVES)
    print_insights(console, said)


def _recommended(study: Study) -> list[tuple[str, str]]:
    """Of a study that repeats its best: elsewhere the ranking says enough."""
    found = study.recommended if study.info.spec.get("repeat") else None
    return [("take", found.said)] if found else []


def _audit(study: Study) -> list[tuple[str, str]]:
    share = study.info.spec.get("stopping", {}).get("audit")
    return [("audit", study.stopping().said)] if share else []


def _facts(info: StudyInfo) -> list[tuple[str, str]]:
    search = info.spec.get("search", {})
    stopping = info.spec.get("stopping", {})
    facts = [
        ("study", info.name),
        ("id", info.id),
        ("metric", f"{info.metric}, to {'minimize' if info.minimizes else 'maximize'}"),
        ("search", str(search.get("strategy", "-"))),
        ("stopping", str(stopping.get("rule", "none"))),
        ("created", info.created_at.isoformat(" ", "seconds") if info.created_at else "-"),
    ]
    if info.origin is not None:
        facts.append(("origin", origin_text(info.origin)))
    if info.space_version > 1:
        facts.append(("space", f"version {info.space_version}"))
    if info.labels:
        facts.append(("labels", ", ".join(f"{key}={value}" for key, value in info.labels.items())))
    return [*facts, ("notes", info.notes)] if info.notes else facts
