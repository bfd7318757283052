//! What the notes say of the process: its number, and where the kernel put things.

use super::form::Form;
use super::notes::Notes;

/// Entries of the auxiliary vector (`include/uapi/linux/auxvec.h`).
const AT_PHDR: u64 = 3;
const AT_PAGESZ: u64 = 6;
const AT_BASE: u64 = 7;
const AT_RANDOM: u64 = 25;
const AT_EXECFN: u64 = 31;
const AT_SYSINFO_EHDR: u64 = 33;

/// The size of a page where nothing tells it.
const USUAL_PAGE: u64 = 4096;

/// What the notes say, 0 where they say nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ProcessNotes {
    /// The number of the process.
    pub(super) pid: i32,
    /// Where the program's headers lie in memory.
    pub(super) headers_address: u64,
    /// The size of a page.
    pub(super) page: u64,
    /// Where the program's interpreter lies, the dynamic linker.
    pub(super) interpreter: u64,
    /// Where the vDSO lies.
    pub(super) vdso: u64,
    /// What the kernel put above the first thread's stack, into the same mapping: the
    /// name of the program, and on older kernels only random bytes.
    pub(super) above_stack: u64,
}

impl ProcessNotes {
    pub(super) fn parse(form: Form, notes: &Notes) -> Self {
        let mut process = Self {
            page: USUAL_PAGE,
            ..Self::default()
        };
        if let Some(note) = &notes.process {
            process.pid = pid(form, &note.bytes).unwrap_or_default();
        }
        let Some(vector) = &notes.auxiliary_vector else {
            return process;
        };
        for entry in vector
            .bytes
            .chunks_exact(form.word_size().saturating_mul(2))
        {
            let key = form.word(entry, 0).unwrap_or_default();
            let value = form.word(entry, form.word_size()).unwrap_or_default();
            match key {
                AT_PHDR => process.headers_address = value,
                AT_PAGESZ if value.is_power_of_two() => process.page = value,
                AT_BASE => process.interpreter = value,
                AT_SYSINFO_EHDR => process.vdso = value,
                AT_EXECFN => process.above_stack = value,
                AT_RANDOM if process.above_stack == 0 => process.above_stack = value,
                _ => {}
            }
        }
        process
    }
}

/// `pr_pid` of `struct elf_prpsinfo` (`include/linux/elfcore.h`), which comes after
/// four letters, a word of flags, and two numbers of users: of 16 bits on i386, Arm
/// and a few other 32-bit machines, which the size of the note tells.
fn pid(form: Form, note: &[u8]) -> Option<i32> {
    let at = match (form.is_64, note.len()) {
        (true, _) => 24,
        (false, 124) => 12,
        (false, _) => 16,
    };
    i32::try_from(form.u32(note, at)?).ok()
}
