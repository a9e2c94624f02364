//! What `Fn::Equals` compares, as far as it can be computed: texts with parameters in them.
//!
//! CloudFormation guide, "Condition functions": what may stand in a condition, and `Fn::FindInMap`, `Fn::Join`, `Fn::Sub`.

use super::conditions::{Formula, reference};
use super::{Template, is_doubtful};
use crate::parse::{Node, Value};
use crate::policy::marks;

/// A piece of a text that is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    /// The value of a parameter or pseudo parameter, by its name.
    Parameter(String),
    /// What a mapping of two levels has under two keys.
    Mapped(String, Vec<Piece>, Vec<Piece>),
}

/// A longer text is not computed.
const MOST_PIECES: usize = 64;

/// More values of parameters together are not tried for one comparison.
const MOST_VALUES: usize = 64;

impl Template {
    /// The pieces of a text in a condition; `None` if there is something in it that is not computed.
    pub(super) fn pieces(&self, node: &Node, text: &str) -> Option<Vec<Piece>> {
        let mut found = Vec::new();
        self.collect(node, text, &mut MOST_PIECES.clone(), &mut found)?;
        Some(found)
    }

    fn collect(&self, node: &Node, text: &str, left: &mut usize, found: &mut Vec<Piece>) -> Option<()> {
        *left = left.checked_sub(1)?;
        if let Some(known) = plain(node, text, &self.doubtful) {
            found.push(Piece::Text(known));
            return Some(());
        }
        let [member] = node.members() else { return None };
        match (&*member.key.text(text), member.value.items()) {
            ("Ref", []) => found.push(self.parameter_piece(&member.value.text(text)?)?),
            ("Fn::Sub", []) => self.substitute(&member.value, None, text, left, found)?,
            ("Fn::Sub", [format, names]) => self.substitute(format, Some(names), text, left, found)?,
            ("Fn::Join", [between, list]) => {
                let between = plain(between, text, &self.doubtful)?;
                let Value::Array(items) = &list.value else { return None };
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        found.push(Piece::Text(between.clone()));
                    }
                    self.collect(item, text, left, found)?;
                }
            }
            ("Fn::FindInMap", [mapping, first, second]) => {
                let mapping = plain(mapping, text, &self.doubtful)?;
                let (mut below, mut key) = (Vec::new(), Vec::new());
                self.collect(first, text, left, &mut below)?;
                self.collect(second, text, left, &mut key)?;
                found.push(Piece::Mapped(mapping, below, key));
            }
            _ => return None,
        }
        Some(())
    }

    /// The pieces of a text that `Fn::Sub` fills in.
    fn substitute(
        &self,
        format: &Node,
        names: Option<&Node>,
        text: &str,
        left: &mut usize,
        found: &mut Vec<Piece>,
    ) -> Option<()> {
        let format = format.text(text).filter(|_| !is_doubtful(format, &self.doubtful))?;
        let mut rest = &*format;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}')?;
            *left = left.checked_sub(1)?;
            found.push(Piece::Text(literal(before)?));
            match names.and_then(|names| names.get(text, name)) {
                Some(given) => self.collect(given, text, left, found)?,
                None => found.push(self.parameter_piece(name)?),
            }
            rest = after;
        }
        found.push(Piece::Text(literal(rest)?));
        Some(())
    }

    /// A parameter whose value is one text.
    fn parameter_piece(&self, name: &str) -> Option<Piece> {
        const PSEUDO: [&str; 6] = [
            "AWS::AccountId",
            "AWS::Partition",
            "AWS::Region",
            "AWS::StackId",
            "AWS::StackName",
            "AWS::URLSuffix",
        ];
        let is_text = self.parameters.get(name).map_or_else(|| PSEUDO.contains(&name), |one| !one.is_list);
        is_text.then(|| Piece::Parameter(name.to_owned()))
    }

    /// When two texts are the same; `None` if that is not known in terms of single parameters.
    pub(super) fn equal(&self, left: &[Piece], right: &[Piece]) -> Option<Formula> {
        // Two literals are a switch that somebody turns in the template.
        if left.iter().chain(right).all(|piece| matches!(piece, Piece::Text(_))) {
            return None;
        }
        if let Some(formula) = equal(left, right) {
            return Some(formula);
        }
        // In each setting of the parameters that are one of a few texts.
        let mut names = Vec::new();
        left.iter().chain(right).for_each(|piece| piece.name_parameters(&mut names));
        let mut settings: Vec<Vec<(&str, &str)>> = vec![Vec::new()];
        for name in names {
            let allowed = self.parameters.get(name).map_or(&[][..], |parameter| &parameter.allowed);
            if allowed.is_empty() {
                continue;
            }
            let values = || allowed.iter().map(|value| [(name, value.as_str())]);
            let with = |setting: Vec<_>| values().map(move |value| [&setting[..], &value].concat());
            settings = settings.into_iter().flat_map(with).collect();
            if settings.len() > MOST_VALUES {
                return None;
            }
        }
        let in_setting = |setting: &Vec<(&str, &str)>| {
            let is = |(name, value): &(&str, &str)| Formula::Is(reference(name), (*value).to_owned());
            let equal = equal(&self.set(left, setting)?, &self.set(right, setting)?)?;
            Some(Formula::All(setting.iter().map(is).chain([equal]).collect()))
        };
        settings.iter().map(in_setting).collect::<Option<_>>().map(Formula::Any)
    }

    /// The text in a setting of some parameters, without mappings.
    fn set(&self, pieces: &[Piece], setting: &[(&str, &str)]) -> Option<Vec<Piece>> {
        let set = |piece: &Piece| match piece {
            Piece::Parameter(name) => Some(match setting.iter().find(|(set, _)| set == name) {
                Some((_, value)) => Piece::Text((*value).to_owned()),
                None => piece.clone(),
            }),
            Piece::Mapped(mapping, below, key) => {
                let known = |pieces: &[Piece]| match affixed(&self.set(pieces, setting)?)? {
                    (text, None) => Some(text.0),
                    _ => None,
                };
                let texts = &self.mappings.get(mapping)?.texts;
                texts.get(&[known(below)?, known(key)?]).cloned().map(Piece::Text)
            }
            Piece::Text(_) => Some(piece.clone()),
        };
        pieces.iter().map(set).collect()
    }
}

