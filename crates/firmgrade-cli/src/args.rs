//! What can be typed, and the help that says so.

use crate::inspection::args::{DrawArgs, MatchArgs, PlanArgs, PublishArgs, ResultsArgs, VerifyArgs};
use crate::propose::args::{BandsArgs, ScreenArgs, ThresholdsArgs};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use firmgrade::ahp::{How, Positive};
use firmgrade::calendar::Day;
use firmgrade::evaluate::SingleUnit;
use firmgrade::tune::Encoding;
use firmgrade_frame::district::{DEFAULT_FIRMS, DEFAULT_SEED};
use firmgrade_frame::{Early, Finding, Repeats};
use std::path::PathBuf;
use std::str::FromStr;

/// The most firms that a demonstration generates: their 16 million records take 4 GB.
const MOST_FIRMS: u64 = 1_000_000;

const CONVENTIONS: &str = "\
Files:
  Tables are read from CSV (UTF-8 or GB18030), .parquet, .xlsx, .xls or .ods, also where Excel is named .csv; `-` is CSV from standard input.
  The scorecard may say what headers mean ([mapping]) and how cells are read ([reading]); title rows above the header do not matter.
  Results are written to .parquet, .csv, .xlsx or .json; `-o -` is CSV on standard output.
  A file appears whole or not at all; an input is never overwritten.

Exit codes:
  0  fine (warnings go to standard error)
  1  the data or the scorecard has problems, or a file cannot be read or written
  2  wrong usage
  3  `tune` or `bands` has nothing to propose: the outcomes do not support other weights or bands";

/// Grade the firms of a district by credit risk (企业信用风险分类) with a scorecard that one can read.
#[derive(Debug, Parser)]
#[command(name = "firmgrade", version, arg_required_else_help = true, after_help = CONVENTIONS)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(DemoArgs),
    Check(CheckArgs),
    Weights(WeightsArgs),
    Survey(SurveyArgs),
    Derive(DeriveArgs),
    Grade(GradeArgs),
    Plan(PlanArgs),
    Draw(DrawArgs),
    Match(MatchArgs),
    Verify(VerifyArgs),
    Publish(PublishArgs),
    Results(ResultsArgs),
    Evaluate(EvaluateArgs),
    Tune(TuneArgs),
    Screen(ScreenArgs),
    Bands(BandsArgs),
    Thresholds(ThresholdsArgs),
    Schema(SchemaArgs),
}

/// Generate a district of made-up firms with their records, grade it and show the result beside Putuo's published one.
///
/// Writes into DIR: firms.parquet (the register), records/ (penalties, inspections, complaints …, a file for each), outcomes.parquet (what
/// inspectors found in the year after, in its own file), indicators.parquet (the register with the indicators derived from the records),
/// indicators.json (what became of every record), graded.parquet, graded.xlsx (a copy for people, up to 100,000 firms), a copy of the
/// scorecard, and inspection/: a plan, its draw and match, made-up results of the visits, their evaluation, and where the outcomes support
/// other weights a new card. The same N and S give the same files.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  firmgrade demo
  firmgrade demo --firms 5000 --seed 7 --out small")]
pub(crate) struct DemoArgs {
    /// How many firms to generate
    #[arg(long, value_name = "N", default_value_t = DEFAULT_FIRMS as u64, value_parser = clap::value_parser!(u64).range(1..=MOST_FIRMS))]
    pub(crate) firms: u64,
    /// The seed; the same seed is the same district
    #[arg(long, value_name = "S", default_value_t = DEFAULT_SEED)]
    pub(crate) seed: u64,
    /// The folder for the files; made if it is not there
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(crate) out: PathBuf,
}

/// Check a scorecard, and a table of firms with its eyes, before anything is graded.
///
/// With firms: each column's type, missing share, values outside bands or categories, constant columns, and every fault that would stop
/// grading, such as ids that stand twice. Exit code 1 where there are errors, 0 where there are warnings only.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  firmgrade check annual-report.toml
  firmgrade check annual-report.toml --firms firms.parquet
  firmgrade check annual-report.toml --firms 企业名单.xlsx --sheet 2024
  firmgrade check annual-report.toml --firms firms.csv --format json")]
