//! The Merkle tree of RFC 6962 over the rows of a frame.
//!
//! ```text
//! leaf   H(0x00 || data)          data of a row: salt16 || row
//! node   H(0x01 || left || right)
//! tree   of one leaf: the leaf; of none: H(""); else split after the largest power of two below the number of leaves
//! ```

use super::hash::{Hash, Suite};
use rayon::prelude::*;

/// Leaves that one thread joins at a time.
const BLOCK: usize = 4_096;

/// The hash of a leaf, its data given in parts.
#[must_use]
pub fn leaf(suite: Suite, data: &[&[u8]]) -> Hash {
    let mut parts: Vec<&[u8]> = vec![&[0]];
    parts.extend_from_slice(data);
    suite.hash(&parts)
}

/// The hash of a node.
#[must_use]
pub fn node(suite: Suite, left: &Hash, right: &Hash) -> Hash {
    suite.hash(&[&[1], &left.0, &right.0])
}

/// A tree with all its levels: about 64 bytes a leaf.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The leaves first, the root last. A node without a neighbour goes up as it is, which is the shape of RFC 6962.
    levels: Vec<Vec<Hash>>,
    root: Hash,
}

impl Tree {
    /// The tree over these leaves. The same bits for any number of threads.
    #[must_use]
    pub fn new(suite: Suite, leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            let pair = |pair: &[Hash]| match pair {
                [left, right] => node(suite, left, right),
                [alone, ..] => *alone,
                [] => Hash([0; 32]),
            };
            let above = below.par_chunks(2).with_min_len(BLOCK).map(pair).collect();
            levels.push(above);
        }
        let root = levels.last().and_then(|level| level.first()).copied().unwrap_or_else(|| suite.hash(&[]));
        Self { levels, root }
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.root
    }

    /// The leaves.
    #[must_use]
    pub fn leaves(&self) -> &[Hash] {
        self.levels.first().map_or(&[], Vec::as_slice)
    }

    /// The audit path of a leaf: the neighbours on the way to the root, from below. `None` where there is no such leaf.
    #[must_use]
    pub fn path(&self, leaf: usize) -> Option<Vec<Hash>> {
        (leaf < self.leaves().len())
            .then(|| self.levels.iter().enumerate().filter_map(|(height, level)| level.get((leaf >> height) ^ 1).copied()).collect())
    }
}

/// The root that an audit path leads to; `None` where the path cannot be that of leaf `index` among `size` (RFC 9162, 2.1.3.2).
#[must_use]
pub fn root_from_path(suite: Suite, leaf: Hash, index: usize, size: usize, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for neighbour in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            hash = node(suite, neighbour, &hash);
            // A node without a neighbour goes up as it is.
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(suite, &hash, neighbour);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::super::hash::from_hex;
    use super::*;

    /// The data of the eight leaves of the reference tree of Certificate Transparency's own tests.
    const LEAVES: [&str; 8] = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    /// Its roots over the first 0, 1, … 8 of them.
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn leaves(suite: Suite, count: usize) -> Vec<Hash> {
        LEAVES.iter().take(count).map(|data| leaf(suite, &[&from_hex(data).unwrap()])).collect()
    }

    #[test]
    fn reference_roots() {
        for (count, root) in ROOTS.iter().enumerate() {
            assert_eq!(Tree::new(Suite::Sha256, leaves(Suite::Sha256, count)).root().to_string(), *root, "{count} leaves");
        }
    }

    /// The reference path of the sixth of eight leaves, and of the third of five.
    #[test]
    fn reference_paths() {
        let path = |count, at| {
            let path = Tree::new(Suite::Sha256, leaves(Suite::Sha256, count)).path(at).unwrap();
            path.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            path(8, 5),
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]
        );
        assert_eq!(
            path(5, 1),
            [
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ]
        );
    }

    /// RFC 6962, 2.1, as it is written: split after the largest power of two.
    fn as_the_rfc_says(suite: Suite, leaves: &[Hash]) -> Hash {
        match leaves {
            [] => suite.hash(&[]),
            [one] => *one,
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                node(suite, &as_the_rfc_says(suite, left), &as_the_rfc_says(suite, right))
            }
        }
    }

    #[test]
    fn every_size_has_the_shape_of_the_rfc_and_every_path_leads_to_the_root_of_its_own_place_only() {
        for suite in [Suite::Sha256, Suite::Sm3] {
            for count in 1..40_usize {
                let leaves: Vec<Hash> = (0..count).map(|i| leaf(suite, &[&i.to_be_bytes()])).collect();
                let tree = Tree::new(suite, leaves.clone());
                assert_eq!(tree.root(), as_the_rfc_says(suite, &leaves));
                for (at, leaf) in leaves.iter().enumerate() {
                    let path = tree.path(at).unwrap();
                    let reached = |index, size, path: &[Hash]| root_from_path(suite, *leaf, index, size, path) == Some(tree.root());
                    assert!(reached(at, count, &path), "{at} of {count}");
                    for other in (0..count).filter(|other| *other != at) {
                        assert!(!reached(other, count, &path), "{at} passes for {other} of {count}");
                    }
                    if let Some((_, shorter)) = path.split_last() {
                        assert!(!reached(at, count, shorter));
                    }
                    assert!(!reached(at, count, &[path.as_slice(), &[*leaf]].concat()));
                }
                assert_eq!(tree.path(count), None);
            }
        }
    }

    #[test]
    fn threads_do_not_change_it() {
        let leaves: Vec<Hash> = (0..20_001_u32).map(|i| leaf(Suite::Sha256, &[&i.to_be_bytes()])).collect();
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| Tree::new(Suite::Sha256, leaves.clone()).root())
        };
        assert_eq!(with(1), with(7));
        assert_eq!(with(1), as_the_rfc_says(Suite::Sha256, &leaves));
    }
}
