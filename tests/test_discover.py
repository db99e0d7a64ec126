"""What a path holds: adapters at any depth, full models, notebooks and scripts, whatever the folder is like."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from adapterlint.discover import Discovery, discover
from adapterlint.model import TargetKind
from adapterlint.settings import Settings
from trees import POINTER, adapter, lora, model

links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*paths: str, exclude: tuple[str, ...] = ()) -> Discovery:
    return discover(paths or (".",), Settings(exclude=exclude))


def paths(discovery: Discovery, kind: TargetKind) -> list[str]:
    return [target.path for target in discovery.targets if target.kind is kind]


def adapters(*where: str) -> list[str]:
    return paths(found(*where), TargetKind.adapter)


def sources(*where: str) -> list[str]:
    return paths(found(*where), TargetKind.source)


def models(*where: str) -> list[str]:
    return paths(found(*where), TargetKind.model)


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("x = 1\n", encoding="utf-8")


def test_adapters_are_found_at_any_depth(here: Path) -> None:
    adapter(here)
    adapter(here / "run" / "checkpoint-100")
    adapter(here / "run" / "default" / "math")
    assert adapters() == [".", "run/checkpoint-100", "run/default/math"]


def test_the_files_of_an_adapter_are_named_as_they_open(here: Path) -> None:
    adapter(here / "a")
    (target,) = found("./a/").targets
    assert target.config == "a/adapter_config.json"
    assert target.weights == ("a/adapter_model.safetensors",)
    assert not target.lone


@pytest.mark.parametrize("name", ["adapter_config.json", "adapter_model.safetensors"])
def test_a_path_to_an_adapter_file_stands_for_its_folder(here: Path, name: str) -> None:
    adapter(here / "a")
    touch("a/train.py")
    assert adapters(f"a/{name}", "a/adapter_config.json", f"./a//{name}") == ["a"]
    assert sources(f"a/{name}") == []


def test_config_or_weights_alone_make_an_adapter(here: Path) -> None:
    (adapter(here / "config") / "adapter_model.safetensors").unlink()
    (adapter(here / "weights") / "adapter_config.json").unlink()
    config, weights = found().targets
    assert (config.path, config.weights) == ("config", ())
    assert (weights.path, weights.config) == ("weights", None)


def test_shards_are_listed_in_order_with_those_that_are_missing(here: Path) -> None:
    touch("a/adapter_model-00003-of-00003.safetensors", "a/adapter_model-00001-of-00003.safetensors")
    (target,) = found("a/adapter_model-00001-of-00003.safetensors").targets
    assert [name.rpartition("-of-")[0] for name in target.weights] == [f"a/adapter_model-0000{n}" for n in (1, 2, 3)]


def test_an_index_names_shards_too(here: Path) -> None:
    touch("a/adapter_model-00001-of-00002.bin")
    index = {"weight_map": {"x": "adapter_model-00002-of-00002.bin", "y": "../../etc/passwd"}}
    Path("a/adapter_model.bin.index.json").write_text(json.dumps(index), encoding="utf-8")
    (target,) = found("a").targets
    assert target.pickled == ("a/adapter_model-00001-of-00002.bin", "a/adapter_model-00002-of-00002.bin")


def test_a_lone_adapter_of_another_name_is_known_by_its_header(here: Path) -> None:
    save_file(lora(), here / "style.safetensors")
    (target,) = found().targets
    assert (target.path, target.kind, target.lone) == ("style.safetensors", TargetKind.adapter, True)


def test_an_mlx_folder_is_one_adapter_and_its_lfs_copies_are_none(here: Path) -> None:
    mlx = adapter(here / "mlx")
    (mlx / "adapter_model.safetensors").rename(mlx / "adapters.safetensors")
    (mlx / "0000100_adapters.safetensors").write_text(POINTER, encoding="utf-8")
    discovery = found()
    (target,) = discovery.targets
    assert target.weights == ("mlx/adapters.safetensors",)
    (skipped,) = discovery.skipped
    assert skipped.path == "mlx/0000100_adapters.safetensors"
    assert "Git LFS" in skipped.reason


def test_a_damaged_file_is_an_adapter_only_if_it_was_named(here: Path) -> None:
    Path("broken.safetensors").write_bytes(b"\xff" * 64)
    assert adapters() == []
    assert adapters("broken.safetensors") == ["broken.safetensors"]


def test_a_full_model_is_counted_once_with_all_its_shards(here: Path) -> None:
    for number in (1, 2):
        model(here / "llama" / f"model-0000{number}-of-00002.safetensors")
    touch("llama/pytorch_model.bin")
    (target,) = found().targets
    assert (target.path, target.kind) == ("llama", TargetKind.model)
    assert len(target.weights) == 2


def test_a_sentence_transformer_is_one_model(here: Path) -> None:
    model(here / "st" / "model.safetensors")
    model(here / "st" / "2_Dense" / "model.safetensors")
    touch("st/modules.json")
    assert models() == ["st"]


def test_an_adapter_under_a_sentence_transformer_is_found(here: Path) -> None:
    touch("st/modules.json")
    adapter(here / "st")
    model(here / "st" / "2_Dense" / "model.safetensors")
    adapter(here / "st" / "0_Transformer")
    assert adapters() == ["st", "st/0_Transformer"]
    assert models() == []


@pytest.mark.parametrize("name", ["optimizer.pt", "scheduler.pt", "rng_state_0.pth", "training_args.bin"])
def test_training_state_is_never_weights(here: Path, name: str) -> None:
    touch(name)
    assert found().targets == ()
    assert found(name).targets == ()
    assert "never weights" in found(name).skipped[0].reason


def test_another_safetensors_file_is_a_model(here: Path) -> None:
    save_file({"means": np.ones(3, np.float32)}, here / "statistics.safetensors")
    assert models() == ["statistics.safetensors"]


def test_always_skipped_folders_are_walked_when_named(here: Path) -> None:
    adapter(here / "build" / "a")
    touch("build/a.py", "venv/b.py", ".git/c.py", "node_modules/d.py", ".ipynb_checkpoints/e.ipynb", "src/f.py")
    assert sources() == ["src/f.py"]
    assert adapters() == []
    assert sources("build") == ["build/a.py"]
    assert sources("venv/b.py") == ["venv/b.py"]


def test_gitignore_governs_sources_and_not_adapters(here: Path) -> None:
    touch(".gitignore", "a.py", "b.py", "models/c.py", "sub/.gitignore", "sub/d.py", "sub/keep/e.py", "sub/b.py")
    adapter(here / "models" / "x")
    Path(".gitignore").write_text("models/\n*.safetensors\nb.py\n", encoding="utf-8")
    Path("sub/.gitignore").write_text("d.py\n!b.py\n", encoding="utf-8")
    discovery = found()
    assert paths(discovery, TargetKind.adapter) == ["models/x"]
    assert paths(discovery, TargetKind.source) == ["a.py", "sub/b.py", "sub/keep/e.py"]
    assert [(s.path, s.what, s.reason) for s in discovery.skipped] == [
        (".", "3 scripts and notebooks", "ignored by .gitignore")
    ]
    assert sources("b.py", "models/c.py") == ["b.py", "models/c.py"]


def test_gitignore_of_the_folders_above_counts_up_to_the_git_root(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(".gitignore", "repo/.git/HEAD", "repo/.gitignore", "repo/src/gen/a.py", "repo/src/b.py", "repo/src/c.py")
    Path(".gitignore").write_text("c.py\n", encoding="utf-8")
    Path("repo/.gitignore").write_text("/src/gen/\n", encoding="utf-8")
    assert sources("repo/src") == ["repo/src/b.py", "repo/src/c.py"]
    monkeypatch.chdir("repo/src")
    assert sources() == ["b.py", "c.py"]
    assert sources("gen") == ["gen/a.py"]  # named on purpose


def test_a_bad_gitignore_line_does_not_void_the_others(here: Path) -> None:
    touch("a.py", "b.py")
    Path(".gitignore").write_bytes(b"!\n\xff\xfe\na.py\n")
    assert sources() == ["b.py"]


def test_exclude_is_for_everything_that_was_not_named(here: Path) -> None:
    adapter(here / "old" / "a")
    touch("old/a.py", "new/b.py", "new/scratch_1.py")
    discovery = found(exclude=("old", "scratch_*.py"))
    assert [target.path for target in discovery.targets] == ["new/b.py"]
    assert [target.path for target in found("old/a.py", exclude=("old",)).targets] == ["old/a.py"]


def test_missing_paths_are_told(here: Path) -> None:
    adapter(here / "a")
    discovery = found("a", "b", "c.py")
    assert discovery.missing == ("b", "c.py")
    assert [target.path for target in discovery.targets] == ["a"]


def test_other_files_stand_for_themselves_and_are_passed_over(here: Path) -> None:
    touch("README.md")
    discovery = found("README.md")
    assert discovery.targets == ()
    assert discovery.skipped[0].reason == "no adapter, notebook or script"


@links
def test_file_links_are_followed_and_one_blob_is_one_target(here: Path) -> None:
    cache = here / "models--org--name"
    adapter(cache / "blobs")
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (cache / "blobs" / name).rename(cache / "blobs" / name[:9])
        for revision in ("r1", "r2"):
            (cache / "snapshots" / revision).mkdir(parents=True, exist_ok=True)
            (cache / "snapshots" / revision / name).symlink_to(f"../../blobs/{name[:9]}")
    assert adapters() == ["models--org--name/snapshots/r1"]


@links
def test_a_link_to_a_folder_elsewhere_is_followed(here: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("disk")
    adapter(elsewhere / "a")
    (here / "models").symlink_to(elsewhere)
    assert adapters() == ["models/a"]


@links
def test_link_loops_and_links_upwards_end(here: Path) -> None:
    touch("outside.py", "project/a.py", "project/sub/b.py")
    (here / "project" / "sub" / "loop").symlink_to("..")
    (here / "project" / "up").symlink_to("../..")
    (here / "project" / "self").symlink_to("self")
    (here / "project" / "again").symlink_to("sub")
    assert sources("project") == ["project/a.py", "project/sub/b.py"]


@links
def test_a_link_to_nothing_is_skipped_with_its_reason(here: Path) -> None:
    (here / "gone.py").symlink_to("nowhere.py")
    discovery = found()
    assert discovery.targets == ()
    assert [(skipped.path, skipped.reason) for skipped in discovery.skipped] == [
        ("gone.py", "not a regular file, or a link to nothing")
    ]


@links
def test_dangling_weights_still_make_an_adapter(here: Path) -> None:
    weights = adapter(here / "a") / "adapter_model.safetensors"
    weights.unlink()
    weights.symlink_to("../blobs/gone")
    (target,) = found().targets
    assert target.weights == ("a/adapter_model.safetensors",)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_read(here: Path) -> None:
    for name in ("pipe.py", "adapter_model.safetensors"):
        os.mkfifo(name)
        assert found().targets == ()
        assert found(name).targets == ()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_is_skipped_with_its_reason(here: Path) -> None:
    touch("locked/a.py", "b.py")
    Path("locked").chmod(0)
    try:
        discovery = found()
    finally:
        Path("locked").chmod(0o700)
    assert paths(discovery, TargetKind.source) == ["b.py"]
    assert [(skipped.path, skipped.what) for skipped in discovery.skipped] == [("locked", "folder")]


def test_a_folder_named_like_a_script_is_walked(here: Path) -> None:
    touch("odd.py/a.py")
    assert sources() == ["odd.py/a.py"]


def test_targets_are_sorted_whatever_the_order_of_the_paths(here: Path) -> None:
    touch("b.py", "a.py", "c/d.py")
    assert sources("c", "b.py", "a.py", ".") == ["a.py", "b.py", "c/d.py"]
