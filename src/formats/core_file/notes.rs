//! The notes of a core file, of which three tell of its mappings.
//!
//! A note has the sizes of its owner and its content and a type, then both, each
//! padded to four bytes. The kernel writes them in `write_note_info` of
//! `fs/binfmt_elf.c`, gdb's `gcore` in another order and with others of its own.
//! What comes after the three is not looked at: each thread has some kilobytes.

use super::error::CoreError;
use super::form::Form;
use super::segments::NoteSegment;
use crate::formats::read_at::ReadAt;

const NT_PRPSINFO: u32 = 3;
const NT_AUXV: u32 = 6;
const NT_FILE: u32 = 0x4649_4c45;

/// The owner of all three.
const OWNER: &[u8] = b"CORE\0";

/// The sizes and the type, before owner and content.
const HEADER: u64 = 12;

/// As much of a note as its header and the owner take.
const BEGINNING: usize = 12 + OWNER.len();

/// The longest content that is read. A kernel's `NT_FILE` has at most 1 << 24 bytes
/// (`CORE_FILE_NOTE_SIZE_MAX` in `fs/coredump.c`), gdb's can have more.
const LONGEST: u64 = 1 << 28;

/// More segments of notes than the one that all writers of core files make.
const MOST_SEGMENTS: usize = 256;

/// More notes than any process has threads (`PID_MAX_LIMIT`), four times.
const MOST_NOTES: u32 = 1 << 24;

/// How much is read at once to look for notes.
const WINDOW: usize = 1 << 12;

/// The content of a note, and where in the file it stands.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) at: u64,
    pub(super) bytes: Vec<u8>,
}

/// The notes that tell of mappings; `None` for one that is not there, or cut short
/// by the end of the file.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// What the process is (`struct elf_prpsinfo`).
    pub(super) process: Option<Content>,
    /// What the kernel told the program at its start (getauxval(3)).
    pub(super) auxiliary_vector: Option<Content>,
    /// Which files are mapped.
    pub(super) files: Option<Content>,
}

impl Notes {
    /// Looks for the notes in all segments of them.
    ///
    /// # Errors
    ///
    /// Where a note is longer than its segment, or there are too many.
    pub(super) fn read<S: ReadAt + ?Sized>(
        source: &S,
        form: Form,
        segments: &[NoteSegment],
    ) -> Result<Self, CoreError> {
        let mut notes = Self::default();
        let mut left = MOST_NOTES;
        for segment in segments.iter().take(MOST_SEGMENTS) {
            let mut reader = Reader::new(source, form, segment);
            while let Some(note) = reader.next()? {
                left = left.saturating_sub(1);
                if left == 0 {
                    let reason = format!("note: expected at most {MOST_NOTES} of them");
                    return Err(CoreError::at(note.at, reason));
                }
                let is_whole = notes.take(source, &note)?;
                if !is_whole || notes.are_complete() {
                    return Ok(notes);
                }
            }
        }
        Ok(notes)
    }

    fn are_complete(&self) -> bool {
        self.process.is_some() && self.auxiliary_vector.is_some() && self.files.is_some()
    }

    /// Reads the content of a note that tells something, unless it is there already,
    /// and returns whether the file had all of it.
    fn take<S: ReadAt + ?Sized>(&mut self, source: &S, note: &Note) -> Result<bool, CoreError> {
        let place = match note.kind {
            _ if !note.is_of_core => return Ok(true),
            NT_PRPSINFO => &mut self.process,
            NT_AUXV => &mut self.auxiliary_vector,
            NT_FILE => &mut self.files,
            _ => return Ok(true),
        };
        if place.is_some() {
            return Ok(true);
        }
        if note.size > LONGEST {
            let size = note.size;
            let reason = format!("note: expected at most {LONGEST} bytes, found {size}");
            return Err(CoreError::at(note.at, reason));
        }
        let size = usize::try_from(note.size).unwrap_or(usize::MAX);
        let bytes = source.read_up_to(note.content_at, size)?;
        let is_whole = bytes.len() == size;
        if is_whole {
            let at = note.content_at;
            *place = Some(Content { at, bytes });
        }
        Ok(is_whole)
    }
}

/// A note, as its header tells.
struct Note {
    at: u64,
    kind: u32,
    is_of_core: bool,
    content_at: u64,
    size: u64,
}

/// Reads the headers of notes, one after the other.
struct Reader<'a, S: ?Sized> {
    source: &'a S,
    form: Form,
    at: u64,
    end: u64,
    /// A part of the file, to look for many small notes at once.
    window: Vec<u8>,
    window_at: u64,
}

impl<'a, S: ReadAt + ?Sized> Reader<'a, S> {
    fn new(source: &'a S, form: Form, segment: &NoteSegment) -> Self {
        Self {
            source,
            form,
            at: segment.offset,
            end: segment.offset.saturating_add(segment.size),
            window: Vec::new(),
            window_at: 0,
        }
    }

    /// The next note; `None` at the end of the segment or of the file.
    fn next(&mut self) -> Result<Option<Note>, CoreError> {
        let (at, form) = (self.at, self.form);
        let left = self.end.saturating_sub(at);
        if left < HEADER {
            return Ok(None);
        }
        let bytes = self.bytes(at)?;
        let sizes = (form.u32(bytes, 0), form.u32(bytes, 4), form.u32(bytes, 8));
        let (Some(owner_size), Some(size), Some(kind)) = sizes else {
            return Ok(None);
        };
        let owner = bytes.get(12..).unwrap_or_default();
        let is_of_core = owner_size as usize == OWNER.len() && owner.starts_with(OWNER);
        let padded = |size: u32| u64::from(size).next_multiple_of(4);
        let content = HEADER.saturating_add(padded(owner_size));
        let whole = content.saturating_add(size.into());
        if whole > left {
            let reason = format!(
                "note: expected at most {left} bytes, which its segment has left, \
                 found {whole}"
            );
            return Err(CoreError::at(at, reason));
        }
        self.at = at.saturating_add(content).saturating_add(padded(size));
        Ok(Some(Note {
            at,
            kind,
            is_of_core,
            content_at: at.saturating_add(content),
            size: size.into(),
        }))
    }

    /// What the file has from a place on, at least as much as a header and an owner
    /// take unless the file ends.
    fn bytes(&mut self, at: u64) -> Result<&[u8], CoreError> {
        let start = |window_at: u64| usize::try_from(at.checked_sub(window_at)?).ok();
        let known = start(self.window_at).and_then(|start| self.window.get(start..));
        if known.is_none_or(|known| known.len() < BEGINNING) {
            self.window = self.source.read_up_to(at, WINDOW)?;
            self.window_at = at;
        }
        let start = start(self.window_at).unwrap_or_default();
        Ok(self.window.get(start..).unwrap_or_default())
    }
}
