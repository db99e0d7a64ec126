"""Trainers, optimisers and helpers of training and saving: what they do to the model they are given.

Sources: the signatures of transformers 4.44 to 5.23, trl 0.9 to 0.25, sentence-transformers 3.0 to 6.2,
accelerate 0.33 to 1.12 and torch 2.4 to 2.13, read from the released packages.
"""

from __future__ import annotations

from adapterlint.knowledge.effects import (
    COPIED,
    EVALUATED,
    FILLED,
    OPTIMIZED,
    READ,
    SAVED,
    TRAINED,
    USED,
    Call,
    each,
)

TRAINER = "transformers.Trainer"
PIPELINE = "transformers.Pipeline"
EVALUATOR = "sentence_transformers.evaluation.Evaluator"
OPTIMIZER = "torch.optim.Optimizer"
STATE = "torch.StateDict"
PARAMETERS = "torch.Parameters"
OUTPUT = "torch.Output"
REPORT = "torch.IncompatibleKeys"

TRL_TRAINERS = (
    "SFTTrainer DPOTrainer ORPOTrainer KTOTrainer CPOTrainer GRPOTrainer RLOOTrainer BCOTrainer RewardTrainer "
    "PRMTrainer OnlineDPOTrainer GKDTrainer XPOTrainer NashMDTrainer IterativeSFTTrainer MiniLLMTrainer"
)
_ST_TRAINERS = "SentenceTransformerTrainer CrossEncoderTrainer SparseEncoderTrainer"
_OPTIMIZERS = "Adam AdamW SGD RMSprop Adagrad Adafactor LBFGS NAdam RAdam Adamax Muon ASGD Rprop SparseAdam"

#: Objects that hold a model and are none themselves.
HOLDERS = frozenset({TRAINER, PIPELINE, OPTIMIZER, "lm_eval.HFLM", OUTPUT})

_KEPT = (("model", ".model"),)

#: Calls of functions and classes, by canonical name.
FUNCTIONS: dict[str, Call] = {
    **each("Trainer Seq2SeqTrainer", Call(TRAINER, parameters=("model", "args"), keeps=_KEPT), "transformers."),
    **each(TRL_TRAINERS, Call(TRAINER, wraps="model", when="peft_config", parameters=("model",), keeps=_KEPT), "trl."),
    **each(_ST_TRAINERS, Call(TRAINER, parameters=("model", "args"), keeps=_KEPT), "sentence_transformers."),
    "transformers.pipeline": Call(PIPELINE, parameters=("task", "model"), base="model", keeps=_KEPT),
    **each(_OPTIMIZERS, Call(OPTIMIZER, parameters=("params",), act=OPTIMIZED, on="params"), "torch.optim."),
    **each("AdamW Adafactor", Call(OPTIMIZER, parameters=("params",), act=OPTIMIZED, on="params"), "transformers."),
    **each("AdamW8bit PagedAdamW PagedAdamW8bit PagedAdamW32bit Adam8bit Lion8bit",
           Call(OPTIMIZER, parameters=("params",), act=OPTIMIZED, on="params"), "bitsandbytes.optim."),
    **each("create_loraplus_optimizer create_lorafa_optimizer",
           Call(OPTIMIZER, parameters=("model",), act=OPTIMIZED, on="model"), "peft.optimizers."),
    "accelerate.Accelerator": Call("accelerate.Accelerator"),
    "torch.save": Call(parameters=("obj", "f"), act=SAVED, on="obj"),
    "torch.load": Call(STATE, parameters=("f", "map_location"), adapter="f"),
    "safetensors.torch.load_file": Call(STATE, parameters=("filename", "device"), adapter="filename"),
    "safetensors.torch.save_file": Call(parameters=("tensors", "filename"), act=SAVED, on="tensors"),
    "safetensors.torch.save_model": Call(parameters=("model", "filename"), act=SAVED, on="model"),
    "safetensors.torch.load_model": Call(REPORT, parameters=("model", "filename"), act=FILLED, on="model",
                                         adapter="filename"),
    "torch.compile": Call(parameters=("model",), gives="model"),
    **each("torch.nn.DataParallel torch.nn.parallel.DistributedDataParallel",
           Call("torch.nn.DataParallel", parameters=("module",), keeps=(("module", ".module"),))),
    "copy.deepcopy": Call(parameters=("x",), act=COPIED, on="x"),
    "mteb.evaluate": Call(parameters=("model", "tasks"), act=EVALUATED, on="model"),
    "mteb.MTEB": Call("mteb.MTEB"),
    "lm_eval.simple_evaluate": Call(parameters=("model",), act=EVALUATED, on="model"),
    "lm_eval.models.huggingface.HFLM": Call(
        "lm_eval.HFLM", parameters=("pretrained",), keeps=(("pretrained", ".model"),)
    ),
    "itertools.chain": Call(gives="*"),
    "itertools.chain.from_iterable": Call(parameters=("iterable",), gives="iterable"),
    "builtins.filter": Call(parameters=("function", "iterable"), gives="iterable"),
    "torch.nn.utils.clip_grad_norm_": Call(parameters=("parameters",)),
}  # fmt: skip

