//! Running a condition over blocks of firms.

use super::program::{Arithmetic, Comparison, NO_TEXT, Program, Step, TextSet, TextSource};
use super::{Condition, FALSE, TRUE, UNKNOWN};
use crate::calendar::Day;
use crate::columns::{Bits, Codes, Column, Kind, Numbers, TextView, Texts, Values, view_bytes};
use std::ops::Range;

/// Firms per block: a few blocks of `f64` stay in the first-level cache.
const BLOCK: usize = 1024;

/// Buffers that one thread uses again and again; they grow to what the largest condition needs.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    numbers: Vec<f64>,
    truths: Vec<u8>,
    texts: Vec<u32>,
    dictionary: Vec<u8>,
}

impl Condition {
    /// The truth of the condition for each firm of `rows`, as [`FALSE`], [`UNKNOWN`] or [`TRUE`].
    ///
    /// `columns` are those of [`Condition::columns`], in that order; `truth[i]` is about firm `rows.start + i`.
    /// What is computed for a firm depends on that firm alone, so any division into `rows` gives the same truths.
    ///
    /// A column that is absent, too short or of another kind than [`Condition::kinds`] counts as missing where it
    /// has no value of that kind. Of `rows` and `truth`, the shorter one bounds what is written.
    pub fn evaluate(&self, columns: &[&Column<'_>], rows: Range<usize>, scratch: &mut Scratch, truth: &mut [u8]) {
        Blocks { program: &self.program, columns, as_of: f64::NAN }.truths(rows, scratch, truth);
    }

    /// As [`evaluate`](Self::evaluate), for a condition on records, in which `as_of` may stand.
    pub fn evaluate_as_of(&self, columns: &[&Column<'_>], as_of: Day, rows: Range<usize>, scratch: &mut Scratch, truth: &mut [u8]) {
        Blocks { program: &self.program, columns, as_of: f64::from(as_of.days()) }.truths(rows, scratch, truth);
    }
}

/// A program and what it runs over.
pub(super) struct Blocks<'b, 'c> {
    pub program: &'b Program,
    pub columns: &'b [&'b Column<'c>],
    /// The as-of day; NaN where there is none.
    pub as_of: f64,
}

impl Blocks<'_, '_> {
    pub fn numbers(&self, rows: Range<usize>, scratch: &mut Scratch, to: &mut [f64]) {
        self.run(rows, scratch, to, |stacks, to| copy(stacks.numbers.top(), to));
    }

    pub fn truths(&self, rows: Range<usize>, scratch: &mut Scratch, to: &mut [u8]) {
        self.run(rows, scratch, to, |stacks, to| copy(stacks.truths.top(), to));
    }

    pub fn texts(&self, rows: Range<usize>, scratch: &mut Scratch, to: &mut [u32]) {
        self.run(rows, scratch, to, |stacks, to| copy(stacks.texts.top(), to));
    }

    fn run<T>(&self, rows: Range<usize>, scratch: &mut Scratch, to: &mut [T], take: impl Fn(&mut Stacks<'_>, &mut [T])) {
        let width = rows.len().min(to.len()).min(BLOCK);
        let [numbers, truths, texts] = self.program.depths;
        scratch.numbers.resize(scratch.numbers.len().max(numbers * width), 0.0);
        scratch.truths.resize(scratch.truths.len().max(truths * width), UNKNOWN);
        scratch.texts.resize(scratch.texts.len().max(texts * width), NO_TEXT);
        let Scratch { numbers, truths, texts, dictionary } = scratch;
        for (block, to) in to.chunks_mut(BLOCK).take(rows.len().div_ceil(BLOCK)).enumerate() {
            let start = rows.start + block * BLOCK;
            let end = rows.end.min(start + to.len());
            let len = end - start;
            let mut stacks = Stacks {
                numbers: Stack { blocks: numbers, width, len, depth: 0 },
                truths: Stack { blocks: truths, width, len, depth: 0 },
                texts: Stack { blocks: texts, width, len, depth: 0 },
            };
            run(self, start..end, &mut stacks, dictionary);
            take(&mut stacks, to);
        }
    }

    /// The bytes of the text that comes from a source.
    fn bytes(&self, source: u32, row: usize) -> &[u8] {
        match self.program.sources.get(source as usize) {
            Some(TextSource::Literal(text)) => text.as_bytes(),
            Some(TextSource::Column(column)) => match self.columns.get(*column).map(|column| &column.values) {
                Some(Values::Text(texts)) => texts.bytes(row),
                _ => &[],
            },
            None => &[],
        }
    }

    /// Fills a block of texts from a source, missing where the column has none.
    fn text(&self, source: u32, rows: &Range<usize>, to: &mut [u32]) {
        to.fill(source);
        if let Some(TextSource::Column(column)) = self.program.sources.get(source as usize) {
            let Some(Column { values: Values::Text(texts), validity }) = self.columns.get(*column).copied() else {
                return to.fill(NO_TEXT);
            };
            let (there, beyond) = to.split_at_mut_checked(clip(rows, texts.len()).len()).unwrap_or_default();
            mask(*validity, rows.start, there, NO_TEXT);
            beyond.fill(NO_TEXT);
        }
    }

    /// Compares two texts of a row by their sources; `None` where one is missing.
    fn equal(&self, left: u32, right: u32, row: usize) -> Option<bool> {
        (left != NO_TEXT && right != NO_TEXT).then(|| left == right || self.bytes(left, row) == self.bytes(right, row))
    }
}

/// The stacks of a program.
struct Stacks<'s> {
    numbers: Stack<'s, f64>,
    truths: Stack<'s, u8>,
    texts: Stack<'s, u32>,
}

/// A stack of blocks in one buffer.
struct Stack<'s, T> {
    blocks: &'s mut [T],
    /// Values between the beginnings of two blocks.
    width: usize,
    /// Values in use in each block.
    len: usize,
    depth: usize,
}

// INVARIANT: `Program::depths` blocks have been made and the compiler emits balanced steps; were it not so, blocks
// would come back empty rather than panic.
impl<T: Copy> Stack<'_, T> {
    /// A new block on the top, its values whatever was there.
    fn push(&mut self) -> &mut [T] {
        self.depth += 1;
        self.top()
    }

