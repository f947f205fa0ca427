"""The Config: what it accepts, what it refuses and how it says so, and that going there and back changes nothing."""

from __future__ import annotations

import itertools
import time

import pytest

from dltui.core.config import Config, FieldInfo, diff
from dltui.core.config.fields import fields_of
from dltui.core.config.sections import SECTIONS, LayerConfig
from dltui.core.errors import ConfigError

SLOTS = [
    (f"{path}.{slot.key}", slot)
    for path, kind in (*SECTIONS.items(), ("network.layers.0", LayerConfig))
    for slot in fields_of(kind).members
]


@pytest.fixture(scope="module")
def config() -> Config:
    return Config.from_dict({})


def another_value(info: FieldInfo) -> object:
    """A valid value other than the one in force."""
    if info.kind in ("member", "choice"):
        return next((choice for choice in info.choices if choice != info.value), None)
    if info.kind == "bool":
        return not info.value
    if info.kind == "text":
        return None if info.path.startswith("schedule.") else "other"
    if info.kind == "words":
        return info.choices[:1] or ("dense1",)
    if info.kind == "ints":
        return (*info.value, 3)
    if info.kind == "batch":
        return "full"
    low = info.param.low if info.param.low is not None else -1.0
    high = info.param.high if info.param.high is not None else low + 1000
    if info.kind == "int":
        return int(info.value) + 1 if info.value + 1 <= high else int(info.value) - 1
    return (info.value + high) / 2 if info.value < high else (info.value + low) / 2


def members_in_force() -> list[Config]:
    """Configs that together have every member in force once."""
    start = Config.from_dict({})
    found = []
    for path, slot in SLOTS:
        for name in slot.choices():
            found.append(start.with_changes({path: name}))
    return found


def test_what_is_left_out_takes_its_default(config: Config) -> None:
    assert config.get("network.hidden") == (8, 8)
    assert config.get("network.activation") == "tanh"
    assert config.get("optimizer.name") == "sgd"
    assert config.get("training.batch_size") == 10
    assert Config.from_dict({"training": {"seed": 3}}) == config.with_changes({"training.seed": 3})


def test_settings_are_complete_for_every_member() -> None:
    for config in members_in_force():
        for info in config.fields():
            assert config.get(info.path) == info.value, info.path


def test_every_member_round_trips() -> None:
    for config in members_in_force():
        assert Config.from_dict(config.to_dict()) == config


def test_going_there_and_back_keeps_the_settings_of_every_member() -> None:
    start = Config.from_dict({})
    for path, slot in SLOTS:
        section = path.rpartition(".")[0]
        for name in slot.choices():
            chosen = start.with_changes({path: name})
            wanted = {}
            for param in slot.params(name, path):
                info = next(i for i in chosen.fields() if i.param is param and i.path.startswith(f"{section}."))
                value = another_value(info)
                if value is not None:
                    wanted[info.path] = value
            try:
                turned = chosen.with_changes(wanted)
            except ConfigError:
                turned = chosen
            other = next(choice for choice in slot.choices() if choice != name)
            away = turned.with_changes({path: other})
            back = away.with_changes({path: name})
            assert back == turned
            assert back.dormant == turned.dormant
            stored = Config.from_dict(away.to_dict(dormant=True))
            assert stored == away
            assert stored.with_changes({path: name}) == turned


def test_setting_any_field_to_what_it_is_changes_nothing() -> None:
    for config in members_in_force():
        assert config.with_changes({info.path: info.value for info in config.fields()}) == config
        for info in config.fields():
            assert config.with_changes({info.path: info.value}) == config, info.path


def test_every_field_can_be_changed_and_shows_in_the_difference() -> None:
    for config in members_in_force():
        for info in config.fields():
            value = another_value(info)
            if value is None or info.path.startswith(("schedule.", "optimizer.learning_rate")):
                continue
            changed = config.with_changes({info.path: value})
            found = diff(config, changed)
            assert found, info.path
            assert config.with_changes({path: new for path, (_, new) in found.items()}) == changed, info.path
    assert diff(config, config) == {}


