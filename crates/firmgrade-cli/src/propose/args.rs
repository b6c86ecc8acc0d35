//! What can be typed for the proposals beside the weights.

use crate::args::{GradingArgs, ReadingArgs, ReportFormat, day};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use firmgrade::calendar::Day;
use firmgrade::tune::{BandCardOptions, ScreenOptions, ThresholdOptions, Trend};
use std::path::PathBuf;

/// Screen the columns of a firm table on outcomes: which to keep, which to look at, which to drop, and why.
///
/// Missing values, one value for nearly all, information value (IV), KS, trend, likeness to other columns (rank correlation, variance inflation) and
/// drift between periods. Nothing is dropped by this. The outcomes are read as `evaluate` reads them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  firmgrade screen firms.parquet --outcomes results.csv
  firmgrade screen firms.parquet --outcomes results.csv --card card.toml --as-of 2022-12-31
  firmgrade screen firms.csv --outcomes results.csv --columns penalties,complaints --period year --format json")]
pub(crate) struct ScreenArgs {
    /// The firms; `-` is CSV from standard input
    #[arg(value_name = "FIRMS")]
    pub(crate) firms: PathBuf,
    /// What was found
    #[arg(long, value_name = "F")]
    pub(crate) outcomes: PathBuf,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    /// The scorecard: it tells the id column (else the first one) and which columns are screened
    #[arg(long, value_name = "CARD")]
    pub(crate) card: Option<PathBuf>,
    /// Columns to screen, separated by commas; else those of the scorecard, or all that hold numbers, text or flags
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// A column whose values in order are the periods, for drift
    #[arg(long, value_name = "COL")]
    pub(crate) period: Option<String>,
    /// The day as of which the columns were known (YYYY-MM-DD): outcomes must come after it
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) as_of: Option<Day>,
    /// The sheet of a workbook; the first visible one where absent
    #[arg(long, value_name = "S")]
    pub(crate) sheet: Option<String>,
    /// Cells for IV and PSI, 2 to 50
    #[arg(long, value_name = "N", default_value_t = ScreenOptions::default().cells)]
    pub(crate) cells: usize,
    /// What is printed on standard output
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

/// Find bands of a scorecard's indicators that tell bad from good best, and propose a new version of it.
///
/// Of all bands that are monotone and large enough those with the greatest information value, exactly. Proposed where the scorecard with its own
/// weights and these bands is surely better on outcomes that the bands have not seen; else the first line says so, no file is written, and the
/// exit code is 3. The outcomes are read as `evaluate` reads them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  firmgrade bands card.toml --firms firms.parquet --outcomes results.csv
  firmgrade bands card.toml --firms firms.csv --outcomes results.csv --indicators penalties,complaints --most 4 -o card-2.toml")]
