//! A mapping, as a core file tells of it.

use std::ops::Range;

use crate::mapping::Fields;

/// A mapping: its fields, and where its name stands.
#[derive(Clone, Debug)]
pub(super) struct CoreMapping {
    pub(super) fields: Fields,
    pub(super) name: CoreName,
    /// Whether a `PT_LOAD` tells of it, and so of its permissions.
    pub(super) is_loaded: bool,
}

impl CoreMapping {
    pub(super) fn contains(&self, address: u64) -> bool {
        self.fields.begin_address <= address && address < self.fields.end_address
    }
}

/// The name of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CoreName {
    None,
    /// A place in the note of files.
    File(Range<usize>),
    /// What the kernel calls it in `/proc/<pid>/maps`.
    Special(&'static [u8]),
}
