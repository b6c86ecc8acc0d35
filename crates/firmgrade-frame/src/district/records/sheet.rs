//! Events of all firms → the columns of one table.

use super::super::draw::mix;
use super::super::firm::{Firm, Group};
use super::super::{Column, Values, uscc};
use super::History;
use super::event::Event;
use rayon::prelude::*;

/// Numbers of firms that are registered elsewhere begin here: no register reaches it.
const ELSEWHERE: u64 = 500_000_000;

/// The codes of firms here and of their namesakes elsewhere.
pub(super) struct Codes<'f> {
    firms: &'f [Firm],
    seed_key: u64,
    here: Vec<String>,
}

impl<'f> Codes<'f> {
    pub fn new(firms: &'f [Firm], seed_key: u64) -> Self {
        let here = firms.par_iter().map(|firm| uscc::code(seed_key, firm.number, firm.before_reform())).collect();
        Self { firms, seed_key, here }
    }

    fn of(&self, place: u32, elsewhere: bool) -> Option<String> {
        let firm = self.firms.get(place as usize)?;
        if elsewhere {
            let number = ELSEWHERE + mix(firm.key) % (ELSEWHERE / 2);
            return Some(uscc::code(self.seed_key, number, false));
        }
        self.here.get(place as usize).cloned()
    }
}

/// One row: the firm's place in the register, and the event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<T> {
    place: u32,
    pub event: Event<T>,
}

/// The rows of one table in their order.
pub(super) struct Sheet<'c, T> {
    codes: &'c Codes<'c>,
    pub rows: Vec<Row<T>>,
}

impl<'c, T: Copy + Send + Sync> Sheet<'c, T> {
    /// The events that `pick` takes from each firm's history, sorted by day; equal days keep the order of firms and of drawing.
    pub fn new(codes: &'c Codes<'c>, histories: &[History], pick: impl Fn(&History) -> &[Event<T>] + Sync) -> Self {
        let rows = histories
            .par_iter()
            .enumerate()
            .flat_map_iter(|(place, history)| pick(history).iter().map(move |event| Row { place: place as u32, event: *event }));
        let mut rows: Vec<Row<T>> = rows.collect();
        rows.par_sort_by_key(|row| row.event.day.unwrap_or(i32::MAX));
        Self { codes, rows }
    }

    /// These rows alone.
    pub fn only(&self, keep: impl Fn(&Event<T>) -> bool) -> Self {
        Self { codes: self.codes, rows: self.rows.iter().filter(|row| keep(&row.event)).copied().collect() }
    }

    fn each<V: Send>(&self, value: impl Fn(&T) -> V + Sync) -> Vec<V> {
        self.rows.par_iter().map(|row| value(&row.event.what)).collect()
    }

    /// The firm's code and the day.
    pub fn head(&self, group: Group, day: &'static str, title: &'static str) -> Vec<Column> {
        let codes = self.rows.par_iter().map(|row| self.codes.of(row.place, row.event.elsewhere)).collect();
        let days = self.rows.par_iter().map(|row| row.event.day).collect();
        vec![
            Column { name: "uscc", title: "统一社会信用代码", group, values: Values::Text(codes) },
            Column { name: day, title, group, values: Values::Day(days) },
        ]
    }

    /// Days.
    pub fn days(&self, value: impl Fn(&T) -> Option<i32> + Sync) -> Values {
        Values::Day(self.each(value))
    }

    /// Texts of a list.
    pub fn coded(&self, values: &'static [&'static str], value: impl Fn(&T) -> Option<u16> + Sync) -> Values {
        Values::Coded { codes: self.each(value), values }
    }

    /// Numbers.
    pub fn numbers(&self, value: impl Fn(&T) -> Option<f64> + Sync) -> Values {
        Values::Number(self.each(value))
    }

    /// Whole numbers.
    pub fn whole(&self, value: impl Fn(&T) -> Option<i64> + Sync) -> Values {
        Values::Whole(self.each(value))
    }
}
