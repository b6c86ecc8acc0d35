//! `firmgrade survey`: the questionnaire of a scorecard.

use crate::args::SurveyArgs;
use crate::failure::Failure;
use crate::screen;
use crate::tables::counted;
use firmgrade::ahp::NodeWeights;
use firmgrade_frame::{load_contradictory_card, refuse_overwrite_of_inputs, write_questionnaire};

pub(crate) fn run(args: &SurveyArgs) -> Result<(), Failure> {
    // A card whose judgments contradict each other is the one that needs new ones.
    let card = load_contradictory_card(&args.card)?;
    refuse_overwrite_of_inputs(&[&args.output], &[&args.card]).map_err(|error| Failure::usage(&error))?;
    write_questionnaire(&card, &args.output)?;
    let judged = card.nodes().iter().filter(|node| matches!(node.weights, NodeWeights::Judged(_)) && node.children.len() > 1);
    let (mut nodes, mut pairs) = (0, 0);
    for node in judged {
        nodes += 1;
        pairs += node.children.len() * (node.children.len() - 1) / 2;
    }
    screen::data(&format!("{}: {} of {}\n", args.output.display(), counted(pairs, "pair"), counted(nodes, "node")))
}
