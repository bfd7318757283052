use super::compose::{ARM, File, I386, Load, Machine, S390, S390_31, X86_64};
use super::*;

const MACHINES: [Machine; 5] = [X86_64, I386, ARM, S390, S390_31];

/// A program of code and data; behind it lie memory of its own, the heap and a stack.
const FILES: [File<'static>; 2] = [
    (0x10000, 0x12000, 0, b"/demo"),
    (0x12000, 0x13000, 0x2000, b"/demo"),
];

/// The first page of a program with code at 0 and data of more memory than bytes,
/// linked for an address.
fn first_page(machine: Machine, address: u64) -> Vec<u8> {
    let (start, _) = machine.sizes();
    let mut page = machine.header(3, start as u64, 0, 2);
    page.extend(machine.program_header([1, 5, 0, address, 0x2000, 0x2000]));
    let data = address.wrapping_add(0x2000);
    page.extend(machine.program_header([1, 6, 0x2000, data, 0x1000, 0x1800]));
    page.resize(0x1000, 0);
    page
}

fn loads(first_page: Vec<u8>) -> Vec<Load> {
    vec![
        (0x10000, 0x12000, "r-x", first_page),
        (0x12000, 0x13000, "rw-", Vec::new()),
        (0x13000, 0x14000, "rw-", Vec::new()),
        (0x14000, 0x15000, "rw-", Vec::new()),
        (0x7fff_0000, 0x7fff_f000, "rw-", Vec::new()),
    ]
}

/// The name of each mapping.
fn names(core: &[u8]) -> Vec<String> {
    let core = CoreFile::read(core).unwrap();
    core.mappings()
        .map(|(_, name)| name.unwrap_or_default().escape_ascii().to_string())
        .collect()
}

/// The names where the notes tell of these files, and of this in the auxiliary vector.
fn told(machine: Machine, loads: &[Load], vector: &[(u64, u64)]) -> Vec<String> {
    let notes = [machine.files(&FILES), machine.auxiliary(vector)];
    names(&machine.core(loads, &notes))
}

#[test]
fn the_heap_begins_above_the_program() {
    for machine in MACHINES {
        let name = |address, interpreter| {
            let loads = loads(first_page(machine, address));
            // AT_PHDR, AT_PAGESZ and AT_BASE.
            let vector = [(3, 0x10040), (6, 0x1000), (7, interpreter)];
            let mut names = told(machine, &loads, &vector);
            assert_eq!(names.remove(4), "");
            assert_eq!(names[..3], ["/demo", "/demo", ""]);
            names.remove(3)
        };
        assert_eq!(name(0, 0x4000_0000), "[heap]", "{machine:?}");
        assert_eq!(name(0x10000, 0), "[heap]", "{machine:?}");
        // A static program that can lie anywhere.
        assert_eq!(name(0, 0), "", "{machine:?}");
    }
}

#[test]
fn the_heap_is_near_and_can_be_written() {
    let vector = [(3, 0x10040), (7, 0x4000_0000)];
    let name = |begin, access| {
        let mut loads = loads(first_page(X86_64, 0));
        loads.truncate(3);
        loads.push((begin, begin + 0x1000, access, Vec::new()));
        told(X86_64, &loads, &vector).remove(3)
    };
    assert_eq!(name(0x14000, "rw-"), "[heap]");
    assert_eq!(name(0x14000, "r--"), "");
    // The bss ends at 0x13800, and so the program with that page.
    let farthest = 0x14000 + (1 << 30);
    assert_eq!(name(farthest - 0x1000, "rw-"), "[heap]");
    assert_eq!(name(farthest, "rw-"), "");
    let mut loads = loads(first_page(X86_64, 0));
    loads.truncate(3);
    loads.push((0x14000, 0x15000, "rw-", Vec::new()));
    let mut files = FILES.to_vec();
    files.push((0x14000, 0x15000, 0, b"/data"));
    let notes = [X86_64.files(&files), X86_64.auxiliary(&vector)];
    assert_eq!(names(&X86_64.core(&loads, &notes))[3], "/data");
}

