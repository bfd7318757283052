use super::*;
use crate::formats::maps::line::parse;
use crate::mapping::{OwnedMapping, Spelling};
use crate::space::AddressSpace;

fn parsed(lines: &[&str]) -> AddressSpace<OwnedMapping> {
    let maps = lines.iter().map(|line| {
        let line = parse(line.as_bytes()).unwrap();
        OwnedMapping::new(line.fields, line.pathname, Spelling::Printed).unwrap()
    });
    AddressSpace::new(maps.collect()).unwrap()
}

fn compared(before: &[&str], after: &[&str]) -> Difference {
    parsed(before).diff(&parsed(after)).unwrap()
}

#[test]
fn equal_maps_are_no_difference_however_often_they_are_listed() {
    let maps = ["1000-2000 rw-p 0 0:0 0", "1000-2000 rw-p 0 0:0 0"];
    assert_eq!(compared(&maps, &maps), Difference::default());
    assert_eq!(compared(&maps, &maps[1..]).removed, [1]);
    assert_eq!(compared(&maps[1..], &maps).added, [1]);
}

#[test]
fn a_range_with_another_name_source_or_permissions_has_changed() {
    let before = ["1000-2000 r--p 0 8:1 7 /a"];
    for after in [
        "1000-2000 rw-p 0 8:1 7 /a",
        "1000-2000 r--p 0 8:1 7 /a (deleted)",
        "1000-2000 r--p 0 8:1 8 /a",
        "1000-2000 r--p 0 8:2 7 /a",
        "1000-2000 r--p 1000 8:1 7 /a",
    ] {
        let expected = Difference {
            changed: vec![(0, 0)],
            ..Difference::default()
        };
        assert_eq!(compared(&before, &[after]), expected, "{after}");
    }
}

#[test]
fn a_region_grows_and_shrinks_at_either_end() {
    let before = [
        "10000-20000 rw-p 0 0:0 0 [heap]",
        "30000-40000 r--p 5000 8:1 7 /a",
        "70000-80000 rw-p 0 0:0 0 [stack]",
    ];
    let after = [
        "10000-21000 rw-p 0 0:0 0 [heap]",
        "31000-40000 r--p 6000 8:1 7 /a",
        "6f000-80000 rw-p 0 0:0 0 [stack]",
    ];
    let larger = compared(&before, &after);
    assert_eq!(
        (larger.grown, larger.shrunk),
        (vec![(0, 0), (2, 2)], vec![(1, 1)])
    );
    assert_eq!((larger.added, larger.removed), (vec![], vec![]));
    let smaller = compared(&after, &before);
    assert_eq!(
        (smaller.grown, smaller.shrunk),
        (vec![(1, 1)], vec![(0, 0), (2, 2)])
    );
}

#[test]
fn what_only_shares_an_end_has_not_grown() {
    let before = ["1000-2000 r--p 0 8:1 7 /a"];
    for after in [
        "1000-3000 rw-p 0 8:1 7 /a",
        "1000-3000 r--p 0 8:1 7 /b",
        "1000-3000 r--p 1000 8:1 7 /a",
        "0-2000 r--p 0 8:1 7 /a",
        "4000-5000 r--p 0 8:1 7 /a",
    ] {
        let expected = Difference {
            added: vec![0],
            removed: vec![0],
            ..Difference::default()
        };
        assert_eq!(compared(&before, &[after]), expected, "{after}");
    }
}

#[test]
fn a_map_that_was_split_has_shrunk_and_the_rest_is_new() {
    let split = compared(
        &["1000-4000 rw-p 0 0:0 0"],
        &[
            "1000-2000 rw-p 0 0:0 0",
            "2000-3000 r--p 0 0:0 0",
            "3000-4000 rw-p 0 0:0 0",
        ],
    );
    assert_eq!((split.shrunk, split.added), (vec![(0, 0)], vec![1, 2]));
    assert_eq!(
        (split.removed, split.changed, split.grown),
        (vec![], vec![], vec![])
    );
}
