"""The command as people run it: a process, its two streams and its exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import adapterlint
from trees import FAULTY, adapter, notebook

NATIVE = ("--target", "sentence-transformers=6.2.0")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING", "ADAPTERLINT_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def ran(*arguments: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "adapterlint", *arguments]
    return subprocess.run(command, input=stdin.encode(), capture_output=True, env={**os.environ, **env}, check=False)


def out(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stdout.decode()


def err(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode()


def code(*arguments: str, **env: str) -> int:
    return ran(*arguments, **env).returncode


def test_nothing_to_check_is_no_fault_and_says_so() -> None:
    done = ran("check")
    assert done.returncode == 0
    assert "nothing to check" in out(done)
    assert err(done) == ""


def test_no_default_path_checks_nothing(here: Path) -> None:
    adapter(here / "inert", value=0.0)
    assert code("check", "--no-default-path") == 0
    assert code("check", "--no-default-path", "inert") == 1


def test_exit_codes(here: Path) -> None:
    adapter(here / "good")
    adapter(here / "inert", value=0.0)
    assert code("check", "good") == 0
    assert code("check", "inert") == 1
    assert code("check", "inert", "--exit-zero") == 0
    assert code("check", "inert", "--ignore", "inert-adapter") == 0
    assert code("check", "inert", "--select", "config,zero-scale") == 0
    assert code("check", "inert", "--select", "weights") == 1


def test_a_missing_path_is_told_after_the_report_of_the_others(here: Path) -> None:
    adapter(here / "inert", value=0.0)
    done = ran("check", "inert", "inrt", "--exit-zero")
    assert done.returncode == 2
    assert "inert-adapter" in out(done)
    assert err(done) == "error: no such file or folder: inrt (did you mean inert?)\n"
    done = ran("check", "nowhere")
    assert (done.returncode, out(done), err(done)) == (2, "", "error: no such file or folder: nowhere\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("check", "--select", "inert-adaptr"), "error: there is no rule or family 'inert-adaptr' (did you mean "),
        (("check", "--ignore", "x,y"), "error: there is no rule or family 'x' (adapterlint rules lists them)"),
        (("explain", "inert-adaptr"), "error: there is no rule 'inert-adaptr' (did you mean inert-adapter?)"),
        (
            ("check", "--target", "torch"),
            "error: 'torch' is not PKG=VERSION (for example sentence-transformers=5.4.0, or "
            "'peft=>=0.17,<0.19' for each version of a range)",
        ),
        (("check", "--config", "nope.toml"), "error: settings file nope.toml does not exist"),
        (("check", "--stdin-filename", "a.py"), "error: --stdin-filename names what - reads, and no - is given"),
        (("check", "-", "--stdin-filename", "a.txt"), "error: --stdin-filename a.txt is neither .py nor .ipynb"),
        (("check", "-o", "no/such/folder/x.json"), "error: no/such/folder/x.json cannot be written: no such file"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(arguments: tuple[str, ...], sentence: str) -> None:
    done = ran(*arguments)
    assert done.returncode == 2
    assert err(done).startswith(sentence)
    assert err(done).count("\n") == 1
    assert out(done) == ""


def test_an_unknown_option_exits_with_2() -> None:
    done = ran("check", "--selct", "x")
    assert done.returncode == 2
    assert "Traceback" not in err(done)


def test_settings_are_read_unless_isolated(here: Path) -> None:
    adapter(here / "inert", value=0.0)
    (here / "adapterlint.toml").write_text('ignore = ["inert-adapter"]\n', encoding="utf-8")
    assert code("check") == 0
    assert code("check", "--isolated") == 1
    (here / "adapterlint.toml").write_text("ignroe = []\n", encoding="utf-8")
    done = ran("check")
    assert (done.returncode, err(done)) == (
        2,
        "error: adapterlint.toml has no setting 'ignroe' (did you mean ignore?)\n",
    )


def test_the_report_goes_to_a_file_whole(here: Path) -> None:
    adapter(here / "inert", value=0.0)
    (here / "report.json").write_text("old", encoding="utf-8")
    done = ran("check", "inert", "--output-format", "json", "-o", "report.json")
    assert (done.returncode, out(done)) == (1, "")
    document = json.loads((here / "report.json").read_text(encoding="utf-8"))
    assert [finding["rule"] for finding in document["findings"]] == ["inert-adapter"]
    assert sorted(path.name for path in here.iterdir()) == [".git", "inert", "report.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="no /dev/stdout on Windows")
def test_the_report_may_go_to_a_device(here: Path) -> None:
    done = ran("check", "--output-format", "json", "-o", "/dev/stdout")
    assert json.loads(out(done))["findings"] == []


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_machine_formats_hold_no_colour(here: Path, form: str) -> None:
    adapter(here / "inert", value=0.0)
    done = ran("check", "--output-format", form, "--color", "always")
    assert b"\x1b[" not in done.stdout
    assert b"inert-adapter" in done.stdout


def test_colour_is_for_terminals_or_for_those_who_ask(here: Path) -> None:
    adapter(here / "inert", value=0.0)
    assert b"\x1b[" not in ran("check").stdout
    assert b"\x1b[" in ran("check", "--color", "always").stdout
    assert b"\x1b[" in ran("check", FORCE_COLOR="1").stdout
    assert b"\x1b[" not in ran("check", FORCE_COLOR="1", NO_COLOR="1").stdout


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
@pytest.mark.parametrize("command", [("check", "."), ("rules",), ("explain", "inert-adapter")])
def test_any_terminal_can_show_it(here: Path, encoding: str, command: tuple[str, ...]) -> None:
    adapter(here / "модель-≠", value=0.0)
    done = ran(*command, PYTHONIOENCODING=encoding)
    assert err(done) == ""
    assert done.stdout.decode(encoding)


def test_standard_input_is_fixed_onto_standard_output(here: Path) -> None:
    done = ran("check", "-", "--stdin-filename", "a.py", "--fix", *NATIVE, stdin="".join(FAULTY))
    assert done.returncode == 0
    assert "base.load_adapter('somewhere')\nmodel = base\n" in out(done)
    assert "no findings" in err(done)
    clean = ran("check", "-", "--fix", stdin="x = 1\r\n")
    assert (clean.returncode, clean.stdout) == (0, b"x = 1\r\n")


def test_standard_input_is_known_by_its_content(here: Path) -> None:
    source = notebook(here / "n.ipynb", *FAULTY).read_text(encoding="utf-8")
    done = ran("check", "-", "--output-format", "json", stdin=source)
    assert json.loads(out(done))["findings"][0]["path"] == "stdin.ipynb"


def test_autofix_and_its_diff(here: Path) -> None:
    source = notebook(here / "n.ipynb", *FAULTY)
    before = source.read_bytes()
    done = ran("check", "--diff", *NATIVE)
    assert (done.returncode, source.read_bytes()) == (1, before)
    assert "+    \"base.load_adapter('somewhere')\\n\"," in out(done)
    done = ran("check", "--autofix", *NATIVE)
    assert done.returncode == 0
    assert b"load_adapter" in source.read_bytes()


def test_the_list_of_rules(here: Path) -> None:
    document = json.loads(out(ran("rules", "--output-format", "json")))
    ids = [rule["id"] for rule in document["rules"]]
    assert ids == sorted(ids)
    assert {"inert-adapter", "peft-on-sentence-transformer", "unused-ignore", "check-crashed"} <= set(ids)
    text = out(ran("rules"))
    assert [line.split()[0] for line in text.splitlines()[1:]] == ids


def test_a_rule_is_explained_with_examples_to_look_at() -> None:
    done = ran("explain", "peft-on-sentence-transformer")
    assert done.returncode == 0
    text = out(done)
    assert "Reported: " in text
    assert "Not reported: " in text
    assert "mended" in text
    assert max(map(len, text.splitlines())) < 140


def test_version_and_help() -> None:
    assert out(ran("--version")) == f"adapterlint {adapterlint.__version__}\n"
    for command in ((), ("check",), ("rules",), ("explain",)):
        done = ran(*command, "--help")
        assert done.returncode == 0
        assert "Usage: adapterlint" in out(done)


def test_a_shell_can_complete() -> None:
    done = ran(_ADAPTERLINT_COMPLETE="complete_bash", COMP_WORDS="adapterlint ex", COMP_CWORD="1")
    assert out(done).split() == ["explain"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise on Windows")
def test_an_interruption_is_one_sentence_and_exit_code_2(here: Path) -> None:
    command = [sys.executable, "-m", "adapterlint", "check", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        time.sleep(1.5)  # it waits for its standard input by now
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert errors == b"error: interrupted before the end, so nothing is known to be clean\n"
    assert output == b""


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe breaks otherwise on Windows")
def test_a_reader_who_leaves_is_no_traceback(here: Path) -> None:
    for number in range(40):
        adapter(here / f"inert-{number}", value=0.0)
    command = [sys.executable, "-m", "adapterlint", "check"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminal on Windows")
def test_progress_is_for_a_terminal_and_leaves_no_trace(here: Path) -> None:
    from adapterlint.cli.progress import Progress

    master, slave = os.openpty()
    with os.fdopen(slave, "w", encoding="ascii") as terminal:
        progress = Progress(terminal)
        assert progress.watched
        progress(1, 9, "a.py")  # too early to say anything
        progress._next = 0.0
        progress(2, 9, "модель.py")
        progress.clear()
        written = ""
        while not written.endswith(" \r"):
            written += os.read(master, 4096).decode()
    os.close(master)
    assert "1 of 9" not in written
    assert "2 of 9" in written
    with Path("x").open("w", encoding="utf-8") as file:
        assert not Progress(file).watched


def test_what_fails_inside_is_one_sentence(here: Path) -> None:
    command = "from adapterlint.cli import rules, guard\nwith guard.guarded():\n    raise ValueError('odd\\nthing')"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "error: adapterlint itself failed: ValueError: odd thing; please report (ADAPTERLINT_DEBUG=1 shows where)\n"
    )
