//! How large a policy is once it is deployed, as far as its file tells.

use super::Document;
use crate::parse::{Node, Value};
use crate::policy::quota::Unit;
use crate::policy::template::Settled;

/// The size of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// How large it is at least.
    pub amount: usize,
    /// Whether it is just as large: no function or placeholder of a template decides.
    pub is_exact: bool,
}

impl Document {
    /// The size of the policy as it is deployed: of a template's, what its functions give, and no white space.
    pub fn used(&self, unit: Unit) -> Used {
        let text = self.text();
        if self.is_plain() {
            let mut sizes = Sizes { text, unit, settled: &self.settled, functions: false, is_exact: true };
            let amount = sizes.of(&self.tree).unwrap_or_default();
            if sizes.functions || self.is_template() {
                return Used { amount, is_exact: sizes.is_exact };
            }
        }
        let written = self.tree.span.slice(text);
        match self.template.fills_in(written) {
            true => Used { amount: unit.of(&without_names(written)), is_exact: false },
            false => Used { amount: unit.of(written), is_exact: true },
        }
    }

    /// How much smaller it would be without the white space that is deployed with it.
    pub fn white_space(&self, unit: Unit) -> usize {
        let written = self.tree.span.slice(self.text());
        match self.is_plain() && self.is_template() {
            true => 0,
            false => unit.of(written) - Unit::DenseCharacters.of(written).min(unit.of(written)),
        }
    }
}

/// The sizes of the parts of a template, as the JSON that is made of it.
struct Sizes<'a> {
    text: &'a str,
    unit: Unit,
    settled: &'a Settled,
    /// Whether there are functions.
    functions: bool,
    is_exact: bool,
}

impl Sizes<'_> {
    /// How large a value is at least; `None` where `AWS::NoValue` takes it away, or may.
    fn of(&mut self, node: &Node) -> Option<usize> {
        if let [only] = node.members() {
            let name = only.key.text(self.text);
            if name == "Ref" || name.starts_with("Fn::") {
                self.functions = true;
                return self.function(&name, &only.value);
            }
        }
        match &node.value {
            Value::Object(members) => {
                let mut sizes = Vec::new();
                for member in members {
                    let name = member.key.text(self.text);
                    if name.starts_with("Fn::") {
                        (self.functions, self.is_exact) = (true, false);
                    } else if let Some(size) = self.of(&member.value) {
                        sizes.push(self.quoted(&name) + 1 + size);
                    }
                }
                Some(listed(&sizes))
            }
            Value::Array(items) => {
                let sizes: Vec<usize> = items.iter().filter_map(|item| self.of(item)).collect();
                Some(listed(&sizes))
            }
            _ => match node.text(self.text) {
                Some(text) => Some(self.quoted(&text)),
                None => Some(node.span.len()),
            },
        }
    }

    fn function(&mut self, name: &str, value: &Node) -> Option<usize> {
        let text = self.text;
        let first = value.items().first().unwrap_or(value).text(text);
        match (name, first, value.items()) {
            ("Ref", Some(name), _) if name == "AWS::NoValue" => return None,
            ("Ref", Some(name), _) => {
                if let Some(value) = self.settled.parameters.get(&*name) {
                    return Some(self.quoted(value));
                }
            }
            ("Fn::If", Some(name), [_, yes, no]) => {
                let (yes, no) = match self.settled.conditions.get(&*name) {
                    Some(true) => return self.of(yes),
                    Some(false) => return self.of(no),
                    None => (self.of(yes), self.of(no)),
                };
                self.is_exact = false;
                return yes.min(no);
            }
            ("Fn::Sub", Some(sub), _) => {
                let rest = without_names(&sub);
                self.is_exact &= !sub.replace("${!", "").contains("${");
                return Some(self.quoted(&rest));
            }
            ("Fn::Join", Some(between), [_, list]) if matches!(list.value, Value::Array(_)) => {
                let parts: Vec<usize> = list.items().iter().filter_map(|item| self.of(item)).collect();
                let between = self.quoted(&between) - QUOTES;
                let all = parts.iter().map(|part| part.saturating_sub(QUOTES)).sum::<usize>();
                return Some(QUOTES + all + between * parts.len().saturating_sub(1));
            }
            _ => {}
        }
        // An empty text, list or object.
        self.is_exact = false;
        Some(QUOTES)
    }

    /// The size of a text with its quotes.
    fn quoted(&self, text: &str) -> usize {
        self.unit.of(text) + text.matches(['"', '\\']).count() + QUOTES
    }
}

