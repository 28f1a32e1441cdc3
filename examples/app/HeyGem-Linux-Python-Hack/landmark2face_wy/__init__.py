"""The face model in the real SDK; here, one of the marks of a HeyGem root."""
