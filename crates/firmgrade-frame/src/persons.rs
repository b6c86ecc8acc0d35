//! Numbers of natural persons in tables: nothing that leaves shows them.

use firmgrade::{mask, may_hold_person};
use polars::prelude::*;
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};

/// The frame with every number of a natural person masked, in the id column and in all columns of text or of whole numbers (which become
/// text where they hold one).
///
/// Ids stay different: of several persons whose masked numbers are the same, the second in the order of the rows ends in `#2`, and so on.
/// That says nothing of the person, as a digest would: there are so few numbers that all of them can be tried.
#[must_use]
pub fn without_persons(frame: &DataFrame, id: &str) -> DataFrame {
    let mut frame = frame.clone();
    for column in persons_masked(&frame, id) {
        // INVARIANT: a masked column has the name and the length of the one that it replaces.
        let replaced = frame.with_column(column);
        debug_assert!(replaced.is_ok(), "a masked column does not fit");
    }
    frame
}

/// Those columns that [`without_persons`] changes, masked.
#[must_use]
pub fn persons_masked(frame: &DataFrame, id: &str) -> Vec<Column> {
    let masked: Vec<Option<Series>> = frame
        .columns()
        .par_iter()
        .map(|column| {
            let series = column.as_materialized_series();
            if series.name() == id { masked_ids(series) } else { masked(series, mask) }
        })
        .collect();
    masked.into_iter().flatten().map(Series::into_column).collect()
}

/// The ids with numbers of natural persons masked and told apart; `None` where there are none.
pub(crate) fn masked_ids(series: &Series) -> Option<Series> {
    let mut shown_as: HashMap<String, String> = HashMap::new();
    let mut taken: Option<HashSet<String>> = None;
    masked(series, |id| {
        let shown = mask(id);
        if shown == id {
            return shown;
        }
        if let Some(known) = shown_as.get(id) {
            return known.clone();
        }
        // Masked numbers that stand there already, from an earlier run, are taken.
        let taken = taken.get_or_insert_with(|| {
            let texts = series.str().ok();
            texts.iter().flat_map(|texts| texts.iter().flatten()).filter(|id| id.contains('*')).map(str::to_owned).collect()
        });
        let others = (2..).map(|number| format!("{shown}#{number}"));
        let free = [shown.clone()].into_iter().chain(others).find(|one| taken.insert(one.clone())).unwrap_or(shown);
        shown_as.insert(id.to_owned(), free.clone());
        free
    })
}

/// The column with each text changed by `change`; `None` where no text holds the number of a person.
fn masked(series: &Series, mut change: impl FnMut(&str) -> String) -> Option<Series> {
    let texts = match series.dtype() {
        DataType::String => series.clone(),
        DataType::Categorical(_, mapping) | DataType::Enum(_, mapping) => {
            let limit = u32::try_from(mapping.num_cats_upper_bound()).ok()?;
            (0..limit).filter_map(|code| mapping.cat_to_str(code)).find(|word| is_person(word))?;
            series.cast(&DataType::String).ok()?
        }
        // A number of 15 or 18 digits.
        DataType::Int64 | DataType::UInt64 => {
            let numbers = series.cast(&DataType::Int64).ok()?;
            numbers.i64().ok()?.iter().flatten().find(|number| *number >= 10_i64.pow(14) && is_person(&number.to_string()))?;
            series.cast(&DataType::String).ok()?
        }
        _ => return None,
    };
    let texts = texts.str().ok()?;
    texts.iter().flatten().find(|text| is_person(text))?;
    let shown = texts.iter().map(|text| text.map(|text| if may_hold_person(text) { change(text) } else { text.to_owned() }));
    Some(StringChunked::from_iter_options(series.name().clone(), shown).into_series())
}

/// Whether a text holds the number of a natural person.
fn is_person(text: &str) -> bool {
    may_hold_person(text) && mask(text) != text
}

#[cfg(test)]
mod tests {
    use super::*;

    // GB 11643's example of the form, and two numbers made up from it with the same region and the same last character.
    const ONE: &str = "11010519491231002X";
    const TWO: &str = "11010519500101008X";

    #[test]
    fn ids_stay_different_and_the_rest_is_masked() {
        let ids = ["91350100M000100Y43", ONE, TWO, " 110105491231002", TWO];
        let frame = DataFrame::new(
            5,
            vec![
                Series::new("id".into(), ids).into(),
                Series::new("note".into(), [None, Some("店主 11010519491231002X"), Some("a"), None, None]).into(),
                Series::new("number".into(), [1_i64, 2, 110_105_491_231_002, 4, 5]).into(),
                Series::new("amount".into(), [1_i64, 2, 3, 4, 5]).into(),
            ],
        )
        .unwrap();
        let shown = without_persons(&frame, "id");
        let texts = |name: &str| -> Vec<String> {
            shown.column(name).unwrap().str().unwrap().iter().map(|text| text.unwrap_or("–").to_owned()).collect()
        };
        let masked = "110105***********X";
        let twice = format!("{masked}#2");
        assert_eq!(texts("id"), ["91350100M000100Y43", masked, twice.as_str(), " 110105********2", twice.as_str()]);
        assert_eq!(texts("note")[1], format!("店主 {masked}"));
        assert_eq!(texts("number"), ["1", "2", "110105********2", "4", "5"]);
        assert_eq!(shown.column("amount").unwrap().dtype(), &DataType::Int64);
        // A masked number that came in is taken.
        let again = masked_ids(&Series::new("id".into(), [masked, ONE])).unwrap();
        assert_eq!(again.str().unwrap().get(1), Some(twice.as_str()));
        // Masking twice changes nothing.
        assert!(without_persons(&shown, "id").equals_missing(&shown));
    }

    #[test]
    fn categories_become_text_where_one_is_a_person() {
        let dtype = |words: [&str; 2]| DataType::from_frozen_categories(FrozenCategories::new(words).unwrap());
        let column = |words: [&str; 2]| Series::new("c".into(), words).cast(&dtype(words)).unwrap();
        assert!(masked(&column(["甲", "乙"]), mask).is_none());
        let shown = masked(&column(["甲", ONE]), mask).unwrap();
        assert_eq!(shown.str().unwrap().get(1), Some("110105***********X"));
    }
}
