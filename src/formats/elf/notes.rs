//! Notes: what linkers and the kernel tell in an ELF file, by name and type.

use std::io;

use object::Endianness;
use object::elf::{FileHeader64, PT_NOTE};
use object::read::elf::NoteIterator;

use super::headers::Headers;
use crate::formats::read_at::ReadAt;

/// The type of the note that `ld --build-id` makes, whose name is `GNU`.
pub const NT_GNU_BUILD_ID: u32 = 3;

/// How many program headers are looked at for a build ID, as in the kernel
/// (`lib/buildid.c`).
const MAXIMUM_HEADERS: usize = 256;

/// How much is read of a file's notes in all; a segment is seldom above 100 bytes.
const MAXIMUM_NOTES: u64 = 1 << 20;

/// A note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// The name, with the zero byte at its end.
    pub name: &'a [u8],
    /// The type, which the name gives its meaning.
    pub kind: u32,
    /// The content.
    pub content: &'a [u8],
}

/// The notes of a segment, up to one that reaches beyond its end.
///
/// They are laid out alike in 32 and 64 bits, padded to four bytes.
pub fn notes<'a>(headers: &Headers, segment: &'a [u8]) -> impl Iterator<Item = Note<'a>> {
    let endian = headers.endian();
    let notes = NoteIterator::<FileHeader64<Endianness>>::new(endian, 4, segment);
    let notes = notes.into_iter().flatten().map_while(Result::ok);
    notes.map(move |note| Note {
        name: note.name_bytes(),
        kind: note.n_type(endian).0,
        content: note.desc(),
    })
}

/// The build ID of a file: the first note of that type among its notes, of any
/// length; the kernel takes none that is longer than 20 bytes.
///
/// # Errors
///
/// What the system says; `OutOfMemory` where there is no memory for it.
pub fn build_id<R: ReadAt + ?Sized>(source: &R, headers: &Headers) -> io::Result<Option<Vec<u8>>> {
    let mut rest = MAXIMUM_NOTES;
    for segment in headers.segments.iter().take(MAXIMUM_HEADERS) {
        if segment.kind != PT_NOTE.0 {
            continue;
        }
        let size = segment.file_size.min(rest);
        rest = rest.saturating_sub(size);
        let bytes = source.read_up_to(segment.offset, usize::try_from(size).unwrap_or_default())?;
        let id = notes(headers, &bytes).find(is_build_id);
        if let Some(note) = id {
            // A copy, where there is memory for it.
            return note.content.read_up_to(0, note.content.len()).map(Some);
        }
    }
    Ok(None)
}

fn is_build_id(note: &Note<'_>) -> bool {
    note.kind == NT_GNU_BUILD_ID && note.name == b"GNU\0" && !note.content.is_empty()
}
