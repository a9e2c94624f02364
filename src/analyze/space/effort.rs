//! How much a question may take, and what it took: states, nodes, steps of work, bytes of memory.
//!
//! Work and memory are counted where they are spent, deep inside of what has no say in whether the search goes on. So
//! they are counted by thread, as a question is answered on one, and whoever goes through many things looks at the
//! count at each. So are all questions about one policy, as they come from places that know nothing of each other.

use std::cell::Cell;
use std::collections::BTreeSet;

/// How much a question may take before the answer is that it is not proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// States of the automata of all dimensions of texts.
    pub states: usize,
    /// Nodes of the search over combinations.
    pub nodes: usize,
    /// Steps of all that is gone through: a position of a pattern at a letter, a pair of sets of statements.
    pub steps: u64,
    /// Bytes of all that is kept, the prepared statements among it.
    pub bytes: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { states: 200_000, nodes: 200_000, steps: 80_000_000, bytes: 256 << 20 }
    }
}

impl Budget {
    /// One for a question that is one of many: a share of the usual one.
    pub const fn small(states: usize) -> Self {
        Budget { states, nodes: states, steps: 1_000 * states as u64, bytes: 32 << 20 }
    }
}

/// How many steps all questions about one policy may take together, those of a change of it among them.
const TOGETHER: u64 = 120_000_000;

/// What all questions about one policy may still take, wherever they are put.
#[derive(Debug)]
pub struct Purse(Cell<u64>);

impl Default for Purse {
    fn default() -> Self {
        Purse(Cell::new(TOGETHER))
    }
}

impl Purse {
    /// Does a part of the work on the policy. What is part of a larger one has the purse of that.
    pub fn spend<T>(&self, work: impl FnOnce() -> T) -> T {
        let _end = (TOTAL.get() == u64::MAX).then(|| {
            TOTAL.set(SPENT.get().steps.saturating_add(self.0.get()));
            End(self)
        });
        work()
    }
}

/// Does all of the work on a policy: see [`Purse`].
pub fn together<T>(work: impl FnOnce() -> T) -> T {
    Purse::default().spend(work)
}

/// Whether all questions about the policy of this thread are given up, so that none need be put any more.
pub fn is_spent() -> bool {
    SPENT.get().steps > TOTAL.get()
}

/// Ends a part of the work, also if it panics.
struct End<'p>(&'p Purse);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.0.set(TOTAL.replace(u64::MAX).saturating_sub(SPENT.get().steps));
    }
}

/// The search was given up: it would take more than the budget allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exhausted;

/// What was spent on this thread.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    steps: u64,
    bytes: u64,
}

impl Spent {
    fn since(self, start: Spent) -> Spent {
        Spent { steps: self.steps - start.steps, bytes: self.bytes - start.bytes }
    }

    fn and(self, other: Spent) -> Spent {
        Spent { steps: self.steps + other.steps, bytes: self.bytes + other.bytes }
    }
}

