//! The demonstration goes on: from grades to a plan, a draw that can be verified, matched inspectors and what is published.

use super::files::INSPECTION;
use crate::failure::Failure;
use crate::inspection::files::{MatchFile, folder, pretty};
use crate::tables::counted;
use firmgrade::sample::matching::{Inspector, Roster, RosterSpec, match_inspectors, verify as verify_match};
use firmgrade::sample::plan::{Plan, PlanOptions, plan};
use firmgrade::sample::policy::Policy;
use firmgrade::sample::{Frame, Hash, Log, Record, Salt, Suite, digits, ticket, verify};
use firmgrade_frame::sampling::{PlanFirms, Published, TableFaults, by_firm, frame_csv, visits, write_publication};
use firmgrade_frame::{DataFrame, write_texts};
use std::path::{Path, PathBuf};

const POLICY: &str = include_str!("policy.toml");
/// What the dice of the demonstration showed: made up and stated, so that the same demonstration gives the same files.
const DICE: &str = "3 1 4 1 5 9 2 6 5 3 5 8";
/// Visits that a made-up inspector can make.
const CAPACITY: u32 = 40;
/// When the demonstration says that it committed and drew.
const DAYS: [&str; 2] = ["2026-12-21T01:00:00Z", "2026-12-28T01:00:00Z"];

/// What was planned and drawn, in its folder.
pub(super) struct Inspection {
    pub(super) folder: PathBuf,
    pub(super) policy: Policy,
    pub(super) plan: Plan,
    pub(super) record: Record,
    /// What happened, in words.
    pub(super) summary: String,
}

/// Plans, commits, draws, matches, publishes and verifies into `out/inspection`. `graded` has the firms with id, name and grade.
pub(super) fn new(out: &Path, graded: &DataFrame, seed: u64) -> Result<Inspection, Failure> {
    let out = &out.join(INSPECTION);
    let at = |name: &str| out.join(name);
    let of_graded = |faults: TableFaults| Failure::problem(format!("the graded firms: {}", faults.0.join("; ")));
    let of_table = |error: firmgrade_frame::PolarsError| Failure::problem(error.to_string());
    let policy = Policy::from_toml("policy.toml", POLICY)?;
    let firms = PlanFirms::new(&policy, graded, None).map_err(of_graded)?;
    let firms = firms.columns();
    let plan = plan(&policy, &firms, &PlanOptions::default())?;
    // A real draw takes its salts from the operating system, and nobody could make them again.
    let key = Suite::Sha256.hash(&[b"firmgrade demo", &seed.to_be_bytes()]);
    let salts: Vec<Salt> = firms.ids.iter().map(|id| salt(&key, id)).collect();
    let committed = plan.commit(&firms, &["dice"], &salts)?;
    let salts = committed.frame().arrange(&salts)?;
    let mut log = Log::default();
    log.committed(&committed.commitment, DAYS[0])?;
    let record = committed.draw(&[("dice", &digits(DICE)?)])?;
    log.begun(policy.plan_id(), record.seed, DAYS[1])?;
    log.drawn(&record, DAYS[1])?;

    let to_visit = visits(&policy, &record, &std::collections::BTreeMap::new());
    let people = inspectors(to_visit.len(), policy.visits().inspectors, &to_visit.iter().map(|one| one.id.clone()).collect::<Vec<_>>());
    let table = roster_csv(&people);
    let (from, to) = policy.period();
    let spec = RosterSpec {
        per_visit: policy.visits().inspectors,
        period: Some((from.to_string(), to.to_string())),
        visits: to_visit,
        inspectors: people,
        recusals: Vec::new(),
    };
    let roster = Roster::try_from(spec.clone())?;
    let found = match_inspectors(&roster, &record.seed.0)?;

    let names = by_firm(graded, None, None).map_err(of_graded)?;
    let published = Published { policy: &policy, record: &record, names: &names };
    let announcement = published.announcement().map_err(of_table)?;
    let tasks = published.tasks(&found).map_err(of_table)?;

    let again = Frame::new(plan.rows(&firms))?;
    let verified = verify(&record, &again, &salts).map_err(|wrong| {
        Failure::Problems(wrong.iter().map(|wrong| format!("error: the demonstration's own draw does not verify: {wrong}")).collect())
    })?;
    verify_match(&roster, &record.seed.0, &found)?;

    folder(out)?;
    let load: Vec<usize> = found.workload(&roster).iter().map(|one| one.visits).collect();
    let summary = summary(&plan, &load, verified.rows, out);
    let file = MatchFile { plan_id: policy.plan_id().to_owned(), record: record.digest, seed: record.seed, spec, found };
    write_texts(&[
        (at("policy.toml"), POLICY.to_owned()),
        (at("plan.json"), pretty(&plan)),
        (at("commitment.json"), pretty(&committed.commitment)),
        (at("frame.csv"), frame_csv(committed.frame(), &salts)),
        (at("draws.log"), log.to_lines()),
        (at("record.json"), record.to_json()),
        (at("inspectors.csv"), table),
        (at("match.json"), pretty(&file)),
    ])?;
    let mut tables = vec![(announcement.clone(), at("announcement.xlsx")), (announcement, at("announcement.csv"))];
    write_publication(&mut tables, Some((tasks.as_slice(), at("tasks.xlsx").as_path())))?;
    Ok(Inspection { folder: out.clone(), policy, plan, record, summary })
}

