//! A map as the arguments that make another one: for dicts, copies and pickles.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::Map;

/// The constructor's fields, in its order.
pub(super) const FIELDS: [&str; 7] = [
    "begin_address",
    "end_address",
    "permissions",
    "offset",
    "device",
    "inode",
    "pathname",
];

impl Map {
    /// The seven arguments that make this map.
    pub(super) fn arguments<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (
            self.begin_address,
            self.end_address,
            self.permissions.as_str(),
            self.offset,
            self.device_pair(py)?,
            self.inode,
            self.pathname(py)?,
        )
            .into_pyobject(py)
    }

    /// The same by name.
    pub(super) fn by_name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        for (name, value) in FIELDS.iter().zip(self.arguments(py)?) {
            fields.set_item(PyString::intern(py, name), value)?;
        }
        Ok(fields)
    }

    /// What the arguments make with others in the place of some.
    pub(super) fn with<'py>(
        &self,
        py: Python<'py>,
        changes: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let arguments = self.by_name(py)?;
        if let Some(changes) = changes {
            arguments.update(changes.as_mapping())?;
        }
        py.get_type::<Self>().call((), Some(&arguments))
    }
}
