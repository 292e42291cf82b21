"""stepc: describe an agent-trace source once, compile it to a reviewable adapter. Importing this package imports nothing else."""

__version__ = "0.1.0"
