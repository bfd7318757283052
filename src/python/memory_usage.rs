//! `MemoryUsage`: what one mapping costs in memory, frozen.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyFrozenSet, PyMappingProxy, PyString, PyTuple};

use super::convert::decode;
use super::map::Map;
use super::name::Names;
use super::usage_arguments::{self, Arguments};
use crate::smaps::{Record, Value};
use crate::usage::{Field, Sum, Unit, Usage};
use crate::vm_flags;

/// What a memory mapping costs: a record of `/proc/<pid>/smaps`.
///
/// Sizes are integers, in bytes. A field that the kernel does not print is None,
/// never 0: which there are depends on its version, its configuration and the
/// machine. A field that is not listed here is kept in extra.
///
/// A MemoryUsage is immutable. Two are equal if all arguments of the constructor
/// are; so they are hashed, and in that order they are compared, None first.
///
/// Raises TypeError or OverflowError for an argument that no record can hold.
///
/// Source: show_smap in the kernel's fs/proc/task_mmu.c;
/// Documentation/filesystems/proc.rst.
#[pyclass(frozen, module = "procmaps")]
pub(super) struct MemoryUsage {
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
    pub(super) fn from_record<'a>(
        py: Python<'_>,
        record: &Record<'a>,
        shared: &mut Shared<'a>,
    ) -> PyResult<Self> {
        let fields = &record.map.fields;
        let source = shared.names.get(py, fields.device, record.map.pathname)?;
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
    pub(super) fn from_sum(py: Python<'_>, sum: &Sum) -> PyResult<Self> {
        let record = Record {
            map: sum.map(),
            usage: *sum.usage(),
            vm_flags: None,
            extra: Vec::new(),
        };
        Self::from_record(py, &record, &mut Shared::default())
    }

    pub(super) fn parts(&self) -> (&Map, &Usage) {
        (&self.map, &self.usage)
    }

    /// The keyword arguments that make this object, without those that are None.
    fn keywords<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let keywords = PyDict::new(py);
        for field in Field::all() {
            match (field.unit(), self.usage.get(field)) {
                (_, None) => {}
                (Unit::Flag, Some(value)) => keywords.set_item(field.attribute(), value != 0)?,
                (_, Some(value)) => keywords.set_item(field.attribute(), value)?,
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

    /// A tuple that orders as the arguments after the map do. What is None becomes an empty
    /// tuple, which sorts before any other.
    fn order<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
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

    fn is_equal(&self, py: Python<'_>, other: &Self) -> PyResult<bool> {
        Ok(self.usage == other.usage
            && self.map.is_equal(py, &other.map)?
            && equal(py, self.vm_flags.as_ref(), other.vm_flags.as_ref())?
            && equal(py, self.extra.as_ref(), other.extra.as_ref())?)
    }
}

/// Parts that are the same for many mappings of a document.
#[derive(Default)]
pub(super) struct Shared<'a> {
    names: Names<'a>,
    flags: HashMap<&'a [u8], Py<PyFrozenSet>>,
}

impl<'a> Shared<'a> {
    #[inline]
    fn flags(&mut self, py: Python<'_>, text: &'a [u8]) -> PyResult<Py<PyFrozenSet>> {
        if let Some(flags) = self.flags.get(text) {
            return Ok(flags.clone_ref(py));
        }
        let codes: Vec<_> = vm_flags::codes(text)
            .map(|code| decode(py, code))
            .collect::<PyResult<_>>()?;
        let flags = PyFrozenSet::new(py, codes)?.unbind();
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

#[pymethods]
impl MemoryUsage {
    #[new]
    #[pyo3(
        signature = (map, **fields),
        text_signature = "(map, *, size=None, kernel_page_size=None, \
                          mmu_page_size=None, rss=None, pss=None, pss_dirty=None, \
                          pss_anon=None, pss_file=None, pss_shmem=None, \
                          shared_clean=None, shared_dirty=None, private_clean=None, \
                          private_dirty=None, referenced=None, anonymous=None, \
                          ksm=None, lazy_free=None, anon_huge_pages=None, \
                          shmem_pmd_mapped=None, file_pmd_mapped=None, \
                          shared_hugetlb=None, private_hugetlb=None, swap=None, \
                          swap_pss=None, locked=None, thp_eligible=None, \
                          protection_key=None, vm_flags=None, extra={})"
    )]
    fn new(map: &Bound<'_, PyAny>, fields: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let py = map.py();
        let map = usage_arguments::map(map)?;
        let Arguments {
            usage,
            vm_flags,
            extra,
        } = usage_arguments::read(fields)?;
        let map_object = PyOnceLock::new();
        Ok(Self {
            map: map_object.get_or_init(py, || map).get().clone_ref(),
            map_object,
            usage,
            vm_flags,
            extra,
        })
    }

    /// The mapping; of a rollup or a sum the range that it covers, under the name
    /// '[rollup]'.
    #[getter]
    fn map<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, Map>> {
        let object = || Py::new(py, self.map.clone_ref());
        Ok(self.map_object.get_or_try_init(py, object)?.bind(py))
    }

    /// The size of the mapping in bytes, whether in memory or not.
    #[getter]
    fn size(&self) -> Option<u64> {
        self.usage.get(Field::Size)
    }

    /// The size of its pages in bytes, as the kernel allocates them.
    #[getter]
    fn kernel_page_size(&self) -> Option<u64> {
        self.usage.get(Field::KernelPageSize)
    }

    /// The size of its pages in bytes, as the processor maps them; another than
    /// kernel_page_size only where the kernel emulates a larger page.
    #[getter]
    fn mmu_page_size(&self) -> Option<u64> {
        self.usage.get(Field::MmuPageSize)
    }

    /// The resident set size: how many bytes of it are in memory.
    #[getter]
    fn rss(&self) -> Option<u64> {
        self.usage.get(Field::Rss)
    }

    /// The proportional set size in bytes: of each page in memory, the share that
    /// falls to this process when all that map the page share it evenly.
    #[getter]
    fn pss(&self) -> Option<u64> {
        self.usage.get(Field::Pss)
    }

    /// The part of pss that is dirty: written to and not yet stored, in bytes.
    #[getter]
    fn pss_dirty(&self) -> Option<u64> {
        self.usage.get(Field::PssDirty)
    }

    /// The part of pss that belongs to no file, in bytes; in a rollup only.
    #[getter]
    fn pss_anon(&self) -> Option<u64> {
        self.usage.get(Field::PssAnon)
    }

    /// The part of pss that belongs to files, in bytes; in a rollup only.
    #[getter]
    fn pss_file(&self) -> Option<u64> {
        self.usage.get(Field::PssFile)
    }

    /// The part of pss that is shared memory (shmem, tmpfs), in bytes; in a
    /// rollup only.
    #[getter]
    fn pss_shmem(&self) -> Option<u64> {
        self.usage.get(Field::PssShmem)
    }

    /// Bytes in memory that are mapped more than once and not written to.
    ///
    /// It is counted page by page, whether the mapping is shared or private.
    #[getter]
    fn shared_clean(&self) -> Option<u64> {
        self.usage.get(Field::SharedClean)
    }

    /// Bytes in memory that are mapped more than once and written to.
    #[getter]
    fn shared_dirty(&self) -> Option<u64> {
        self.usage.get(Field::SharedDirty)
    }

    /// Bytes in memory that are mapped once and not written to.
    #[getter]
    fn private_clean(&self) -> Option<u64> {
        self.usage.get(Field::PrivateClean)
    }

    /// Bytes in memory that are mapped once and written to.
    #[getter]
    fn private_dirty(&self) -> Option<u64> {
        self.usage.get(Field::PrivateDirty)
    }

    /// Bytes in memory that are marked as accessed.
    #[getter]
    fn referenced(&self) -> Option<u64> {
        self.usage.get(Field::Referenced)
    }

    /// Bytes in memory that belong to no file, among them the copies of a file's
    /// pages that were written to in a private mapping.
    #[getter]
    fn anonymous(&self) -> Option<u64> {
        self.usage.get(Field::Anonymous)
    }

    /// Bytes in memory that kernel samepage merging (KSM) has merged, without
    /// pages of zeros.
    #[getter]
    fn ksm(&self) -> Option<u64> {
        self.usage.get(Field::Ksm)
    }

    /// Bytes in memory that were given up with madvise(MADV_FREE) and are not
    /// freed yet.
    #[getter]
    fn lazy_free(&self) -> Option<u64> {
        self.usage.get(Field::LazyFree)
    }

    /// Bytes in transparent huge pages that belong to no file.
    #[getter]
    fn anon_huge_pages(&self) -> Option<u64> {
        self.usage.get(Field::AnonHugePages)
    }

    /// Bytes in transparent huge pages of shared memory (shmem, tmpfs).
    #[getter]
    fn shmem_pmd_mapped(&self) -> Option<u64> {
        self.usage.get(Field::ShmemPmdMapped)
    }

    /// Bytes in transparent huge pages of other files.
    #[getter]
    fn file_pmd_mapped(&self) -> Option<u64> {
        self.usage.get(Field::FilePmdMapped)
    }

    /// Bytes in pages of hugetlbfs that are mapped more than once; not in rss,
    /// pss or any other field.
    #[getter]
    fn shared_hugetlb(&self) -> Option<u64> {
        self.usage.get(Field::SharedHugetlb)
    }

    /// Bytes in pages of hugetlbfs that are mapped once; not in rss, pss or any
    /// other field.
    #[getter]
    fn private_hugetlb(&self) -> Option<u64> {
        self.usage.get(Field::PrivateHugetlb)
    }

    /// Bytes of it that are in swap space; for shared memory those of the mapped
    /// part of the object.
    #[getter]
    fn swap(&self) -> Option<u64> {
        self.usage.get(Field::Swap)
    }

    /// The proportional share of swap in bytes; without shared memory.
    #[getter]
    fn swap_pss(&self) -> Option<u64> {
        self.usage.get(Field::SwapPss)
    }

    /// The part of pss that is locked in memory (mlock), in bytes.
    #[getter]
    fn locked(&self) -> Option<u64> {
        self.usage.get(Field::Locked)
    }

    /// The unique set size: private_clean + private_dirty, the bytes that would
    /// be free without this process. None where one of the two is.
    #[getter]
    fn uss(&self) -> Option<u64> {
        self.usage.unique()
    }

    /// Whether the mapping can get transparent huge pages, of any size that is
    /// enabled now.
    #[getter]
    fn thp_eligible(&self) -> Option<bool> {
        self.usage.get(Field::ThpEligible).map(|value| value != 0)
    }

    /// The memory protection key, see pkeys(7); printed only where the processor
    /// has such keys.
    #[getter]
    fn protection_key(&self) -> Option<u64> {
        self.usage.get(Field::ProtectionKey)
    }

    /// The kernel's flags for the mapping as codes of two letters, such as 'rd';
    /// describe_flags() says what they mean.
    #[getter]
    fn vm_flags(&self, py: Python<'_>) -> Option<Py<PyFrozenSet>> {
        self.vm_flags.as_ref().map(|flags| flags.clone_ref(py))
    }

    /// All fields that have no attribute, by the kernel's names: a number is an
    /// int, in bytes where the kernel prints kB, anything else a str.
    #[getter]
    fn extra<'py>(&self, py: Python<'py>) -> Bound<'py, PyMappingProxy> {
        let extra = match &self.extra {
            Some(extra) => extra.bind(py).clone(),
            None => PyDict::new(py),
        };
        PyMappingProxy::new(py, extra.as_mapping())
    }

    /// Return what the codes in vm_flags mean, in the kernel's order. A code that
    /// is not known stands for itself, at the end.
    ///
    /// Source: show_smap_vma_flags in the kernel's fs/proc/task_mmu.c.
    fn describe_flags<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
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

    fn __richcmp__(&self, other: &Self, op: CompareOp, py: Python<'_>) -> PyResult<bool> {
        match op {
            CompareOp::Eq => self.is_equal(py, other),
            CompareOp::Ne => Ok(!self.is_equal(py, other)?),
            _ => {
                let by_map = self.map.compare(py, &other.map)?;
                let ordering = match by_map {
                    Ordering::Equal => self.order(py)?.compare(other.order(py)?)?,
                    by_map => by_map,
                };
                Ok(op.matches(ordering))
            }
        }
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<u64> {
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

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut arguments = vec![self.map.__repr__(py)?];
        for (name, value) in self.keywords(py)? {
            // In an order that doesn't change from run to run.
            let value = match value.cast::<PyFrozenSet>() {
                Ok(flags) => sorted(flags)?,
                Err(_) => value,
            };
            arguments.push(format!("{name}={}", value.repr()?));
        }
        Ok(format!("MemoryUsage({})", arguments.join(", ")))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, ())> {
        // The only callable with keywords that every pickle protocol knows.
        let partial = py.import("functools")?.getattr("partial")?;
        let arguments = (py.get_type::<Self>(), self.map(py)?);
        Ok((partial.call(arguments, Some(&self.keywords(py)?))?, ()))
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (_memo, /))]
    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }
}
