//! `Module`: one file at one place in memory.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

use crate::mapping::Fields;
use crate::python::convert::{hexadecimal, index, not_an_integer};
use crate::python::mapping::map::Map;
use crate::python::space::address_space::AddressSpace;
use crate::python::space::records::{EncodedNames, count};
use crate::space::modules;

/// The maps of one file at one place: a program, a library, a file of data.
///
/// A file that is mapped or loaded at two places is two modules, and so are a
/// deleted file and the one that took its name. Memory without a name is part of
/// no module, also where it follows one as a `.bss` does: text can't tell it from
/// other memory that happens to lie there.
///
/// Modules are told apart by device, inode, name and the order of offsets, in
/// the way loaders lay out ELF files. `AddressSpace.modules` lists them; to make
/// one takes the maps of one file. Two are equal if their maps are.
///
/// Raises ValueError for maps that are not of one file, TypeError for what is no
/// Map.
#[pyclass(frozen, module = "procmaps")]
pub(in crate::python) struct Module {
    maps: Py<AddressSpace>,
    path: Option<Py<PyString>>,
    name: Py<PyString>,
    is_deleted: bool,
    lowest: Fields,
    end_address: u64,
}

impl Module {
    /// The module that these maps make, if they are of one file.
    pub(in crate::python) fn of(maps: AddressSpace, py: Python<'_>) -> PyResult<Self> {
        let names = EncodedNames::of(maps.maps(py))?;
        let records = names.records()?;
        let mut sources = records.iter().map(modules::source);
        let (Some(first), Some(Some(source))) = (records.first(), sources.next()) else {
            return Err(PyValueError::new_err("maps must be of a file"));
        };
        if sources.any(|other| other != Some(source)) {
            return Err(PyValueError::new_err("maps must be of one file"));
        }
        let lowest = maps.maps(py).get_item(0)?;
        let lowest = lowest.cast::<Map>()?.get();
        let ends = records.iter().map(|record| record.fields.end_address);
        let path = lowest.path(py);
        Ok(Self {
            name: file_name(lowest, py)?.unbind(),
            path: path.map(Bound::unbind),
            is_deleted: lowest.is_deleted(),
            lowest: first.fields,
            end_address: ends.max().unwrap_or_default(),
            maps: Py::new(py, maps)?,
        })
    }

    pub(in crate::python) fn base(&self) -> i128 {
        modules::base_address(&self.lowest)
    }

    pub(in crate::python) fn file_name<'py>(&self, py: Python<'py>) -> &Bound<'py, PyString> {
        self.name.bind(py)
    }

    pub(in crate::python) fn file_path<'py>(
        &self,
        py: Python<'py>,
    ) -> Option<&Bound<'py, PyString>> {
        self.path.as_ref().map(|path| path.bind(py))
    }

    /// Whether a part of it can be executed, as of a program that was loaded.
    pub(in crate::python) fn has_code(&self, py: Python<'_>) -> PyResult<bool> {
        let mut has_code = false;
        for item in self.maps.get().maps(py).iter_borrowed() {
            let fields = item.cast::<Map>()?.get().fields();
            has_code |= fields.permissions.is_executable();
        }
        Ok(has_code)
    }

    pub(in crate::python) fn holds(&self, map: &Bound<'_, Map>) -> PyResult<bool> {
        self.maps.get().holds(map)
    }

    fn error(&self, py: Python<'_>, what: &str, number: &Bound<'_, PyAny>, why: &str) -> PyErr {
        match (hexadecimal(number), self.name.bind(py).repr()) {
            (Ok(number), Ok(name)) => {
                PyValueError::new_err(format!("{what} {number} is not {why} {name}"))
            }
            (Err(error), _) | (_, Err(error)) => error,
        }
    }
}

