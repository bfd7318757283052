//! One maps line: the grammar, and the borrowed record it yields.
//!
//! The line is printed by `show_map_vma` in the kernel's `fs/proc/task_mmu.c`:
//!
//! ```text
//! 7f3a5c000000-7f3a5c021000 r-xp 00002000 fe:00 247774      /usr/lib/libc.so.6
//! begin        end          perm offset   device inode      pathname
//! ```

use once_cell::sync::Lazy;
use regex::bytes::{Captures, Match, Regex};

use crate::error::{Fault, Field};
use crate::permissions::Permissions;
use crate::scan;

/// The source of a mapping: major and minor number of a block device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device {
    /// The major number.
    pub major: u32,
    /// The minor number.
    pub minor: u32,
}

impl Device {
    /// What stands for no device: 0:0.
    pub const NONE: Self = Self { major: 0, minor: 0 };
}

/// The fields of a mapping that have a fixed size.
///
/// Ordered field by field, begin address first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fields {
    /// The first address in the mapping.
    pub begin_address: u64,
    /// The first address past the mapping; never below the begin address.
    pub end_address: u64,
    /// Read, write, execute, and shared or private.
    pub permissions: Permissions,
    /// Where in the source the mapping begins, in bytes.
    pub offset: u64,
    /// The device that holds the source; 0:0 where there is none.
    pub device: Device,
    /// The inode of the source on that device; 0 where there is none.
    pub inode: u64,
}

impl Fields {
    /// How many bytes are mapped.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.end_address.saturating_sub(self.begin_address)
    }

    /// Whether there is a source to map: a file, a device or shared memory.
    #[must_use]
    pub fn has_source(&self) -> bool {
        self.inode != 0 || self.device != Device::NONE
    }
}

/// One line, decoded; the name is still part of the text it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Record<'a> {
    /// All fields but the name.
    pub fields: Fields,
    /// The name as printed: never empty, never with a leading space.
    pub pathname: Option<&'a [u8]>,
}

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
pub fn parse(line: &[u8]) -> Result<Record<'_>, Fault> {
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
pub fn parse_any(line: &[u8]) -> Result<Record<'_>, Fault> {
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
        None => Ok(Record { fields, pathname }),
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
mod tests {
    use super::*;

    const MAPPED: &str =
        "7f3a5c000000-7f3a5c021000 r-xp 00002000 fe:00 247774                     /usr/lib/a b";