def test_a_name_and_its_settings_may_come_in_any_order(config: Config) -> None:
    changes = [("optimizer.beta1", 0.8), ("optimizer.name", "adam"), ("optimizer.learning_rate", 0.01)]
    results = [config.with_changes(dict(order)) for order in itertools.permutations(changes)]
    assert all(result == results[0] for result in results)
    assert results[0].optimizer.settings["beta1"] == 0.8
    assert config.optimizer.name == "sgd"


def test_with_changes_is_quick_enough_to_run_while_a_user_types(config: Config) -> None:
    config.with_changes({"optimizer.learning_rate": 0.1})
    times = []
    for _ in range(20):
        start = time.perf_counter()
        config.with_changes({"optimizer.learning_rate": 0.1})
        times.append(time.perf_counter() - start)
    assert min(times) < 0.5e-3


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("optimizer.name", "adm", "'adam'"),
        ("optimizer.learning_rat", 1, "'learning_rate'"),
        ("optimizr.name", "sgd", "'optimizer'"),
        ("optimizer", {}, "section"),
        ("optimizer.learning_rate", float("nan"), "[0, 1e+06]"),
        ("optimizer.learning_rate", float("inf"), "[0, 1e+06]"),
        ("optimizer.learning_rate", -1.0, "[0, 1e+06]"),
        ("optimizer.learning_rate", "0.1", "a number"),
        ("optimizer.learning_rate", None, "a number"),
        ("optimizer.learning_rate", True, "a number"),
        ("optimizer.name", ["sgd"], "sgd"),
        ("network.activation", "rleu", "'relu'"),
        ("network.activation", 3, "relu"),
        ("network.normalization", "batchnorm", "'batch_norm'"),
        ("network.hidden", [0], "[1, 65536]"),
        ("network.hidden", [70000], "[1, 65536]"),
        ("network.hidden", 8, "whole numbers"),
        ("network.hidden", [8] * 65, "64"),
        ("network.layers", [{}] * 65, "64"),
        ("network.layers", [{"kind": "dence"}], "'dense'"),
        ("network.layers", [{"unit": 3}], "'units'"),
        ("network.layers", [3], "table"),
        ("network.layers.7.units", 3, "0, 1"),
        ("network.layers.0.units", 0, "[1, 65536]"),
        ("network.layers.x", 0, "layers.0.units"),
        ("network.frozen", "dense1", "list of names"),
        ("training.batch_size", 0, '"full"'),
        ("training.batch_size", "ful", '"full"'),
        ("training.batch_size", 2.5, '"full"'),
        ("training.seed", 10**400, "whole number"),
        ("training.seed", -1, "whole number"),
        ("training.shuffle", 1, "true or false"),
        ("loss.name", "ms", "'mse'"),
        ("schedule.gamma", 0.5, "name, warmup_steps"),
        ("regularization.droput", 0.5, "'dropout'"),
        ("regularization.dropout", 1.5, "[0, 1)"),
        ("averaging.name", "swaa", "'swa'"),
        ("data.val_fraction", 1.0, "[0, 0.95]"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(config: Config, path: str, value: object, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.with_changes({path: value})
    sentence = str(caught.value)
    assert says in sentence
    assert path.startswith(caught.value.field or "?") or (caught.value.field or "").startswith(path)
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"optimiser": {}}, "'optimizer'"),
        ({"optimizer": 3}, "table"),
        ({"optimizer": {"name": "adm"}}, "'adam'"),
        ([], "table"),
        ({"network": {"hidden": [3], "layers": [{"kind": "dense"}]}}, "network.layers"),
        ({"dormant": {"optimizer.nme": {}}}, "optimizer.name"),
        ({"dormant": {"optimizer.name": {"adam": {"beta1": 7}}}}, "dormant.optimizer.name.adam.beta1"),
        ({"dormant": {"optimizer.name": {"adam": {"beta7": 7}}}}, "beta1"),
        ({"dormant": {"optimizer.name": 3}}, "table"),
    ],
)
def test_a_wrong_dict_names_its_file(values: dict, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_dict(values, file="mine.toml")
    assert says in str(caught.value)
    assert str(caught.value).startswith("mine.toml: ")


def test_layers_given_one_by_one_keep_what_is_their_own(config: Config) -> None:
    layers = [{"kind": "dense", "units": 5, "activation": "relu"}, {"kind": "dense", "units": 3}]
    changed = config.with_changes({"network.layers": layers})
    assert changed.network.hidden == (5, 3)
    assert changed.network.layers[0].activation == "relu"
    assert Config.from_dict(changed.to_dict()) == changed
    wider = changed.with_changes({"network.hidden": (6, 3, 2)})
    assert [layer.activation for layer in wider.network.layers] == ["relu", "", ""]
    assert wider.network.hidden == (6, 3, 2)
    narrower = changed.with_changes({"network.layers.0.units": 4})
    assert narrower.network.hidden == (4, 3)
    assert config.with_changes({"network.hidden": []}).network.layers == ()


def test_the_network_resized_by_hidden_keeps_its_other_layers(config: Config) -> None:
    layers = [{"kind": "flatten"}, {"kind": "dense", "units": 5}]
    changed = config.with_changes({"network.layers": layers}).with_changes({"network.hidden": [7, 2]})
    assert [layer.kind for layer in changed.network.layers] == ["flatten", "dense", "dense"]
    assert "layers" in changed.to_dict()["network"]
    assert Config.from_dict(changed.to_dict()) == changed


def test_typed_text_becomes_the_value_it_shows(config: Config) -> None:
    for full in members_in_force():
        for info in full.fields():
            shown = ", ".join(map(str, info.value)) if isinstance(info.value, tuple) else str(info.value)
            assert full.parse_value(info.path, shown) == info.value, info.path
    assert config.parse_value("training.max_steps", "1e5") == 100_000
    assert config.parse_value("network.hidden", "[16, 8]") == (16, 8)
    assert config.parse_value("optimizer.beta1", "0.5") == 0.5
    assert config.parse_value("schedule.milestones", "10 20") == (10, 20)
    assert config.parse_value("network.layers.5.units", "4") == 4
    assert config.parse_value("training.shuffle", "off") is False


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("training.max_steps", "many"),
        ("training.shuffle", "perhaps"),
        ("network.hidden", "8, x"),
        ("optimizer.beta99", "1"),
        ("nothing.at_all", "1"),
        ("network.layers", "[]"),
    ],
)
def test_typed_text_that_means_nothing_is_refused(config: Config, path: str, text: str) -> None:
    with pytest.raises(ConfigError):
        config.parse_value(path, text)


