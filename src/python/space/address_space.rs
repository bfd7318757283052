//! `AddressSpace`: the maps of one moment, and what is mapped where.

mod methods;

use std::cmp::Ordering;
use std::ops::Range;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyList, PyTuple};

use crate::python::convert::{self, not_an_integer, wrong_type};
use crate::python::errors::no_memory;
use crate::python::mapping::map::Map;
use crate::python::space::modules::Modules;
use crate::python::space::records::tuple;
use crate::space::index::{AddressIndex, AddressRange};

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
    maps: Py<PyTuple>,
    index: AddressIndex,
    modules: PyOnceLock<Modules>,
}

impl AddressSpace {
    /// The space of any iterable of `Map`.
    pub(in crate::python) fn of(maps: &Bound<'_, PyAny>) -> PyResult<Self> {
        let maps = tuple(maps)?;
        let mut ranges = Vec::new();
        ranges.try_reserve_exact(maps.len()).map_err(no_memory)?;
        for (position, item) in maps.iter_borrowed().enumerate() {
            match item.cast::<Map>() {
                Ok(map) => ranges.push(map.get().range()),
                Err(_) => return Err(wrong_type(&format!("maps[{position}]"), "a Map", &item)),
            }
        }
        let maps = if is_ascending(&ranges) {
            maps
        } else {
            sorted(&maps)?
        };
        Ok(Self {
            maps: maps.unbind(),
            // Sorts its ranges as the maps are sorted: by begin, then by end.
            index: AddressIndex::new(ranges).map_err(no_memory)?,
            modules: PyOnceLock::new(),
        })
    }

    pub(in crate::python) fn maps<'py>(&self, py: Python<'py>) -> &Bound<'py, PyTuple> {
        self.maps.bind(py)
    }

    pub(in crate::python) fn len(&self) -> usize {
        self.index.ranges().len()
    }

    /// Whether a map that equals this one is an element.
    pub(in crate::python) fn holds(&self, map: &Bound<'_, Map>) -> PyResult<bool> {
        Ok(!self.positions(map)?.is_empty())
    }

    /// The modules, made when they are first asked for.
    fn known_modules(&self, py: Python<'_>) -> PyResult<&Modules> {
        self.modules
            .get_or_try_init(py, || Modules::of(self.maps(py)))
    }

    /// Where maps stand that equal this one: side by side, as all are sorted.
    pub(in crate::python) fn positions(&self, map: &Bound<'_, Map>) -> PyResult<Range<usize>> {
        let maps = self.maps.bind(map.py());
        let Range { mut start, mut end } = self.index.equal(map.get().range());
        let compare = |position| -> PyResult<Ordering> {
            let other = maps.get_item(position)?;
            other.cast::<Map>()?.get().compare(map.py(), map.get())
        };
        while start < end && compare(start)? != Ordering::Equal {
            start = start.saturating_add(1);
        }
        while start < end && compare(end.saturating_sub(1))? != Ordering::Equal {
            end = end.saturating_sub(1);
        }
        Ok(start..end)
    }

    #[inline]
    fn find_map<'py>(
        &self,
        py: Python<'py>,
        address: Option<u64>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let position = address.and_then(|address| self.index.find(address));
        position
            .map(|position| self.maps.bind(py).get_item(position))
            .transpose()
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
            positions.extend(chunk.drain(..).map(|address| self.index.find(address)));
            for position in positions.drain(..) {
                match position {
                    Some(position) => found.append(self.maps.bind(py).get_item(position)?)?,
                    None => found.append(py.None())?,
                }
            }
        }
    }
}

/// How many addresses are looked for side by side.
const CHUNK: usize = 256;

/// No range contains it: the last address that one can contain is one less.
const NOWHERE: u64 = u64::MAX;

/// Whether each range begins above the one before it.
fn is_ascending(ranges: &[AddressRange]) -> bool {
    ranges.is_sorted_by(|a, b| a.begin < b.begin)
}

fn sorted<'py>(maps: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyTuple>> {
    let sorted = maps.py().import("builtins")?.getattr("sorted")?;
    tuple(&sorted.call1((maps,))?)
}
