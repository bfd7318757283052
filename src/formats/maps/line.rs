//! One maps line: the grammar, and how a line is read by it.
//!
//! The line is printed by `show_map_vma` in the kernel's `fs/proc/task_mmu.c`:
//!
//! ```text
//! 7f3a5c000000-7f3a5c021000 r-xp 00002000 fe:00 247774      /usr/lib/libc.so.6
//! begin        end          perm offset   device inode      pathname
//! ```

use once_cell::sync::Lazy;
use regex::bytes::Regex;

use crate::formats::error::{Fault, Field};
use crate::formats::grammar::{Found, Part};
use crate::formats::maps::scan;
use crate::mapping::Permissions;
use crate::mapping::{Device, Fields, Mapping};

/// What a maps line is.
///
/// Each field is optional inside the one before it, so that the pattern always
/// matches: on a line that is no maps line, the match ends at the field to blame.
static LINE: Lazy<Option<Regex>> = Lazy::new(|| {
    let pattern = r"(?x-u) ^
        (?: ([0-9A-Fa-f]+)              # begin address
        (?: -       ([0-9A-Fa-f]+)      # end address
        (?: [\x20]+ ([r-][w-][x-][ps])  # permissions
        (?: [\x20]+ ([0-9A-Fa-f]+)      # offset
        (?: [\x20]+ ([0-9A-Fa-f]+)      # device major
        (?: :       ([0-9A-Fa-f]+)      # device minor
        (?: [\x20]+ ([0-9]+)            # inode
        (?: [\x20]+ ([^\x20](?s:.*))?   # pathname
        )?)?)?)?)?)?)?)?";
    Regex::new(pattern).ok()
});

/// Reads one line, given without its line break.
///
/// # Errors
///
/// A [`Fault`] naming the first field that is not what it should be.
#[inline]
pub fn parse(line: &[u8]) -> Result<Mapping<'_>, Fault> {
    match scan::usual_line(line) {
        Some(record) => Ok(record),
        None => parse_any(line),
    }
}

/// Reads one line by the grammar alone, in whatever legal form it has.
///
/// # Errors
///
/// As [`parse`], with which it always agrees.
pub fn parse_any(line: &[u8]) -> Result<Mapping<'_>, Fault> {
    // The default is never taken: the pattern is valid and matches every line.
    let Some(found) = LINE.as_ref().and_then(|pattern| Found::new(pattern, line)) else {
        return Err(Fault::field(Field::BeginAddress, line));
    };
    let fields = Fields {
        begin_address: found.number(Field::BeginAddress, 16)?,
        end_address: found.number(Field::EndAddress, 16)?,
        permissions: found.decode(Field::Permissions, Permissions::from_bytes)?,
        offset: found.number(Field::Offset, 16)?,
        device: Device {
            major: found.number(Field::DeviceMajor, 16)?,
            minor: found.number(Field::DeviceMinor, 16)?,
        },
        inode: found.number(Field::Inode, 10)?,
    };
    if fields.end_address < fields.begin_address {
        let end_address = found.text(Field::EndAddress)?;
        return Err(Fault::backwards(fields.begin_address, end_address));
    }
    let pathname = found.group(Field::Pathname).map(|name| name.as_bytes());
    match pathname.and_then(|name| name.get(memchr::memchr(0, name)?..)) {
        Some(from_nul) => Err(Fault::field(Field::Pathname, from_nul)),
        None => Ok(Mapping { fields, pathname }),
    }
}

impl Part for Field {
    fn group(self) -> usize {
        (self as usize).saturating_add(1)
    }

    fn terminator(self) -> u8 {
        match self {
            Self::BeginAddress => b'-',
            Self::DeviceMajor => b':',
            _ => b' ',
        }
    }

    fn fault(self, found: &[u8]) -> Fault {
        Fault::field(self, found)
    }
}

#[cfg(test)]
mod tests;
