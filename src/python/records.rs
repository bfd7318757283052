//! Maps as the records that the core works with.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};

use super::convert::encode;
use super::map::Map;
use crate::record::Record;

/// The names of maps as bytes, which records borrow.
pub(super) struct EncodedNames<'py> {
    maps: Bound<'py, PyTuple>,
    names: Vec<Option<Bound<'py, PyBytes>>>,
}

impl<'py> EncodedNames<'py> {
    /// Encodes once what neighbours share.
    pub(super) fn of(maps: &Bound<'py, PyTuple>) -> PyResult<Self> {
        let mut last: Option<(Bound<'py, PyString>, Bound<'py, PyBytes>)> = None;
        let mut names = Vec::with_capacity(maps.len());
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

    pub(super) fn records(&self) -> PyResult<Vec<Record<'_>>> {
        let both = self.maps.iter_borrowed().zip(&self.names);
        both.map(|(item, name)| {
            Ok(Record {
                fields: item.cast::<Map>()?.get().fields(),
                pathname: name.as_ref().map(PyBytesMethods::as_bytes),
            })
        })
        .collect()
    }
}

/// The maps at some positions.
pub(super) fn pick<'py>(
    maps: &Bound<'py, PyTuple>,
    positions: impl IntoIterator<Item = usize>,
) -> PyResult<Bound<'py, PyTuple>> {
    let some: Vec<_> = positions
        .into_iter()
        .map(|position| maps.get_item(position))
        .collect::<PyResult<_>>()?;
    PyTuple::new(maps.py(), some)
}

/// A number of maps, in words.
pub(super) fn count(maps: usize) -> String {
    match maps {
        1 => "1 map".to_owned(),
        maps => format!("{maps} maps"),
    }
}
