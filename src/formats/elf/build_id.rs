//! The build ID of an ELF file: what `ld --build-id` left in its notes.
//!
//! It is found where the kernel finds it (`lib/buildid.c`): in an executable or a
//! shared object of this machine's byte order, in the first note of type
//! `NT_GNU_BUILD_ID` of the first 256 program headers.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// How many program headers are looked at.
const MAXIMUM_HEADERS: u16 = 256;

/// How much is read of one segment of notes, which is seldom above 100 bytes.
const MAXIMUM_NOTES: u64 = 1 << 20;

/// The longest build ID that the kernel takes.
const MAXIMUM_SIZE: usize = 20;

const ET_EXEC: u16 = 2;
const ET_DYN: u16 = 3;
const PT_NOTE: u32 = 4;
const NT_GNU_BUILD_ID: u32 = 3;

/// Where the fields lie that lead to the notes.
struct Layout {
    /// `e_phoff` and `e_phnum` in the file's header.
    headers_offset: usize,
    headers_count: usize,
    /// The size of a program header, `p_offset` and `p_filesz` in it.
    header_size: usize,
    offset: usize,
    file_size: usize,
    read_address: fn(&[u8], usize) -> Option<u64>,
}

const ELF_32: Layout = Layout {
    headers_offset: 28,
    headers_count: 44,
    header_size: 32,
    offset: 4,
    file_size: 16,
    read_address: |bytes, at| read_u32(bytes, at).map(u64::from),
};

const ELF_64: Layout = Layout {
    headers_offset: 32,
    headers_count: 56,
    header_size: 56,
    offset: 8,
    file_size: 32,
    read_address: read_u64,
};

/// Reads the build ID of a file; `None` where it has none, or is no ELF file.
pub fn read(file: &File) -> io::Result<Option<Vec<u8>>> {
    let start = read_at(file, 0, 64)?;
    let Some((layout, headers)) = layout_of(&start) else {
        return Ok(None);
    };
    let size = usize::from(headers.count).saturating_mul(layout.header_size);
    for header in read_at(file, headers.offset, size)?.chunks_exact(layout.header_size) {
        if read_u32(header, 0) != Some(PT_NOTE) {
            continue;
        }
        let offset = (layout.read_address)(header, layout.offset).unwrap_or_default();
        let size = (layout.read_address)(header, layout.file_size).unwrap_or_default();
        let size = usize::try_from(size.min(MAXIMUM_NOTES)).unwrap_or_default();
        if let Some(id) = in_notes(&read_at(file, offset, size)?) {
            return Ok(Some(id.to_vec()));
        }
    }
    Ok(None)
}

/// Where the program headers are.
struct Headers {
    offset: u64,
    count: u16,
}

fn layout_of(start: &[u8]) -> Option<(Layout, Headers)> {
    let native = if cfg!(target_endian = "little") { 1 } else { 2 };
    let layout = match start.strip_prefix(b"\x7fELF")? {
        [1, data, ..] if *data == native => ELF_32,
        [2, data, ..] if *data == native => ELF_64,
        _ => return None,
    };
    if !matches!(read_u16(start, 16)?, ET_EXEC | ET_DYN) {
        return None;
    }
    let headers = Headers {
        offset: (layout.read_address)(start, layout.headers_offset)?,
        count: read_u16(start, layout.headers_count)?.min(MAXIMUM_HEADERS),
    };
    Some((layout, headers))
}

/// The build ID in a segment of notes: each has the sizes of its name and its
/// content and a type, then both, padded to four bytes.
fn in_notes(mut notes: &[u8]) -> Option<&[u8]> {
    const HEADER: usize = 12;
    loop {
        let name_size = usize::try_from(read_u32(notes, 0)?).ok()?;
        let size = usize::try_from(read_u32(notes, 4)?).ok()?;
        let name = notes.get(HEADER..)?;
        let content = name.get(name_size.checked_next_multiple_of(4)?..)?;
        let is_build_id = read_u32(notes, 8)? == NT_GNU_BUILD_ID
            && name.get(..name_size)? == b"GNU\0"
            && (1..=MAXIMUM_SIZE).contains(&size);
        if is_build_id {
            return content.get(..size);
        }
        notes = content.get(size.checked_next_multiple_of(4)?..)?;
    }
}

/// Up to this many bytes of a file from an offset on; fewer where it ends.
fn read_at(file: &File, offset: u64, size: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; size];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset.saturating_add(filled as u64)) {
            Ok(0) => break,
            Ok(size) => filled = filled.saturating_add(size),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // Offsets that no file has.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => break,
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

fn read_u16(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_ne_bytes(*bytes))
}

fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_ne_bytes(*bytes))
}

fn read_u64(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u64::from_ne_bytes(*bytes))
}
