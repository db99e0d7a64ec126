# /// case
# title = "the name that modules_to_save is given was bound to append's None"
# moved = "alias, another cell"
# notebook = {}
# line = ["heads = [\"classifier\"].append(\"pooler\")", "config = LoraConfig(r=4, target_modules=[\"query\"], modules_to_save=heads)"]
# truth = "config.modules_to_save is None"
# ///
# %%
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

heads = ["classifier"].append("pooler")

# %%
model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased", num_labels=2)
config = LoraConfig(r=4, target_modules=["query"], modules_to_save=heads)
model = get_peft_model(model, config)
# /// innocent: a list added to a list
# %%
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

heads = ["classifier"] + ["pooler"]

# %%
model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased", num_labels=2)
config = LoraConfig(r=4, target_modules=["query"], modules_to_save=heads)
model = get_peft_model(model, config)
