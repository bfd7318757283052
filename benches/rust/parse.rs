//! The parser without Python, beside those of other crates.
//!
//! `PROCMAPS_BENCH_SNAPSHOT` names a file of maps; `make bench` takes one.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use procfs::FromBufRead;
use procmaps::formats::maps::records;
use procmaps::formats::lines::Lines;

const LINES: usize = 20_000;

/// So many lines of the snapshot, from the beginning again if need be.
fn text() -> String {
    let path = std::env::var("PROCMAPS_BENCH_SNAPSHOT").unwrap_or("/proc/self/maps".to_owned());
    let snapshot = std::fs::read(path).expect("the snapshot can be read");
    // The others take UTF-8 only.
    let snapshot = String::from_utf8_lossy(&snapshot).into_owned();
    let lines = snapshot.split_inclusive('\n');
    lines.cycle().take(LINES).collect()
}

fn parse(criterion: &mut Criterion) {
    let text = text();
    let mut group = criterion.benchmark_group("text");
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("procmaps", |bencher| {
        bencher.iter(|| records(Lines::from_file(text.as_bytes())).collect::<Result<Vec<_>, _>>());
    });
    group.bench_function("procfs", |bencher| {
        bencher.iter(|| procfs::process::MemoryMaps::from_buf_read(text.as_bytes()));
    });
    group.bench_function("rsprocmaps", |bencher| {
        bencher.iter(|| rsprocmaps::from_str(&text).collect::<Result<Vec<_>, _>>());
    });
    group.finish();
}

/// The crate proc-maps parses no text, only a process.
fn read_and_parse(criterion: &mut Criterion) {
    let pid = std::process::id().cast_signed();
    let mut group = criterion.benchmark_group("process");
    group.bench_function("procmaps", |bencher| {
        bencher.iter(|| {
            let text = std::fs::read("/proc/self/maps").expect("its own maps can be read");
            let maps: Result<Vec<_>, _> = records(Lines::from_kernel(&text)).collect();
            maps.map(|maps| maps.len())
        });
    });
    group.bench_function("proc-maps", |bencher| {
        bencher.iter(|| proc_maps::get_process_maps(pid));
    });
    group.finish();
}

criterion_group!(benches, parse, read_and_parse);
criterion_main!(benches);
