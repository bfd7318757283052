"""Runs the command: ``python -m procmaps [PID|FILE|-]``."""

import sys

from procmaps.cli import main

if __name__ == "__main__":
    sys.exit(main())
