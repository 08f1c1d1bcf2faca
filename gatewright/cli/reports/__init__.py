"""Results of commands as text, Markdown and other formats."""
