//! Core files byte by byte, as the kernel or gdb would write them (core(5), elf(5)).
//! What is told is written, right or wrong.

#![allow(clippy::arithmetic_side_effects)] // the numbers are the test's own

/// How a machine writes numbers, and its own (`EM_X86_64` and the like).
#[derive(Clone, Copy, Debug)]
pub(super) struct Machine {
    pub(super) is_64: bool,
    pub(super) is_big_endian: bool,
    pub(super) number: u64,
}

const fn machine(bits: u8, is_big_endian: bool, number: u64) -> Machine {
    Machine {
        is_64: bits == 64,
        is_big_endian,
        number,
    }
}

pub(super) const X86_64: Machine = machine(64, false, 62);
pub(super) const I386: Machine = machine(32, false, 3);
pub(super) const ARM: Machine = machine(32, false, 40);
pub(super) const S390: Machine = machine(64, true, 22);
pub(super) const S390_31: Machine = machine(32, true, 22);

/// A mapping that has a program header: its range, access and what was written of it.
pub(super) type Load = (u64, u64, &'static str, Vec<u8>);

/// A mapping that the note of files tells of: its range, offset and name.
pub(super) type File<'a> = (u64, u64, u64, &'a [u8]);

impl Machine {
    /// Numbers of 16, 32 and 64 bits, or words of the machine: H, I, Q and W.
    pub(super) fn pack(self, form: &str, numbers: &[u64]) -> Vec<u8> {
        assert_eq!(form.len(), numbers.len());
        let number = |(letter, number): (char, &u64)| {
            let size = match letter {
                'H' => 2,
                'I' => 4,
                'W' if !self.is_64 => 4,
                _ => 8,
            };
            let bytes = number.to_be_bytes();
            let mut bytes = bytes[8 - size..].to_vec();
            if !self.is_big_endian {
                bytes.reverse();
            }
            bytes
        };
        form.chars().zip(numbers).flat_map(number).collect()
    }

    /// The sizes of the ELF header and of a program header.
    pub(super) fn sizes(self) -> (usize, usize) {
        if self.is_64 { (64, 56) } else { (52, 32) }
    }

    /// A note of the kernel's.
    pub(super) fn note(self, kind: u64, content: &[u8]) -> Vec<u8> {
        self.note_of(b"CORE\0", kind, content)
    }

    pub(super) fn note_of(self, owner: &[u8], kind: u64, content: &[u8]) -> Vec<u8> {
        let padded = |text: &[u8]| {
            let mut text = text.to_vec();
            text.resize(text.len().next_multiple_of(4), 0);
            text
        };
        let sizes = [owner.len() as u64, content.len() as u64, kind];
        [self.pack("III", &sizes), padded(owner), padded(content)].concat()
    }

    pub(super) fn files(self, files: &[File<'_>]) -> Vec<u8> {
        let mut content = self.pack("WW", &[files.len() as u64, 0x1000]);
        for &(begin, end, offset, _) in files {
            content.extend(self.pack("WWW", &[begin, end, offset / 0x1000]));
        }
        for (.., name) in files {
            content.extend_from_slice(name);
            content.push(0);
        }
        self.note(0x4649_4c45, &content)
    }

    /// What the kernel told the program at its start: keys and values.
    pub(super) fn auxiliary(self, vector: &[(u64, u64)]) -> Vec<u8> {
        let pairs = vector.iter().chain(&[(0, 0)]);
        let pairs = pairs.flat_map(|&(key, value)| self.pack("WW", &[key, value]));
        self.note(6, &pairs.collect::<Vec<_>>())
    }

    /// An ELF header: the type of the file, where program headers and section headers
    /// begin, and how many there are of the former.
    pub(super) fn header(self, kind: u64, at: u64, sections: u64, count: u64) -> Vec<u8> {
        let class = 1 + u8::from(self.is_64);
        let order = 1 + u8::from(self.is_big_endian);
        let mut header = vec![0x7f, b'E', b'L', b'F', class, order, 1];
        header.resize(16, 0);
        let (size, entry) = self.sizes();
        let numbers = [kind, self.number, 1, 0, at, sections, 0];
        header.extend(self.pack("HHIWWWI", &numbers));
        header.extend(self.pack("HHHHHH", &[size as u64, entry as u64, count, 0, 0, 0]));
        header
    }

    /// A program header: type, flags, offset, address, and the sizes in file and memory.
    pub(super) fn program_header(self, numbers: [u64; 6]) -> Vec<u8> {
        let [kind, flags, offset, address, in_file, in_memory] = numbers;
        if self.is_64 {
            let numbers = [kind, flags, offset, address, 0, in_file, in_memory, 0x1000];
            return self.pack("IIQQQQQQ", &numbers);
        }
        let numbers = [kind, offset, address, 0, in_file, in_memory, flags, 0x1000];
        self.pack("IIIIIIII", &numbers)
    }

    /// A core file with the notes before the memory.
    pub(super) fn core(self, loads: &[Load], notes: &[Vec<u8>]) -> Vec<u8> {
        let (start, entry) = self.sizes();
        let notes = notes.concat();
        let mut at = (start + entry * (loads.len() + 1)) as u64;
        let size = notes.len() as u64;
        let mut core = self.header(4, start as u64, 0, loads.len() as u64 + 1);
        core.extend(self.program_header([4, 0, at, 0, size, 0]));
        at += size;
        for (begin, end, access, content) in loads {
            let flag = |letter, bit| u64::from(access.contains(letter)) * bit;
            let flags = flag('r', 4) + flag('w', 2) + flag('x', 1);
            let size = content.len() as u64;
            core.extend(self.program_header([1, flags, at, *begin, size, end - begin]));
            at += size;
        }
        core.extend(notes);
        core.extend(loads.iter().flat_map(|(.., content)| content));
        core
    }
}