    fn top(&mut self) -> &mut [T] {
        self.pair().1
    }

    /// Takes the top away: the new top to change and the old one to read.
    fn pop(&mut self) -> (&mut [T], &[T]) {
        self.depth = self.depth.saturating_sub(1);
        let Self { width, len, depth, .. } = *self;
        let (below, above) = self.blocks.split_at_mut_checked(depth * width).unwrap_or_default();
        let below = below.get_mut(depth.saturating_sub(1) * width..).and_then(|b| b.get_mut(..len));
        (below.unwrap_or_default(), above.get(..len).unwrap_or_default())
    }

    /// The block below the top, and the top.
    fn pair(&mut self) -> (&[T], &mut [T]) {
        let Self { width, len, depth, .. } = *self;
        let at = depth.saturating_sub(1);
        let (below, above) = self.blocks.split_at_mut_checked(at * width).unwrap_or_default();
        let below = below.get(at.saturating_sub(1) * width..).and_then(|b| b.get(..len));
        (below.unwrap_or_default(), above.get_mut(..len).unwrap_or_default())
    }

    /// Takes `count` blocks away.
    fn drop(&mut self, count: usize) {
        self.depth = self.depth.saturating_sub(count);
    }

    /// Changes every value of the top.
    fn map(&mut self, f: impl Fn(T) -> T) {
        for value in self.top() {
            *value = f(*value);
        }
    }

    /// Replaces the two upper blocks by what `f` makes of them.
    fn fold(&mut self, f: impl Fn(T, T) -> T) {
        let (left, right) = self.pop();
        for (left, right) in left.iter_mut().zip(right) {
            *left = f(*left, *right);
        }
    }
}

