//! `AddressSpace`: the maps of one moment, and what is mapped where.

mod methods;
mod questions;

use std::sync::Arc;

use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PySlice, PyTuple};

use crate::mapping::Lend;
use crate::python::convert::{self, instance, not_an_integer, tuple, wrong_type};
use crate::python::errors::no_memory;
use crate::python::mapping::map::Map;
use crate::python::space::maps::{Space, count, pick};

/// The memory maps of one moment: an immutable sequence of Map, in their order
/// (by begin address first), that finds what is mapped at an address in
/// O(log n).
///
/// Takes any iterable of Map. Ranges are half-open throughout; addresses and
/// sizes are integers, in bytes.
///
/// `address in space` tells whether an address is mapped, `map_ in space`
/// whether the map is an element. Indexing gives a Map. A slice picks maps as
/// from a list and is an AddressSpace again, in address order for every step.
/// Equality and hash go by the maps.
///
/// Maps may overlap or repeat, as a live process can show them since Linux 6.17.
/// Where several contain an address, the last of them in order is the answer:
/// the one with the highest begin address, and of those the greatest. An empty
/// map is an element, and contains nothing.
///
/// Raises TypeError if one of them is not a Map.
#[pyclass(frozen, sequence, module = "procmaps")]
pub(in crate::python) struct AddressSpace {
    space: Arc<Space>,
    /// The maps as Python iterates over them, made when they are first asked for.
    tuple: PyOnceLock<Py<PyTuple>>,
    modules: PyOnceLock<Py<PyTuple>>,
}

impl AddressSpace {
    pub(in crate::python) fn new(space: Arc<Space>) -> Self {
        Self {
            space,
            tuple: PyOnceLock::new(),
            modules: PyOnceLock::new(),
        }
    }

    pub(in crate::python) fn from_maps(maps: Vec<Py<Map>>) -> PyResult<Self> {
        let space = Space::new(maps).map_err(no_memory)?;
        Ok(Self::new(Arc::new(space)))
    }

    /// The space of any iterable of `Map`.
    fn from_iterable(maps: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut kept = Vec::new();
        for (position, item) in maps.try_iter()?.enumerate() {
            let map = item?.cast_into::<Map>().map_err(|error| {
                wrong_type(&format!("maps[{position}]"), "a Map", &error.into_inner())
            })?;
            kept.try_reserve(1).map_err(no_memory)?;
            kept.push(map.unbind());
        }
        Self::from_maps(kept)
    }

    /// The space of the maps at some positions.
    pub(in crate::python) fn pick(
        &self,
        py: Python<'_>,
        positions: impl IntoIterator<Item = usize>,
    ) -> PyResult<Self> {
        Self::from_maps(pick(py, &self.space, positions)?)
    }

    pub(in crate::python) fn space(&self) -> &Arc<Space> {
        &self.space
    }

    pub(in crate::python) fn len(&self) -> usize {
        self.space.maps().len()
    }

    fn tuple<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyTuple>> {
        let maps = || tuple(py, self.space.maps().iter()).map(Bound::unbind);
        Ok(self.tuple.get_or_try_init(py, maps)?.bind(py))
    }

    /// What indexing gives: a map, or for a slice an address space.
    fn item<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = key.py();
        let maps = self.tuple(py)?.as_any();
        if key.is_instance_of::<PySlice>() {
            let some = Self::from_iterable(&maps.get_item(key)?)?;
            return Ok(Bound::new(py, some)?.into_any());
        }
        maps.get_item(key).map_err(|error| {
            if error.is_instance_of::<PyIndexError>(py) {
                PyIndexError::new_err("AddressSpace index out of range")
            } else {
                not_an_integer(error, key, "AddressSpace index", "an integer or a slice")
            }
        })
    }

    /// The position of an equal map from start up to stop.
    fn position_of(
        &self,
        value: &Bound<'_, PyAny>,
        start: Option<&Bound<'_, PyAny>>,
        stop: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<usize> {
        let slice = value.py().get_type::<PySlice>().call1((start, stop))?;
        let length = isize::try_from(self.len())?;
        let slice = slice.cast_into::<PySlice>()?.indices(length)?;
        let is_asked = |position: &usize| {
            isize::try_from(*position).is_ok_and(|at| slice.start <= at && at < slice.stop)
        };
        let map = instance::<Map>(value, "value", "a Map")?;
        match self.space.positions(&map.get().mapping()).find(is_asked) {
            Some(position) => Ok(position),
            None => Err(PyValueError::new_err(format!(
                "{} is not in the AddressSpace",
                value.repr()?
            ))),
        }
    }

    /// Whether an address is mapped, or a map is an element.
    fn holds(&self, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        if let Ok(map) = value.cast::<Map>() {
            return Ok(!self.space.positions(&map.get().mapping()).is_empty());
        }
        match convert::address(value) {
            Ok(address) => Ok(address.is_some_and(|at| self.space.find(at).is_some())),
            Err(error) => Err(not_an_integer(
                error,
                value,
                "element",
                "a Map or an address",
            )),
        }
    }

    fn describe(&self) -> String {
        let (count, ranges) = (count(self.len()), self.space.index().ranges());
        match (ranges.first(), ranges.iter().map(|range| range.end).max()) {
            (Some(first), Some(end)) => {
                format!("<AddressSpace of {count}, {:#x}-{end:#x}>", first.begin)
            }
            _ => format!("<AddressSpace of {count}>"),
        }
    }
}
