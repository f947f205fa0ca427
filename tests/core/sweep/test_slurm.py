"""The script for Slurm that the readme shows, run under stand-ins for `srun` and `scontrol`.

`srun` starts as many copies of its command as it is asked for and ends them with itself, which is all the script asks.
"""

from __future__ import annotations

import csv
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from patience import LIMIT_S, until

from dltui.core.errors import ConfigError
from dltui.core.sweep.folder import read_sweep, sweep_names

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
SRUN = """#!/bin/bash
n=1
while [[ $1 == --* ]]; do case $1 in --ntasks=*) n=${1#--ntasks=};; esac; shift; done
trap 'kill $(jobs -p) 2>/dev/null; exit 143' TERM
for ((i = 0; i < n; i++)); do "$@" & done
wait
"""
SCONTROL = '#!/bin/bash\necho "$@" >> requeued\n'


def script(folder: Path) -> Path:
    """The script of the readme with fewer, shorter trials, and the commands it asks for."""
    (block,) = re.findall(r"^```bash\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
    assert "--epochs 30" in block and "log:8" in block
    text = (
        block.replace("--epochs 30", "--steps 300000").replace("log:8", "log:4").replace("--over optimizer.name ", "")
    )
    text = text.replace("sweep digits", "sweep spiral").replace("--seeds 3", "--seeds 2")
    commands = folder / "bin"
    commands.mkdir()
    dask = f'#!/bin/bash\nexec {sys.executable} -c "from dask.__main__ import main; main()" "$@"\n'
    dltui = f'#!/bin/bash\nexec {sys.executable} -m dltui.tui "$@"\n'
    for name, content in {"srun": SRUN, "scontrol": SCONTROL, "dask": dask, "dltui": dltui}.items():
        (commands / name).write_text(content)
        (commands / name).chmod(0o755)
    path = folder / "job.sh"
    path.write_text(text)
    return path


@contextmanager
def job(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The job, with all its processes ended at the end."""
    environment = {**os.environ, "PATH": f"{path.parent / 'bin'}:{os.environ['PATH']}", "SLURM_NTASKS": "2",
                   "SLURM_JOB_ID": "7", "DLTUI_HOME": str(path.parent / "home"),
                   "DASK_TEMPORARY_DIRECTORY": str(path.parent)}  # fmt: skip
    with open(path.parent / "said", "ab") as said:
        process = subprocess.Popen(["bash", str(path)], env=environment, cwd=path.parent, stdout=said, stderr=said,
                                   start_new_session=True)  # fmt: skip
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def n_rows(home: Path) -> int:
    names = sweep_names(str(home / "sweeps"))
    with suppress(ConfigError):
        return len(read_sweep(str(home / "sweeps" / names[-1])).rows) if names else 0
    return 0


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="needs bash")
def test_a_job_whose_time_is_up_is_run_again_and_comes_to_the_whole_table(tmp_path: Path) -> None:
    path, home = script(tmp_path), tmp_path / "home"
    with job(path) as process:
        until(lambda: n_rows(home) > 0 or process.poll() is not None)
        process.send_signal(signal.SIGTERM)
        code = process.wait(LIMIT_S)
    n_first = n_rows(home)
    said = (tmp_path / "said").read_text(errors="replace")
    assert code == 75 and (tmp_path / "requeued").read_text() == "requeue 7\n" and 0 < n_first < 8, said
    with job(path) as process:
        assert process.wait(LIMIT_S) == 0, (tmp_path / "said").read_text(errors="replace")
    table = list(csv.DictReader((tmp_path / "table.csv").read_text().splitlines()))
    assert sorted(int(row["trial"]) for row in table) == list(range(8)) and n_rows(home) == 8
    assert len(sweep_names(str(home / "sweeps"))) == 1
