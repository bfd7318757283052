//! The ELF header of a core file, and where it says the program headers are.

use super::error::CoreError;
use super::form::Form;
use crate::formats::read_at::ReadAt;

const ET_CORE: u16 = 4;

/// In the place of a count that 16 bits can't hold; section header 0 has it then.
const PN_XNUM: u16 = 0xffff;

/// More program headers than any process has mappings (`vm.max_map_count`).
const MOST_HEADERS: u32 = 1 << 24;

/// What packed files begin with, what packs them, and the command that unpacks.
const PACKED: [(&[u8], &str, &str); 4] = [
    (b"\x28\xb5\x2f\xfd", "zstd", "zstd -d"),
    (b"\xfd7zXZ\0", "xz", "xz -d"),
    (b"\x04\x22\x4d\x18", "lz4", "lz4 -d"),
    (b"\x1f\x8b", "gzip", "gzip -d"),
];

/// What the header says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) form: Form,
    /// What kind of machine wrote it (`EM_X86_64` and the like).
    pub(super) machine: u16,
    /// Where the program headers begin, and how many there are.
    pub(super) headers_offset: u64,
    pub(super) headers_count: u32,
}

impl Header {
    /// Reads the header of a core file.
    ///
    /// # Errors
    ///
    /// Where it is none; where it is packed the message says with what.
    pub(super) fn read<S: ReadAt + ?Sized>(source: &S) -> Result<Self, CoreError> {
        let start = source.read_up_to(0, 64)?;
        let form = form(&start)?;
        let cut = || CoreError::at(start.len() as u64, "ELF header: cut short here");
        let short = |at| form.u16(&start, at).ok_or_else(cut);
        let word = |at| form.word(&start, at).ok_or_else(cut);
        let object_type = short(16)?;
        if object_type != ET_CORE {
            let found = match object_type {
                1 => " (an object file)",
                2 => " (a program)",
                3 => " (a library, or a program that can lie anywhere)",
                _ => "",
            };
            let reason = format!(
                "ELF header: expected a core file (type 4), found type {object_type}{found}"
            );
            return Err(CoreError::at(16, reason));
        }
        let machine = short(18)?;
        let headers_offset = word(form.either(28, 32))?;
        let sections_offset = word(form.either(32, 40))?;
        let (size_at, expected) = (form.either(42, 54), form.either(32, 56));
        let size = short(size_at)?;
        let count = short(form.either(44, 56))?;
        if count > 0 && size != expected {
            let reason = format!(
                "ELF header: expected program headers of {expected} bytes, found {size} bytes"
            );
            return Err(CoreError::at(size_at as u64, reason));
        }
        Ok(Self {
            form,
            machine,
            headers_offset,
            headers_count: match count {
                PN_XNUM => extended_count(source, form, sections_offset)?,
                count => count.into(),
            },
        })
    }
}

fn form(start: &[u8]) -> Result<Form, CoreError> {
    if let Some((_, packer, command)) = PACKED.iter().find(|(magic, ..)| start.starts_with(magic)) {
        let reason =
            format!("expected a core file, found one packed by {packer}: unpack it ({command})");
        return Err(CoreError::at(0, reason));
    }
    Form::from_start(start).ok_or_else(|| {
        let found = match start.get(..4.min(start.len())) {
            Some(b"") | None => "an empty file".to_owned(),
            Some(b"\x7fELF") => "an unknown class or byte order".to_owned(),
            Some(first) => format!("\"{}\"", first.escape_ascii()),
        };
        CoreError::at(0, format!("expected an ELF core file, found {found}"))
    })
}

/// The count in the section header 0 (`fill_extnum_info` in the kernel's
/// `fs/binfmt_elf.c`).
fn extended_count<S: ReadAt + ?Sized>(
    source: &S,
    form: Form,
    sections_offset: u64,
) -> Result<u32, CoreError> {
    let section = source.read_up_to(sections_offset, form.either(40, 64))?;
    let at = form.either(28, 44);
    let offset = sections_offset.saturating_add(at as u64);
    let Some(count) = form.u32(&section, at) else {
        let reason = "section header 0: expected the number of program headers, found the end";
        return Err(CoreError::at(offset, reason));
    };
    if count > MOST_HEADERS {
        let reason = format!(
            "section header 0: expected at most {MOST_HEADERS} program headers, found {count}"
        );
        return Err(CoreError::at(offset, reason));
    }
    Ok(count)
}
