"""``python -m trucesim``."""

import sys

from trucesim.cli import main

sys.exit(main())
