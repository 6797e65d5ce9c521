"""Fengqiao (枫桥): resolving securities and futures disputes, from an exact loss figure to money on the account."""

__version__ = "0.1.0"
