"""Reports built by hand from the nouns, each a story that a person might see; tests/golden holds their renderings."""

from __future__ import annotations

from adapterlint.model import (
    Applicability,
    Applied,
    Checked,
    Edit,
    Finding,
    Fix,
    HeldBack,
    Place,
    Report,
    Rule,
    Severity,
    Skipped,
    Span,
    Status,
    Verdict,
)

LOAD_CELL = """for model_path in FINETUNED_MODELS:
    full_path = MODELS_DIR / model_path
    try:
        # Try PEFT adapter first
        try:
            from peft import PeftModel
            base_model = SentenceTransformer(BASELINE_MODEL, device=device)
            model = PeftModel.from_pretrained(base_model, str(full_path))
            print('  Loaded as PEFT model')
        except:
            model = SentenceTransformer(str(full_path), device=device)
"""

RULES = {
    rule.id: rule
    for rule in (
        Rule(
            "inert-adapter",
            "weights",
            Severity.error,
            "An adapter whose update is exactly nothing",
            "PEFT starts lora_B at zero.\n\nTrain it, or load the right checkpoint.",
            references=("https://arxiv.org/abs/2106.09685",),
        ),
        Rule("wrapper-prefix", "weights", Severity.error, "Tensors named for a wrapper", "PEFT looks elsewhere."),
        Rule("weights-unreadable", "weights", Severity.error, "Weights that cannot be read", "Fetch them again."),
        Rule("field-invalid", "config", Severity.error, "A field of another type", "pydantic says which."),
        Rule("non-finite-values", "weights", Severity.error, "NaN or infinity in a tensor", "Training diverged."),
        Rule("not-a-peft-config", "config", Severity.info, "A config of another library", "It is not PEFT's."),
        Rule(
            "peft-on-sentence-transformer",
            "source",
            Severity.error,
            "PeftModel put around a SentenceTransformer",
            "The keys do not match.",
            references=("https://sbert.net", "PEFT issue 2"),
        ),
        Rule("adapter-failure-hidden", "source", Severity.warning, "A load whose failure is hidden", "Catch less."),
        Rule("check-crashed", "runtime", Severity.error, "A check that raised", "A bug in adapterlint."),
    )
}


def place_in(text: str, needle: str, path: str, *, before: int = 1, **known: int | str | None) -> Place:
    """The place of `needle` in `text`, with up to `before` lines above it as its excerpt."""
    start = text.index(needle)
    line = text.count("\n", 0, start) + 1
    first = text.rfind("\n", 0, start) + 1
    lines = text.split("\n")[max(0, line - 1 - before) : line]
    note = str(known.pop("note", ""))
    numbers = {key: value for key, value in known.items() if isinstance(value, int)}
    return Place(
        path,
        span=Span(start, start + len(needle)),
        line=line,
        column=start - first + 1,
        excerpt="\n".join(lines),
        note=note,
        **numbers,  # type: ignore[arg-type]
    )


def finding(rule: str, message: str, place: Place, **more: object) -> Finding:
    """A finding of one of RULES."""
    return RULES[rule].finding(message, place, **more)  # type: ignore[arg-type]


def wrapped_load(fix: Fix | None = None) -> Finding:
    """The story's fault, in cell 19 of a notebook."""
    path = "notebooks/evaluate.ipynb"
    place = place_in(
        LOAD_CELL,
        "PeftModel.from_pretrained",
        path,
        cell=19,
        execution_count=12,
        file_line=412,
        note="base_model is a SentenceTransformer (line 7)",
    )
    message = (
        "PEFT injects new zero layers under 0.model.… and none of the 48 saved tensors of models/support-v3 match, "
        "so every embedding is that of the base model"
    )
    imported = place_in(
        "from sentence_transformers import SentenceTransformer\n",
        "SentenceTransformer",
        path,
        cell=9,
        execution_count=2,
        file_line=201,
        note="imported here",
    )
    return finding("peft-on-sentence-transformer", message, place, related=(imported,), fix=fix)


