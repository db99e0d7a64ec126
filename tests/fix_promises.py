"""What the fix of each fixed example promises, so that `test_fix_stacks.py` can hold it to it.

By rule and title of the example. An example with a fix that `--fix` or `--unsafe-fixes` writes needs a line here.
"""

from __future__ import annotations

from dataclasses import dataclass

EVERY = ("new", "mid", "old")


@dataclass(frozen=True)
class Promise:
    """`truth` is true of the example as written and false once it is mended, asked as for planted programs.

    `before` sets the scene. `stacks` are those that the example itself can run on; `declared` those on which the
    example's own `fixed` is run, beside the fix for that stack's versions.
    """

    before: str
    truth: str
    stacks: tuple[str, ...] = EVERY
    declared: tuple[str, ...] = EVERY


SCENE = "from pathlib import Path; from fix_scene import *; from planted_parts import with_dropout; "
SUPPORT = f"{SCENE}scene(globals(), support='chat', legal='chat2'); "
SPEAKS_BERT = f"{SCENE}scene(globals(), encoder=True); args = arguments(); "
TUNED = f"{SCENE}copied('good', 'adapter'); texts = TEXTS; "
UNMERGED = "probe.differ(probe.logits(probe.llm(model='final')), probe.logits(model), 1e-4)"
AS_SUPPORT = "probe.differ(probe.logits(model), probe.logits(adapter='support'))"
GUARDED = "not all(load.get('weights_only') is True for load in probe.loads)"
APPENDED = "['classifier', 'score']"

