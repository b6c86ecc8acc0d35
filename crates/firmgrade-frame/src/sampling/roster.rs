//! Inspectors and recusals from tables, and the visits of a record.

use super::listed;
use super::table::{ID, Sheet, TableFaults};
use firmgrade::Cells;
use firmgrade::sample::Record;
use firmgrade::sample::matching::{Inspector, Recusal, Visit};
use firmgrade::sample::policy::Policy;
use polars::prelude::DataFrame;
use std::collections::BTreeMap;

const INSPECTOR: &[&str] = &["inspector", "执法人员编号", "检查人员编号"];
const KNOWN: [&str; 7] = ["inspector", "capacity", "qualifications", "zones", "valid_from", "valid_to", "interests"];

/// The inspectors of a table: `inspector` (or `id`), `capacity`, and where they are there `qualifications`, `zones`, `interests` (several separated by `;`),
/// `valid_from` and `valid_to`.
///
/// # Errors
/// Every column that is missing or misspelt, and every cell that cannot be used.
pub fn inspectors(table: &DataFrame) -> Result<Vec<Inspector>, TableFaults> {
    let mut sheet = Sheet::new(table);
    let headings: Vec<&str> = INSPECTOR.iter().copied().chain(["id"]).collect();
    let ids = sheet.filled(&headings);
    let capacities = sheet.texts(&["capacity"]);
    let mut wrong = Cells::new("fractional or unreadable number");
    let capacity = |(row, text): (usize, Option<String>)| {
        text.as_deref().and_then(|text| text.strip_suffix(".0").unwrap_or(text).parse().ok()).unwrap_or_else(|| {
            wrong.add(row, || text);
            0
        })
    };
    let capacities: Vec<u32> = capacities.into_iter().enumerate().map(capacity).collect();
    sheet.cells(&["capacity"], &wrong, "say how many visits each inspector can make");
    let lists = |sheet: &mut Sheet<'_>, name| -> Vec<Vec<String>> {
        sheet.texts_if_there(&[name]).into_iter().map(|text| listed(&text.unwrap_or_default())).collect()
    };
    let (qualifications, zones) = (lists(&mut sheet, "qualifications"), lists(&mut sheet, "zones"));
    let interests = lists(&mut sheet, "interests");
    let days = |sheet: &mut Sheet<'_>, name| sheet.days(&[name], false);
    let (from, to) = (days(&mut sheet, "valid_from"), days(&mut sheet, "valid_to"));
    for name in table.get_column_names().iter().map(|name| name.as_str()).filter(|name| !KNOWN.contains(name) && !headings.contains(name)) {
        let missing = KNOWN.into_iter().filter(|known| table.column(known).is_err());
        if let Some(near) = firmgrade::nearest(name, missing) {
            sheet.faults.push(format!("column `{name}` is not read; did you mean `{near}`?"));
        }
    }
    let rows = ids.into_iter().zip(capacities).zip(qualifications).zip(zones).zip(interests).zip(from.into_iter().zip(to));
    let inspector = |(((((id, capacity), qualifications), zones), interests), (from, to)): (_, (Option<_>, Option<_>))| Inspector {
        id,
        capacity,
        qualifications,
        zones,
        valid_from: from.map(|day: firmgrade::calendar::Day| day.to_string()),
        valid_to: to.map(|day: firmgrade::calendar::Day| day.to_string()),
        interests,
    };
    let all = rows.map(inspector).collect();
    sheet.done(all)
}

/// Who may not go where: columns id (of the firm), `inspector` and perhaps `reason`. Firms and inspectors that are not among those given are left out
/// where `lenient` is said, as in a table of who was where last time.
///
/// # Errors
/// Every column that is missing.
pub fn recusals(table: &DataFrame, reason: &str) -> Result<Vec<Recusal>, TableFaults> {
    let mut sheet = Sheet::new(table);
    let headings: Vec<&str> = ["visit"].iter().chain(ID).copied().collect();
    let (visits, inspectors) = (sheet.filled(&headings), sheet.filled(INSPECTOR));
    let reasons = sheet.texts_if_there(&["reason"]);
    let rows = visits.into_iter().zip(inspectors).zip(reasons);
    let all = rows.map(|((visit, inspector), said)| Recusal { visit, inspector, reason: said.unwrap_or_else(|| reason.to_owned()) });
    let all = all.collect();
    sheet.done(all)
}

/// The items for which a firm of a record was drawn, in the order of the policy.
#[must_use]
pub fn items_of<'p>(policy: &'p Policy, record: &Record, selected: usize) -> Vec<&'p firmgrade::sample::policy::Item> {
    let joint = !record.commitment.design.items.is_empty();
    let of = record.selected.get(selected);
    policy.items().iter().filter(|item| !joint || of.is_some_and(|one| one.pi_item.contains_key(&item.id))).collect()
}

/// A visit to each firm drawn: it needs the qualifications of its items, lies in its zone, and whoever declared an interest in the firm is recused.
#[must_use]
pub fn visits(policy: &Policy, record: &Record, zones: &BTreeMap<String, String>) -> Vec<Visit> {
    let visit = |(at, one): (usize, &firmgrade::sample::Selected)| Visit {
        id: one.id.clone(),
        needs: items_of(policy, record, at).iter().filter_map(|item| item.qualification.clone()).collect(),
        zone: zones.get(&one.id).cloned(),
        day: None,
        interests: vec![one.id.clone()],
    };
    record.selected.iter().enumerate().map(visit).collect()
}
