//! Sums of what mappings cost.

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::formats::smaps::usage::{Field, Sum};
use crate::python::convert::{wrong_type, wrong_value};
use crate::python::errors::no_memory;
use crate::python::formats::memory_usage::MemoryUsage;

/// Return what all these mappings cost together, as a MemoryUsage whose map is
/// the range from the lowest address to the highest, named '[rollup]'.
///
/// A field is None unless every mapping has it. Page sizes, thp_eligible,
/// protection_key and vm_flags are None, and extra is empty, because they can't
/// be added up. The sum of nothing is 0. A sum of sums is the sum of all their
/// parts.
///
/// Over mappings of several processes, pss, uss and swap_pss still add up to
/// what is in use; rss counts a shared page once for each process. Each pss is
/// rounded down to 1024 bytes, so a sum is at most that much per mapping below
/// the pss of rollup().
///
/// Raises OverflowError if a sum does not fit in 64 bits, TypeError if one of
/// them is not a MemoryUsage.
#[pyfunction]
pub(in crate::python) fn sum_usage<'py>(
    py: Python<'py>,
    usages: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, MemoryUsage>> {
    let mut sum = Sum::default();
    for usage in usages.try_iter()? {
        add(&mut sum, &usage?)?;
    }
    Bound::new(py, MemoryUsage::from_sum(py, &sum)?)
}

/// Return a dict with what these mappings cost, in groups: from what the mappings
/// of a group have in common to their sum_usage(), in the order in which the
/// groups first occur.
///
/// The key 'pathname' is the name as printed, None for mappings without one;
/// 'module' is the path of the mapped file or device, so that a deleted file
/// counts with the one that took its place, None for all other mappings;
/// 'kind' is the kind, such as 'heap'. A function is called with each MemoryUsage,
/// and what it returns, anything that can be a key of a dict, names the group.
///
/// Raises ValueError for another key, and what sum_usage() and the function raise.
#[pyfunction]
pub(in crate::python) fn sum_usage_by<'py>(
    py: Python<'py>,
    usages: &Bound<'py, PyAny>,
    key: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let key = Key::from_argument(key)?;
    let places = PyDict::new(py);
    let mut sums: Vec<Sum> = Vec::new();
    for usage in usages.try_iter()? {
        let usage = usage?;
        let group = key.group(member(&usage)?)?;
        let place = if let Some(place) = places.get_item(&group)? {
            place.extract()?
        } else {
            places.set_item(&group, sums.len())?;
            sums.try_reserve(1).map_err(no_memory)?;
            sums.push(Sum::default());
            sums.len().saturating_sub(1)
        };
        if let Some(sum) = sums.get_mut(place) {
            add(sum, &usage)?;
        }
    }
    let groups = PyDict::new(py);
    for ((group, _), sum) in places.iter().zip(&sums) {
        groups.set_item(group, Bound::new(py, MemoryUsage::from_sum(py, sum)?)?)?;
    }
    Ok(groups)
}

/// What the mappings of a group have in common.
enum Key<'a, 'py> {
    Pathname,
    Module,
    Kind,
    Function(&'a Bound<'py, PyAny>),
}

impl<'a, 'py> Key<'a, 'py> {
    fn from_argument(key: &'a Bound<'py, PyAny>) -> PyResult<Self> {
        let Ok(name) = key.cast::<PyString>() else {
            return if key.is_callable() {
                Ok(Self::Function(key))
            } else {
                Err(wrong_type("key", "a str or a function", key))
            };
        };
        match name.to_cow().as_deref() {
            Ok("pathname") => Ok(Self::Pathname),
            Ok("module") => Ok(Self::Module),
            Ok("kind") => Ok(Self::Kind),
            _ => Err(wrong_value("key", "'pathname', 'module' or 'kind'", key)),
        }
    }

    fn group(&self, usage: &Bound<'py, MemoryUsage>) -> PyResult<Bound<'py, PyAny>> {
        let (map, py) = (usage.get().parts().0, usage.py());
        let name = match self {
            Self::Pathname => map.pathname(py)?.cloned(),
            Self::Module => map.path(py)?.cloned(),
            Self::Kind => Some(map.kind(py)),
            Self::Function(function) => return function.call1((usage,)),
        };
        name.into_bound_py_any(py)
    }
}

fn add(sum: &mut Sum, usage: &Bound<'_, PyAny>) -> PyResult<()> {
    let (map, usage) = member(usage)?.get().parts();
    sum.add(&map.fields(), usage).map_err(overflow)
}

fn member<'a, 'py>(usage: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, MemoryUsage>> {
    usage
        .cast::<MemoryUsage>()
        .map_err(|_| wrong_type("each of usages", "a MemoryUsage", usage))
}

/// The error for a sum that is too large.
pub(in crate::python) fn overflow(field: Field) -> PyErr {
    PyOverflowError::new_err(format!(
        "the sum of {} does not fit in 64 bits",
        field.attribute()
    ))
}