pub(crate) struct BandsArgs {
    #[command(flatten)]
    pub(crate) grading: GradingArgs,
    /// What was found
    #[arg(long, value_name = "F")]
    pub(crate) outcomes: PathBuf,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    /// The indicators, separated by commas; else all
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub(crate) indicators: Vec<String>,
    /// Bands at most, 1 to 20
    #[arg(long, value_name = "N", default_value_t = BandCardOptions::default().bands.most)]
    pub(crate) most: usize,
    /// The least share of the rows in a band, from 0 to 0.5
    #[arg(long, value_name = "X", default_value_t = BandCardOptions::default().bands.min_share)]
    pub(crate) min_share: f64,
    /// Bad rows, and good rows, that a band must have
    #[arg(long, value_name = "N", default_value_t = BandCardOptions::default().bands.min_outcomes)]
    pub(crate) min_outcomes: f64,
    /// Bands whose information value chance gives with a greater probability are not taken
    #[arg(long, value_name = "P", default_value_t = BandCardOptions::default().chance)]
    pub(crate) chance: f64,
    /// How the rate of bad outcomes goes from band to band
    #[arg(long, value_name = "WAY", default_value = "monotone", value_parser = PossibleValuesParser::new(["monotone", "rising", "falling", "free"]).map(|word| trend(&word)))]
    pub(crate) trend: Trend,
    /// The seed of the cross-validation's folds
    #[arg(long, value_name = "S", default_value_t = BandCardOptions::default().seed)]
    pub(crate) seed: u64,
    /// Folds of the cross-validation, 3 to 20
    #[arg(long, value_name = "K", default_value_t = BandCardOptions::default().folds)]
    pub(crate) folds: usize,
    #[command(flatten)]
    pub(crate) new: NewCardArgs,
    /// What is printed on standard output
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

/// Find the cut points of a scorecard's score for one aim, each with its uncertainty: --shares, --capacity, --separation or --cost.
///
/// Shares alone are met over all firms. With outcomes only firms that have one count, weighted by 1/π; separation and cost need outcomes, which
/// are read as `evaluate` reads them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  firmgrade thresholds card.toml --firms firms.parquet --shares 0.2,0.6,0.15,0.05
  firmgrade thresholds card.toml --firms firms.parquet --capacity 900 --shares 0.2,0.6,0.15,0.05 --rates 0.01,0.03,0.1,0.5 --days 0.5,0.5,1,1
  firmgrade thresholds card.toml --firms firms.parquet --outcomes results.csv --separation 4 -o card-2.toml
  firmgrade thresholds card.toml --firms firms.parquet --outcomes results.csv --cost 0:20,1:8,3:3,5:1")]
pub(crate) struct ThresholdsArgs {
    #[command(flatten)]
    pub(crate) grading: GradingArgs,
    /// What was found
    #[arg(long, value_name = "F")]
    pub(crate) outcomes: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) aim: AimArgs,
    /// Bootstrap samples for intervals, 50 to 100,000
    #[arg(long, value_name = "N", default_value_t = ThresholdOptions::default().draws)]
    pub(crate) draws: usize,
    /// The seed of the bootstrap samples
    #[arg(long, value_name = "S", default_value_t = ThresholdOptions::default().seed)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) new: NewCardArgs,
    /// What is printed on standard output
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

/// What cut points are to reach.
#[derive(Debug, Args)]
#[command(next_help_heading = "Aim")]
pub(crate) struct AimArgs {
    /// The share of firms in each grade, best first, summing to 1; with --capacity their proportions
    #[arg(long, value_name = "X,…", value_delimiter = ',', conflicts_with_all = ["separation", "cost"])]
    pub(crate) shares: Vec<f64>,
    /// Inspector-days that there are: the shares of all grades but the first are multiplied by what fits
    #[arg(long, value_name = "DAYS", requires_all = ["shares", "rates", "days"])]
    pub(crate) capacity: Option<f64>,
    /// With --capacity: the share of its firms that is inspected, by grade
    #[arg(long, value_name = "X,…", value_delimiter = ',', requires = "capacity")]
    pub(crate) rates: Vec<f64>,
    /// With --capacity: inspector-days of an inspection, by grade
    #[arg(long, value_name = "X,…", value_delimiter = ',', requires = "capacity")]
    pub(crate) days: Vec<f64>,
    /// Grades whose rates of bad outcomes are as different as they can be: how many
    #[arg(long, value_name = "GRADES", conflicts_with = "cost", requires = "outcomes")]
    pub(crate) separation: Option<usize>,
    /// By grade, best first: the cost of giving it to a good firm and to a bad one
    #[arg(long, value_name = "GOOD:BAD,…", value_delimiter = ',', value_parser = cost, requires = "outcomes")]
    pub(crate) cost: Vec<[f64; 2]>,
}

/// Where a new scorecard goes.
#[derive(Debug, Args)]
pub(crate) struct NewCardArgs {
    /// Where the new scorecard goes (.toml)
    #[arg(short, long = "output", value_name = "NEW.toml")]
    pub(crate) output: Option<PathBuf>,
    /// The version of the new scorecard; the last number of the old one plus one where absent
    #[arg(long, value_name = "V")]
    pub(crate) version: Option<String>,
}

fn trend(word: &str) -> Trend {
    match word {
        "rising" => Trend::Rising,
        "falling" => Trend::Falling,
        "free" => Trend::Free,
        _ => Trend::Monotone,
    }
}

fn cost(text: &str) -> Result<[f64; 2], String> {
    let pair = text.split_once(':').and_then(|(good, bad)| Some([good.trim().parse().ok()?, bad.trim().parse().ok()?]));
    pair.ok_or_else(|| format!("found `{text}`, expected GOOD:BAD, such as 1:8"))
}
