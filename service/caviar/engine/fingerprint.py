"""What a study's result rests on, and in what two such fingerprints differ. Pure."""

from collections.abc import Mapping
from typing import Any

MOST_TOLD = 50


def of(spec: Mapping[str, Any], surroundings: Mapping[str, Any]) -> dict[str, Any]:
    """The code's digest, the data, and what the first trial found where it ran."""
    code = spec.get("code") or {}
    known = {name: surroundings.get(name) for name in ("python", "packages", "packages_digest", "hardware")}
    return {"code": code.get("bundle"), "data": spec.get("data"), **known}


def differences(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """[{what, old, new}], packages one by one; empty where either is not known."""
    if old is None or new is None:
        return []
    changed = [_change(name, old.get(name), new.get(name)) for name in ("code", "data", "python", "hardware")]
    before, after = old.get("packages") or {}, new.get("packages") or {}
    names = sorted(before.keys() | after.keys())
    changed += [_change(f"package {name}", before.get(name), after.get(name)) for name in names]
    return [each for each in changed if each["old"] != each["new"]][:MOST_TOLD]


def _change(what: str, old: Any, new: Any) -> dict[str, Any]:
    return {"what": what, "old": old, "new": new}
