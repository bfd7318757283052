//! `AddressSpace`: the maps of one moment, and what is mapped where.

mod methods;

use std::sync::Arc;

use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyList, PySlice, PyTuple};

use crate::mapping::Lend;
use crate::python::convert::{self, instance, not_an_integer, tuple, wrong_type};
use crate::python::errors::no_memory;
use crate::python::mapping::map::Map;
use crate::python::space::location::Location;
use crate::python::space::module::Module;
use crate::space;

/// The maps of an address space in the core, which Python's objects share.
pub(in crate::python) type Space = space::AddressSpace<Py<Map>>;

/// The memory maps of one moment: an immutable sequence of Map, in their order
/// (by begin address first), that finds what is mapped at an address in
/// O(log n).
///
/// Takes any iterable of Map. Ranges are half-open throughout; addresses and
/// sizes are integers, in bytes.
///
/// `address in space` tells whether an address is mapped, `map_ in space`
/// whether the map is an element. Indexing gives a Map. A slice picks maps as
/// from a list and is an AddressSpace again, in address order whatever its step.
/// Two are equal if their maps are; so they are hashed.
///
/// Maps may overlap or repeat, as a live process can show them since Linux 6.17.
/// Where several contain an address, the last of them in order is the answer:
/// the one with the highest begin address, and of those the greatest. An empty
/// map is an element, and contains nothing.
///
/// Raises TypeError for what is no Map.
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

    /// The modules as objects, made when they are first asked for.
    fn module_objects<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyTuple>> {
        let modules = || {
            let modules = self.space.modules().map_err(no_memory)?;
            module_objects(py, &self.space, modules)
        };
        Ok(self.modules.get_or_try_init(py, modules)?.bind(py))
    }

    /// What lies at an address; None where nothing is mapped.
    fn location(&self, py: Python<'_>, address: u64) -> PyResult<Option<Location>> {
        let Some(found) = self.space.resolve(address).map_err(no_memory)? else {
            return Ok(None);
        };
        let map = self.space.maps().get(found.position);
        let module = match found.module {
            Some((number, _)) => Some(self.module_objects(py)?.get_item(number)?.cast_into()?),
            None => None,
        };
        Ok(map.map(|map| Location::new(address, map.clone_ref(py), module.map(Bound::unbind))))
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

    /// What is at each of many addresses, in their order.
    fn find_all<'py>(
        &self,
        py: Python<'py>,
        addresses: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        let found = PyList::empty(py);
        let mut addresses = addresses.try_iter()?;
        // Step by step over many addresses, the waits for memory overlap.
        let (mut chunk, mut positions) = (Vec::new(), Vec::new());
        chunk.try_reserve_exact(CHUNK).map_err(no_memory)?;
        positions.try_reserve_exact(CHUNK).map_err(no_memory)?;
        loop {
            for item in addresses.by_ref().take(CHUNK) {
                let item = item?;
                let address = convert::address(&item).map_err(|error| {
                    let number = found.len().saturating_add(chunk.len());
                    not_an_integer(error, &item, &format!("addresses[{number}]"), "an integer")
                })?;
                chunk.push(address.unwrap_or(NOWHERE));
            }
            if chunk.is_empty() {
                return Ok(found);
            }
            positions.extend(chunk.drain(..).map(|address| self.space.find(address)));
            for position in positions.drain(..) {
                found.append(position.and_then(|position| self.space.maps().get(position)))?;
            }
        }
    }
}

/// How many addresses are looked for side by side.
const CHUNK: usize = 256;

/// No range contains it: the last address that one can contain is one less.
const NOWHERE: u64 = u64::MAX;

/// The modules of a space as objects.
pub(in crate::python) fn module_objects(
    py: Python<'_>,
    space: &Space,
    modules: &space::Modules,
) -> PyResult<Py<PyTuple>> {
    let objects = PyList::empty(py);
    for module in modules.all() {
        let positions = module.positions().iter().copied();
        let maps = Space::new(pick(py, space, positions)?).map_err(no_memory)?;
        objects.append(Module::new(module.clone(), Arc::new(maps)))?;
    }
    Ok(tuple(py, objects.iter())?.unbind())
}

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
