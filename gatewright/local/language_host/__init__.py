"""`pulumi-language-python`: what Pulumi's engine calls to run a program written in Python.

The engine starts it, reads a port, and calls the `LanguageRuntime` service of the SDK's protos. A program runs in a
process of its own, with the project's Python and the SDK's runtime: `executor.py`. Where the official host is there, it
is used instead; this one does the same for the projects it knows, those whose packages come from pip.
"""
