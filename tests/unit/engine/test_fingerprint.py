"""What a result rests on, and what has changed since."""

from caviar.engine.fingerprint import differences, of

AROUND = {"python": "3.11.9", "packages": {"numpy": "2.4.6"}, "packages_digest": "sha256:a", "hardware": {"cpu": "x"}}
SPEC = {"code": {"bundle": "sha256:c"}, "data": {"version": "1"}}


def test_what_changed_is_told_package_by_package() -> None:
    newer = {**AROUND, "packages": {"numpy": "2.5.0", "scipy": "1.17"}, "packages_digest": "sha256:b"}
    changed = differences(of(SPEC, AROUND), of({**SPEC, "data": {"version": "2"}}, newer))
    assert changed == [
        {"what": "data", "old": {"version": "1"}, "new": {"version": "2"}},
        {"what": "package numpy", "old": "2.4.6", "new": "2.5.0"},
        {"what": "package scipy", "old": None, "new": "1.17"},
    ]


def test_the_same_is_no_difference_and_what_is_not_known_neither() -> None:
    assert differences(of(SPEC, AROUND), of(SPEC, AROUND)) == []
    assert differences(None, of(SPEC, AROUND)) == []
