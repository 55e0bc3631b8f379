"""`python -m facecam` is the command `facecam`."""

from facecam.cli.main import main

if __name__ == "__main__":
    main()
