"""What a parameter is, by its name: the usual hyperparameters under the names that libraries give them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from caviar.domain.values import Value


@dataclass(frozen=True, slots=True)
class Role:
    """`tier`: when its turn comes; None: it stays at `usual` for good unless somebody asks."""

    name: str
    tier: int | None
    aliases: str
    usual: Value = None


UNKNOWN_TIER: Final = 2
"""Of what no role is known: after the learning rate, before what seldom matters."""

ROLES: Final = (
    Role(
        "learning rate", 1,
        "lr learning_rate eta base_lr init_lr max_lr peak_lr learning_rate_init step_size lr0 eta0",
    ),
    Role("momentum", 2, "momentum mom mu sgd_momentum"),
    Role(
        "mini-batch size", 2,
        "batch_size batchsize batch bs mini_batch_size minibatch_size train_batch_size per_device_train_batch_size",
    ),
    Role(
        "hidden units", 2,
        "hidden_units units n_units num_units hidden hidden_size hidden_dim n_hidden num_hidden hidden_layer_size "
        "width d_model neurons",
    ),
    Role("number of layers", 3, "layers n_layers num_layers n_layer depth num_hidden_layers hidden_layers"),
    Role("learning-rate decay", 3, "decay decay_rate lr_decay learning_rate_decay lr_gamma"),
    Role("Adam's β₁", None, "beta1 beta_1 b1 adam_beta1 adam_beta_1", 0.9),
    Role("Adam's β₂", None, "beta2 beta_2 b2 adam_beta2 adam_beta_2", 0.999),
    Role("Adam's ε", None, "epsilon eps adam_epsilon adam_eps", 1e-8),
)  # fmt: skip


def role_of(name: str) -> Role | None:
    """By the whole name or what follows its last dot, case and separators aside; a number at the end may be left out
    (`units_2` are hidden units, `beta2` is β₂)."""
    for part in (name, name.rpartition(".")[2]):
        plain = _plain(part)
        found = _BY_ALIAS.get(plain) or _BY_ALIAS.get(plain.rstrip("0123456789"))
        if found is not None:
            return found
    return None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


_BY_ALIAS: Final = {_plain(alias): role for role in ROLES for alias in role.aliases.split()}