pub(crate) struct CheckArgs {
    /// The scorecard (TOML)
    #[arg(value_name = "CARD")]
    pub(crate) card: PathBuf,
    /// The firms to look at; `-` is CSV from standard input
    #[arg(long, value_name = "F")]
    pub(crate) firms: Option<PathBuf>,
    /// The sheet of a workbook; the first visible one where absent
    #[arg(long, value_name = "S", requires = "firms")]
    pub(crate) sheet: Option<String>,
    /// Derive the indicators from these record tables first, by the ids that the scorecard gives them
    #[arg(long, value_name = "NAME=FILE", num_args = 1.., value_parser = named_file, requires_all = ["firms", "as_of"])]
    pub(crate) records: Vec<NamedFile>,
    /// The day as of which records count (YYYY-MM-DD)
    #[arg(long, value_name = "DAY", value_parser = day, requires = "firms")]
    pub(crate) as_of: Option<Day>,
    /// What is printed on standard output
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

/// Show the weights of a scorecard and how consistent the judgments behind them are.
///
/// The tree of criteria and indicators with local weights (share of the node above) and global weights (share of the whole), and for each
/// judged node the consistency ratio CR with the method and the random-index table that were really used, GCI, Koczkodaj's index and
/// judgments that contradict each other in order. Where CR is above its limit: which judgments contradict the others most, what they would
/// have to be, and the fewest changes that help; shown, never applied unless --accept asks for a new card.
///
/// With --survey: what experts sent back instead, beside the weights of the card. Files are questionnaires of `firmgrade survey`, tables of
/// pairs (columns first, second, score and perhaps expert), or matrices with names in the first row and column (.xlsx, .xls, .ods, .csv).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  firmgrade weights annual-report.toml
  firmgrade weights annual-report.toml --format csv > weights.csv
  firmgrade weights annual-report.toml --accept repaired.toml
  firmgrade weights annual-report.toml --survey 张.xlsx 李.xlsx 王.xlsx --max-cr 0.1 --accept agreed.toml")]
pub(crate) struct WeightsArgs {
    /// The scorecard (TOML)
    #[arg(value_name = "CARD")]
    pub(crate) card: PathBuf,
    /// What experts sent back; shows the weights of the group beside those of the card
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) survey: Vec<PathBuf>,
    /// How several experts become one: by the geometric mean of their judgments or of their weights
    #[arg(long, value_name = "HOW", default_value_t = How::default(), value_parser = PossibleValuesParser::new(How::ALL.map(How::as_str)).try_map(|name| How::from_str(&name)), requires = "survey")]
    pub(crate) how: How,
    /// Leave out experts whose own CR at a node is above X
    #[arg(long, value_name = "X", value_parser = limit, requires = "survey")]
    pub(crate) max_cr: Option<f64>,
    /// Which thing a positive score of a table of pairs favours
    #[arg(long, value_name = "WHICH", default_value_t = Positive::default(), value_parser = PossibleValuesParser::new(Positive::ALL.map(Positive::as_str)).try_map(|name| Positive::from_str(&name)), requires = "survey")]
    pub(crate) positive: Positive,
    /// Write a new card: with the group's judgments, or without --survey with the proposed repairs; inputs are never overwritten
    #[arg(long, value_name = "OUT.toml")]
    pub(crate) accept: Option<PathBuf>,
    /// What is printed on standard output
    #[arg(long, value_enum, default_value_t = WeightsFormat::Table)]
    pub(crate) format: WeightsFormat,
}

/// Write the questionnaire of a scorecard: a workbook in which an expert judges every pair of every judged node.
///
/// One row for each pair, with a list to choose from and the 1–9 scale explained in Chinese and English. `firmgrade weights CARD --survey`
/// reads the filled workbooks back.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  firmgrade survey annual-report.toml -o survey.xlsx")]
pub(crate) struct SurveyArgs {
    /// The scorecard (TOML)
    #[arg(value_name = "CARD")]
    pub(crate) card: PathBuf,
    /// The workbook (.xlsx)
    #[arg(short, long = "output", value_name = "OUT")]
    pub(crate) output: PathBuf,
}

/// Derive indicators from record tables (penalties, inspections, complaints …): the firm table with one more column for each.
///
/// A record counts only if it is dated on or before the as-of day, inside the window of the indicator, not repaired or ended by then, not
/// of a kind that is not counted, and still published where the card states publication periods. Every record read is accounted for; a
/// natural person's number is masked wherever it is shown.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  firmgrade derive card.toml --firms firms.csv --records penalties=penalties.csv inspections=检查.xlsx --as-of 2023-01-01 -o indicators.parquet
  firmgrade derive card.toml --firms firms.csv --records penalties=p.csv --as-of 2023-02-01 -o feb.parquet --report feb.json --earlier jan.json")]
