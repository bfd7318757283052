//! `Map`: one mapping, frozen.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

use super::hash::TupleHasher;
use super::name::{Name, Source};
use super::{arguments, convert};
use crate::address_space::AddressRange;
use crate::display;
use crate::permissions::Permissions;
use crate::record::{Device, Fields};

/// The constructor's fields, in its order.
const FIELDS: [&str; 7] = [
    "begin_address",
    "end_address",
    "permissions",
    "offset",
    "device",
    "inode",
    "pathname",
];

/// One memory mapping: a range of addresses, and what is mapped there.
///
/// The range is half-open: it contains begin_address and not end_address.
/// Addresses, sizes and offsets are integers, in bytes.
///
/// A Map is immutable. Two are equal if all seven arguments of the constructor
/// are; so they are hashed, and in that order they are compared.
///
/// `str()` gives the line as the kernel prints it, `dict()` the seven arguments
/// by name. `address in map_` tells whether the range contains an address.
///
/// Raises TypeError, OverflowError or ValueError for an argument that no line
/// of `/proc/<pid>/maps` can hold, and for an end before the begin.
///
/// Source: proc(5); show_map_vma in the kernel's fs/proc/task_mmu.c.
#[pyclass(frozen, mapping, module = "procmaps")]
pub(super) struct Map {
    // With the object's two headers it fills 80 bytes, a size that Python hands
    // out; 8 more would make it 96.
    begin_address: u64,
    end_address: u64,
    offset: u64,
    inode: u64,
    /// `None` where there is neither a device nor a name.
    source: Option<Arc<Source>>,
    permissions: Permissions,
}

impl Map {
    pub(super) fn from_parts(fields: Fields, name: Name) -> Self {
        Self::from_source(&fields, Source::of(fields.device, name))
    }

    /// A map of which the device is that of the source.
    #[inline]
    pub(super) fn from_source(fields: &Fields, source: Option<Arc<Source>>) -> Self {
        Self {
            begin_address: fields.begin_address,
            end_address: fields.end_address,
            offset: fields.offset,
            inode: fields.inode,
            source,
            permissions: fields.permissions,
        }
    }

    #[inline]
    fn source(&self) -> &Source {
        self.source.as_deref().unwrap_or(Source::NONE)
    }

    #[inline]
    fn name(&self) -> &Name {
        &self.source().name
    }

    pub(super) fn fields(&self) -> Fields {
        Fields {
            begin_address: self.begin_address,
            end_address: self.end_address,
            permissions: self.permissions,
            offset: self.offset,
            device: self.source().device,
            inode: self.inode,
        }
    }

    #[inline]
    pub(super) fn range(&self) -> AddressRange {
        AddressRange {
            begin: self.begin_address,
            end: self.end_address,
        }
    }

    pub(super) fn clone_ref(&self) -> Self {
        Self {
            source: self.source.clone(),
            ..*self
        }
    }

    /// Field by field, a mapping without a name before any with one.
    pub(super) fn compare(&self, py: Python<'_>, other: &Self) -> PyResult<Ordering> {
        let by_fields = self.fields().cmp(&other.fields());
        match (by_fields, &self.name().pathname, &other.name().pathname) {
            (Ordering::Equal, Some(a), Some(b)) if !a.is(b) => a.bind(py).compare(b.bind(py)),
            (Ordering::Equal, a, b) => Ok(a.is_some().cmp(&b.is_some())),
            (by_fields, _, _) => Ok(by_fields),
        }
    }

    pub(super) fn is_equal(&self, py: Python<'_>, other: &Self) -> PyResult<bool> {
        if self.fields() != other.fields() {
            return Ok(false);
        }
        match (&self.name().pathname, &other.name().pathname) {
            (Some(a), Some(b)) => Ok(a.is(b) || a.bind(py).as_any().eq(b.bind(py))?),
            (a, b) => Ok(a.is_none() && b.is_none()),
        }
    }

    #[inline]
    fn contains(&self, address: u64) -> bool {
        self.begin_address <= address && address < self.end_address
    }

    /// The error for an address that is not in this mapping.
    fn outside(&self, address: &Bound<'_, PyAny>) -> PyErr {
        match convert::hexadecimal(address) {
            Ok(address) => PyValueError::new_err(format!(
                "address {address} is not in {:#x}-{:#x}",
                self.begin_address, self.end_address
            )),
            Err(error) => error,
        }
    }

