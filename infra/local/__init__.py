"""Stand-ins for Google's services on one machine: for development and tests, never for the cloud.

They believe whoever says who they are, and sign whatever they are told. So none of them can even be imported where
Cloud Run would run it.
"""

import os
import sys

if os.environ.get("K_SERVICE", "").strip():  # Cloud Run sets it
    sys.exit("infra.local is for one machine only: it does not start where K_SERVICE is set")
