//! `firmgrade draw`: commit to a plan, then draw it, with every step in the log.

use super::args::DrawArgs;
use super::files;
use super::log::LogFile;
use crate::failure::Failure;
use crate::screen;
use crate::tables::{Grid, count, counted};
use firmgrade::mask;
use firmgrade::sample::beacon::{Moment, drand, nist};
use firmgrade::sample::policy::Policy;
use firmgrade::sample::{Commitment, Committed, Frame, Record, Salt, State, Step, digits, seed};
use firmgrade_frame::sampling::frame_csv;
use firmgrade_frame::write_texts;
use std::path::Path;

/// The files of a plan in its folder.
const COMMITMENT: &str = "commitment.json";
const FRAME: &str = "frame.csv";
const RECORD: &str = "record.json";

pub(crate) fn run(args: &DrawArgs) -> Result<(), Failure> {
    let policy = files::policy(&args.policy)?;
    let mut log = LogFile::open(&args.log)?;
    if let Some(reason) = &args.void {
        log.step(|log, at| log.void(policy.plan_id(), reason, at).cloned())?;
        return screen::data(&format!("Plan {} is void: {reason}\n", policy.plan_id()));
    }
    let Some(folder) = &args.output else { return Err(Failure::Usage("--output is missing".to_owned())) };
    let (names, values): (Vec<&str>, Vec<Option<&str>>) = args
        .sources
        .iter()
        .map(|source| source.split_once('=').map_or((source.as_str(), None), |(name, value)| (name, Some(value))))
        .unzip();
    if args.commit {
        if values.iter().any(Option::is_some) {
            return Err(Failure::Usage("a source is committed to by its name, before its value is known: --source dice".to_owned()));
        }
        return commit(args, &policy, &mut log, folder, &names);
    }
    let Some(values) = values.into_iter().collect::<Option<Vec<&str>>>() else {
        return Err(Failure::Usage("say what each source showed, --source dice=314159; or --commit to a plan first".to_owned()));
    };
    let committed = committed_at(&log, policy.plan_id());
    let value = |(name, text)| Ok((name, value(name, text, committed)?));
    let sources: Vec<(&str, Vec<u8>)> = names.into_iter().zip(values).map(value).collect::<Result<_, Failure>>()?;
    draw(args, &policy, &mut log, folder, &sources)
}

/// When the log says that the plan was committed to.
fn committed_at(log: &LogFile, plan_id: &str) -> Option<Moment> {
    let entry = log.log.entries().iter().find(|entry| entry.plan_id == plan_id && matches!(entry.step, Step::Committed { .. }))?;
    entry.at.parse().ok()
}

/// What a source showed: digits as they are typed, a round of drand (`round.json`), or a pulse of NIST with its certificate
/// (`pulse.json,certificate.pem`), both verified here.
fn value(name: &str, text: &str, committed: Option<Moment>) -> Result<Vec<u8>, Failure> {
    let of_source = |error: firmgrade::Error| match Failure::from(error) {
        Failure::Problems(lines) => {
            Failure::Problems(lines.iter().map(|line| line.replacen("error: ", &format!("error: source `{name}`: "), 1)).collect())
        }
        other => other,
    };
    let beacon = match text.split_once(',') {
        Some((pulse, certificate)) if pulse.ends_with(".json") => {
            nist(&files::text(Path::new(pulse))?, &files::text(Path::new(certificate))?).map_err(of_source)?
        }
        None if text.ends_with(".json") => drand(&files::text(Path::new(text))?).map_err(of_source)?,
        _ => return digits(text).map_err(of_source),
    };
    for open in beacon.fits(name, committed).map_err(of_source)? {
        screen::warning(&format!("source `{name}`: {open}"));
    }
    beacon.verified.iter().for_each(|what| screen::message(&format!("source `{name}`: {what}")));
    Ok(beacon.value)
}

fn commit(args: &DrawArgs, policy: &Policy, log: &mut LogFile, folder: &Path, sources: &[&str]) -> Result<(), Failure> {
    let Some(path) = &args.firms else { return Err(Failure::Usage("--firms is missing".to_owned())) };
    if let Some(there) = [COMMITMENT, FRAME, RECORD].iter().map(|name| folder.join(name)).find(|path| path.exists()) {
        return Err(Failure::problem(format!("`{}` is there already; give each plan a folder of its own", there.display())));
    }
    let firms = files::firms(policy, path, &args.of)?;
    let plan = files::planned(policy, &firms, path, &args.of)?;
    let columns = firms.columns();
    let salts = new_salts(columns.ids.len())?;
    let committed = plan.commit(&columns, sources, &salts).map_err(|error| files::in_file(path, error))?;
    let salts = committed.frame().arrange(&salts)?;
    let commitment = &committed.commitment;
    log.allows(|log, at| log.committed(commitment, at).cloned())?;
    files::folder(folder)?;
    let written = [(folder.join(FRAME), frame_csv(committed.frame(), &salts)), (folder.join(COMMITMENT), files::pretty(commitment))];
    write_texts(&written)?;
    log.step(|log, at| log.committed(commitment, at).cloned())?;
    screen::data(&format!(
        "{}\nCommitted to {} with {}\n  root    {}\n  digest  {}\n\nPublish {} before anybody knows what {} will show.\nKeep {} secret: with its salts the list could be tried out firm by firm.\n",
        super::plan::text(policy, &plan),
        commitment.plan_id,
        commitment.suite,
        commitment.root,
        commitment.digest(),
        folder.join(COMMITMENT).display(),
        commitment.sources.join(", "),
        folder.join(FRAME).display(),
    ))
}

