#!/usr/bin/python3
"""Do all arrows run one way? Every #include of ours against the table of what
a folder may stand on, and no two files that need each other. Prints findings
as file:line: text."""
import os
import re
import sys

# A folder may include itself and these.
MAY = {
    "proto": [],
    "broker/core": ["proto"],
    "broker/lib": ["proto"],
    "broker/journal": ["proto", "broker/lib"],
    "broker/engine": ["proto", "broker/core", "broker/lib", "broker/journal"],
    "broker/edge": ["proto", "broker/core", "broker/lib", "broker/journal",
                    "broker/engine"],
    "broker": ["proto", "broker/core", "broker/lib", "broker/journal",
               "broker/engine", "broker/edge"],
    "broker/admin": ["proto", "broker/lib", "broker/journal"],
    "agents/agent": ["proto", "broker/lib"],
    "agents/people": ["proto", "broker/lib"],
    "agents/audit": ["proto", "broker/core", "broker/lib", "broker/journal",
                     "broker/engine"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def includes(path):
    with open(path, encoding="utf-8") as source:
        for number, line in enumerate(source, 1):
            found = INCLUDE.match(line)
            if found:
                yield number, found[1]


def cycles(graph):
    """Each cycle of headers once, as the list of its files."""
    done, stack = set(), []

    def walk(node):
        if node in stack:
            yield stack[stack.index(node):] + [node]
        elif node not in done:
            stack.append(node)
            for target in graph.get(node, []):
                yield from walk(target)
            stack.pop()
            done.add(node)

    for node in sorted(graph):
        yield from walk(node)


def main():
    findings, graph = [], {}
    for path in sys.argv[1:]:
        folder = os.path.dirname(path)
        graph[path] = []
        for number, target in includes(path):
            graph[path].append(target)
            home = os.path.dirname(target)
            if path.startswith(("tests/", "ops/")):
                continue  # what a test may reach is decided by its link
            if home == "":
                findings.append(f"{path}:{number}: {target}: want the path "
                                "from the root")
            elif folder not in MAY:
                findings.append(f"{path}: no folder of ours: {folder}")
            elif home != folder and home not in MAY[folder]:
                findings.append(f"{path}:{number}: {folder} may not include "
                                f"{target}")
    for cycle in cycles(graph):
        findings.append(f"{cycle[0]}:1: need each other: " +
                        " -> ".join(cycle))
    print("\n".join(findings), end="\n" if findings else "")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
