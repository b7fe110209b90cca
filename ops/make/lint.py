#!/usr/bin/python3
"""Everything that reads the sources without running them.

Usage: lint.py BUILD. Prints what each tool found as file:line: text, and last
`lint: findings=N`. Exit 1 when N > 0, 2 when a tool could not run.

lint.known beside this file names what was looked at and is no fault, with the
reason. A line there that nothing matches any more is told, but counts nothing.
"""
import concurrent.futures
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.relpath(__file__))
FINDING = re.compile(r"^(?:mandoc: )?[\w./-]+:\d+:.*$")
# What a tool says around a finding rather than as one.
NOISE = re.compile(r": note: |^\d+ warnings? generated")
FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-I."]


def sources():
    done = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        capture_output=True, text=True, check=True)
    return sorted(path for path in done.stdout.split("\n")
                  if path and os.path.exists(path))


def tasks(build, paths):
    """(name, command) of everything to run."""
    c = [path for path in paths if path.endswith(".c")]
    headers = [path for path in paths if path.endswith(".h")]
    pages = [path for path in paths if re.search(r"^ops/man/.*\.\d$", path)]
    shell = [path for path in paths if path in ("ops/setup", ".ci/run") or
             path.endswith(".sh")]
    flags = [*FLAGS, f"-I{build}"]
    ours = [path for path in c if not path.startswith("tests/")]
    for path in ours:
        told = [] if path == "proto/error.c" else \
            ["-include", f"{HERE}/analyse.h"]
        yield "clang-tidy", ["clang-tidy", "--quiet", path, "--", *flags,
                             *told]
    yield "cppcheck", [
        "cppcheck", "--quiet", "--inline-suppr", "--language=c", "--std=c11",
        "--enable=warning,portability", "--suppress=*:*.pb-c.h",
        "--template={file}:{line}: {message} [{id}]", "-D_GNU_SOURCE",
        "-I.", f"-I{build}", *ours]
    for name in ("check_format.py", "check_length.py", "check_includes.py"):
        files = c if name == "check_length.py" else c + headers
        yield name, [sys.executable, f"{HERE}/{name}", *files]
    if pages:
        yield "mandoc", ["mandoc", "-T", "lint", "-W", "warning", *pages]
    for path in shell:
        yield "bash -n", ["bash", "-n", path]
    for path in paths:
        if path.endswith(".py"):
            yield "python", [sys.executable, "-c", PARSES, path]


PARSES = """
import ast, sys
path = sys.argv[1]
try:
    ast.parse(open(path, encoding="utf-8").read(), path)
except SyntaxError as fault:
    print(f"{path}:{fault.lineno}: {fault.msg}")
"""


def read_known():
    """[path, check, how many] of lint.known; the reason is for people."""
    with open(f"{HERE}/lint.known", encoding="utf-8") as lines:
        return [line.split(None, 3)[:3] for line in lines
                if line.strip() and not line.startswith("#")]


def leave_known(findings):
    """What is left when the known ones are gone. A file that has more of a
    kind than is known keeps them all."""
    left = set(findings)
    for path, check, count in read_known():
        same = {line for line in findings
                if line.startswith(path + ":") and
                (f"[{check}]" in line or f"({check})" in line)}
        if not same:
            print(f"{HERE}/lint.known: no {check} in {path} any more")
        elif len(same) <= int(count):
            left -= same
    return left


def run(task):
    name, command = task
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              check=False)
    except FileNotFoundError:
        return name, None, f"lint: {command[0]} is not here: make setup"
    top = os.getcwd() + "/"
    lines = [line.replace(top, "").replace("./", "", 1)
             if line.startswith((top, "./")) else line
             for line in (done.stdout + done.stderr).split("\n")]
    found = [f"{line} ({name})" for line in lines
             if FINDING.match(line) and not NOISE.search(line) and
             ".pb-c." not in line.split(":")[0]]
    if done.returncode != 0 and not found and name != "clang-tidy":
        found = [f"{name}: exit {done.returncode}: {done.stderr.strip()}"]
    return name, found, ""


def main():
    if len(sys.argv) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    findings, broken = set(), False
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for _, found, fault in pool.map(run, tasks(sys.argv[1], sources())):
            if found is None:
                print(fault)
                broken = True
            else:
                findings.update(found)
    findings = leave_known(findings)
    for line in sorted(findings):
        print(line)
    print(f"lint: findings={len(findings)}")
    return 2 if broken else 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