NATIVE = Fix(
    "load the adapter with SentenceTransformer.load_adapter",
    Applicability.safe,
    (Edit("notebooks/evaluate.ipynb", 19, Span(244, 306), "base_model.load_adapter(str(full_path))"),),
    "for sentence-transformers 5.4.1 (requirements.txt line 3); --target sentence-transformers=VERSION changes it",
)
ZERO_B = "lora_B is zero in all 24 modules (never trained, or saved too early)"
POINTER = "adapter_model.safetensors is a Git LFS pointer (86 MB)"
VERDICTS = (
    Verdict("models/support-v10", Status.works, "LoRA r=16, scaling 2, 24 modules"),
    Verdict("models/support-v3", Status.works, "LoRA r=16, scaling 2, 24 modules"),
    Verdict("models/support-v4", Status.inert, ZERO_B, ("inert-adapter",)),
    Verdict(
        "models/support-v5",
        Status.loads_nothing,
        "all 48 tensors sit under _orig_mod., where PEFT does not look",
        ("wrapper-prefix",),
    ),
    Verdict("models/support-v6", Status.not_checked, POINTER, ("weights-unreadable",)),
)
IN_ARTIFACTS = (
    finding("inert-adapter", ZERO_B, Place("models/support-v4/adapter_model.safetensors"), status=Status.inert),
    finding(
        "wrapper-prefix",
        "All 48 tensors begin with base_model.model._orig_mod., where PEFT does not look",
        Place(
            "models/support-v5/adapter_model.safetensors",
            pointer="base_model.model._orig_mod.encoder.layer.0.attention.self.query.lora_A.weight",
        ),
    ),
    finding(
        "weights-unreadable",
        POINTER,
        Place("models/support-v6/adapter_model.safetensors"),
        severity=Severity.warning,
        status=Status.not_checked,
    ),
)


def folder() -> Report:
    """A folder of adapters and a notebook, as DESIGN tells it: the first minute of a newcomer."""
    hidden = finding(
        "adapter-failure-hidden",
        "The bare except loads another model when the adapter fails to load, and the run goes on",
        place_in(LOAD_CELL, "except:", "notebooks/evaluate.ipynb", cell=19, execution_count=12, file_line=414),
    )
    info = finding("not-a-peft-config", "The config is MLX's", Place("models/mlx/adapter_config.json", line=1))
    return Report(
        findings=(hidden, wrapped_load(NATIVE), info, *IN_ARTIFACTS),
        verdicts=VERDICTS,
        rules=RULES,
        checked=Checked(adapters=5, models=1, notebooks=1, tensors=144, bytes=31_000_000, seconds=0.21),
        suppressed=(info, info),
        skipped=(
            *(Skipped("models/support-v6", f"rule {rule}", POINTER) for rule in ("inert-adapter", "half-a-pair")),
            *(Skipped("models/support-v6", f"rule number-{n}", POINTER) for n in range(3)),
            Skipped("notebooks/evaluate.ipynb", "cell 3", "a %%bash cell"),
        ),
    )


def clean() -> Report:
    """One adapter that works, nothing to say."""
    return Report((), VERDICTS[:1], RULES, Checked(adapters=1, tensors=48, bytes=1_180_000, seconds=0.04))


def nothing() -> Report:
    """Nothing was there."""
    return Report((), (), RULES, Checked())


def every_status() -> Report:
    """All eight answers, with reasons long enough to go on below and a path longer than its column."""
    long = "the tensors fit a SentenceTransformer of sentence-transformers 5.4 and later, and no load was seen: " * 2
    rows = [
        Verdict(f"adapters/a{index}", status, "why it is so", ("field-invalid",)) for index, status in enumerate(Status)
    ]
    deep = "registry/customers/a-name-longer-than-the-column-of-names/checkpoints/checkpoint-1200"
    rows += [
        Verdict(deep, Status.unknown, long.strip(" :"), ("wrapper-prefix", "field-invalid")),
        Verdict("adapters/空のアダプター", Status.inert, ZERO_B, ("inert-adapter",)),
    ]
    return Report((), tuple(rows), RULES, Checked(adapters=10, tensors=9, bytes=0, seconds=125.4))


