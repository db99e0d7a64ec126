"""What speed costs, as ratios measured side by side in one run: `python -m benchmarks`. Never part of the tests."""