pub(crate) struct DeriveArgs {
    /// The scorecard (TOML)
    #[arg(value_name = "CARD")]
    pub(crate) card: PathBuf,
    /// The firms; `-` is CSV from standard input
    #[arg(long, value_name = "F")]
    pub(crate) firms: PathBuf,
    /// The record tables, by the ids that the scorecard gives them
    #[arg(long, value_name = "NAME=FILE", num_args = 1.., value_parser = named_file)]
    pub(crate) records: Vec<NamedFile>,
    /// The day as of which records count (YYYY-MM-DD)
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) as_of: Day,
    /// Where the firms with their indicators go; `-` is CSV on standard output, and the report then goes to standard error
    #[arg(short, long = "output", value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Also write the whole report as JSON
    #[arg(long, value_name = "R.json")]
    pub(crate) report: Option<PathBuf>,
    /// The report of an earlier run, to say how far each indicator has drifted
    #[arg(long, value_name = "R.json", visible_alias = "compare")]
    pub(crate) earlier: Option<PathBuf>,
    /// The sheet of the firms' workbook; the first visible one where absent
    #[arg(long, value_name = "S")]
    pub(crate) sheet: Option<String>,
    /// How the report is printed
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

/// A record table and the file that it is in.
#[derive(Clone, Debug)]
pub(crate) struct NamedFile {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// Grade the firms of a table: one row for each, in the order of the input.
///
/// The columns of OUT are the id, score, score_grade (by score alone), grade (after overrides), overrides (the rules that were hit),
/// reasons (the indicators that cost most, strongest first) and coverage (share of the card's weight with data), then the columns kept.
/// Overrides and reasons are ids of the scorecard; in .xlsx, which is for people, they are titles. The provenance (digests of scorecard
/// and data, version, options) is written into .parquet as metadata, into .json as `provenance`, into .xlsx as a sheet.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  firmgrade grade annual-report.toml --firms firms.parquet -o graded.parquet
  firmgrade grade annual-report.toml --firms firms.csv -o graded.xlsx --keep name,street --reasons 3
  firmgrade grade annual-report.toml --firms firms.csv -o graded.csv --contributions points.parquet
  firmgrade grade card.toml --firms firms.csv --records penalties=penalties.csv --as-of 2023-01-01 -o graded.csv
  cat firms.csv | firmgrade grade annual-report.toml --firms - -o - > graded.csv")]
pub(crate) struct GradeArgs {
    /// The scorecard (TOML)
    #[arg(value_name = "CARD")]
    pub(crate) card: PathBuf,
    /// The firms; `-` is CSV from standard input
    #[arg(long, value_name = "F")]
    pub(crate) firms: PathBuf,
    /// Derive the indicators from these record tables first, by the ids that the scorecard gives them
    #[arg(long, value_name = "NAME=FILE", num_args = 1.., value_parser = named_file, requires = "as_of")]
    pub(crate) records: Vec<NamedFile>,
    /// The day as of which records count (YYYY-MM-DD)
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) as_of: Option<Day>,
    /// Where the graded firms go; `-` is CSV on standard output, and the summary then goes to standard error
    #[arg(short, long = "output", value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Also write the points that each firm lost by each indicator
    #[arg(long, value_name = "OUT2")]
    pub(crate) contributions: Option<PathBuf>,
    /// How many reasons for each firm at most
    #[arg(long, value_name = "K", default_value_t = firmgrade::GradeOptions::default().reasons)]
    pub(crate) reasons: usize,
    /// Columns of the input to keep behind the results, separated by commas, or `all`
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    pub(crate) keep: Vec<String>,
    /// The sheet of a workbook; the first visible one where absent
    #[arg(long, value_name = "S")]
    pub(crate) sheet: Option<String>,
    /// How the summary is printed
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

/// Hold outcomes of inspections against grades: does the grade mean anything? The answer stands on the first line.
///
/// GRADED is a table as `grade` writes it: id, score, grade. Parquet says itself which card graded it and as of which day, and is believed; --card and
/// --as-of must not contradict it. The table of outcomes is that of `results`, or any with the id, `outcome` (violation, none, out_of_scope or
/// unreachable, or 1 and 0), and where they are known `date`, `source` (random, event, special), `pi` (the chance with which the firm was
/// drawn), `stratum`, `population` (firms in the stratum). Where there is a source only random rows enter: what a complaint led to says nothing
/// about rates. Every row is accounted for. A verdict, whatever it says, is no failure: exit code 0.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  firmgrade evaluate graded.parquet --outcomes results.csv
  firmgrade evaluate graded.parquet --outcomes results.csv --card card.toml --as-of 2023-01-01 --by trade,region -o report.html
  firmgrade evaluate graded.parquet --outcomes rows.parquet --before 2021.parquet 2022.parquet -o report.html
  firmgrade evaluate graded.csv --outcomes results.csv --before graded-2022.csv --challenger other.csv -o report.json")]
pub(crate) struct EvaluateArgs {
    /// The graded firms; `-` is CSV from standard input
    #[arg(value_name = "GRADED")]
    pub(crate) graded: PathBuf,
    /// What was found
    #[arg(long, value_name = "F")]
    pub(crate) outcomes: PathBuf,
    /// The scorecard that graded, where GRADED does not say it itself: the id column, the order of the grades and whether high scores are
    /// good; without it they are concluded from the table, and the report says so
    #[arg(long, value_name = "CARD")]
    pub(crate) card: Option<PathBuf>,
    /// The day as of which the firms were graded (YYYY-MM-DD), where GRADED does not say it itself: outcomes must come after it
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) as_of: Option<Day>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    /// Columns of GRADED or of the outcomes by which firms are grouped, separated by commas
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    pub(crate) by: Vec<String>,
    /// Earlier gradings, the oldest first, to say how stable scores, grades and the columns kept in both are
    #[arg(long, value_name = "OLD", num_args = 1..)]
    pub(crate) before: Vec<PathBuf>,
    /// The same firms graded otherwise, to be compared
    #[arg(long, value_name = "OTHER")]
    pub(crate) challenger: Option<PathBuf>,
    /// The scorecard of the challenger; the order and direction are concluded from the table without it
    #[arg(long, value_name = "CARD", requires = "challenger")]
    pub(crate) challenger_card: Option<PathBuf>,
    /// A column of GRADED with each firm's probability of a bad outcome
    #[arg(long, value_name = "COL")]
    pub(crate) probability: Option<String>,
    /// Write the report: .html for people, .json for programs
    #[arg(short, long = "output", value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// What is printed on standard output
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

/// Tune the weights of a scorecard on outcomes, near the experts' weights, and propose a new version of it.
///
/// The tool proposes, a person adopts: by keeping the new scorecard. It is written only where all gates are open: enough outcomes, in the grade
/// sampled least too, the card's risk rises with outcomes (otherwise: no signal), and the new weights are surely better on outcomes that they
/// have not seen. They go towards what the outcomes ask for until a weight changes by 0.1, and further at the next tuning, on new outcomes.
/// Where a gate is closed the first line says which, no file is written, and the exit code is 3: no input is at fault, there is only nothing
/// to adopt. The outcomes are read as `evaluate` reads them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  firmgrade tune card.toml --firms firms.parquet --outcomes results.csv
  firmgrade tune card.toml --firms firms.csv --as-of 2022-12-31 --outcomes results.csv -o card-2.toml --seed 7")]
pub(crate) struct TuneArgs {
    #[command(flatten)]
    pub(crate) grading: GradingArgs,
    /// What was found
    #[arg(long, value_name = "F")]
    pub(crate) outcomes: PathBuf,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    /// Where the new scorecard goes (.toml)
    #[arg(short, long = "output", value_name = "NEW.toml")]
    pub(crate) output: Option<PathBuf>,
    /// The version of the new scorecard; the last number of the old one plus one where absent
    #[arg(long, value_name = "V")]
    pub(crate) version: Option<String>,
    /// The seed of the cross-validation's folds
    #[arg(long, value_name = "S", default_value_t = firmgrade::tune::TuneOptions::default().seed)]
    pub(crate) seed: u64,
    /// Folds of the cross-validation, 3 to 20
    #[arg(long, value_name = "K", default_value_t = firmgrade::tune::TuneOptions::default().folds)]
    pub(crate) folds: usize,
    /// Also say what a penalised logistic regression reaches without the experts, seeing of each value the weight of evidence of its band, a
    /// column for each band, or its risk
    #[arg(long, value_name = "SEES", num_args = 0..=1, default_missing_value = "woe", value_parser = PossibleValuesParser::new(["woe", "one_hot", "utility"]).map(|word| encoding(&word)))]
    pub(crate) challenger: Option<Encoding>,
    /// What is printed on standard output
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

/// A scorecard and the firms that it grades.
#[derive(Debug, Args)]
pub(crate) struct GradingArgs {
    /// The scorecard (TOML)
    #[arg(value_name = "CARD")]
    pub(crate) card: PathBuf,
    /// The firms; `-` is CSV from standard input
    #[arg(long, value_name = "F")]
    pub(crate) firms: PathBuf,
    /// Derive the indicators from these record tables first, by the ids that the scorecard gives them
    #[arg(long, value_name = "NAME=FILE", num_args = 1.., value_parser = named_file, requires = "as_of")]
    pub(crate) records: Vec<NamedFile>,
    /// The day as of which the firms are graded (YYYY-MM-DD): outcomes must come after it. A Parquet file of `derive` says it itself
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) as_of: Option<Day>,
    /// The sheet of the firms' workbook; the first visible one where absent
    #[arg(long, value_name = "S")]
    pub(crate) sheet: Option<String>,
}

/// How a table of outcomes is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading outcomes")]
pub(crate) struct ReadingArgs {
    /// What other codes mean, such as 未发现问题=none
    #[arg(long, value_name = "CODE=WORD", num_args = 1.., value_parser = code)]
    pub(crate) codes: Vec<(String, Finding)>,
    /// Outcomes on or before the day of the grading: refuse the table, leave them out, or use them
    #[arg(long, value_name = "WHAT", default_value = "fail", value_parser = PossibleValuesParser::new(["fail", "drop", "use"]).map(|word| early(&word)))]
    pub(crate) early: Early,
    /// The last day of outcomes that count (YYYY-MM-DD)
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) until: Option<Day>,
    /// Several looks at one firm: count once, bad if any was bad; count each; refuse the table
    #[arg(long, value_name = "WHAT", default_value = "worst", value_parser = PossibleValuesParser::new(["worst", "each", "fail"]).map(|word| repeats(&word)))]
    pub(crate) repeats: Repeats,
    /// A stratum with a single random row: refuse the table; add no variance; take it as certain; measure it from the mean of all
    #[arg(long, value_name = "WHAT", default_value = "fail", value_parser = PossibleValuesParser::new(["fail", "remove", "certainty", "adjust"]).map(|word| single(&word)))]
    pub(crate) single: SingleUnit,
}

