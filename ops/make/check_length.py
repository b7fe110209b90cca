#!/usr/bin/python3
"""Functions that do not fit on a screen. Prints findings as file:line: text.

The house style puts a function's braces at column 0, which is what this reads.
"""
import sys

LINES_MAX = 80


def main():
    count = 0
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as source:
            lines = source.read().split("\n")
        start = None
        for number, line in enumerate(lines, 1):
            if line == "{":
                start = number
            elif line == "}" and start is not None:
                length = number - start - 1
                if length > LINES_MAX:
                    name = lines[start - 2].strip()
                    print(f"{path}:{start}: {length} lines, at most "
                          f"{LINES_MAX}: {name}")
                    count += 1
                start = None
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
