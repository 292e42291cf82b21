"""What changed between two sets of raw traces under one spec: counted per document, tested exactly, told with the lines that it hits."""