def artifacts() -> Report:
    """Faults with a JSON pointer, with a tensor, of a whole file; all severities; level hint."""
    config = '{\n\t"peft_type": "LORA",\n\t"名前": "支援", "r": "sixteen"\n}\n'
    in_config = place_in(config, '"r"', "models/b/adapter_config.json", file_line=3)
    at_r = Place(**{**{k: getattr(in_config, k) for k in Place.__slots__}, "pointer": "/r"})
    tensor = "base_model.model.encoder.layer.3.attention.self.value.lora_A.weight"
    return Report(
        findings=(
            finding("field-invalid", 'r is "sixteen", a string, where PEFT reads an integer', at_r),
            finding(
                "non-finite-values",
                "3 of 6,144 values are NaN",
                Place("models/b/adapter_model.safetensors", pointer=tensor),
                severity=Severity.warning,
                related=(Place("models/b/adapter_model.safetensors", pointer="lora_B", note="and here"),),
            ),
            finding("not-a-peft-config", "The config is MLX's", Place("models/c/adapter_config.json")),
            finding("inert-adapter", "2 of 24 modules", Place("models/b"), severity=Severity.hint),
        ),
        verdicts=(Verdict("models/b", Status.unreadable, "r is not a number", ("field-invalid",)),),
        rules=RULES,
        checked=Checked(adapters=1, tensors=48, bytes=999, seconds=0.1),
        level=Severity.hint,
    )


def fixed() -> Report:
    """After --autofix: one fix applied, one held back, one finding remains."""
    both = Fix(
        "put the PeftModel around the inner transformer",
        Applicability.display,
        (Edit("evaluate.py", None, Span(0, 1), "model[0].auto_model = PeftModel.from_pretrained(\n\tinner, path)"),),
        "model[0].auto_model below sentence-transformers 5.4, model[0].model from 5.4",
    )
    text = "model = PeftModel.from_pretrained(SentenceTransformer(NAME), path)\n"
    shown = finding(
        "peft-on-sentence-transformer",
        "PEFT is put around a SentenceTransformer; the keys of path are not known, and are taken for the inner model's",
        place_in(text, "PeftModel.from_pretrained", "evaluate.py", file_line=1, note="around a SentenceTransformer"),
        fix=both,
    )
    return Report(
        findings=(shown,),
        verdicts=(),
        rules=RULES,
        checked=Checked(notebooks=1, scripts=1, seconds=0.3),
        applied=(
            Applied("notebooks/evaluate.ipynb", "peft-on-sentence-transformer", NATIVE.title, 19, 8, NATIVE.note),
        ),
        held_back=(
            HeldBack(
                "evaluate.py",
                "peft-on-sentence-transformer",
                both.title,
                "merge_and_unload is called on model later (line 9)",
                None,
                1,
                "which form is right depends on the version, which is not known",
            ),
        ),
    )


def previewed() -> Report:
    """With --diff: what would be written, and an unsafe fix that would not."""
    diff = (
        "--- notebooks/evaluate.ipynb\n+++ notebooks/evaluate.ipynb\n@@ -410,3 +410,3 @@\n"
        '     "base_model = SentenceTransformer(BASELINE_MODEL)\\n",\r\n'
        '-    "model = PeftModel.from_pretrained(base_model, path)\\n",\r\n'
        '+    "base_model.load_adapter(path)\\n",\r\n'
    )
    unsafe = Fix(NATIVE.title, Applicability.unsafe, NATIVE.edits)
    return Report(
        findings=(wrapped_load(unsafe),),
        verdicts=VERDICTS[1:2],
        rules=RULES,
        checked=Checked(adapters=1, notebooks=1, tensors=48, bytes=4_200_000_000, seconds=3.14159),
        applied=(Applied("notebooks/evaluate.ipynb", "peft-on-sentence-transformer", NATIVE.title, 19, 8),),
        diffs=(diff,),
    )


def hostile() -> Report:
    """Names and messages that would steer a terminal, break an encoder or forge an annotation; a crashed check."""
    name = "models/\x1b[2J‮evil%,:\udcff\n::error::forged"
    line = "\tx = 'データ' + \x1b[31m + load(model)  # ≥ é"
    return Report(
        findings=(
            finding("wrapper-prefix", "tensor \x9b2J × ‖ says\n::warning::owned", Place(name, pointer="a\rb\u2028c")),
            finding("adapter-failure-hidden", "wide and tab", place_in(line, "load(model)", "a b/ü.py", file_line=1)),
            RULES["check-crashed"].finding(
                "half-a-pair raised KeyError: 'x' on models/support-v3", Place("models/support-v3")
            ),
        ),
        verdicts=(Verdict(name, Status.wrong, "\x07bell", ("wrapper-prefix",)),),
        rules={},
        checked=Checked(adapters=1, scripts=1, seconds=0.1),
        skipped=(Skipped(name, "values", "\x1b]0;title\x07"),),
        crashed=True,
        level=Severity.error,
    )


STORIES = {
    story.__name__: story for story in (folder, clean, nothing, every_status, artifacts, fixed, previewed, hostile)
}
