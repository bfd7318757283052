mod compose;
mod names;
mod ranges;
mod refusals;

use std::cell::Cell;

use super::*;
use compose::X86_64;

const LITTLE_64: &[u8] = include_bytes!("../../../tests/data/cores/little-64.core");
const BIG_32: &[u8] = include_bytes!("../../../tests/data/cores/big-32.core");
const EXTENDED: &[u8] = include_bytes!("../../../tests/data/cores/extended.core");
const GDB: &[u8] = include_bytes!("../../../tests/data/cores/gdb.core");

/// Each mapping as begin, permissions, offset and name.
fn listed(core: &CoreFile) -> Vec<String> {
    core.mappings()
        .map(|(fields, name)| {
            let name = name.unwrap_or_default().escape_ascii();
            let (begin, offset) = (fields.begin_address, fields.offset);
            format!(
                "{begin:x} {} {offset:x} {name}",
                fields.permissions.as_str()
            )
        })
        .collect()
}

/// What is wrong with bytes, as a message.
fn refusal(data: &[u8]) -> String {
    match CoreFile::read(data) {
        Err(CoreError::Content(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_form_tells_the_same() {
    for data in [LITTLE_64, BIG_32, EXTENDED, GDB] {
        let core = CoreFile::read(data).unwrap();
        assert_eq!(
            listed(&core),
            [
                "10000 r-xp 0 /usr/bin/demo",
                "11000 r-xp 1000 /usr/bin/demo",
                "12000 rw-p 2000 /usr/bin/demo",
                "13000 rw-p 0 ",
                "14000 rw-p 0 [heap]",
                "7ffe0000 r-xp 0 [vdso]",
                "7fff0000 rw-p 0 [stack]",
            ]
        );
        assert_eq!(core.pid(), Some(1234));
        assert_eq!(core.program(), Some(&b"/usr/bin/demo"[..]));
    }
}

#[test]
fn the_mappings_of_files_are_told_apart() {
    let core = CoreFile::read(LITTLE_64).unwrap();
    let demo = &b"/usr/bin/demo"[..];
    let files: Vec<_> = (core.mappings_of_files())
        .map(|(fields, name)| (fields.begin_address, name))
        .collect();
    assert_eq!(files, [(0x10000, demo), (0x11000, demo), (0x12000, demo)]);
    for (address, file) in [
        (0xffff, None),
        (0x10000, Some(demo)),
        (0x12fff, Some(demo)),
        (0x13000, None),
        (0x14000, None),
        (0x7ffe_0000, None),
    ] {
        assert_eq!(core.file_at(address), file, "{address:#x}");
    }
}

#[test]
fn memory_without_a_file_is_shared_though_it_has_a_name() {
    let loads = [
        (0x1000, 0x2000, "rw-", Vec::new()),
        (0x2000, 0x3000, "r-x", Vec::new()),
        (0x3000, 0x4000, "rw-", Vec::new()),
    ];
    let files = [
        (0x1000, 0x2000, 0, &b"/dev/zero (deleted)"[..]),
        (0x2000, 0x3000, 0, b"/SYSV0000002a (deleted)"),
        (0x3000, 0x4000, 0, b"/memfd:x (deleted)"),
    ];
    let core = X86_64.core(&loads, &[X86_64.files(&files)]);
    assert_eq!(
        listed(&CoreFile::read(&core[..]).unwrap()),
        [
            "1000 rw-s 0 /dev/zero (deleted)",
            "2000 r-xs 0 /SYSV0000002a (deleted)",
            "3000 rw-p 0 /memfd:x (deleted)",
        ]
    );
}

#[test]
fn memory_is_read_where_it_was_written() {
    let core = CoreFile::read(LITTLE_64).unwrap();
    let memory = |address, size| {
        let mut buffer = vec![0; size];
        let size = core.read_memory(LITTLE_64, address, &mut buffer).unwrap();
        buffer[..size].to_vec()
    };
    assert_eq!(memory(0x12000, 9), b"data");
    assert_eq!(memory(0x12001, 2), b"at");
    assert_eq!(memory(0x10000, 4), b"\x7fELF");
    for address in [0, 0xffff, 0x12004, 0x13000, u64::MAX] {
        assert_eq!(memory(address, 1), b"");
    }
}

#[test]
fn any_core_cut_short_is_read_or_refused() {
    for data in [LITTLE_64, BIG_32, EXTENDED, GDB] {
        let whole = listed(&CoreFile::read(data).unwrap()).len();
        for end in 0..data.len() {
            match CoreFile::read(&data[..end]) {
                Ok(core) => assert!(core.mappings().len() >= whole - 1),
                Err(CoreError::Content(error)) => assert!(error.offset <= data.len() as u64),
                Err(CoreError::System(error)) => panic!("{error}"),
            }
        }
    }
}

#[test]
fn a_message_names_place_and_expectation() {
    assert_eq!(
        refusal(b"\x28\xb5\x2f\xfd"),
        "offset 0x0: expected a core file, found one packed by zstd: unpack it (zstd -d)"
    );
    assert_eq!(
        refusal(&LITTLE_64[..20]),
        "offset 0x14: ELF header: cut short here"
    );
    let program = [&LITTLE_64[..16], &[2, 0], &LITTLE_64[18..]].concat();
    assert_eq!(
        refusal(&program),
        "offset 0x10: ELF header: expected a core file (type 4), found type 2 (a program)"
    );
}

/// A file that says it is as long as can be, of which the first bytes are written.
struct Sparse {
    read: Cell<usize>,
}

impl ReadAt for Sparse {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        buffer.fill(0);
        LITTLE_64.read_at(offset, buffer)?;
        self.read.set(self.read.get().saturating_add(buffer.len()));
        Ok(buffer.len())
    }
}

#[test]
fn a_file_without_end_is_read_where_it_tells_something() {
    let source = Sparse { read: Cell::new(0) };
    let core = CoreFile::read(&source).unwrap();
    assert_eq!(core.mappings().len(), 7);
    assert!(source.read.get() < 16 << 10, "{}", source.read.get());
}
