//! Results of inspections from tables, and back as rows for evaluation.

use super::table::{ID, Sheet, TableFaults};
use firmgrade::Cells;
use firmgrade::calendar::Day;
use firmgrade::sample::policy::Policy;
use firmgrade::sample::results::{Accounted, ResultRow, Source};
use polars::prelude::*;

/// Results as they were handed in.
#[derive(Clone, Debug, Default)]
pub struct HandedIn {
    rows: Vec<Owned>,
    /// Rows in which neither day nor result is filled in.
    pub blank: usize,
}

#[derive(Clone, Debug)]
struct Owned {
    id: String,
    item: String,
    code: String,
    finished: Day,
    published: Option<Day>,
    source: Source,
}

const SOURCES: [(&[&str], Source); 3] = [
    (&["random", "随机抽查", "双随机抽查", "双随机"], Source::Random),
    (&["event", "事件触发", "投诉举报", "线索核查"], Source::Event),
    (&["special", "专项检查", "专项"], Source::Special),
];

/// The source that a word means.
pub(crate) fn source_of(word: &str) -> Option<Source> {
    SOURCES.iter().find(|(words, _)| words.contains(&word)).map(|(_, source)| *source)
}

impl HandedIn {
    /// The results of a table: id, `code` (检查结果), `finished` (检查完成日期), and where they are there `item` (抽查事项, by id or name), `published`
    /// (公示日期) and `source` (来源; random where it is empty). Rows without day and result are those of firms not yet inspected.
    ///
    /// # Errors
    /// Every column that is missing, and every cell that cannot be used.
    pub fn new(policy: &Policy, table: &DataFrame) -> Result<Self, TableFaults> {
        let mut sheet = Sheet::new(table);
        let ids = sheet.texts(ID);
        let codes = sheet.texts(&["code", "检查结果"]);
        let finished_headings = ["finished", "检查完成日期"];
        // Where the column is there, a day is asked for in rows with a result only.
        let lacking = sheet.find(&finished_headings).is_none();
        let finished = sheet.days(&finished_headings, lacking);
        let published = sheet.days(&["published", "公示日期"], false);
        let items = sheet.texts_if_there(&["item", "抽查事项"]);
        let sources = sheet.texts_if_there(&["source", "来源"]);
        let mut all = Self::default();
        let (mut no_id, mut no_code, mut no_day, mut odd) =
            (Cells::new("empty cell"), Cells::new("empty cell"), Cells::new("empty cell"), Cells::new("unknown source"));
        let rows = ids.into_iter().zip(codes).zip(finished).zip(published).zip(items).zip(sources).enumerate();
        for (row, (((((id, code), finished), published), item), source)) in rows {
            if code.is_none() && finished.is_none() {
                all.blank += 1;
                continue;
            }
            let known = source.as_deref().map_or(Some(Source::Random), source_of);
            for (cells, missing) in [(&mut no_id, id.is_none()), (&mut no_code, code.is_none()), (&mut no_day, finished.is_none())] {
                if missing {
                    cells.add(row, || None);
                }
            }
            if known.is_none() {
                odd.add(row, || source.clone());
            }
            let item = item.unwrap_or_default();
            let item = policy.items().iter().find(|known| known.name == item).map_or(item, |known| known.id.clone());
            if let (Some(id), Some(code), Some(finished), Some(source)) = (id, code, finished, known) {
                all.rows.push(Owned { id, item, code, finished, published, source });
            }
        }
        sheet.cells(ID, &no_id, "every result is of a firm");
        sheet.cells(&["code", "检查结果"], &no_code, "an inspection that ended has a result");
        sheet.cells(&finished_headings, &no_day, "a result has the day on which the inspection ended");
        sheet.cells(&["source", "来源"], &odd, "expected random, event or special");
        sheet.done(all)
    }

    /// As the engine reads them.
    #[must_use]
    pub fn rows(&self) -> Vec<ResultRow<'_>> {
        self.rows.iter().map(Owned::row).collect()
    }
}

impl Owned {
    fn row(&self) -> ResultRow<'_> {
        let Self { id, item, code, finished, published, source } = self;
        ResultRow { id, item, code, finished: *finished, published: *published, source: *source }
    }
}

/// The rows for evaluation as a table: id, item, code, outcome, date, source, pi_visit, pi_item, stratum, population, substitute, plan_id. It goes
/// into [`join`](crate::join) as it is.
///
/// # Errors
/// A [`PolarsError`] of the library.
pub fn evaluation_table(accounted: &Accounted) -> PolarsResult<DataFrame> {
    let rows = &accounted.rows;
    let text = |name: &str, of: &dyn Fn(&firmgrade::sample::results::Evaluated) -> String| {
        Column::new(name.into(), rows.iter().map(of).collect::<Vec<String>>())
    };
    let source = |source: Source| match source {
        Source::Random => "random",
        Source::Event => "event",
        Source::Special => "special",
    };
    let number = |name: &str, values: Vec<Option<f64>>| Column::new(name.into(), values);
    DataFrame::new(
        rows.len(),
        vec![
            text("id", &|one| one.id.clone()),
            text("item", &|one| one.item.clone()),
            text("code", &|one| one.code.clone()),
            text("outcome", &|one| one.outcome.as_str().to_owned()),
            text("date", &|one| one.date.clone()),
            text("source", &|one| source(one.source).to_owned()),
            number("pi_visit", rows.iter().map(|one| one.pi_visit.map(firmgrade::sample::Probability::to_f64)).collect()),
            number("pi_item", rows.iter().map(|one| one.pi_item.map(firmgrade::sample::Probability::to_f64)).collect()),
            text("stratum", &|one| one.stratum.clone()),
            Column::new("population".into(), rows.iter().map(|one| one.population).collect::<Vec<Option<u64>>>()),
            Column::new("substitute".into(), rows.iter().map(|one| one.substitute).collect::<Vec<bool>>()),
            text("plan_id", &|one| one.plan_id.clone()),
        ],
    )
}
