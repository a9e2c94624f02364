//! One form for all spellings of a statement that mean the same.
//!
//! Two statements with equal forms allow or deny the same requests. The reverse does not hold: `s3:*`
//! and `s3:?*` are two forms. What a spelling may vary in is listed in AWS's own grammar: order and
//! repetition, a string for a list of one, the case of actions, operators and condition keys. A
//! statement of which not all could be read is equal to the same text alone: whatever that means.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::policy::{
    Arn, HolePlace, PARTITIONS, Principal, PrincipalEntry, PrincipalType, SetOperator, Statement, Test,
    TestKind, Value,
};

/// A statement without its Sid, and without anything that is spelling only.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Canonical {
    /// The text of a statement that could not be read; then the rest is empty.
    unread: Option<Box<str>>,
    allows: bool,
    principals: Option<(bool, BTreeSet<(PrincipalType, Principal)>)>,
    actions: (bool, BTreeSet<Text>),
    resources: Option<(bool, BTreeSet<Text>)>,
    /// A set, not a map: a key that is tested twice by one operator must pass both tests.
    tests: BTreeSet<Form>,
    /// The names of the parts that are not known.
    holes: BTreeSet<(HolePlace, Box<str>)>,
    /// Whether `${…}` occurs, or may do so, and is a variable: the same text means another thing where it is not.
    variables: bool,
}

/// A value and false; or the name of what is not known of it and true.
type Text = (bool, String);

/// A test: its operator, its key, its values.
pub(super) type Form = (Operator, String, BTreeSet<Text>);

/// A test's operator: prefix, comparison, whether an absent key passes.
type Operator = (Option<SetOperator>, TestKind, bool);

/// The form of a statement.
///
/// `key` is the ARN of the KMS key that the policy is attached to, if it is one: in its policy `*` and
/// the ARN are the same resource.
pub fn canonical(statement: &Statement, key: Option<&str>) -> Canonical {
    if let Some(text) = &statement.unread {
        return Canonical {
            unread: Some(text.clone()),
            variables: statement.variables && (text.contains("${") || !statement.unknowns().is_empty()),
            ..Canonical::default()
        };
    }
    let resources = statement.resource.as_ref().map(|element| {
        let resource = |value: &Value| match (value.known(), key) {
            (Some(text), Some(key)) if text == key => (false, "*".to_owned()),
            _ => text(value),
        };
        (element.negated, element.values.items.iter().map(resource).collect())
    });
    let actions = statement
        .action
        .as_ref()
        .map(|element| (element.negated, element.values.items.iter().map(self::action).collect()));
    Canonical {
        unread: None,
        allows: statement.allows(),
        principals: principals(statement),
        actions: actions.unwrap_or_default(),
        resources,
        tests: statement.conditions.iter().map(form).collect(),
        holes: statement.holes.iter().map(|hole| (hole.place, hole.name.clone())).collect(),
        variables: statement.variables && statement.may_have_variable(),
    }
}

impl Canonical {
    /// The form with what `Action` lists left out, so that statements which differ in that alone have
    /// equal ones; `None` for `NotAction`. Only forms of one policy may be compared.
    pub fn without_actions(&self) -> Option<Canonical> {
        let mut form = self.within();
        form.actions.1.clear();
        (!form.actions.0 && form.unread.is_none()).then_some(form)
    }

    /// The same for `Resource`.
    pub fn without_resources(&self) -> Option<Canonical> {
        let mut form = self.within();
        let (negated, resources) = form.resources.as_mut()?;
        resources.clear();
        (!*negated).then_some(form)
    }

    /// The same for `Principal`.
    pub fn without_principals(&self) -> Option<Canonical> {
        let mut form = self.within();
        let (negated, principals) = form.principals.as_mut()?;
        principals.clear();
        (!*negated).then_some(form)
    }