impl Piece {
    fn name_parameters<'p>(&'p self, names: &mut Vec<&'p str>) {
        match self {
            Piece::Parameter(name) if !names.contains(&name.as_str()) => names.push(name),
            Piece::Mapped(_, below, key) => {
                below.iter().chain(key).for_each(|piece| piece.name_parameters(names));
            }
            Piece::Parameter(_) | Piece::Text(_) => {}
        }
    }
}

/// What stands before and after the one parameter of a text; a text without one is before it. `None` for more of them.
fn affixed(pieces: &[Piece]) -> Option<((String, String), Option<&str>)> {
    let (mut texts, mut parameter) = ((String::new(), String::new()), None);
    for piece in pieces {
        match piece {
            Piece::Text(text) if parameter.is_none() => texts.0.push_str(text),
            Piece::Text(text) => texts.1.push_str(text),
            Piece::Parameter(name) if parameter.is_none() => parameter = Some(name.as_str()),
            Piece::Parameter(_) | Piece::Mapped(..) => return None,
        }
    }
    Some((texts, parameter))
}

/// When two texts with one parameter each, or none, are the same.
fn equal(left: &[Piece], right: &[Piece]) -> Option<Formula> {
    let never = || Formula::Any(Vec::new());
    let is = |text: &str, (before, after): &(String, String), name: &str| {
        let middle = text.strip_prefix(before.as_str()).and_then(|rest| rest.strip_suffix(after.as_str()));
        middle.map_or_else(never, |middle| Formula::Is(reference(name), middle.to_owned()))
    };
    match (affixed(left)?, affixed(right)?) {
        ((left, None), (right, None)) if left == right => Some(Formula::All(Vec::new())),
        ((_, None), (_, None)) => Some(never()),
        ((text, None), (around, Some(name))) | ((around, Some(name)), (text, None)) => {
            Some(is(&text.0, &around, name))
        }
        ((left, Some(one)), (right, Some(other))) => {
            (left == right).then(|| Formula::Same(reference(one), reference(other)))
        }
    }
}

/// The text that a value in a condition is, if all readers agree on it and nothing is filled in.
pub(super) fn plain(node: &Node, text: &str, doubtful: &[u32]) -> Option<String> {
    match node.value {
        _ if is_doubtful(node, doubtful) => None,
        Value::Bool(_) | Value::Number => Some(node.span.slice(text).to_owned()),
        _ => literal(&node.text(text)?),
    }
}

/// A text, if no other tool fills anything in.
fn literal(text: &str) -> Option<String> {
    is_literal(text).then(|| text.to_owned())
}

/// Whether no other tool fills anything in a text.
pub(super) fn is_literal(text: &str) -> bool {
    marks::template(text).is_none()
}
