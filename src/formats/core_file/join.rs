//! `PT_LOAD` and `NT_FILE`, two lists of ranges, become one list of mappings.
//!
//! The kernel writes both from the same list. gdb leaves memory out of `PT_LOAD` that
//! can be read from files again, and other writers join neighbours; so the ranges are
//! cut wherever one of either list begins or ends.

use std::collections::TryReserveError;

use super::files::FileRange;
use super::mapping::{CoreMapping, CoreName};
use super::segments::Load;
use crate::mapping::{Device, Fields, Permissions};

/// Joins ranges, each list in the order of addresses and without overlaps.
///
/// # Errors
///
/// If there is no memory for it.
pub(super) fn join(
    loads: &[Load],
    files: &[FileRange],
) -> Result<Vec<CoreMapping>, TryReserveError> {
    let mut mappings = Vec::new();
    mappings.try_reserve(loads.len().max(files.len()))?;
    let (mut loads, mut files) = (loads.iter().peekable(), files.iter().peekable());
    let mut at = 0;
    loop {
        while loads.next_if(|load| load.end <= at).is_some() {}
        while files.next_if(|file| file.end <= at).is_some() {}
        let (load, file) = (loads.peek().copied(), files.peek().copied());
        let begins = [load.map(|load| load.begin), file.map(|file| file.begin)];
        let Some(begin) = begins.into_iter().flatten().min() else {
            return Ok(mappings);
        };
        let begin = begin.max(at);
        // What has not begun yet ends this piece by its begin.
        let ends = [
            load.map(|load| {
                if load.begin > begin {
                    load.begin
                } else {
                    load.end
                }
            }),
            file.map(|file| {
                if file.begin > begin {
                    file.begin
                } else {
                    file.end
                }
            }),
        ];
        let end = ends.into_iter().flatten().min().unwrap_or(begin);
        mappings.try_reserve(1)?;
        mappings.push(piece(
            (begin, end),
            load.filter(|load| load.begin <= begin),
            file.filter(|file| file.begin <= begin),
        ));
        at = end;
    }
}

fn piece((begin, end): (u64, u64), load: Option<&Load>, file: Option<&FileRange>) -> CoreMapping {
    let within = file.map_or(0, |file| begin.saturating_sub(file.begin));
    CoreMapping {
        fields: Fields {
            begin_address: begin,
            end_address: end,
            permissions: load.map_or(Permissions::NONE, |load| load.permissions),
            offset: file.map_or(0, |file| file.offset.saturating_add(within)),
            device: Device::NONE,
            inode: 0,
        },
        name: file.map_or(CoreName::None, |file| CoreName::File(file.name.clone())),
        is_loaded: load.is_some(),
    }
}
