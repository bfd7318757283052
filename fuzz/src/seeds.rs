//! What fuzzing begins with: the test vectors, and the inputs that once failed.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Inputs for a check, the vectors' lines one by one and as one document.
///
/// # Panics
///
/// Where the repository is not complete.
#[must_use]
pub fn of(check: &str) -> Vec<Vec<u8>> {
    let mut seeds = lines("good.json");
    seeds.push(seeds.join(&b'\n'));
    seeds.push(seeds.join(&b"\r\n"[..]));
    seeds.extend(lines("bad.json"));
    if check == "smaps" {
        seeds.extend(files("../tests/data/smaps"));
    }
    if check == "core_file" || check == "elf" {
        seeds.extend(files("../tests/data/cores"));
    }
    if check == "elf" {
        seeds.push(library());
    }
    if check == "freebsd" {
        let documents = files("../tests/data/freebsd");
        for document in &documents {
            seeds.extend(document.split(|&byte| byte == b'\n').map(<[u8]>::to_vec));
        }
        seeds.extend(documents);
    }
    // Inputs on which the check once failed.
    seeds.extend(files(&format!("crashes/{check}")));
    seeds
}

/// The headers of a library: headers, code, data, and a note that is its build ID.
fn library() -> Vec<u8> {
    let ident = *b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0";
    let mut bytes = ident.to_vec();
    bytes.extend([3, 0, 62, 0, 1, 0, 0, 0]);
    let words = |bytes: &mut Vec<u8>, words: &[u64]| {
        bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    };
    words(&mut bytes, &[0, 64, 0]);
    bytes.extend([0, 0, 0, 0, 64, 0, 56, 0, 4, 0, 64, 0, 0, 0, 0, 0]);
    for [kind_and_flags, offset, address, size] in [
        [0x4_0000_0001, 0, 0, 0x600],
        [0x5_0000_0001, 0x600, 0x1600, 0x300],
        [0x6_0000_0001, 0x900, 0x2900, 0x200],
        [0x4_0000_0004, 288, 288, 36],
    ] {
        let header = [kind_and_flags, offset, address, 0, size, size, 0x1000];
        words(&mut bytes, &header);
    }
    bytes.extend([4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0]);
    bytes.extend(b"GNU\0a build ID of 20 by.");
    bytes
}

fn files(directory: &str) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(here().join(directory)) else {
        return Vec::new();
    };
    entries
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .collect()
}

fn lines(vectors: &str) -> Vec<Vec<u8>> {
    let path = here().join("../tests/vectors").join(vectors);
    let vectors: Vec<Value> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    vectors
        .iter()
        .map(|vector| bytes(vector["line"].as_str().unwrap()))
        .collect()
}

/// The vectors' notation, in which `\xNN` stands for a byte.
fn bytes(text: &str) -> Vec<u8> {
    let mut pieces = text.split(r"\x");
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_at(2);
        bytes.push(u8::from_str_radix(digits, 16).unwrap());
        bytes.extend_from_slice(rest.as_bytes());
    }
    bytes
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
