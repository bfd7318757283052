//! The ioctl `PROCMAP_QUERY` (Linux 6.11): one address in, one mapping out.
//!
//! The structure is `struct procmap_query` of the kernel's
//! `include/uapi/linux/fs.h`; `do_procmap_query` in `fs/proc/task_mmu.c` fills it.
//!
//! It takes `unsafe`: a query hands the kernel the addresses of two buffers to write to,
//! and telling whether two files are one takes a mapping.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::os::fd::{AsFd, BorrowedFd};
use std::ptr;

use rustix::io::{Errno, Result};
use rustix::ioctl::{Opcode, Updater, ioctl, opcode};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

use crate::linux::filter::Filter;
use crate::linux::lookup::Lookup;
use crate::mapping::Permissions;
use crate::mapping::{Device, Fields};

/// `_IOWR('f', 17, struct procmap_query)`: its number depends on the architecture.
const PROCMAP_QUERY: Opcode = opcode::read_write::<ProcmapQuery>(b'f', 17);

/// `PATH_MAX`, the longest name that the kernel gives, its NUL included.
pub(super) const LONG_NAME: usize = 4096;

const VMA_READABLE: u64 = 0x01;
const VMA_WRITABLE: u64 = 0x02;
const VMA_EXECUTABLE: u64 = 0x04;
const VMA_SHARED: u64 = 0x08;
const COVERING_OR_NEXT_VMA: u64 = 0x10;
const FILE_BACKED_VMA: u64 = 0x20;

/// Which mapping an address asks for, as the kernel takes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct QueryFlags(u64);

impl From<Lookup> for QueryFlags {
    fn from(lookup: Lookup) -> Self {
        Self::new(lookup, Filter::default())
    }
}

impl QueryFlags {
    /// Asks for a mapping that has what the filter demands. That a property is
    /// missing can't be asked for: the answer may still be unwanted.
    pub(super) fn new(lookup: Lookup, filter: Filter) -> Self {
        let lookup = match lookup {
            Lookup::Covering => 0,
            Lookup::CoveringOrNext => COVERING_OR_NEXT_VMA,
        };
        let demands = [
            (filter.readable, VMA_READABLE),
            (filter.writable, VMA_WRITABLE),
            (filter.executable, VMA_EXECUTABLE),
            (filter.shared, VMA_SHARED),
            (filter.file_backed, FILE_BACKED_VMA),
        ];
        let demanded = demands.iter().filter(|(wanted, _)| *wanted == Some(true));
        Self(demanded.fold(lookup, |flags, (_, flag)| flags | flag))
    }
}

/// The kernel's `struct procmap_query`, field by field.
#[repr(C)]
#[derive(Default)]
struct ProcmapQuery {
    size: u64,
    query_flags: u64,
    query_addr: u64,
    vma_start: u64,
    vma_end: u64,
    vma_flags: u64,
    vma_page_size: u64,
    vma_offset: u64,
    inode: u64,
    dev_major: u32,
    dev_minor: u32,
    vma_name_size: u32,
    build_id_size: u32,
    vma_name_addr: u64,
    build_id_addr: u64,
}

/// What the kernel answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct QueryResult {
    /// All fields but the name.
    pub(super) fields: Fields,
    /// Where in the buffer the name begins.
    pub(super) name_begin: usize,
    /// How many bytes of that buffer are filled, a NUL at the end among them; 0 for
    /// a mapping without a name.
    pub(super) name_size: usize,
    /// How many bytes of the build ID's buffer are filled; 0 where there is none.
    pub(super) build_id_size: usize,
}

impl QueryResult {
    /// What stands in a buffer before there is an answer.
    pub(super) const NONE: Self = Self {
        fields: Fields {
            begin_address: 0,
            end_address: 0,
            permissions: Permissions::NONE,
            offset: 0,
            device: Device::NONE,
            inode: 0,
        },
        name_begin: 0,
        name_size: 0,
        build_id_size: 0,
    };

    /// The name as it is, a newline in it too, from the buffer that the kernel
    /// wrote it to.
    pub(super) fn name<'a>(&self, names: &'a [u8]) -> Option<&'a [u8]> {
        let end = self.name_begin.saturating_add(self.name_size);
        let name = names.get(self.name_begin..end)?;
        name.split_last().map(|(_nul, name)| name)
    }
}