    /// The same for the values of one test.
    pub fn without_values(&self, test: &Test) -> Option<Canonical> {
        let mut form = self.within();
        let (operator, key, values) = self::form(test);
        form.tests.remove(&(operator, key.clone(), values)).then_some(())?;
        form.tests.insert((operator, key, BTreeSet::new())).then_some(form)
    }

    /// A number that equal forms share, in one policy.
    pub fn mark(&self) -> u64 {
        let marks = self.marks();
        marks.rest.wrapping_add(marks.tests)
    }

    /// The same in parts, from which follows the number of the form without the values of any of its tests.
    pub fn marks(&self) -> Marks {
        let rest = number(&(&self.unread, self.allows, &self.principals, &self.actions, &self.resources));
        Marks { rest, tests: self.tests.iter().fold(0, |sum, test| sum.wrapping_add(number(test))) }
    }

    /// In one policy `${` is a variable in all statements or in none.
    fn within(&self) -> Canonical {
        Canonical { variables: false, ..self.clone() }
    }
}

/// The numbers of a form: that of its tests is the sum of theirs, so that one can be left out.
#[derive(Clone, Copy, Debug)]
pub struct Marks {
    rest: u64,
    tests: u64,
}

impl Marks {
    /// The number of the form in which one of its tests has no values.
    pub fn without_values(self, test: &Test) -> u64 {
        let (operator, key, values) = form(test);
        let own = number(&(operator, &key, values));
        let empty = number(&(operator, &key, BTreeSet::<Text>::new()));
        self.rest.wrapping_add(self.tests).wrapping_sub(own).wrapping_add(empty)
    }
}

