#!/bin/sh
# Install the wheel that fits this machine from SOURCE/dist and test it, in a
# container that has a Python: try.sh SOURCE [--emulated]
set -eu

# Some tests compile C, for which Debian's images of Python have all, Alpine's nothing.
if command -v apk > /dev/null; then apk add --quiet gcc musl-dev; fi

# Not what was built there, but for the wheels.
mkdir /tmp/source
tar -C "$1" -cf - --exclude ./target --exclude './.venv*' . | tar -C /tmp/source -xf -
cd /tmp/source

python -m venv /tmp/environment
PATH=/tmp/environment/bin:$PATH
pip install --quiet --no-index --no-deps --find-links dist --only-binary :all: procmaps
python -I -X dev -W error -c 'import procmaps; print(procmaps.__version__)'
pip install --quiet --requirement tools/pip.txt
pip install --quiet --group test

# Leaves out the tests that are marked as not for an emulator.
test "${2-}" != --emulated || export PROCMAPS_EMULATED=1
python -m pytest --quiet -m "not distribution"
