use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt64Type};

use super::*;
use crate::arrow::batch::ROWS;

const LINE: &str = "1000-3000 r-xp 00002000 08:01 42 /usr/bin/true (deleted)";
const VSYSCALL: &str = "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]";

fn layout(document: Document) -> Layout {
    Layout {
        document,
        has_source: true,
        raw_names: false,
        signed: false,
        has_error: false,
    }
}

fn batches(layout: Layout, on_error: OnError, texts: &[&str]) -> Result<Vec<RecordBatch>, Stop> {
    let mut documents = Documents::new(layout, on_error, Vec::new());
    for (number, text) in texts.iter().enumerate() {
        let source = format!("text {number}");
        documents.add(source.as_bytes(), Lines::from_file(text.as_bytes()))?;
    }
    documents.finish()
}

fn texts<'a>(batch: &'a RecordBatch, column: &str) -> Vec<Option<&'a str>> {
    let column = batch.column_by_name(column).unwrap();
    column.as_string::<i32>().iter().collect()
}

fn all_texts<'a>(batches: &'a [RecordBatch], column: &str) -> Vec<Option<&'a str>> {
    batches
        .iter()
        .flat_map(|batch| texts(batch, column))
        .collect()
}

#[test]
fn a_mapping_is_a_row() {
    let text = format!("{LINE}\n{VSYSCALL}\n4000-5000 ---p 0 00:00 0\n");
    let batches = batches(layout(Document::Maps), OnError::Raise, &[&text]).unwrap();
    let [batch] = &batches[..] else {
        panic!("{} batches", batches.len());
    };
    assert_eq!(texts(batch, "source"), [Some("text 0"); 3]);
    let begins = batch.column_by_name("begin_address").unwrap();
    let begins = begins.as_primitive::<UInt64Type>().values();
    assert_eq!(begins[..], [0x1000, 0xffff_ffff_ff60_0000, 0x4000]);
    assert_eq!(
        texts(batch, "pathname"),
        [Some("/usr/bin/true (deleted)"), Some("[vsyscall]"), None]
    );
    assert_eq!(texts(batch, "path"), [Some("/usr/bin/true"), None, None]);
    let kinds = ["file", "vsyscall", "anonymous"].map(Some);
    assert_eq!(texts(batch, "kind"), kinds);
}

#[test]
fn signed_numbers_have_the_same_bits() {
    let layout = Layout {
        signed: true,
        ..layout(Document::Maps)
    };
    let batches = batches(layout, OnError::Raise, &[VSYSCALL]).unwrap();
    let begins = batches[0].column_by_name("begin_address").unwrap();
    assert_eq!(begins.as_primitive::<Int64Type>().value(0), -0xa0_0000);
}

#[test]
fn a_usage_has_nulls_where_the_kernel_prints_nothing() {
    let text = format!("{LINE}\nRss: 8 kB\nVmFlags: rd ex\n");
    let batches = batches(layout(Document::Smaps), OnError::Raise, &[&text]).unwrap();
    let rss = batches[0].column_by_name("rss").unwrap();
    assert_eq!(rss.as_primitive::<UInt64Type>().value(0), 8192);
    let pss = batches[0].column_by_name("pss").unwrap();
    assert_eq!(pss.null_count(), 1);
    assert_eq!(texts(&batches[0], "vm_flags"), [Some("ex rd")]);
}

#[test]
fn rows_make_batches_of_bounded_size() {
    let text = format!("{LINE}\n").repeat(ROWS + 1);
    let batches = batches(layout(Document::Maps), OnError::Raise, &[&text]).unwrap();
    let rows: Vec<_> = batches.iter().map(RecordBatch::num_rows).collect();
    assert_eq!(rows, [ROWS, 1]);
}

#[test]
fn a_bad_document_has_no_rows() {
    let bad = format!("{LINE}\nnonsense\n");
    let all = [LINE, &bad, LINE];
    let error = batches(layout(Document::Maps), OnError::Raise, &all).unwrap_err();
    let Stop::Failed(error) = error else {
        panic!("{error:?}");
    };
    assert!(
        error
            .to_string()
            .starts_with("text 1: line 2: begin address: ")
    );

    let skipped = batches(layout(Document::Maps), OnError::Skip, &all).unwrap();
    let sources = ["text 0", "text 2"].map(Some);
    assert_eq!(all_texts(&skipped, "source"), sources);

    let layout = Layout {
        has_error: true,
        ..layout(Document::Maps)
    };
    let told = batches(layout, OnError::Column, &all).unwrap();
    let sources = ["text 0", "text 1", "text 2"].map(Some);
    assert_eq!(all_texts(&told, "source"), sources);
    assert_eq!(all_texts(&told, "pathname")[1], None);
    assert!(all_texts(&told, "error")[1].is_some());
}

#[test]
fn a_bad_document_has_no_rows_even_if_it_filled_batches() {
    let bad = format!("{}nonsense\n", format!("{LINE}\n").repeat(2 * ROWS + 5));
    let batches = batches(layout(Document::Maps), OnError::Skip, &[LINE, &bad, LINE]).unwrap();
    let sources = ["text 0", "text 2"].map(Some);
    assert_eq!(all_texts(&batches, "source"), sources);
}

#[test]
fn who_wants_no_more_gets_no_more() {
    struct Two(usize);
    impl Take for Two {
        fn take(&mut self, _: RecordBatch) -> bool {
            self.0 += 1;
            self.0 < 2
        }
    }
    let mut documents = Documents::new(layout(Document::Maps), OnError::Raise, Two(0));
    let text = format!("{LINE}\n").repeat(5 * ROWS);
    let stop = documents.add(b"text", Lines::from_file(text.as_bytes()));
    assert!(matches!(stop, Err(Stop::Unwanted)));
    assert_eq!(documents.batches.0, 2);
}
