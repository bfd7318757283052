//! What a mapping costs: the numeric fields of smaps, and sums of them.
//!
//! The table follows `show_smap` and `__show_smap` in the kernel's
//! `fs/proc/task_mmu.c`; the meanings are those of
//! `Documentation/filesystems/proc.rst`.

mod sum;

pub use sum::Sum;

/// A field of smaps or `smaps_rollup` whose value is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the table below gives the kernel's names
pub enum Field {
    Size,
    KernelPageSize,
    MmuPageSize,
    Rss,
    Pss,
    PssDirty,
    PssAnon,
    PssFile,
    PssShmem,
    SharedClean,
    SharedDirty,
    PrivateClean,
    PrivateDirty,
    Referenced,
    Anonymous,
    Ksm,
    LazyFree,
    AnonHugePages,
    ShmemPmdMapped,
    FilePmdMapped,
    SharedHugetlb,
    PrivateHugetlb,
    Swap,
    SwapPss,
    Locked,
    ThpEligible,
    ProtectionKey,
}

/// What the number of a field counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes, which add up over mappings; the kernel prints kB.
    Bytes,
    /// Bytes that one page has, which do not.
    BytesPerPage,
    /// 1 for yes, 0 for no.
    Flag,
    /// A number that stands for something, not for an amount.
    Key,
}

/// Every field in the order of [`Field`]: the kernel's name, the name as it is
/// written in programs, and the unit.
#[rustfmt::skip] // one row a line
pub(crate) const TABLE: [(Field, &str, &str, Unit); Field::COUNT] = [
    (Field::Size, "Size", "size", Unit::Bytes),
    (Field::KernelPageSize, "KernelPageSize", "kernel_page_size", Unit::BytesPerPage),
    (Field::MmuPageSize, "MMUPageSize", "mmu_page_size", Unit::BytesPerPage),
    (Field::Rss, "Rss", "rss", Unit::Bytes),
    (Field::Pss, "Pss", "pss", Unit::Bytes),
    (Field::PssDirty, "Pss_Dirty", "pss_dirty", Unit::Bytes),
    (Field::PssAnon, "Pss_Anon", "pss_anon", Unit::Bytes),
    (Field::PssFile, "Pss_File", "pss_file", Unit::Bytes),
    (Field::PssShmem, "Pss_Shmem", "pss_shmem", Unit::Bytes),
    (Field::SharedClean, "Shared_Clean", "shared_clean", Unit::Bytes),
    (Field::SharedDirty, "Shared_Dirty", "shared_dirty", Unit::Bytes),
    (Field::PrivateClean, "Private_Clean", "private_clean", Unit::Bytes),
    (Field::PrivateDirty, "Private_Dirty", "private_dirty", Unit::Bytes),
    (Field::Referenced, "Referenced", "referenced", Unit::Bytes),
    (Field::Anonymous, "Anonymous", "anonymous", Unit::Bytes),
    (Field::Ksm, "KSM", "ksm", Unit::Bytes),
    (Field::LazyFree, "LazyFree", "lazy_free", Unit::Bytes),
    (Field::AnonHugePages, "AnonHugePages", "anon_huge_pages", Unit::Bytes),
    (Field::ShmemPmdMapped, "ShmemPmdMapped", "shmem_pmd_mapped", Unit::Bytes),
    (Field::FilePmdMapped, "FilePmdMapped", "file_pmd_mapped", Unit::Bytes),
    (Field::SharedHugetlb, "Shared_Hugetlb", "shared_hugetlb", Unit::Bytes),
    (Field::PrivateHugetlb, "Private_Hugetlb", "private_hugetlb", Unit::Bytes),
    (Field::Swap, "Swap", "swap", Unit::Bytes),
    (Field::SwapPss, "SwapPss", "swap_pss", Unit::Bytes),
    (Field::Locked, "Locked", "locked", Unit::Bytes),
    (Field::ThpEligible, "THPeligible", "thp_eligible", Unit::Flag),
    (Field::ProtectionKey, "ProtectionKey", "protection_key", Unit::Key),
];

impl Field {
    /// How many fields there are.
    pub const COUNT: usize = Self::ProtectionKey as usize + 1;

    /// All fields, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    fn row(self) -> &'static (Self, &'static str, &'static str, Unit) {
        const SIZE: (Field, &str, &str, Unit) = TABLE[0];
        // The default is never taken: the table has a row for each field.
        TABLE.get(self as usize).unwrap_or(&SIZE)
    }

    /// The name that the kernel prints.
    pub fn kernel_name(self) -> &'static str {
        self.row().1
    }

    /// The name in lower case with underscores, as programs write names.
    pub fn attribute(self) -> &'static str {
        self.row().2
    }

    /// What the number counts.
    pub fn unit(self) -> Unit {
        self.row().3
    }

    /// Whether the number counts bytes, of which the kernel prints kB.
    #[inline]
    pub fn is_size(self) -> bool {
        matches!(self.unit(), Unit::Bytes | Unit::BytesPerPage)
    }

    /// The field that the kernel prints under this name.
    pub fn from_kernel_name(name: &[u8]) -> Option<Self> {
        Self::all().find(|field| field.kernel_name().as_bytes() == name)
    }

    /// The field that programs write this name for.
    pub fn from_attribute(name: &str) -> Option<Self> {
        Self::all().find(|field| field.attribute() == name)
    }

    fn bit(self) -> u32 {
        1_u32.wrapping_shl(self as u32)
    }
}

/// The numbers of one record, sizes in bytes; any can be missing.
///
/// Which fields there are depends on the kernel: its version, its configuration
/// and the machine. One that is not printed is not known, which is not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Usage {
    /// 0 where there is no value, so that equality can be derived.
    values: [u64; Field::COUNT],
    present: u32,
}

impl Usage {
    /// Whether there is no value at all.
    pub fn is_empty(&self) -> bool {
        self.present == 0
    }

    /// The value of a field, `None` where there is none.
    #[inline]
    pub fn get(&self, field: Field) -> Option<u64> {
        let value = self.values.get(field as usize).copied();
        value.filter(|_| self.present & field.bit() != 0)
    }

    /// Gives a field its value; whether it had none before.
    #[inline]
    pub fn insert(&mut self, field: Field, value: u64) -> bool {
        if let Some(place) = self.values.get_mut(field as usize) {
            *place = value;
        }
        let is_new = self.present & field.bit() == 0;
        self.present |= field.bit();
        is_new
    }

    /// The memory that only this process has, and that would be free without
    /// it: private pages, clean and dirty, and those of hugetlbfs, which kernels
    /// before 4.4 do not count.
    pub fn unique(&self) -> Option<u64> {
        let clean = self.get(Field::PrivateClean)?;
        let pages = clean.checked_add(self.get(Field::PrivateDirty)?)?;
        pages.checked_add(self.get(Field::PrivateHugetlb).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
