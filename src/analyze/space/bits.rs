//! Sets of statements, and the classes of a dimension: which statements accept a coordinate.

use super::effort::{Effort, Exhausted, Held, keep, step};

/// A set of small numbers. The first 64 need no memory of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Bits {
    first: u64,
    rest: Vec<u64>,
}

impl Bits {
    /// The empty set with room for `size` numbers.
    pub fn none(size: usize) -> Self {
        Bits { first: 0, rest: vec![0; size.saturating_sub(1) / 64] }
    }

    /// All numbers below `size`.
    pub fn all(size: usize) -> Self {
        let mut bits = Bits::none(size);
        (0..size).for_each(|at| bits.insert(at));
        bits
    }

    pub fn insert(&mut self, at: usize) {
        match at / 64 {
            0 => self.first |= 1 << at,
            block => {
                if let Some(bits) = self.rest.get_mut(block - 1) {
                    *bits |= 1 << (at % 64);
                }
            }
        }
    }

    pub fn contains(&self, at: usize) -> bool {
        let block = match at / 64 {
            0 => self.first,
            block => self.rest.get(block - 1).copied().unwrap_or(0),
        };
        block & (1 << (at % 64)) != 0
    }

    pub fn is_empty(&self) -> bool {
        self.first == 0 && self.rest.iter().all(|block| *block == 0)
    }

    /// Whether all of these are in `other` too.
    pub fn is_within(&self, other: &Bits) -> bool {
        self.first & !other.first == 0 && self.rest.iter().zip(&other.rest).all(|(a, b)| a & !b == 0)
    }

    pub fn meets(&self, other: &Bits) -> bool {
        self.first & other.first != 0 || self.rest.iter().zip(&other.rest).any(|(a, b)| a & b != 0)
    }

    pub fn and(&self, other: &Bits) -> Bits {
        let rest = self.rest.iter().zip(&other.rest).map(|(a, b)| a & b).collect();
        Bits { first: self.first & other.first, rest }
    }

    pub fn or(&self, other: &Bits) -> Bits {
        let rest = self.rest.iter().zip(&other.rest).map(|(a, b)| a | b).collect();
        Bits { first: self.first | other.first, rest }
    }
}

impl Held for Bits {
    fn held(&self) -> usize {
        self.rest.len() * size_of::<u64>()
    }
}

/// The sets of statements that the coordinates of one dimension are in, with one coordinate each.
///
/// What is looked for is a coordinate that as few as possible of the covering statements accept, so
/// a set that includes another one is left out, unless `every` asks for all of them.
#[derive(Clone, Debug)]
pub(super) struct Classes<T> {
    pub items: Vec<(Bits, T)>,
    every: bool,
}

impl<T: Held> Classes<T> {
    /// Keeps the smallest sets only.
    pub fn smallest() -> Self {
        Classes { items: Vec::new(), every: false }
    }

    /// A single set.
    pub fn one(bits: Bits, at: T) -> Self {
        Classes { items: vec![(bits, at)], every: false }
    }

    /// Keeps every set.
    pub fn every() -> Self {
        Classes { items: Vec::new(), every: true }
    }

    /// Takes up a set, unless it has nothing new. Of equal ones the first stays.
    pub fn add(&mut self, bits: Bits, at: impl FnOnce() -> T) {
        if self.every {
            step(1 + self.items.len());
            if !self.items.iter().any(|(known, _)| *known == bits) {
                self.push(bits, at());
            }
            return;
        }
        if !self.has_within(&bits) {
            self.items.retain(|(known, _)| !bits.is_within(known));
            self.push(bits, at());
        }
    }

    fn push(&mut self, bits: Bits, at: T) {
        keep(size_of::<(Bits, T)>() + bits.held() + at.held());
        self.items.push((bits, at));
    }

    /// Whether nothing that may come can be added.
    pub fn is_settled(&self) -> bool {
        !self.every && self.items.first().is_some_and(|(bits, _)| bits.is_empty())
    }

    /// Whether a set that includes `bits` has nothing new.
    pub fn has_within(&self, bits: &Bits) -> bool {
        step(1 + self.items.len());
        !self.every && self.items.iter().any(|(known, _)| known.is_within(bits))
    }

    /// Every pair of one of these and one of those, joined by *and*.
    pub fn product<U: Clone, V: Held>(
        &self,
        other: &Classes<U>,
        effort: &Effort,
        join: impl Fn(&T, &U) -> V,
    ) -> Result<Classes<V>, Exhausted> {
        let mut product = Classes { items: Vec::new(), every: self.every };
        for (bits, at) in &self.items {
            for (others, with) in &other.items {
                effort.check()?;
                product.add(bits.and(others), || join(at, with));
            }
        }
        Ok(product)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(size: usize, members: &[usize]) -> Bits {
        let mut bits = Bits::none(size);
        members.iter().for_each(|at| bits.insert(*at));
        bits
    }

    #[test]
    fn sets_of_any_size() {
        for size in [1, 64, 65, 200] {
            let last = size - 1;
            let (all, one) = (Bits::all(size), bits(size, &[last]));
            assert!(one.contains(last) && one.is_within(&all) && one.meets(&all));
            assert_eq!(all.and(&one), one);
            assert_eq!(all.or(&one), all);
            assert!(Bits::none(size).is_empty() && Bits::none(size).is_within(&one) && !one.is_empty());
        }
    }

    #[test]
    fn the_smallest_sets_stay() {
        let mut classes = Classes::smallest();
        for members in [&[1, 2][..], &[1, 2, 3], &[1], &[2, 3]] {
            classes.add(bits(4, members), || format!("{members:?}"));
        }
        assert_eq!(
            classes.items,
            [(bits(4, &[1]), "[1]".to_owned()), (bits(4, &[2, 3]), "[2, 3]".to_owned())]
        );
        assert!(!classes.is_settled());
        classes.add(Bits::none(4), String::new);
        assert!(classes.is_settled() && classes.items.len() == 1);
    }
}
