//! The maps that `AddressSpace`, `Module` and `Difference` share.

use pyo3::prelude::*;

use crate::python::errors::no_memory;
use crate::python::mapping::map::Map;
use crate::space;

/// The maps of an address space in the core, which Python's objects share.
pub(in crate::python) type Space = space::AddressSpace<Py<Map>>;

/// The maps at some positions.
pub(in crate::python) fn pick(
    py: Python<'_>,
    space: &Space,
    positions: impl IntoIterator<Item = usize>,
) -> PyResult<Vec<Py<Map>>> {
    let mut maps = Vec::new();
    for map in positions
        .into_iter()
        .filter_map(|position| space.maps().get(position))
    {
        maps.try_reserve(1).map_err(no_memory)?;
        maps.push(map.clone_ref(py));
    }
    Ok(maps)
}

/// A number of maps, in words.
pub(in crate::python) fn count(maps: usize) -> String {
    match maps {
        1 => "1 map".to_owned(),
        maps => format!("{maps} maps"),
    }
}