#: Calls of methods, by the class that defines them.
METHODS: dict[str, Call] = {
    f"{TRAINER}.train": Call(act=TRAINED, on=".model"),
    f"{TRAINER}.evaluate": Call(act=EVALUATED, on=".model"),
    f"{TRAINER}.predict": Call(act=EVALUATED, on=".model"),
    f"{TRAINER}.save_model": Call(act=SAVED, on=".model", parameters=("output_dir",)),
    f"{TRAINER}.push_to_hub": Call(act=SAVED, on=".model"),
    f"{PIPELINE}.__call__": Call(act=USED, on=".model"),
    f"{PIPELINE}.save_pretrained": Call(act=SAVED, on=".model", parameters=("save_directory",)),
    f"{EVALUATOR}.__call__": Call(parameters=("model", "output_path"), act=EVALUATED, on="model"),
    "mteb.MTEB.run": Call(parameters=("model",), act=EVALUATED, on="model"),
    "accelerate.Accelerator.prepare": Call(gives="*"),
    "accelerate.Accelerator.prepare_model": Call(gives="model", parameters=("model",)),
    "accelerate.Accelerator.unwrap_model": Call(gives="model", parameters=("model",)),
    "accelerate.Accelerator.backward": Call(act=TRAINED, on="loss", parameters=("loss",)),
    "accelerate.Accelerator.save_model": Call(act=SAVED, on="model", parameters=("model", "save_directory")),
    "accelerate.Accelerator.get_state_dict": Call(STATE, act=READ, on="model", parameters=("model",),
                                                  keeps=(("model", "of"),)),
    "torch.nn.DataParallel.__call__": Call(act=USED, on=".module"),
    "torch.nn.DataParallel.state_dict": Call(STATE, act=READ, on=".module"),
    f"{OUTPUT}.backward": Call(act=TRAINED, on="of"),
}  # fmt: skip

_MODULE = "torch.nn.Module"
#: Methods that every torch module has, so every model.
METHODS |= {
    **each("__call__ forward", Call(OUTPUT, act=USED, keeps=(("self", "of"),)), f"{_MODULE}."),
    **each("parameters named_parameters", Call(PARAMETERS, act=READ, keeps=(("self", "of"),)), f"{_MODULE}."),
    f"{_MODULE}.state_dict": Call(STATE, act=READ, keeps=(("self", "of"),)),
    f"{_MODULE}.load_state_dict": Call(
        REPORT, act=FILLED, adapter="state_dict", parameters=("state_dict", "strict", "assign")
    ),
    **each("to cuda cpu half float double bfloat16", Call(act="moved", gives="self"), f"{_MODULE}."),
    **each("eval train", Call(act="mode", gives="self", parameters=("mode",)), f"{_MODULE}."),
    **each("requires_grad_ compile", Call(gives="self"), f"{_MODULE}."),
    f"{_MODULE}.zero_grad": Call(),
}
