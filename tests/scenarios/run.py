#!/usr/bin/python3
"""Plays every play of this folder, or those that are named, on real daemons.

Usage: run.py [PLAY.yaml ...]. V=1 tells each story as it goes, JOBS=n plays
so many at a time. RESULTS names a JSON file with what came of each.

The last line is `scenarios: regions=N plays=N held=N`; exit 1 unless all held.
"""
import concurrent.futures
import io
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from performance import Performance, end_in_order  # noqa: E402
from script import ScriptError, find_plays, read_play  # noqa: E402


def one(path, aloud):
    """Play it; what came of it, its story when it did not hold."""
    out, start = sys.stdout if aloud else io.StringIO(), time.monotonic()
    play = read_play(path)
    performance = Performance(play, out)
    held = performance.run()
    return {"play": play.name, "title": play.title, "region": play.region,
            "rules": play.rules, "steps": performance.steps,
            "checks": performance.checks, "held": held,
            "faults": performance.faults,
            "seconds": round(time.monotonic() - start, 1)}, out


def say(result, out, aloud):
    print(f"{result['region']} {result['play']}: steps={result['steps']} "
          f"checks={result['checks']} "
          f"{'held' if result['held'] else 'NOT HELD'}", flush=True)
    if not result["held"] and not aloud:
        print(out.getvalue(), flush=True)


def play_all(paths):
    aloud = os.environ.get("V", "") not in ("", "0")
    jobs = 1 if aloud else int(os.environ.get("JOBS", os.cpu_count() or 1))
    results = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for done in concurrent.futures.as_completed(
                [pool.submit(one, path, aloud) for path in paths]):
            result, out = done.result()
            results.append(result)
            say(result, out, aloud)
    return results


def main(paths):
    end_in_order()
    try:
        for path in paths:      # a play that cannot be read stops all
            read_play(path)
        results = play_all(paths)
    except ScriptError as error:
        print(f"scenarios: {error}", file=sys.stderr)
        return 1
    if "RESULTS" in os.environ:
        os.makedirs(os.path.dirname(os.environ["RESULTS"]), exist_ok=True)
        with open(os.environ["RESULTS"], "w", encoding="utf-8") as file:
            json.dump(sorted(results, key=lambda result: result["play"]),
                      file, indent=1, ensure_ascii=False)
            file.write("\n")
    held = sum(result["held"] for result in results)
    regions = {result["region"] for result in results}
    print(f"scenarios: regions={len(regions)} plays={len(results)} "
          f"held={held}")
    return 0 if results and held == len(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or find_plays()))
