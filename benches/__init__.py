"""What `make bench` runs: ratios, measured side by side.

A row is added to the function `rows()` of a module in `topics/`, which `run.py`
lists. `.venvs/bench/bin/python -m benches.run TOPIC` measures one topic again.
"""