/// Print the JSON Schema of a file that firmgrade reads, for editors that complete and check while one types.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  firmgrade schema scorecard > scorecard.schema.json
  and in the first line of a scorecard, for editors with the Even Better TOML extension:
  #:schema ./scorecard.schema.json")]
pub(crate) struct SchemaArgs {
    /// Which file
    #[arg(value_enum, value_name = "FILE")]
    pub(crate) file: SchemaFile,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Table,
    /// For programs
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WeightsFormat {
    /// For people
    Table,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaFile {
    /// A scorecard in TOML
    Scorecard,
    /// The policy of a plan of inspections
    Policy,
}

/// A limit of CR.
fn limit(text: &str) -> Result<f64, String> {
    let limit: f64 = text.parse().map_err(|_| format!("found `{text}`, expected a number from 0"))?;
    if limit >= 0.0 { Ok(limit) } else { Err(format!("found `{text}`, expected a number from 0")) }
}

/// A record table and its file.
pub(crate) fn named_file(text: &str) -> Result<NamedFile, String> {
    match text.split_once('=') {
        Some((name, path)) if !name.trim().is_empty() && !path.is_empty() => {
            Ok(NamedFile { name: name.trim().to_owned(), path: PathBuf::from(path) })
        }
        _ => Err(format!("found `{text}`, expected NAME=FILE, such as penalties=penalties.csv")),
    }
}

/// A day.
pub(crate) fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| format!("found `{text}`, expected a day of the calendar such as 2023-01-31"))
}

/// A code and the word that it means.
fn code(text: &str) -> Result<(String, Finding), String> {
    let words = || Finding::ALL.map(Finding::as_str).join(", ");
    let pair = text.rsplit_once('=').and_then(|(code, word)| Some((code.trim().to_owned(), Finding::from_word(word.trim())?)));
    pair.filter(|(code, _)| !code.is_empty()).ok_or_else(|| format!("found `{text}`, expected CODE=WORD with one of the words {}", words()))
}

fn encoding(word: &str) -> Encoding {
    match word {
        "one_hot" => Encoding::OneHot,
        "utility" => Encoding::Utility,
        _ => Encoding::Woe,
    }
}

fn early(word: &str) -> Early {
    match word {
        "drop" => Early::Drop,
        "use" => Early::Use,
        _ => Early::Fail,
    }
}

fn repeats(word: &str) -> Repeats {
    match word {
        "each" => Repeats::Each,
        "fail" => Repeats::Fail,
        _ => Repeats::Worst,
    }
}

fn single(word: &str) -> SingleUnit {
    match word {
        "remove" => SingleUnit::Remove,
        "certainty" => SingleUnit::Certainty,
        "adjust" => SingleUnit::Adjust,
        _ => SingleUnit::Fail,
    }
}
