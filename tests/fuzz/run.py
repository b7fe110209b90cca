#!/usr/bin/python3
"""Runs libFuzzer on every target, from the seeds.

Usage: run.py DIR SECONDS [TARGET ...]; DIR holds the programs fuzz and replay,
and the same of the broker's side.
Two targets run at a time. A finding is printed as the line to put into
tests/fuzz/seeds. The last line is `fuzz: targets=N runs=N crashes=0`; exit 1
when there was a crash, or a target that ran nothing.
"""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys

SEEDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "seeds")
RSS_MIB = 768
INPUT_S = 10        # an input that takes longer is a finding
GRACE_S = 120       # to load and to end
PLANTED = "planted"  # found in a second, or the fuzzer finds nothing


def unpack(target, folder):
    """The seeds as files, which is what libFuzzer reads."""
    os.makedirs(folder, exist_ok=True)
    if target == PLANTED:
        return
    with open(os.path.join(SEEDS, target + ".txt"), encoding="ascii") as f:
        lines = [line.strip() for line in f if not line.startswith("#")]
    for i, line in enumerate(lines):
        with open(os.path.join(folder, f"seed-{i}"), "wb") as out:
            out.write(bytes.fromhex(line))


def fuzz(program, target, seconds):
    """(runs, crashes, output) of one target."""
    folder = os.path.join(os.path.dirname(program), "run", target)
    shutil.rmtree(folder, ignore_errors=True)
    unpack(target, os.path.join(folder, "corpus"))
    done = subprocess.run(
        [os.path.abspath(program), f"-max_total_time={seconds}",
         f"-rss_limit_mb={RSS_MIB}", f"-timeout={INPUT_S}",
         "-print_final_stats=1", "-use_value_profile=1", "-len_control=20",
         "-max_len=20000", f"-artifact_prefix={folder}/", "-close_fd_mask=2",
         os.path.join(folder, "corpus")],
        env=dict(os.environ, FUZZ_TARGET=target,
                 ASAN_OPTIONS="detect_stack_use_after_return=1",
                 UBSAN_OPTIONS="print_stacktrace=1"),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=seconds + GRACE_S, check=False)
    output = done.stdout.decode(errors="replace")
    ran = re.search(r"number_of_executed_units: (\d+)", output)
    found = [os.path.join(folder, name) for name in os.listdir(folder)
             if name.split("-")[0] in ("crash", "oom", "timeout", "leak")]
    if done.returncode != 0 and not found:
        found = ["(no input kept)"]
    return int(ran.group(1)) if ran else 0, found, output


def tell(target, found, output):
    print("\n".join(output.split("\n")[-40:]))
    for path in found:
        print(f"CRASH {target}: {path}")
        if os.path.exists(path):
            with open(path, "rb") as f:
                print(f"# found: what it did\n{f.read().hex()}")


def main():
    folder, seconds = sys.argv[1], int(sys.argv[2])
    program = os.path.join(folder, "fuzz")
    home = {}                       # target: program
    for side in ("", "-broker"):
        listed = subprocess.run(
            [os.path.join(folder, "replay" + side), SEEDS, "--list"],
            capture_output=True, text=True, check=True)
        home.update(dict.fromkeys(listed.stdout.split(), program + side))
    targets = sys.argv[3:] or list(home)
    _, found, _ = fuzz(program, PLANTED, GRACE_S)
    if not found:
        print("fuzz: what was planted was not found: nothing is shown")
        return 1
    runs = crashes = idle = 0
    print(f"fuzz: FUZZ_SECONDS={seconds} for each of {len(targets)} targets",
          flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(fuzz, home[target], target, seconds)
                for target in targets]
        for target, job in zip(targets, jobs):
            ran, found, output = job.result()
            print(f"{target}: runs={ran} crashes={len(found)}", flush=True)
            runs, crashes = runs + ran, crashes + len(found)
            idle += ran == 0
            if found:
                tell(target, found, output)
    print(f"fuzz: targets={len(targets)} runs={runs} crashes={crashes}")
    return 1 if crashes or idle or not targets else 0


if __name__ == "__main__":
    sys.exit(main())
