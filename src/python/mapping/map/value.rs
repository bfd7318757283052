//! A map as a value: equality, hash and text.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::Map;
use crate::mapping::{Lend, text};
use crate::python::convert::bytes;
use crate::python::mapping::hash::TupleHasher;

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.source, &other.source);
        match (a, b) {
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) => self.fields() == other.fields(),
            _ => self.mapping() == other.mapping(),
        }
    }
}

impl Map {
    pub(super) fn hashed(&self, py: Python<'_>) -> PyResult<u64> {
        let mut hasher = TupleHasher::default();
        self.fields().hash(&mut hasher);
        if let Some(name) = self.pathname(py)? {
            name.hash()?.hash(&mut hasher);
        }
        Ok(hasher.finish())
    }

    /// The call that makes an equal map.
    pub(in crate::python) fn expression<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let pathname = self.pathname(py)?.into_pyobject(py)?.repr()?;
        let numbers = format!(
            "Map(begin_address={:#x}, end_address={:#x}, permissions='{}', offset={:#x}, \
             device=({}, {}), inode={}, pathname=",
            self.begin_address,
            self.end_address,
            self.permissions.as_str(),
            self.offset,
            self.device_numbers().major,
            self.device_numbers().minor,
            self.inode,
        );
        // Python puts them together, where a long name may find no room.
        PyString::new(py, &numbers).add(pathname)?.add(")")
    }

    /// The line, as the kernel prints it.
    pub(super) fn line<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let start = PyString::new(py, &text::before_name(&self.mapping()));
        match self.pathname(py)? {
            None => Ok(start.into_any()),
            Some(name) => start.add(name),
        }
    }

    /// The same as bytes.
    pub(super) fn line_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let mapping = self.mapping();
        let start = text::before_name(&mapping);
        bytes(
            py,
            &[start.as_bytes(), mapping.pathname.unwrap_or_default()],
        )
    }
}
