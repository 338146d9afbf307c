"""What docker-compose.yml promises whatever runs it."""

import re

import pytest
from tests.support import compose

SECRETS = ("POSTGRES_PASSWORD", "CAVIAR_ADMIN_TOKEN", "CAVIAR_AGENT_TOKEN", "RAY_AUTH_TOKEN")
FILLED = {name: f"filled-{name.lower()}" for name in SECRETS}


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_has_a_default(secret: str) -> None:
    with pytest.raises(compose.UnsetError, match=secret):
        compose.load({name: value for name, value in FILLED.items() if name != secret})


def test_the_example_names_every_variable_of_the_file() -> None:
    used = set(re.findall(r"\$\{(\w+)", compose.FILE.read_text(encoding="utf-8")))
    example = (compose.ROOT / ".env.example").read_text(encoding="utf-8")
    assert used == set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))


def test_only_the_service_is_published_and_on_this_machine_alone() -> None:
    services = compose.load(FILLED)["services"]
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"service": ["127.0.0.1:8700:8700"]}


def test_every_service_is_started_again_and_can_be_asked_for_its_health() -> None:
    services = compose.load(FILLED)["services"]
    assert {service["restart"] for service in services.values()} == {"unless-stopped"}
    assert {name for name, service in services.items() if "healthcheck" not in service} == {"ray-worker"}


def test_all_of_caviar_is_one_image() -> None:
    services = compose.load(FILLED)["services"]
    assert {name: service["image"] for name, service in services.items() if name != "postgres"} == dict.fromkeys(
        ("service", "ray-head", "ray-worker"), "caviar:local"
    )


def test_ray_asks_for_its_token_everywhere() -> None:
    services = compose.load(FILLED)["services"]
    for name in ("ray-head", "ray-worker"):
        environment = services[name]["environment"]
        assert (environment["RAY_AUTH_MODE"], environment["RAY_AUTH_TOKEN"]) == ("token", FILLED["RAY_AUTH_TOKEN"])


def test_training_nodes_are_not_on_the_database_s_network() -> None:
    services = compose.load(FILLED)["services"]
    assert [name for name, service in services.items() if "database" in service["networks"]] == ["postgres", "service"]


def test_names_and_ports_become_this_machine_s() -> None:
    here = compose.Addresses(("postgres", "ray-head"), {"5432": "20001", "6379": "20002"})
    assert here.local("postgresql://a:b@postgres:5432/caviar") == "postgresql://a:b@127.0.0.1:20001/caviar"
    assert here.local("ray-head:6379") == "127.0.0.1:20002"
    assert here.local("--port=5432") == "--port=20001"
    assert here.local("deploy/ray-head.sh") == "deploy/ray-head.sh"
