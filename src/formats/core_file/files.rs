//! The note `NT_FILE`: which files were mapped where.
//!
//! `fill_files_note` in the kernel's `fs/binfmt_elf.c` writes it in words of the
//! process: how many there are, the unit of their offsets; of each begin, end and
//! offset; then all names, each ended by a NUL. A name is as `d_path` gives it: a
//! newline as itself, " (deleted)" after an unlinked file.

use std::ops::Range;

use super::error::CoreError;
use super::form::Form;
use super::notes::Content;

/// A mapping of a file.
#[derive(Clone, Debug)]
pub(super) struct FileRange {
    pub(super) begin: u64,
    pub(super) end: u64,
    /// In bytes.
    pub(super) offset: u64,
    /// Where in the note its name stands.
    pub(super) name: Range<usize>,
    /// Where in the core file it is told of.
    at: u64,
}

/// Reads the note; ranges come in the order of their addresses.
///
/// # Errors
///
/// Where it is shorter than it says, or a range can't be or overlaps another.
pub(super) fn parse(form: Form, note: &Content) -> Result<Vec<FileRange>, CoreError> {
    let mut cursor = Cursor { form, note, at: 0 };
    let count = cursor.word("the number of files")?;
    let unit = cursor.word("the unit of offsets")?;
    // Each has three words and at least the NUL of its name.
    let entry = form.word_size().saturating_mul(3);
    let most = note.bytes.len().checked_div(entry.saturating_add(1));
    let most = most.unwrap_or_default();
    let count = usize::try_from(count)
        .ok()
        .filter(|count| *count <= most)
        .ok_or_else(|| {
            let reason = format!("note of files: expected at most {most} of them, found {count}");
            CoreError::at(note.at, reason)
        })?;
    let names_at = entry
        .saturating_mul(count)
        .saturating_add(form.word_size().saturating_mul(2));
    let mut names = Names {
        note,
        rest: names_at,
    };
    let mut files = Vec::new();
    files.try_reserve_exact(count)?;
    for number in 0..count {
        let file = cursor.file(number, unit, &mut names)?;
        if file.begin < file.end {
            files.push(file);
        }
    }
    sort(&mut files)?;
    Ok(files)
}

/// Puts ranges in order, which they nearly always have.
fn sort(files: &mut [FileRange]) -> Result<(), CoreError> {
    files.sort_unstable_by_key(|file| (file.begin, file.at));
    for (one, next) in files.iter().zip(files.iter().skip(1)) {
        if next.begin < one.end {
            let reason = format!(
                "note of files: expected no overlap with {:#x}-{:#x}, found {:#x}-{:#x}",
                one.begin, one.end, next.begin, next.end
            );
            return Err(CoreError::at(next.at, reason));
        }
    }
    Ok(())
}

/// Reads words, one after the other.
struct Cursor<'a> {
    form: Form,
    note: &'a Content,
    at: usize,
}

impl Cursor<'_> {
    fn word(&mut self, what: &str) -> Result<u64, CoreError> {
        let Some(word) = self.form.word(&self.note.bytes, self.at) else {
            let reason = format!("note of files: expected {what}, found its end");
            return Err(CoreError::at(self.place(), reason));
        };
        self.at = self.at.saturating_add(self.form.word_size());
        Ok(word)
    }

    /// Where in the core file the next word stands.
    fn place(&self) -> u64 {
        self.note.at.saturating_add(self.at as u64)
    }

    fn file(
        &mut self,
        number: usize,
        unit: u64,
        names: &mut Names<'_>,
    ) -> Result<FileRange, CoreError> {
        let at = self.place();
        let (begin, end) = (self.word("a begin address")?, self.word("an end address")?);
        let units = self.word("an offset")?;
        let name = names.next(number)?;
        let (size, offset) = (end.checked_sub(begin), units.checked_mul(unit));
        let last = size
            .zip(offset)
            .and_then(|(size, offset)| offset.checked_add(size));
        let Some((offset, _)) = offset.zip(last) else {
            let reason = format!(
                "note of files: expected a range of file {number}, \
                 found {begin:#x}-{end:#x} at {units} times {unit}"
            );
            return Err(CoreError::at(at, reason));
        };
        Ok(FileRange {
            begin,
            end,
            offset,
            name,
            at,
        })
    }
}

/// Reads names, one after the other.
struct Names<'a> {
    note: &'a Content,
    rest: usize,
}

impl Names<'_> {
    fn next(&mut self, number: usize) -> Result<Range<usize>, CoreError> {
        let start = self.rest;
        let rest = self.note.bytes.get(start..).unwrap_or_default();
        let place = self.note.at.saturating_add(start as u64);
        let Some(length) = memchr::memchr(0, rest) else {
            let reason =
                format!("note of files: expected the name of file {number}, found its end");
            return Err(CoreError::at(place, reason));
        };
        if rest.starts_with(b" ") {
            let reason = format!(
                "note of files: expected a name of file {number} without a space at its beginning"
            );
            return Err(CoreError::at(place, reason));
        }
        let end = start.saturating_add(length);
        self.rest = end.saturating_add(1);
        Ok(start..end)
    }
}
