//! Modules: the maps of one file, grouped by the place where it was loaded.
//!
//! Maps say which file and which part of it, and not which `mmap(2)` or
//! `dlopen(3)` made them. How loaders lay out an ELF file is known; see
//! [`loads`](super::loads). What does not fit is taken for another place where
//! the file is mapped.
//!
//! Memory without a name is part of no module, also where it follows one: text
//! can't tell a `.bss` from memory that the kernel happened to put there, and
//! the kernel itself joins the two into one mapping.

use std::collections::HashMap;
use std::sync::Arc;

use crate::formats::elf::Segment;
use crate::mapping::{Device, Fields, Kind, Mapping};
use crate::space::loads::{self, Part};
use crate::space::segments::take_known;

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

/// Where offset 0 of the source lies or would lie, if this is its lowest mapping.
/// Below zero where the part before the mapping would not fit.
pub fn base_address(lowest: &Fields) -> i128 {
    i128::from(lowest.begin_address).saturating_sub(lowest.offset.into())
}

/// The maps of a module.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// Their positions, ascending.
    pub(super) positions: Vec<usize>,
    /// What was added to the addresses in the file, where program headers tell.
    pub(super) load_bias: Option<i128>,
}

/// The maps of each module, modules and maps in the order of the records, which is
/// to be address order.
///
/// The segments of a file are asked for once, by the position of its first map;
/// what they do not tell of is grouped as loaders do.
pub(super) fn group(
    records: &[Mapping<'_>],
    segments_of: &mut dyn FnMut(usize) -> Option<Arc<[Segment]>>,
) -> Vec<Group> {
    let mut groups = Vec::new();
    for mut parts in files(records) {
        let first = parts.first().map(|part| part.position);
        if let Some(segments) = first.and_then(&mut *segments_of) {
            groups.append(&mut take_known(&mut parts, &segments));
        }
        groups.extend(loads::split(&parts).into_iter().map(|positions| Group {
            positions,
            load_bias: None,
        }));
    }
    groups.sort_unstable_by(|a, b| a.positions.cmp(&b.positions));
    groups
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
