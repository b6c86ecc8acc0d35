//! Many matrices at once: the same bits as one at a time, without an allocation for each.

use ndarray::{Array1, Array2, ArrayView2, ArrayView3, Axis};
use rayon::prelude::*;

use super::draft::settled;
use super::fault::JudgmentFault;
use super::judgments::Judgments;
use super::priority::{Method, Workspace, consistency_index, finite};
use super::random_index::{RandomIndex, RandomIndexSource};

/// The weights of k matrices of n things, and their consistency.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Weights, shape `(k, n)`, each row as [`Weights::values`](super::Weights::values).
    pub weights: Array2<f64>,
    /// λmax of each matrix, shape `(k,)`.
    pub lambda_max: Array1<f64>,
    /// The consistency index of each, shape `(k,)`.
    pub ci: Array1<f64>,
    /// The consistency ratio of each, shape `(k,)`; 0 for n ≤ 2.
    pub cr: Array1<f64>,
    /// The random index by which CI was divided, the same for all.
    pub ri: f64,
    /// Where it was taken from.
    pub random_index_source: RandomIndexSource,
}

/// The most faults that are listed.
const LISTED: usize = 100;

/// Weights and consistency of every matrix of `stack`, shape `(k, n, n)`.
///
/// Each matrix is read as by [`Judgments::from_matrix`] and weighed as by [`Judgments::weights`]: the same bits, whatever the number of
/// threads. Fewer than 2 µs for a random 7 × 7 on one core.
///
/// # Errors
/// [`JudgmentFault::InMatrix`] for every fault of every matrix, a hundred at most, and then [`JudgmentFault::MoreFaults`];
/// [`JudgmentFault::Nothing`] for n = 0, [`JudgmentFault::RowLength`] where the matrices are not square.
pub fn batch(stack: ArrayView3<'_, f64>, method: Method, random_index: RandomIndex) -> Result<Batch, Vec<JudgmentFault>> {
    let (k, n, columns) = stack.dim();
    if n == 0 || columns != n {
        let fault = if n == 0 { JudgmentFault::Nothing } else { JudgmentFault::RowLength { row: 0, found: columns, expected: n } };
        return Err(vec![fault]);
    }
    let mut weights = vec![0.0; k * n];
    let mut ci = vec![0.0; k];
    let refused: Vec<usize> = weights
        .par_chunks_mut(n)
        .zip(&mut ci)
        .enumerate()
        // A thread takes many matrices in one piece: one workspace and few turns of the queue.
        .with_min_len(64)
        .map_init(
            || (Workspace::new(n), vec![1.0; n * n]),
            |(workspace, matrix), (at, (values, ci))| {
                if !read(stack.index_axis(Axis(0), at), matrix) {
                    return Some(at);
                }
                workspace.prioritise(matrix, method);
                *ci = consistency_index(matrix, n, &workspace.vector);
                workspace.vector.shares_into(values);
                None
            },
        )
        .flatten_iter()
        .collect();
    let (weights, ci) = (Array1::from_vec(weights), Array1::from_vec(ci));
    let weights = weights.into_shape_with_order((k, n)).unwrap_or_default();
    if !refused.is_empty() {
        return Err(faults(stack, &refused));
    }
    let ri = random_index.value(n);
    let size = n as f64;
    Ok(Batch {
        weights,
        lambda_max: ci.mapv(|ci: f64| finite(size + (size - 1.0) * ci)),
        cr: ci.mapv(|ci| if ri > 0.0 { finite(ci / ri) } else { 0.0 }),
        ci,
        ri,
        random_index_source: random_index.source(n),
    })
}

/// The judgments of a matrix, row by row; false if they are refused.
fn read(given: ArrayView2<'_, f64>, matrix: &mut [f64]) -> bool {
    let n = given.nrows();
    match given.as_slice() {
        Some(rows) => matrix.copy_from_slice(rows),
        None => matrix.iter_mut().zip(&given).for_each(|(target, entry)| *target = *entry),
    }
    let accepted = |value: f64| (Judgments::MIN_ENTRY..=Judgments::MAX_ENTRY).contains(&value);
    for i in 0..n {
        if !((matrix[i * n + i] - 1.0).abs() <= Judgments::EXACT_DEVIATION) {
            return false;
        }
        matrix[i * n + i] = 1.0;
        for j in i + 1..n {
            let (above, below) = (matrix[i * n + j], matrix[j * n + i]);
            if !(accepted(above) && accepted(below)) {
                return false;
            }
            let Some((above, below)) = settled(above, below) else { return false };
            matrix[i * n + j] = above;
            matrix[j * n + i] = below;
        }
    }
    true
}

