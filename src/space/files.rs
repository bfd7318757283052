//! The mappings of each file, and what lies beside them.

use std::collections::HashMap;

use crate::mapping::{Device, Fields, Kind, Mapping};

/// What tells one file from another: a file that replaces a deleted one has
/// another inode, and the deleted one another name.
pub type FileId<'a> = (Device, u64, &'a [u8]);

/// The file that a mapping is of: a memfd is one, a device is not.
pub fn file_of<'a>(mapping: &Mapping<'a>) -> Option<FileId<'a>> {
    let Mapping { fields, pathname } = *mapping;
    match Kind::of(pathname) {
        Kind::File | Kind::Memfd => Some((fields.device, fields.inode, pathname?)),
        _ => None,
    }
}

/// A mapping of a file, and what lies beside it.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) position: usize,
    pub(super) fields: Fields,
    /// How many mappings with a name lie below it.
    pub(super) named_below: usize,
    /// Where the memory without a name ends that follows it without a gap.
    pub(super) reach: u64,
}

impl Part {
    pub(super) fn base(&self) -> i128 {
        self.fields.base_address()
    }

    pub(super) fn is_code(&self) -> bool {
        self.fields.permissions.is_executable()
    }

    pub(super) fn is_writable(&self) -> bool {
        self.fields.permissions.is_writable()
    }

    /// Whether another load of the file can begin as this one did.
    pub(super) fn is_like(&self, first: &Self) -> bool {
        (self.fields.offset, self.fields.permissions)
            == (first.fields.offset, first.fields.permissions)
    }
}

/// The maps of a module.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// Their positions, ascending.
    pub(super) positions: Vec<usize>,
    /// What was added to the addresses in the file, where program headers tell.
    pub(super) load_bias: Option<i128>,
}

/// The parts of each file, in the order in which the files come first.
pub(super) fn files(records: &[Mapping<'_>]) -> Vec<Vec<Part>> {
    let mut files: Vec<Vec<Part>> = Vec::new();
    let mut known: HashMap<FileId<'_>, usize> = HashMap::new();
    let mut named_below = 0_usize;
    // The file of the part that memory without a name may follow.
    let mut current = None;
    for (position, record) in records.iter().enumerate() {
        let fields = record.fields;
        if Kind::of(record.pathname) == Kind::Anonymous {
            let part = current.and_then(|file| files.get_mut::<usize>(file)?.last_mut());
            if let Some(part) = part.filter(|part| part.reach == fields.begin_address) {
                part.reach = fields.end_address;
            }
            continue;
        }
        current = file_of(record).map(|id| {
            let file = *known.entry(id).or_insert(files.len());
            if file == files.len() {
                files.push(Vec::new());
            }
            if let Some(parts) = files.get_mut(file) {
                parts.push(Part {
                    position,
                    fields,
                    named_below,
                    reach: fields.end_address,
                });
            }
            file
        });
        named_below = named_below.saturating_add(1);
    }
    files
}
