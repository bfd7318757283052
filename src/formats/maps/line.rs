//! One maps line: the grammar, and how a line is read by it.
//!
//! The line is printed by `show_map_vma` in the kernel's `fs/proc/task_mmu.c`:
//!
//! ```text
//! 7f3a5c000000-7f3a5c021000 r-xp 00002000 fe:00 247774      /usr/lib/libc.so.6
//! begin        end          perm offset   device inode      pathname
//! ```

use once_cell::sync::Lazy;
use regex::bytes::{Captures, Match, Regex};

use crate::formats::error::{Fault, Field};
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
    let Some(groups) = LINE.as_ref().and_then(|pattern| pattern.captures(line)) else {
        return Err(Fault::field(Field::BeginAddress, line));
    };
    let found = Found { line, groups };
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

/// What [`LINE`] found in a line.
struct Found<'a> {
    line: &'a [u8],
    groups: Captures<'a>,
}

impl<'a> Found<'a> {
    fn group(&self, field: Field) -> Option<Match<'a>> {
        self.groups.get((field as usize).saturating_add(1))
    }

    /// The text of a field that is there and ends where it should.
    fn text(&self, field: Field) -> Result<&'a [u8], Fault> {
        let terminator = match field {
            Field::BeginAddress => b'-',
            Field::DeviceMajor => b':',
            _ => b' ',
        };
        match self.group(field) {
            None => Err(Fault::field(field, self.unmatched())),
            Some(group) => match self.line.get(group.end()) {
                Some(&next) if next != terminator => Err(self.fault_in(group, field)),
                _ => Ok(group.as_bytes()),
            },
        }
    }

    /// A field's text, decoded; `None` from `decode` is the field's fault.
    fn decode<T>(&self, field: Field, decode: impl Fn(&[u8]) -> Option<T>) -> Result<T, Fault> {
        decode(self.text(field)?).ok_or_else(|| match self.group(field) {
            Some(group) => self.fault_in(group, field),
            None => Fault::field(field, self.unmatched()),
        })
    }

    fn number<T: TryFrom<u64>>(&self, field: Field, radix: u32) -> Result<T, Fault> {
        self.decode(field, |digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            T::try_from(u64::from_str_radix(digits, radix).ok()?).ok()
        })
    }

    /// A fault that quotes the line from the beginning of the field.
    fn fault_in(&self, group: Match<'_>, field: Field) -> Fault {
        Fault::field(field, self.line.get(group.start()..).unwrap_or_default())
    }

    /// The line from where a missing field should begin.
    fn unmatched(&self) -> &'a [u8] {
        match self.groups.get_match().end() {
            0 => self.line,
            end => {
                let rest = self.line.get(end..).unwrap_or_default();
                let rest = rest.split_first().map_or(rest, |(_separator, rest)| rest);
                let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
                rest.get(blanks..).unwrap_or_default()
            }
        }
    }
}

#[cfg(test)]
mod tests;
