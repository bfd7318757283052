//! A map as a value: equality, order, hash and text.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use pyo3::prelude::*;
use pyo3::types::PyString;

use super::Map;
use crate::mapping::text;
use crate::python::mapping::hash::TupleHasher;

impl Map {
    /// Field by field, a mapping without a name before any with one.
    pub(in crate::python) fn compare(&self, py: Python<'_>, other: &Self) -> PyResult<Ordering> {
        let by_fields = self.fields().cmp(&other.fields());
        match (by_fields, &self.name().pathname, &other.name().pathname) {
            (Ordering::Equal, Some(a), Some(b)) if !a.is(b) => a.bind(py).compare(b.bind(py)),
            (Ordering::Equal, a, b) => Ok(a.is_some().cmp(&b.is_some())),
            (by_fields, _, _) => Ok(by_fields),
        }
    }

    pub(in crate::python) fn is_equal(&self, py: Python<'_>, other: &Self) -> PyResult<bool> {
        if self.fields() != other.fields() {
            return Ok(false);
        }
        match (&self.name().pathname, &other.name().pathname) {
            (Some(a), Some(b)) => Ok(a.is(b) || a.bind(py).as_any().eq(b.bind(py))?),
            (a, b) => Ok(a.is_none() && b.is_none()),
        }
    }

    pub(super) fn hashed(&self, py: Python<'_>) -> PyResult<u64> {
        let mut hasher = TupleHasher::default();
        self.fields().hash(&mut hasher);
        if let Some(name) = &self.name().pathname {
            name.bind(py).hash()?.hash(&mut hasher);
        }
        Ok(hasher.finish())
    }

    /// The call that makes an equal map.
    pub(in crate::python) fn expression<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let pathname = self.pathname(py).into_pyobject(py)?.repr()?;
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
        match &self.name().pathname {
            None => Ok(PyString::new(py, &text::header(&self.fields())).into_any()),
            Some(name) => {
                let header = text::header_before_name(&self.fields());
                PyString::new(py, &header).add(name)
            }
        }
    }
}
