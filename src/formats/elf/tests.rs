use std::cell::RefCell;
use std::io;

use super::writer::Writer;
use super::*;
use crate::formats::read_at::ReadAt;

fn writers() -> Vec<Writer> {
    let forms = [(true, false), (true, true), (false, false), (false, true)];
    let writer = |(is_64_bit, is_big_endian)| Writer::new(is_64_bit, is_big_endian);
    forms.into_iter().map(writer).collect()
}

fn segment(kind: u32, offset: u64, size: u64) -> Segment {
    Segment {
        kind,
        flags: 5,
        offset,
        address: 0x40_1000,
        file_size: size,
        memory_size: size.saturating_add(8),
        alignment: 0x1000,
    }
}

fn read(bytes: &[u8]) -> Result<Headers, ElfError> {
    Headers::read(bytes, 1000)
}

#[test]
fn headers_of_both_classes_and_byte_orders() {
    for mut file in writers() {
        let expected = [segment(1, 0x2000, 0x300), segment(4, 0x2100, 0x24)];
        file.header(3, 2, 0);
        for segment in expected {
            file.segment(segment);
        }
        let headers = read(&file.bytes).unwrap();
        assert_eq!(headers.segments, expected);
        assert_eq!((headers.kind, headers.machine, headers.count), (3, 62, 2));
        assert_eq!(headers.is_64_bit, file.is_64_bit);
        assert_eq!(headers.is_big_endian, file.is_big_endian);
        assert!(headers.is_loadable() && expected[0].is_load() && !expected[1].is_load());
    }
}

#[test]
fn a_build_id_after_other_notes() {
    for mut file in writers() {
        let table = if file.is_64_bit {
            64 + 2 * 56
        } else {
            52 + 2 * 32
        };
        file.header(2, 2, 0);
        file.segment(segment(1, 0, 10));
        file.segment(segment(4, table, 92));
        file.note(b"stapsdt\0", 3, b"abc");
        file.note(b"GNU\0", 1, b"12345");
        file.note(b"GNU\0", 3, &[7; 20]);
        let headers = read(&file.bytes).unwrap();
        let id = build_id(&*file.bytes, &headers).unwrap();
        assert_eq!(id, Some(vec![7; 20]));
        file.bytes.truncate(file.bytes.len() - 1);
        assert_eq!(build_id(&*file.bytes, &headers).unwrap(), None);
    }
}

#[test]
fn notes_end_with_the_first_that_does_not_fit() {
    let mut file = writers().remove(0);
    file.header(3, 0, 0);
    let headers = read(&file.bytes).unwrap();
    file.bytes.clear();
    file.note(b"GNU\0", 5, b"first");
    file.note(b"odd", 6, b"");
    file.number(1 << 20, 4);
    file.bytes.extend([0; 20]);
    let found: Vec<_> = notes(&headers, &file.bytes).collect();
    let note = |name, kind, content| Note {
        name,
        kind,
        content,
    };
    assert_eq!(found, [note(b"GNU\0", 5, b"first"), note(b"odd", 6, b"")]);
}

#[test]
fn what_is_no_elf_file_or_cut_short() {
    for mut file in writers() {
        file.header(3, 1, 0);
        let header = file.bytes.len();
        file.segment(segment(1, 0, 10));
        for size in 0..file.bytes.len() {
            let error = read(&file.bytes[..size]).unwrap_err();
            if size < header {
                assert!(matches!(error, ElfError::NotElf), "{size}: {error:?}");
            } else {
                assert!(matches!(error, ElfError::Cut), "{size}: {error:?}");
            }
        }
        for at in [0, 4, 5, 6] {
            let mut other = file.bytes.clone();
            other[at] ^= 0x80;
            assert!(matches!(read(&other), Err(ElfError::NotElf)), "{at}");
        }
    }
    assert_eq!(ElfError::NotElf.to_string(), "not an ELF file");
    assert_eq!(
        ElfError::Cut.to_string(),
        "an ELF file that ends before its headers do"
    );
}

#[test]
fn more_headers_than_are_wanted_or_can_be_counted() {
    let mut file = writers().remove(0);
    file.header(4, 0xffff, 64);
    for value in [0, 0, 0, 0, 0] {
        file.word(value);
    }
    file.number(0, 4);
    file.number(70_000, 4); // sh_info
    file.bytes.resize(64 + 64 + 100 * 56, 0);
    let headers = Headers::read(&*file.bytes, 99).unwrap();
    assert_eq!((headers.count, headers.segments.len()), (70_000, 99));
    assert!(matches!(read(&file.bytes), Err(ElfError::Cut)));

    let mut file = writers().remove(0);
    file.header(3, 0xffff, 0);
    file.segment(segment(1, 0, 10));
    let headers = Headers::read(&*file.bytes, 1).unwrap();
    assert_eq!((headers.count, headers.segments.len()), (0xffff, 1));
}

/// A file that notes what is read of it.
struct Watched(Vec<u8>, RefCell<Vec<usize>>);

impl ReadAt for Watched {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.1.borrow_mut().push(buffer.len());
        self.0.read_at(offset, buffer)
    }
}

#[test]
fn little_is_read_of_a_file_that_says_there_is_much() {
    let mut file = writers().remove(0);
    file.header(3, 0xffff, 0);
    for _ in 0..1000 {
        file.segment(segment(4, u64::MAX, u64::MAX));
    }
    let file = Watched(file.bytes, RefCell::default());
    let headers = Headers::read(&file, 1000).unwrap();
    assert_eq!(build_id(&file, &headers).unwrap(), None);
    let sizes = file.1.into_inner();
    assert_eq!(sizes[..3], [64, 56_000, 1 << 20]);
    assert_eq!(sizes.iter().sum::<usize>(), 64 + 56_000 + (1 << 20));
}

#[test]
fn headers_tell_the_kind_of_file_and_its_byte_order() {
    for mut file in writers() {
        let is_native = file.is_big_endian == cfg!(target_endian = "big");
        for (kind, is_loadable) in [(1, false), (2, true), (3, true), (4, false)] {
            file.bytes.clear();
            file.header(kind, 0, 0);
            let headers = read(&file.bytes).unwrap();
            assert_eq!(headers.is_loadable(), is_loadable);
            assert_eq!(headers.is_native_endian(), is_native);
        }
        for class in [0, 3] {
            file.bytes[4] = class;
            assert!(matches!(read(&file.bytes), Err(ElfError::NotElf)));
        }
    }
}

#[test]
fn program_headers_of_another_size_are_not_read() {
    for mut file in writers() {
        let entry_size = if file.is_64_bit { 54 } else { 42 };
        for (count, is_read) in [(1, false), (0, true)] {
            file.bytes.clear();
            file.header(2, count, 0);
            file.segment(segment(1, 0, 10));
            file.bytes[entry_size] = 99;
            file.bytes[entry_size + 1] = 99;
            assert_eq!(read(&file.bytes).is_ok(), is_read);
        }
    }
}
