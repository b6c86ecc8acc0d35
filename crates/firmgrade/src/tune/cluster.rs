//! Columns that say the same: clusters by single linkage, and variance inflation.

use super::symmetric::Cholesky;

/// Clusters of columns linked by correlations of at least `limit`, either way, each with its strongest first; clusters in the order of their
/// first column.
pub(super) fn alike(correlations: &[f64], strength: &[f64], limit: f64) -> Vec<Vec<usize>> {
    let size = strength.len();
    let mut cluster: Vec<usize> = (0..size).collect();
    for i in 0..size {
        for j in 0..i {
            if correlations[i * size + j].abs() >= limit && cluster[i] != cluster[j] {
                let (from, to) = (cluster[i].max(cluster[j]), cluster[i].min(cluster[j]));
                cluster.iter_mut().filter(|other| **other == from).for_each(|other| *other = to);
            }
        }
    }
    let first = (0..size).filter(|at| cluster[*at] == *at);
    first
        .map(|name| {
            let mut members: Vec<usize> = (0..size).filter(|at| cluster[*at] == name).collect();
            members.sort_by(|a, b| strength[*b].total_cmp(&strength[*a]).then(a.cmp(b)));
            members
        })
        .collect()
}

/// By column: the diagonal of the inverse of the correlations, 1/(1 − R²). A column that the others give, and those that give it, are
/// infinite; the rest is looked at without them.
pub(super) fn inflation(correlations: &[f64], size: usize) -> Vec<f64> {
    let mut out = vec![f64::INFINITY; size];
    let mut left: Vec<usize> = (0..size).collect();
    let mut given: Vec<usize> = Vec::new();
    loop {
        let matrix: Vec<f64> = left.iter().flat_map(|i| left.iter().map(move |j| correlations[i * size + j])).collect();
        match Cholesky::new(&matrix, left.len()) {
            Ok(factor) => {
                let inverse = factor.inverse();
                for (place, at) in left.iter().enumerate().filter(|(_, at)| !given.contains(at)) {
                    out[*at] = inverse[place * left.len() + place];
                }
                return out;
            }
            Err(dependent) => {
                given.extend(dependent.of.iter().filter_map(|(at, _)| left.get(*at)));
                left.remove(dependent.column.min(left.len() - 1));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_make_clusters() {
        // 0 – 2 and 2 – 4 are linked (one negative), 1 and 3 stand alone.
        let mut correlations = vec![0.1; 25];
        (0..5).for_each(|at| correlations[at * 6] = 1.0);
        for (i, j, value) in [(0, 2, 0.9), (2, 4, -0.85)] {
            (correlations[i * 5 + j], correlations[j * 5 + i]) = (value, value);
        }
        assert_eq!(alike(&correlations, &[0.1, 0.5, 0.2, 0.4, 0.3], 0.8), [vec![4, 2, 0], vec![1], vec![3]]);
    }

    /// Two columns with correlation r: 1/(1 − r²); a copy makes both infinite and leaves the third alone.
    #[test]
    fn inflation_by_hand() {
        assert!((inflation(&[1.0, 0.6, 0.6, 1.0], 2)[0] - 1.0 / 0.64).abs() < 1e-12);
        let found = inflation(&[1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0], 3);
        assert_eq!((found[0], found[1]), (f64::INFINITY, f64::INFINITY));
        assert!((found[2] - 1.0).abs() < 1e-12);
    }
}