    /// Both ways of reading a line, which have to agree.
    fn read(line: &str) -> Result<Record<'_>, String> {
        let record = parse(line.as_bytes());
        assert_eq!(record, parse_any(line.as_bytes()), "{line:?}");
        record.map_err(|fault| fault.at(1, b"").reason)
    }

    #[test]
    fn a_kernel_line_is_read_field_by_field() {
        let record = read(MAPPED).unwrap();
        let expected = Fields {
            begin_address: 0x7f3a_5c00_0000,
            end_address: 0x7f3a_5c02_1000,
            permissions: Permissions::from_bytes(b"r-xp").unwrap(),
            offset: 0x2000,
            device: Device {
                major: 0xfe,
                minor: 0,
            },
            inode: 247_774,
        };
        assert_eq!(record.fields, expected);
        assert_eq!(record.pathname, Some(&b"/usr/lib/a b"[..]));
    }

    #[test]
    fn a_name_keeps_every_byte_but_its_leading_spaces() {
        for (rest, name) in [
            ("", None),
            (" ", None),
            ("    ", None),
            (" x", Some("x")),
            ("     x ", Some("x ")),
            (
                " /a  b\tc\r\u{b}\u{c}\u{85}\u{2028}",
                Some("/a  b\tc\r\u{b}\u{c}\u{85}\u{2028}"),
            ),
            (" \t", Some("\t")),
        ] {
            let line = format!("1000-2000 rw-s 0 0:0 5{rest}");
            assert_eq!(
                read(&line).unwrap().pathname,
                name.map(str::as_bytes),
                "{rest:?}"
            );
        }
        let bytes = b"1000-2000 rw-s 00000000 00:00 5 /\xff\xfe";
        assert_eq!(parse(bytes).unwrap().pathname, Some(&b"/\xff\xfe"[..]));
    }

    #[test]
    fn the_widest_numbers_fit_and_wider_ones_name_their_field() {
        let widest = read(
            "ffffffffffffffff-FFFFFFFFFFFFFFFF ---p ffffffffffffffff \
                           ffffffff:ffffffff 18446744073709551615",
        )
        .unwrap()
        .fields;
        assert_eq!(widest.begin_address, u64::MAX);
        assert_eq!(widest.end_address, u64::MAX);
        assert_eq!(widest.offset, u64::MAX);
        assert_eq!(
            widest.device,
            Device {
                major: u32::MAX,
                minor: u32::MAX
            }
        );
        assert_eq!(widest.inode, u64::MAX);
        let zeros = read(
            "00000000000000000001-00000000000000000002 ---p 000000000000000000003 \
                          000000004:000000005 0000000000000000000000006",
        )
        .unwrap()
        .fields;
        assert_eq!(
            (zeros.begin_address, zeros.end_address, zeros.offset),
            (1, 2, 3)
        );
        assert_eq!(
            (zeros.device, zeros.inode),
            (Device { major: 4, minor: 5 }, 6)
        );
        for (line, field) in [
            ("10000000000000000-2 ---p 0 0:0 0", "begin address"),
            ("1-10000000000000000 ---p 0 0:0 0", "end address"),
            ("1-2 ---p 10000000000000000 0:0 0", "offset"),
            ("1-2 ---p 0 100000000:0 0", "device major"),
            ("1-2 ---p 0 0:100000000 0", "device minor"),
            ("1-2 ---p 0 0:0 18446744073709551616", "inode"),
        ] {
            let reason = read(line).unwrap_err();
            assert!(
                reason.starts_with(&format!("{field}: expected ")),
                "{reason}"
            );
        }
    }

    #[test]
    fn a_fault_names_the_field_what_it_should_be_and_what_is_there() {
        for (line, reason) in [
            (
                "",
                r#"begin address: expected hexadecimal digits (at most 64 bits) and "-", found the end of the line"#,
            ),
            (
                " 1-2 ---p",
                r#"begin address: expected hexadecimal digits (at most 64 bits) and "-", found " 1-2 ---p""#,
            ),
            (
                "1g-2 ---p",
                r#"begin address: expected hexadecimal digits (at most 64 bits) and "-", found "1g-2 ---p""#,
            ),
            (
                "1 2",
                r#"begin address: expected hexadecimal digits (at most 64 bits) and "-", found "1 2""#,
            ),
            (
                "1-",
                "end address: expected hexadecimal digits (at most 64 bits) and a space, found the end of the line",
            ),
            (
                "1-2\t---p",
                r#"end address: expected hexadecimal digits (at most 64 bits) and a space, found "2\t---p""#,
            ),
            (
                "2-1 ---p 0 0:0 0",
                r#"end address: expected at least the begin address, 2, found "1""#,
            ),
            (
                "1-2",
                r#"permissions: expected four characters such as "r-xp" and a space, found the end of the line"#,
            ),
            (
                "1-2  wr-p 0",
                r#"permissions: expected four characters such as "r-xp" and a space, found "wr-p 0""#,
            ),
            (
                "1-2 r--pp 0",
                r#"permissions: expected four characters such as "r-xp" and a space, found "r--pp 0""#,
            ),
            (
                "1-2 r--p 0x",
                r#"offset: expected hexadecimal digits (at most 64 bits) and a space, found "0x""#,
            ),
            (
                "1-2 r--p 0 :1",
                r#"device major: expected hexadecimal digits (at most 32 bits) and ":", found ":1""#,
            ),
            (
                "1-2 r--p 0 1:",
                "device minor: expected hexadecimal digits (at most 32 bits) and a space, found the end of the line",
            ),
            (
                "1-2 r--p 0 1:1 -1 /x",
                r#"inode: expected decimal digits (at most 64 bits), then a space or the end, found "-1 /x""#,
            ),
            (
                "1-2 r--p 0 1:1 12/x",
                r#"inode: expected decimal digits (at most 64 bits), then a space or the end, found "12/x""#,
            ),
            (
                "1-2 r--p 0 1:1 12 /x\0y",
                r#"pathname: expected no NUL byte, found "\x00y""#,
            ),
            (
                "1-2 r--p 0 1:1 12 \0",
                r#"pathname: expected no NUL byte, found "\x00""#,
            ),
        ] {
            assert_eq!(read(line).unwrap_err(), reason, "{line:?}");
        }
    }

    #[test]
    fn an_empty_mapping_is_legal() {
        assert_eq!(read("1-1 ---p 0 0:0 0").unwrap().fields.end_address, 1);
    }
}
