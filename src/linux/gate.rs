//! The mapping that an architecture has outside of every address space, at its end,
//! which the text shows and `PROCMAP_QUERY` does not know (`get_gate_vma`):
//! `[vsyscall]` on x86-64, `[vectors]` on 32-bit Arm.
//!
//! It is the same for all processes that have one, for as long as the kernel runs.
//! On x86-64 a boot option decides whether there is one (`map_vsyscall` in
//! `arch/x86/entry/vsyscall/vsyscall_64.c`), and only the text tells. Programs of
//! 32 bits have none there, and no mapping above their 4 gigabytes.

use std::fs::File;
use std::sync::OnceLock;

use crate::formats::maps::line;
use crate::linux::filter::Filter;
use crate::linux::lookup::Lookup;
use crate::linux::query::query;
use crate::mapping::Fields;

/// The names that a gate can have.
pub(super) const NAMES: [&[u8]; 2] = [b"[vsyscall]", b"[vectors]"];

/// What comes last where there is no gate.
const LAST: [&[u8]; 2] = [b"[stack]", b"[vdso]"];

/// The first address that a program of 32 bits can't have.
const ABOVE_32_BITS: u64 = 1 << 32;

/// A mapping outside of the address space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gate {
    /// All fields but the name.
    pub(super) fields: Fields,
    /// The name.
    pub(super) name: &'static [u8],
}

/// What is known of the gate of programs of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing yet: no text was read that tells.
    Nothing,
    /// There is none.
    NoGate,
    /// There is this one.
    Gate(Gate),
}

/// What the texts read so far have told.
static TOLD: OnceLock<Known> = OnceLock::new();

/// What is known by now.
pub(super) fn known() -> Known {
    if cfg!(any(
        target_arch = "x86_64",
        target_arch = "x86",
        target_arch = "arm"
    )) {
        TOLD.get().copied().unwrap_or(Known::Nothing)
    } else {
        Known::NoGate
    }
}

/// What is known of the gate of the program whose maps file this is: nothing where it
/// can be one of 32 bits. That is not asked where a mapping is known to end high.
pub(super) fn of(maps: &File, end: u64) -> Known {
    let is_any_above = |address| {
        let lookup = Lookup::CoveringOrNext;
        query(maps, address, lookup, &mut [], &mut []).is_ok()
    };
    match known() {
        Known::Gate(_) if end <= ABOVE_32_BITS && !is_any_above(ABOVE_32_BITS) => Known::Nothing,
        known => known,
    }
}

/// Learns from the text of a process.
pub(super) fn learn(text: &[u8]) {
    if TOLD.get().is_none() {
        match told_by(text) {
            Known::Nothing => {}
            // Another thread may have learned the same.
            told => drop(TOLD.set(told)),
        }
    }
}

/// Whether a mapping that a filter admits can be a gate: one for all processes to
/// execute, and of no file.
pub(super) fn can_be_wanted(filter: Filter) -> bool {
    filter.executable != Some(false)
        && ![filter.writable, filter.shared, filter.file_backed].contains(&Some(true))
}

/// What the last line tells: it is the gate, or what else ends the maps of a program
/// of 64 bits. A program that is just being started has a stack that is not named
/// yet, and no gate (`begin_new_exec` in `fs/exec.c`).
fn told_by(text: &[u8]) -> Known {
    let Some(last) = last_line(text).and_then(|line| line::parse(line).ok()) else {
        return Known::Nothing;
    };
    let is = |name: &&&[u8]| last.pathname == Some(name);
    if let Some(name) = NAMES.iter().find(is) {
        let fields = last.fields;
        Known::Gate(Gate { fields, name })
    } else if last.fields.begin_address >= ABOVE_32_BITS && LAST.iter().any(|name| is(&name)) {
        Known::NoGate
    } else {
        Known::Nothing
    }
}

fn last_line(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_suffix(b"\n")?;
    let begin = memchr::memrchr(b'\n', text).map_or(0, |at| at.saturating_add(1));
    text.get(begin..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linux::stage::has_query;

    #[test]
    fn the_last_line_tells() {
        let stack = "7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0 [stack]\n";
        let gate = "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n";
        let low = "ffffd000-fffff000 rw-p 00000000 00:00 0 [stack]\n";
        let gate_is_known = Known::Gate(Gate {
            fields: line::parse(gate.trim_end().as_bytes()).unwrap().fields,
            name: b"[vsyscall]",
        });
        for (text, told) in [
            (String::new(), Known::Nothing),
            (low.to_owned(), Known::Nothing),
            (format!("{low}{stack}"), Known::NoGate),
            (stack.replace("[stack]", ""), Known::Nothing),
            (format!("{stack}{gate}"), gate_is_known),
            (gate.to_owned(), gate_is_known),
            // Cut short.
            (stack.trim_end().to_owned(), Known::Nothing),
            (format!("{stack}ffffffffff600000-"), Known::Nothing),
        ] {
            assert_eq!(told_by(text.as_bytes()), told, "{text}");
        }
    }

    #[test]
    fn a_gate_is_private_code_of_no_file() {
        let all = Filter::default();
        let yes = Some(true);
        assert!(can_be_wanted(all));
        assert!(can_be_wanted(Filter {
            executable: yes,
            ..all
        }));
        assert!(can_be_wanted(Filter {
            readable: Some(false),
            ..all
        }));
        assert!(!can_be_wanted(Filter {
            executable: Some(false),
            ..all
        }));
        assert!(!can_be_wanted(Filter {
            writable: yes,
            ..all
        }));
        assert!(!can_be_wanted(Filter { shared: yes, ..all }));
        assert!(!can_be_wanted(Filter {
            file_backed: yes,
            ..all
        }));
    }

    #[test]
    fn a_program_of_32_bits_is_not_known_to_have_a_gate() {
        let text = std::fs::read("/proc/self/maps").unwrap();
        learn(&text);
        if cfg!(any(
            target_arch = "x86_64",
            target_arch = "x86",
            target_arch = "arm"
        )) {
            assert_eq!(known(), told_by(&text));
        }
        // Nothing is mapped above, as far as a file tells that answers nothing.
        let file = File::open(file!()).unwrap();
        let of_32_bits = match known() {
            Known::Gate(_) => Known::Nothing,
            known => known,
        };
        assert_eq!(of(&file, 0), of_32_bits);
        assert_eq!(of(&file, ABOVE_32_BITS), of_32_bits);
        assert_eq!(of(&file, ABOVE_32_BITS + 1), known());
        let own = File::open("/proc/self/maps").unwrap();
        if has_query() && cfg!(target_pointer_width = "64") {
            assert_eq!(of(&own, 0), known());
        }
    }
}
