//! `Map`: one mapping, frozen.

mod copies;
mod methods;
mod value;

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::mapping::{Device, Fields, Lend, Mapping, Name, Permissions};
use crate::python::convert;
use crate::python::mapping::source::{self, Source};
use crate::space::index::AddressRange;

/// One memory mapping: a range of addresses, and what is mapped there.
///
/// The range is half-open: it contains begin_address and not end_address.
/// Addresses, sizes and offsets are integers, in bytes.
///
/// A Map is immutable. Equality, hash and order go by the seven arguments of the
/// constructor, in their order.
///
/// `str()` gives the line as the kernel prints it, `bytes()` the same to the byte,
/// `dict()` the seven arguments by name. `address in map_` tells whether the range
/// contains an address.
///
/// Raises TypeError, OverflowError or ValueError for an argument that a line of
/// `/proc/<pid>/maps` can't hold, and for an end before the begin.
///
/// Source: proc(5); show_map_vma in the kernel's fs/proc/task_mmu.c.
#[pyclass(frozen, mapping, module = "procmaps")]
pub(in crate::python) struct Map {
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
    pub(in crate::python) fn from_parts(
        py: Python<'_>,
        fields: Fields,
        name: Option<Name>,
    ) -> PyResult<Self> {
        let source = Source::shared(py, fields.device, name)?;
        Ok(Self::from_source(&fields, source))
    }

    /// A map of which the device is that of the source.
    #[inline]
    pub(in crate::python) fn from_source(fields: &Fields, source: Option<Arc<Source>>) -> Self {
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
    fn device_numbers(&self) -> Device {
        self.source
            .as_ref()
            .map_or(Device::NONE, |source| source.device)
    }

    #[inline]
    fn device_pair(&self, py: Python<'_>) -> PyResult<Py<PyTuple>> {
        match &self.source {
            Some(source) => Ok(source.device_pair.clone_ref(py)),
            None => source::device_pair(py, Device::NONE),
        }
    }

    pub(in crate::python) fn fields(&self) -> Fields {
        Fields {
            begin_address: self.begin_address,
            end_address: self.end_address,
            permissions: self.permissions,
            offset: self.offset,
            device: self.device_numbers(),
            inode: self.inode,
        }
    }

    #[inline]
    pub(in crate::python) fn range(&self) -> AddressRange {
        AddressRange {
            begin: self.begin_address,
            end: self.end_address,
        }
    }

    pub(in crate::python) fn clone_ref(&self) -> Self {
        Self {
            source: self.source.clone(),
            ..*self
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
}

impl Lend for Map {
    #[inline]
    fn mapping(&self) -> Mapping<'_> {
        Mapping {
            fields: self.fields(),
            pathname: self.name().map(Name::as_bytes),
        }
    }

    #[inline]
    fn name(&self) -> Option<&Name> {
        self.source.as_ref()?.name.as_ref()
    }
}

impl Lend for Py<Map> {
    #[inline]
    fn mapping(&self) -> Mapping<'_> {
        self.get().mapping()
    }

    #[inline]
    fn name(&self) -> Option<&Name> {
        self.get().name()
    }
}