fn run(blocks: &Blocks<'_, '_>, rows: Range<usize>, stacks: &mut Stacks<'_>, dictionary: &mut Vec<u8>) {
    let Stacks { numbers, truths, texts } = stacks;
    let columns = blocks.columns;
    for step in &blocks.program.steps {
        match step {
            Step::NumberColumn(column) => load_numbers(columns.get(*column).copied(), rows.clone(), numbers.push()),
            Step::Literal(number) => numbers.push().fill(*number),
            Step::Duplicate => {
                numbers.push();
                let (below, top) = numbers.pair();
                copy(below, top);
            }
            Step::Negate => numbers.map(|x| -x),
            Step::Arithmetic(Arithmetic::Add) => numbers.fold(|a, b| finite(a + b)),
            Step::Arithmetic(Arithmetic::Subtract) => numbers.fold(|a, b| finite(a - b)),
            Step::Arithmetic(Arithmetic::Multiply) => numbers.fold(|a, b| finite(a * b)),
            Step::Arithmetic(Arithmetic::Divide) => numbers.fold(|a, b| finite(a / b)),
            Step::Compare(comparison) => {
                let (left, right) = numbers.pair();
                compare(*comparison, left, right.iter().copied(), truths.push());
                numbers.drop(2);
            }
            Step::CompareLiteral(comparison, number) => {
                compare(*comparison, numbers.top(), std::iter::repeat(*number), truths.push());
                numbers.drop(1);
            }
            Step::NumberIn(list) => {
                each(numbers.top(), truths.push(), |x| if x.is_nan() { UNKNOWN } else { known(number_in(list, x)) });
                numbers.drop(1);
            }
            Step::NumberMissing => {
                each(numbers.top(), truths.push(), |x| known(x.is_nan()));
                numbers.drop(1);
            }
            Step::TextIn(column, set) => {
                text_in(columns.get(*column).copied(), set, rows.clone(), dictionary, truths.push());
            }
            Step::TextEqual(left, right) => {
                let pair = (columns.get(*left).copied(), columns.get(*right).copied());
                text_equal(pair, rows.clone(), truths.push());
            }
            Step::TextMissing(column) => text_missing(columns.get(*column).copied(), rows.clone(), truths.push()),
            Step::FlagColumn(column) => load_flags(columns.get(*column).copied(), rows.clone(), truths.push()),
            Step::Constant(truth) => truths.push().fill(*truth),
            Step::Is(truth) => truths.map(|t| known(t == *truth)),
            Step::Not => truths.map(|t| TRUE - t),
            Step::And => truths.fold(u8::min),
            Step::Or => truths.fold(u8::max),
            Step::Same => truths.fold(|a, b| if a == UNKNOWN || b == UNKNOWN { UNKNOWN } else { known(a == b) }),
            Step::AsOf => numbers.push().fill(blocks.as_of),
            Step::Abs => numbers.map(f64::abs),
            Step::Round(decimals) => {
                let scale = 10_f64.powi(i32::from(*decimals));
                // A number too large to be scaled has no decimals.
                numbers.map(|x| if (x * scale).is_finite() { (x * scale).round() / scale } else { x });
            }
            Step::Least => numbers.fold(|a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }),
            Step::Greatest => numbers.fold(|a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }),
            Step::MonthsBetween(months) => numbers.fold(|a, b| months_between(a, b, *months)),
            Step::Gap => numbers.fold(|a, b| if a == b { 0.0 } else { (a - b).abs() / a.abs().max(b.abs()) }),
            Step::Missing(Kind::Number) => numbers.push().fill(f64::NAN),
            Step::Missing(Kind::Flag) => truths.push().fill(UNKNOWN),
            Step::Missing(Kind::Text) => texts.push().fill(NO_TEXT),
            Step::Coalesce(Kind::Number) => numbers.fold(|a, b| if a.is_nan() { b } else { a }),
            Step::Coalesce(Kind::Flag) => truths.fold(|a, b| if a == UNKNOWN { b } else { a }),
            Step::Coalesce(Kind::Text) => texts.fold(|a, b| if a == NO_TEXT { b } else { a }),
            Step::NullIf(Kind::Number) => numbers.fold(|a, b| if a == b { f64::NAN } else { a }),
            Step::NullIf(Kind::Flag) => truths.fold(|a, b| if a == b { UNKNOWN } else { a }),
            Step::NullIf(Kind::Text) => {
                let (left, right) = texts.pop();
                for ((left, right), row) in left.iter_mut().zip(right).zip(rows.clone()) {
                    if blocks.equal(*left, *right, row) == Some(true) {
                        *left = NO_TEXT;
                    }
                }
            }
            Step::Choose(Kind::Number) => choose(numbers, truths),
            Step::Choose(Kind::Text) => choose(texts, truths),
            Step::Choose(Kind::Flag) => {
                truths.fold(|condition, chosen| if condition == TRUE { chosen } else { PASS });
                truths.fold(|otherwise, chosen| if chosen == PASS { otherwise } else { chosen });
            }
            Step::Text(source) => blocks.text(*source, &rows, texts.push()),
            Step::DuplicateText => {
                texts.push();
                let (below, top) = texts.pair();
                copy(below, top);
            }
            Step::TextSame => {
                let (left, right) = texts.pair();
                for (((truth, left), right), row) in truths.push().iter_mut().zip(left).zip(right).zip(rows.clone()) {
                    *truth = blocks.equal(*left, *right, row).map_or(UNKNOWN, known);
                }
                texts.drop(2);
            }
            Step::TextAmong(set) => {
                for ((truth, text), row) in truths.push().iter_mut().zip(texts.top()).zip(rows.clone()) {
                    *truth = if *text == NO_TEXT { UNKNOWN } else { known(set.contains(blocks.bytes(*text, row))) };
                }
                texts.drop(1);
            }
            Step::NoText => {
                each(texts.top(), truths.push(), |text| known(text == NO_TEXT));
                texts.drop(1);
            }
        }
    }
}

