use super::compose::{File, Load, S390, X86_64};
use super::*;

const LOADS: [Load; 1] = [(0x10000, 0x12000, "r-x", Vec::new())];

/// Where the content of the first note stands in a core file with one load.
const CONTENT_AT: u64 = 64 + 2 * 56 + 20;

/// What is wrong with a note of files with these words, and at which byte of it.
fn fault(words: &[u64], names: &[u8]) -> (u64, String) {
    let mut content = X86_64.pack(&"W".repeat(words.len()), words);
    content.extend_from_slice(names);
    let core = X86_64.core(&LOADS, &[X86_64.note(0x4649_4c45, &content)]);
    let Err(CoreError::Content(error)) = CoreFile::read(&core[..]) else {
        panic!("{words:?}");
    };
    let reason = error.reason.strip_prefix("note of files: expected ");
    (
        error.offset.saturating_sub(CONTENT_AT),
        reason.unwrap().to_owned(),
    )
}

#[test]
fn other_kinds_of_elf_file_are_named() {
    for (kind, name) in [
        (1, " (an object file)"),
        (2, " (a program)"),
        (3, " (a library, or a program that can lie anywhere)"),
        (5, ""),
    ] {
        assert_eq!(
            refusal(&X86_64.header(kind, 64, 0, 0)),
            format!(
                "offset 0x10: ELF header: expected a core file (type 4), found type {kind}{name}"
            )
        );
    }
}

#[test]
fn program_headers_have_one_size() {
    let mut core = X86_64.core(&LOADS, &[]);
    core[54] = 32;
    assert_eq!(
        refusal(&core),
        "offset 0x36: ELF header: expected program headers of 56 bytes, found 32 bytes"
    );
    // Where there are none, it is nothing.
    let mut header = X86_64.header(4, 64, 0, 0);
    header[54] = 0;
    assert_eq!(CoreFile::read(&header[..]).unwrap().mappings().len(), 0);
}

#[test]
fn more_program_headers_than_can_be_or_than_there_are() {
    let counted = |count| {
        let mut core = X86_64.header(4, 1 << 20, 64, 0xffff);
        core.extend(X86_64.pack("IIWWWWIIWW", &[0, 0, 0, 0, 0, 0, 0, count, 0, 0]));
        refusal(&core)
    };
    assert_eq!(
        counted((1 << 24) + 1),
        "offset 0x6c: section header 0: expected at most 16777216 program headers, \
         found 16777217"
    );
    for count in [1 << 24, 1] {
        assert_eq!(
            counted(count),
            format!(
                "offset 0x100000: program header 0: expected {count} of them, \
                 found the end of the file"
            )
        );
    }
    let core = S390.core(&LOADS, &[]);
    for (size, number) in [(64, 0), (119, 0), (120, 1), (175, 1)] {
        assert_eq!(
            refusal(&core[..size]),
            format!(
                "offset {size:#x}: program header {number}: expected 2 of them, \
                 found the end of the file"
            )
        );
    }
}

#[test]
fn ranges_that_wrap_or_overlap() {
    let loads = |ranges: [(u64, u64); 2]| {
        ranges.map(|(begin, size)| (begin, begin.wrapping_add(size), "r--", Vec::new()))
    };
    let core = X86_64.core(&loads([(0x3000, 0x2000), (0x1000, 0x2001)]), &[]);
    assert_eq!(
        refusal(&core),
        "offset 0x78: program header: expected no overlap with 0x1000-0x3001, \
         found 0x3000-0x5000"
    );
    let mut core = X86_64.core(&LOADS, &[]);
    // p_vaddr of the load.
    core[120 + 16..120 + 24].copy_from_slice(&(u64::MAX - 0xfff).to_le_bytes());
    assert_eq!(
        refusal(&core),
        "offset 0x78: program header 1: expected a range of memory, \
         found 0x2000 bytes at 0xfffffffffffff000"
    );
}

