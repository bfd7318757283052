import os

import procmaps


def test_own_maps() -> None:
    assert any(id(object()) in map_ for map_ in procmaps.from_pid(os.getpid()))
