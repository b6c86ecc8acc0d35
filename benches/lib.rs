//! Nothing here: the benchmarks are in `benches/`, the comparison with peers in `peers/`.
