"""Files and texts: atomic writes, edits that keep the rest of a file, formats, printable text."""
