use super::*;

fn range(begin: u64, end: u64) -> AddressRange {
    AddressRange { begin, end }
}

/// Every range within the first addresses, empty ones among them.
fn all_ranges(limit: u64) -> Vec<AddressRange> {
    (0..=limit)
        .flat_map(|begin| (begin..=limit).map(move |end| range(begin, end)))
        .collect()
}

/// Compares every answer with a look at each address of each range.
fn check(ranges: Vec<AddressRange>, limit: u64) {
    let mut sorted = ranges.clone();
    sorted.sort();
    let index = AddressIndex::new(ranges).unwrap();
    assert_eq!(index.ranges(), sorted);

    let contains = |range: &AddressRange, address| range.begin <= address && address < range.end;
    let holder = |address| sorted.iter().rposition(|range| contains(range, address));
    for address in 0..=limit {
        assert_eq!(index.find(address), holder(address), "{sorted:?} {address}");
    }
    let mapped: Vec<u64> = (0..limit).filter(|&at| holder(at).is_some()).collect();
    assert_eq!(index.size(), mapped.len() as u64, "{sorted:?}");
    let gaps: Vec<u64> = index.gaps().flat_map(|gap| gap.begin..gap.end).collect();
    let unmapped: Vec<u64> = match (mapped.first(), mapped.last()) {
        (Some(&first), Some(&last)) => (first..last).filter(|&at| holder(at).is_none()).collect(),
        _ => Vec::new(),
    };
    assert_eq!(gaps, unmapped, "{sorted:?}");
    for asked in all_ranges(limit) {
        for (at, range) in sorted.iter().enumerate() {
            assert_eq!(index.equal(asked).contains(&at), *range == asked);
        }
        let mut addresses = asked.begin..asked.end;
        let found: Vec<usize> = index.overlapping(asked).collect();
        let expected: Vec<usize> = (0..sorted.len())
            .filter(|&at| {
                addresses
                    .clone()
                    .any(|address| contains(&sorted[at], address))
            })
            .collect();
        assert_eq!(found, expected, "{sorted:?} {asked:?}");
        let covered = addresses.all(|address| holder(address).is_some());
        assert_eq!(index.covers(asked), covered, "{sorted:?} {asked:?}");
    }
}

#[test]
fn every_answer_is_that_of_a_linear_scan() {
    let ranges = all_ranges(4);
    check(Vec::new(), 4);
    for &a in &ranges {
        check(vec![a], 4);
        for &b in &ranges {
            check(vec![a, b], 4);
            for &c in &ranges {
                check(vec![a, b, c], 4);
            }
        }
    }
}

#[test]
fn the_highest_addresses_can_be_asked_for() {
    let index = AddressIndex::new(vec![range(0, 1), range(u64::MAX - 1, u64::MAX)]).unwrap();
    assert_eq!(index.find(u64::MAX - 1), Some(1));
    assert_eq!(index.find(u64::MAX), None);
    assert_eq!(index.size(), 2);
    assert_eq!(index.gaps().collect::<Vec<_>>(), [range(1, u64::MAX - 1)]);
    let whole = AddressIndex::new(vec![range(0, u64::MAX), range(0, u64::MAX)]).unwrap();
    assert!(whole.covers(range(0, u64::MAX)));
    assert_eq!(whole.size(), u64::MAX);
}

#[test]
fn a_range_is_never_cut_into_more_than_it_needs() {
    // One range below many: found without a look at those between.
    let mut ranges = vec![range(0, 1_000_000)];
    ranges.extend((0..1000).map(|at| range(at * 10 + 1, at * 10 + 2)));
    let index = AddressIndex::new(ranges).unwrap();
    assert_eq!(index.find(999_999), Some(0));
    assert_eq!(index.pieces().len(), 2001);
}

/// Where an address lies, found without an index.
fn scan(ranges: &[AddressRange], address: u64) -> Option<usize> {
    (ranges.iter()).rposition(|range| range.begin <= address && address < range.end)
}

/// Asks for the addresses at and beside both ends of each range.
fn check_ends(ranges: &[AddressRange]) {
    assert!(ranges.is_sorted());
    let index = AddressIndex::new(ranges.to_vec()).unwrap();
    let ends = ranges.iter().flat_map(|range| [range.begin, range.end]);
    for end in ends.chain([0, u64::MAX]) {
        for address in [end.wrapping_sub(1), end, end.wrapping_add(1)] {
            let found = index.find(address);
            assert_eq!(found, scan(ranges, address), "{address:#x}");
        }
    }
}

/// A page at each step.
#[allow(clippy::arithmetic_side_effects)] // the numbers are the test's own
fn pages(first: u64, count: u64, step: u64) -> impl Iterator<Item = AddressRange> {
    (0..count).map(move |at| range(first + at * step, first + at * step + 0x1000))
}

/// As in a process: the program, its heap, what mmap gave, the kernel's page.
fn process() -> Vec<AddressRange> {
    let places = pages(0x55e0_1230_0000, 20, 0x1000)
        .chain(pages(0x7f00_0000_0000, 90, 0x4000))
        .chain(pages(0x7f12_3400_0000, 200, 0x2000))
        .chain(pages(0x7fff_ffff_0000, 3, 0x5000))
        .chain(pages(0xffff_ffff_ff60_0000, 1, 0));
    places.collect()
}

#[test]
fn many_ranges_are_found_however_they_are_spread() {
    for count in [15, 16, 17, 18, 31, 32, 33, 100, 300] {
        // Side by side, with gaps, and with the same bits at the top of the range.
        for step in [0x1000, 0x3000, 0x10_0000_0000] {
            check_ends(&pages(0x1000, count, step).collect::<Vec<_>>());
        }
        check_ends(&pages(u64::MAX - count * 0x1000, count, 0x1000).collect::<Vec<_>>());
        // One address each: a part for each range.
        let each = (0..count).map(|at| range(at, at + 1));
        check_ends(&each.collect::<Vec<_>>());
    }
}

#[test]
fn crowded_places_are_searched_like_any_other() {
    check_ends(&process());
    // Ever nearer to one place, so that each part of parts is crowded again.
    let crowds = (0..60_u32).flat_map(|power| {
        let begin = 1_u64 << power;
        [
            range(begin, begin + (begin / 4).max(1)),
            range(begin + begin / 2, 2 * begin),
        ]
    });
    check_ends(
        &crowds
            .filter(|crowd| crowd.begin < crowd.end)
            .collect::<Vec<_>>(),
    );
}

#[test]
fn many_ranges_that_overlap_are_found() {
    let mut ranges: Vec<_> = (0..300).map(|at| range(at * 7, at * 7 + at % 40)).collect();
    ranges.sort();
    check_ends(&ranges);
}

#[test]
fn a_lookup_searches_few_of_many_ranges() {
    let ranges = process();
    let buckets = Buckets::new(&ranges).unwrap();
    for (position, range) in ranges.iter().enumerate() {
        for address in [range.begin, range.end - 1] {
            let near = buckets.near(address);
            let past = position + 1;
            assert!(near.len() <= 16, "{address:#x} {near:?}");
            assert!(
                near.start <= past && past <= near.end,
                "{address:#x} {near:?}"
            );
        }
    }
}
