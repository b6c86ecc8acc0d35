//! The table that the tests write and read, with each kind of column and a null in each.

use polars::prelude::*;

/// Three rows: text (18-digit codes, a quote, Chinese), numbers, truth, dates, lists, an enumeration.
pub(crate) fn firms() -> DataFrame {
    let grades = FrozenCategories::new(["甲", "乙", "C"]).unwrap();
    let grade = Series::new("grade".into(), &[Some("乙"), None, Some("甲")]).cast(&DataType::from_frozen_categories(grades)).unwrap();
    let day = Series::new("day".into(), &[Some(19_478_i32), Some(-1), None]).cast(&DataType::Date).unwrap();
    let reasons = Series::new(
        "reasons".into(),
        &[Some(Series::new("".into(), &["处罚, 24个月", "欠税"])), Some(Series::new_empty("".into(), &DataType::String)), None],
    );
    let columns = vec![
        Column::new("uscc".into(), &["913101070000000001", "甲 \"A\", 店\n二行", "007"]),
        Column::new("score".into(), &[Some(850.0), Some(0.1 + 0.2), None]),
        Column::new("count".into(), &[Some(3_i64), None, Some(-9_007_199_254_740_993)]),
        Column::new("small".into(), &[Some(0.1_f32), Some(1.0), None]),
        Column::new("listed".into(), &[Some(true), Some(false), None]),
        day.into(),
        grade.into(),
        reasons.into(),
        Column::new("note".into(), &[None::<&str>, None, None]),
    ];
    DataFrame::new(3, columns).unwrap()
}
