"""The .proto files as Python modules, made by protoc when the tests start.

Nothing generated is kept in the tree: the modules land in the build folder,
so that a changed schema is what the next run reads.
"""
import importlib
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
NAMES = ("envelope", "session", "policy", "journal", "control", "error")


def generate():
    """Run protoc unless what stands in the build folder is newer."""
    out = os.path.join(BUILD, "python")
    sources = [f"proto/{name}.proto" for name in NAMES]
    stamp = os.path.join(out, "made")
    newest = max(os.path.getmtime(os.path.join(ROOT, source))
                 for source in sources)
    if not os.path.exists(stamp) or os.path.getmtime(stamp) < newest:
        os.makedirs(out, exist_ok=True)
        subprocess.run(["protoc", f"--python_out={out}", "-I.", *sources],
                       cwd=ROOT, check=True)
        with open(stamp, "w", encoding="ascii"):
            pass
    if out not in sys.path:
        sys.path.insert(0, out)


def load(name):
    generate()
    return importlib.import_module(f"proto.{name}_pb2")


envelope = load("envelope")
session = load("session")
control = load("control")
journal = load("journal")
error = load("error")