/// No truth: a condition of `CASE` that is not TRUE lets what stands below pass.
const PASS: u8 = u8::MAX;

/// Puts the top in the place of the value below it where the truth on top is TRUE.
fn choose<T: Copy>(values: &mut Stack<'_, T>, truths: &mut Stack<'_, u8>) {
    let (otherwise, chosen) = values.pop();
    for ((otherwise, chosen), truth) in otherwise.iter_mut().zip(chosen).zip(truths.top()) {
        if *truth == TRUE {
            *otherwise = *chosen;
        }
    }
    truths.drop(1);
}

/// Whole stretches of `months` months from day `a` to day `b`; missing where one is not a day of the calendar.
fn months_between(a: f64, b: f64, months: i32) -> f64 {
    let day = |x: f64| if x.is_nan() { None } else { Day::new(x.floor() as i32) };
    match (day(a), day(b)) {
        (Some(a), Some(b)) => f64::from(a.months_until(b) / months),
        _ => f64::NAN,
    }
}

fn known(truth: bool) -> u8 {
    if truth { TRUE } else { FALSE }
}

fn finite(x: f64) -> f64 {
    if x.is_finite() { x } else { f64::NAN }
}

fn copy<T: Copy>(from: &[T], to: &mut [T]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

fn each<T: Copy>(values: &[T], truth: &mut [u8], f: impl Fn(T) -> u8) {
    for (truth, value) in truth.iter_mut().zip(values) {
        *truth = f(*value);
    }
}

fn compare(comparison: Comparison, left: &[f64], right: impl Iterator<Item = f64>, truth: &mut [u8]) {
    #[inline]
    fn with(left: &[f64], right: impl Iterator<Item = f64>, truth: &mut [u8], f: impl Fn(f64, f64) -> bool) {
        for ((truth, a), b) in truth.iter_mut().zip(left).zip(right) {
            // Every `f` is false beside a NaN, so this is TRUE, FALSE or UNKNOWN without a branch.
            *truth = u8::from(f(*a, b)) * TRUE + u8::from(a.is_nan() | b.is_nan()) * UNKNOWN;
        }
    }
    match comparison {
        Comparison::Equal => with(left, right, truth, |a, b| a == b),
        // Not `a != b`, which is true beside a NaN.
        Comparison::Unequal => with(left, right, truth, |a, b| (a < b) | (a > b)),
        Comparison::Less => with(left, right, truth, |a, b| a < b),
        Comparison::LessOrEqual => with(left, right, truth, |a, b| a <= b),
        Comparison::Greater => with(left, right, truth, |a, b| a > b),
        Comparison::GreaterOrEqual => with(left, right, truth, |a, b| a >= b),
    }
}

fn number_in(list: &[f64], x: f64) -> bool {
    // −0 and 0 are equal, so the order by which the list is searched must not part them.
    list.binary_search_by(|probe| probe.partial_cmp(&x).unwrap_or(std::cmp::Ordering::Less)).is_ok()
}

/// The part of `rows` that a column of `len` firms has.
fn clip(rows: &Range<usize>, len: usize) -> Range<usize> {
    rows.start.min(len)..rows.end.min(len)
}

/// Writes `missing` where the validity bit of a firm is clear.
fn mask<T: Copy>(validity: Option<Bits<'_>>, start: usize, to: &mut [T], missing: T) {
    let Some(bits) = validity else { return };
    for (word, chunk) in to.chunks_mut(64).enumerate() {
        let valid = bits.word(start + word * 64);
        if valid == u64::MAX {
            continue;
        }
        for (bit, value) in chunk.iter_mut().enumerate() {
            if valid >> bit & 1 == 0 {
                *value = missing;
            }
        }
    }
}

fn load_numbers(column: Option<&Column<'_>>, rows: Range<usize>, to: &mut [f64]) {
    let Some(Column { values: Values::Number(values), validity }) = column else { return to.fill(f64::NAN) };
    let part = clip(&rows, values.len());
    let (there, beyond) = to.split_at_mut_checked(part.len()).unwrap_or_default();
    if let Numbers::F64(values) = values {
        copy(values.get(part).unwrap_or_default(), there);
    } else {
        values.block(part, there);
    }
    mask(*validity, rows.start, there, f64::NAN);
    beyond.fill(f64::NAN);
}

fn load_flags(column: Option<&Column<'_>>, rows: Range<usize>, to: &mut [u8]) {
    let Some(Column { values: Values::Flag(bits), validity }) = column else { return to.fill(UNKNOWN) };
    let (there, beyond) = to.split_at_mut_checked(clip(&rows, bits.len()).len()).unwrap_or_default();
    for (word, chunk) in there.chunks_mut(64).enumerate() {
        let flags = bits.word(rows.start + word * 64);
        for (bit, truth) in chunk.iter_mut().enumerate() {
            *truth = (flags >> bit & 1) as u8 * TRUE;
        }
    }
    mask(*validity, rows.start, there, UNKNOWN);
    beyond.fill(UNKNOWN);
}

fn text_in(column: Option<&Column<'_>>, set: &TextSet, rows: Range<usize>, dictionary: &mut Vec<u8>, to: &mut [u8]) {
    let Some(Column { values: Values::Text(texts), validity }) = column else { return to.fill(UNKNOWN) };
    let part = clip(&rows, texts.len());
    let (there, beyond) = to.split_at_mut_checked(part.len()).unwrap_or_default();
    beyond.fill(UNKNOWN);
    match texts {
        // One truth per word of the dictionary, unless there are more words than firms.
        Texts::Coded { codes, values } if values.len() <= there.len() => {
            dictionary.clear();
            dictionary.extend(values.iter().map(|value| known(set.contains(value.as_bytes()))));
            // A code that points nowhere is an empty text, as in `Texts::bytes`.
            let nowhere = known(set.contains(b""));
            let look = |code: usize| dictionary.get(code).copied().unwrap_or(nowhere);
            match codes {
                Codes::U8(codes) => each(codes.get(part).unwrap_or_default(), there, |code| look(usize::from(code))),
                Codes::U16(codes) => each(codes.get(part).unwrap_or_default(), there, |code| look(usize::from(code))),
                Codes::U32(codes) => each(codes.get(part).unwrap_or_default(), there, |code| look(code as usize)),
            }
        }
        Texts::Coded { .. } => {
            for (truth, row) in there.iter_mut().zip(part) {
                *truth = known(set.contains(texts.bytes(row)));
            }
        }
        Texts::Views { views, buffers } => {
            each(views.get(part).unwrap_or_default(), there, |view| {
                known(if view.length as usize <= TextView::INLINE {
                    set.contains_inline(view.as_u128())
                } else {
                    set.has_long() && set.contains(view_bytes(&view, buffers))
                })
            });
        }
        Texts::Strings(texts) => {
            each(texts.get(part).unwrap_or_default(), there, |text| known(set.contains(text.as_bytes())));
        }
    }
    mask(*validity, rows.start, there, UNKNOWN);
}

fn text_equal(pair: (Option<&Column<'_>>, Option<&Column<'_>>), rows: Range<usize>, to: &mut [u8]) {
    let (Some(left), Some(right)) = pair else { return to.fill(UNKNOWN) };
    let (Values::Text(a), Values::Text(b)) = (&left.values, &right.values) else { return to.fill(UNKNOWN) };
    let part = clip(&rows, a.len().min(b.len()));
    let (there, beyond) = to.split_at_mut_checked(part.len()).unwrap_or_default();
    for (truth, row) in there.iter_mut().zip(part) {
        *truth = known(a.bytes(row) == b.bytes(row));
    }
    mask(left.validity, rows.start, there, UNKNOWN);
    mask(right.validity, rows.start, there, UNKNOWN);
    beyond.fill(UNKNOWN);
}

fn text_missing(column: Option<&Column<'_>>, rows: Range<usize>, to: &mut [u8]) {
    let Some(Column { values: Values::Text(texts), validity }) = column else { return to.fill(TRUE) };
    let (there, beyond) = to.split_at_mut_checked(clip(&rows, texts.len()).len()).unwrap_or_default();
    there.fill(FALSE);
    mask(*validity, rows.start, there, TRUE);
    beyond.fill(TRUE);
}
