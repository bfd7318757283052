//! `MemoryUsage`: what one mapping costs in memory, frozen.

mod arguments;
mod copies;
mod methods;
mod value;

use std::collections::HashMap;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyFrozenSet, PyList};

use crate::formats::smaps::usage::{Sum, Usage};
use crate::formats::smaps::vm_flags;
use crate::formats::smaps::{MappingUsage, Value};
use crate::mapping::Spelling;
use crate::python::convert::decode;
use crate::python::errors::no_memory;
use crate::python::mapping::map::Map;
use crate::python::mapping::source::Sources;

/// What a memory mapping costs: a record of `/proc/<pid>/smaps`.
///
/// Sizes are integers, in bytes. A field that the kernel does not print is None,
/// never 0. The fields depend on its version, its configuration and the machine.
/// A field that is not listed here is kept in extra.
///
/// A MemoryUsage is immutable. Equality, hash and order go by all arguments of
/// the constructor, in their order; None is the least. `dict()` gives the
/// arguments by name.
///
/// Raises TypeError or OverflowError for an argument that a record can't hold.
///
/// Source: show_smap in the kernel's fs/proc/task_mmu.c;
/// Documentation/filesystems/proc.rst.
#[pyclass(frozen, mapping, str, module = "procmaps")]
pub(in crate::python) struct MemoryUsage {
    map: Map,
    /// The same as an object, which few mappings are ever asked for.
    map_object: PyOnceLock<Py<Map>>,
    usage: Usage,
    vm_flags: Option<Py<PyFrozenSet>>,
    /// Never empty, and never changed once it is here.
    extra: Option<Py<PyDict>>,
}

impl MemoryUsage {
    /// What a record of smaps becomes.
    #[inline]
    pub(in crate::python) fn from_record<'a>(
        py: Python<'_>,
        record: &MappingUsage<'a>,
        shared: &mut Shared<'a>,
    ) -> PyResult<Self> {
        let fields = &record.map.fields;
        let source = shared.sources.get(py, fields.device, record.map.pathname)?;
        Ok(Self {
            map: Map::from_source(fields, source),
            map_object: PyOnceLock::new(),
            usage: record.usage,
            vm_flags: match record.vm_flags {
                None => None,
                Some(flags) => Some(shared.flags(py, flags)?),
            },
            extra: extra(py, &record.extra)?,
        })
    }

    /// What a sum becomes.
    pub(in crate::python) fn from_sum(py: Python<'_>, sum: &Sum) -> PyResult<Self> {
        let record = MappingUsage {
            map: sum.map(),
            usage: *sum.usage(),
            vm_flags: None,
            extra: Vec::new(),
        };
        Self::from_record(py, &record, &mut Shared::default())
    }

    pub(in crate::python) fn parts(&self) -> (&Map, &Usage) {
        (&self.map, &self.usage)
    }
}

/// Parts that are the same for many mappings of a document.
pub(in crate::python) struct Shared<'a> {
    sources: Sources,
    flags: HashMap<&'a [u8], Py<PyFrozenSet>>,
}

impl Default for Shared<'_> {
    fn default() -> Self {
        Self {
            sources: Sources::new(Spelling::Printed),
            flags: HashMap::new(),
        }
    }
}

impl<'a> Shared<'a> {
    #[inline]
    fn flags(&mut self, py: Python<'_>, text: &'a [u8]) -> PyResult<Py<PyFrozenSet>> {
        if let Some(flags) = self.flags.get(text) {
            return Ok(flags.clone_ref(py));
        }
        let codes = PyList::empty(py);
        for code in vm_flags::codes(text) {
            codes.append(decode(py, code)?)?;
        }
        let flags = PyFrozenSet::new(py, codes)?.unbind();
        self.flags.try_reserve(1).map_err(no_memory)?;
        self.flags.insert(text, flags.clone_ref(py));
        Ok(flags)
    }
}

/// The fields that have no attribute, by the kernel's names.
#[inline]
fn extra(py: Python<'_>, fields: &[(&[u8], Value<'_>)]) -> PyResult<Option<Py<PyDict>>> {
    if fields.is_empty() {
        return Ok(None);
    }
    let extra = PyDict::new(py);
    for (name, value) in fields {
        let name = decode(py, name)?;
        match value {
            Value::Number(number) => extra.set_item(name, number)?,
            Value::Text(text) => extra.set_item(name, decode(py, text)?)?,
        }
    }
    Ok(Some(extra.unbind()))
}
