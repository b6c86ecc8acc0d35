//! What can be typed to plan, draw, match, verify, publish and take results in.

use crate::args::{ReportFormat, day};
use clap::Args;
use firmgrade::calendar::Day;
use std::path::PathBuf;

// The firms of a plan; no doc comment, for clap would show it as that of the command.
#[derive(Debug, Args)]
pub(crate) struct FirmArgs {
    /// The column of ids; `id`, `uscc` or `统一社会信用代码` where absent
    #[arg(long, value_name = "COLUMN")]
    pub(crate) id: Option<String>,
    /// Earlier inspections (columns id, day, kind), where the policy has windows or caps
    #[arg(long, value_name = "F")]
    pub(crate) past: Option<PathBuf>,
    /// The day with which windows end (YYYY-MM-DD); the day before the period of the plan where absent
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) as_of: Option<Day>,
    /// How many inspector-days there are: raised rates are scaled down to fit, floors are kept
    #[arg(long, value_name = "DAYS")]
    pub(crate) budget: Option<u64>,
    /// The sheet of the firms' workbook; the first visible one where absent
    #[arg(long, value_name = "S")]
    pub(crate) sheet: Option<String>,
}

/// Show how many firms of each stratum a policy draws, with all the arithmetic. Nothing is drawn and nothing written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  firmgrade plan policy.toml --firms graded.parquet
  firmgrade plan policy.toml --firms graded.csv --past inspections.csv --budget 400")]
pub(crate) struct PlanArgs {
    /// The policy (TOML)
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,
    /// The graded firms: columns id, grade, and what the policy reads
    #[arg(long, value_name = "GRADED")]
    pub(crate) firms: PathBuf,
    #[command(flatten)]
    pub(crate) of: FirmArgs,
    /// How the plan is printed
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

/// Draw firms so that everybody can verify it, in two steps: commit, then draw.
///
/// With --commit: DIR/commitment.json, to be published before any source is known; DIR/frame.csv, the list with its salts, which stays secret;
/// and a line in the log. Later, with what the sources showed: DIR/record.json and two more lines. A plan id is drawn once. A draw that was
/// interrupted is finished with the same sources; --void gives a plan up, with a reason that stays in the log.
///
/// A source shows digits that are typed in (dice=314159), a round of drand (drand/quicknet/ROUND=round.json) or a pulse of NIST
/// (nist/2.0/chain/CHAIN/TIME=pulse.json,certificate.pem); signatures of beacons are verified offline.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  firmgrade draw policy.toml --firms graded.parquet --log draws.log --commit --source dice --source lottery -o plan
  firmgrade draw policy.toml --log draws.log --source dice=314159 --source lottery=05-12-33 -o plan
  firmgrade draw policy.toml --log draws.log --void 名单有误")]
pub(crate) struct DrawArgs {
    /// The policy (TOML)
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,
    /// The graded firms; needed to commit, and afterwards held against the list committed to
    #[arg(long, value_name = "GRADED", required_if_eq("commit", "true"))]
    pub(crate) firms: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) of: FirmArgs,
    /// The log of plans and draws; lines are added, never changed
    #[arg(long, value_name = "LOG")]
    pub(crate) log: PathBuf,
    /// Commit to the plan: the first step
    #[arg(long, requires = "sources")]
    pub(crate) commit: bool,
    /// A source of entropy: NAME to commit, NAME=VALUE to draw
    #[arg(long = "source", id = "sources", value_name = "NAME[=VALUE]", required_unless_present = "void")]
    pub(crate) sources: Vec<String>,
    /// Declare the plan void, for this reason; its id stays used
    #[arg(long, value_name = "REASON", conflicts_with_all = ["commit", "sources", "firms", "output"])]
    pub(crate) void: Option<String>,
    /// The folder of the plan; made if it is not there
    #[arg(short, long = "output", value_name = "DIR", required_unless_present = "void")]
    pub(crate) output: Option<PathBuf>,
}

/// Match inspectors to the firms drawn: at least two each, qualified, without recused ones, within capacities; by the seed of the draw.
///
/// The file written holds the roster, the match and the potentials that prove it; `firmgrade verify --match` and fixtures/verify_match.py read it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  firmgrade match policy.toml --record plan/record.json --inspectors inspectors.csv -o plan/match.json
  firmgrade match policy.toml --record plan/record.json --inspectors 人员.xlsx --recusals 回避.csv --firms graded.parquet --zone street -o plan/match.json")]
pub(crate) struct MatchArgs {
    /// The policy (TOML)
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,
    /// The record of the draw
    #[arg(long, value_name = "RECORD")]
    pub(crate) record: PathBuf,
    /// The inspectors: columns inspector and capacity; qualifications, zones, interests (separated by `;`), valid_from, valid_to
    #[arg(long, value_name = "F")]
    pub(crate) inspectors: PathBuf,
    /// Who may not go where: columns id (of the firm), inspector, reason
    #[arg(long, value_name = "F")]
    pub(crate) recusals: Option<PathBuf>,
    /// Who was where last time: columns id, inspector; read where the policy says `same_as_last_time`
    #[arg(long, value_name = "F")]
    pub(crate) last: Option<PathBuf>,
    /// The firms, for their zones
    #[arg(long, value_name = "F", requires = "zone")]
    pub(crate) firms: Option<PathBuf>,
    /// The column of zones in the table of firms
    #[arg(long, value_name = "COLUMN", requires = "firms")]
    pub(crate) zone: Option<String>,
    /// The column of ids in the table of firms
    #[arg(long, value_name = "COLUMN", requires = "firms")]
    pub(crate) id: Option<String>,
    /// Where the match goes (.json)
    #[arg(short, long = "output", value_name = "OUT")]
    pub(crate) output: PathBuf,
}