fn number(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// `"*"` and `{"AWS": "*"}` are one; an account is its id or the ARN of its root.
fn principals(statement: &Statement) -> Option<(bool, BTreeSet<(PrincipalType, Principal)>)> {
    let element = statement.principal.as_ref()?;
    let mut principals = BTreeSet::new();
    for entry in &element.entries {
        for value in &entry.values.items {
            // `{"Service": "*"}` is not everyone, so the type stays with it.
            principals.insert((entry.kind, principal(entry, value)));
        }
    }
    Some((element.negated, principals))
}

/// An account in a partition that is not the usual one keeps its ARN: an account is in one partition only.
fn principal(entry: &PrincipalEntry, value: &Value) -> Principal {
    match (Principal::of(entry, value), Arn::parse(&value.text)) {
        (Principal::Account(_), Some(arn)) if arn.partition != PARTITIONS[0] => {
            Principal::Other(value.text.clone())
        }
        (principal, _) => principal,
    }
}

fn action(value: &Value) -> Text {
    let Some(known) = value.known() else { return text(value) };
    let folded = known.to_ascii_lowercase();
    (false, if folded == "*:*" { "*".to_owned() } else { folded })
}

/// The form of one test.
pub(super) fn form(test: &Test) -> Form {
    let operator = test.operator;
    // An absent key passes `ForAllValues:` as it is.
    let if_exists = operator.if_exists && operator.set != Some(SetOperator::ForAllValues);
    let ignores_case = matches!(
        operator.kind,
        TestKind::Bool
            | TestKind::Null
            | TestKind::StringEqualsIgnoreCase
            | TestKind::StringNotEqualsIgnoreCase
    );
    let value = |value: &Value| match value.known() {
        Some(known) if ignores_case => (false, known.to_ascii_lowercase()),
        _ => text(value),
    };
    (
        (operator.set, operator.kind.canonical(), if_exists),
        test.key.to_ascii_lowercase(),
        test.values.items.iter().map(value).collect(),
    )
}

fn text(value: &Value) -> Text {
    match &value.hole {
        Some(hole) => (true, hole.name.clone().into()),
        None => (false, value.text.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;
    use crate::policy::Policy;

    fn form_in(version: &str, statement: &str) -> Canonical {
        let text = format!(r#"{{"Version":"{version}","Statement":{statement}}}"#);
        let (policy, _) = Policy::read(&parse(&text).tree, &text);
        canonical(&policy.statements[0], Some("arn:aws:kms:us-east-1:111111111111:key/k"))
    }

    fn form(statement: &str) -> Canonical {
        form_in("2012-10-17", statement)
    }

    fn with(rest: &str) -> Canonical {
        form(&format!(r#"{{"Effect":"Allow",{rest}}}"#))
    }

    fn principal(principal: &str) -> Canonical {
        with(&format!(r#""Principal":{principal},"Action":"s3:*","Resource":"*""#))
    }

    fn condition(condition: &str) -> Canonical {
        with(&format!(r#""Action":"s3:*","Resource":"*","Condition":{condition}"#))
    }

    #[test]
    fn spelling_has_no_meaning() {
        assert_eq!(
            with(r#""Sid":"a","Action":["s3:GetObject","S3:PUTobject"],"Resource":["b","a","b"]"#),
            with(
                r#""Resource":["a","b"],"Action":["s3:putobject","s3:getobject","s3:GetObject"],"Condition":{}"#
            )
        );
        assert_eq!(with(r#""Action":"*:*","Resource":["*"]"#), with(r#""Action":["*"],"Resource":"*""#));
        assert_eq!(
            form(r#"[{"Effect":"Deny","Action":"a:b","Resource":"*"}]"#),
            form(r#"{"Resource":"*","Effect":"Deny","Action":"a:b"}"#)
        );
    }

    #[test]
    fn principals_of_one_meaning() {
        assert_eq!(principal(r#""*""#), principal(r#"{"AWS":["*"]}"#));
        assert_eq!(principal(r#""*""#), principal(r#"{"*":"*"}"#));
        assert_eq!(
            principal(r#"{"AWS":["111111111111","arn:aws:iam::222222222222:root"]}"#),
            principal(r#"{"AWS":["222222222222","arn:aws:iam::111111111111:root"]}"#)
        );
    }

    #[test]
    fn conditions_of_one_meaning() {
        assert_eq!(
            condition(r#"{"ArnLike":{"AWS:SourceArn":"arn:aws:sns:*:1:t"}}"#),
            condition(r#"{"arnequals":{"aws:sourcearn":["arn:aws:sns:*:1:t"]}}"#)
        );
        assert_eq!(
            condition(r#"{"Bool":{"aws:SecureTransport":true},"NumericLessThan":{"s3:max-keys":10}}"#),
            condition(r#"{"NumericLessThan":{"s3:max-keys":"10"},"Bool":{"aws:SecureTransport":"True"}}"#)
        );
        assert_eq!(
            condition(
                r#"{"StringEqualsIgnoreCase":{"a:b":"X"},"ForAllValues:StringLikeIfExists":{"c:d":"e"}}"#
            ),
            condition(r#"{"ForAllValues:StringLike":{"c:d":"e"},"StringEqualsIgnoreCase":{"a:b":"x"}}"#)
        );
        assert_eq!(
            condition(r#"{"StringEquals":{"a:b":["x","y"]}}"#),
            condition(r#"{"StringEquals":{"a:b":["y","x","x"]}}"#)
        );
    }

    #[test]
    fn the_key_is_every_resource_of_its_policy() {
        assert_eq!(
            with(r#""Action":"kms:Decrypt","Resource":"arn:aws:kms:us-east-1:111111111111:key/k""#),
            with(r#""Action":"kms:Decrypt","Resource":"*""#)
        );
        assert_ne!(
            with(r#""Action":"kms:Decrypt","Resource":"arn:aws:kms:us-east-1:111111111111:key/other""#),
            with(r#""Action":"kms:Decrypt","Resource":"*""#)
        );
    }

    #[test]
    fn what_differs_stays_different() {
        let forms = [
            with(r#""Action":"s3:*","Resource":"*""#),
            with(r#""NotAction":"s3:*","Resource":"*""#),
            with(r#""Action":"s3:*","NotResource":"*""#),
            with(r#""Action":"s3:*""#),
            with(r#""Action":"s3:*","Resource":"arn:aws:s3:::a""#),
            with(r#""Action":"s3:*","Resource":"arn:aws:s3:::A""#),
            with(r#""Action":"s3:*","Resource":{"Ref":"A"}"#),
            with(r#""Action":"s3:*","Resource":"{\"Ref\":\"A\"}""#),
            form(r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#),
            principal(r#""*""#),
            principal(r#"{"Service":"*"}"#),
            principal(r#"{"AWS":"111111111111"}"#),
            principal(r#"{"CanonicalUser":"111111111111"}"#),
            principal(r#"{"AWS":"arn:aws:iam::111111111111:role/a"}"#),
            principal(r#"{"AWS":"arn:aws:iam::111111111111:role/A"}"#),
            with(r#""NotPrincipal":"*","Action":"s3:*","Resource":"*""#),
            condition(r#"{"StringEquals":{"a:b":"x"}}"#),
            condition(r#"{"StringEquals":{"a:b":"X"}}"#),
            condition(r#"{"StringEquals":{"a:b":["x","y"]}}"#),
            condition(r#"{"StringEqualsIfExists":{"a:b":"x"}}"#),
            condition(r#"{"StringNotEquals":{"a:b":"x"}}"#),
            condition(r#"{"StringLike":{"a:b":"x"}}"#),
            condition(r#"{"ForAllValues:StringEquals":{"a:b":"x"}}"#),
            condition(r#"{"ForAnyValue:StringEquals":{"a:b":"x"}}"#),
            condition(r#"{"StringEqualsIgnoreCase":{"a:b":"x"}}"#),
            condition(r#"{"ArnLike":{"a:b":"arn:aws:sns:::t"}}"#),
            condition(r#"{"ArnLike":{"a:b":"arn:aws:sns:::T"}}"#),
            condition(r#"{"ArnNotLike":{"a:b":"arn:aws:sns:::t"}}"#),
            condition(r#"{"ArnLike":{"a:b":["arn:aws:sns:::t"]},"ArnEquals":{"a:b":"arn:aws:sns:::T"}}"#),
            condition(r#"{"ArnLike":{"a:b":["arn:aws:sns:::t","arn:aws:sns:::T"]}}"#),
        ];
        let different: BTreeSet<_> = forms.iter().collect();
        assert_eq!(different.len(), forms.len());
    }

    #[test]
    fn a_variable_is_one_in_the_current_version_only() {
        let statement = r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}"}"#;
        assert_ne!(form_in("2012-10-17", statement), form_in("2008-10-17", statement));
        let plain = r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/x"}"#;
        assert_eq!(form_in("2012-10-17", plain), form_in("2008-10-17", plain));
    }

    #[test]
    fn what_could_not_be_read_is_equal_to_the_same_text() {
        let statements = [
            r#"{"Effect":"Allow","Action":"s3:*","Resource":5}"#,
            r#"{"Effect":"Allow","Action":"s3:*","Resource":6}"#,
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Conditions":{}}"#,
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEqual":{"a:b":"c"}}}"#,
            r#"{"Effect":{"Ref":"Effect"},"Action":"s3:*","Resource":"*"}"#,
            r#"{"Effect":{"Ref":"Other"},"Action":"s3:*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":[],"Resource":"*"}"#,
            r#"{"Effect":"Allow","Resource":"*"}"#,
        ];
        let different: BTreeSet<_> = statements.iter().map(|statement| form(statement)).collect();
        assert_eq!(different.len(), statements.len());
        for statement in statements {
            assert_eq!(form(statement), form(statement));
            assert_eq!(form(statement).without_actions(), None, "{statement}");
            assert_eq!(form(statement).without_resources(), None, "{statement}");
        }
        let variable = r#"{"Effect":"Allow","Action":"s3:*","Resource":["${a}",5]}"#;
        assert_ne!(form_in("2012-10-17", variable), form_in("2008-10-17", variable));
    }
}
