"""Frontdesk: a support bot that answers from a YAML FAQ and hands what it can't answer to people."""

import os

__version__ = "0.1.0"

# One thread for numpy's algebra: our matrices are small, and on a busy machine its threads wait for each other so long
# that matching takes ten times as long (measured: 2 cores, another process at work). Must be set before numpy loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
