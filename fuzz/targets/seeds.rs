//! Writes the seeds of a check into a directory: `seeds CHECK DIRECTORY`.

use std::path::Path;
use std::{env, fs};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [check, directory] = &arguments[..] else {
        panic!("usage: seeds CHECK DIRECTORY");
    };
    fs::create_dir_all(directory)?;
    for (number, seed) in procmaps_fuzz::seeds::of(check).iter().enumerate() {
        fs::write(Path::new(directory).join(format!("seed-{number}")), seed)?;
    }
    Ok(())
}
