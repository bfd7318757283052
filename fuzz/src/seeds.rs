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
    if check == "core_file" {
        seeds.extend(files("../tests/data/cores"));
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
