"""Find the Python interpreters of this machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

#: What an interpreter is asked about itself.
_QUESTION = """\
import json, sys, sysconfig
version = getattr(sys, "pypy_version_info", sys.version_info)
print(json.dumps([
    sys.implementation.name,
    sys.version_info[:2],
    ".".join(map(str, version[:3])),
    bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    sys.executable,
]))
"""

_NAME = re.compile(r"(python|pypy)3?(\.\d+)?t?(\.exe)?")


@dataclass(frozen=True)
class Interpreter:
    """An interpreter and what it says of itself."""

    implementation: str
    language: tuple[int, int]
    version: str
    free_threaded: bool
    path: str

    @property
    def kind(self) -> str:
        """What it runs, as in KINDS: "3.9", "3.14t", "PyPy 3.11"."""
        language = "{}.{}".format(*self.language)
        if self.implementation == "pypy":
            return f"PyPy {language}"
        return language + "t" * self.free_threaded

    @property
    def name(self) -> str:
        """A name that tells it from others, and can be a directory's."""
        return f"{self.implementation}-{self.version}{'t' * self.free_threaded}"


#: What procmaps supports, and the distribution that each installs.
KINDS = {
    **{f"3.{minor}": "cp39-abi3" for minor in range(9, 15)},
    "3.15": "cp315-abi3.abi3t",
    "3.14t": "sdist",
    "3.15t": "cp315-abi3.abi3t",
    "PyPy 3.11": "sdist",
}


def interpreters() -> list[Interpreter]:
    """Return each supported version once: those on PATH and those of pyenv."""
    places = [Path(place) for place in os.environ["PATH"].split(os.pathsep)]
    places += sorted(_pyenv().glob("versions/*/bin"))
    found: dict[str, Interpreter] = {}
    for place in places:
        if place.name == "shims":
            continue
        for path in sorted(place.glob("p*")):
            if _NAME.fullmatch(path.name):
                interpreter = _ask(path)
                if interpreter and interpreter.kind in KINDS:
                    found.setdefault(interpreter.name, interpreter)
    order = list(KINDS)
    return sorted(found.values(), key=lambda one: order.index(one.kind))


def _pyenv() -> Path:
    return Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))


def _ask(path: Path) -> Interpreter | None:
    # -E and -I: the answer is the interpreter's, not the environment's.
    command = [str(path), "-I", "-c", _QUESTION]
    try:
        done = subprocess.run(
            command, check=True, text=True, capture_output=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return None
    implementation, language, version, free_threaded, executable = json.loads(
        done.stdout
    )
    major, minor = language
    return Interpreter(
        implementation, (major, minor), version, free_threaded, executable
    )
