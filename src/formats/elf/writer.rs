//! ELF files for tests, written field by field.

use super::Segment;

/// An ELF file of one class and byte order, written field by field.
pub(crate) struct Writer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_64_bit: bool,
    pub(crate) is_big_endian: bool,
}

impl Writer {
    pub(crate) fn new(is_64_bit: bool, is_big_endian: bool) -> Self {
        Self {
            bytes: Vec::new(),
            is_64_bit,
            is_big_endian,
        }
    }

    pub(crate) fn number(&mut self, value: u64, size: usize) {
        let little = &value.to_le_bytes()[..size];
        if self.is_big_endian {
            self.bytes.extend(little.iter().rev());
        } else {
            self.bytes.extend(little);
        }
    }

    pub(crate) fn word(&mut self, value: u64) {
        self.number(value, if self.is_64_bit { 8 } else { 4 });
    }

    pub(crate) fn header(&mut self, kind: u64, count: u64, sections: u64) {
        let (header, entry) = if self.is_64_bit { (64, 56) } else { (52, 32) };
        let ident = [
            if self.is_64_bit { 2 } else { 1 },
            if self.is_big_endian { 2 } else { 1 },
            1,
        ];
        self.bytes.extend(b"\x7fELF");
        self.bytes.extend(ident);
        self.bytes.resize(16, 0);
        self.number(kind, 2);
        self.number(62, 2);
        self.number(1, 4);
        self.word(0);
        self.word(header);
        self.word(sections);
        self.number(0, 4);
        for value in [header, entry, count, 64, 1, 0] {
            self.number(value, 2);
        }
    }

    pub(crate) fn segment(&mut self, segment: Segment) {
        self.number(segment.kind.into(), 4);
        if self.is_64_bit {
            self.number(segment.flags.into(), 4);
        }
        for value in [segment.offset, segment.address, 0, segment.file_size] {
            self.word(value);
        }
        self.word(segment.memory_size);
        if !self.is_64_bit {
            self.number(segment.flags.into(), 4);
        }
        self.word(segment.alignment);
    }

    pub(crate) fn note(&mut self, name: &[u8], kind: u64, content: &[u8]) {
        self.number(name.len() as u64, 4);
        self.number(content.len() as u64, 4);
        self.number(kind, 4);
        for part in [name, content] {
            self.bytes.extend(part);
            self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        }
    }
}
