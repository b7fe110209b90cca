#!/usr/bin/python3
"""Random lives of a case, and that each thing that must hold can fail.

Usage: sequences.py BUILD ALL [N]. Runs sequences 0 to N (all of them when N
is not given) of tests/unit/core/test_random, as many at a time as there are
processors. Then each property is broken once on purpose (tests/rules/plant.h)
and must be found out. The last line is
`sequences: of=100000 ran=N failed=N properties=N caught=N`.
"""
import concurrent.futures
import os
import subprocess
import sys

TEST = "tests/unit/core/test_random"
SECONDS = 1800
SMALL = 3000  # sequences in which a broken property has to show
BROKEN = {
    "a case has an owner who takes part": "open:owner",
    "one directs, and takes part": "bend:director",
    "no term is lost": "deadline:ANSWER_DUE",
    "a closed case does not move":
        "gate:CASE_CLOSED,from:HEARING_NOTICE>COURT,gate:STATE_WRONG",
    "no message to who takes no part": "gate:RECIPIENT_WRONG",
    "the same input gives the same output": "bend:same",
}


def run(program, first, n, plant=None):
    env = dict(os.environ, SEQUENCES_FROM=str(first), SEQUENCES=str(n))
    env.pop("SK_PLANT", None)
    if plant:
        env["SK_PLANT"] = plant
    done = subprocess.run([program], env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", timeout=SECONDS,
                          check=False)
    return done.returncode, done.stdout


def main():
    build, most = sys.argv[1], int(sys.argv[2])
    n = int(sys.argv[3]) if len(sys.argv) > 3 else most
    at_a_time = max(1, min(os.cpu_count(), n))
    share = [n // at_a_time + (i < n % at_a_time) for i in range(at_a_time)]
    failed = caught = 0
    with concurrent.futures.ThreadPoolExecutor(at_a_time) as pool:
        jobs = [pool.submit(run, f"{build}/{TEST}", sum(share[:i]), share[i])
                for i in range(at_a_time)]
        for job in jobs:
            status, output = job.result()
            if status != 0:
                failed += 1
                print(output)
        planted = [pool.submit(run, f"{build}/planted/{TEST}", 0, SMALL, plant)
                   for plant in [None, *BROKEN.values()]]
        if planted[0].result()[0] != 0:
            failed += 1
            print("fails where nothing is planted:")
            print(planted[0].result()[1])
        for name, job in zip(BROKEN, planted[1:]):
            found = job.result()[0] != 0
            caught += found
            print(f"{name}: {'found out' if found else 'NOT FOUND OUT'}"
                  f" when broken by {BROKEN[name]}")
    name = "sequences" if n >= most else "sequences-shrunk"
    print(f"{name}: of={most} ran={n} failed={failed} "
          f"properties={len(BROKEN)} caught={caught}")
    return 1 if failed or caught < len(BROKEN) else 0


if __name__ == "__main__":
    sys.exit(main())
