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

use crate::error::{Document, Fault, ParseError};
use crate::field_line::{self, Number, number};
use crate::field_scan;
use crate::line;
use crate::text::Lines;
use crate::usage::{Field, Usage};

/// The field whose value is a list of codes; see [`crate::vm_flags`].
const VM_FLAGS: &[u8] = b"VmFlags";

/// How many fields without a known meaning a mapping can have: far more than any
/// kernel prints, and few enough that one record never takes long.
const MOST_EXTRA: usize = 4096;

/// One mapping and what it costs; text is still part of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The maps line.
    pub map: line::Record<'a>,
    /// The numbers, sizes in bytes.
    pub usage: Usage,
    /// The codes of `VmFlags`, without blanks around them.
    pub vm_flags: Option<&'a [u8]>,
    /// Every other field, by the name that the kernel prints.
    pub extra: Vec<(&'a [u8], Value<'a>)>,
}

impl Record<'_> {
    fn is_empty(&self) -> bool {
        self.usage.is_empty() && self.vm_flags.is_none() && self.extra.is_empty()
    }
}

/// The value of a field without a known meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A number, in bytes where kB stands after it.
    Number(u64),
    /// Anything else.
    Text(&'a [u8]),
}

/// Reads every mapping of an smaps document, or the one of `smaps_rollup`.
///
/// # Errors
///
/// The last item is a [`ParseError`] where a line does not belong in smaps.
#[must_use]
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
    map: line::Record<'a>,
}

