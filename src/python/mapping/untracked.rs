//! New objects that the garbage collector need not look at.

use pyo3::prelude::*;
use pyo3::pyclass::PyClass;

/// An object of a class whose fields can't lead back to it.
///
/// `PyO3` makes every class one that Python's cycle collector tracks, if only to
/// visit the type. An object that holds nothing but numbers and strings is never
/// part of a cycle, yet each full collection would look at it again, for as long
/// as it lives; for a list of 200,000 that is a third of the time to build it.
/// `CPython` untracks its own tuples of such values likewise.
pub(in crate::python) fn new<T>(py: Python<'_>, value: T) -> PyResult<Bound<'_, T>>
where
    T: PyClass + Into<PyClassInitializer<T>>,
{
    let object = Bound::new(py, value)?;
    // SAFETY: `object` is alive, and of a class that PyO3 made, which all have
    // the collector's header. An object may be untracked at any time, and more
    // than once: its deallocation does so again.
    #[allow(unsafe_code)]
    unsafe {
        pyo3::ffi::PyObject_GC_UnTrack(object.as_ptr().cast());
    }
    Ok(object)
}
