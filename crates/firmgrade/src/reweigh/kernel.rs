//! The product of utilities and weights, and the counting of grades: registers full of firms × weightings, the sum of each in indicator
//! order, no multiplication fused with an addition. So a risk here has the bits that scoring gives it, and nothing at a cut can flip.

use multiversion::multiversion;

/// Weightings worked on side by side: one AVX-512 register.
pub(super) const LANES: usize = 8;

/// Firms worked on side by side.
pub(super) const FIRMS: usize = 8;

/// A number for each of some weightings.
pub(super) type Lanes = [f64; LANES];

/// Risks of [`FIRMS`] firms by all weightings. `firms` has an entry for each indicator, `weights` one for each group of weightings and
/// indicator; `out` holds a row of `width` for each firm.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn products(firms: &[[f64; FIRMS]], weights: &[Lanes], width: usize, out: &mut [f64]) {
    for (group, weights) in weights.chunks_exact(firms.len()).enumerate() {
        let mut sums = [[0.0; LANES]; FIRMS];
        for (risk, weight) in firms.iter().zip(weights) {
            for firm in 0..FIRMS {
                for lane in 0..LANES {
                    sums[firm][lane] += weight[lane] * risk[firm];
                }
            }
        }
        put(&sums, group, width, out);
    }
}

/// As [`products`] for firms whose weights are shared alike: `factors` are aligned with `weights`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn shared_products<const N: usize>(firms: &[[f64; N]], weights: &[Lanes], factors: &[Lanes], width: usize, out: &mut [f64]) {
    let groups = weights.chunks_exact(firms.len()).zip(factors.chunks_exact(firms.len()));
    for (group, (weights, factors)) in groups.enumerate() {
        let mut sums = [[0.0; LANES]; N];
        for (risk, (weight, factor)) in firms.iter().zip(weights.iter().zip(factors)) {
            // By value and with the firms inside: otherwise firms become the lanes, and sums are gathered and scattered.
            let (weight, factor) = (*weight, *factor);
            for lane in 0..LANES {
                for firm in 0..N {
                    sums[firm][lane] += (weight[lane] * risk[firm]) * factor[lane];
                }
            }
        }
        put(&sums, group, width, out);
    }
}

#[inline(always)]
fn put<const N: usize>(sums: &[Lanes; N], group: usize, width: usize, out: &mut [f64]) {
    for (row, sums) in out.chunks_exact_mut(width).zip(sums) {
        if let Some(to) = row.get_mut(group * LANES..(group + 1) * LANES) {
            to.copy_from_slice(sums);
        }
    }
}

/// The number of cuts that each risk fails. `limits` has an entry for each group of weightings and cut.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn failed_cuts(risks: &[f64], limits: &[Lanes], cuts: usize, out: &mut [u8]) {
    let (risks, _) = risks.as_chunks::<LANES>();
    let (out, _) = out.as_chunks_mut::<LANES>();
    if cuts == 0 {
        return out.as_flattened_mut().fill(0);
    }
    for ((risk, limits), out) in risks.iter().zip(limits.chunks_exact(cuts)).zip(out) {
        let mut failed = [0_u64; LANES];
        for limit in limits {
            for lane in 0..LANES {
                failed[lane] += u64::from(risk[lane] > limit[lane]);
            }
        }
        *out = failed.map(|failed| failed as u8);
    }
}

/// Puts the class for too little data where the weight with data is too small a share of the whole.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn too_little_data(there: &[f64], full: &[f64], below: f64, class: u8, out: &mut [u8]) {
    for ((there, full), out) in there.iter().zip(full).zip(out) {
        *out = if there / full < below { class } else { *out };
    }
}

/// How often a grade stands among `grades`; adds 1 to `by_weighting` wherever it does.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn tally(grades: &[u8], grade: u8, by_weighting: &mut [u32]) -> u32 {
    let mut total = 0;
    for (found, count) in grades.iter().zip(by_weighting) {
        let hit = u32::from(*found == grade);
        *count += hit;
        total += hit;
    }
    total
}

/// The tree as the sharing of weights sees it.
#[derive(Clone, Debug)]
pub(super) struct Branches {
    /// By node: its parent, which stands before it.
    parents: Vec<Option<usize>>,
    /// By node: its indicators, and the nodes below it from the last to the first, which is the order in which `Sharing` adds them up.
    below: Vec<(Vec<usize>, Vec<usize>)>,
    /// By indicator: its node.
    leaves: Vec<usize>,
}

