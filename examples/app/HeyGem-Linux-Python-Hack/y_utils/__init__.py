"""Settings (and, in the real SDK, logging)."""