    /// The seven arguments that make this map.
    fn arguments<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (
            self.begin_address,
            self.end_address,
            self.permissions.as_str(),
            self.offset,
            self.device(py)?,
            self.inode,
            self.pathname(py),
        )
            .into_pyobject(py)
    }
}

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
            device = Device::NONE, inode = 0, pathname = Name::NONE
        ),
        text_signature = "(begin_address, end_address, permissions='---p', offset=0, \
                          device=(0, 0), inode=0, pathname=None)"
    )]
    fn new(
        #[pyo3(from_py_with = arguments::begin_address)] begin_address: u64,
        #[pyo3(from_py_with = arguments::end_address)] end_address: u64,
        #[pyo3(from_py_with = arguments::permissions)] permissions: Permissions,
        #[pyo3(from_py_with = arguments::offset)] offset: u64,
        #[pyo3(from_py_with = arguments::device)] device: Device,
        #[pyo3(from_py_with = arguments::inode)] inode: u64,
        #[pyo3(from_py_with = Name::from_argument)] pathname: Name,
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
        Ok(Self::from_parts(fields, pathname))
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
    fn device<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.source().device_pair(py)
    }

    /// The inode of the source on its device; 0 where there is none.
    #[getter]
    fn inode(&self) -> u64 {
        self.inode
    }

    /// The name as printed, or None where there is none: a path, perhaps with
    /// ' (deleted)' after it, or a pseudo-path such as '[heap]'.
    ///
    /// A newline in a name stands as '\012'; bytes that are not UTF-8 stand as
    /// surrogate escapes, so that os.fsencode() gives them back.
    #[getter]
    pub(super) fn pathname<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyString>> {
        let pathname = self.name().pathname.as_ref();
        pathname.map(|pathname| pathname.bind(py).clone())
    }

    /// What is mapped, judged by the name: 'file', 'anonymous', 'heap', 'stack',
    /// 'vdso', 'vvar', 'vsyscall', 'memfd', 'shared_memory' (System V, shared
    /// anonymous), 'hugetlb', 'device', 'anon_inode' or 'other'.
    #[getter]
    pub(super) fn kind<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        PyString::intern(py, self.name().kind.as_str())
    }

    /// The path of the mapped file or device, None for every other kind: the
    /// pathname less one ' (deleted)', and with newlines for '\012'.
    ///
    /// It is the path in the mount namespace of the process. A file whose name
    /// really holds the four characters '\012' prints the same as one with a
    /// newline, and a file can be named 'x (deleted)': text can't tell. Where
    /// Process.find() asked the kernel, newlines are certain; a copy that is made
    /// from the arguments, by replace() or by pickle, has the guess again.
    #[getter]
    pub(super) fn path<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyString>> {
        let name = self.name();
        let path = name.path.as_ref().or(name.pathname.as_ref());
        path.filter(|_| name.kind.has_path())
            .map(|path| path.bind(py).clone())
    }

    /// Whether the mapped file or device was unlinked, as far as its name tells.
    ///
    /// Always False for other kinds: the kernel marks every memfd, System V and
    /// shared anonymous mapping as deleted.
    #[getter]
    pub(super) fn is_deleted(&self) -> bool {
        self.name().is_deleted
    }

    /// Return the offset in the mapping's source of an address in the mapping,
    /// in bytes: offset + (address - begin_address).
    ///
    /// Raises ValueError if the address is not in the mapping, TypeError if it
    /// is no integer.
    fn file_offset(&self, address: &Bound<'_, PyAny>) -> PyResult<u128> {
        let known = convert::address(address)?.filter(|&address| self.contains(address));
        match known.and_then(|address| address.checked_sub(self.begin_address)) {
            Some(distance) => Ok(u128::from(self.offset).saturating_add(distance.into())),
            None => Err(self.outside(address)),
        }
    }

    fn __contains__(&self, address: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(convert::address(address)?.is_some_and(|address| self.contains(address)))
    }

    fn __richcmp__(&self, other: &Self, op: CompareOp, py: Python<'_>) -> PyResult<bool> {
        match op {
            CompareOp::Eq => self.is_equal(py, other),
            CompareOp::Ne => Ok(!self.is_equal(py, other)?),
            _ => Ok(op.matches(self.compare(py, other)?)),
        }
    }

    pub(super) fn __hash__(&self, py: Python<'_>) -> PyResult<u64> {
        let mut hasher = TupleHasher::default();
        self.fields().hash(&mut hasher);
        if let Some(name) = &self.name().pathname {
            name.bind(py).hash()?.hash(&mut hasher);
        }
        Ok(hasher.finish())
    }

    pub(super) fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let pathname = self.pathname(py).into_pyobject(py)?.repr()?;
        Ok(format!(
            "Map(begin_address={:#x}, end_address={:#x}, permissions='{}', offset={:#x}, \
             device=({}, {}), inode={}, pathname={pathname})",
            self.begin_address,
            self.end_address,
            self.permissions.as_str(),
            self.offset,
            self.source().device.major,
            self.source().device.minor,
            self.inode,
        ))
    }

    fn __str__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match &self.name().pathname {
            None => Ok(PyString::new(py, &display::header(&self.fields())).into_any()),
            Some(name) => {
                let header = display::header_before_name(&self.fields());
                PyString::new(py, &header).add(name)
            }
        }
    }

    /// Return a copy with other values for the named arguments of the
    /// constructor, and with its errors.
    #[pyo3(signature = (**changes), text_signature = "($self, **changes)")]
    fn replace<'py>(
        &self,
        py: Python<'py>,
        changes: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let arguments = self.asdict(py)?;
        if let Some(changes) = changes {
            arguments.update(changes.as_mapping())?;
        }
        py.get_type::<Self>().call((), Some(&arguments))
    }

    #[pyo3(signature = (**changes), text_signature = "($self, **changes)")]
    fn __replace__<'py>(
        &self,
        py: Python<'py>,
        changes: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.replace(py, changes)
    }

    /// Return the seven arguments of the constructor by name: Map(**m.asdict())
    /// equals m.
    fn asdict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        for (name, value) in FIELDS.iter().zip(self.arguments(py)?) {
            fields.set_item(PyString::intern(py, name), value)?;
        }
        Ok(fields)
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
