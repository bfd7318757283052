//! One line of FreeBSD's `/proc/<pid>/map`.
//!
//! It is printed by `procfs_doprocmap` in FreeBSD's `sys/fs/procfs/procfs_map.c`, on
//! one line; the three letters of the access are three of its 17 fields:
//!
//! ```text
//! 0x8002c1000 0x8002e2000 33 0 0xfffff8000a5c1000 r-x 2 1 0x1000
//! begin       end         resident, private, object, access, references, shadows, flags
//!     COW NC vnode /lib/libc.so.7 NCH -1
//!     copy-on-write, needs copy, type, path, charged, user
//! ```
//!
//! It has no offset, device or inode. FreeBSD's linprocfs, which most people read,
//! prints Linux's own form.

use once_cell::sync::Lazy;
use regex::bytes::Regex;

use crate::formats::error::Fault;
use crate::formats::grammar::{Found, Part};
use crate::mapping::{Device, Fields, Mapping, Permissions};

mod field;

use field::Field;

/// How every line begins, and no line of Linux's.
const BEGIN: &[u8] = b"0x";

/// What stands for a path that the kernel does not know.
const NO_PATH: &[u8] = b"-";

/// What a line is; see [`crate::formats::grammar`].
static LINE: Lazy<Option<Regex>> = Lazy::new(|| {
    let pattern = r"(?x-u) ^
        (?: 0x ([0-9A-Fa-f]+)                  # begin address
        (?: [\x20]+ 0x ([0-9A-Fa-f]+)          # end address
        (?: [\x20]+ ([0-9]+)                   # resident pages
        (?: [\x20]+ ([0-9]+)                   # private resident pages
        (?: [\x20]+ ((?:0x)?[0-9A-Fa-f]+)      # object
        (?: [\x20]+ ([r-][w-][x-])             # access
        (?: [\x20]+ ([0-9]+)                   # reference count
        (?: [\x20]+ ([0-9]+)                   # shadow count
        (?: [\x20]+ (0x[0-9A-Fa-f]+)           # flags
        (?: [\x20]+ (N?COW)                    # copy-on-write
        (?: [\x20]+ (NN?C)                     # needs copy
        (?: [\x20]+ (default|vnode|swap|device|phys|dead|none|unknown)
        (?: [\x20]+ ([^\x20](?s:.*))           # path, charged and user
        )?)?)?)?)?)?)?)?)?)?)?)?)?";
    Regex::new(pattern).ok()
});

/// Whether a line is of this form, right or wrong.
#[inline]
pub fn begins_line(line: &[u8]) -> bool {
    line.starts_with(BEGIN)
}

/// Reads one line, given without its line break.
///
/// # Errors
///
/// A [`Fault`] naming the first field that is not what it should be.
pub fn parse(line: &[u8]) -> Result<Mapping<'_>, Fault> {
    // The default is never taken: the pattern is valid and matches every line.
    let Some(found) = LINE.as_ref().and_then(|pattern| Found::new(pattern, line)) else {
        return Err(Field::BeginAddress.fault(line));
    };
    let begin_address = found.number(Field::BeginAddress, 16)?;
    let end_address = found.number(Field::EndAddress, 16)?;
    for field in Field::UNUSED_BEFORE_ACCESS {
        found.text(field)?;
    }
    let access = found.text(Field::Access)?;
    for field in Field::UNUSED_BEFORE_COPY {
        found.text(field)?;
    }
    let is_copy_on_write = found.text(Field::CopyOnWrite)? == b"COW";
    found.text(Field::NeedsCopy)?;
    let object_type = found.text(Field::Type)?;
    let pathname = path(found.text(Field::Path)?)?;
    if end_address < begin_address {
        return Err(Fault::backwards(
            begin_address,
            found.text(Field::EndAddress)?,
        ));
    }
    let is_shared = !is_copy_on_write && has_source(object_type);
    let fields = Fields {
        begin_address,
        end_address,
        permissions: permissions(access, is_shared),
        offset: 0,
        device: Device::NONE,
        inode: 0,
    };
    Ok(Mapping { fields, pathname })
}

fn permissions(access: &[u8], is_shared: bool) -> Permissions {
    let has = |letter| access.contains(&letter);
    Permissions::new(has(b'r'), has(b'w'), has(b'x'), is_shared)
}

/// Whether memory of this type has a source that others can map as well. Without
/// copy-on-write it is shared then; anonymous memory never has it before a fork, so
/// that its absence says nothing.
fn has_source(object_type: &[u8]) -> bool {
    matches!(object_type, b"vnode" | b"device" | b"phys")
}

/// The path, if there is one, before the two last fields of a line.
fn path(rest: &[u8]) -> Result<Option<&[u8]>, Fault> {
    let (before, user) = split_last(rest);
    let digits = user.strip_prefix(b"-").unwrap_or(user);
    if before.is_none() || digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Field::User.fault(user));
    }
    let (path, charged) = split_last(before.unwrap_or_default());
    if !matches!(charged, b"CH" | b"NCH") {
        return Err(Field::Charged.fault(charged));
    }
    let Some(path) = path.filter(|path| !path.is_empty()) else {
        return Err(Field::Path.fault(rest));
    };
    match memchr::memchr(0, path).and_then(|at| path.get(at..)) {
        Some(from_nul) => Err(Field::Path.fault(from_nul)),
        None => Ok(Some(path).filter(|path| *path != NO_PATH)),
    }
}

/// What stands before the last space, if there is one, and what after it.
fn split_last(text: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let Some(at) = memchr::memrchr(b' ', text) else {
        return (None, text);
    };
    let after = text.get(at.saturating_add(1)..).unwrap_or_default();
    (text.get(..at), after)
}

#[cfg(test)]
mod tests;
