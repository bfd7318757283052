//! What Python sees of an address space: its methods, with their docstrings.

use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyList, PySlice, PyTuple, PyType};

use super::AddressSpace;
use crate::python::convert::{
    self, asked_range, file_name, instance, named_address, not_an_integer,
};
use crate::python::formats::maps;
use crate::python::mapping::map::Map;
use crate::python::space::difference::Difference;
use crate::python::space::location::Location;
use crate::python::space::module::Module;
use crate::python::space::records::{count, pick};

#[pymethods]
impl AddressSpace {
    #[new]
    fn new(maps: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::of(maps)
    }

    /// Return the address space of a running process; see procmaps.from_pid.
    #[classmethod]
    fn from_pid(cls: &Bound<'_, PyType>, pid: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::of(maps::from_pid(cls.py(), pid)?.as_any())
    }

    /// Return the address space in a maps file; see procmaps.from_path.
    #[classmethod]
    fn from_path(cls: &Bound<'_, PyType>, path: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::of(maps::from_path(cls.py(), path)?.as_any())
    }

    /// Return the address space in maps text; see procmaps.from_str.
    #[classmethod]
    fn from_str(cls: &Bound<'_, PyType>, maps_data: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::of(maps::from_str(cls.py(), maps_data)?.as_any())
    }

    /// Return the address space in maps bytes; see procmaps.from_bytes.
    #[classmethod]
    fn from_bytes(cls: &Bound<'_, PyType>, maps_data: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::of(maps::from_bytes(cls.py(), maps_data)?.as_any())
    }

    /// How many bytes are mapped; what several maps contain counts once.
    #[getter]
    pub(in crate::python) fn size(&self) -> u64 {
        self.index.size()
    }

    /// Return the map that contains the address, or None: also for an integer
    /// that is no address, such as -1 or 2**64.
    ///
    /// Where several maps contain it, the last of them in order. Raises TypeError
    /// for what is no integer.
    pub(in crate::python) fn find<'py>(
        &self,
        py: Python<'py>,
        address: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.find_map(py, named_address(address, "address")?)
    }

    /// Return what find() returns, for each of many addresses in their order.
    ///
    /// Takes any iterable of integers; several times as fast as a loop.
    fn find_many<'py>(
        &self,
        py: Python<'py>,
        addresses: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        self.find_all(py, addresses)
    }

    /// Return the maps that share an address with the range from begin up to end.
    ///
    /// An empty range shares no address. Raises ValueError if end is below begin,
    /// TypeError for what is no integer.
    fn overlapping(
        &self,
        py: Python<'_>,
        begin: &Bound<'_, PyAny>,
        end: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let asked = asked_range(begin, end)?;
        Self::of(pick(self.maps(py), self.index.overlapping(asked.range))?.as_any())
    }

    /// Return whether every address from begin up to end is mapped, be it by one
    /// map or by several side by side. True for an empty range.
    ///
    /// Raises ValueError if end is below begin, TypeError for what is no integer.
    fn covers(&self, begin: &Bound<'_, PyAny>, end: &Bound<'_, PyAny>) -> PyResult<bool> {
        let asked = asked_range(begin, end)?;
        Ok(asked.is_whole && self.index.covers(asked.range))
    }

    /// Return the ranges between the first and the last map that no map contains,
    /// each as (begin, end), in address order.
    fn gaps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let gaps = PyList::empty(py);
        for gap in self.index.gaps() {
            gaps.append((gap.begin, gap.end))?;
        }
        Ok(gaps)
    }

    /// The modules, in the order of their lowest maps: each file at each place
    /// where it is mapped or loaded.
    #[getter]
    fn modules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        Ok(self.known_modules(py)?.all(py).clone())
    }

    /// Return the module with this file name, or with this path if it holds a
    /// slash. Of several the first that has code, or else the first.
    ///
    /// Raises LookupError if there is none, with the names that come near.
    #[pyo3(signature = (name, /))]
    fn module<'py>(&self, name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Module>> {
        self.known_modules(name.py())?.named(&file_name(name)?)
    }

    /// Return what lies at the address: the map that find() returns, its module,
    /// and where in them; None where nothing is mapped.
    ///
    /// Raises TypeError for what is no integer.
    fn resolve(&self, py: Python<'_>, address: &Bound<'_, PyAny>) -> PyResult<Option<Location>> {
        let Some(address) = named_address(address, "address")? else {
            return Ok(None);
        };
        let Some(position) = self.index.find(address) else {
            return Ok(None);
        };
        let map = self.maps(py).get_item(position)?.cast_into()?;
        let module = self.known_modules(py)?.owner(py, position)?;
        Ok(Some(Location::of(address, map, module)))
    }

    /// Return what changed from this address space to a later one.
    ///
    /// Raises TypeError for what is no AddressSpace.
    #[pyo3(signature = (other, /))]
    fn diff(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Difference> {
        let other = instance::<Self>(other, "other", "an AddressSpace")?;
        Difference::of(slf.clone(), other.clone())
    }

    /// Return the position of a map in the space, from start up to stop.
    ///
    /// Raises ValueError if it is not there, TypeError if it is no Map.
    #[pyo3(
        signature = (value, start = None, stop = None, /),
        text_signature = "($self, value, start=0, stop=None, /)"
    )]
    fn index(
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
        match self
            .positions(instance(value, "value", "a Map")?)?
            .find(is_asked)
        {
            Some(position) => Ok(position),
            None => Err(PyValueError::new_err(format!(
                "{} is not in the AddressSpace",
                value.repr()?
            ))),
        }
    }

    /// Return how many times the space holds a map that equals this one.
    ///
    /// Raises TypeError if it is no Map.
    #[pyo3(signature = (value, /))]
    fn count(&self, value: &Bound<'_, PyAny>) -> PyResult<usize> {
        Ok(self.positions(instance(value, "value", "a Map")?)?.len())
    }

    fn __len__(&self) -> usize {
        self.len()
    }

    fn __getitem__<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = key.py();
        let maps = self.maps.bind(py).as_any();
        if key.is_instance_of::<PySlice>() {
            let some = Self::of(&maps.get_item(key)?)?;
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

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.maps.bind(py).try_iter()
    }

    fn __reversed__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let reversed = py.import("builtins")?.getattr("reversed")?;
        reversed.call1((&self.maps,))
    }

    fn __contains__(&self, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        match value.cast::<Map>() {
            Ok(map) => self.holds(map),
            Err(_) => match convert::address(value) {
                Ok(address) => Ok(address.is_some_and(|at| self.index.find(at).is_some())),
                Err(error) => Err(not_an_integer(
                    error,
                    value,
                    "element",
                    "a Map or an address",
                )),
            },
        }
    }

    fn __eq__(&self, other: &Self, py: Python<'_>) -> PyResult<bool> {
        self.maps.bind(py).eq(&other.maps)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.maps.bind(py).hash()
    }

    fn __repr__(&self) -> String {
        let (count, ranges) = (count(self.len()), self.index.ranges());
        match (ranges.first(), ranges.iter().map(|range| range.end).max()) {
            (Some(first), Some(end)) => {
                format!("<AddressSpace of {count}, {:#x}-{end:#x}>", first.begin)
            }
            _ => format!("<AddressSpace of {count}>"),
        }
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyType>, (Bound<'py, PyTuple>,)) {
        (py.get_type::<Self>(), (self.maps.bind(py).clone(),))
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (_memo, /))]
    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }
}