/// 16 bytes for each firm, from the operating system.
fn new_salts(count: usize) -> Result<Vec<Salt>, Failure> {
    let mut salts = vec![[0; 16]; count];
    let filled = getrandom::fill(salts.as_flattened_mut());
    filled.map_err(|error| Failure::problem(format!("the operating system gives no random numbers: {error}")))?;
    Ok(salts)
}

fn draw(args: &DrawArgs, policy: &Policy, log: &mut LogFile, folder: &Path, sources: &[(&str, Vec<u8>)]) -> Result<(), Failure> {
    let path = folder.join(COMMITMENT);
    if log.log.state(policy.plan_id()) == State::Unknown {
        let (plan, file) = (policy.plan_id(), args.log.display());
        return Err(Failure::problem(format!("plan `{plan}` is not in the log `{file}`; commit to it first, with --commit")));
    }
    let published: Commitment = files::json(&path, "commitment")?;
    let differs = |what: &str, found: &str, expected: &str| {
        Failure::problem(format!("{}: {what} is `{found}`, expected `{expected}`", path.display()))
    };
    if published.plan_id != policy.plan_id() {
        return Err(differs("the plan", &published.plan_id, policy.plan_id()));
    }
    if published.policy_digest != policy.digest() {
        return Err(differs("the digest of the policy", &published.policy_digest, policy.digest()));
    }
    if published.engine != firmgrade::VERSION {
        return Err(differs("the version of the engine", &published.engine, firmgrade::VERSION));
    }
    let list = folder.join(FRAME);
    let (frame, salts) = files::frame(&list)?;
    if let Some(firms) = &args.firms {
        same_list(policy, args, firms, &frame)?;
    }
    let names: Vec<&str> = published.sources.iter().map(String::as_str).collect();
    let committed =
        Committed::new(&published.plan_id, published.suite, &published.policy_digest, &names, published.design.clone(), frame, &salts)
            .map_err(|error| files::in_file(&list, error))?;
    if committed.commitment != published {
        let (found, expected) = (committed.commitment.root.to_string(), published.root.to_string());
        let file = list.display();
        return Err(Failure::problem(format!(
            "{file}: the root of the list is {found}, expected {expected} as committed to; the list was changed"
        )));
    }
    let borrowed: Vec<(&str, &[u8])> = sources.iter().map(|(name, value)| (*name, value.as_slice())).collect();
    // Before anything is entered: the draw itself, for whatever it refuses must leave no trace.
    let record = committed.draw(&borrowed)?;
    let seed = seed(published.suite, &published.plan_id, &published.root, &borrowed)?;
    log.step(|log, at| log.begun(&published.plan_id, seed, at).cloned())?;
    write_texts(&[(folder.join(RECORD), record.to_json())])?;
    log.step(|log, at| log.drawn(&record, at).cloned())?;
    screen::data(&text(&record, &folder.join(RECORD)))
}

/// Refuses firms that give another list than the one committed to.
fn same_list(policy: &Policy, args: &DrawArgs, path: &Path, frame: &Frame) -> Result<(), Failure> {
    let firms = files::firms(policy, path, &args.of)?;
    let plan = files::planned(policy, &firms, path, &args.of)?;
    let now = plan.frame(&firms.columns()).map_err(|error| files::in_file(path, error))?;
    let other = (0..now.len().max(frame.len())).find(|row| now.row(*row) != frame.row(*row));
    match other {
        None => Ok(()),
        Some(row) => Err(Failure::problem(format!(
            "{}: the firms give another list than the one committed to; the first row that differs is {}, firm `{}`",
            path.display(),
            row + 1,
            mask(if row < frame.len() { frame.id(row) } else { now.id(row) })
        ))),
    }
}

/// The draw for people.
fn text(record: &Record, path: &Path) -> String {
    let whole = |number: u64| count(usize::try_from(number).unwrap_or(usize::MAX));
    let mut grid = Grid::new(&["stratum", ">firms", ">can be drawn", "asked", "method", ">drawn", ">reserve"]);
    for stratum in &record.strata {
        let method = serde_json::to_value(stratum.method).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
        let reserve = record.reserve.iter().filter(|one| one.stratum == stratum.stratum).count();
        grid.row([
            stratum.stratum.clone(),
            whole(stratum.rows),
            whole(stratum.eligible),
            stratum.asked.clone(),
            method.replace('_', " "),
            whole(stratum.n),
            count(reserve),
        ]);
    }
    format!(
        "Plan {}: {} drawn\n{}\n  seed    {}\n  digest  {}\n\nRecord: {}; publish it. `firmgrade verify {} --frame frame.csv` replays it.\n",
        record.commitment.plan_id,
        counted(record.selected.len(), "firm"),
        grid.text(),
        record.seed,
        record.digest,
        path.display(),
        path.display(),
    )
}