/// 16 bytes that follow from the demonstration's seed.
fn salt(key: &Hash, id: &str) -> Salt {
    let ticket = ticket(Suite::Sha256, key, "salt", id);
    ticket.0.first_chunk().copied().unwrap_or_default()
}

/// Made-up inspectors with a quarter more places than visits need; every third lacks the qualification, and some have an interest in a firm drawn.
fn inspectors(visits: usize, per_visit: u32, drawn: &[String]) -> Vec<Inspector> {
    let places = visits * per_visit as usize;
    let count = (places * 5 / 4).div_ceil(CAPACITY as usize).max(2 * per_visit as usize + 2);
    let inspector = |at: usize| Inspector {
        id: format!("inspector-{at:03}"),
        capacity: CAPACITY,
        qualifications: if at.is_multiple_of(3) { Vec::new() } else { vec!["公示信息检查".to_owned()] },
        interests: if at.is_multiple_of(5) { drawn.get(at).cloned().into_iter().collect() } else { Vec::new() },
        ..Inspector::default()
    };
    (1..=count).map(inspector).collect()
}

fn roster_csv(people: &[Inspector]) -> String {
    let row = |one: &Inspector| format!("{},{},{},{}\n", one.id, one.capacity, one.qualifications.join(";"), one.interests.join(";"));
    "inspector,capacity,qualifications,interests\n".to_owned() + &people.iter().map(row).collect::<String>()
}

fn summary(plan: &Plan, load: &[usize], rows: u64, out: &Path) -> String {
    let mut text = format!(
        "\nA plan of inspections from these grades, by Henan's published ratios of 2021 ({} to draw of {rows})\n",
        counted(usize::try_from(plan.total.n).unwrap_or(usize::MAX), "firm")
    );
    for stratum in &plan.strata {
        text.push_str(&format!("  {}\n", stratum.arithmetic()));
    }
    if let Some(floor) = &plan.floor {
        text.push_str(&format!("  {}\n", floor.arithmetic()));
    }
    let (least, most) = (load.iter().min().copied().unwrap_or_default(), load.iter().max().copied().unwrap_or_default());
    let place = out.display();
    text.push_str(&format!(
        "Committed, drawn with made-up dice ({DICE}), matched to {} ({least} to {most} visits each), published, and verified: everything fits.\n  firmgrade verify {place}/record.json --frame {place}/frame.csv --match {place}/match.json --log {place}/draws.log\n",
        counted(load.len(), "made-up inspector")
    ));
    text
}