thread_local! {
    static SPENT: Cell<Spent> = const { Cell::new(Spent { steps: 0, bytes: 0 }) };
    /// Where every question has long been given up, so that what is still in the middle of something need not end it.
    static END: Cell<u64> = const { Cell::new(0) };
    /// Where all questions about the policy of this thread are given up.
    static TOTAL: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// Whether nobody will look at what is being worked out any more.
pub(super) fn is_over() -> bool {
    SPENT.get().steps > END.get()
}

/// Counts steps.
pub(super) fn step(steps: usize) {
    SPENT.set(SPENT.get().and(Spent { steps: steps as u64, bytes: 0 }));
}

/// Counts bytes that are kept until the question is answered.
pub(super) fn keep(bytes: usize) {
    SPENT.set(SPENT.get().and(Spent { steps: 0, bytes: bytes as u64 }));
}

/// Does work for all questions to come, which none of them is charged for.
pub(super) fn for_all<T>(work: impl FnOnce(&Effort) -> T) -> T {
    let before = SPENT.get();
    let done = work(&Effort::new(Budget::default()));
    SPENT.set(before);
    done
}

/// What a question took so far, and what was taken for granted.
#[derive(Clone, Debug)]
pub(super) struct Effort {
    pub budget: Budget,
    pub states: usize,
    pub nodes: usize,
    pub assumptions: BTreeSet<String>,
    /// Whether something was looked at more coarsely than it is.
    pub approximate: bool,
    /// What had been spent when the question was put.
    start: Spent,
    /// What the prepared statements hold as long as there are questions.
    held: u64,
}

impl Effort {
    pub fn new(budget: Budget) -> Self {
        let mut effort = Effort {
            budget,
            states: 0,
            nodes: 0,
            assumptions: BTreeSet::new(),
            approximate: false,
            start: SPENT.get(),
            held: 0,
        };
        effort.begin();
        effort
    }

    fn begin(&mut self) {
        self.start = SPENT.get();
        END.set(END.get().max(self.start.steps + 2 * self.budget.steps));
    }

    /// The same, with all that was taken for granted moved into it: there may be much of that.
    pub fn taken(&mut self) -> Self {
        let assumptions = std::mem::take(&mut self.assumptions);
        Effort { assumptions, ..self.clone() }
    }

    /// What was kept until now stays for all questions.
    pub fn prepared(&mut self) {
        self.held = SPENT.get().since(self.start).bytes;
        self.begin();
    }

    /// Another question has the whole budget again, within that of all.
    pub fn renew(&mut self) {
        (self.states, self.nodes) = (0, 0);
        self.begin();
    }

    /// Which part of the budget does not last.
    pub fn passed(&self) -> String {
        let spent = SPENT.get().since(self.start);
        let Budget { states, nodes, steps, bytes } = self.budget;
        if self.states > states {
            format!("{states} states")
        } else if self.nodes > nodes {
            format!("{nodes} nodes")
        } else if self.held + spent.bytes > bytes {
            format!("{} MiB", bytes >> 20)
        } else if spent.steps > steps {
            format!("{} million steps", steps / 1_000_000)
        } else {
            format!("{} million steps for all questions about a policy", TOGETHER / 1_000_000)
        }
    }

    /// Whether the budget lasts.
    pub fn check(&self) -> Result<(), Exhausted> {
        let spent = SPENT.get().since(self.start);
        let lasts = spent.steps <= self.budget.steps
            && SPENT.get().steps <= TOTAL.get()
            && self.held + spent.bytes <= self.budget.bytes
            && self.states <= self.budget.states
            && self.nodes <= self.budget.nodes;
        if lasts { Ok(()) } else { Err(Exhausted) }
    }

    pub fn state(&mut self) -> Result<(), Exhausted> {
        self.states += 1;
        self.check()
    }

    pub fn node(&mut self) -> Result<(), Exhausted> {
        self.nodes += 1;
        self.check()
    }

    pub fn note(&mut self, assumption: String) {
        self.assumptions.insert(assumption);
    }
}

/// What something has of memory besides its own size.
pub(super) trait Held {
    fn held(&self) -> usize;
}

impl Held for () {
    fn held(&self) -> usize {
        0
    }
}

impl<T> Held for &T {
    fn held(&self) -> usize {
        0
    }
}

impl Held for String {
    fn held(&self) -> usize {
        self.capacity()
    }
}

impl<T: Held> Held for Option<T> {
    fn held(&self) -> usize {
        self.as_ref().map_or(0, Held::held)
    }
}

impl<T: Held> Held for Vec<T> {
    fn held(&self) -> usize {
        self.capacity() * size_of::<T>() + self.iter().map(Held::held).sum::<usize>()
    }
}

impl<A: Held, B: Held> Held for (A, B) {
    fn held(&self) -> usize {
        self.0.held() + self.1.held()
    }
}

#[cfg(test)]
mod tests;
