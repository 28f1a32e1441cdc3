"""The speech model in the real SDK; here, another mark of a HeyGem root."""
