use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use arrow_array::cast::AsArray;

use super::*;

#[derive(Clone)]
struct File(PathBuf);

impl Source for File {
    fn name(&self) -> Cow<'_, [u8]> {
        self.0.as_os_str().as_encoded_bytes().into()
    }

    fn read<'a>(&self, _: Document, text: &'a mut Vec<u8>) -> io::Result<Option<Lines<'a>>> {
        *text = fs::read(&self.0)?;
        Ok(Some(Lines::from_file(text)))
    }
}

/// A directory that goes with the test.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("procmaps-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Files of as many lines as their numbers.
    fn files(&self, count: usize) -> Vec<File> {
        let file = |number: usize| {
            let path = self.0.join(number.to_string());
            let line = format!("1000-2000 r--p 0 08:01 {number} /usr/lib/libc.so.6\n");
            fs::write(&path, line.repeat(number)).unwrap();
            File(path)
        };
        (0..count).map(file).collect()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn stream(all: Vec<File>, threads: usize, interrupt: Interrupt) -> SourceStream<File> {
    let layout = Layout {
        document: Document::Maps,
        has_source: true,
        raw_names: false,
        signed: false,
        has_error: false,
    };
    let on_error = OnError::Raise;
    let sources = Sources {
        all,
        layout,
        on_error,
        threads,
    };
    SourceStream::new(Arc::new(sources), interrupt)
}

#[test]
fn rows_come_in_the_order_of_the_files() {
    let directory = Directory::new("order");
    for threads in [1, 2, 9] {
        let mut names = Vec::new();
        for batch in stream(directory.files(80), threads, Box::new(|| Ok(()))) {
            let batch = batch.unwrap();
            let sources = batch.column_by_name("source").unwrap();
            let sources = sources.as_string::<i32>().iter().flatten();
            names.extend(sources.map(|name| name.rsplit('/').next().unwrap().to_owned()));
        }
        let expected: Vec<_> = (0..80)
            .flat_map(|number| vec![number.to_string(); number])
            .collect();
        assert_eq!(names, expected);
    }
}

#[test]
fn a_missing_file_is_named_after_the_rows_before_it() {
    let directory = Directory::new("missing");
    let mut files = directory.files(10);
    files.push(File(directory.0.join("none")));
    let mut stream = stream(files, 2, Box::new(|| Ok(())));
    let mut rows = 0;
    let error = loop {
        match stream.next().unwrap() {
            Ok(batch) => rows += batch.num_rows(),
            Err(error) => break error.to_string(),
        }
    };
    assert_eq!(rows, 45);
    let begin = format!("Io error: {}/none: ", directory.0.display());
    assert!(error.starts_with(&begin), "{error}");
    assert!(stream.next().is_none());
}

#[test]
fn what_interrupts_a_stream_is_told_by_it() {
    let directory = Directory::new("interrupt");
    let mut left = 5;
    let interrupt = move || {
        left -= 1;
        if left > 0 {
            Ok(())
        } else {
            Err("stop\0".to_owned())
        }
    };
    let files = vec![directory.files(1).remove(0); 100_000];
    let begin = Instant::now();
    let last = stream(files, 2, Box::new(interrupt)).last().unwrap();
    assert_eq!(last.unwrap_err().to_string(), r"External error: stop\x00");
    assert!(begin.elapsed().as_secs() < 60);
}
