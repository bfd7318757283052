//! What a line's grammar, a regex, found in a line: fields, and which one to blame.
//!
//! Each field is a group, optional inside the one before it, so that the pattern
//! always matches: on a line of another form, the match ends at the field to blame.

use regex::bytes::{Captures, Match, Regex};

use crate::formats::error::Fault;

/// A field of a line, as its grammar knows it.
pub(super) trait Part: Copy {
    /// The number of its group.
    fn group(self) -> usize;

    /// What stands after it, where the line goes on.
    fn terminator(self) -> u8;

    /// The fault that the field is not what it should be; `found` is the line from
    /// there on.
    fn fault(self, found: &[u8]) -> Fault;
}

/// What a pattern found in a line.
pub(super) struct Found<'a> {
    line: &'a [u8],
    groups: Captures<'a>,
}

impl<'a> Found<'a> {
    /// `None` where the pattern does not match at all.
    pub(super) fn new(pattern: &Regex, line: &'a [u8]) -> Option<Self> {
        let groups = pattern.captures(line)?;
        Some(Self { line, groups })
    }

    pub(super) fn group(&self, part: impl Part) -> Option<Match<'a>> {
        self.groups.get(part.group())
    }

    /// The text of a field that is there and ends where it should.
    pub(super) fn text(&self, part: impl Part) -> Result<&'a [u8], Fault> {
        match self.group(part) {
            None => Err(part.fault(self.unmatched())),
            Some(group) => match self.line.get(group.end()) {
                Some(&next) if next != part.terminator() => Err(self.fault_in(group, part)),
                _ => Ok(group.as_bytes()),
            },
        }
    }

    /// A field's text, decoded; `None` from `decode` is the field's fault.
    pub(super) fn decode<T>(
        &self,
        part: impl Part,
        decode: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<T, Fault> {
        decode(self.text(part)?).ok_or_else(|| match self.group(part) {
            Some(group) => self.fault_in(group, part),
            None => part.fault(self.unmatched()),
        })
    }

    /// A number of the size of its type.
    pub(super) fn number<T: TryFrom<u64>>(&self, part: impl Part, radix: u32) -> Result<T, Fault> {
        self.decode(part, |digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            T::try_from(u64::from_str_radix(digits, radix).ok()?).ok()
        })
    }

    /// A fault that quotes the line from the beginning of the field.
    fn fault_in(&self, group: Match<'_>, part: impl Part) -> Fault {
        part.fault(self.line.get(group.start()..).unwrap_or_default())
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
