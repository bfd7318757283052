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
    let index = AddressIndex::new(ranges);
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
    let index = AddressIndex::new(vec![range(0, 1), range(u64::MAX - 1, u64::MAX)]);
    assert_eq!(index.find(u64::MAX - 1), Some(1));
    assert_eq!(index.find(u64::MAX), None);
    assert_eq!(index.size(), 2);
    assert_eq!(index.gaps().collect::<Vec<_>>(), [range(1, u64::MAX - 1)]);
    let whole = AddressIndex::new(vec![range(0, u64::MAX), range(0, u64::MAX)]);
    assert!(whole.covers(range(0, u64::MAX)));
    assert_eq!(whole.size(), u64::MAX);
}

#[test]
fn a_range_is_never_cut_into_more_than_it_needs() {
    // One range below many: found without a walk over those between.
    let mut ranges = vec![range(0, 1_000_000)];
    ranges.extend((0..1000).map(|at| range(at * 10 + 1, at * 10 + 2)));
    let index = AddressIndex::new(ranges);
    assert_eq!(index.find(999_999), Some(0));
    assert_eq!(index.segments().len(), 2001);
}
