//! Whether a policy can do without one of its statements.

use super::{Answer, Comparison, Engine, Notion, Space};
use crate::analyze::replay::is_readable;
use crate::policy::Statement;

impl Engine<'_> {
    /// Whether all that a statement says is known, so that it can be compared.
    pub fn reads(&self, statement: &Statement) -> bool {
        is_readable(statement, self.scope.kind)
    }

    /// Whether a policy with the statements `by` allows and denies the same without `statement`. What is
    /// denied anyway need not be allowed either, so an Allow may be covered by both effects.
    ///
    /// An Allow must be granted as directly as by itself. That is the stricter of the two notions: who is
    /// granted something directly has it, and an entry for an account is only covered by one for all of it.
    pub fn spared(&self, statement: &Statement, by: &[&Statement]) -> Comparison {
        let engine = Engine { shows: false, ..*self };
        let mut space = Space::new(&engine, &[statement], by);
        let answer = space.covers(0, &counting(statement, by), Notion::Direct);
        space.comparison(answer)
    }

    /// The same of several statements, one after the other, as long as they are covered and `steps` last.
    pub fn all_spared(&self, statements: &[&Statement], by: &[&Statement], steps: &mut usize) -> Answer {
        let engine = Engine { shows: false, ..*self };
        let mut space = Space::new(&engine, statements, by);
        for (at, statement) in statements.iter().enumerate() {
            space.effort.renew();
            let sides = counting(statement, by);
            let answer = space.covers(at, &sides, Notion::Direct);
            let took = sides.len() + space.effort.nodes + space.effort.states * (1 + sides.len());
            match steps.checked_sub(took) {
                _ if answer != Answer::Covered => return answer,
                None => return Answer::NotProved("so large a change takes too long to be proved".to_owned()),
                Some(left) => *steps = left,
            }
        }
        Answer::Covered
    }

    /// Which of `by` it takes to spare a statement, by place, after [`spared`](Self::spared) found that
    /// they do: one alone if there is such, else none that can be left out. None, if no request matches the
    /// statement. Of one on which no policy decides, which of its own effect say the same.
    pub fn sparing(&self, statement: &Statement, by: &[&Statement]) -> Vec<usize> {
        let engine = Engine { shows: false, ..*self };
        let mut space = Space::new(&engine, &[statement], by);
        let mut sides = counting(statement, by);
        let covers = |space: &mut Space<'_, '_>, sides: &[usize]| {
            space.effort.renew();
            space.covers(0, sides, Notion::Direct) == Answer::Covered
        };
        if covers(&mut space, &[]) {
            if self.decided.is_none() {
                return Vec::new();
            }
            let own: Vec<usize> = sides.into_iter().filter(|at| by[*at].effect == statement.effect).collect();
            let by: Vec<&Statement> = own.iter().map(|at| by[*at]).collect();
            let literal = Engine { decided: None, ..engine };
            let is_spared = literal.spared(statement, &by).answer == Answer::Covered;
            let sparing = if is_spared { literal.sparing(statement, &by) } else { Vec::new() };
            return sparing.into_iter().map(|at| own[at]).collect();
        }
        let same = |at: &&usize| by[**at].effect == statement.effect;
        let one = sides.iter().filter(same).chain(sides.iter().filter(|at| !same(at)));
        if let Some(at) = one.copied().find(|at| covers(&mut space, &[*at])) {
            return vec![at];
        }
        for at in sides.clone().into_iter().rev() {
            let rest: Vec<usize> = sides.iter().copied().filter(|side| *side != at).collect();
            if covers(&mut space, &rest) {
                sides = rest;
            }
        }
        sides
    }
}

/// The places of those that can cover something of a statement.
fn counting(statement: &Statement, by: &[&Statement]) -> Vec<usize> {
    (0..by.len()).filter(|at| by[*at].effect == statement.effect || by[*at].denies()).collect()
}
