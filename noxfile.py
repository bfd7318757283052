"""Tests the distributions in dist/ with every supported interpreter that is found.

Each interpreter gets a fresh environment, the wheel made for it or, where there is
none, the source distribution, and the tests.
"""

from __future__ import annotations

from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent

#: What procmaps supports, and the distribution that each installs.
DISTRIBUTIONS = {
    **{f"3.{minor}": "*-cp39-abi3-*.whl" for minor in range(9, 15)},
    "3.15": "*-cp315-abi3.abi3t-*.whl",
    "3.14t": "*.tar.gz",
    "3.15t": "*-cp315-abi3.abi3t-*.whl",
    "pypy3.11": "*.tar.gz",
}

#: Importing everything has to leave no warning.
_IMPORT = """\
import pkgutil, procmaps
for module in pkgutil.iter_modules(procmaps.__path__, "procmaps."):
    if not module.name.endswith("__main__"):
        __import__(module.name)
print(procmaps.__version__, procmaps.__file__)
"""

nox.options.envdir = ".venvs"
nox.options.default_venv_backend = "virtualenv"


@nox.session(python=list(DISTRIBUTIONS))
def interpreters(session: nox.Session) -> None:
    """Install and test what is in dist/ for one interpreter."""
    file = _distribution(str(session.python))
    session.install("--requirement", "tools/pip.txt")
    if file.suffix == ".whl":
        # Neither an index nor a compiler: what the wheel needs, it brings.
        session.install("--no-index", str(file), env={"PATH": session.bin})
    else:
        session.install(str(file))
    session.run("python", "-I", "-X", "dev", "-W", "error", "-c", _IMPORT)
    session.install("--group", "test")
    session.run("python", "-m", "pytest", "--quiet", "-m", "not distribution")


def _distribution(interpreter: str) -> Path:
    pattern = DISTRIBUTIONS[interpreter]
    found = sorted((ROOT / "dist").glob(pattern))
    if len(found) != 1:
        raise FileNotFoundError(f"dist/ holds {len(found)} files named {pattern}")
    return found[0]