#[test]
fn without_headers_the_heap_lies_apart_from_the_memory_of_the_program() {
    let vector = [(3, 0x10040), (7, 0x4000_0000)];
    let name = |begin| {
        let mut loads = loads(Vec::new());
        loads.truncate(3);
        loads.push((begin, begin + 0x1000, "rw-", Vec::new()));
        told(X86_64, &loads, &vector)
    };
    assert_eq!(name(0x14000), ["/demo", "/demo", "", ""]);
    assert_eq!(name(0x15000), ["/demo", "/demo", "", "[heap]"]);
    let mut others = FILES.to_vec();
    others.push((0x13000, 0x14000, 0, b"/other"));
    let notes = [X86_64.files(&others), X86_64.auxiliary(&vector)];
    let core = X86_64.core(&loads(Vec::new()), &notes);
    assert_eq!(names(&core), ["/demo", "/demo", "/other", "", ""]);
}

#[test]
fn stack_and_vdso_are_where_the_auxiliary_vector_says() {
    for machine in MACHINES {
        let mut loads = loads(Vec::new());
        loads.push((0x8000_0000, 0x8000_1000, "r-x", Vec::new()));
        // AT_SYSINFO_EHDR, with AT_RANDOM, AT_EXECFN or both.
        let (random, program) = ((25, 0x7fff_eff0), (31, 0x7fff_eff8));
        let elsewhere = [(25, 0x13000), (31, 0x13000)];
        for told_above in [
            vec![random],
            vec![program],
            vec![elsewhere[0], program],
            vec![program, elsewhere[0]],
        ] {
            let vector = [vec![(33, 0x8000_0000)], told_above].concat();
            assert_eq!(
                told(machine, &loads, &vector),
                ["/demo", "/demo", "", "", "[stack]", "[vdso]"],
                "{vector:?}"
            );
        }
    }
    let last = [(33, 0x7fff_efff)];
    assert_eq!(told(X86_64, &loads(Vec::new()), &last)[4], "[vdso]");
    let past = [(33, 0x7fff_f000)];
    assert_eq!(told(X86_64, &loads(Vec::new()), &past)[4], "");
}

#[test]
fn what_the_notes_do_not_tell_is_not_at_zero() {
    let loads = [(0, 0x1000, "rw-", Vec::new())];
    assert_eq!(names(&X86_64.core(&loads, &[])), [""]);
}

#[test]
fn two_machines_have_a_gate() {
    for (machine, begin, name) in [
        (X86_64, 0xffff_ffff_ff60_0000, "[vsyscall]"),
        (ARM, 0xffff_0000, "[vectors]"),
        (I386, 0xffff_0000, ""),
        (S390, 0xffff_ffff_ff60_0000, ""),
    ] {
        let loads = [(begin, begin + 0x1000, "--x", Vec::new())];
        assert_eq!(names(&machine.core(&loads, &[])), [name], "{machine:?}");
    }
}

#[test]
fn a_page_has_the_size_that_the_kernel_told() {
    let mut loads = loads(first_page(X86_64, 0));
    loads.insert(4, (0x20000, 0x21000, "rw-", Vec::new()));
    let named = |page| {
        let vector = [(3, 0x10040), (6, page), (7, 0x4000_0000)];
        let names = told(X86_64, &loads, &vector);
        names.iter().position(|name| name == "[heap]")
    };
    assert_eq!(named(0x1000), Some(3));
    assert_eq!(named(0x10000), Some(4));
    // No page has this size.
    assert_eq!(named(0x3000), Some(3));
}

#[test]
fn the_number_of_the_process_stands_where_its_machine_has_it() {
    for (machine, at, size) in [
        (X86_64, 24, 136),
        (S390, 24, 136),
        (I386, 12, 124),
        (ARM, 12, 124),
        (S390_31, 16, 128),
    ] {
        let mut content = vec![0; at];
        content.extend(machine.pack("I", &[1234]));
        content.resize(size, 0);
        let core = machine.core(&[], &[machine.note(3, &content)]);
        let pid = CoreFile::read(&core[..]).unwrap().pid();
        assert_eq!(pid, Some(1234), "{machine:?}");
    }
    let core = X86_64.core(&[], &[X86_64.note(3, &[0; 136])]);
    assert_eq!(CoreFile::read(&core[..]).unwrap().pid(), None);
}
