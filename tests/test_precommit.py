"""The two hooks under the real pre-commit, in a repository of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}
RIGHT = "from sentence_transformers import SentenceTransformer\n\nmodel = SentenceTransformer('all-MiniLM-L6-v2')\n"
WRONG = RIGHT + (
    "from peft import PeftModel\n\nmodel = PeftModel.from_pretrained(model, 'adapters/support')\n"
    "vectors = model.encode(['a sentence'])\n"
)


class Repository:
    """A git repository with one hook of adapterlint, run by this interpreter, that each commit passes through."""

    def __init__(self, folder: Path, hook: str) -> None:
        self.folder = folder
        self.git("init", "-q")
        self.git("config", "user.email", "someone@example.com")
        self.git("config", "user.name", "Someone")
        # What installing would add is tried in the test of try-repo; here the hook's own words run in this environment.
        entry = HOOKS[hook]["entry"].replace("adapterlint", f"{Path(sys.executable).as_posix()} -m adapterlint", 1)
        local = {**HOOKS[hook], "language": "system", "entry": entry}
        local.pop("minimum_pre_commit_version", None)
        self.write(".pre-commit-config.yaml", yaml.safe_dump({"repos": [{"repo": "local", "hooks": [local]}]}))
        self.write("requirements.txt", "sentence-transformers==5.3.0\n")
        self.run(sys.executable, "-m", "pre_commit", "install")
        self.git("add", ".")
        assert self.commit("the first").returncode == 0

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        # A commit that runs these tests sets GIT_DIR and its like for its hooks.
        outside = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        environment = {**outside, "PRE_COMMIT_HOME": str(self.folder.parent / "home"), "PYTHONIOENCODING": "utf-8"}
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, encoding="utf-8"
        )

    def git(self, *arguments: str) -> str:
        done = self.run("git", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def write(self, path: str, text: str) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def commit(self, message: str) -> subprocess.CompletedProcess[str]:
        return self.run("git", "commit", "-m", message)


@pytest.fixture
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Repository:
    folder = tmp_path / "repository"
    folder.mkdir()
    return Repository(folder, request.param)


reading = pytest.mark.parametrize("repository", ["adapterlint"], indirect=True)
mending = pytest.mark.parametrize("repository", ["adapterlint-fix"], indirect=True)


def said(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


@reading
def test_a_finding_stops_the_commit_and_is_shown(repository: Repository) -> None:
    repository.write("evaluate.py", WRONG)
    repository.git("add", ".")
    done = repository.commit("evaluate")
    assert done.returncode == 1
    assert "peft-on-sentence-transformer" in said(done)
    assert "evaluate.py" in said(done)
    assert (repository.folder / "evaluate.py").read_text(encoding="utf-8") == WRONG


@reading
def test_only_what_is_staged_is_looked_at(repository: Repository) -> None:
    repository.write("evaluate.py", WRONG)
    repository.write("right.py", RIGHT)
    repository.git("add", "right.py")
    assert repository.commit("right").returncode == 0


@reading
def test_a_commit_without_a_matching_file_passes(repository: Repository) -> None:
    repository.write("evaluate.py", WRONG)
    repository.write("notes.md", "Nothing to see.\n")
    repository.git("add", "notes.md")
    assert repository.commit("notes").returncode == 0


@reading
def test_a_staged_adapter_file_stands_for_its_folder(repository: Repository) -> None:
    config = {"peft_type": "LORA", "r": 8, "base_model_name_or_path": "bert-base-uncased", "target_modules": ["query"]}
    repository.write("adapters/support/adapter_config.json", json.dumps(config))
    repository.git("add", ".")
    done = repository.commit("an adapter whose weights were forgotten")
    assert done.returncode == 1
    assert "weights-missing" in said(done)


@mending
def test_a_fix_stops_the_commit_shows_its_account_and_the_second_commit_passes(repository: Repository) -> None:
    file = repository.write("evaluate.py", WRONG)
    repository.git("add", ".")
    first = repository.commit("evaluate")
    assert first.returncode == 1
    assert "files were modified by this hook" in said(first)
    assert "peft-on-sentence-transformer" in said(first), "the account names what was mended"
    mended = file.read_text(encoding="utf-8")
    assert mended != WRONG
    assert "PeftModel.from_pretrained(model," not in mended
    repository.git("add", ".")
    second = repository.commit("evaluate, mended")
    assert second.returncode == 0, said(second)
    assert repository.git("show", "HEAD:evaluate.py") == mended


@pytest.mark.parametrize("hook", HOOKS)
def test_the_hooks_match_the_files_they_can_judge(hook: str) -> None:
    matches = re.compile(HOOKS[hook]["files"]).search
    for path in (
        "adapter_config.json",
        "models/a/adapter_config.json",
        "a/adapter_model.safetensors",
        "a/adapter_model.bin",
        "a/adapter_model-00001-of-00002.safetensors",
        "a/adapter_model.safetensors.index.json",
        "loras/style.safetensors",
        "train.py",
        "notebooks/evaluate.ipynb",
    ):
        assert matches(path), path
    for path in ("config.json", "my_adapter_config.json", "optimizer.bin", "pytorch_model.bin", "README.md", "a.pyi"):
        assert not matches(path), path


@pytest.mark.parametrize("hook", HOOKS)
def test_the_hooks_run_once_and_never_fall_back_to_the_whole_repository(hook: str) -> None:
    assert HOOKS[hook]["require_serial"] is True
    assert "--no-default-path" in HOOKS[hook]["entry"].split()
    assert ("--fix" in HOOKS[hook]["entry"].split()) is hook.endswith("-fix")


@pytest.mark.runtime
def test_pre_commit_installs_the_hook_by_itself(tmp_path: Path) -> None:
    """`try-repo` builds the package from a checkout in an environment of its own, so it needs a package index."""
    checkout = tmp_path / "adapterlint"
    checkout.mkdir()
    for name in ("src", "rules"):
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, checkout / name)
    folder = tmp_path / "repository"
    folder.mkdir()
    repository = Repository(folder, "adapterlint")
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-q", "--no-verify", "-m", "the linter")):
        user = ("-c", "user.email=someone@example.com", "-c", "user.name=Someone")
        repository.git("-C", str(checkout), *user, *arguments)
    repository.write("evaluate.py", WRONG)
    repository.git("add", ".")
    attempt = ("-m", "pre_commit", "try-repo", str(checkout), "adapterlint", "--files", "evaluate.py")
    done = repository.run(sys.executable, *attempt)
    assert done.returncode == 1, said(done)
    assert "peft-on-sentence-transformer" in said(done)
