"""adapterlint: will this adapter change the model's output, and is it the change that was trained?"""

__version__ = "0.1.0"
