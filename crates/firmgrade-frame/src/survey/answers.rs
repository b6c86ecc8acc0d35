//! What experts sent back, from several files, by node and expert.

use std::collections::BTreeMap;
use std::path::Path;

use firmgrade::Scorecard;
use firmgrade::ahp::{Incomplete, Positive};

use super::fault::{SurveyFault, place};
use super::matrix::{self, left_out};
use super::names::Names;
use super::rows::{self, ByExpert, Pairs};
use super::sheet::Sheet;
use crate::read::{RawSheet, read_sheets};

/// What experts say about the nodes of a card.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The nodes that somebody judged, in the order of the card.
    pub nodes: Vec<SurveyedNode>,
    /// What is worth a look: rounded reciprocals, judgments left out because they do not link all things, another version of the card.
    pub warnings: Vec<SurveyFault>,
}

/// What experts say about one node.
#[derive(Clone, Debug)]
pub struct SurveyedNode {
    /// The node's id.
    pub node: String,
    /// Those who judged it, in the order of the files.
    pub experts: Vec<SurveyedExpert>,
}

/// What one expert says about one node.
#[derive(Clone, Debug)]
pub struct SurveyedExpert {
    /// The name filled in, with the organisation; else that of the sheet or of the file.
    pub name: String,
    /// The file.
    pub file: String,
    /// The judgments; the things are the node's children in their order.
    pub judgments: Incomplete,
    place: String,
}

/// Reads what experts sent back: filled questionnaires ([`write_questionnaire`](super::write_questionnaire)), tables of pairs with the columns
/// first, second, score and perhaps expert, and matrices with names in the first row and column; in workbooks, one visible sheet for each
/// expert or one file for each, or in CSV. Things are named by id or, where that is unique, by title. `positive` says what a positive
/// score of a table of pairs means; in a questionnaire it favours the left thing.
///
/// # Errors
/// Every fault of every file at once, each with its sheet, its cell, and what to do.
pub fn read_survey<P: AsRef<Path>>(card: &Scorecard, paths: &[P], positive: Positive) -> Result<Survey, Vec<SurveyFault>> {
    let mut gathered =
        Gathered { card, names: Names::new(card), positive, found: BTreeMap::new(), faults: Vec::new(), warnings: Vec::new() };
    for path in paths {
        let path = path.as_ref();
        let file = path.display().to_string();
        match read_sheets(path) {
            Ok(sheets) => gathered.file(path, &file, &sheets),
            Err(error) => {
                // The text of the error names the file and the remedy already.
                gathered.faults.push(SurveyFault { file, sheet: None, cell: None, message: error.to_string(), help: String::new() });
            }
        }
    }
    gathered.done()
}

struct Gathered<'c> {
    card: &'c Scorecard,
    names: Names<'c>,
    positive: Positive,
    found: BTreeMap<usize, Vec<SurveyedExpert>>,
    faults: Vec<SurveyFault>,
    warnings: Vec<SurveyFault>,
}

impl Gathered<'_> {
    fn file(&mut self, path: &Path, file: &str, raw: &[RawSheet]) {
        let stem = path.file_stem().map_or_else(|| file.to_owned(), |stem| stem.to_string_lossy().into_owned());
        let all: Vec<Sheet<'_>> = raw.iter().map(|raw| Sheet::new(file, raw)).filter(|sheet| !sheet.is_blank()).collect();
        let questionnaires: Vec<&Sheet<'_>> = all.iter().filter(|sheet| rows::is_questionnaire(sheet)).collect();
        // Beside questionnaires only their guide is expected, and whatever people add for themselves.
        let sheets = if questionnaires.is_empty() { all.iter().collect() } else { questionnaires };
        if sheets.is_empty() {
            let fault = SurveyFault {
                file: file.to_owned(),
                sheet: None,
                cell: None,
                message: "the file is blank".to_owned(),
                help: HELP.to_owned(),
            };
            self.faults.push(fault);
        }
        let several = sheets.len() > 1;
        for sheet in sheets {
            // A sheet called like a node holds a node's judgments, not an expert's.
            let own = sheet.name().filter(|name| several && !self.names.is_node(name));
            let unnamed = own.map_or_else(|| stem.clone(), str::to_owned);
            self.sheet(sheet, &unnamed);
        }
    }

    fn sheet(&mut self, sheet: &Sheet<'_>, unnamed: &str) {
        let header = &self.card.spec().scorecard;
        let read = if rows::is_questionnaire(sheet) {
            rows::read_questionnaire(sheet, &self.names, (&header.id, &header.version), &mut self.warnings)
        } else if let Some(columns) = rows::table_columns(sheet) {
            rows::read_table(sheet, &self.names, columns, self.positive)
        } else if matrix::is_matrix(sheet) {
            match matrix::read(sheet, &self.names, &mut self.warnings) {
                Ok(Some((node, judgments))) => self.add(sheet, unnamed, node, judgments),
                Ok(None) => {}
                Err(faults) => self.faults.extend(faults),
            }
            return;
        } else {
            let message =
                "found neither a questionnaire, nor a table of pairs, nor a matrix with the same names in its first row and column";
            Err(vec![sheet.whole(message, HELP)])
        };
        match read {
            Ok(by_expert) => self.add_pairs(sheet, unnamed, by_expert),
            Err(faults) => self.faults.extend(faults),
        }
    }

    fn add_pairs(&mut self, sheet: &Sheet<'_>, unnamed: &str, by_expert: ByExpert) {
        for (expert, nodes) in by_expert {
            let expert = if expert.is_empty() { unnamed } else { &expert };
            for (node, pairs) in nodes {
                match judgments(self.names.children(node), &pairs) {
                    Ok(judgments) => self.add(sheet, expert, node, judgments),
                    // Scores are in range and each pair is stated once: what is left is a gap that nothing bridges.
                    Err(faults) => {
                        let node = self.names.node(node);
                        self.warnings.extend(faults.iter().map(|fault| {
                            let mut warning = left_out(sheet, node, fault);
                            warning.message = format!("`{expert}`, {}", warning.message);
                            warning
                        }));
                    }
                }
            }
        }
    }

    fn add(&mut self, sheet: &Sheet<'_>, expert: &str, node: usize, judgments: Incomplete) {
        let experts = self.found.entry(node).or_default();
        let here = place(sheet.file, sheet.name(), None);
        if let Some(earlier) = experts.iter().find(|earlier| earlier.name == expert) {
            let message = format!("`{expert}` has judged `{}` already in {}", self.names.node(node), earlier.place);
            self.faults.push(sheet.whole(message, "give each expert a name of his own, or leave one of the two out"));
        } else {
            experts.push(SurveyedExpert { name: expert.to_owned(), file: sheet.file.to_owned(), judgments, place: here });
        }
    }

    fn done(self) -> Result<Survey, Vec<SurveyFault>> {
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        let names = &self.names;
        let nodes = self.found.into_iter().map(|(node, experts)| SurveyedNode { node: names.node(node).to_owned(), experts }).collect();
        Ok(Survey { nodes, warnings: self.warnings })
    }
}

const HELP: &str = "write a questionnaire with `firmgrade survey` and fill it in";

fn judgments(children: &[String], pairs: &Pairs) -> Result<Incomplete, Vec<firmgrade::ahp::JudgmentFault>> {
    let name = |at: usize| children.get(at).cloned().unwrap_or_default();
    let named: Vec<((String, String), f64)> = pairs.values().map(|said| ((name(said.first), name(said.second)), said.value)).collect();
    Incomplete::from_pairs(children.to_vec(), &named)
}
