//! Configurations of frameworks that put a policy around lists of statements: the Serverless Framework and Zappa.

use super::path::{Place, places};
use super::{Candidate, Form, Found};
use crate::kind::Kind;
use crate::parse::Node;
use crate::placeholder::is_filled_in;

/// What the file is, the path to what must be there, and the paths to lists of statements with their kinds.
type Framework = (&'static str, &'static str, &'static [(&'static str, Kind)]);

/// What the file of a policy of Zappa is.
pub const ZAPPA: &str = "a configuration of Zappa";

/// What a configuration of the Serverless Framework has.
const SERVERLESS: &str = "provider.name";

/// Serverless Framework, "AWS IAM permissions for functions" and "API Gateway: resource policy", its plugins for roles of
/// functions and for Step Functions; Zappa, "Advanced settings".
const FRAMEWORKS: [Framework; 2] = [
    (
        "a configuration of the Serverless Framework",
        SERVERLESS,
        &[
            ("provider.iam.role.statements", Kind::Identity),
            ("provider.iamRoleStatements", Kind::Identity),
            ("provider.apiGateway.resourcePolicy", Kind::Resource),
            ("provider.resourcePolicy", Kind::Resource),
            ("functions.*.iam.role.statements", Kind::Identity),
            ("functions.*.iamRoleStatements", Kind::Identity),
            ("functions[].*.iam.role.statements", Kind::Identity),
            ("functions[].*.iamRoleStatements", Kind::Identity),
            ("stepFunctions.stateMachines.*.iamRoleStatements", Kind::Identity),
        ],
    ),
    (ZAPPA, "*.extra_permissions", &[("*.extra_permissions", Kind::Identity)]),
];

/// Whether a file is a configuration of the Serverless Framework, or the part of one that has the resources.
pub fn is_serverless(tree: &Node, text: &str) -> bool {
    let marks = [SERVERLESS, "resources.Resources.*.Type", "resources[].Resources.*.Type"];
    marks.iter().any(|mark| !places(Place::root(tree), text, mark).is_empty())
}

/// The policies that are made of lists in a configuration, if the tree is one.
pub(super) fn locate(tree: &Node, text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (envelope, mark, lists) in FRAMEWORKS {
        if places(Place::root(tree), text, mark).is_empty() {
            continue;
        }
        for (path, kind) in lists {
            for place in places(Place::root(tree), text, path) {
                let span = place.node.span;
                let form = match filled_in(place.node, text) {
                    Some(label) => Form::Unknown { span, label },
                    None if has_statement(place.node, text) => Form::Statements { span, quoted: false },
                    None => continue,
                };
                found.push(Found {
                    candidates: vec![Candidate { kind: *kind, envelope }],
                    ..Found::somewhere(place.pointer, form)
                });
            }
        }
    }
    found
}

/// Whether a list has something in it that is meant as a statement, or is filled in later.
fn has_statement(node: &Node, text: &str) -> bool {
    let names = ["Effect", "Action", "NotAction", "Resource", "NotResource"];
    let is_one = |item: &Node| names.iter().any(|name| item.get(text, name).is_some());
    node.items().iter().any(|item| is_one(item) || filled_in(item, text).is_some())
}

/// A text that a framework puts something in place of: `${file(iam.yml)}`.
fn filled_in(node: &Node, text: &str) -> Option<String> {
    node.text(text).filter(|text| is_filled_in(text)).map(Into::into)
}
