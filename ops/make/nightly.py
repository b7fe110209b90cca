#!/usr/bin/python3
"""Does everything that is claimed still hold? Runs every command that shows
something, then each command of README's table of promises, and writes what
came of it.

Usage: nightly.py OUT.json [--only P1]. For each: what it shows, commit,
command, last line, seconds, held (it exited 0). Exit 1 when one did not hold.
The last line is `nightly: shows=N held=N`.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import time

ROW = re.compile(r"^\| (P\d+|R1-R82) \|.*\| `([^`]+)` \|\s*$")
SECONDS_MAX = 3600
FUZZ_SECONDS = 60  # for each decoder
KILLS = 50  # of each daemon; CI kills fewer
SHOWS = [
    ("story", "make demo"),
    ("directory", "make national"),
    ("cases", "make scenarios"),
    ("tests", f"KILLS={KILLS} make test"),
    ("sanitizers", f"KILLS={KILLS} make test-asan"),
    ("threads", "KILLS=3 make test-tsan"),
    ("sources", "make lint"),
    ("limits", "make -s limits"),
    ("speed", "make bench"),
    ("rest", "make bench-idle"),
    ("independent", "make independent"),
    ("tamper", "make tamper"),
    ("audit", "make audit-speed"),
    ("figures", "make figures"),
    ("hostile bytes", f"FUZZ_SECONDS={FUZZ_SECONDS} make -s fuzz"),
]


def shows(readme):
    with open(readme, encoding="utf-8") as lines:
        return [found.groups() for found in map(ROW.match, lines) if found]


def last_line(output):
    lines = [line for line in output.split("\n") if line.strip()]
    return lines[-1].strip() if lines else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--only")
    options = parser.parse_args()
    commit = subprocess.run(["git", "rev-parse", "HEAD"], text=True,
                            capture_output=True, check=True).stdout.strip()
    done, results = {}, []  # a command that shows two promises runs once
    for promise, command in SHOWS + shows("README.md"):
        if options.only not in (None, promise):
            continue
        if command not in done:
            start = time.monotonic()
            try:
                run = subprocess.run(
                    ["bash", "-c", command], text=True, errors="replace",
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, timeout=SECONDS_MAX,
                    check=False)
                done[command] = {"held": run.returncode == 0,
                                 "last_line": last_line(run.stdout)}
            except subprocess.TimeoutExpired:
                done[command] = {"held": False, "last_line":
                                 f"not done within {SECONDS_MAX} s"}
            done[command]["seconds"] = round(time.monotonic() - start, 1)
        results.append({"shows": promise, "commit": commit,
                        "command": command, **done[command]})
        print(f"{promise} {'held' if results[-1]['held'] else 'NOT HELD'}: "
              f"{command}: {results[-1]['last_line']}", flush=True)
    os.makedirs(os.path.dirname(options.out) or ".", exist_ok=True)
    with open(options.out, "w", encoding="utf-8") as out:
        json.dump(results, out, indent=1, ensure_ascii=False)
        out.write("\n")
    held = sum(result["held"] for result in results)
    print(f"nightly: shows={len(results)} held={held}")
    return 0 if results and held == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
