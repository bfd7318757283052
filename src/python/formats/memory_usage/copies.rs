//! A memory usage as the arguments that make another one: for dicts and pickles.

use std::iter::once;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::MemoryUsage;
use crate::formats::smaps::usage::{Field, Unit};
use crate::python::mapping::map::Map;

impl MemoryUsage {
    /// The names of the constructor's arguments, in its order.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        let fields = Field::all().map(Field::attribute);
        once("map").chain(fields).chain(["vm_flags", "extra"])
    }

    /// All arguments by name, with `missing` for what is None.
    pub(super) fn by_name<'py>(
        &self,
        py: Python<'py>,
        missing: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let arguments = PyDict::new(py);
        for name in Self::names() {
            let name = PyString::intern(py, name);
            let value = self.argument(&name)?;
            arguments.set_item(name, value.as_ref().or(missing))?;
        }
        Ok(arguments)
    }

    /// The argument with this name, for a subscription.
    pub(super) fn item<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        match key.cast::<PyString>() {
            Ok(name) if Self::names().any(|known| name == known) => {
                let value = self.argument(name)?;
                Ok(value.unwrap_or_else(|| key.py().None().into_bound(key.py())))
            }
            // In a tuple: a key that is one itself would become all the arguments.
            _ => Err(PyKeyError::new_err((key.clone().unbind(),))),
        }
    }

    /// The value of one of the arguments, `None` for what is not known.
    fn argument<'py>(&self, name: &Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = name.py();
        match (Field::from_attribute(&name.to_cow()?), &*name.to_cow()?) {
            (Some(field), _) => self.number(py, field),
            (None, "map") => Ok(Some(self.map_as_object(py)?.clone().into_any())),
            (None, "vm_flags") => {
                let flags = self.vm_flags.as_ref();
                Ok(flags.map(|flags| flags.bind(py).clone().into_any()))
            }
            (None, _) => {
                // A copy: what it is made of never changes.
                let extra = self.extra.as_ref().map(|extra| extra.bind(py).copy());
                Ok(Some(
                    extra.unwrap_or_else(|| Ok(PyDict::new(py)))?.into_any(),
                ))
            }
        }
    }

    fn number<'py>(&self, py: Python<'py>, field: Field) -> PyResult<Option<Bound<'py, PyAny>>> {
        let value = self.usage.get(field).map(|value| match field.unit() {
            Unit::Flag => (value != 0).into_bound_py_any(py),
            Unit::Bytes | Unit::BytesPerPage | Unit::Key => value.into_bound_py_any(py),
        });
        value.transpose()
    }

    /// The map as an object, always the same one.
    pub(super) fn map_as_object<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, Map>> {
        let object = || Py::new(py, self.map.clone_ref());
        Ok(self.map_object.get_or_try_init(py, object)?.bind(py))
    }

    /// The keyword arguments that make this object, without those that are None.
    pub(super) fn keywords<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let keywords = PyDict::new(py);
        for field in Field::all() {
            if let Some(value) = self.number(py, field)? {
                keywords.set_item(field.attribute(), value)?;
            }
        }
        if let Some(flags) = &self.vm_flags {
            keywords.set_item("vm_flags", flags)?;
        }
        if let Some(extra) = &self.extra {
            keywords.set_item("extra", extra.bind(py).copy()?)?;
        }
        Ok(keywords)
    }

    /// A callable that makes an equal object, the only kind with keywords that
    /// every pickle protocol knows.
    pub(super) fn constructor<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let partial = py.import("functools")?.getattr("partial")?;
        let arguments = (py.get_type::<Self>(), self.map_as_object(py)?);
        partial.call(arguments, Some(&self.keywords(py)?))
    }
}
