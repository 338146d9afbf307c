from pathlib import Path

import pytest

from caviar.api.binding import check_binding
from caviar.api.hosts import Hosts
from caviar.domain.errors import InvalidInput, WrongHost


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_on_this_machine_nothing_more_is_needed(host: str) -> None:
    check_binding(host, None, None, behind_proxy=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "", "tune.example.com"])
def test_elsewhere_it_takes_tls_or_a_proxy(host: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="every token on its way") as refused:
        check_binding(host, None, None, behind_proxy=False)
    assert "--behind-proxy" in (refused.value.hint or "")
    check_binding(host, None, None, behind_proxy=True)
    file = tmp_path / "some.pem"
    file.write_text("")
    check_binding(host, file, file, behind_proxy=False)


def test_half_of_tls_or_a_missing_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "some.pem"
    file.write_text("")
    with pytest.raises(InvalidInput, match="needs both"):
        check_binding("127.0.0.1", file, None, behind_proxy=False)
    with pytest.raises(InvalidInput, match=r"no file .*other\.pem"):
        check_binding("127.0.0.1", file, tmp_path / "other.pem", behind_proxy=False)


def asked(*hosts: str) -> dict[str, object]:
    return {"headers": [(b"host", host.encode("latin-1")) for host in hosts]}


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8700", "[::1]:8700", "[::1]", "10.1.2.3:80", "localhost", "LOCALHOST:8700", "localhost.:1"]  # noqa: RUF005
    + ["tune.example.com", "Tune.Example.com:443", "a.inner.example", "a.b.inner.example:1"],
)
def test_addresses_and_given_names_are_ours(host: str) -> None:
    Hosts(["tune.example.com", "*.inner.example"]).require(asked(host))


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "tune.example.com.evil.example", "localhost.evil.example", "127.0.0.1.evil.example"]  # noqa: RUF005
    + ["inner.example", "xinner.example", "[evil]:1", "2130706433", "0x7f.1", "localhost@evil.example", "\xff", "*"],
)
def test_other_names_are_not(host: str) -> None:
    with pytest.raises(WrongHost):
        Hosts(["tune.example.com", "*.inner.example"]).require(asked(host))


def test_a_request_names_one_host() -> None:
    for hosts in ((), ("localhost", "localhost")):
        with pytest.raises(WrongHost):
            Hosts(["*"]).require(asked(*hosts))
    Hosts(["*"]).require(asked("anything.example"))
