"""Losses by wrongs other than misrepresentation (虚假陈述), each a sibling of it with the same result shape."""
