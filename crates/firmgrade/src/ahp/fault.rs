//! What can be wrong with judgments, weights and the data beside them, and how it is said.

/// What is wrong with judgments. Rows and columns count from 0 in the fields and from 1 in the text.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum JudgmentFault {
    /// No rows, no names.
    #[error("nothing to compare: found no rows and no names, expected at least one")]
    Nothing,
    /// A name of length zero.
    #[error("name {} is empty", .at + 1)]
    EmptyName {
        /// Position among the names.
        at: usize,
    },
    /// The same name twice.
    #[error("name `{name}` stands at {} and {}, expected once", .first + 1, .second + 1)]
    RepeatedName {
        /// The name.
        name: String,
        /// Its first position.
        first: usize,
        /// Its second position.
        second: usize,
    },
    /// As many names as rows are needed.
    #[error("found {names} names for a matrix of {rows} rows, expected {rows}")]
    NameCount {
        /// How many names there are.
        names: usize,
        /// How many rows.
        rows: usize,
    },
    /// A matrix is square; a triangle loses one entry with each row.
    #[error("row {} has {found} entries, expected {expected}", .row + 1)]
    RowLength {
        /// The row.
        row: usize,
        /// Its entries.
        found: usize,
        /// As many as there should be.
        expected: usize,
    },
    /// An upper triangle of n things has n − 1 rows.
    #[error("found {found} rows above the diagonal, expected {expected}")]
    RowCount {
        /// How many rows there are.
        found: usize,
        /// As many as there should be.
        expected: usize,
    },
    /// Zero, negative, not a number, infinite, or too near to either end.
    #[error("row {}, column {}: found `{}`, expected a number from 1e-300 to 1e300", .row + 1, .column + 1, number(*.value))]
    Entry {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
        /// The entry.
        value: f64,
    },
    /// A thing compared with itself in a matrix.
    #[error("row {}, column {}: found `{}` on the diagonal, expected 1", .at + 1, .at + 1, number(*.value))]
    Diagonal {
        /// Row and column.
        at: usize,
        /// The entry.
        value: f64,
    },
    /// The two entries of a pair contradict each other.
    #[error(
        "row {}, column {} is `{}` but row {}, column {} is `{}`: found a product of {}, expected 1 within 0.05",
        .row + 1, .column + 1, number(*.entry), .column + 1, .row + 1, number(*.reciprocal), product(*.entry, *.reciprocal)
    )]
    NotReciprocal {
        /// The row above the diagonal.
        row: usize,
        /// Its column.
        column: usize,
        /// The entry at (row, column).
        entry: f64,
        /// The entry at (column, row).
        reciprocal: f64,
    },
    /// As `Entry`, for a named pair.
    #[error("`{first}:{second}`: found `{}`, expected a number from 1e-300 to 1e300", number(*.value))]
    PairEntry {
        /// The thing that is compared.
        first: String,
        /// What it is compared with.
        second: String,
        /// The judgment.
        value: f64,
    },
    /// A named pair of one thing.
    #[error("`{name}:{name}` compares `{name}` with itself, expected two different names")]
    SelfJudgment {
        /// The thing.
        name: String,
    },
    /// A pair names a thing that is not compared here.
    #[error("`{name}` is not among the things compared{}", did_you_mean(.nearest))]
    UnknownName {
        /// The name as typed.
        name: String,
        /// The nearest known name, where one is near.
        nearest: Option<String>,
    },
    /// A pair judged twice, differently.
    #[error("`{first}:{second}` is judged twice: found `{}` after `{}`, expected one judgment", number(*.later), number(*.earlier))]
    Contradiction {
        /// The thing that is compared.
        first: String,
        /// What it is compared with.
        second: String,
        /// The judgment that came first, read in this direction.
        earlier: f64,
        /// The one that came later, read in this direction.
        later: f64,
    },
    /// Pairs without any judgment.
    #[error("found no judgment for {}, expected every pair once", listed(.pairs))]
    MissingPairs {
        /// The pairs, in the order of the names.
        pairs: Vec<(String, String)>,
    },
    /// Judgments that do not link all things.
    #[error("no judgment links {}, expected every thing to be linked to every other through judgments", grouped(.components))]
    Disconnected {
        /// The groups of things that are linked among themselves, each in the order of the names.
        components: Vec<Vec<String>>,
    },
    /// A group of nobody.
    #[error("found no experts, expected at least one")]
    NoExperts,
    /// As many voices as experts are needed.
    #[error("found {found} voices for {expected} experts, expected {expected}")]
    VoiceCount {
        /// How many voices there are.
        found: usize,
        /// How many experts.
        expected: usize,
    },
    /// A voice below 0 or not finite.
    #[error("voice {} is `{}`, expected a number from 0", .at + 1, number(*.value))]
    Voice {
        /// Position of the expert, from 0.
        at: usize,
        /// The voice.
        value: f64,
    },
    /// Nobody has a voice.
    #[error("all voices are 0, expected one above 0")]
    NoVoice,
    /// Experts who compare different things.
    #[error("expert {} compares other things than the first: {}", .expert + 1, differing(.lacking, .more))]
    OtherThings {
        /// Position of the expert, from 0.
        expert: usize,
        /// Things of the first expert that this one does not compare.
        lacking: Vec<String>,
        /// Things that the first does not compare.
        more: Vec<String>,
    },
    /// A weight below 0 or not finite.
    #[error("weight {} is `{}`, expected a number from 0", .at + 1, number(*.value))]
    Weight {
        /// Position of the weight, from 0.
        at: usize,
        /// The weight.
        value: f64,
    },
    /// Weights that weigh nothing.
    #[error("all weights are 0, expected one above 0")]
    NoWeight,
    /// A criterion that has no weight.
    #[error("found criterion {} of {count} weights, expected one from 1 to {count}", .at + 1)]
    NoCriterion {
        /// Position of the criterion, from 0.
        at: usize,
        /// How many weights there are.
        count: usize,
    },
    /// A share outside [0, 1].
    #[error("point {} is `{}`, expected a number from 0 to 1", .at + 1, number(*.value))]
    Point {
        /// Position of the point, from 0.
        at: usize,
        /// The point.
        value: f64,
    },
    /// A simulation of nothing.
    #[error("found 0 draws, expected at least one")]
    NoDraws,
    /// A spread that is none.
    #[error("found a spread of `{}`, expected a number from 0 to 10", number(*.value))]
    Spread {
        /// The spread.
        value: f64,
    },
    /// Weightings of different lengths.
    #[error("found {found} weights, expected {expected}")]
    WeightCount {
        /// How many weights there are.
        found: usize,
        /// As many as the first weighting has.
        expected: usize,
    },
    /// A fault in one weighting of several.
    #[error("weighting {}: {fault}", .at + 1)]
    InWeighting {
        /// Position of the weighting, from 0.
        at: usize,
        /// What is wrong with it.
        fault: Box<JudgmentFault>,
    },
    /// No judgments to draw, and stated weights kept as they are.
    #[error("the card has no judgments and its stated weights are kept, so no draw would differ; state a spread for the stated weights")]
    NothingVaries,
    /// Weights that are no shares of a whole.
    #[error("found weights with the sum {}, expected 1 within 1e-6", number(*.sum))]
    WeightSum {
        /// Their sum.
        sum: f64,
    },
    /// A level outside [0, 1].
    #[error("found `{what}` {}, expected a number from 0 to 1", number(*.value))]
    Level {
        /// Its name.
        what: &'static str,
        /// The level.
        value: f64,
    },
    /// Weightings of one card for firms that another graded.
    #[error("the weightings are of another card than the firms were graded by, expected the same card")]
    OtherCard,
    /// As many factors as weightings are needed.
    #[error("found {found} factors for {expected} weightings, expected {expected}")]
    FactorCount {
        /// How many factors there are.
        found: usize,
        /// How many weightings.
        expected: usize,
    },
    /// A factor of a weighting below 0 or not finite.
    #[error("factor {} is `{}`, expected a number from 0", .at + 1, number(*.value))]
    Factor {
        /// Position of the weighting, from 0.
        at: usize,
        /// The factor.
        value: f64,
    },
    /// Data that weights cannot come from.
    #[error("found {firms} firms and {indicators} indicators, expected at least two firms and one indicator")]
    TooLittleData {
        /// Rows of the data.
        firms: usize,
        /// Columns.
        indicators: usize,
    },
    /// A value that the weighting cannot use.
    #[error(
        "row {}, column {}: found `{}`, expected a finite number{}", .row + 1, .column + 1, number(*.value),
        if *.negative { "" } else { " from 0" }
    )]
    Datum {
        /// The firm, from 0.
        row: usize,
        /// The indicator, from 0.
        column: usize,
        /// The value.
        value: f64,
        /// Whether it may be negative.
        negative: bool,
    },
    /// Data in which no firm differs from another.
    #[error("every indicator is the same for all firms, expected one that differs")]
    NoInformation,
    /// A fault in one matrix of many.
    #[error("matrix {}: {fault}", .at + 1)]
    InMatrix {
        /// Position of the matrix, from 0.
        at: usize,
        /// What is wrong with it.
        fault: Box<JudgmentFault>,
    },
    /// A fault in one cell of a matrix, of which the fault itself does not say the place.
    #[error("row {}, column {}: {fault}", .row + 1, .column + 1)]
    InCell {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
        /// What is wrong with it.
        fault: Box<JudgmentFault>,
    },
    /// A fault of one expert.
    #[error("expert `{expert}`: {fault}")]
    InExpert {
        /// The expert.
        expert: String,
        /// What is wrong with the judgments.
        fault: Box<JudgmentFault>,
    },
    /// More faults than are worth listing.
    #[error("and more: {total} faults in all, the first {shown} are shown")]
    MoreFaults {
        /// How many stand before this one.
        shown: usize,
        /// How many there are.
        total: usize,
    },
    /// Text that is no ratio.
    #[error("found `{text}`, expected a positive number or ratio such as `3`, `0.2`, `1/3` or `1:3`")]
    NoRatio {
        /// The text.
        text: String,
    },
    /// Text that is no score of a survey.
    #[error("found `{text}`{}, expected a score from 1 to 9 or from -9 to -1, or a ratio such as `1:3`", neither(.text))]
    NoScore {
        /// The text.
        text: String,
    },
}