impl Branches {
    pub(super) fn new(parents: &[Option<usize>], leaves: Vec<usize>) -> Self {
        let of = |node: usize| {
            let own = leaves.iter().enumerate().filter(|(_, other)| **other == node).map(|(at, _)| at);
            let nodes = parents.iter().enumerate().rev().filter(|(_, parent)| **parent == Some(node)).map(|(at, _)| at);
            (own.collect(), nodes.collect())
        };
        Self { parents: parents.to_vec(), below: (0..parents.len()).map(of).collect(), leaves }
    }

    pub(super) fn nodes(&self) -> usize {
        self.parents.len()
    }

    /// By node: whether data are missing below it.
    fn touched(&self, alive: &[bool]) -> Vec<bool> {
        let mut touched = vec![false; self.nodes()];
        for (node, (own, nodes)) in self.below.iter().enumerate().rev() {
            touched[node] = own.iter().any(|leaf| !alive[*leaf]) || nodes.iter().any(|node| touched[*node]);
        }
        touched
    }

    /// The weight with data below a node. `locals` holds nodes, then indicators.
    #[inline(always)]
    fn sum(&self, node: usize, locals: &[Lanes], alive: &[bool], sums: &[Lanes]) -> Lanes {
        let (own, nodes) = &self.below[node];
        let mut sum = [0.0; LANES];
        for leaf in own.iter().filter(|leaf| alive[**leaf]) {
            let weight = &locals[self.nodes() + leaf];
            for lane in 0..LANES {
                sum[lane] += weight[lane];
            }
        }
        for node in nodes {
            let (below, weight) = (&sums[*node], &locals[*node]);
            for lane in 0..LANES {
                sum[lane] += if below[lane] > 0.0 { weight[lane] } else { 0.0 };
            }
        }
        sum
    }
}

/// Sums of local weights below each node of firms with all their data, an entry for each group of weightings and node.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn totals(tree: &Branches, locals: &[Lanes], out: &mut [Lanes]) {
    let (nodes, alive) = (tree.nodes(), vec![true; tree.leaves.len()]);
    for (locals, out) in locals.chunks_exact(nodes + alive.len()).zip(out.chunks_exact_mut(nodes)) {
        for node in (0..nodes).rev() {
            out[node] = tree.sum(node, locals, &alive, out);
        }
    }
}

/// What each indicator's weight is multiplied by for firms of whose indicators these are `alive`, an entry for each group of weightings and
/// indicator; NaN where a weighting leaves nothing to weigh. Returns whether none does.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn factors(tree: &Branches, locals: &[Lanes], totals: &[Lanes], alive: &[bool], out: &mut [Lanes]) -> bool {
    let (nodes, leaves) = (tree.nodes(), alive.len());
    let touched = tree.touched(alive);
    let (mut sums, mut by_node) = (vec![[0.0; LANES]; nodes], vec![[0.0; LANES]; nodes]);
    let mut weighable = true;
    let groups = locals.chunks_exact(nodes + leaves).zip(totals.chunks_exact(nodes)).zip(out.chunks_exact_mut(leaves));
    for ((locals, totals), out) in groups {
        for node in (0..nodes).rev() {
            sums[node] = if touched[node] { tree.sum(node, locals, alive, &sums) } else { totals[node] };
        }
        let whole = sums[0].map(|sum| if sum > 0.0 { 1.0 } else { f64::NAN });
        weighable &= whole.iter().all(|whole| !whole.is_nan());
        for (node, parent) in tree.parents.iter().enumerate() {
            let above = parent.map_or(whole, |parent| by_node[parent]);
            let (sum, total, factor) = (&sums[node], &totals[node], &mut by_node[node]);
            if touched[node] {
                for lane in 0..LANES {
                    factor[lane] = above[lane] * if sum[lane] > 0.0 { total[lane] / sum[lane] } else { 0.0 };
                }
            } else {
                // The quotient is 1, or below the node nothing weighs anything.
                *factor = above;
            }
        }
        for (factor, node) in out.iter_mut().zip(&tree.leaves) {
            *factor = by_node[*node];
        }
    }
    weighable
}
