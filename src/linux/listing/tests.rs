use std::fs;
use std::sync::Barrier;
use std::thread;

use super::*;
use crate::linux::query::Probe;
use crate::linux::stage::{
    Child, Folder, errno, filters, has_query, mappings, own_pid, process, stat,
};
use crate::mapping::{OwnedMapping, Spelling};

/// What a listing gave: mappings by queries, or the text.
#[derive(Debug, PartialEq, Eq)]
enum Listed {
    Batches(Vec<OwnedMapping>),
    Text(Vec<u8>),
}

fn list(mut listing: Listing<'_>) -> io::Result<Listed> {
    let (mut batch, mut all) = (Batch::default(), Vec::new());
    for _ in 0..1000 {
        let step = listing.advance(&mut batch)?;
        if let Step::Text(text) = step {
            return Ok(Listed::Text(text));
        }
        let raw = |(fields, name): (&Fields, _)| OwnedMapping::new(*fields, name, Spelling::Raw);
        all.extend(batch.iter().map(raw).map(Result::unwrap));
        if let Step::LastBatch = step {
            return Ok(Listed::Batches(all));
        }
    }
    panic!("no end of batches");
}

#[test]
fn batches_hold_what_the_text_shows() {
    let child = Child::start();
    let (path, text) = (child.path(), child.read("maps"));
    let asked = Process::open(&path, true).unwrap();
    let read = Process::open(&path, false).unwrap();
    // A text tells of the mapping that no query is answered with.
    let first = list(Listing::of_process(&read, Filter::default())).unwrap();
    assert_eq!(first, Listed::Text(text.clone()));
    for filter in filters() {
        let listed = Listed::Text(text.clone());
        assert_eq!(list(Listing::of_process(&read, filter)).unwrap(), listed);
        let expected = if has_query() {
            let mut all = mappings(&text);
            all.retain(|mapping| filter.admits(&mapping.fields));
            Listed::Batches(all)
        } else {
            listed
        };
        assert_eq!(list(Listing::of_process(&asked, filter)).unwrap(), expected);
        assert_eq!(list(Listing::of_path(&path, filter)).unwrap(), expected);
    }
}

#[test]
fn a_process_without_maps_has_an_empty_text() {
    let mut child = Child::start();
    let (path, filter) = (child.path(), Filter::default());
    let held = Process::open(&path, true).unwrap();
    child.become_zombie();
    let empty = Listed::Text(Vec::new());
    assert_eq!(list(Listing::of_path(&path, filter)).unwrap(), empty);
    assert_eq!(
        errno(list(Listing::of_process(&held, filter))),
        Some(Errno::SRCH)
    );
}

fn batch(sizes: &[usize]) -> Batch {
    let answer = |&name_size| QueryResult {
        name_size,
        ..QueryResult::NONE
    };
    Batch {
        answers: sizes.iter().map(answer).collect(),
        count: sizes.len(),
        ..Batch::default()
    }
}

#[test]
fn one_name_in_eight_is_enough() {
    assert!(!batch(&[]).is_nameless());
    assert!(batch(&[0]).is_nameless());
    assert!(!batch(&[0, 0, 0, 5, 0, 0, 0, 0]).is_nameless());
    assert!(batch(&[0, 0, 0, 5, 0, 0, 0, 0, 0]).is_nameless());
    assert!(!batch(&[0, 0, 0, 5, 0, 0, 6, 0, 0]).is_nameless());
    // What an earlier batch has left behind does not count.
    let mut short = batch(&[5, 0, 5, 5]);
    short.count = 2;
    assert_eq!(short.answers().len(), 2);
    assert_eq!(short.iter().count(), 2);
}

#[test]
fn the_first_batch_tells_which_way_costs_less() {
    let path = process(own_pid());
    let all = Filter::default();
    let readable = Filter {
        readable: Some(true),
        ..all
    };
    // Tells of the mapping that no query is answered with.
    gate::learn(&fs::read("/proc/self/maps").unwrap());
    let folder = Folder::new("first-batch");
    let file = File::open(folder.write("file", "text")).unwrap();
    let named: Vec<_> = (0..400).map(|_| Probe::map(&file).unwrap()).collect();
    let listed = list(Listing::of_path(&path, all)).unwrap();
    assert_eq!(matches!(listed, Listed::Batches(_)), has_query());
    if let Listed::Batches(listed) = listed {
        for probe in &named {
            let begins = |mapping: &&OwnedMapping| mapping.fields.begin_address == probe.address();
            assert_eq!(listed.iter().filter(begins).count(), 1);
        }
    }
    drop(named);
    // Stacks of threads, and what keeps them apart, have no names; the latest ones
    // lie lowest.
    let (begin, end) = (Barrier::new(121), Barrier::new(121));
    thread::scope(|scope| {
        for _ in 0..120 {
            let builder = thread::Builder::new().stack_size(1 << 16);
            let wait = || {
                begin.wait();
                end.wait();
            };
            builder.spawn_scoped(scope, wait).unwrap();
        }
        begin.wait();
        let results = [all, readable].map(|filter| list(Listing::of_path(&path, filter)));
        end.wait();
        let [unfiltered, filtered] = results.map(Result::unwrap);
        assert!(matches!(unfiltered, Listed::Text(_)));
        // What is demanded the kernel finds soon.
        assert_eq!(matches!(filtered, Listed::Batches(_)), has_query());
    });
}

#[test]
fn a_child_that_executes_a_program_is_listed_no_more() {
    let child = Child::start();
    let folder = Folder::of_sharing_child("listed-no-more");
    folder.link("7/maps", child.path().file("maps"));
    let process = Process::open(&folder.process(7), true).unwrap();
    list(Listing::of_process(&process, Filter::default())).unwrap();
    folder.write("7/stat", stat(7, 9));
    assert_eq!(
        errno(list(Listing::of_process(&process, Filter::default()))),
        Some(Errno::SRCH)
    );
}
