"""Try the distributions in dist/ with every supported interpreter to be found.

Each interpreter gets a fresh environment, the wheel made for it or, where there
is none, the source distribution, and the tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools.find import KINDS, Interpreter, interpreters

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".venvs"

#: What installs.
_PIP = ROOT / "tools" / "pip.txt"

#: Importing everything has to leave no warning.
_IMPORT = """\
import pkgutil, procmaps
for module in pkgutil.iter_modules(procmaps.__path__, "procmaps."):
    if not module.name.endswith("__main__"):
        __import__(module.name)
print(procmaps.__version__, procmaps.__file__)
"""


def distribution(kind: str) -> Path:
    """Return what this kind of interpreter is to install."""
    pattern = "*.tar.gz" if KINDS[kind] == "sdist" else f"*-{KINDS[kind]}-*.whl"
    found = sorted((ROOT / "dist").glob(pattern))
    if len(found) != 1:
        raise FileNotFoundError(f"dist/ holds {len(found)} files named {pattern}")
    return found[0]


def attempt(interpreter: Interpreter) -> None:
    """Install and test with one interpreter; raises CalledProcessError."""
    environment = ENVIRONMENTS / interpreter.name
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    file = distribution(interpreter.kind)

    _run(interpreter.path, "-m", "venv", "--without-pip", "--clear", str(environment))
    # Not every interpreter has one to put there, nor one that is new enough.
    _pip(sys.executable, "--python", str(python), "install", "-r", str(_PIP))
    if file.suffix == ".whl":
        # Neither an index nor a compiler: what the wheel needs, it brings.
        _pip(python, "install", "--no-index", str(file), path=str(python.parent))
    else:
        _pip(python, "install", str(file))
    _run(str(python), "-I", "-X", "dev", "-W", "error", "-c", _IMPORT)
    _pip(python, "install", "--group", "test")
    _run(str(python), "-m", "pytest", "--quiet", "-m", "not distribution")


def _pip(python: str | Path, *words: str, path: str = os.environ["PATH"]) -> None:
    pip = (str(python), "-m", "pip", "--disable-pip-version-check", "--quiet")
    _run(*pip, *words, path=path)


def _run(*command: str, path: str = os.environ["PATH"]) -> None:
    print("$", *command, flush=True)
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "PATH": path})


def main() -> int:
    """Try all, then say what was found and how it went."""
    results: dict[str, list[str]] = {kind: [] for kind in KINDS}
    failed = False
    for interpreter in interpreters():
        print(f"\n== {interpreter.name}", flush=True)
        try:
            attempt(interpreter)
        except (OSError, subprocess.CalledProcessError) as error:
            print(error, file=sys.stderr)
            results[interpreter.kind].append(f"{interpreter.version} FAILED")
            failed = True
        else:
            results[interpreter.kind].append(f"{interpreter.version} passed")
    print()
    for kind, outcomes in results.items():
        print(f"{kind:10} {KINDS[kind]:17} {', '.join(outcomes) or 'not found'}")
    return int(failed or not any(results.values()))


if __name__ == "__main__":
    sys.exit(main())
