use super::*;

#[test]
fn hostile_headers_are_answered_from_text() {
    let lines = ["10000-13000 r--p 0", "13000-14000 r-xp 2000"];
    let text = [(None, vec![0, 1])];
    let ends = [0, 1, 0x2000, u64::MAX - 1, u64::MAX];
    for offset in ends {
        for address in ends {
            for size in ends {
                let segments = [
                    load(offset, address, size, u64::MAX, "RE"),
                    load(offset, address, size, 0, "R"),
                    load(address, size, offset, 0, "RE"),
                ];
                let modules = modules(&lines, &segments);
                assert!(
                    modules.iter().all(|(_, maps)| !maps.is_empty()),
                    "{segments:x?} {modules:?}"
                );
            }
        }
    }
    let many = vec![load(0x2000, 0x3000, 0x10, 0x10, "RE"); 65];
    assert_eq!(modules(&lines, &many), text);
    let code = [(None, vec![0]), (Some(0x10000), vec![1])];
    assert_eq!(modules(&lines, &many[..64]), code);
    assert_eq!(modules(&lines, &many[..1]), code);
}

#[test]
fn more_places_than_are_tried() {
    let lines: Vec<String> = (1..2000_u64)
        .map(|number| {
            let begin = number * number * 0x1000;
            format!("{begin:x}-{:x} r-xp 2000", begin + 0x1000)
        })
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let many: Vec<Segment> = (0..60)
        .map(|number| load(0x2000, number * 0x10000, 0x10, 0x10, "RE"))
        .collect();
    assert!(modules(&lines, &many) == modules(&lines, &[]));
    assert!(modules(&lines[..20], &many[..1]) != modules(&lines[..20], &[]));
}

#[test]
fn as_many_places_as_are_tried() {
    // Each segment begins where the one before it ends, and lies a page further on.
    let library = [
        load(0, 0, 0x1000, 0x1000, "R"),
        load(0x1000, 0x2000, 0x1000, 0x1000, "R"),
        load(0x2000, 0x4000, 0x1000, 0x1000, "R"),
        load(0x3000, 0x6000, 0x1000, 0x1000, "RE"),
    ];
    let loaded = [
        "10000-11000 r--p 0",
        "12000-13000 r--p 1000",
        "14000-15000 r--p 2000",
        "16000-17000 r-xp 3000",
    ];
    let pages: Vec<String> = (0x100..0x1100)
        .map(|at| format!("{at:x}0000-{at:x}1000 r--p 1000"))
        .collect();
    let lines: Vec<&str> = (loaded.into_iter())
        .chain(pages.iter().map(String::as_str))
        .collect();
    let bias = |count: usize| modules(&lines[..count], &library)[0].0;
    // The four maps of the load tell of one place, and each page of its own.
    assert_eq!(bias(4 + 4095), Some(0x10000));
    assert_eq!(bias(4 + 4096), None);
}