def test_a_fraction_typed_for_a_whole_number_is_refused_when_applied(config: Config) -> None:
    for text in ("1.5", "nan", "inf", "1e400"):
        with pytest.raises(ConfigError):
            config.with_changes({"training.max_steps": config.parse_value("training.max_steps", text)})


def test_a_schedule_is_checked_again_when_the_base_rate_changes(config: Config) -> None:
    falling = config.with_changes({"schedule.name": "lambda", "schedule.expression": "base - 0.01 / (1 + step)"})
    with pytest.raises(ConfigError) as caught:
        falling.with_changes({"optimizer.learning_rate": 0.005})
    assert caught.value.field == "schedule.expression"
    assert "step 0" in str(caught.value)


def test_members_of_one_section_never_hide_each_others_settings() -> None:
    for section, slots in (
        ("data", ("name", "scaler")),
        ("data", ("scaler", "target_scaler")),
        ("network", ("activation", "initializer")),
    ):
        described = fields_of(SECTIONS[section])
        fixed = {slot.key: slot.choices()[0] for slot in described.members}
        by_key = {slot.key: slot for slot in described.members}
        for pair in itertools.product(*(by_key[key].choices() for key in slots)):
            names = fixed | dict(zip(slots, pair, strict=True))
            n_params = sum(len(slot.params(names[slot.key], section)) for slot in described.members)
            assert len(described.setting_keys(names, section)) == n_params