const QUOTES: usize = 2;

/// The size of an object or list of parts of these sizes.
fn listed(sizes: &[usize]) -> usize {
    2 + sizes.iter().sum::<usize>() + sizes.len().saturating_sub(1)
}

/// What is sure to be left of a text in which names in `${…}` are filled in; of one with other marks, nothing is.
fn without_names(text: &str) -> String {
    if text.contains("%{") {
        return String::new();
    }
    let mut left = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        left.push_str(before);
        // `${!Name}` is `${Name}` as it is.
        if let Some(literal) = after.strip_prefix('!') {
            left.push_str("${");
            rest = literal;
            continue;
        }
        let mut depth = 1;
        let end = after.char_indices().find(|(_, one)| {
            depth += i32::from(*one == '{') - i32::from(*one == '}');
            depth == 0
        });
        rest = end.and_then(|(end, _)| after.get(end + 1..)).unwrap_or_default();
    }
    left + rest
}

#[cfg(test)]
mod tests {
    use crate::document::{Hints, open};
    use crate::policy::quota::Unit;
    use crate::source::Source;

    /// How large the policy of a template with this statement list is, in each case, and whether that is exact.
    fn sizes(statements: &str) -> Vec<(usize, bool)> {
        let text = format!(
            r#"{{"Conditions": {{"C": {{"Fn::Equals": [{{"Ref": "P"}}, "p"]}}}}, "Resources": {{"P": {{"Type": "AWS::IAM::ManagedPolicy",
                "Properties": {{"PolicyDocument": {{"Statement": {statements}}}}}}}}}}}"#
        );
        let file = open(Source::new("t.json", text), &Hints::default());
        let cases = file.documents[0].alternatives();
        let used = cases.iter().map(|case| case.document.used(Unit::Bytes));
        used.map(|used| (used.amount - r#"{"Statement":}"#.len(), used.is_exact)).collect()
    }

    #[test]
    fn functions_count_as_what_they_give() {
        let of = |text: &str| (text.len(), true);
        for (written, deployed) in [
            (r#"[ {"a": "b"} ]"#, r#"[{"a":"b"}]"#),
            (r#"{"Fn::Join": ["", ["arn:", "x"]]}"#, r#""arn:x""#),
            (r#"{"Fn::Join": [", ", ["a", {"Ref": "AWS::NoValue"}, "b"]]}"#, r#""a, b""#),
            (r#"{"Fn::Sub": "a${!b}"}"#, r#""a${b}""#),
            (r#"["a", {"Ref": "AWS::NoValue"}]"#, r#"["a"]"#),
            (r#"[true, 10, "\u0041\n"]"#, r#"[true,10,"A "]"#),
        ] {
            assert_eq!(sizes(written), [of(deployed)], "{written}");
        }
        let chosen = r#"[{"Fn::If": ["C", {"Sid": "abc"}, {"Ref": "AWS::NoValue"}]}]"#;
        let mut both = sizes(chosen);
        both.sort_unstable();
        assert_eq!(both, [of("[]"), of(r#"[{"Sid":"abc"}]"#)]);
    }

    #[test]
    fn what_is_not_known_counts_as_little_as_it_may() {
        for (written, least) in [
            (r#"[{"a": {"Ref": "P"}}]"#, r#"[{"a":""}]"#),
            (r#"[{"a": {"Fn::Sub": "x${P}y"}}]"#, r#"[{"a":"xy"}]"#),
            (r#"{"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3"]]}"#, r#""arn::s3""#),
            (r#"[{"Fn::FindInMap": ["M", "a", "b"]}]"#, "[{}]"),
            (r#"[{"a": 1, "Fn::Transform": {"Name": "M"}}]"#, r#"[{"a":1}]"#),
        ] {
            assert_eq!(sizes(written), [(least.len(), false)], "{written}");
        }
    }
}