/// Verify a draw, a match, or that one firm was on the list. Exit code 1 where anything does not fit, with its place.
///
/// With --frame, the list with its salts, everything is replayed: commitment, seed, draw. Without it what needs no list: digests and seed.
/// --firm writes the proof of one firm; with --proof that firm verifies its own row with nothing but the record.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  firmgrade verify plan/record.json --frame plan/frame.csv --match plan/match.json --log draws.log
  firmgrade verify plan/record.json --frame plan/frame.csv --firm 91350100M000100Y43 -o proof.json
  firmgrade verify plan/record.json --proof proof.json")]
pub(crate) struct VerifyArgs {
    /// The record of the draw
    #[arg(value_name = "RECORD")]
    pub(crate) record: PathBuf,
    /// The list with its salts: columns id, grade, stratum, num, den, exclusion, salt
    #[arg(long, value_name = "F")]
    pub(crate) frame: Option<PathBuf>,
    /// The policy, to be the one committed to
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: Option<PathBuf>,
    /// The match of inspectors
    #[arg(long = "match", value_name = "MATCH")]
    pub(crate) matched: Option<PathBuf>,
    /// The inspectors, to be those of the match
    #[arg(long, value_name = "F", requires = "matched")]
    pub(crate) inspectors: Option<PathBuf>,
    /// The log, to hold the commitment and the record
    #[arg(long, value_name = "LOG")]
    pub(crate) log: Option<PathBuf>,
    /// Prove that this firm is on the list
    #[arg(long, value_name = "ID", requires = "frame")]
    pub(crate) firm: Option<String>,
    /// The proof of a firm
    #[arg(long, value_name = "PROOF", conflicts_with = "firm")]
    pub(crate) proof: Option<PathBuf>,
    /// Where the proof of the firm goes (.json); standard output where absent
    #[arg(short, long = "output", value_name = "OUT", requires = "firm")]
    pub(crate) output: Option<PathBuf>,
}

/// Write the tables that are published, with the customary columns, as Excel and CSV; and a task sheet for each inspector.
///
/// Into DIR: announcement.xlsx and .csv; with --match tasks.xlsx, a sheet for each inspector; with --results results.xlsx and .csv with the last
/// day for publishing each. Numbers of natural persons are masked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  firmgrade publish policy.toml --record plan/record.json --firms graded.parquet --match plan/match.json -o publication
  firmgrade publish policy.toml --record plan/record.json --firms graded.parquet --results 结果.xlsx --as-of 2027-03-31 -o publication")]
pub(crate) struct PublishArgs {
    /// The policy (TOML)
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,
    /// The record of the draw
    #[arg(long, value_name = "RECORD")]
    pub(crate) record: PathBuf,
    /// The firms, for their names
    #[arg(long, value_name = "F")]
    pub(crate) firms: Option<PathBuf>,
    /// The column of ids in the table of firms
    #[arg(long, value_name = "COLUMN", requires = "firms")]
    pub(crate) id: Option<String>,
    /// The column of names in the table of firms; `name` where absent
    #[arg(long, value_name = "COLUMN", requires = "firms")]
    pub(crate) name: Option<String>,
    /// The match of inspectors
    #[arg(long = "match", value_name = "MATCH")]
    pub(crate) matched: Option<PathBuf>,
    /// The results so far
    #[arg(long, value_name = "F")]
    pub(crate) results: Option<PathBuf>,
    /// The day as of which deadlines are judged (YYYY-MM-DD); today where absent
    #[arg(long, value_name = "DAY", value_parser = day, requires = "results")]
    pub(crate) as_of: Option<Day>,
    /// The folder for the tables; made if it is not there
    #[arg(short, long = "output", value_name = "DIR")]
    pub(crate) output: PathBuf,
}

/// Take results of inspections in and account for every firm drawn.
///
/// Columns: 统一社会信用代码 (or id), 检查结果 (code), 检查完成日期 (finished), and where they are there 抽查事项 (item), 公示日期 (published), 来源 (source: random,
/// event or special). OUT has one row for each firm and item, with the probabilities that estimates need.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  firmgrade results 结果.xlsx --policy policy.toml --record plan/record.json --as-of 2027-03-31 -o results.parquet")]
pub(crate) struct ResultsArgs {
    /// The results
    #[arg(value_name = "FILE")]
    pub(crate) results: PathBuf,
    /// The policy (TOML)
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: PathBuf,
    /// The record of the draw
    #[arg(long, value_name = "RECORD")]
    pub(crate) record: PathBuf,
    /// The day as of which deadlines are judged (YYYY-MM-DD); today where absent
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) as_of: Option<Day>,
    /// Where the rows for evaluation go
    #[arg(short, long = "output", value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// The sheet of the results' workbook; the first visible one where absent
    #[arg(long, value_name = "S")]
    pub(crate) sheet: Option<String>,
    /// How the accounting is printed
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}
