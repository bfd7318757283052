//! Permissions of mappings that no `PT_LOAD` tells of.
//!
//! gdb's `gcore` leaves out what was not written to since it was mapped from a file,
//! code above all. What the loader gave it stands in the file's program headers, and
//! gdb and the kernel write the page that has them.

use std::ops::Range;

use super::mapping::{CoreMapping, CoreName};
use super::memory::Memory;
use super::segments::permissions;
use crate::formats::elf::Segment;
use crate::formats::read_at::ReadAt;

/// In how many files such mappings are looked for.
const MOST_FILES: usize = 1 << 14;

/// A file that begins in memory.
struct LoadedFile {
    name: Range<usize>,
    begin: u64,
    /// Read when a mapping needs them.
    segments: Option<Vec<Segment>>,
}

/// Gives permissions to mappings of files where the headers of their file tell them.
pub(super) fn add_permissions<S: ReadAt + ?Sized>(
    mappings: &mut [CoreMapping],
    names: &[u8],
    memory: &Memory<'_, S>,
    page: u64,
) {
    let mut left = MOST_FILES;
    let mut latest: Option<LoadedFile> = None;
    for mapping in mappings {
        let CoreName::File(name) = &mapping.name else {
            continue;
        };
        if mapping.fields.offset == 0 {
            latest = Some(LoadedFile {
                name: name.clone(),
                begin: mapping.fields.begin_address,
                segments: None,
            });
        }
        let is_of_file = |file: &&mut LoadedFile| {
            !mapping.is_loaded && names.get(file.name.clone()) == names.get(name.clone())
        };
        let Some(file) = latest.as_mut().filter(is_of_file) else {
            continue;
        };
        if file.segments.is_none() && left > 0 {
            left = left.saturating_sub(1);
            file.segments = Some(memory.segments_of_file(file.begin));
        }
        let segments = file.segments.as_deref().unwrap_or_default();
        let distance = mapping.fields.begin_address.saturating_sub(file.begin);
        if let Some(segment) = segment_at(segments, distance, mapping.fields.offset, page) {
            mapping.fields.permissions = permissions(segment.flags);
        }
    }
}

/// The segment that lies so far above the begin of its file in memory, if it has this
/// part of the file; a segment has the whole of the page that it begins in.
fn segment_at(segments: &[Segment], distance: u64, offset: u64, page: u64) -> Option<&Segment> {
    let mut loads = segments.iter().filter(|segment| segment.is_load());
    let first = loads.clone().next()?;
    let base = first.address.checked_sub(first.offset)?;
    let address = base.checked_add(distance)?;
    loads.find(|load| {
        let is_before_end = address < load.address.saturating_add(load.memory_size);
        let is_behind_begin = address.saturating_add(page) > load.address;
        let is_same_part = load.address.wrapping_sub(load.offset) == address.wrapping_sub(offset);
        is_before_end && is_behind_begin && is_same_part
    })
}