PROMISES: dict[tuple[str, str], Promise] = {
    ("adapter-lost-at-save", "the model inside is saved as the finished one"): Promise(SUPPORT, UNMERGED),
    ("adapter-lost-at-save", "and by the method that hands it out"): Promise(SUPPORT, UNMERGED),
    ("adapter-lost-at-save", "alpaca-lora's state_dict"): Promise(
        f"{SCENE}scene(globals())", "not probe.same_lora(model, 'support')", declared=("mid", "old")
    ),
    ("adapter-lost-at-save", "the same where nothing says which PEFT it runs on"): Promise(
        f"{SCENE}scene(globals())", "not probe.same_lora(model, 'support')"
    ),
    ("adapter-not-activated", "the first adapter answers for the second"): Promise(
        SUPPORT, "probe.differ(probe.logits(model), probe.logits(adapter='legal'))"
    ),
    ("assigned-to-auto-model", "a PeftModel around a transformer of its own"): Promise(
        TUNED, "probe.differ(vectors, probe.embed(['the cat sat'], 'good'))", declared=("new",)
    ),
    ("assigned-to-auto-model", "saved as a SentenceTransformer that knows of no adapter"): Promise(
        SCENE, "not Path('tuned/adapter_config.json').exists()", declared=("new",)
    ),
    ("checkpointing-without-input-grads", "enabled after the wrap"): Promise(
        SPEAKS_BERT, "not trained(model)", declared=("mid", "old")
    ),
    ("contaminated-baseline", "the baseline is measured after the wrap"): Promise(
        SUPPORT, "probe.differ(base_loss, probe.llm()(**batch).loss)"
    ),
    ("contaminated-baseline", "two cells after the inner transformer was wrapped"): Promise(
        f"{SCENE}scene(globals(), support='good')", "probe.differ(baseline, probe.embed(texts))"
    ),
    ("fresh-adapter-as-loaded", "the answers are the base's"): Promise(SUPPORT, AS_SUPPORT),
    ("frozen-adapter-trained", "its parameters are given to an optimiser"): Promise(
        SUPPORT, "not any(it.requires_grad for it in model.parameters())"
    ),
    ("frozen-adapter-trained", "a Trainer trains it, in another cell"): Promise(
        f"{SUPPORT}args = arguments()", "probe.raised is not None or probe.same_lora(model, 'support')"
    ),
    ("head-left-frozen", "no task type"): Promise(
        SPEAKS_BERT, "not any('classifier' in name for name in probe.saved('topics'))"
    ),
    ("left-in-train-mode", "loaded trainable, and only used"): Promise(
        f"{SUPPORT}with_dropout('support')", "probe.differ(logits, probe.llm(adapter='support')(**inputs).logits)"
    ),
    ("merged-model-discarded", "the emptied PeftModel is saved"): Promise(
        SUPPORT,
        "not Path('merged/config.json').exists()"
        " or probe.differ(probe.logits(probe.llm(model='merged')), probe.logits(adapter='support'), 1e-4)",
    ),
    ("modules-to-save-from-append", "given as an argument"): Promise(SCENE, f"config.modules_to_save != {APPENDED}"),
    ("modules-to-save-from-append", "in a dictionary of arguments"): Promise(
        SCENE, f"arguments['modules_to_save'] != {APPENDED}"
    ),
    ("peft-on-sentence-transformer", "the base is made in one cell and wrapped in another, inside nested try and for"):
    Promise(
        f"{SCENE}linked('all-MiniLM-L6-v2'); copied('good', 'models/one'); copied('second', 'models/two')",
        "probe.differ(model.encode(TEXTS), probe.embed(TEXTS, 'second'))", declared=("new", "mid"),
    ),
    ("peft-on-sentence-transformer", "the version is not known, so the fix is the form that works on every version"):
    Promise(TUNED, "probe.differ(embeddings, probe.embed(['a sentence'], 'good'))"),
    ("peft-on-sentence-transformer", "below 5.4 the wrapper is put in the place of auto_model"): Promise(
        TUNED, "probe.differ(model.encode(texts), probe.embed(texts, 'good'))", declared=("mid", "old")
    ),
    ("peft-on-sentence-transformer", "a CrossEncoder, whose transformer is called model on every version"): Promise(
        f"{SCENE}from planted_parts import RERANKER, PAIRS, reranker as made, scores as right; made(); "
        "linked('ms-marco', RERANKER); copied('rerank', 'adapter')",
        "probe.differ(reranker.predict(PAIRS), right('rerank')) or not probe.differ(right(), right('rerank'))",
    ),
    ("peft-on-sentence-transformer", "a SparseEncoder"): Promise(
        f"{SCENE}from planted_parts import SPLADE, splade; splade(); linked('splade', SPLADE); "
        "copied('splade', 'adapter'); sparse = dict(convert_to_sparse_tensor=False)",
        "not probe.differ(tuned.encode(TEXTS, **sparse), SparseEncoder('splade').encode(TEXTS, **sparse))",
        stacks=("new", "mid"), declared=("new", "mid"),
    ),
    ("peft-on-sentence-transformer", "a transformers whose load_adapter drops such adapters, so it is not the one that"
     " is written"): Promise(
        TUNED, "probe.differ(model.encode(texts), probe.embed(texts, 'good'))", declared=("new",)
    ),
    ("pickle-loaded", "the file that PEFT wrote"): Promise(
        f"{SCENE}pickled('support/adapter_model.bin')", GUARDED
    ),
    ("pickle-loaded", "what is set as an adapter's weights"): Promise(
        f"{SCENE}path = 'support.bin'; pickled(path)", GUARDED
    ),
    ("pickle-loaded", "switched off, whatever the version"): Promise(
        f"{SCENE}pickled('support/adapter_model.bin')", GUARDED
    ),
    ("save-path-not-loaded", "a name of its own is a folder of its own"): Promise(
        SUPPORT, "probe.raised is not None or not probe.same_lora(model, 'outputs/support/support')"
    ),
    ("setter-result-as-model", "resumed as PEFT 0.2 allowed"): Promise(
        f"{SCENE}pickled('checkpoint/adapter_model.bin')", "probe.raised is not None or not trained(model)"
    ),
    ("setter-result-as-model", "None from set_adapter"): Promise(SUPPORT, f"probe.raised is not None or {AS_SUPPORT}"),
    ("unload-result-discarded", "the next adapter is put around the PeftModel"): Promise(
        f"{SCENE}scene(globals(), first='chat', second='chat2')",
        "probe.differ(probe.logits(model), probe.logits(adapter='second'))",
    ),
    ("unload-result-discarded", "the emptied PeftModel is saved"): Promise(
        f"{SCENE}scene(globals(), first='chat')",
        "not Path('restored/config.json').exists()"
        " or probe.differ(probe.logits(probe.llm(model='restored')), probe.logits())",
    ),
    ("wrapped-model-unused", "a soft prompt that is dropped"): Promise(
        SCENE, "not any('prompt' in name and it.requires_grad for name, it in model.named_parameters())"
    ),
}  # fmt: skip
