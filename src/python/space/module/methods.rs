//! What Python sees of a module: its methods, with their docstrings.

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

use super::{Module, are_equal};
use crate::mapping::Name;
use crate::python::convert::{hexadecimal, index, integer, named_address, not_an_integer};
use crate::python::html::html;
use crate::python::space::address_space::AddressSpace;
use crate::python::space::maps::count;
use crate::space;

#[pymethods]
impl Module {
    #[new]
    #[pyo3(signature = (maps, load_bias = None))]
    fn py_new(maps: &Bound<'_, PyAny>, load_bias: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let class = maps.py().get_type::<AddressSpace>();
        let maps = class.call1((maps,))?.cast_into::<AddressSpace>()?;
        let maps = Arc::clone(maps.get().space());
        let load_bias = load_bias.map(|bias| integer(bias, "load_bias"));
        let load_bias = load_bias.transpose()?;
        match space::Module::from_maps(maps.maps()) {
            Ok(module) => Ok(Self::new(module.with_load_bias(load_bias), maps)),
            Err(error) => Err(PyValueError::new_err(error.to_string())),
        }
    }

    /// The maps of the module; memory between and after them is not among them.
    #[getter]
    fn maps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, AddressSpace>> {
        let object = || Py::new(py, AddressSpace::new(Arc::clone(&self.maps)));
        Ok(self
            .maps_object
            .get_or_try_init(py, object)?
            .bind(py)
            .clone())
    }

    /// The path of the file, as Map.path has it; None for a memfd.
    #[getter]
    fn path<'py>(&self, py: Python<'py>) -> PyResult<Option<&Bound<'py, PyString>>> {
        match self.lowest() {
            Some(map) => map.path(py),
            None => Ok(None),
        }
    }

    /// The name of the file: the last part of its path, or 'memfd:' and the name
    /// of a memfd.
    #[getter]
    fn name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        self.file_name(py)
    }

    /// Whether the file was unlinked, as far as its name tells.
    #[getter]
    fn is_deleted(&self) -> bool {
        self.file().is_some_and(Name::is_deleted)
    }

    /// Where offset 0 of the file lies, or would lie if it were mapped: the begin
    /// address of the lowest map less its offset.
    ///
    /// For a shared library or a position-independent program whose first segment
    /// is linked for address 0, as nearly all are, an address less this is the
    /// address in the ELF file, as nm and addr2line have it; `load_bias` is right
    /// for others too. Below zero where the file begins at a place that no memory
    /// has.
    #[getter]
    fn base_address(&self) -> i128 {
        self.base()
    }

    /// What was added to the addresses in the ELF file when it was loaded, as
    /// dl_iterate_phdr(3) has it in `dlpi_addr`: an address less this is the
    /// address that nm, addr2line and DWARF know. Below zero where the file lies
    /// below the addresses that it was linked for.
    ///
    /// None where the program headers were not read, as of modules from text, or
    /// where they do not fit the maps, as of a file that is mapped as data.
    #[getter]
    fn load_bias(&self) -> Option<i128> {
        self.bias()
    }

    /// The begin address of the lowest map of the module.
    #[getter]
    fn begin_address(&self) -> u64 {
        self.grouped.range().begin
    }

    /// The first address past the last map of the module.
    #[getter]
    fn end_address(&self) -> u64 {
        self.grouped.range().end
    }

    /// The device that holds the file, as Map.device has it.
    #[getter]
    fn device(&self) -> (u32, u32) {
        let device = self.grouped.lowest().device;
        (device.major, device.minor)
    }

    /// The inode of the file on its device.
    #[getter]
    fn inode(&self) -> u64 {
        self.grouped.lowest().inode
    }

    /// Whether one of its maps may be executed: that of a program or library that
    /// was loaded, and of no file that is mapped as data.
    #[getter]
    fn is_executable(&self) -> bool {
        self.has_code()
    }

    /// How many bytes are mapped; what several maps contain counts once.
    #[getter]
    fn size(&self) -> u64 {
        self.maps.index().size()
    }

    /// Return the offset in the file of an address in the module, in bytes.
    ///
    /// Raises ValueError if the address is in none of the module's maps, TypeError
    /// if it is not an integer.
    fn file_offset(&self, py: Python<'_>, address: &Bound<'_, PyAny>) -> PyResult<u128> {
        let known = named_address(address, "address")?;
        let offset = known.and_then(|known| {
            let map = self.maps.maps().get(self.maps.find(known)?)?;
            map.get().fields().file_offset(known)
        });
        offset.ok_or_else(|| self.error(py, "address", address, "in a map of"))
    }

    /// Return the lowest address at which the module has this byte of the file.
    ///
    /// Segments can share a page of the file: such a byte is mapped twice, and only
    /// one of the two is where a program looks for it. Raises ValueError if the byte
    /// is not mapped, TypeError if file_offset is not an integer.
    fn address_of(&self, py: Python<'_>, file_offset: &Bound<'_, PyAny>) -> PyResult<u64> {
        let asked = index(file_offset)
            .map_err(|error| not_an_integer(error, file_offset, "file_offset", "an integer"))?;
        if let Ok(offset) = asked.extract::<u128>() {
            let mut maps = self.maps.maps().iter().map(|map| map.get().fields());
            if let Some(address) = maps.find_map(|fields| fields.address_of(offset)) {
                return Ok(address);
            }
        }
        Err(self.error(py, "file offset", file_offset, "mapped from"))
    }

    fn __contains__(&self, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.maps(value.py())?.contains(value)
    }

    pub(in crate::python) fn __eq__(&self, other: &Self) -> bool {
        are_equal(&self.maps, &other.maps)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.maps(py)?.hash()
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        html(slf, "module")
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let base = hexadecimal(self.base().into_pyobject(py)?.as_any())?;
        let count = count(self.maps.maps().len());
        let rest = PyString::new(py, &format!(" at {base}, {count}>"));
        PyString::new(py, "<Module ").add(self.name(py)?)?.add(rest)
    }

    #[allow(clippy::type_complexity)] // the arguments, which occur nowhere else
    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyType>, (Bound<'py, AddressSpace>, Option<i128>))> {
        Ok((py.get_type::<Self>(), (self.maps(py)?, self.bias())))
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (_memo, /))]
    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }
}
