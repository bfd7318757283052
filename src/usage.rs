//! What a mapping costs: the numeric fields of smaps, and sums of them.
//!
//! The table follows `show_smap` and `__show_smap` in the kernel's
//! `fs/proc/task_mmu.c`; the meanings are those of
//! `Documentation/filesystems/proc.rst`.

use crate::line::{Device, Fields, Record};
use crate::permissions::Permissions;

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
    #[must_use]
    pub fn kernel_name(self) -> &'static str {
        self.row().1
    }

    /// The name in lower case with underscores, as programs write names.
    #[must_use]
    pub fn attribute(self) -> &'static str {
        self.row().2
    }

    /// What the number counts.
    #[must_use]
    pub fn unit(self) -> Unit {
        self.row().3
    }

    /// Whether the number counts bytes, of which the kernel prints kB.
    #[must_use]
    #[inline]
    pub fn is_size(self) -> bool {
        matches!(self.unit(), Unit::Bytes | Unit::BytesPerPage)
    }

    /// The field that the kernel prints under this name.
    #[must_use]
    pub fn from_kernel_name(name: &[u8]) -> Option<Self> {
        Self::all().find(|field| field.kernel_name().as_bytes() == name)
    }

    /// The field that programs write this name for.
    #[must_use]
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
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.present == 0
    }

    /// The value of a field, `None` where there is none.
    #[must_use]
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
    /// it: private clean and dirty pages. Pages of hugetlbfs do not count.
    #[must_use]
    pub fn unique(&self) -> Option<u64> {
        let clean = self.get(Field::PrivateClean)?;
        clean.checked_add(self.get(Field::PrivateDirty)?)
    }
}

/// What several mappings cost together.
///
/// A field is known for the sum if it is known for each of its parts: a part
/// that is not known could be anything. So the sum of no mappings is 0 in every
/// field, and a sum of sums is the sum of all their parts.
#[derive(Clone, Debug)]
pub struct Sum {
    usage: Usage,
    range: Option<(u64, u64)>,
}

impl Default for Sum {
    /// The sum of no mappings.
    fn default() -> Self {
        let mut usage = Usage::default();
        for field in Field::all().filter(|field| field.unit() == Unit::Bytes) {
            usage.insert(field, 0);
        }
        Self { usage, range: None }
    }
}

impl Sum {
    /// Adds a mapping, or a sum with the range that it covers.
    ///
    /// # Errors
    ///
    /// The field whose sum does not fit in 64 bits.
    pub fn add(&mut self, map: &Fields, usage: &Usage) -> Result<(), Field> {
        let mut sum = Usage::default();
        for field in Field::all() {
            if let (Some(a), Some(b)) = (self.usage.get(field), usage.get(field)) {
                sum.insert(field, a.checked_add(b).ok_or(field)?);
            }
        }
        let (begin, end) = (map.begin_address, map.end_address);
        self.usage = sum;
        self.range = match self.range {
            None => Some((begin, end)),
            Some((lowest, highest)) => Some((lowest.min(begin), highest.max(end))),
        };
        Ok(())
    }

    /// The numbers of the sum.
    #[must_use]
    pub fn usage(&self) -> &Usage {
        &self.usage
    }

    /// The line that the kernel heads a sum with: from the lowest address to the
    /// highest, nothing else (`show_smaps_rollup` in `fs/proc/task_mmu.c`).
    #[must_use]
    pub fn map(&self) -> Record<'static> {
        let (begin_address, end_address) = self.range.unwrap_or_default();
        let fields = Fields {
            begin_address,
            end_address,
            permissions: Permissions::NONE,
            offset: 0,
            device: Device::NONE,
            inode: 0,
        };
        Record {
            fields,
            pathname: Some(b"[rollup]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::parse;

    fn usage(values: &[(Field, u64)]) -> Usage {
        let mut usage = Usage::default();
        for &(field, value) in values {
            assert!(usage.insert(field, value));
        }
        usage
    }

    fn sum(parts: &[(&str, Usage)]) -> Result<Sum, Field> {
        let mut sum = Sum::default();
        for (line, usage) in parts {
            sum.add(&parse(line.as_bytes()).unwrap().fields, usage)?;
        }
        Ok(sum)
    }

    #[test]
    fn each_field_has_its_row_and_its_own_names() {
        assert_eq!(TABLE.len(), 27);
        for (index, field) in Field::all().enumerate() {
            assert_eq!(field as usize, index);
            let name = field.kernel_name();
            assert_eq!(Field::from_kernel_name(name.as_bytes()), Some(field));
            assert_eq!(Field::from_attribute(field.attribute()), Some(field));
        }
        assert_eq!(Field::from_kernel_name(b"rss"), None);
        assert_eq!(Field::from_attribute("Rss"), None);
    }

    #[test]
    fn a_field_without_a_value_is_not_zero() {
        let mut usage = usage(&[(Field::Rss, 0)]);
        assert_eq!(usage.get(Field::Rss), Some(0));
        assert_eq!(usage.get(Field::Pss), None);
        assert_ne!(usage, Usage::default());
        assert!(!usage.insert(Field::Rss, 1));
    }

    #[test]
    fn unique_memory_needs_both_of_its_parts() {
        let (clean, dirty) = (Field::PrivateClean, Field::PrivateDirty);
        assert_eq!(usage(&[(clean, 1)]).unique(), None);
        assert_eq!(usage(&[(dirty, 1)]).unique(), None);
        assert_eq!(usage(&[(clean, 1), (dirty, 2)]).unique(), Some(3));
        assert_eq!(usage(&[(clean, u64::MAX), (dirty, 1)]).unique(), None);
    }

    #[test]
    fn a_sum_knows_what_all_of_its_parts_know() {
        let a = usage(&[
            (Field::Rss, 1),
            (Field::Pss, 2),
            (Field::KernelPageSize, 4096),
        ]);
        let b = usage(&[(Field::Rss, 5), (Field::KernelPageSize, 4096)]);
        let sum = sum(&[("2000-3000 r--p 0 0:0 0", a), ("1000-2000 r--p 0 0:0 0", b)]).unwrap();
        assert_eq!(sum.usage(), &usage(&[(Field::Rss, 6)]));
        let map = parse(b"1000-3000 ---p 0 0:0 0 [rollup]").unwrap();
        assert_eq!(sum.map(), map);
    }

    #[test]
    fn the_sum_of_nothing_is_zero() {
        let sum = Sum::default();
        assert_eq!(sum.usage().get(Field::Rss), Some(0));
        assert_eq!(sum.usage().get(Field::KernelPageSize), None);
        assert_eq!(sum.usage().get(Field::ProtectionKey), None);
        assert_eq!(sum.map(), parse(b"0-0 ---p 0 0:0 0 [rollup]").unwrap());
    }

    #[test]
    fn a_sum_does_not_wrap() {
        let parts = [u64::MAX, 1].map(|value| ("0-1 r--p 0 0:0 0", usage(&[(Field::Rss, value)])));
        assert_eq!(sum(&parts).unwrap_err(), Field::Rss);
    }
}