/// Asks an open `/proc/<pid>/maps` for one mapping. A buffer that is empty asks
/// for nothing.
///
/// # Errors
///
/// `NOENT` where no mapping is, `SRCH` where the address space is gone,
/// `NAMETOOLONG` where a buffer is too small (or a name longer than `PATH_MAX`),
/// `NOTTY` where the kernel knows no such question.
pub(super) fn query(
    maps: impl AsFd,
    address: u64,
    flags: impl Into<QueryFlags>,
    name: &mut [u8],
    build_id: &mut [u8],
) -> Result<QueryResult> {
    let mut answer = [QueryResult::NONE];
    let (_, end) = query_each(
        maps.as_fd(),
        address,
        flags.into(),
        &mut answer,
        name,
        build_id,
    );
    let [answer] = answer;
    match end {
        // What an emulator of another architecture calls an unknown request.
        Err(Errno::NOSYS) => Err(Errno::NOTTY),
        end => end.map(|()| answer),
    }
}

/// Asks for one mapping after the other, each where the last one ended, as long as
/// there is room for answers and for a long name behind the names before; counts the
/// answers, and says what ended them early.
///
/// Nothing else asks the kernel, so that the system call becomes a part of this loop.
/// Where a function makes it, the return to its caller took 240 ns on a virtual machine
/// (AMD, Linux 6.18), beside 650 for the query: the processor predicts a return from a
/// stack of addresses, which the kernel has filled with its own.
#[inline(never)]
pub(super) fn query_each(
    maps: BorrowedFd<'_>,
    mut address: u64,
    flags: QueryFlags,
    answers: &mut [QueryResult],
    names: &mut [u8],
    build_id: &mut [u8],
) -> (usize, Result<()>) {
    let (mut count, mut name_begin) = (0_usize, 0_usize);
    for answer in answers {
        let name = names.get_mut(name_begin..).unwrap_or_default();
        if name_begin > 0 && name.len() < LONG_NAME {
            break;
        }
        let mut query = ProcmapQuery {
            size: size_of::<ProcmapQuery>() as u64,
            query_flags: flags.0,
            query_addr: address,
            vma_name_size: room(name),
            build_id_size: room(build_id),
            vma_name_addr: address_of(name),
            build_id_addr: address_of(build_id),
            ..ProcmapQuery::default()
        };
        // SAFETY: the number is that of PROCMAP_QUERY, for which the kernel expects
        // this structure and updates it in place.
        let request = unsafe { Updater::<PROCMAP_QUERY, _>::new(&mut query) };
        // SAFETY: besides the structure the kernel writes to the two buffers alone,
        // which are borrowed mutably until it returns, and no more than their sizes.
        if let Err(error) = unsafe { ioctl(maps, request) } {
            return (count, Err(error));
        }
        *answer = QueryResult {
            fields: fields(&query),
            name_begin,
            name_size: query.vma_name_size as usize,
            build_id_size: query.build_id_size as usize,
        };
        count = count.saturating_add(1);
        name_begin = name_begin.saturating_add(answer.name_size);
        address = query.vma_end;
    }
    (count, Ok(()))
}

/// A buffer's size as the kernel takes it: less is said of one that is larger.
fn room(buffer: &[u8]) -> u32 {
    u32::try_from(buffer.len()).unwrap_or(u32::MAX)
}

/// Where a buffer lies; 0 for one that is empty, as the kernel wants it.
fn address_of(buffer: &mut [u8]) -> u64 {
    match buffer {
        [] => 0,
        _ => buffer.as_mut_ptr().expose_provenance() as u64,
    }
}

fn fields(query: &ProcmapQuery) -> Fields {
    let permissions = Permissions::new(
        query.vma_flags & VMA_READABLE != 0,
        query.vma_flags & VMA_WRITABLE != 0,
        query.vma_flags & VMA_EXECUTABLE != 0,
        query.vma_flags & VMA_SHARED != 0,
    );
    Fields {
        begin_address: query.vma_start,
        end_address: query.vma_end,
        permissions,
        offset: query.vma_offset,
        device: Device {
            major: query.dev_major,
            minor: query.dev_minor,
        },
        inode: query.inode,
    }
}

/// The first page of a file, mapped without access, so that the kernel lists it
/// among the maps of this process. Unmapped when dropped.
#[derive(Debug)]
pub(super) struct Probe(*mut c_void);

impl Probe {
    /// Maps the file.
    ///
    /// # Errors
    ///
    /// What mmap(2) says.
    pub(super) fn map(file: impl AsFd) -> Result<Self> {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: without an address and MAP_FIXED a mapping is made where none
        // is, and nothing is read through one without access.
        let page = unsafe { mmap(ptr::null_mut(), 1, ProtFlags::empty(), flags, file, 0)? };
        Ok(Self(page))
    }

    /// Where the page lies.
    pub(super) fn address(&self) -> u64 {
        self.0.addr() as u64
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        // SAFETY: the page was mapped by `map`, and nothing refers to it. That
        // it can't be unmapped would leave it mapped, which harms nothing.
        let _ = unsafe { munmap(self.0, 1) };
    }
}

#[cfg(test)]
mod tests;
