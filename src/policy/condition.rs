//! Tests on the request's context: operator, key, values.

use super::element::{Place, Value, Values, is_function_name, is_intrinsic};
use super::hole::{Hole, HolePlace};
use super::{Reader, marks};
use crate::diagnostic::Diagnostic;
use crate::parse::{Node, Value as Json};
use crate::span::Span;

/// One test: the context key under the operator against the values. Tests of a statement are joined
/// by *and*; values by *or*, or by *nor* where the operator is negated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// How they are compared.
    pub operator: Operator,
    /// The operator's name.
    pub operator_span: Span,
    /// The context key, as written. Case has no meaning.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// What the key is compared with.
    pub values: Values,
    /// Whether the key itself is not known, as it has a placeholder in it.
    pub unknown_key: bool,
}

impl Test {
    /// A test that no policy has: a key compared with some texts, by an operator without prefix and suffix. `span` is where
    /// it is as good as written.
    pub(crate) fn of(kind: TestKind, key: &str, texts: &[&str], span: Span) -> Self {
        let items = texts.iter().map(|text| Value::literal(*text, span)).collect();
        Test {
            operator: Operator { set: None, kind, if_exists: false },
            operator_span: span,
            key: key.to_owned(),
            key_span: span,
            values: Values { items, list: texts.len() != 1, span },
            unknown_key: false,
        }
    }
}

/// An operator with its prefix and suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operator {
    /// `ForAllValues:` or `ForAnyValue:`
    pub set: Option<SetOperator>,
    /// The comparison.
    pub kind: TestKind,
    /// `…IfExists`: an absent key passes.
    pub if_exists: bool,
}

/// How a key of many values is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SetOperator {
    /// Every value of the request; true of none.
    ForAllValues,
    /// At least one value of the request.
    ForAnyValue,
}

macro_rules! test_kinds {
    ($($kind:ident: $doc:literal),* $(,)?) => {
        /// The comparisons. IAM guide, "IAM JSON policy elements: Condition operators".
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum TestKind {
            $(#[doc = $doc] $kind),*
        }

        impl TestKind {
            /// Every comparison.
            pub const ALL: &'static [TestKind] = &[$(TestKind::$kind),*];

            /// The name in a policy.
            pub fn name(self) -> &'static str {
                match self {
                    $(TestKind::$kind => stringify!($kind)),*
                }
            }
        }
    };
}

test_kinds! {
    StringEquals: "The same text; `*` is a star.",
    StringNotEquals: "Another text.",
    StringEqualsIgnoreCase: "The same text but for case.",
    StringNotEqualsIgnoreCase: "Another text, case aside.",
    StringLike: "A text that a pattern matches.",
    StringNotLike: "A text that no pattern matches.",
    NumericEquals: "The same number.",
    NumericNotEquals: "Another number.",
    NumericLessThan: "A smaller number.",
    NumericLessThanEquals: "A number no greater.",
    NumericGreaterThan: "A greater number.",
    NumericGreaterThanEquals: "A number no smaller.",
    DateEquals: "The same moment.",
    DateNotEquals: "Another moment.",
    DateLessThan: "Before.",
    DateLessThanEquals: "Not after.",
    DateGreaterThan: "After.",
    DateGreaterThanEquals: "Not before.",
    Bool: "True or false.",
    BinaryEquals: "The same bytes.",
    IpAddress: "An address in a range.",
    NotIpAddress: "An address in no range.",
    ArnEquals: "An ARN that a pattern matches segment by segment.",
    ArnLike: "The same as `ArnEquals`.",
    ArnNotEquals: "An ARN that no pattern matches.",
    ArnNotLike: "The same as `ArnNotEquals`.",
    Null: "Whether the key is absent.",
}

impl TestKind {
    /// Whether it holds where no value matches.
    pub fn is_negated(self) -> bool {
        self.name().contains("Not")
    }

    /// Whether it holds of all values on one side of a number or moment.
    pub fn is_order(self) -> bool {
        self.name().contains("Less") || self.name().contains("Greater")
    }

    /// The one of two equal operators by which they are compared.
    pub fn canonical(self) -> TestKind {
        match self {
            TestKind::ArnLike => TestKind::ArnEquals,
            TestKind::ArnNotLike => TestKind::ArnNotEquals,
            other => other,
        }
    }
}

impl Operator {
    /// Reads a name such as `ForAnyValue:StringLikeIfExists`; case is forgiven.
    pub fn parse(name: &str) -> Option<Operator> {
        let folded = name.to_ascii_lowercase();
        let (set, rest) = match folded.split_once(':') {
            Some(("forallvalues", rest)) => (Some(SetOperator::ForAllValues), rest),
            Some(("foranyvalue", rest)) => (Some(SetOperator::ForAnyValue), rest),
            Some(_) => return None,
            None => (None, folded.as_str()),
        };
        let (base, if_exists) = match rest.strip_suffix("ifexists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let kind = TestKind::ALL.iter().find(|kind| kind.name().eq_ignore_ascii_case(base))?;
        // Null asks just this; there is no NullIfExists.
        (*kind != TestKind::Null || !if_exists).then_some(Operator { set, kind: *kind, if_exists })
    }
}

impl Reader<'_> {
    /// The tests of a `Condition`, and what is not known of it.
    pub(super) fn conditions(&mut self, node: &Node, holes: &mut Vec<Hole>) -> Vec<Test> {
        let Json::Object(operators) = &node.value else {
            self.wrong_type("`Condition`", "an object", node);
            return Vec::new();
        };
        if is_intrinsic(node, self.text) {
            holes.push(self.hole(HolePlace::Condition, node));
            return Vec::new();
        }
        let mut tests = Vec::new();
        for member in operators {
            let name = member.key.text(self.text);
            if is_function_name(&name) {
                holes.push(self.hole(HolePlace::Condition, node));
                continue;
            }
            let Some(value) = self.settled(&member.value) else { continue };
            let Some(operator) = Operator::parse(&name) else {
                self.unknown_operator(&name, member.key.span);
                continue;
            };
            if !matches!(value.value, Json::Object(_)) {
                self.wrong_type(&format!("`{name}`"), "an object of keys and values", value);
                continue;
            }
            if value.members().iter().any(|test| is_function_name(&test.key.text(self.text))) {
                holes.push(self.hole(HolePlace::Condition, value));
                continue;
            }
            for test in value.members() {
                let Some(value) = self.settled(&test.value) else { continue };
                let key = test.key.text(self.text).into_owned();
                let unknown_key = marks::placeholder(&key).is_some() || self.template.fills_in(&key);
                if unknown_key {
                    holes.push(self.hole_of_key(&key, test.key.span));
                }
                let values = self.values(&format!("`{key}`"), value, Place::Condition);
                tests.push(Test {
                    operator,
                    operator_span: member.key.span,
                    key,
                    key_span: test.key.span,
                    values,
                    unknown_key,
                });
            }
        }
        tests
    }

    fn unknown_operator(&mut self, name: &str, span: Span) {
        let problem = Diagnostic::new("unknown-operator", span, format!("`{name}` is no condition operator"));
        if name.eq_ignore_ascii_case("NullIfExists") {
            self.report(problem.help("`Null` itself asks whether the key exists: write \"Null\""));
            return;
        }
        let base = name.rsplit(':').next().unwrap_or(name);
        let known: Vec<&str> = TestKind::ALL.iter().map(|kind| kind.name()).collect();
        self.report(match super::nearest(base, &known) {
            Some(known) => problem.help(format!("did you mean \"{known}\"?")),
            None => problem,
        });
    }
}
