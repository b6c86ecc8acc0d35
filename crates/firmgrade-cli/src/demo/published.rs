//! The grades beside those that a district published.

use crate::tables::{Grid, count, percent, share};
use firmgrade_frame::Graded;

/// Firms by grade as Putuo District, Shanghai, published them for its annual-report spot check (2023 case 一企一档): 55,588 firms.
const PUTUO: [(&str, usize); 4] = [("A", 21_550), ("B", 24_848), ("C", 7_252), ("D", 1_938)];

/// The counts beside the published ones.
pub(super) fn of(graded: &Graded) -> String {
    let all = PUTUO.iter().map(|(_, firms)| firms).sum();
    let mut grid = Grid::new(&["grade", "title", ">by score", ">final", ">share", ">Putuo", ">share", ">difference"]);
    for made in graded.counts() {
        let putuo = PUTUO.iter().find(|(grade, _)| *grade == made.grade).map(|(_, firms)| *firms);
        let their = putuo.map(|firms| share(firms, all));
        let title = graded.card().spec().grades.titles.get(&made.grade).cloned().unwrap_or_default();
        grid.row([
            made.grade,
            title,
            count(made.by_score),
            count(made.firms),
            percent(made.share),
            putuo.map_or_else(String::new, count),
            their.map_or_else(String::new, percent),
            their.map_or_else(String::new, |their| points(made.share - their)),
        ]);
    }
    grid.text()
}

/// A difference of shares in percentage points: `+0.2 pp`, and `0.0 pp` without a sign.
fn points(difference: f64) -> String {
    let tenths = (difference * 1000.0).round();
    if tenths == 0.0 { "0.0 pp".to_owned() } else { format!("{:+.1} pp", tenths / 10.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_shares_are_those_of_the_case() {
        let all: usize = PUTUO.iter().map(|(_, firms)| firms).sum();
        assert_eq!(all, 55_588);
        // 38.8 / 44.7 / 13.0 / 3.5 % as published.
        assert_eq!(PUTUO.map(|(_, firms)| percent(share(firms, all))), ["38.8 %", "44.7 %", "13.0 %", "3.5 %"]);
    }

    #[test]
    fn a_difference_of_nothing_has_no_sign() {
        assert_eq!([0.0021, -0.000_04, 0.000_04, -0.0013].map(points), ["+0.2 pp", "0.0 pp", "0.0 pp", "-0.1 pp"]);
    }
}
