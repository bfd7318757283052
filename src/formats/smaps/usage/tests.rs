use super::*;
use crate::formats::maps::line::parse;

fn usage(values: &[(Field, u64)]) -> Usage {
    let mut usage = Usage::default();
    for &(field, value) in values {
        assert!(usage.insert(field, value));
    }
    usage
}

fn sum(parts: &[(&str, Usage)]) -> Result<Sum, Field> {
    let mut sum = Sum::default();
    for (line, usage) in parts {
        sum.add(&parse(line.as_bytes()).unwrap().fields, usage)?;
    }
    Ok(sum)
}

#[test]
fn each_field_has_its_row_and_its_own_names() {
    assert_eq!(TABLE.len(), 27);
    for (index, field) in Field::all().enumerate() {
        assert_eq!(field as usize, index);
        let name = field.kernel_name();
        assert_eq!(Field::from_kernel_name(name.as_bytes()), Some(field));
        assert_eq!(Field::from_attribute(field.attribute()), Some(field));
    }
    assert_eq!(Field::from_kernel_name(b"rss"), None);
    assert_eq!(Field::from_attribute("Rss"), None);
}

#[test]
fn a_field_without_a_value_is_not_zero() {
    let mut usage = usage(&[(Field::Rss, 0)]);
    assert_eq!(usage.get(Field::Rss), Some(0));
    assert_eq!(usage.get(Field::Pss), None);
    assert_ne!(usage, Usage::default());
    assert!(!usage.insert(Field::Rss, 1));
}

#[test]
fn unique_memory_is_all_that_is_private() {
    let (clean, dirty) = (Field::PrivateClean, Field::PrivateDirty);
    let huge = Field::PrivateHugetlb;
    assert_eq!(usage(&[(clean, 1), (huge, 4)]).unique(), None);
    assert_eq!(usage(&[(dirty, 1), (huge, 4)]).unique(), None);
    assert_eq!(usage(&[(clean, 1), (dirty, 2)]).unique(), Some(3));
    let all = [(clean, 1), (dirty, 2), (huge, 4)];
    assert_eq!(usage(&all).unique(), Some(7));
    assert_eq!(usage(&[(clean, u64::MAX), (dirty, 1)]).unique(), None);
    let large = [(clean, 1), (dirty, 2), (huge, u64::MAX)];
    assert_eq!(usage(&large).unique(), None);
}

#[test]
fn a_sum_knows_what_all_of_its_parts_know() {
    let a = usage(&[
        (Field::Rss, 1),
        (Field::Pss, 2),
        (Field::KernelPageSize, 4096),
    ]);
    let b = usage(&[(Field::Rss, 5), (Field::KernelPageSize, 4096)]);
    let sum = sum(&[("2000-3000 r--p 0 0:0 0", a), ("1000-2000 r--p 0 0:0 0", b)]).unwrap();
    assert_eq!(sum.usage(), &usage(&[(Field::Rss, 6)]));
    let map = parse(b"1000-3000 ---p 0 0:0 0 [rollup]").unwrap();
    assert_eq!(sum.map(), map);
}

#[test]
fn the_sum_of_nothing_is_zero() {
    let sum = Sum::default();
    assert_eq!(sum.usage().get(Field::Rss), Some(0));
    assert_eq!(sum.usage().get(Field::KernelPageSize), None);
    assert_eq!(sum.usage().get(Field::ProtectionKey), None);
    assert_eq!(sum.map(), parse(b"0-0 ---p 0 0:0 0 [rollup]").unwrap());
}

#[test]
fn a_sum_does_not_wrap() {
    let parts = [u64::MAX, 1].map(|value| ("0-1 r--p 0 0:0 0", usage(&[(Field::Rss, value)])));
    assert_eq!(sum(&parts).unwrap_err(), Field::Rss);
}
