"""The `fengqiao` command: thin, one file a command group."""
