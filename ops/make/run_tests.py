#!/usr/bin/python3
"""Runs the tests and sums what they say.

Usage: run_tests.py --build DIR [--unit PROGRAM ...] [--check SCRIPT ...]
           [--pytest DIR ...] [--seconds N]

Unit programs report through cmocka's XML, pytest through junit XML, a check is
given DIR and is one test that passes when it exits 0. Whatever was asked for
and ran no test counts as failed. The last line is
`test: N passed, N failed, N skipped`.
"""
import argparse
import concurrent.futures
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

NOTHING = "ran no test"


class Tally:
    def __init__(self, name):
        self.name, self.passed, self.skipped = name, 0, 0
        self.failures = []  # (test, text)
        self.output = ""

    def fail(self, test, text):
        self.failures.append((test, text))

    def ran(self):
        return self.passed + self.skipped + len(self.failures)


def run(command, env, seconds, quiet=True):
    """Exit status and output. A run that takes too long is ended with all
    that it started, and has status None."""
    child = subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, start_new_session=True,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None, text=True,
        errors="replace")
    try:
        output, _ = child.communicate(timeout=seconds)
        return child.returncode, output or ""
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        output, _ = child.communicate()
        return None, output or ""


def explain(status, seconds):
    if status is None:
        return f"not done within {seconds} s"
    if status < 0:
        return f"ended by {signal.Signals(-status).name}"
    return f"exit {status}"


def read_junit(path, tally):
    """What a results file holds, False when there is none to read."""
    try:
        root = xml.parse(path).getroot()
    except (OSError, xml.ParseError):
        return False
    for case in root.iter("testcase"):
        name = ".".join(part for part in (
            case.get("classname"), case.get("name")) if part)
        bad = [node for node in case if node.tag in ("failure", "error")]
        if bad:
            text = bad[0].text or bad[0].get("message") or ""
            tally.fail(name, text.strip())
        elif any(node.tag == "skipped" for node in case):
            tally.skipped += 1
        else:
            tally.passed += 1
    return True


def fresh(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        os.remove(path)
    return path


def run_unit(program, results, env, seconds):
    tally = Tally(os.path.basename(program))
    path = fresh(os.path.join(results, os.path.basename(
        os.path.dirname(program)) + "-" + tally.name + ".xml"))
    if not os.access(program, os.X_OK):
        tally.fail(tally.name, "was not built")
        return tally
    status, tally.output = run([program], dict(
        env, CMOCKA_MESSAGE_OUTPUT="xml", CMOCKA_XML_FILE=path), seconds)
    read = read_junit(path, tally)
    if status != 0 and not tally.failures:
        tally.fail(tally.name, explain(status, seconds))
    elif not read or tally.ran() == 0:
        tally.fail(tally.name, NOTHING)
    return tally


def run_check(script, build, env, seconds):
    tally = Tally(os.path.basename(script))
    status, tally.output = run([script, build], env, seconds)
    if status == 0:
        tally.passed = 1
    else:
        tally.fail(script, explain(status, seconds))
    return tally


def run_pytest(folder, results, env, seconds):
    tally = Tally(folder)
    path = fresh(os.path.join(results, folder.replace("/", "-") + ".xml"))
    status, _ = run(
        [sys.executable, "-m", "pytest", "-q", "--tb=short", "-rs",
         "-p", "no:cacheprovider", f"--junitxml={path}", folder],
        env, seconds, quiet=False)
    read = read_junit(path, tally)
    if status != 0 and not tally.failures:
        tally.fail(folder, NOTHING if status == 5 else
                   explain(status, seconds))
    elif not read or tally.passed + len(tally.failures) == 0:
        tally.fail(folder, NOTHING)
    return tally


def report(tally, seconds):
    print(f"{tally.name}: {tally.passed} passed, {len(tally.failures)} failed,"
          f" {tally.skipped} skipped ({seconds:.1f} s)", flush=True)
    for test, text in tally.failures:
        print(f"  FAILED {tally.name}: {test}")
        for line in text.split("\n")[-20:]:
            print(f"    {line}")
    if tally.failures and tally.output:
        print("  its output ends:")
        for line in tally.output.rstrip().split("\n")[-30:]:
            print(f"    {line}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--unit", nargs="*", default=[])
    parser.add_argument("--check", nargs="*", default=[])
    parser.add_argument("--pytest", nargs="*", default=[])
    parser.add_argument("--seconds", type=int, default=900)
    options = parser.parse_args()
    results = os.path.join(options.build, "results")
    env = dict(os.environ, BUILD=options.build, PYTHONDONTWRITEBYTECODE="1")
    tallies = []

    def timed(runner, *args):
        start = time.monotonic()
        tally = runner(*args, env, options.seconds)
        return tally, time.monotonic() - start

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(timed, run_unit, program, results)
                for program in options.unit]
        jobs += [pool.submit(timed, run_check, script, options.build)
                 for script in options.check]
        for job in jobs:
            tally, seconds = job.result()
            report(tally, seconds)
            tallies.append(tally)
    for folder in options.pytest:
        print(f"{folder}:", flush=True)
        tally, seconds = timed(run_pytest, folder, results)
        report(tally, seconds)
        tallies.append(tally)

    passed = sum(tally.passed for tally in tallies)
    failed = sum(len(tally.failures) for tally in tallies)
    skipped = sum(tally.skipped for tally in tallies)
    if passed + failed == 0:
        print("nothing ran")
    print(f"test: {passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
