//! Names that no note has, as far as the notes tell: `[vdso]`, `[stack]`, `[heap]`.

use super::mapping::{CoreMapping, CoreName};
use super::memory::Memory;
use super::process::ProcessNotes;
use crate::formats::elf::Segment;
use crate::formats::read_at::ReadAt;

/// The mapping outside of every address space that two machines have
/// (`get_gate_vma`): the machine, the address and the name.
const GATES: [(u16, u64, &[u8]); 2] = [
    (EM_X86_64, 0xffff_ffff_ff60_0000, b"[vsyscall]"),
    (EM_ARM, 0xffff_0000, b"[vectors]"),
];
const EM_ARM: u16 = 40;
const EM_X86_64: u16 = 62;

/// How far above the program the kernel begins the heap at most, at random
/// (`arch_randomize_brk`).
const FARTHEST_HEAP: u64 = 1 << 30;

/// Gives names to the mappings that the notes tell apart.
pub(super) fn add_names<S: ReadAt + ?Sized>(
    mappings: &mut [CoreMapping],
    names: &[u8],
    process: &ProcessNotes,
    machine: u16,
    memory: &Memory<'_, S>,
) {
    let program = told(mappings, process.headers_address);
    let heap = program.and_then(|program| heap(mappings, names, program, process, memory));
    let stack = told(mappings, process.above_stack);
    let vdso = told(mappings, process.vdso);
    let gate = GATES.iter().find_map(|&(of, address, name)| {
        let gate = position(mappings, address).filter(|_| of == machine);
        Some((gate?, name))
    });
    // The heap last, which is a guess: what has a name by then is not it.
    let found = [
        vdso.map(|at| (at, &b"[vdso]"[..])),
        stack.map(|at| (at, &b"[stack]"[..])),
        gate,
        heap.map(|at| (at, &b"[heap]"[..])),
    ];
    for (at, name) in found.into_iter().flatten() {
        if let Some(mapping) = mappings.get_mut(at).filter(|mapping| is_nameless(mapping)) {
            mapping.name = CoreName::Special(name);
        }
    }
}

/// Where the mapping stands that contains an address of the notes, if they tell one.
pub(super) fn told(mappings: &[CoreMapping], address: u64) -> Option<usize> {
    position(mappings, address).filter(|_| address != 0)
}

/// Where the mapping stands that contains an address.
pub(super) fn position(mappings: &[CoreMapping], address: u64) -> Option<usize> {
    let after = mappings.partition_point(|mapping| mapping.fields.begin_address <= address);
    let at = after.checked_sub(1)?;
    mappings.get(at)?.contains(address).then_some(at)
}

fn is_nameless(mapping: &CoreMapping) -> bool {
    mapping.name == CoreName::None
}

/// The heap: the first writable memory without a name that goes on above the end of
/// the program. A program that the kernel puts among libraries, static and able to lie
/// anywhere, has its heap elsewhere (`load_elf_binary` in `fs/binfmt_elf.c`).
fn heap<S: ReadAt + ?Sized>(
    mappings: &[CoreMapping],
    names: &[u8],
    program: usize,
    process: &ProcessNotes,
    memory: &Memory<'_, S>,
) -> Option<usize> {
    let first = mappings.get(program)?.fields;
    let base = first.begin_address.checked_sub(first.offset)?;
    let segments = memory.segments_of_file(base);
    let bias = bias(base, &segments);
    if process.interpreter == 0 && bias != Some(0) {
        return None;
    }
    let end = match bias {
        Some(bias) => end(&segments, bias, process.page),
        None => end_of_files(mappings, names, program),
    };
    let above = mappings.iter().enumerate().skip(program);
    let mut above = above.skip_while(|(_, mapping)| mapping.fields.end_address <= end);
    let next = above.next().filter(|(_, mapping)| {
        let is_near = mapping.fields.begin_address.saturating_sub(end) < FARTHEST_HEAP;
        is_near && is_nameless(mapping) && mapping.fields.permissions.is_writable()
    });
    next.map(|(at, _)| at)
}

/// What is added to the addresses in the program's file.
fn bias(base: u64, segments: &[Segment]) -> Option<u64> {
    let lowest = segments.iter().find(|segment| segment.is_load())?;
    base.checked_sub(lowest.address.checked_sub(lowest.offset)?)
}

/// The first page past the program.
fn end(segments: &[Segment], bias: u64, page: u64) -> u64 {
    let loads = segments.iter().filter(|segment| segment.is_load());
    let ends = loads.map(|load| load.address.saturating_add(load.memory_size));
    let end = bias.saturating_add(ends.max().unwrap_or_default());
    end.checked_next_multiple_of(page).unwrap_or(end)
}

/// The end of what is mapped from the program's file, and of the memory behind it: one
/// can't tell how much of that belongs to the program where its headers are not there.
fn end_of_files(mappings: &[CoreMapping], names: &[u8], program: usize) -> u64 {
    let name = |mapping: &CoreMapping| match &mapping.name {
        CoreName::File(name) => names.get(name.clone()),
        _ => None,
    };
    let mut mappings = mappings.iter().skip(program).peekable();
    let mut end = 0;
    if let Some(first) = mappings.peek().and_then(|first| name(first)) {
        for mapping in mappings {
            let is_behind = is_nameless(mapping) && mapping.fields.begin_address == end;
            if name(mapping) != Some(first) && !is_behind {
                break;
            }
            end = mapping.fields.end_address;
        }
    }
    end
}