impl<'a> Records<'a> {
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
    fn record(&mut self, header: &Header<'a>) -> Result<Record<'a>, ParseError> {
        let mut record = Record {
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
    fn field(&mut self, record: &mut Record<'a>, line: &'a [u8]) -> Result<bool, Fault> {
        let Some((name, value)) = field_line::parse(line) else {
            return Ok(false);
        };
        if name == VM_FLAGS {
            if record.vm_flags.replace(value).is_some() {
                return Err(Fault::repeated(name, line));
            }
        } else if let Some(field) = Field::from_kernel_name(name) {
            self.order.learn(field);
            insert(record, field, value, line)?;
        } else {
            if !self.extra.insert(name) {
                return Err(Fault::repeated(name, line));
            }
            if self.extra.len() > MOST_EXTRA {
                return Err(Fault::too_many_fields(MOST_EXTRA, line));
            }
            record.extra.push((name, extra_value(name, value)?));
        }
        Ok(true)
    }

    #[cold]
    fn without_fields(&self, header: &Header<'_>) -> ParseError {
        let fault = Fault::no_fields(Field::Rss.kernel_name());
        let fault = if self.is_first {
            fault.in_what_seems(Document::Maps)
        } else {
            fault
        };
        fault.at(header.number, header.line)
    }

    /// After an error there is nothing more.
    fn give_up(&mut self) {
        self.lines = Lines::of_kernel(b"");
        self.header = None;
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, ParseError>;

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

/// Whether a line is a field of smaps that this library knows.
#[must_use]
pub fn is_known_field(line: &[u8]) -> bool {
    field_line::parse(line)
        .is_some_and(|(name, _)| name == VM_FLAGS || Field::from_kernel_name(name).is_some())
}

#[inline]
fn insert(record: &mut Record<'_>, field: Field, value: &[u8], line: &[u8]) -> Result<(), Fault> {
    let is_size = field.is_size();
    let number = match number(value) {
        Some(Number::Plain(number)) => Some(number),
        Some(Number::InKilobytes(number)) if is_size => Some(number),
        _ => None,
    };
    let Some(number) = number else {
        let expected = if is_size {
            "decimal digits (at most 64 bits of bytes), with or without kB"
        } else {
            "decimal digits (at most 64 bits)"
        };
        return Err(Fault::value(field.kernel_name(), expected, value));
    };
    if record.usage.insert(field, number) {
        Ok(())
    } else {
        Err(Fault::repeated(field.kernel_name().as_bytes(), line))
    }
}

/// The value of a field without a known meaning.
fn extra_value<'a>(name: &[u8], value: &'a [u8]) -> Result<Value<'a>, Fault> {
    match number(value) {
        Some(Number::Plain(number) | Number::InKilobytes(number)) => Ok(Value::Number(number)),
        Some(Number::TooLarge) => {
            let expected = "a number of at most 64 bits";
            let name = name.escape_ascii().to_string();
            Err(Fault::value(&name, expected, value))
        }
        None => Ok(Value::Text(value)),
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

/// In which order the fields come: a kernel prints every mapping's in the same,
/// so that after each field one comparison finds the next.
#[derive(Debug, Default)]
struct Order {
    /// The field that came after each, and after [`START`] the first.
    next: [Option<Field>; START + 1],
    last: usize,
}

const START: usize = Field::COUNT;

impl Order {
    fn restart(&mut self) {
        self.last = START;
    }

    /// The field that came here in the mapping before.
    #[inline]
    fn next(&self) -> Option<Field> {
        self.next.get(self.last).copied().flatten()
    }

    #[inline]
    fn advance(&mut self, field: Field) {
        self.last = field as usize;
    }

    fn learn(&mut self, field: Field) {
        if let Some(next) = self.next.get_mut(self.last) {
            *next = Some(field);
        }
        self.advance(field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "1000-3000 r-xp 00002000 08:01 42 /usr/bin/a";

    fn read(text: &str) -> Result<Vec<Record<'_>>, ParseError> {
        records(Lines::of_file(text.as_bytes())).collect()
    }

    /// The message for this line after a header.
    fn reason(line: &str) -> String {
        let text = format!("{HEADER}\nSwap: 0 kB\n\n{line}");
        let error = records(Lines::of_file(text.as_bytes()))
            .last()
            .unwrap()
            .unwrap_err();
        assert_eq!(
            (error.line_number, error.line),
            (4, line.as_bytes().to_vec())
        );
        error.reason
    }

    #[test]
    fn fields_are_known_by_name_in_any_order() {
        let text = format!(
            "{HEADER}\nRss: 4 kB\nSize:8 kB\nVmFlags: rd mr \nTHPeligible: 1\nNew:  7 kB\n\
             {HEADER}\nSize: 12288\nName:  [anon:x y]\nRss:\t8 kB\nVmFlags:\nProtectionKey: 3\n"
        );
        let [first, second] = <[_; 2]>::try_from(read(&text).unwrap()).unwrap();
        assert_eq!(first.map, line::parse(HEADER.as_bytes()).unwrap());
        assert_eq!(first.usage.get(Field::Size), Some(8192));
        assert_eq!(first.usage.get(Field::Rss), Some(4096));
        assert_eq!(first.usage.get(Field::Pss), None);
        assert_eq!(first.usage.get(Field::ThpEligible), Some(1));
        assert_eq!(first.vm_flags, Some(&b"rd mr"[..]));
        assert_eq!(first.extra, [(&b"New"[..], Value::Number(7168))]);
        assert_eq!(second.usage.get(Field::Size), Some(12288));
        assert_eq!(second.usage.get(Field::Rss), Some(8192));
        assert_eq!(second.usage.get(Field::ThpEligible), None);
        assert_eq!(second.usage.get(Field::ProtectionKey), Some(3));
        assert_eq!(second.vm_flags, Some(&b""[..]));
        assert_eq!(second.extra, [(&b"Name"[..], Value::Text(b"[anon:x y]"))]);
    }

    #[test]
    fn a_name_that_begins_like_the_usual_next_one_is_its_own() {
        let text = format!(
            "{HEADER}\nRss: 4 kB\nPss: 4 kB\n{HEADER}\nRss: 8 kB\nPss_Dirty: 1 kB\nPss: 2 kB\n"
        );
        let usage = read(&text).unwrap().pop().unwrap().usage;
        assert_eq!(usage.get(Field::PssDirty), Some(1024));
        assert_eq!(usage.get(Field::Pss), Some(2048));
    }

    #[test]
    fn a_bad_value_is_named() {
        assert_eq!(
            reason("Rss: 4 MB"),
            "Rss: expected decimal digits (at most 64 bits of bytes), with or without kB, \
             found \"4 MB\""
        );
        assert!(reason("Rss:").ends_with("found the end of the line"));
        assert!(reason("Pss: 18014398509481984 kB").starts_with("Pss: expected decimal digits"));
        assert_eq!(
            reason("ProtectionKey: 4 kB"),
            "ProtectionKey: expected decimal digits (at most 64 bits), found \"4 kB\""
        );
        assert_eq!(
            reason("New: 18446744073709551616"),
            "New: expected a number of at most 64 bits, found \"18446744073709551616\""
        );
    }

    #[test]
    fn a_field_comes_once() {
        assert_eq!(
            reason("Swap: 1 kB"),
            "Swap: expected one such field in a mapping, found \"Swap: 1 kB\""
        );
        let twice = |line: &str| read(&format!("{HEADER}\n{line}\n{line}\n")).unwrap_err();
        assert!(
            twice("VmFlags: rd")
                .reason
                .starts_with("VmFlags: expected one")
        );
        assert!(twice("New: 1").reason.starts_with("New: expected one"));
    }

    #[test]
    fn the_fields_of_one_mapping_have_an_end() {
        let fields: Vec<_> = (0..=MOST_EXTRA).map(|n| format!("New{n}: {n}")).collect();
        let text = format!("{HEADER}\n{}", fields.join("\n"));
        let error = read(&text).unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 4098: field: expected at most 4096 unknown ones in a mapping, \
             found \"New4096: 4096\""
        );
        let (most, _) = text.rsplit_once('\n').unwrap();
        let twice = read(&format!("{most}\n{most}")).unwrap().len();
        assert_eq!(twice, 2);
    }

    #[test]
    fn what_is_neither_field_nor_header_is_refused() {
        assert_eq!(
            reason("nonsense"),
            "field: expected a name, \":\" and a value, or the maps line of the next mapping, \
             found \"nonsense\""
        );
        assert!(reason(" Rss: 4 kB").starts_with("field: "));
        assert!(reason("abc").starts_with("field: "));
        assert!(reason("3000-4000 r--p 0 0:0").starts_with("inode: "));
        assert!(reason("3000-2000 r--p 0 0:0 0").starts_with("end address: "));
    }

    #[test]
    fn a_document_begins_with_a_header() {
        let error = read("\nRss: 4 kB\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2: mapping: expected a maps line before the first field, found \"Rss: 4 kB\""
        );
        assert!(
            read("nonsense")
                .unwrap_err()
                .reason
                .starts_with("begin address: ")
        );
        assert_eq!(read("").unwrap(), []);
    }

    #[test]
    fn a_header_without_fields_is_no_smaps() {
        let error = read(&format!("{HEADER}\n{HEADER}\n")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 1: fields: expected lines such as \"Rss: 4 kB\" after it, found none"
        );
        assert_eq!(
            (error.line, error.seems),
            (HEADER.into(), Some(Document::Maps))
        );
        assert_eq!(read(HEADER).unwrap_err().seems, Some(Document::Maps));
        let error = read(&format!("{HEADER}\nRss: 4 kB\n{HEADER}\n")).unwrap_err();
        assert_eq!((error.line_number, error.seems), (3, None));
    }

    #[test]
    fn after_an_error_there_is_nothing() {
        let text = format!("{HEADER}\n{HEADER}\nRss: 4 kB\n");
        let mut records = records(Lines::of_file(text.as_bytes()));
        assert!(records.next().unwrap().is_err());
        assert!(records.next().is_none());
    }
}
