"""From a checked program to a Python module: text, purity, source map, files. Import the submodule you need."""
