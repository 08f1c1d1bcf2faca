"""The component package `gatewright-components`, as the engine starts it from this folder."""

from gatewright_components.plugin import main

if __name__ == "__main__":
    main()
