//! `Difference`: what changed between two moments.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyType;

use super::address_space::AddressSpace;
use super::maps::pick;
use crate::mapping::Lend;
use crate::python::convert::instance;
use crate::python::errors::no_memory;
use crate::python::html::html;
use crate::python::mapping::map::Map;

/// What changed in an address space between two moments, each as an AddressSpace.
///
/// A map that is in both is in none of these; one that is listed n times counts
/// as n. Where maps of the same range differ, the map has changed. Where all but
/// one end is the same, and with it the part of the file, it has grown or shrunk,
/// as [heap] and [stack] do. What is left was added or removed.
///
/// `AddressSpace.diff()` gives one. It is true if anything changed. Equality and
/// hash go by the two spaces.
///
/// Raises TypeError if an argument is not an AddressSpace.
#[pyclass(frozen, module = "procmaps")]
pub(in crate::python) struct Difference {
    before: Py<AddressSpace>,
    after: Py<AddressSpace>,
    added: Py<AddressSpace>,
    removed: Py<AddressSpace>,
    changed: Pairs,
    grown: Pairs,
    shrunk: Pairs,
}

/// Maps as they were and as they are, at the same positions.
struct Pairs {
    old: Vec<Py<Map>>,
    new: Py<AddressSpace>,
}

impl Pairs {
    fn new(
        py: Python<'_>,
        before: &AddressSpace,
        after: &AddressSpace,
        pairs: &[(usize, usize)],
    ) -> PyResult<Self> {
        Ok(Self {
            old: pick(py, before.space(), pairs.iter().map(|&(old, _)| old))?,
            new: Py::new(py, after.pick(py, pairs.iter().map(|&(_, new)| new))?)?,
        })
    }

    fn previous(&self, map: &Map) -> Option<&Py<Map>> {
        let mut positions = self.new.get().space().positions(&map.mapping());
        self.old.get(positions.next()?)
    }

    fn space<'py>(&self, py: Python<'py>) -> Bound<'py, AddressSpace> {
        self.new.bind(py).clone()
    }

    fn len(&self) -> usize {
        self.old.len()
    }
}

impl Difference {
    pub(in crate::python) fn new(
        before: Bound<'_, AddressSpace>,
        after: Bound<'_, AddressSpace>,
    ) -> PyResult<Self> {
        let py = before.py();
        let (old, new) = (before.get(), after.get());
        let found = old.space().diff(new.space()).map_err(no_memory)?;
        Ok(Self {
            added: Py::new(py, new.pick(py, found.added)?)?,
            removed: Py::new(py, old.pick(py, found.removed)?)?,
            changed: Pairs::new(py, old, new, &found.changed)?,
            grown: Pairs::new(py, old, new, &found.grown)?,
            shrunk: Pairs::new(py, old, new, &found.shrunk)?,
            before: before.unbind(),
            after: after.unbind(),
        })
    }

    fn counts(&self) -> [(usize, &'static str); 5] {
        [
            (self.added.get().len(), "added"),
            (self.removed.get().len(), "removed"),
            (self.changed.len(), "changed"),
            (self.grown.len(), "grown"),
            (self.shrunk.len(), "shrunk"),
        ]
    }
}

#[pymethods]
impl Difference {
    #[new]
    fn py_new(before: &Bound<'_, PyAny>, after: &Bound<'_, PyAny>) -> PyResult<Self> {
        let before = instance(before, "before", "an AddressSpace")?;
        let after = instance(after, "after", "an AddressSpace")?;
        Self::new(before.clone(), after.clone())
    }

    /// The earlier address space.
    #[getter]
    fn before<'py>(&self, py: Python<'py>) -> Bound<'py, AddressSpace> {
        self.before.bind(py).clone()
    }

    /// The later address space.
    #[getter]
    fn after<'py>(&self, py: Python<'py>) -> Bound<'py, AddressSpace> {
        self.after.bind(py).clone()
    }

    /// The maps that were not there before.
    #[getter]
    fn added<'py>(&self, py: Python<'py>) -> Bound<'py, AddressSpace> {
        self.added.bind(py).clone()
    }

    /// The maps that are not there any more.
    #[getter]
    fn removed<'py>(&self, py: Python<'py>) -> Bound<'py, AddressSpace> {
        self.removed.bind(py).clone()
    }

    /// The maps that have the same range as before, and other permissions, another
    /// name or another source; as they are after.
    #[getter]
    fn changed<'py>(&self, py: Python<'py>) -> Bound<'py, AddressSpace> {
        self.changed.space(py)
    }

    /// The maps that have become larger at one end; as they are after.
    #[getter]
    fn grown<'py>(&self, py: Python<'py>) -> Bound<'py, AddressSpace> {
        self.grown.space(py)
    }

    /// The maps that have become smaller at one end; as they are after.
    #[getter]
    fn shrunk<'py>(&self, py: Python<'py>) -> Bound<'py, AddressSpace> {
        self.shrunk.space(py)
    }

    /// Return what a map was before that changed, has grown or has shrunk; of equal
    /// maps the first.
    ///
    /// Raises ValueError if the map is not in `changed`, `grown` or `shrunk`,
    /// TypeError if it is not a Map.
    #[pyo3(signature = (map_, /))]
    fn previous(&self, map_: &Bound<'_, PyAny>) -> PyResult<&Py<Map>> {
        let map = instance::<Map>(map_, "map_", "a Map")?;
        let pairs = [&self.changed, &self.grown, &self.shrunk];
        match pairs.iter().find_map(|pairs| pairs.previous(map.get())) {
            Some(old) => Ok(old),
            None => Err(PyValueError::new_err(format!(
                "{} is not among what changed, has grown or has shrunk",
                map.repr()?
            ))),
        }
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        html(slf, "difference")
    }

    fn __bool__(&self) -> bool {
        self.counts().iter().any(|&(count, _)| count != 0)
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.before.get().__eq__(other.before.get()) && self.after.get().__eq__(other.after.get())
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        (self.before(py), self.after(py)).into_pyobject(py)?.hash()
    }

    fn __repr__(&self) -> String {
        let counts = self.counts().map(|(count, what)| format!("{count} {what}"));
        format!("<Difference: {}>", counts.join(", "))
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> (
        Bound<'py, PyType>,
        (Bound<'py, AddressSpace>, Bound<'py, AddressSpace>),
    ) {
        (py.get_type::<Self>(), (self.before(py), self.after(py)))
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (_memo, /))]
    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }
}
