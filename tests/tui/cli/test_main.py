"""The command line as a person meets it: processes, their output and their exit codes."""

import json
import os
import subprocess
import sys

import pytest
from warm import run_warm

from dltui.tui.cli.main import DASHBOARD, SUBCOMMANDS, subcommand


def dltui(*args, tmp_path, env=None, **options):
    variables = {**os.environ, "DLTUI_HOME": str(tmp_path / "home"), **(env or {})}
    command = [sys.executable, "-m", "dltui.tui", *args]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=240, env=variables, stdin=subprocess.DEVNULL, **options
    )


def warm(*args, tmp_path):
    return run_warm(*args, env=os.environ | {"DLTUI_HOME": str(tmp_path / "home")})


def sentence(done):
    assert done.returncode == 2, done.stderr
    assert done.stdout == "" and "\x1b" not in done.stderr and "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("dltui: ")
    return lines[0]


@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_without_a_terminal_the_dashboard_says_so_in_a_sentence(term, tmp_path):
    text = sentence(dltui("spiral", tmp_path=tmp_path, env={"TERM": term}))
    assert "terminal" in text and "dltui train" in text


def test_an_unknown_preset_is_named_with_the_nearest(tmp_path):
    text = sentence(dltui("spirl", tmp_path=tmp_path))
    assert "'spirl' is not a preset" in text and "'spiral'" in text


def test_a_missing_and_a_broken_file_are_named(tmp_path):
    assert "nothing.toml" in sentence(dltui(str(tmp_path / "nothing.toml"), tmp_path=tmp_path))
    broken = tmp_path / "broken.toml"
    broken.write_text("[optimizer\nname = 3\n")
    assert "line 1" in sentence(dltui(str(broken), tmp_path=tmp_path))


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["train", "spirl", "--steps", "5"], ["spiral"]),
        (["train", "spiral", "--set", "optimizer.name=adm"], ["optimizer.name", "'adam'"]),
        (["train", "spiral", "--set", "optimizer.lerning_rate=1"], ["optimizer.lerning_rate"]),
        (["train", "spiral", "--set", "optimizer.learning_rate=fast"], ["optimizer.learning_rate", "number"]),
        (["train", "spiral", "--set", "nonsense"], ["KEY=VALUE"]),
        (["train", "spiral", "--at", "soon:optimizer.name=adam"], ["STEP:KEY=VALUE"]),
        (["train", "spiral", "--steps", "9", "--at", "5:optimizer.name=adm"], ["'adam'"]),
        (["train", "spiral", "--until", "val_acuracy > 0.9"], ["val_accuracy"]),
        (["train", "spiral", "--until", "__import__('os')"], []),
        (["train", "spiral", "--plugin", "no_such_file.py"], ["no_such_file.py"]),
        (["train", "spiral", "--steps", "abc"], ["--steps", "'abc'", "whole number from 1 up"]),
        (["train", "spiral", "--steps", "0"], ["--steps", "'0'", "whole number from 1 up"]),
        (["train", "spiral", "--seed", "x"], ["--seed", "'x'", "whole number"]),
        (["train", "spiral", "--stpes", "5"], ["'--stpes'", "did you mean '--steps'"]),
        (["train", "spiral", "--steps", "5", "--epochs", "5"], ["--epochs", "--steps"]),
        (["train", "spiral", "moons"], ["'moons'", "too many"]),
        (["train"], ["PRESET|FILE", "dltui train --help"]),
    ],
)
def test_wrong_input_is_one_sentence(args, words, tmp_path):
    text = sentence(warm(*args, "--no-save", tmp_path=tmp_path))
    for word in words:
        assert word in text


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["trian", "spiral"], ["'trian' is not a command", "did you mean 'train'"]),
        (["resum"], ["did you mean 'resume'"]),
        (["spiral", "--steps", "5"], ["'--steps'", "dltui train spiral --steps 5"]),
        (["spiral", "moons"], ["'moons' is one word too many"]),
        (["spiral", "--no-such"], ["'--no-such' is not an option of dltui"]),
        (["presets", "\x1b[31mevil"], ["evil", "too many"]),
        (["\x1b[31mevil", "spiral"], ["spiral"]),
        (["stop"], ["RUN"]),
    ],
)
def test_a_mistyped_command_is_one_sentence(args, words, tmp_path):
    text = sentence(warm(*args, tmp_path=tmp_path))
    for word in words:
        assert word in text, text


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "ascii:strict"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_an_encoding_that_lacks_a_sign_costs_nothing(env, tmp_path):
    env = {"PYTHONIOENCODING": ""} | env
    done = dltui("train", "spiral", "--steps", "20", tmp_path=tmp_path, env=env)
    assert done.returncode == 0 and done.stdout.startswith("done - step 20 - ") and done.stderr == ""
    for name in ("runs", "presets"):
        done = dltui(name, tmp_path=tmp_path, env=env)
        assert done.returncode == 0 and "spiral" in done.stdout and done.stderr == ""


