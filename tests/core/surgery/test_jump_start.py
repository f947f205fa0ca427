"""Starting from a saved run: what is taken over, shrunk, perturbed, frozen, reported and refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import CLASSES, IMAGES, config, trainer
from safetensors.numpy import save_file

from dltui.core import ConfigError, Trainer, load_preset


@pytest.fixture
def source(tmp_path: Path) -> tuple[Trainer, str]:
    made = trainer(steps=80)
    path = str(tmp_path / "source.dltui")
    made.save(path)
    return made, path


@pytest.mark.parametrize("base", [CLASSES, IMAGES], ids=["dense", "conv"])
@pytest.mark.parametrize("averaging", ["none", "swa"])
@pytest.mark.parametrize("normalization", ["none", "batch_norm"])
def test_with_everything_matching_the_loss_is_the_sources(
    base: dict, averaging: str, normalization: str, tmp_path: Path
) -> None:
    made = trainer(base, 60, averaging__name=averaging, network__normalization=normalization)
    made.save(tmp_path / "run")
    started = trainer(base, jump_start__path=str(tmp_path / "run"), network__normalization=normalization)
    for part in ("train", "val"):
        assert started.evaluate(part)["loss"] == pytest.approx(made.evaluate(part)["loss"], rel=1e-6)
    assert started.step == 0


def test_layers_that_fit_are_taken_and_the_others_start_fresh(source: tuple[Trainer, str]) -> None:
    made, path = source
    started, cold = (trainer(network__hidden=[5, 6], jump_start__path=start) for start in (path, ""))
    assert np.array_equal(started.parameters["dense1.weight"], made.parameters["dense1.weight"])
    assert np.array_equal(started.parameters["dense2.weight"], cold.parameters["dense2.weight"])
    assert started.state.notes == (
        "dense1 starts from source.dltui",
        "dense2 starts fresh: dense2.weight is 4 x 5 there and 6 x 5 here",
        "dense3 starts fresh: dense3.weight is 2 x 4 there and 2 x 6 here",
    )


def test_the_source_may_have_learned_other_classes(tmp_path: Path) -> None:
    made = Trainer(config(data__name="gaussians"))
    made.save(tmp_path / "run")
    started = Trainer(config(data__name="rings", jump_start__path=str(tmp_path / "run")))
    assert np.array_equal(started.parameters["dense2.weight"], made.parameters["dense2.weight"])


def test_only_the_layers_asked_for_are_taken(source: tuple[Trainer, str]) -> None:
    made, path = source
    started = trainer(jump_start__path=path, jump_start__layers=["dense2"])
    assert np.array_equal(started.parameters["dense2.weight"], made.parameters["dense2.weight"])
    assert np.array_equal(started.parameters["dense1.weight"], trainer().parameters["dense1.weight"])


def test_shrink_and_perturb_mixes_old_and_fresh_weights(source: tuple[Trainer, str]) -> None:
    made, path = source
    started = trainer(jump_start__path=path, jump_start__shrink=0.4, jump_start__perturb=0.1)
    fresh = trainer().parameters
    for name, values in started.parameters.items():
        assert values == pytest.approx(0.4 * made.parameters[name] + 0.1 * fresh[name], abs=1e-7)


def test_frozen_layers_join_the_others_and_stay(source: tuple[Trainer, str]) -> None:
    made, path = source
    started = trainer(steps=20, jump_start__path=path, jump_start__freeze=["dense1"], network__frozen=["dense3"])
    assert started.config.network.frozen == ("dense3", "dense1")
    assert np.array_equal(started.parameters["dense1.weight"], made.parameters["dense1.weight"])
    assert not np.array_equal(started.parameters["dense2.weight"], made.parameters["dense2.weight"])


def test_weights_of_others_are_taken_by_name(source: tuple[Trainer, str], tmp_path: Path) -> None:
    made, _ = source
    path = tmp_path / "weights.safetensors"
    save_file({**made.parameters, "counter": np.zeros(1, np.int64)}, path)
    started = trainer(jump_start__path=str(path))
    assert started.evaluate("val")["loss"] == pytest.approx(made.evaluate("val")["loss"], rel=1e-6)


def test_the_folder_of_a_run_stands_for_its_newest_state(tmp_path: Path) -> None:
    for number, steps in ((1, 10), (2, 90)):
        trainer(steps=steps).save(tmp_path / f"ckpt-{number:08d}-{steps:012d}.safetensors")
    started = trainer(jump_start__path=str(tmp_path))
    assert np.array_equal(started.parameters["dense1.weight"], trainer(steps=90).parameters["dense1.weight"])


def test_a_restart_starts_from_the_file_again(source: tuple[Trainer, str]) -> None:
    _, path = source
    started = trainer(jump_start__path=path)
    first = started.parameters
    started.advance(30)
    started.restart()
    assert all(np.array_equal(first[name], values) for name, values in started.parameters.items())


def test_a_bad_source_is_one_sentence(source: tuple[Trainer, str], tmp_path: Path) -> None:
    made, path = source
    (tmp_path / "text").write_text("not weights at all")
    (tmp_path / "folder").mkdir()
    damaged = bytearray(Path(path).read_bytes())
    damaged[-5] ^= 1
    (tmp_path / "damaged").write_bytes(damaged)
    save_file({"other.weight": np.ones((2, 2), np.float32)}, tmp_path / "other")
    save_file({**made.parameters, "dense1.bias": np.full(5, np.nan, np.float32)}, tmp_path / "nan")
    for name in ("missing", "text", "folder", "damaged", "other", "nan"):
        with pytest.raises(ConfigError, match=r"^jump_start\.path = .*") as caught:
            trainer(jump_start__path=str(tmp_path / name))
        assert caught.value.field == "jump_start.path"
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("field", ["layers", "freeze"])
def test_layers_that_cannot_be_taken_are_refused(source: tuple[Trainer, str], field: str) -> None:
    _, path = source
    with pytest.raises(ConfigError, match="did you mean 'dense3'"):
        trainer(jump_start__path=path, **dict[str, Any]({f"jump_start__{field}": ["dense33"]}))
    with pytest.raises(ConfigError, match=r"cannot be taken over: dense2\.weight is 4 x 5 there and 6 x 5 here"):
        trainer(network__hidden=[5, 6], jump_start__path=path, **dict[str, Any]({f"jump_start__{field}": ["dense2"]}))


def trained(name: str, n_steps: int, changes: dict | None = None) -> Trainer:
    made = Trainer(load_preset(name).with_changes(changes or {}))
    made.advance(n_steps)
    return made


def test_a_jump_start_begins_lower_than_a_cold_start_and_stays_lower() -> None:
    warm, cold = load_preset("jump_start"), load_preset("spiral")
    assert warm.with_changes({"jump_start.path": ""}).to_dict() | {"preset": {}} == cold.to_dict() | {"preset": {}}
    for n_steps in (0, 100, 1000):
        losses = [trained(name, n_steps).evaluate("train")["loss"] for name in ("jump_start", "spiral")]
        assert losses[0] < losses[1] / 2
    shrunk = {"jump_start.shrink": 0.5, "jump_start.perturb": 0.1}
    start, fresh = (trained(name, 0, more) for name, more in (("jump_start", shrunk), ("spiral", {})))
    losses = [made.evaluate("train")["loss"] for made in (trained("jump_start", 0), start, fresh)]
    assert losses == sorted(losses)
    frozen = {"jump_start.freeze": ["dense1"]}
    assert trained("jump_start", 1000, frozen).evaluate("val")["accuracy"] >= 0.93
