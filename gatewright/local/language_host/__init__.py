"""`pulumi-language-python`: the program that lets Pulumi's engine run Python programs.

The engine starts it, reads a port, and calls the `LanguageRuntime` service of the SDK's protos. A program runs in its
own process (`executor.py`), with the project's Python and the SDK's runtime. The official host is used where it is
installed; this one does the same for projects whose packages are installed by pip.
"""
