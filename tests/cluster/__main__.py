"""One command for the whole: a local cluster of real servers, people loaded, faults survived, scenes played.

    python -m tests.cluster --people 2000000 --kills 20 --seed 1 [--keep]

Each step tells what it does; the last line and the exit status say whether all was as it must be: 0 it was, 1 not,
2 something is in the way (a port, the memory, the disk, no server), 4 our own fault, 130 stopped by Ctrl-C.
Whatever ends it, every process is stopped and every file of it is gone.
"""

import argparse
import sys

from rich.console import Console

from tests.cluster.running import KILLS, PEOPLE, Wanted, run_cluster


def main() -> None:
    """Run by hand, or by ``make cluster``."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster")
    parser.add_argument("--people", type=int, default=PEOPLE, help="so many synthetic people are loaded")
    parser.add_argument("--kills", type=int, default=KILLS, help="so many processes are killed; 0: nothing is broken")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same people and the same kills")
    parser.add_argument("--first-port", type=int, default=0, help="the first of the nodes' ports; 0: free ones")
    parser.add_argument("--keep", action="store_true", help="serve on until Ctrl-C, and tell how to look at it")
    given = parser.parse_args()
    wanted = Wanted(given.people, given.kills, given.seed, given.first_port, given.keep)
    sys.exit(run_cluster(wanted, Console(highlight=False, soft_wrap=True)))


if __name__ == "__main__":
    main()
