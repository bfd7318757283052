//! The header of an ELF file and its program headers.

use std::fmt;
use std::io;
use std::mem::size_of;

use object::Endianness;
use object::elf::{
    ELFCLASS32, ELFCLASS64, ET_DYN, ET_EXEC, FileHeader32, FileHeader64, PN_XNUM, PT_LOAD,
};
use object::pod;
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};

use crate::formats::read_at::ReadAt;

/// The size of the larger header, that of 64 bits.
const HEADER_SIZE: usize = size_of::<FileHeader64<Endianness>>();

/// A program header: a part of the file, and where it belongs in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// `p_type`, such as `PT_LOAD`.
    pub kind: u32,
    /// `p_flags`.
    pub flags: u32,
    /// `p_offset`, in bytes.
    pub offset: u64,
    /// `p_vaddr`.
    pub address: u64,
    /// `p_filesz`, in bytes.
    pub file_size: u64,
    /// `p_memsz`, in bytes.
    pub memory_size: u64,
    /// `p_align`, in bytes.
    pub alignment: u64,
}

impl Segment {
    /// Whether loaders map it: `PT_LOAD`.
    pub fn is_load(&self) -> bool {
        self.kind == PT_LOAD.0
    }
}

/// What the headers of an ELF file say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers {
    /// `e_type`: an executable, a shared object, a core file.
    pub kind: u16,
    /// `e_machine`.
    pub machine: u16,
    /// Whether it is of 64 bits.
    pub is_64_bit: bool,
    /// Whether numbers have their highest byte first.
    pub is_big_endian: bool,
    /// How many program headers there are.
    pub count: u64,
    /// The program headers, as many as were to be read.
    pub segments: Vec<Segment>,
}

/// Why a file has no headers that can be read.
#[derive(Debug)]
pub enum ElfError {
    /// What the system said.
    Read(io::Error),
    /// It does not begin as ELF files do.
    NotElf,
    /// It ends before its program headers do.
    Cut,
}

impl Headers {
    /// Reads the headers, and at most `limit` program headers.
    ///
    /// # Errors
    ///
    /// If it is no ELF file, or ends too soon.
    pub fn read<R: ReadAt + ?Sized>(source: &R, limit: usize) -> Result<Self, ElfError> {
        let start = source.read_up_to(0, HEADER_SIZE).map_err(ElfError::Read)?;
        match start.get(4) {
            Some(&class) if class == ELFCLASS32.0 => {
                read_as::<FileHeader32<Endianness>, R>(&start, source, limit)
            }
            Some(&class) if class == ELFCLASS64.0 => {
                read_as::<FileHeader64<Endianness>, R>(&start, source, limit)
            }
            _ => Err(ElfError::NotElf),
        }
    }

    /// Whether a processor like this one reads its numbers.
    pub fn is_native_endian(&self) -> bool {
        self.is_big_endian == cfg!(target_endian = "big")
    }

    /// Whether it is a program or a library.
    pub fn is_loadable(&self) -> bool {
        self.kind == ET_EXEC.0 || self.kind == ET_DYN.0
    }

    pub(super) fn endian(&self) -> Endianness {
        if self.is_big_endian {
            Endianness::Big
        } else {
            Endianness::Little
        }
    }
}

fn read_as<E: FileHeader<Endian = Endianness>, R: ReadAt + ?Sized>(
    start: &[u8],
    source: &R,
    limit: usize,
) -> Result<Headers, ElfError> {
    let header = E::parse(start).map_err(|_| ElfError::NotElf)?;
    let endian = header.endian().map_err(|_| ElfError::NotElf)?;
    let count = count::<E, R>(header, endian, source).map_err(ElfError::Read)?;
    let size = size_of::<E::ProgramHeader>();
    if count > 0 && usize::from(header.e_phentsize(endian)) != size {
        return Err(ElfError::NotElf);
    }
    let wanted = usize::try_from(count).unwrap_or(usize::MAX).min(limit);
    let table = source
        .read_up_to(header.e_phoff(endian).into(), wanted.saturating_mul(size))
        .map_err(ElfError::Read)?;
    let (table, _) =
        pod::slice_from_bytes::<E::ProgramHeader>(&table, wanted).map_err(|()| ElfError::Cut)?;
    let mut segments = Vec::new();
    segments
        .try_reserve_exact(table.len())
        .map_err(|error| ElfError::Read(error.into()))?;
    segments.extend(table.iter().map(|header| segment(header, endian)));
    Ok(Headers {
        kind: header.e_type(endian).0,
        machine: header.e_machine(endian).0,
        is_64_bit: E::is_type_64_sized(),
        is_big_endian: endian == Endianness::Big,
        count,
        segments,
    })
}

/// The number of program headers. From 65,535 on, as core files can have, it is in
/// the first section header.
fn count<E: FileHeader<Endian = Endianness>, R: ReadAt + ?Sized>(
    header: &E,
    endian: Endianness,
    source: &R,
) -> io::Result<u64> {
    let count = header.e_phnum(endian);
    let sections: u64 = header.e_shoff(endian).into();
    if count != PN_XNUM || sections == 0 {
        return Ok(count.into());
    }
    let first = source.read_up_to(sections, size_of::<E::SectionHeader>())?;
    let first = pod::from_bytes::<E::SectionHeader>(&first);
    Ok(first.map_or(count.into(), |(first, _)| first.sh_info(endian).into()))
}

fn segment<P: ProgramHeader<Endian = Endianness>>(header: &P, endian: Endianness) -> Segment {
    Segment {
        kind: header.p_type(endian).0,
        flags: header.p_flags(endian).0,
        offset: header.p_offset(endian).into(),
        address: header.p_vaddr(endian).into(),
        file_size: header.p_filesz(endian).into(),
        memory_size: header.p_memsz(endian).into(),
        alignment: header.p_align(endian).into(),
    }
}

impl fmt::Display for ElfError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => error.fmt(formatter),
            Self::NotElf => formatter.write_str("not an ELF file"),
            Self::Cut => formatter.write_str("an ELF file that ends before its headers do"),
        }
    }
}

impl std::error::Error for ElfError {}