/// The last part of a path; of a memfd the name without what the kernel adds.
fn file_name<'py>(map: &Map, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
    let name = match (map.path(py), map.pathname(py)) {
        (Some(path), _) => path.call_method1("rpartition", ("/",))?.get_item(2)?,
        (None, Some(name)) => {
            let name = name.call_method1("removesuffix", (" (deleted)",))?;
            name.call_method1("removeprefix", ("/",))?
        }
        (None, None) => PyString::new(py, "").into_any(),
    };
    Ok(name.cast_into()?)
}

#[pymethods]
impl Module {
    #[new]
    fn new(maps: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::of(AddressSpace::of(maps)?, maps.py())
    }

    /// The maps of the module; memory between and after them is not among them.
    #[getter]
    fn maps<'py>(&self, py: Python<'py>) -> Bound<'py, AddressSpace> {
        self.maps.bind(py).clone()
    }

    /// The path of the file, as Map.path has it; None for a memfd.
    #[getter]
    fn path<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyString>> {
        self.path.as_ref().map(|path| path.bind(py).clone())
    }

    /// The name of the file: the last part of its path, or 'memfd:' and the name
    /// of a memfd.
    #[getter]
    fn name<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        self.name.bind(py).clone()
    }

    /// Whether the file was unlinked, as far as its name tells.
    #[getter]
    fn is_deleted(&self) -> bool {
        self.is_deleted
    }

    /// Where offset 0 of the file lies, or would lie if it were mapped: the begin
    /// address of the lowest map less its offset.
    ///
    /// For a shared library or a position-independent program, an address less
    /// this is the address in the ELF file, as nm and addr2line have it. Below
    /// zero where the file begins at a place that no memory has.
    #[getter]
    fn base_address(&self) -> i128 {
        self.base()
    }

    /// The first address past the last map of the module.
    #[getter]
    fn end_address(&self) -> u64 {
        self.end_address
    }

    /// How many bytes are mapped; what several maps contain counts once.
    #[getter]
    fn size(&self) -> u64 {
        self.maps.get().size()
    }

    /// Return the offset in the file of an address in the module, in bytes.
    ///
    /// Raises ValueError if the address is in none of the module's maps, TypeError
    /// if it is no integer.
    fn file_offset<'py>(
        &self,
        py: Python<'py>,
        address: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        match self.maps.get().find(py, address)? {
            Some(map) => map.call_method1("file_offset", (address,)),
            None => Err(self.error(py, "address", address, "in a map of")),
        }
    }

    /// Return the lowest address at which the module has this byte of the file.
    ///
    /// Segments can share a page of the file: such a byte is mapped twice, and
    /// only one of the two is where a program looks for it. Raises ValueError if
    /// the byte is not mapped, TypeError if file_offset is no integer.
    fn address_of(&self, py: Python<'_>, file_offset: &Bound<'_, PyAny>) -> PyResult<u64> {
        let asked = index(file_offset)
            .map_err(|error| not_an_integer(error, file_offset, "file_offset", "an integer"))?;
        if let Ok(offset) = asked.extract::<u128>() {
            for item in self.maps.get().maps(py).iter_borrowed() {
                let fields = item.cast::<Map>()?.get().fields();
                if let Some(address) = modules::address_of(&fields, offset) {
                    return Ok(address);
                }
            }
        }
        Err(self.error(py, "file offset", file_offset, "mapped from"))
    }

    fn __eq__(&self, other: &Self, py: Python<'_>) -> PyResult<bool> {
        self.maps.bind(py).eq(&other.maps)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.maps.bind(py).hash()
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let base = hexadecimal(self.base().into_pyobject(py)?.as_any())?;
        let count = count(self.maps.get().len());
        let rest = PyString::new(py, &format!(" at {base}, {count}>"));
        PyString::new(py, "<Module ").add(&self.name)?.add(rest)
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> (Bound<'py, PyType>, (Bound<'py, AddressSpace>,)) {
        (py.get_type::<Self>(), (self.maps(py),))
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (_memo, /))]
    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }
}
