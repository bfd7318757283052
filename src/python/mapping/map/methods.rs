//! What Python sees of a map: its attributes and methods, with their docstrings.

use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple, PyType};

use super::Map;
use super::copies::FIELDS;
use crate::mapping::{Device, Fields, Kind, Lend, Name, Permissions};
use crate::python::convert;
use crate::python::mapping::arguments;

#[pymethods]
impl Map {
    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Py<PyTuple>> {
        Ok(PyTuple::new(py, FIELDS)?.unbind())
    }

    #[new]
    #[pyo3(
        signature = (
            begin_address, end_address, permissions = Permissions::NONE, offset = 0,
            device = Device::NONE, inode = 0, pathname = None::<Name>
        ),
        text_signature = "(begin_address, end_address, permissions='---p', offset=0, \
                          device=(0, 0), inode=0, pathname=None)"
    )]
    #[allow(clippy::too_many_arguments)] // one for each field
    fn new(
        py: Python<'_>,
        #[pyo3(from_py_with = arguments::begin_address)] begin_address: u64,
        #[pyo3(from_py_with = arguments::end_address)] end_address: u64,
        #[pyo3(from_py_with = arguments::permissions)] permissions: Permissions,
        #[pyo3(from_py_with = arguments::offset)] offset: u64,
        #[pyo3(from_py_with = arguments::device)] device: Device,
        #[pyo3(from_py_with = arguments::inode)] inode: u64,
        #[pyo3(from_py_with = arguments::pathname)] pathname: Option<Name>,
    ) -> PyResult<Self> {
        if end_address < begin_address {
            return Err(PyValueError::new_err(format!(
                "end_address must not be below begin_address, \
                 {end_address:#x} is below {begin_address:#x}"
            )));
        }
        let fields = Fields {
            begin_address,
            end_address,
            permissions,
            offset,
            device,
            inode,
        };
        Self::from_parts(py, fields, pathname)
    }

    /// The first address in the mapping.
    #[getter]
    fn begin_address(&self) -> u64 {
        self.begin_address
    }

    /// The first address past the mapping: the range is half-open.
    #[getter]
    fn end_address(&self) -> u64 {
        self.end_address
    }

    /// The size of the mapping in bytes: end_address - begin_address.
    #[getter]
    fn size(&self) -> u64 {
        self.end_address.saturating_sub(self.begin_address)
    }

    /// The permissions as the kernel prints them, such as 'r-xp': read, write,
    /// execute, and s for shared or p for private (copy-on-write).
    #[getter]
    fn permissions<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        PyString::intern(py, self.permissions.as_str())
    }

    /// Whether the pages may be read.
    #[getter]
    fn is_readable(&self) -> bool {
        self.permissions.is_readable()
    }

    /// Whether the pages may be written.
    #[getter]
    fn is_writable(&self) -> bool {
        self.permissions.is_writable()
    }

    /// Whether the pages may be executed.
    #[getter]
    fn is_executable(&self) -> bool {
        self.permissions.is_executable()
    }

    /// Whether writes go to the source and to all who map it (MAP_SHARED).
    #[getter]
    fn is_shared(&self) -> bool {
        self.permissions.is_shared()
    }

    /// Whether writes stay in this process (MAP_PRIVATE, copy-on-write).
    #[getter]
    fn is_private(&self) -> bool {
        !self.permissions.is_shared()
    }

    /// Where in its source the mapping begins, in bytes; 0 where it has none.
    #[getter]
    fn offset(&self) -> u64 {
        self.offset
    }

    /// The device that holds the source, as (major, minor); (0, 0) where there
    /// is none. Compare with os.major() and os.minor() of a file's st_dev; on
    /// btrfs and overlay file systems stat(2) reports another device.
    #[getter]
    fn device(&self, py: Python<'_>) -> PyResult<Py<PyTuple>> {
        self.device_pair(py)
    }

    /// The inode of the source on its device; 0 where there is none.
    #[getter]
    fn inode(&self) -> u64 {
        self.inode
    }

    /// The name as printed, or None where there is none: a path, perhaps with
    /// ' (deleted)' after it, or a pseudo-path such as '[heap]'.
    ///
    /// A newline in a name is written '\012'. Bytes that are not UTF-8 become
    /// surrogate escapes, so that os.fsencode() gives them back. In a locale other
    /// than UTF-8, encode('utf-8', 'surrogateescape') does.
    #[getter]
    pub(in crate::python) fn pathname<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Option<&Bound<'py, PyString>>> {
        match &self.source {
            Some(source) => source.pathname(py),
            None => Ok(None),
        }
    }

    /// What is mapped, judged by the name: 'file', 'anonymous', 'heap', 'stack',
    /// 'vdso', 'vvar', 'vsyscall', 'memfd', 'shared_memory' (System V, shared
    /// anonymous), 'hugetlb', 'device', 'anon_inode' or 'other'.
    #[getter]
    pub(in crate::python) fn kind<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        let kind = self.name().map_or(Kind::Anonymous, Name::kind);
        PyString::intern(py, kind.as_str())
    }

    /// The path of the mapped file or device, None for every other kind: the
    /// pathname without one ' (deleted)' at its end, and with '\012' turned into
    /// newlines.
    ///
    /// It is the path in the mount namespace of the process. A file whose name
    /// really holds the four characters '\012' prints the same as one with a
    /// newline, and a file can be named 'x (deleted)': text can't tell. When the
    /// kernel was asked, as Process.find() does, newlines are right in every case; a
    /// copy that is made from the arguments, by replace() or by pickle, is read from
    /// its text again.
    #[getter]
    pub(in crate::python) fn path<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Option<&Bound<'py, PyString>>> {
        match &self.source {
            Some(source) => source.path(py),
            None => Ok(None),
        }
    }

    /// Whether the mapped file or device was unlinked, as far as its name tells.
    ///
    /// Always False for other kinds: the kernel marks every memfd, System V and
    /// shared anonymous mapping as deleted.
    #[getter]
    pub(in crate::python) fn is_deleted(&self) -> bool {
        self.name().is_some_and(Name::is_deleted)
    }

    /// Return the offset in the mapping's source of an address in the mapping,
    /// in bytes: offset + (address - begin_address).
    ///
    /// Raises ValueError if the address is not in the mapping, TypeError if it is
    /// not an integer.
    fn file_offset(&self, address: &Bound<'_, PyAny>) -> PyResult<u128> {
        let offset = convert::address(address)?.and_then(|at| self.fields().file_offset(at));
        offset.ok_or_else(|| self.outside(address))
    }

    fn __contains__(&self, address: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(convert::address(address)?.is_some_and(|address| self.contains(address)))
    }

    fn __richcmp__(&self, other: &Self, op: CompareOp) -> bool {
        match op {
            CompareOp::Eq => self == other,
            CompareOp::Ne => self != other,
            _ => op.matches(self.mapping().cmp(&other.mapping())),
        }
    }

    pub(in crate::python) fn __hash__(&self, py: Python<'_>) -> PyResult<u64> {
        self.hashed(py)
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.expression(py)
    }

    fn __str__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.line(py)
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.line_bytes(py)
    }

    /// Return a copy with other values for the named arguments of the
    /// constructor, and with its errors.
    #[pyo3(signature = (**changes), text_signature = "($self, **changes)")]
    fn replace<'py>(
        &self,
        py: Python<'py>,
        changes: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.with(py, changes)
    }

    #[pyo3(signature = (**changes), text_signature = "($self, **changes)")]
    fn __replace__<'py>(
        &self,
        py: Python<'py>,
        changes: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.with(py, changes)
    }

    /// Return the seven arguments of the constructor by name: Map(**m.asdict())
    /// equals m.
    fn asdict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.by_name(py)
    }

    /// Return the names of the constructor's arguments, for dict(map_).
    #[allow(clippy::unused_self)] // the mapping protocol asks an instance
    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, FIELDS)
    }

    fn __getitem__<'py>(
        slf: &Bound<'py, Self>,
        key: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        match key.cast::<PyString>() {
            Ok(name) if FIELDS.iter().any(|field| name == field) => slf.getattr(name),
            // In a tuple: a key that is one itself would become all the arguments.
            _ => Err(PyKeyError::new_err((key.clone().unbind(),))),
        }
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        Ok((py.get_type::<Self>(), self.arguments(py)?))
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (_memo, /))]
    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }
}
