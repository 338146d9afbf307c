"""YAML 1.2's core schema, less what can surprise."""

import json
import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.studies import json_values

from caviar.domain.yaml_text import YamlError, load_yaml


def refusal(text):
    with pytest.raises(YamlError) as caught:
        load_yaml(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4),
        ("1.0e-4", 1e-4),
        ("-1E+3", -1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("+3", 3),
        ("-0", 0),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        (".inf", math.inf),
        ("-.Inf", -math.inf),
        ("+.INF", math.inf),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("2026-11-23", "2026-11-23"),
        ("1e", "1e"),
        (".", "."),
        ("-", None),
        ("e5", "e5"),
        ("0x", "0x"),
        ("1.2.3", "1.2.3"),
        ("inf", "inf"),
        ('"1"', "1"),
        ("'true'", "true"),
        ('""', ""),
        ("|\n  a\n  b", "a\nb"),
    ],
)
def test_scalars(text, value):
    expected = [value] if text == "-" else value
    found = load_yaml(text if text == "-" else f"a: {text}")
    found = found if text == "-" else found["a"]
    assert found == expected
    assert type(found) is type(expected)


def test_not_a_number():
    assert all(map(math.isnan, load_yaml("[.nan, .NaN, .NAN]")))


@given(json_values)
def test_what_is_dumped_is_loaded(value):
    text = yaml.dump(value, Dumper=_Quoting, allow_unicode=True)
    assert load_yaml(text) == value


class _Quoting(yaml.SafeDumper):
    def ignore_aliases(self, data):
        return True


_Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


@given(st.text("ab:-[]{},&*!|>'\"#%@` \n\t?~1", max_size=40))
def test_any_text_is_read_or_refused_with_its_line(text):
    try:
        json.dumps(load_yaml(text))
    except YamlError as error:
        message = str(error)
    else:
        message = "line"
    assert message.startswith("line")


def test_lists_and_objects_nest():
    assert load_yaml("a:\n- b: [1, {c: x}]\n- - 2\n- {}\n- []\n") == {"a": [{"b": [1, {"c": "x"}]}, [2], {}, []]}


def test_a_key_stands_once():
    assert refusal("a: 1\nb: 2\na: 3") == 'line 3, column 1: the key "a" stands twice in one object'
    assert refusal("a: {b: 1, 'b': 2}") == 'line 1, column 11: the key "b" stands twice in one object'
    assert load_yaml("a: {b: 1}\nb: 2") == {"a": {"b": 1}, "b": 2}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x [1]\nb: *x", "line 2, column 4: *x is an alias: write out what it stands for"),
        ("a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]", "line 2, column 8: *a is an alias"),
        ("&a [*a]", "line 1, column 5: *a is an alias"),
        ("b: {<<: {a: 1}}", "line 1, column 5: << merges objects"),
        ("a: !!python/object/apply:os.system [ls]", "line 1, column 4: tags such as tag:yaml.org,2002:python"),
        ("a: !!str 1", "line 1, column 4: tags such as"),
        ("a: !mine {}", "line 1, column 4: tags such as !mine are not understood"),
        ("1: a", "line 1, column 1: a key must be a string, not 1: put it in quotes"),
        ("true: a", "line 1, column 1: a key must be a string, not true"),
        ("~: a", "line 1, column 1: a key must be a string, not null"),
        ("? [a]\n: b", "line 1, column 3: a key must be a string, not a list or an object"),
        ("a: 1\n---\nb: 2", "line 2, column 1: a second document begins here"),
        ("a: " + "9" * 1001, "line 1, column 4: is a number of too many digits"),
        ("a: 0x" + "f" * 1001, "line 1, column 4: is a number of too many digits"),
    ],
)
def test_what_can_surprise_is_refused(text, said):
    assert refusal(text).startswith(said)


def test_an_anchor_nobody_follows_does_no_harm():
    assert load_yaml("a: &x 1") == {"a": 1}
