//! What Python sees of a memory usage: its attributes and methods, with their
//! docstrings.

use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyMappingProxy, PyTuple};

use super::{MemoryUsage, arguments};
use crate::formats::smaps::usage::Field;
use crate::python::html::html;
use crate::python::mapping::map::Map;

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
        arguments::read(map, fields)
    }

    /// The mapping; of a rollup or a sum the range that it covers, under the name
    /// '[rollup]'.
    #[getter]
    fn map<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, Map>> {
        self.map_as_object(py)
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
    /// other field, but in uss.
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

    /// The unique set size: private_clean + private_dirty + private_hugetlb, the
    /// bytes that would be free without this process. None where one of the first
    /// two is; kernels before 4.4 don't count the third.
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
    pub(in crate::python) fn vm_flags(&self, py: Python<'_>) -> Option<Py<PyFrozenSet>> {
        self.vm_flags.as_ref().map(|flags| flags.clone_ref(py))
    }

    /// All fields that have no attribute, by the kernel's names: a number is an
    /// int, in bytes where the kernel prints kB, anything else a str.
    #[getter]
    fn extra<'py>(&self, py: Python<'py>) -> Bound<'py, PyMappingProxy> {
        let extra = self.extra.as_ref().map(|extra| extra.bind(py).clone());
        PyMappingProxy::new(py, extra.unwrap_or_else(|| PyDict::new(py)).as_mapping())
    }

    /// Return what the codes in vm_flags mean, in the kernel's order. A code that is
    /// not known is explained by itself, and comes last.
    ///
    /// Source: show_smap_vma_flags in the kernel's fs/proc/task_mmu.c.
    fn describe_flags<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.meanings(py)
    }

    /// Return the arguments of the constructor by name, with another value for
    /// those that are None if `missing` is given: MemoryUsage(**usage.asdict())
    /// equals the usage.
    #[pyo3(signature = (*, missing = None))]
    fn asdict<'py>(
        &self,
        py: Python<'py>,
        missing: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        self.by_name(py, missing)
    }

    /// Return the names of the constructor's arguments, for dict(usage).
    #[allow(clippy::unused_self)] // the mapping protocol asks an instance
    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, Self::names().collect::<Vec<_>>())
    }

    fn __getitem__<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.item(key)
    }

    fn __richcmp__(&self, other: &Self, op: CompareOp, py: Python<'_>) -> PyResult<bool> {
        self.matches(py, other, op)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<u64> {
        self.hashed(py)
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        html(slf, "memory_usage")
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.expression(py)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, ())> {
        Ok((self.constructor(py)?, ()))
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (_memo, /))]
    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }
}
