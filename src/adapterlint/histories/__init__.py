"""What rules of order ask of the history of a model: readings of the events that `names` has seen.

`names` knows nothing of faults, and a rule is one file; what is long, or asked by several rules, stands here.
"""