/// Why a number between −1 and 1 is no score.
fn neither(text: &str) -> &'static str {
    let within = text.parse::<f64>().is_ok_and(|score| score.abs() < 1.0);
    if within { ": between -1 and 1 a score favours neither thing" } else { "" }
}

/// The known name nearest to `name`, where one is near enough to be meant.
pub(super) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k String>) -> Option<String> {
    crate::words::nearest(name, known.into_iter().map(String::as_str)).map(str::to_owned)
}

/// `, did you mean …?`, or nothing.
pub(super) fn did_you_mean(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |name| format!(", did you mean `{name}`?"))
}

/// A number as people write it: `3`, `0.33`, `1e300`.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-5..1e16).contains(&size) || !size.is_finite() { format!("{value}") } else { format!("{value:e}") }
}

fn product(entry: f64, reciprocal: f64) -> String {
    let product = entry * reciprocal;
    if product.is_finite() {
        // Fifteen digits hide the last bit of 1.1·1.1.
        format!("{product:.14e}").parse().map_or_else(|_| number(product), number)
    } else {
        "more than 1e308".to_owned()
    }
}

/// `lacks a, has b`
fn differing(lacking: &[String], more: &[String]) -> String {
    let part = |verb: &str, names: &[String]| {
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        if names.is_empty() { None } else { Some(format!("{verb} {}", quoted.join(", "))) }
    };
    [part("lacks", lacking), part("has", more)].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `{a, b}` and `{c}`
fn grouped(components: &[Vec<String>]) -> String {
    const SHOWN: usize = 10;
    let group = |names: &Vec<String>| {
        let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
        let rest = names.len().saturating_sub(SHOWN);
        format!("{{{}{}}}", shown.join(", "), if rest > 0 { format!(" and {rest} more") } else { String::new() })
    };
    let shown: Vec<String> = components.iter().take(SHOWN).map(group).collect();
    let rest = components.len().saturating_sub(SHOWN);
    format!("{}{}", shown.join(" and "), if rest > 0 { format!(" and {rest} more groups") } else { String::new() })
}

/// The pairs, ten at most, with the total where some are left out.
fn listed(pairs: &[(String, String)]) -> String {
    const SHOWN: usize = 10;
    let shown: Vec<String> = pairs.iter().take(SHOWN).map(|(a, b)| format!("`{a}:{b}`")).collect();
    let rest = pairs.len().saturating_sub(SHOWN);
    let more = if rest > 0 { format!(" and {rest} more ({} pairs in all)", pairs.len()) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
