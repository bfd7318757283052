#!/bin/sh
# Install the wheel that fits this machine from SOURCE/dist and test it, in a
# container that has a Python and nothing else: try.sh SOURCE [--emulated]
set -eu

cp -R "$1" /tmp/source
cd /tmp/source

python -m venv /tmp/environment
PATH=/tmp/environment/bin:$PATH
pip install --quiet --no-index --no-deps --find-links dist --only-binary :all: procmaps
python -I -X dev -W error -c 'import procmaps; print(procmaps.__version__)'
pip install --quiet "pip==25.3; python_version < '3.15'" \
    "pip==26.3; python_version >= '3.15'"
pip install --quiet --group test

# An emulator lacks much of what the tests ask of real processes.
case "${2-}" in
--emulated)
    set -- tests/test_vectors.py tests/test_documents.py tests/test_parse_error.py \
        tests/test_map_identity.py tests/test_map_protocols.py tests/test_map_values.py
    ;;
*) set -- -m "not distribution" ;;
esac
python -m pytest --quiet "$@"
