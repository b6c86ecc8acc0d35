//! `firmgrade match`: inspectors matched to the firms drawn.

use super::args::MatchArgs;
use super::files::{self, MatchFile};
use crate::failure::Failure;
use crate::screen;
use crate::tables::{Grid, count, counted};
use firmgrade::sample::matching::{Match, Recusal, Roster, RosterSpec, match_inspectors};
use firmgrade::sample::policy::{Policy, RecusalSpec};
use firmgrade_frame::sampling::{inspectors, recusals, visits};
use firmgrade_frame::{refuse_overwrite_of_inputs, write_texts};
use std::collections::BTreeSet;
use std::path::Path;

pub(crate) fn run(args: &MatchArgs) -> Result<(), Failure> {
    let inputs =
        [Some(&args.policy), Some(&args.record), Some(&args.inspectors), args.recusals.as_ref(), args.last.as_ref(), args.firms.as_ref()];
    let inputs: Vec<_> = inputs.into_iter().flatten().collect();
    refuse_overwrite_of_inputs(&[&args.output], &inputs).map_err(|error| Failure::usage(&error))?;
    let policy = files::policy(&args.policy)?;
    let record = files::record(&args.record)?;
    if record.commitment.policy_digest != policy.digest() {
        let (found, file) = (&record.commitment.policy_digest, args.record.display());
        return Err(Failure::problem(format!("{file}: the record is of policy {found}, expected {}", policy.digest())));
    }
    let zones = files::column(args.firms.as_deref(), args.id.as_deref(), args.zone.as_deref())?;
    let visits = visits(&policy, &record, &zones);
    let people = inspectors(&files::table(&args.inspectors, None)?).map_err(|faults| files::of_table(&args.inspectors, &faults))?;
    let mut barred = read_recusals(args.recusals.as_deref(), "")?;
    barred.extend(last_time(&policy, args, &visits.iter().map(|visit| visit.id.as_str()).collect(), &people)?);
    let (from, to) = policy.period();
    let spec = RosterSpec {
        per_visit: policy.visits().inspectors,
        period: Some((from.to_string(), to.to_string())),
        visits,
        inspectors: people,
        recusals: barred,
    };
    let roster = Roster::try_from(spec.clone()).map_err(|error| files::in_file(&args.inspectors, error))?;
    let found = match_inspectors(&roster, &record.seed.0).map_err(|error| files::in_file(&args.inspectors, error))?;
    let report = text(&spec, &roster, &found, &args.output);
    let file = MatchFile { plan_id: record.commitment.plan_id.clone(), record: record.digest, seed: record.seed, spec, found };
    write_texts(&[(args.output.clone(), files::pretty(&file))])?;
    screen::data(&report)
}

fn read_recusals(path: Option<&Path>, reason: &str) -> Result<Vec<Recusal>, Failure> {
    let Some(path) = path else { return Ok(Vec::new()) };
    recusals(&files::table(path, None)?, reason).map_err(|faults| files::of_table(path, &faults))
}

/// Who was at a firm last time, as far as both are in this match.
fn last_time(
    policy: &Policy,
    args: &MatchArgs,
    visits: &BTreeSet<&str>,
    people: &[firmgrade::sample::matching::Inspector],
) -> Result<Vec<Recusal>, Failure> {
    let asked = policy.visits().recusal.contains(&RecusalSpec::SameAsLastTime);
    match (asked, &args.last) {
        (true, None) => Err(Failure::Usage(
            "the policy recuses who was there last time; give --last FILE with columns id and inspector, empty where nobody was".to_owned(),
        )),
        (false, Some(_)) => Err(Failure::Usage("--last is given, and the policy does not say `same_as_last_time`".to_owned())),
        (false, None) => Ok(Vec::new()),
        (true, Some(path)) => {
            let known: BTreeSet<&str> = people.iter().map(|one| one.id.as_str()).collect();
            let mut all = read_recusals(Some(path), "上次检查人员")?;
            all.retain(|one| visits.contains(one.visit.as_str()) && known.contains(one.inspector.as_str()));
            Ok(all)
        }
    }
}

fn text(spec: &RosterSpec, roster: &Roster, found: &Match, path: &Path) -> String {
    let load = found.workload(roster);
    let mut by_load: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    load.iter().for_each(|one| *by_load.entry(one.visits).or_default() += 1);
    let mut grid = Grid::new(&[">visits", ">inspectors"]);
    for (visits, inspectors) in by_load {
        grid.row([count(visits), count(inspectors)]);
    }
    let unique = if found.is_unique() { "no other match is as cheap" } else { "another match is as cheap; the record names it" };
    format!(
        "{} matched to {}, {} each; cost {}, {unique}\n{}Match: {}\n",
        counted(spec.visits.len(), "visit"),
        counted(spec.inspectors.len(), "inspector"),
        spec.per_visit,
        found.cost,
        grid.text(),
        path.display()
    )
}
