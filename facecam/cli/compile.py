"""The child process that compiles networks: `python -m facecam.cli.compile NAME ...`, a line on stdout for each that is done."""

import sys

from facecam.errors import FacecamError
from facecam.networks.convert import compile_network


def main() -> None:
    """Compile what is named; the last line on stderr says what failed."""
    for name in sys.argv[1:]:
        try:
            compile_network(name)
        except FacecamError as error:
            sys.exit(str(error))
        print(f"compiled {name}", flush=True)


if __name__ == "__main__":
    main()
