//! What Python sees of an address space: its methods, with their docstrings.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyIterator, PyList, PyTuple, PyType};

use super::AddressSpace;
use crate::linux::filter::Filter;
use crate::linux::listing::Listing;
use crate::linux::procfs::ProcRoot;
use crate::mapping::{Lend, text};
use crate::python::arrow::objects;
use crate::python::convert::{self, asked_range, file_name, instance, named_address};
use crate::python::core_dump;
use crate::python::errors::no_memory;
use crate::python::formats::input::BadLines;
use crate::python::formats::maps;
use crate::python::html::html;
use crate::python::linux::{listing, proc_root};
use crate::python::mapping::map::Map;
use crate::python::space::difference::Difference;
use crate::python::space::location::Location;
use crate::python::space::module::{Module, are_equal};
use crate::python::space::named::{matching, named};

#[pymethods]
impl AddressSpace {
    #[new]
    fn py_new(maps: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::from_iterable(maps)
    }

    /// Return the address space of a running process; see procmaps.from_pid.
    #[classmethod]
    #[pyo3(
        signature = (pid, *, proc = ProcRoot::default()),
        text_signature = "($cls, pid, *, proc='/proc')"
    )]
    fn from_pid(
        cls: &Bound<'_, PyType>,
        pid: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = proc_root::argument)] proc: ProcRoot,
    ) -> PyResult<Self> {
        let path = proc_root::process_path(pid, proc)?;
        let filter = Filter::default();
        let listing = Listing::of_path(&path, filter);
        Self::from_maps(listing::collect(cls.py(), &path, filter, listing)?)
    }

    /// Return the address space in a core file; see procmaps.from_core.
    #[classmethod]
    fn from_core(cls: &Bound<'_, PyType>, path: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (core, _) = core_dump::maps::open(cls.py(), path)?;
        Self::from_maps(core_dump::maps::collect(cls.py(), &core)?)
    }

    /// Return the address space in a maps file; see procmaps.from_path.
    #[classmethod]
    #[pyo3(
        signature = (path, *, errors = BadLines::Refuse),
        text_signature = "($cls, path, *, errors='strict')"
    )]
    fn from_path(
        cls: &Bound<'_, PyType>,
        path: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = BadLines::from_argument)] errors: BadLines,
    ) -> PyResult<Self> {
        Self::from_maps(maps::of_path(cls.py(), path, errors)?)
    }

    /// Return the address space in maps text; see procmaps.from_str.
    #[classmethod]
    #[pyo3(
        signature = (maps_data, *, errors = BadLines::Refuse),
        text_signature = "($cls, maps_data, *, errors='strict')"
    )]
    fn from_str(
        cls: &Bound<'_, PyType>,
        maps_data: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = BadLines::from_argument)] errors: BadLines,
    ) -> PyResult<Self> {
        Self::from_maps(maps::of_str(cls.py(), maps_data, errors)?)
    }

    /// Return the address space in maps bytes; see procmaps.from_bytes.
    #[classmethod]
    #[pyo3(
        signature = (maps_data, *, errors = BadLines::Refuse),
        text_signature = "($cls, maps_data, *, errors='strict')"
    )]
    fn from_bytes(
        cls: &Bound<'_, PyType>,
        maps_data: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = BadLines::from_argument)] errors: BadLines,
    ) -> PyResult<Self> {
        Self::from_maps(maps::of_bytes(cls.py(), maps_data, errors)?)
    }

    /// How many bytes are mapped; what several maps contain counts once.
    #[getter]
    pub(in crate::python) fn size(&self) -> u64 {
        self.space.index().size()
    }

    /// Return the map that contains the address, or None: also for an integer
    /// that is no address, such as -1 or 2**64.
    ///
    /// Where several maps contain it, the last of them in order. Raises TypeError if
    /// the address is not an integer.
    fn find(&self, address: &Bound<'_, PyAny>) -> PyResult<Option<&Py<Map>>> {
        let position = named_address(address, "address")?.and_then(|at| self.space.find(at));
        Ok(position.and_then(|position| self.space.maps().get(position)))
    }

    /// Return what find() returns, for each of many addresses in their order.
    ///
    /// Takes any iterable of integers; several times as fast as a loop.
    fn find_many<'py>(&self, addresses: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        self.find_all(addresses.py(), addresses)
    }

    /// Return the maps that share an address with the range from begin up to end.
    ///
    /// An empty range shares no address. Raises ValueError if end is below begin,
    /// TypeError if one of them is not an integer.
    fn overlapping(
        &self,
        py: Python<'_>,
        begin: &Bound<'_, PyAny>,
        end: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let asked = asked_range(begin, end)?;
        self.pick(py, self.space.index().overlapping(asked.range))
    }

    /// Return whether every address from begin up to end is mapped, by one map or by
    /// several side by side. True for an empty range.
    ///
    /// Raises ValueError if end is below begin, TypeError if one of them is not an
    /// integer.
    fn covers(&self, begin: &Bound<'_, PyAny>, end: &Bound<'_, PyAny>) -> PyResult<bool> {
        let asked = asked_range(begin, end)?;
        Ok(asked.is_whole && self.space.index().covers(asked.range))
    }

    /// Return the ranges between the first and the last map that no map contains,
    /// each as (begin, end), in address order.
    fn gaps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let gaps = PyList::empty(py);
        for gap in self.space.index().gaps() {
            gaps.append((gap.begin, gap.end))?;
        }
        Ok(gaps)
    }

    /// The modules, in the order of their lowest maps: each file at each place
    /// where it is mapped or loaded.
    #[getter]
    fn modules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        Ok(self.module_objects(py)?.clone())
    }

    /// Return the module with this file name, or with this path or pathname, as
    /// printed with ' (deleted)', if it holds a slash. If there are several, the
    /// first that has code, or else the first.
    ///
    /// Raises LookupError if there is none, with similar names in the message.
    #[pyo3(signature = (name, /))]
    fn module<'py>(&self, name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Module>> {
        named(self.module_objects(name.py())?, &file_name(name)?)
    }

    /// Return the modules whose name, path or pathname as printed matches a pattern
    /// of the shell, such as 'libssl*', as fnmatch.fnmatchcase() does, in their order.
    ///
    /// With executable=True those alone that have code, which leaves out files that
    /// are mapped as data; with executable=False those alone that have none.
    #[pyo3(signature = (pattern, *, executable = None))]
    fn find_modules<'py>(
        &self,
        pattern: &Bound<'py, PyAny>,
        executable: Option<bool>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let modules = self.module_objects(pattern.py())?;
        matching(modules, &file_name(pattern)?, executable)
    }

    /// Return what lies at the address: the map that find() returns, its module,
    /// and where in them; None where nothing is mapped.
    ///
    /// Raises TypeError if the address is not an integer.
    fn resolve(&self, py: Python<'_>, address: &Bound<'_, PyAny>) -> PyResult<Option<Location>> {
        match named_address(address, "address")? {
            Some(address) => self.location(py, address),
            None => Ok(None),
        }
    }

    /// Return the maps as the kernel prints them, each with a newline after it.
    ///
    /// AddressSpace.from_bytes() gives an equal one back, with any bytes in the
    /// names.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let mappings = self.space.maps().iter().map(Lend::mapping);
        convert::bytes(py, &[&text::document(mappings).map_err(no_memory)?])
    }

    /// Return what changed from this address space to a later one.
    ///
    /// Raises TypeError if an argument is not an AddressSpace.
    #[pyo3(signature = (other, /))]
    fn diff(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Difference> {
        let other = instance::<Self>(other, "other", "an AddressSpace")?;
        Difference::new(slf.clone(), other.clone())
    }

    /// Return the position of a map in the space, from start up to stop.
    ///
    /// Raises ValueError if it is not there, TypeError if it is not a Map.
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
        self.position_of(value, start, stop)
    }

    /// Return how many times the space holds a map that equals this one.
    ///
    /// Raises TypeError if it is not a Map.
    #[pyo3(signature = (value, /))]
    fn count(&self, value: &Bound<'_, PyAny>) -> PyResult<usize> {
        let map = instance::<Map>(value, "value", "a Map")?;
        Ok(self.space.positions(&map.get().mapping()).len())
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        html(slf, "address_space")
    }

    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        objects::space(self.space())?.__arrow_c_stream__(py, requested_schema)
    }

    fn __len__(&self) -> usize {
        self.len()
    }

    fn __getitem__<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.item(key)
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.tuple(py)?.try_iter()
    }

    fn __reversed__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let reversed = py.import("builtins")?.getattr("reversed")?;
        reversed.call1((self.tuple(py)?,))
    }

    fn __contains__(&self, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.holds(value)
    }

    pub(in crate::python) fn __eq__(&self, other: &Self) -> bool {
        are_equal(&self.space, &other.space)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.tuple(py)?.hash()
    }

    fn __repr__(&self) -> String {
        self.describe()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (py.get_type::<Self>(), (self.tuple(py)?,)).into_pyobject(py)
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (_memo, /))]
    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }
}
