"""`python -m dltui.tui` is `dltui`."""

from .cli import main

if __name__ == "__main__":
    main()
