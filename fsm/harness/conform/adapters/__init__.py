"""How an implementation is reached: as a Python object, as a program, over HTTP, or as a file of its answers."""