fn faults(stack: ArrayView3<'_, f64>, refused: &[usize]) -> Vec<JudgmentFault> {
    let mut faults = Vec::new();
    let mut total = 0;
    for &at in refused {
        let rows: Vec<Vec<f64>> = stack.index_axis(Axis(0), at).rows().into_iter().map(|row| row.to_vec()).collect();
        let found = Judgments::from_matrix(None, &rows).err().unwrap_or_default();
        total += found.len();
        let room = LISTED - faults.len();
        faults.extend(found.into_iter().take(room).map(|fault| JudgmentFault::InMatrix { at, fault: Box::new(fault) }));
    }
    if total > faults.len() {
        faults.push(JudgmentFault::MoreFaults { shown: faults.len(), total });
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    const SCALE: [f64; 9] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];

    /// k scale matrices by a plain linear congruence (Knuth's MMIX constants), half of the judgments turned round.
    fn stack(k: usize, n: usize) -> Array3<f64> {
        let mut state = 1_u64;
        let mut stack = Array3::ones((k, n, n));
        for at in 0..k {
            for i in 0..n {
                for j in i + 1..n {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let value = SCALE[(state >> 33) as usize % 9];
                    let value = if state >> 63 == 0 { value } else { 1.0 / value };
                    stack[[at, i, j]] = value;
                    stack[[at, j, i]] = 1.0 / value;
                }
            }
        }
        stack
    }

    #[test]
    fn the_same_bits_as_one_at_a_time_for_any_number_of_threads() {
        for n in [1, 2, 3, 4, 7, 9, 12, 17] {
            let stack = stack(150, n);
            for method in Method::ALL {
                let all = batch(stack.view(), method, RandomIndex::Contest).unwrap();
                for (at, matrix) in stack.axis_iter(Axis(0)).enumerate() {
                    let rows: Vec<Vec<f64>> = matrix.rows().into_iter().map(|row| row.to_vec()).collect();
                    let one = Judgments::from_matrix(None, &rows).unwrap().weights(method, RandomIndex::Contest);
                    assert_eq!(all.weights.row(at).to_vec(), one.values());
                    assert_eq!((all.lambda_max[at], all.ci[at], all.cr[at]), (one.lambda_max(), one.ci(), one.cr()));
                }
                let single = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
                assert_eq!(all, single.install(|| batch(stack.view(), method, RandomIndex::Contest)).unwrap());
            }
        }
    }

    /// Transposed, the stack is not contiguous; its weights are those of the transposed matrices.
    #[test]
    fn any_layout_is_read() {
        let stack = stack(3, 5);
        let turned = stack.view().permuted_axes([0, 2, 1]);
        let copied = turned.as_standard_layout().to_owned();
        let method = Method::Eigenvector;
        assert_eq!(batch(turned, method, RandomIndex::Contest), batch(copied.view(), method, RandomIndex::Contest));
        assert_eq!(batch(Array3::zeros((0, 4, 4)).view(), method, RandomIndex::Contest).unwrap().weights.dim(), (0, 4));
    }

    #[test]
    fn every_fault_names_its_matrix() {
        let mut stack = stack(3, 3);
        stack[[1, 0, 1]] = -1.0;
        stack[[2, 2, 2]] = 3.0;
        let texts = |stack: ArrayView3<'_, f64>| -> Vec<String> {
            batch(stack, Method::Eigenvector, RandomIndex::Contest).unwrap_err().iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            texts(stack.view()),
            [
                "matrix 2: row 1, column 2: found `-1`, expected a number from 1e-300 to 1e300",
                "matrix 3: row 3, column 3: found `3` on the diagonal, expected 1",
            ]
        );
        let bad = Array3::from_elem((60, 2, 2), f64::NAN);
        let many = texts(bad.view());
        assert_eq!((many.len(), many[100].as_str()), (101, "and more: 240 faults in all, the first 100 are shown"));
        assert_eq!(texts(Array3::zeros((1, 0, 0)).view()).len(), 1);
        assert_eq!(texts(Array3::zeros((1, 2, 3)).view()), ["row 1 has 3 entries, expected 2"]);
    }
}
