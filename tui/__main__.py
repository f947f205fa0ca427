"""`python -m dltui.tui` is `dltui`."""

from .cli.main import main

if __name__ == "__main__":
    main()
