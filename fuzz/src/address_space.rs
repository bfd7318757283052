//! The index over ranges against linear scans.

use procmaps::space::index::{AddressIndex, AddressRange};

/// Enough that some of the index's buckets are crowded; more slow the scans down.
const MOST: usize = 64;

/// Takes the bytes as ranges, four for each, and asks the index of the others
/// about each of them and around its ends.
///
/// # Panics
///
/// Where an answer is not that of a linear scan.
pub fn check(data: &[u8]) {
    let all = ranges(data);
    let index = AddressIndex::new(all.clone()).unwrap();
    let mut sorted = all;
    sorted.sort();
    assert_eq!(index.ranges(), sorted);

    let pieces = pieces(&sorted);
    check_whole(&index, &sorted, &pieces);
    for piece in &pieces {
        for address in [piece.begin.saturating_sub(1), piece.begin, piece.end] {
            assert_eq!(index.find(address), holder(&sorted, address), "{sorted:?}");
        }
    }
    // Besides the ranges themselves: what lies between two ends of any of them.
    let spans = pieces.iter().zip(pieces.iter().rev().take(8));
    let spans = spans.map(|(a, b)| range(a.begin, b.end));
    for asked in sorted.iter().copied().chain(spans) {
        check_range(&index, &sorted, &pieces, asked);
    }
}

fn check_whole(index: &AddressIndex, sorted: &[AddressRange], pieces: &[AddressRange]) {
    let is_mapped = |piece: &&AddressRange| holder(sorted, piece.begin).is_some();
    let mapped: Vec<_> = pieces.iter().filter(is_mapped).collect();
    let size: u64 = mapped.iter().map(|piece| piece.end - piece.begin).sum();
    assert_eq!(index.size(), size, "{sorted:?}");

    let mut gaps = Vec::new();
    if let (Some(first), Some(last)) = (mapped.first(), mapped.last()) {
        for piece in pieces.iter().filter(|piece| !is_mapped(piece)) {
            if first.begin < piece.begin && piece.begin < last.begin {
                join(&mut gaps, *piece);
            }
        }
    }
    assert_eq!(index.gaps().collect::<Vec<_>>(), gaps, "{sorted:?}");
}

fn check_range(
    index: &AddressIndex,
    sorted: &[AddressRange],
    pieces: &[AddressRange],
    asked: AddressRange,
) {
    let positions = |is_one: &dyn Fn(&AddressRange) -> bool| -> Vec<usize> {
        (0..sorted.len())
            .filter(|&at| is_one(&sorted[at]))
            .collect()
    };
    let equal: Vec<_> = index.equal(asked).collect();
    assert_eq!(equal, positions(&|range| *range == asked), "{sorted:?}");

    // A piece is wholly inside or outside of every range.
    let inside: Vec<_> = pieces
        .iter()
        .filter(|piece| contains(&asked, piece.begin))
        .collect();
    let overlapping: Vec<_> = index.overlapping(asked).collect();
    let shares = |range: &AddressRange| inside.iter().any(|piece| contains(range, piece.begin));
    assert_eq!(overlapping, positions(&shares), "{sorted:?} {asked:?}");
    let is_covered = inside
        .iter()
        .all(|piece| holder(sorted, piece.begin).is_some());
    assert_eq!(index.covers(asked), is_covered, "{sorted:?} {asked:?}");
}

/// The address space cut at every end of a range.
fn pieces(ranges: &[AddressRange]) -> Vec<AddressRange> {
    let mut cuts: Vec<u64> = vec![0, u64::MAX];
    cuts.extend(ranges.iter().flat_map(|range| [range.begin, range.end]));
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2)
        .map(|ends| range(ends[0], ends[1]))
        .collect()
}

fn join(gaps: &mut Vec<AddressRange>, piece: AddressRange) {
    match gaps.last_mut() {
        Some(last) if last.end == piece.begin => last.end = piece.end,
        _ => gaps.push(piece),
    }
}

fn holder(sorted: &[AddressRange], address: u64) -> Option<usize> {
    sorted.iter().rposition(|range| contains(range, address))
}

fn contains(range: &AddressRange, address: u64) -> bool {
    range.begin <= address && address < range.end
}

fn ranges(data: &[u8]) -> Vec<AddressRange> {
    let chunks = data.chunks_exact(4).take(MOST);
    chunks.flat_map(TryInto::try_into).map(one_range).collect()
}

/// Small numbers at any height, so that ends often meet; and the last addresses.
fn one_range([low, place, length, scale]: [u8; 4]) -> AddressRange {
    let begin = match place {
        0xf0.. => u64::MAX - u64::from(low),
        _ => u64::from(low) << (place % 57),
    };
    let size = u64::from(length) << (scale % 57);
    match scale {
        0xfc.. => range(begin, begin.saturating_sub(size)),
        _ => range(begin, begin.saturating_add(size)),
    }
}

fn range(begin: u64, end: u64) -> AddressRange {
    AddressRange { begin, end }
}