#[test]
fn a_note_of_files_that_lies() {
    let told = |at, reason: &str| (at, reason.to_owned());
    assert_eq!(
        fault(&[], b"/a\0"),
        told(0, "the number of files, found its end")
    );
    assert_eq!(
        fault(&[1], b""),
        told(8, "the unit of offsets, found its end")
    );
    assert_eq!(
        fault(&[2, 4096, 1, 2, 3], b"/a\0"),
        told(0, "at most 1 of them, found 2")
    );
    assert_eq!(
        fault(&[1, 4096, 0x2000, 0x1000, 0], b"/a\0"),
        told(16, "a range of file 0, found 0x2000-0x1000 at 0 times 4096")
    );
    assert_eq!(
        fault(&[1, 4096, 0x1000, 0x2000, 0], b"/a"),
        told(40, "the name of file 0, found its end")
    );
    assert_eq!(
        fault(&[1, 4096, 0x1000, 0x2000, 0], b" /a\0"),
        told(40, "a name of file 0 without a space at its beginning")
    );
    assert_eq!(
        fault(&[2, 4096, 3, 5, 0, 1, 4, 0], b"/a\0/b\0"),
        told(16, "no overlap with 0x1-0x4, found 0x3-0x5")
    );
}

const FILES: [File<'static>; 1] = [(0x10000, 0x12000, 0, b"/demo")];

/// The mappings where there are these notes.
fn noted(notes: &[Vec<u8>]) -> Vec<String> {
    listed(&CoreFile::read(&X86_64.core(&LOADS, notes)[..]).unwrap())
}

#[test]
fn notes_of_other_owners_say_nothing() {
    let others = [&b"GDBX\0"[..], b"CORE\0\0", b"CORE", b""];
    let mut notes: Vec<_> = (others.iter())
        .map(|owner| X86_64.note_of(owner, 0x4649_4c45, b"of another kind"))
        .collect();
    assert_eq!(noted(&notes), ["10000 r-xp 0 "]);
    notes.push(X86_64.files(&FILES));
    notes.push(X86_64.note(0x4649_4c45, b"a second one"));
    assert_eq!(noted(&notes), ["10000 r-xp 0 /demo"]);
}

#[test]
fn notes_are_found_wherever_a_window_ends() {
    for before_end in 0..64 {
        // A note's header and owner take 20 bytes.
        let content = vec![0; 4096 - 20 - 4 * before_end];
        let notes = [X86_64.note(1, &content), X86_64.files(&FILES)];
        assert_eq!(noted(&notes), ["10000 r-xp 0 /demo"], "{before_end}");
    }
}

#[test]
fn after_the_notes_that_tell_something_none_is_looked_at() {
    let longer = X86_64.pack("III", &[5, 1 << 20, 1]);
    let [process, vector] = [X86_64.note(3, &[0; 136]), X86_64.auxiliary(&[])];
    let all = [process, vector, X86_64.files(&FILES), longer];
    assert_eq!(noted(&all), ["10000 r-xp 0 /demo"]);
    assert_eq!(
        refusal(&X86_64.core(&LOADS, &all[3..])),
        "offset 0xb0: note: expected at most 12 bytes, which its segment has left, \
         found 1048596"
    );
    // Less than the header of a note is the end.
    assert_eq!(noted(&[vec![1; 11]]), ["10000 r-xp 0 "]);
}

#[test]
fn a_note_has_a_longest_size() {
    let sized = |size: u64| {
        let mut core = X86_64.core(&LOADS, &[X86_64.pack("III", &[5, size, 0x4649_4c45])]);
        core.extend_from_slice(b"CORE\0\0\0\0");
        // p_filesz of the notes.
        core[64 + 32..64 + 40].copy_from_slice(&(1_u64 << 30).to_le_bytes());
        core
    };
    assert_eq!(
        refusal(&sized((1 << 28) + 1)),
        "offset 0xb0: note: expected at most 268435456 bytes, found 268435457"
    );
    let core = sized(1 << 28);
    assert_eq!(
        listed(&CoreFile::read(&core[..]).unwrap()),
        ["10000 r-xp 0 "]
    );
}
