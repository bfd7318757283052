//! What a mapping costs: the numeric fields of smaps, and sums of them.
//!
//! The table follows `show_smap` and `__show_smap` in the kernel's
//! `fs/proc/task_mmu.c`; the meanings are those of
//! `Documentation/filesystems/proc.rst`.

mod sum;

pub use sum::Sum;

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

/// Declares [`Field`] and its table: the one list of the fields. A row has the
/// variant, the kernel's name, the attribute in programs, and the unit.
macro_rules! fields {
    ($($field:ident, $kernel_name:literal, $attribute:literal, $unit:ident;)*) => {
        /// A field of smaps or `smaps_rollup` whose value is a number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)] // the table gives the kernel's names
        pub enum Field {
            $($field,)*
        }

        impl Field {
            /// How many fields there are.
            pub const COUNT: usize = [$(Self::$field),*].len();
        }

        /// The rows, in the order of [`Field`].
        pub(crate) const TABLE: [(Field, &str, &str, Unit); Field::COUNT] =
            [$((Field::$field, $kernel_name, $attribute, Unit::$unit)),*];
    };
}

#[rustfmt::skip] // one row a line
fields! {
    Size, "Size", "size", Bytes;
    KernelPageSize, "KernelPageSize", "kernel_page_size", BytesPerPage;
    MmuPageSize, "MMUPageSize", "mmu_page_size", BytesPerPage;
    Rss, "Rss", "rss", Bytes;
    Pss, "Pss", "pss", Bytes;
    PssDirty, "Pss_Dirty", "pss_dirty", Bytes;
    PssAnon, "Pss_Anon", "pss_anon", Bytes;
    PssFile, "Pss_File", "pss_file", Bytes;
    PssShmem, "Pss_Shmem", "pss_shmem", Bytes;
    SharedClean, "Shared_Clean", "shared_clean", Bytes;
    SharedDirty, "Shared_Dirty", "shared_dirty", Bytes;
    PrivateClean, "Private_Clean", "private_clean", Bytes;
    PrivateDirty, "Private_Dirty", "private_dirty", Bytes;
    Referenced, "Referenced", "referenced", Bytes;
    Anonymous, "Anonymous", "anonymous", Bytes;
    Ksm, "KSM", "ksm", Bytes;
    LazyFree, "LazyFree", "lazy_free", Bytes;
    AnonHugePages, "AnonHugePages", "anon_huge_pages", Bytes;
    ShmemPmdMapped, "ShmemPmdMapped", "shmem_pmd_mapped", Bytes;
    FilePmdMapped, "FilePmdMapped", "file_pmd_mapped", Bytes;
    SharedHugetlb, "Shared_Hugetlb", "shared_hugetlb", Bytes;
    PrivateHugetlb, "Private_Hugetlb", "private_hugetlb", Bytes;
    Swap, "Swap", "swap", Bytes;
    SwapPss, "SwapPss", "swap_pss", Bytes;
    Locked, "Locked", "locked", Bytes;
    ThpEligible, "THPeligible", "thp_eligible", Flag;
    ProtectionKey, "ProtectionKey", "protection_key", Key;
}

impl Field {
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
