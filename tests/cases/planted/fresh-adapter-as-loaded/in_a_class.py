# /// case
# title = "the config lives on self; the method that should load the adapter makes a fresh one"
# moved = "method"
# line = ["self.model = get_peft_model(self.model, self.config)"]
# truth = "not probe.differ(probe.logits(bot.model), probe.logits())"
# ///
import torch
from peft import PeftConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer


class ChatBot:
    def __init__(self, adapter_dir):
        self.config = PeftConfig.from_pretrained(adapter_dir)
        name = self.config.base_model_name_or_path
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        self.model = AutoModelForCausalLM.from_pretrained(name)
        self.load_adapter()

    def load_adapter(self):
        self.model = get_peft_model(self.model, self.config)

    @torch.inference_mode()
    def reply(self, text):
        batch = self.tokenizer(text, return_tensors="pt")
        ids = self.model.generate(input_ids=batch["input_ids"], max_new_tokens=5)
        return self.tokenizer.decode(ids[0])


bot = ChatBot("adapters/chat")
print(bot.reply("a dog ran"))
# /// innocent: a new adapter of the same shape is wanted, and trained
import torch
from peft import PeftConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer


class ChatBot:
    def __init__(self, template_dir):
        self.config = PeftConfig.from_pretrained(template_dir)
        self.config.inference_mode = False
        name = self.config.base_model_name_or_path
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        self.model = get_peft_model(AutoModelForCausalLM.from_pretrained(name), self.config)

    def fit(self, texts, epochs=3):
        optimizer = torch.optim.AdamW((p for p in self.model.parameters() if p.requires_grad), lr=1e-2)
        self.model.train()
        for _ in range(epochs):
            for text in texts:
                ids = self.tokenizer(text, return_tensors="pt")["input_ids"]
                self.model(input_ids=ids, labels=ids).loss.backward()
                optimizer.step()
                optimizer.zero_grad()


bot = ChatBot("adapters/chat")
bot.fit(["a dog ran in the rain", "the cat slept"])
bot.model.save_pretrained("adapters/new")
