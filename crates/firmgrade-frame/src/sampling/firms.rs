//! The firms of a plan and their earlier inspections, from tables.

use super::table::{GRADE, ID, NAME, Sheet, TableFaults};
use firmgrade::calendar::Day;
use firmgrade::sample::plan::{Firms, PastVisits};
use firmgrade::sample::policy::Policy;
use polars::prelude::DataFrame;
use std::collections::BTreeMap;

/// Firms with what a policy reads of them.
#[derive(Clone, Debug, Default)]
pub struct PlanFirms {
    ids: Vec<String>,
    grades: Vec<String>,
    strata: BTreeMap<String, Vec<String>>,
    flags: BTreeMap<String, Vec<bool>>,
    past: Option<Past>,
}

#[derive(Clone, Debug, Default)]
struct Past {
    ids: Vec<String>,
    days: Vec<Day>,
    kinds: Vec<String>,
}

impl PlanFirms {
    /// The firms of a table of graded firms: its id, its grade, the columns by which the policy divides and those that its exclusions read.
    /// `id` names the column of ids; without it `id`, `uscc` or `统一社会信用代码`. `past` are earlier inspections: id, `day` and `kind`.
    ///
    /// # Errors
    /// Every column that is missing or of another type, and every cell that cannot be used.
    pub fn new(policy: &Policy, table: &DataFrame, id: Option<&str>) -> Result<Self, TableFaults> {
        let mut sheet = Sheet::new(table);
        let named = id.map(|name| [name]);
        let ids = named.as_ref().map_or(ID, |name| name.as_slice());
        let text = |texts: Vec<Option<String>>| texts.into_iter().map(Option::unwrap_or_default).collect::<Vec<String>>();
        let ids = text(sheet.texts(ids));
        let grades = text(sheet.texts(GRADE));
        let strata = policy.strata().iter().map(|name| (name.clone(), text(sheet.texts(&[name])))).collect();
        let flags = policy.flags().into_iter().map(|name| (name.to_owned(), sheet.flags(name))).collect();
        sheet.done(Self { ids, grades, strata, flags, past: None })
    }

    /// The same with earlier inspections: columns id, `day` (or `检查完成日期`) and `kind` (or `检查类型`).
    ///
    /// # Errors
    /// As of [`new`](Self::new).
    pub fn with_past(mut self, table: &DataFrame) -> Result<Self, TableFaults> {
        let mut sheet = Sheet::new(table);
        let ids = sheet.filled(ID);
        let days = sheet.days(&["day", "检查完成日期", "检查日期"], true);
        let kinds = sheet.filled(&["kind", "检查类型"]);
        self.past = Some(sheet.done(Past { ids, days: days.into_iter().flatten().collect(), kinds })?);
        Ok(self)
    }

    /// As the engine reads them.
    #[must_use]
    pub fn columns(&self) -> Firms<'_> {
        fn borrowed(texts: &[String]) -> Vec<&str> {
            texts.iter().map(String::as_str).collect()
        }
        Firms {
            ids: borrowed(&self.ids),
            grades: borrowed(&self.grades),
            strata: self.strata.iter().map(|(name, values)| (name.as_str(), borrowed(values))).collect(),
            flags: self.flags.iter().map(|(name, values)| (name.as_str(), values.clone())).collect(),
            past: self.past.as_ref().map(|past| PastVisits {
                ids: borrowed(&past.ids),
                days: past.days.clone(),
                kinds: borrowed(&past.kinds),
            }),
        }
    }
}

/// A column of a table by the firms' ids, such as their names or zones; firms without one are left out.
///
/// # Errors
/// A column that is missing.
pub fn by_firm(table: &DataFrame, id: Option<&str>, column: Option<&str>) -> Result<BTreeMap<String, String>, TableFaults> {
    let mut sheet = Sheet::new(table);
    let named = id.map(|name| [name]);
    let ids = sheet.texts(named.as_ref().map_or(ID, |name| name.as_slice()));
    let named = column.map(|name| [name]);
    let values = sheet.texts(named.as_ref().map_or(NAME, |name| name.as_slice()));
    let both = ids.into_iter().zip(values).filter_map(|(id, value)| Some((id?, value?)));
    let both = both.collect();
    sheet.done(both)
}
