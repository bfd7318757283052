//! What notebooks show, which Python code writes.

use pyo3::prelude::*;

/// The HTML of an object, from the function of `procmaps._html` with this name.
pub(super) fn html<'py, T>(object: &Bound<'py, T>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let writer = object.py().import("procmaps._html")?;
    writer.call_method1(name, (object.as_any(),))
}
