//! `firmgrade plan`: the arithmetic of a plan.

use super::args::PlanArgs;
use super::files;
use crate::args::ReportFormat;
use crate::failure::Failure;
use crate::screen;
use crate::tables::{Grid, count, counted};
use firmgrade::sample::plan::{Plan, SCALE};
use firmgrade::sample::policy::Policy;

pub(crate) fn run(args: &PlanArgs) -> Result<(), Failure> {
    let policy = files::policy(&args.policy)?;
    let firms = files::firms(&policy, &args.firms, &args.of)?;
    let plan = files::planned(&policy, &firms, &args.firms, &args.of)?;
    match args.format {
        ReportFormat::Json => screen::data(&files::pretty(&plan)),
        ReportFormat::Table => screen::data(&text(&policy, &plan)),
    }
}

/// The plan for people.
pub(crate) fn text(policy: &Policy, plan: &Plan) -> String {
    let (from, to) = policy.period();
    let whole = |number: u64| count(usize::try_from(number).unwrap_or(usize::MAX));
    let mut text = format!("{} ({}), {from} to {to}; windows end with {}\n\n", plan.title, plan.plan_id, plan.as_of);
    let mut grid =
        Grid::new(&["stratum", ">firms", ">excluded", ">eligible", ">items ask", ">validation", ">top-up", ">draw", "rate in the list"]);
    for stratum in &plan.strata {
        let recent = stratum.recent.map_or(String::new(), |(firms, rate)| format!("; {rate} for {} inspected lately", whole(firms)));
        grid.row([
            stratum.stratum.clone(),
            whole(stratum.rows),
            whole(stratum.excluded.values().sum()),
            whole(stratum.eligible),
            whole(stratum.enforcement),
            whole(stratum.validation),
            whole(stratum.top_up),
            whole(stratum.n),
            format!("{}{recent}", stratum.rate),
        ]);
    }
    let sum = |of: &dyn Fn(&firmgrade::sample::plan::PlanStratum) -> u64| whole(plan.strata.iter().map(of).sum());
    grid.row([
        "all".to_owned(),
        whole(plan.total.rows),
        whole(plan.total.excluded.values().sum()),
        whole(plan.total.eligible),
        sum(&|stratum| stratum.enforcement),
        sum(&|stratum| stratum.validation),
        sum(&|stratum| stratum.top_up),
        whole(plan.total.n),
        String::new(),
    ]);
    text.push_str(&grid.text());
    text.push_str("\nArithmetic\n");
    for stratum in &plan.strata {
        text.push_str(&format!("  {}\n", stratum.arithmetic()));
    }
    if let Some(floor) = &plan.floor {
        text.push_str(&format!("  {}\n", floor.arithmetic()));
    }
    if let Some(budget) = &plan.budget {
        text.push_str(&format!(
            "\nBudget: {} given, {} wanted, {} by the floors alone; raised rates are scaled to {:.2} %\n",
            counted(usize::try_from(budget.inspector_days).unwrap_or(usize::MAX), "inspector-day"),
            whole(budget.wanted),
            whole(budget.least),
            budget.scale as f64 / SCALE as f64 * 100.0
        ));
    }
    if plan.past.read > 0 {
        let past = &plan.past;
        text.push_str(&format!(
            "\nEarlier inspections: {} read, {} count, {} of kinds that do not, {} after {}, {} of firms that are not in the list\n",
            whole(past.read),
            whole(past.counted),
            whole(past.not_counted),
            whole(past.later),
            plan.as_of,
            whole(past.unmatched)
        ));
    }
    text.push_str(&format!(
        "\n{} to draw, {}\n",
        counted(usize::try_from(plan.total.n).unwrap_or(usize::MAX), "firm"),
        counted(usize::try_from(plan.total.inspector_days).unwrap_or(usize::MAX), "inspector-day")
    ));
    text
}