@pytest.mark.parametrize("args", ["presets", "runs", "--help", "train xor --steps 5", "train xor --steps 5 --json"])
@pytest.mark.parametrize("where", [">/dev/full", ">&-"])
def test_an_answer_that_cannot_be_written_is_one_sentence(args, where, tmp_path):
    env = os.environ | {"DLTUI_HOME": str(tmp_path)}
    line = f"{sys.executable} -m dltui.tui {args} {where}"
    done = subprocess.run(["sh", "-c", line], stderr=subprocess.PIPE, text=True, timeout=240, env=env)
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("dltui: ") and done.stderr.count("\n") == 1 and "standard output" in done.stderr


def test_help_and_a_mistyped_name_load_nothing_heavy():
    code = """
import sys
from dltui.tui import cli
try:
    cli.main({args})
except SystemExit:
    pass
sys.exit(any(name.split(".")[0] in ("numba", "textual", "rich", "numpy") for name in sys.modules))
"""
    for args in (["--help"], ["nosuch"], ["presets"], *([name, "--help"] for name in SUBCOMMANDS)):
        done = subprocess.run([sys.executable, "-c", code.format(args=args)], capture_output=True, timeout=240)
        assert done.returncode == 0, args


def test_every_subcommand_has_its_file():
    for name, what in {**SUBCOMMANDS, DASHBOARD: "dashboard"}.items():
        found = subcommand(name)
        assert callable(found.add_arguments) and callable(found.run) and what, name


def test_the_app_is_painted_before_the_compiler_or_numpy_are_loaded():
    code = (
        "import sys, dltui.tui.cli.dashboard, dltui.tui.app; sys.exit('numba' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=240).returncode == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[data]\nname = "sine"\n\n[loss]\nname = "cross_entropy"\n', ["line 5", "loss.name", "mse"]),
        (
            '[data]\nname = "digits"\n[[network.layers]]\nkind = "reshape"\nheight = 9\nwidth = 9\n',
            ["line 6", "width"],
        ),
        (
            '[data]\nname = "spiral"\n[[network.layers]]\nkind = "conv2d"\n',
            ["line 4", "network.layers.0"],
        ),
    ],
)
def test_what_does_not_fit_the_data_is_found_in_the_file(text, words, tmp_path):
    preset = tmp_path / "bad.toml"
    preset.write_text(text)
    for how in ((), ("--detach",)):
        line = sentence(warm("train", str(preset), "--steps", "5", *how, tmp_path=tmp_path))
        for word in ("bad.toml", *words):
            assert word in line
    wish = ("--set", "loss.name=cross_entropy")
    asked = sentence(warm("train", "universal_approximation", *wish, tmp_path=tmp_path))
    assert "line" not in asked


def test_presets_are_listed(tmp_path):
    done = dltui("presets", "--json", tmp_path=tmp_path)
    assert done.returncode == 0
    assert {"spiral", "xor", "digits"} <= {preset["name"] for preset in json.loads(done.stdout)}
    assert "spiral" in dltui("presets", tmp_path=tmp_path).stdout


def test_training_prints_one_object_on_the_last_line(tmp_path):
    args = ("train", "xor", "--steps", "60", "--at", "30:optimizer.name=adam", "--json", "--no-save")
    first, second = dltui(*args, tmp_path=tmp_path), warm(*args, tmp_path=tmp_path)
    assert first.returncode == 0, first.stderr
    result = json.loads(first.stdout.splitlines()[-1])
    assert result["preset"] == "xor" and result["step"] == 60 and result["stopped"] == "finished"
    assert {"run", "epoch", "train_loss", "val_loss", "val_accuracy", "elapsed_s", "digest"} <= set(result)
    assert json.loads(second.stdout)["digest"] == result["digest"]
    assert "\x1b" not in first.stdout + first.stderr


def test_exit_codes_tell_whether_the_condition_was_met(tmp_path):
    met = warm("train", "xor", "--until", "step >= 37", "--json", "--no-save", tmp_path=tmp_path)
    assert met.returncode == 0 and json.loads(met.stdout)["step"] == 37
    missed = warm(
        "train", "xor", "--steps", "20", "--until", "val_accuracy > 2", "--json", "--no-save", tmp_path=tmp_path
    )
    assert missed.returncode == 1 and json.loads(missed.stdout)["step"] == 20


def test_a_person_gets_a_sentence(tmp_path):
    done = warm("train", "xor", "--epochs", "2", "--no-save", tmp_path=tmp_path)
    assert done.returncode == 0 and done.stdout.startswith("done") and "epoch 2" in done.stdout
