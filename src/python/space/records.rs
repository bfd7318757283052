//! Maps as the records that the core works with.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::mapping::Mapping;
use crate::python::convert::encode;
use crate::python::errors::no_memory;
use crate::python::mapping::map::Map;

/// The names of maps as bytes, which records borrow.
pub(in crate::python) struct EncodedNames<'py> {
    maps: Bound<'py, PyTuple>,
    names: Vec<Option<Bound<'py, PyBytes>>>,
}

impl<'py> EncodedNames<'py> {
    /// Encodes once what neighbours share.
    pub(in crate::python) fn of(maps: &Bound<'py, PyTuple>) -> PyResult<Self> {
        let mut last: Option<(Bound<'py, PyString>, Bound<'py, PyBytes>)> = None;
        let mut names = Vec::new();
        names.try_reserve_exact(maps.len()).map_err(no_memory)?;
        for item in maps.iter_borrowed() {
            let name = item.cast::<Map>()?.get().pathname(maps.py());
            names.push(match (name, &last) {
                (None, _) => None,
                (Some(name), Some((text, bytes))) if name.is(text) => Some(bytes.clone()),
                (Some(name), _) => {
                    let bytes = encode(&name)?;
                    last = Some((name, bytes.clone()));
                    Some(bytes)
                }
            });
        }
        let maps = maps.clone();
        Ok(Self { maps, names })
    }

    pub(in crate::python) fn records(&self) -> PyResult<Vec<Mapping<'_>>> {
        let mut records = Vec::new();
        let count = self.names.len();
        records.try_reserve_exact(count).map_err(no_memory)?;
        for (item, name) in self.maps.iter_borrowed().zip(&self.names) {
            records.push(Mapping {
                fields: item.cast::<Map>()?.get().fields(),
                pathname: name.as_ref().map(PyBytesMethods::as_bytes),
            });
        }
        Ok(records)
    }
}

/// The maps at some positions.
pub(in crate::python) fn pick<'py>(
    maps: &Bound<'py, PyTuple>,
    positions: impl IntoIterator<Item = usize>,
) -> PyResult<Bound<'py, PyTuple>> {
    let some = PyList::empty(maps.py());
    for position in positions {
        some.append(maps.get_item(position)?)?;
    }
    tuple(some.as_any())
}

/// The tuple of an iterable. PyO3's own ways panic where memory runs out.
pub(in crate::python) fn tuple<'py>(items: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    let tuple = items.py().get_type::<PyTuple>().call1((items,))?;
    Ok(tuple.cast_into()?)
}

/// A number of maps, in words.
pub(in crate::python) fn count(maps: usize) -> String {
    match maps {
        1 => "1 map".to_owned(),
        maps => format!("{maps} maps"),
    }
}
