//! The program headers of a core file: what was mapped, what of it was written, and
//! where the notes are.

use super::error::CoreError;
use super::form::Form;
use super::header::Header;
use crate::formats::read_at::ReadAt;
use crate::mapping::Permissions;

const PT_LOAD: u32 = 1;
const PT_NOTE: u32 = 4;

const PF_X: u32 = 1;
const PF_W: u32 = 2;
const PF_R: u32 = 4;

/// How many program headers are read at once.
const CHUNK: u32 = 1 << 14;

/// A program header.
#[derive(Clone, Copy, Debug)]
struct ProgramHeader {
    kind: u32,
    flags: u32,
    offset: u64,
    address: u64,
    file_size: u64,
    memory_size: u64,
}

impl ProgramHeader {
    /// How many bytes one takes.
    fn size(form: Form) -> usize {
        form.either(32, 56)
    }

    fn parse(form: Form, bytes: &[u8]) -> Option<Self> {
        Some(Self {
            kind: form.u32(bytes, 0)?,
            flags: form.u32(bytes, form.either(24, 4))?,
            offset: form.word(bytes, form.either(4, 8))?,
            address: form.word(bytes, form.either(8, 16))?,
            file_size: form.word(bytes, form.either(16, 32))?,
            memory_size: form.word(bytes, form.either(20, 40))?,
        })
    }
}

/// The permissions that `p_flags` stand for; whether memory is shared they do not say.
pub(super) fn permissions(flags: u32) -> Permissions {
    let has = |flag| flags & flag != 0;
    Permissions::new(has(PF_R), has(PF_W), has(PF_X), false)
}

/// A mapping, as a `PT_LOAD` tells of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) begin: u64,
    pub(super) end: u64,
    pub(super) permissions: Permissions,
    /// What of its memory was written, and where in the file.
    pub(super) offset: u64,
    pub(super) file_size: u64,
    /// Where its program header stands.
    header_at: u64,
}

/// Notes: where in the file, and how many bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoteSegment {
    pub(super) offset: u64,
    pub(super) size: u64,
}

/// What the program headers say, loads in the order of their addresses.
#[derive(Debug, Default)]
pub(super) struct Segments {
    pub(super) loads: Vec<Load>,
    pub(super) notes: Vec<NoteSegment>,
}

impl Segments {
    /// Reads all program headers.
    ///
    /// # Errors
    ///
    /// Where one is cut short, wraps around the end of memory or overlaps another.
    pub(super) fn read<S: ReadAt + ?Sized>(source: &S, header: &Header) -> Result<Self, CoreError> {
        let size = ProgramHeader::size(header.form);
        let mut segments = Self::default();
        let mut number = 0_u32;
        while number < header.headers_count {
            let count = header.headers_count.saturating_sub(number).min(CHUNK);
            let at = offset_of(header, size, number);
            let bytes = source.read_up_to(at, size.saturating_mul(count as usize))?;
            let mut read = 0;
            for bytes in bytes.chunks_exact(size) {
                if let Some(parsed) = ProgramHeader::parse(header.form, bytes) {
                    segments.add(&parsed, number, offset_of(header, size, number))?;
                }
                number = number.saturating_add(1);
                read = u32::saturating_add(read, 1);
            }
            if read < count {
                let reason = format!(
                    "program header {number}: expected {} of them, found the end of the file",
                    header.headers_count
                );
                return Err(CoreError::at(at.saturating_add(bytes.len() as u64), reason));
            }
        }
        segments.sort()?;
        Ok(segments)
    }

    fn add(&mut self, header: &ProgramHeader, number: u32, at: u64) -> Result<(), CoreError> {
        match header.kind {
            PT_NOTE => {
                self.notes.try_reserve(1)?;
                self.notes.push(NoteSegment {
                    offset: header.offset,
                    size: header.file_size,
                });
            }
            PT_LOAD if header.memory_size > 0 => {
                let (begin, size) = (header.address, header.memory_size);
                let Some(end) = begin.checked_add(size) else {
                    let reason = format!(
                        "program header {number}: expected a range of memory, \
                         found {size:#x} bytes at {begin:#x}"
                    );
                    return Err(CoreError::at(at, reason));
                };
                self.loads.try_reserve(1)?;
                self.loads.push(Load {
                    begin,
                    end,
                    permissions: permissions(header.flags),
                    offset: header.offset,
                    file_size: header.file_size.min(size),
                    header_at: at,
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// Puts loads in order, which they nearly always have.
    fn sort(&mut self) -> Result<(), CoreError> {
        self.loads
            .sort_unstable_by_key(|load| (load.begin, load.header_at));
        for (one, next) in self.loads.iter().zip(self.loads.iter().skip(1)) {
            if next.begin < one.end {
                let reason = format!(
                    "program header: expected no overlap with {:#x}-{:#x}, found {:#x}-{:#x}",
                    one.begin, one.end, next.begin, next.end
                );
                return Err(CoreError::at(next.header_at, reason));
            }
        }
        Ok(())
    }
}

fn offset_of(header: &Header, size: usize, number: u32) -> u64 {
    let distance = u64::from(number).saturating_mul(size as u64);
    header.headers_offset.saturating_add(distance)
}
