"""The price as it would have been: return models estimated outside the conduct window, with what they can bear."""
