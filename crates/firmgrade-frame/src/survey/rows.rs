//! Rows of pairs: those of the questionnaire, and those of a table with the columns first, second, score.

use std::collections::BTreeMap;

use firmgrade::ahp::{Positive, parse_score};

use super::fault::SurveyFault;
use super::names::{Child, Names};
use super::questionnaire::{ANSWER, BODY, FIRST, MARK, NAME, NODE, ORGANISATION, SECOND};
use super::sheet::Sheet;

/// What one expert says about the pairs of one node, each pair once, with the row it stands in.
pub(super) type Pairs = BTreeMap<(usize, usize), Said>;

/// A judgment: the child `first` compared with `second`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    pub(super) first: usize,
    pub(super) second: usize,
    pub(super) value: f64,
    row: usize,
    column: usize,
}

/// Judgments by expert and node; experts by their names as typed, empty where there is none, in the order in which they appear.
pub(super) type ByExpert = Vec<(String, BTreeMap<usize, Pairs>)>;

/// Column headings of a table of pairs, any one of each.
const FIRSTS: [&str; 4] = ["first", "left", "左项", "甲"];
const SECONDS: [&str; 4] = ["second", "right", "右项", "乙"];
const SCORES: [&str; 4] = ["score", "judgment", "判断", "分值"];
const EXPERTS: [&str; 3] = ["expert", "专家", "专家姓名"];

/// The row and column at which the questionnaire's own mark stands: a copy may have lost rows above or columns before.
pub(super) fn is_questionnaire(sheet: &Sheet<'_>) -> bool {
    sheet.plain(0, NODE) == MARK
}

/// The columns of a table of pairs: first, second, score, and the expert's where there is one.
pub(super) fn table_columns(sheet: &Sheet<'_>) -> Option<(usize, usize, usize, Option<usize>)> {
    let column = |words: &[&str]| (0..sheet.width()).find(|column| words.contains(&sheet.plain(0, *column).to_lowercase().as_str()));
    Some((column(&FIRSTS)?, column(&SECONDS)?, column(&SCORES)?, column(&EXPERTS)))
}

/// What a questionnaire says, under the name that was filled in.
pub(super) fn read_questionnaire(
    sheet: &Sheet<'_>,
    names: &Names<'_>,
    card: (&str, &str),
    warnings: &mut Vec<SurveyFault>,
) -> Result<ByExpert, Vec<SurveyFault>> {
    let (id, version) = (sheet.plain(0, FIRST), sheet.plain(0, SECOND));
    if id != card.0 {
        let message = format!("this is a questionnaire of the card `{id}`, expected `{}`", card.0);
        return Err(vec![sheet.whole(message, "name the card that it was written for")]);
    }
    if version != card.1 {
        let message = format!("this questionnaire was written for version `{version}` of the card, which is now `{}`", card.1);
        warnings.push(sheet.whole(message, "see that its questions still mean the same"));
    }
    let expert = [NAME, ORGANISATION].map(|row| sheet.plain(row, ANSWER)).into_iter().filter(|text| !text.is_empty());
    let expert = expert.collect::<Vec<_>>().join(", ");
    let mut reader = Reader::new(sheet, names, Positive::First);
    for row in BODY..sheet.height() {
        // A section's heading has a blank there too.
        let ids = [FIRST, SECOND].map(|column| sheet.plain(row, column));
        if ids != ["", ""] {
            reader.pair(&expert, row, (FIRST, SECOND, ANSWER));
        } else if !sheet.plain(row, ANSWER).is_empty() {
            let help = "the hidden columns F to H name the pair: fill in an unchanged questionnaire";
            reader.faults.push(sheet.fault(row, ANSWER, "found a judgment in a row that names no pair", help));
        }
    }
    reader.done()
}

/// What a table of pairs says.
pub(super) fn read_table(
    sheet: &Sheet<'_>,
    names: &Names<'_>,
    columns: (usize, usize, usize, Option<usize>),
    positive: Positive,
) -> Result<ByExpert, Vec<SurveyFault>> {
    let (first, second, score, expert) = columns;
    let mut reader = Reader::new(sheet, names, positive);
    for row in (1..sheet.height()).filter(|row| !sheet.is_blank_row(*row)) {
        let expert = expert.map_or("", |column| sheet.plain(row, column));
        reader.pair(expert, row, (first, second, score));
    }
    reader.done()
}

struct Reader<'s, 'f> {
    sheet: &'s Sheet<'f>,
    names: &'s Names<'s>,
    positive: Positive,
    found: ByExpert,
    faults: Vec<SurveyFault>,
}

impl<'s, 'f> Reader<'s, 'f> {
    fn new(sheet: &'s Sheet<'f>, names: &'s Names<'s>, positive: Positive) -> Self {
        Self { sheet, names, positive, found: Vec::new(), faults: Vec::new() }
    }

    fn pair(&mut self, expert: &str, row: usize, (first, second, score): (usize, usize, usize)) {
        let sheet = self.sheet;
        let mut child = |column: usize| -> Option<Child> {
            let name = sheet.plain(row, column);
            let found = self.names.find(name);
            found.map_err(|(message, help)| self.faults.push(sheet.fault(row, column, message, help))).ok()
        };
        let (a, b) = (child(first), child(second));
        let value = match sheet.typed(row, score).map(|text| parse_score(text, self.positive)) {
            Ok(Ok(value)) => value,
            Ok(Err(fault)) => {
                self.faults.push(sheet.fault(row, score, fault.to_string(), "correct it, or leave it blank"));
                None
            }
            Err(fault) => {
                self.faults.push(fault);
                None
            }
        };
        let (Some(a), Some(b)) = (a, b) else { return };
        if a.node != b.node {
            let (one, other) = (self.names.node(a.node), self.names.node(b.node));
            let message = format!("the first thing is below `{one}`, the second below `{other}`");
            self.faults.push(sheet.fault(row, second, message, "compare things of one node"));
            return;
        }
        if a.at == b.at {
            self.faults.push(sheet.fault(row, second, "a thing is compared with itself", "name two different things"));
            return;
        }
        let Some(value) = value else { return };
        let said = Said { first: a.at, second: b.at, value, row, column: score };
        let place = self.found.iter().position(|(name, _)| name == expert).unwrap_or_else(|| {
            self.found.push((expert.to_owned(), BTreeMap::new()));
            self.found.len() - 1
        });
        // INVARIANT: the place was just found or made.
        let Some((_, nodes)) = self.found.get_mut(place) else { return };
        let pairs = nodes.entry(a.node).or_default();
        let key = (a.at.min(b.at), a.at.max(b.at));
        let Some(earlier) = pairs.insert(key, said) else { return };
        // The same again, in either direction, says nothing new.
        let same = if earlier.first == said.first { earlier.value / value } else { earlier.value * value };
        if !((same - 1.0).abs() <= 1e-9) {
            let place = sheet.reference(earlier.row, earlier.column);
            let message = format!("this pair is judged otherwise in cell {place}");
            self.faults.push(sheet.fault(row, score, message, "leave one of the two blank"));
        }
    }

    fn done(self) -> Result<ByExpert, Vec<SurveyFault>> {
        if self.faults.is_empty() { Ok(self.found) } else { Err(self.faults) }
    }
}
