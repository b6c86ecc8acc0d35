//! Rows in the order of a score, rows with the same score together.

use rayon::slice::ParallelSliceMut;

/// A row and its score as a number that sorts like it.
type Key = (u64, u32);

/// Rows from the lowest score to the highest, ties by row.
pub(crate) struct Order {
    keys: Vec<Key>,
}

impl Order {
    /// Sorts finite scores; −0 equals 0.
    pub(crate) fn ascending(score: &[f64]) -> Self {
        let mut keys: Vec<Key> = score.iter().zip(0..).map(|(&value, row)| (sortable(value), row)).collect();
        // Keys differ in their row, so the order is total and the same for any number of threads.
        keys.par_sort_unstable();
        Self { keys }
    }

    /// Groups of rows with the same score, lowest first.
    pub(crate) fn ties(&self) -> impl DoubleEndedIterator<Item = impl Iterator<Item = usize> + Clone> {
        self.keys.chunk_by(|a, b| a.0 == b.0).map(|group| group.iter().map(|&(_, row)| row as usize))
    }

    /// All rows, lowest score first.
    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = usize> + Clone {
        self.keys.iter().map(|&(_, row)| row as usize)
    }
}

/// The bits of a number, turned so that they sort like it.
fn sortable(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascending_with_ties_by_row() {
        let order = Order::ascending(&[2.0, -1.0, 0.0, 2.0, -0.0, -1e300]);
        assert_eq!(order.rows().collect::<Vec<_>>(), [5, 1, 2, 4, 0, 3]);
        let groups: Vec<Vec<usize>> = order.ties().map(Iterator::collect).collect();
        assert_eq!(groups, [vec![5], vec![1], vec![2, 4], vec![0, 3]]);
    }
}
