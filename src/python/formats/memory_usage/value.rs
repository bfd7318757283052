//! A memory usage as a value: equality, order, hash and text.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyList, PyString, PyTuple};

use super::MemoryUsage;
use crate::arrow::printable;
use crate::formats::smaps::usage::Field;
use crate::formats::smaps::vm_flags;
use crate::mapping::Lend;

impl MemoryUsage {
    /// A tuple that orders as the arguments after the map do. What is None becomes an empty
    /// tuple, which sorts before any other.
    pub(super) fn order<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let mut parts = Vec::new();
        for field in Field::all() {
            let value = self.usage.get(field);
            let part = value.map_or_else(|| Ok(PyTuple::empty(py)), |n| (n,).into_pyobject(py));
            parts.push(part?.into_any().unbind());
        }
        let flags = self.vm_flags.as_ref().map(|flags| sorted(flags.bind(py)));
        parts.push(match flags {
            None => PyTuple::empty(py).into_any().unbind(),
            Some(flags) => (flags?,).into_pyobject(py)?.into_any().unbind(),
        });
        let mut extra = Vec::new();
        for (name, value) in self.extra.iter().flat_map(|extra| extra.bind(py).iter()) {
            // Numbers and texts don't compare with each other.
            extra.push((name, value.is_instance_of::<PyString>(), value).into_pyobject(py)?);
        }
        parts.push(sorted(&extra.into_pyobject(py)?)?.unbind());
        PyTuple::new(py, parts)
    }

    pub(super) fn matches(&self, py: Python<'_>, other: &Self, op: CompareOp) -> PyResult<bool> {
        match op {
            CompareOp::Eq => self.is_equal(py, other),
            CompareOp::Ne => Ok(!self.is_equal(py, other)?),
            _ => Ok(op.matches(self.compare(py, other)?)),
        }
    }

    fn is_equal(&self, py: Python<'_>, other: &Self) -> PyResult<bool> {
        Ok(self.usage == other.usage
            && self.map == other.map
            && equal(py, self.vm_flags.as_ref(), other.vm_flags.as_ref())?
            && equal(py, self.extra.as_ref(), other.extra.as_ref())?)
    }

    /// Map by map, then by the arguments after it.
    fn compare(&self, py: Python<'_>, other: &Self) -> PyResult<Ordering> {
        match self.map.mapping().cmp(&other.map.mapping()) {
            Ordering::Equal => self.order(py)?.compare(other.order(py)?),
            by_map => Ok(by_map),
        }
    }

    pub(super) fn hashed(&self, py: Python<'_>) -> PyResult<u64> {
        let mut hasher = DefaultHasher::new();
        self.map.__hash__(py)?.hash(&mut hasher);
        self.usage.hash(&mut hasher);
        if let Some(flags) = &self.vm_flags {
            flags.bind(py).hash()?.hash(&mut hasher);
        }
        if let Some(extra) = &self.extra {
            let items = PyFrozenSet::new(py, extra.bind(py).items())?;
            items.hash()?.hash(&mut hasher);
        }
        Ok(hasher.finish())
    }

    /// The call that makes an equal object.
    pub(super) fn expression<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let arguments = PyList::new(py, [self.map.expression(py)?])?;
        for (name, value) in self.keywords(py)? {
            // In an order that doesn't change from run to run.
            let value = match value.cast::<PyFrozenSet>() {
                Ok(flags) => sorted(flags)?,
                Err(_) => value,
            };
            arguments.append(name.add("=")?.add(value.repr()?)?)?;
        }
        let arguments = PyString::new(py, ", ").call_method1("join", (arguments,))?;
        PyString::new(py, "MemoryUsage(").add(arguments)?.add(")")
    }

    /// What the codes in `vm_flags` mean.
    pub(super) fn meanings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let meanings = PyDict::new(py);
        let Some(flags) = self.vm_flags.as_ref().map(|flags| flags.bind(py)) else {
            return Ok(meanings);
        };
        for (code, meaning) in vm_flags::known() {
            if flags.contains(code)? {
                meanings.set_item(code, meaning)?;
            }
        }
        for code in sorted(flags)?.try_iter()? {
            let code = code?;
            if !meanings.contains(&code)? {
                meanings.set_item(&code, &code)?;
            }
        }
        Ok(meanings)
    }
}

/// In short, in the unit of the kernel: `1000-3000 r-xp /usr/bin/true: rss 8 kB, pss 4 kB`.
impl fmt::Display for MemoryUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mapping = self.map.mapping();
        let fields = &mapping.fields;
        let permissions = fields.permissions.as_str();
        write!(
            f,
            "{:x}-{:x} {permissions}",
            fields.begin_address, fields.end_address
        )?;
        if let Some(name) = mapping.pathname {
            write!(f, " {}", printable(name))?;
        }
        let shown = [Field::Size, Field::Rss, Field::Pss, Field::Swap];
        let mut mark = ": ";
        for field in shown {
            if let Some(size) = self.usage.get(field) {
                write!(f, "{mark}{} {} kB", field.attribute(), size / 1024)?;
                mark = ", ";
            }
        }
        Ok(())
    }
}

fn sorted<'py>(values: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let builtins = values.py().import("builtins")?;
    builtins.call_method1("sorted", (values,))
}

fn equal<T>(py: Python<'_>, a: Option<&Py<T>>, b: Option<&Py<T>>) -> PyResult<bool> {
    match (a, b) {
        (Some(a), Some(b)) => Ok(a.is(b) || a.bind(py).as_any().eq(b.bind(py).as_any())?),
        (a, b) => Ok(a.is_none() && b.is_none()),
    }
}
