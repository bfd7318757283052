//! A whole smaps document as records: what each mapping costs in memory.
//!
//! A record is a maps line and the fields of that mapping, one a line, printed
//! by `show_smap` in the kernel's `fs/proc/task_mmu.c`:
//!
//! ```text
//! 7f3a5c000000-7f3a5c021000 r-xp 00002000 fe:00 247774      /usr/lib/libc.so.6
//! Size:                132 kB
//! THPeligible:           0
//! VmFlags: rd ex mr mw me
//! ```
//!
//! Kernels differ in which fields they print, in what order and with how many
//! spaces, so a field is known by its name alone.

use std::collections::HashSet;

use crate::formats::error::{Document, Fault, ParseError};
use crate::formats::lines::Lines;
use crate::formats::maps::line;
use crate::formats::smaps::usage::{Field, Usage};
use crate::mapping::Mapping;

pub mod field_line;
mod field_scan;
mod order;
pub mod usage;
mod value;
pub mod vm_flags;

use order::Order;
pub use value::Value;

/// The field whose value is a list of codes; see [`crate::formats::smaps::vm_flags`].
const VM_FLAGS: &[u8] = b"VmFlags";

/// How many fields without a known meaning a mapping can have: far more than any
/// kernel prints, and few enough that one record never takes long.
const MOST_EXTRA: usize = 4096;

/// One mapping and what it costs; text is still part of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingUsage<'a> {
    /// The maps line.
    pub map: Mapping<'a>,
    /// The numbers, sizes in bytes.
    pub usage: Usage,
    /// The codes of `VmFlags`, without blanks around them.
    pub vm_flags: Option<&'a [u8]>,
    /// Every other field, by the name that the kernel prints.
    pub extra: Vec<(&'a [u8], Value<'a>)>,
}

impl MappingUsage<'_> {
    fn is_empty(&self) -> bool {
        self.usage.is_empty() && self.vm_flags.is_none() && self.extra.is_empty()
    }
}

/// Reads every mapping of an smaps document, or the one of `smaps_rollup`.
///
/// # Errors
///
/// The last item is a [`ParseError`] where a line does not belong in smaps.
pub fn records(lines: Lines<'_>) -> Records<'_> {
    Records {
        lines,
        header: None,
        is_first: true,
        order: Order::default(),
        extra: HashSet::new(),
    }
}

/// The iterator that [`records`] gives.
#[derive(Debug)]
pub struct Records<'a> {
    lines: Lines<'a>,
    /// The maps line that ended the record before.
    header: Option<Header<'a>>,
    is_first: bool,
    order: Order,
    /// The names in the record's `extra`, of which a hostile document has many.
    extra: HashSet<&'a [u8]>,
}

#[derive(Clone, Copy, Debug)]
struct Header<'a> {
    number: u64,
    line: &'a [u8],
    map: Mapping<'a>,
}

impl<'a> Records<'a> {
    /// How many bytes of the document are yet to be read.
    pub fn bytes_left(&self) -> usize {
        self.lines.rest().len()
    }

    /// The maps line that the document begins with.
    fn first_header(&mut self) -> Option<Result<Header<'a>, ParseError>> {
        let (number, line) = self.lines.next()?;
        let map = match field_line::parse(line) {
            Some(_) => Err(Fault::no_mapping(line)),
            None => line::parse(line),
        };
        Some(match map {
            Ok(map) => Ok(Header { number, line, map }),
            Err(fault) => Err(fault.at(number, line)),
        })
    }

    /// The fields after a maps line, up to the next one, which is kept.
    fn record(&mut self, header: &Header<'a>) -> Result<MappingUsage<'a>, ParseError> {
        let mut record = MappingUsage {
            map: header.map,
            usage: Usage::default(),
            vm_flags: None,
            extra: Vec::new(),
        };
        self.order.restart();
        self.extra.clear();
        loop {
            self.usual_fields(&mut record.usage);
            let Some((number, line)) = self.lines.next() else {
                break;
            };
            let is_field = self.field(&mut record, line);
            if is_field.map_err(|fault| fault.at(number, line))? {
                continue;
            }
            let map = line::parse(line).map_err(|fault| explained(fault, line).at(number, line))?;
            self.header = Some(Header { number, line, map });
            break;
        }
        if record.is_empty() {
            return Err(self.without_fields(header));
        }
        self.is_first = false;
        Ok(record)
    }

    /// Takes the lines that are fields in their usual order and form.
    #[inline]
    fn usual_fields(&mut self, usage: &mut Usage) {
        while let Some(field) = self.order.next() {
            let found = field_scan::usual_field(self.lines.rest(), field);
            // A repetition is left to where it is reported.
            let Some((value, rest)) = found.filter(|_| usage.get(field).is_none()) else {
                break;
            };
            usage.insert(field, value);
            self.order.advance(field);
            self.lines.skip_line(rest);
        }
    }

    /// Takes a line into the record, if it is a field.
    fn field(&mut self, record: &mut MappingUsage<'a>, line: &'a [u8]) -> Result<bool, Fault> {
        let Some((name, value)) = field_line::parse(line) else {
            return Ok(false);
        };
        if name == VM_FLAGS {
            if record.vm_flags.replace(value).is_some() {
                return Err(Fault::repeated(name, line));
            }
        } else if let Some(field) = Field::from_kernel_name(name) {
            self.order.learn(field);
            value::insert(&mut record.usage, field, value, line)?;
        } else {
            if !self.extra.insert(name) {
                return Err(Fault::repeated(name, line));
            }
            if self.extra.len() > MOST_EXTRA {
                return Err(Fault::too_many_fields(MOST_EXTRA, line));
            }
            record.extra.push((name, value::extra_value(name, value)?));
        }
        Ok(true)
    }

    #[cold]
    fn without_fields(&self, header: &Header<'_>) -> ParseError {
        let fault = Fault::no_fields(Field::Rss.kernel_name());
        ParseError {
            seems: self.is_first.then_some(Document::Maps),
            ..fault.at(header.number, header.line)
        }
    }

    /// After an error there is nothing more.
    fn give_up(&mut self) {
        self.lines = Lines::from_kernel(b"");
        self.header = None;
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<MappingUsage<'a>, ParseError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let header = match self.header.take() {
            Some(header) => Ok(header),
            None => self.first_header()?,
        };
        let record = header.and_then(|header| self.record(&header));
        if record.is_err() {
            self.give_up();
        }
        Some(record)
    }
}

/// Notes of an error in maps text where the line is a field of smaps.
#[cold]
pub fn recognise(error: ParseError) -> ParseError {
    let is_field = field_line::parse(&error.line)
        .is_some_and(|(name, _)| name == VM_FLAGS || Field::from_kernel_name(name).is_some());
    ParseError {
        seems: is_field.then_some(Document::Smaps),
        ..error
    }
}

/// The header fault of a line that is no field: about the header's parts only
/// where the line begins as one.
#[cold]
fn explained(fault: Fault, line: &[u8]) -> Fault {
    let digits = line
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    match line.get(digits) {
        Some(b'-') if digits > 0 => fault,
        _ => Fault::no_field(line),
    }
}

#[cfg(test)]
mod tests;
