//! Sums of what mappings cost.

use super::{Field, Unit, Usage};
use crate::mapping::Permissions;
use crate::mapping::{Device, Fields, Mapping};

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
    pub fn usage(&self) -> &Usage {
        &self.usage
    }

    /// The line that the kernel heads a sum with: from the lowest address to the
    /// highest, nothing else (`show_smaps_rollup` in `fs/proc/task_mmu.c`).
    pub fn map(&self) -> Mapping<'static> {
        let (begin_address, end_address) = self.range.unwrap_or_default();
        let fields = Fields {
            begin_address,
            end_address,
            permissions: Permissions::NONE,
            offset: 0,
            device: Device::NONE,
            inode: 0,
        };
        Mapping {
            fields,
            pathname: Some(b"[rollup]"),
        }
    }
}
