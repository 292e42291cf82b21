"""stepc: describe an agent-trace source once, compile it to a proven adapter. Importing this package imports nothing else."""

__version__ = "0.1.0"
