"""What `make bench` runs; every figure is a ratio taken in one run."""
