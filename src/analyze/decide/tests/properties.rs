//! What holds of every decision.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

/// Statements about few things, so that they often meet.
fn statement(kind: Kind) -> impl Strategy<Value = Json> {
    let element = |name: &'static str, values: &'static [&'static str]| {
        (any::<bool>(), prop::sample::select(values))
            .prop_map(move |(not, value)| (if not { format!("Not{name}") } else { name.to_owned() }, value))
    };
    let principals: Vec<Json> =
        [ROLE, SESSION, USER, ROOT, STRANGER, "*"].map(|principal| json!({"AWS": principal})).into();
    (
        prop::sample::select(vec!["Allow", "Deny"]),
        element("Action", &["*", "s3:*", "s3:Get*", "kms:Decrypt"]),
        element(
            "Resource",
            &["*", "arn:aws:s3:::b/*", "arn:aws:kms:*:111111111111:key/*", "arn:aws:s3:::${aws:username}/*"],
        ),
        (any::<bool>(), prop::sample::select(principals)),
        prop::option::of((
            prop::sample::select(vec![
                "StringEquals",
                "StringNotEquals",
                "ForAllValues:StringLike",
                "Null",
                "BoolIfExists",
            ]),
            prop::sample::select(vec!["aws:PrincipalAccount", "k:a", "k:b"]),
            prop::sample::select(vec!["true", "111111111111", "${k:a}"]),
        )),
    )
        .prop_map(move |(effect, action, resource, (not, principal), condition)| {
            let mut statement = json!({"Effect": effect, &action.0: action.1, &resource.0: resource.1});
            if kind.names_principal() {
                statement[if not { "NotPrincipal" } else { "Principal" }] = principal;
            }
            if let Some((operator, key, value)) = condition {
                statement["Condition"] = json!({operator: {key: value}});
            }
            statement
        })
}

fn statements(kind: Kind) -> impl Strategy<Value = Vec<Json>> {
    prop::collection::vec(statement(kind), 0..4)
}

fn requests() -> impl Strategy<Value = Request> {
    (
        prop::sample::select(vec![ROLE, SESSION, USER, ROOT, STRANGER, "s3.amazonaws.com"]),
        prop::sample::select(vec!["s3:GetObject", "s3:PutObject", "kms:Decrypt"]),
        prop::sample::select(vec!["*", "arn:aws:s3:::b/k", KEY]),
        prop::option::of(prop::sample::select(vec!["true", "111111111111"])),
    )
        .prop_map(|(principal, action, resource, value)| {
            let context = value.map_or(json!({}), |value| json!({"k:a": value}));
            let request =
                json!({"principal": principal, "action": action, "resource": resource, "context": context});
            Request::from_json(&request).unwrap()
        })
}

/// Policies of every layer; the last statement of one of them may be left out.
fn policies(lists: &[Vec<Json>; 5]) -> Policies {
    let own =
        |kind, list: &Vec<Json>| if list.is_empty() { vec![] } else { vec![prepared(kind, json!(list))] };
    Policies {
        identity: own(Kind::Identity, &lists[0]),
        resource: (!lists[1].is_empty()).then(|| prepared(Kind::Resource, json!(lists[1]))),
        boundary: own(Kind::Boundary, &lists[2]),
        scp: own(Kind::Scp, &lists[3]).into_iter().map(|policy| vec![policy]).collect(),
        endpoint: own(Kind::Endpoint, &lists[4]),
        ..Policies::default()
    }
}

proptest! {
    #![proptest_config(crate::draws::cases(256))]

    /// One Allow more never takes access away, one Deny more never gives any.
    #[test]
    fn allows_give_and_denies_take(
        lists in (
            statements(Kind::Identity), statements(Kind::Resource), statements(Kind::Boundary),
            statements(Kind::Scp), statements(Kind::Endpoint),
        ),
        extra in prop::collection::vec(statement(Kind::Resource), 5),
        at in 0usize..5,
        request in requests(),
    ) {
        let before: [Vec<Json>; 5] = lists.into();
        // A boundary where there was none limits, whatever it says.
        prop_assume!(!before[at].is_empty() || at < 2);
        let mut after = before.clone();
        let mut added = extra[at].clone();
        if at != 1 && at != 4 {
            let members = added.as_object_mut().unwrap();
            members.shift_remove("Principal");
            members.shift_remove("NotPrincipal");
        }
        after[at].push(added.clone());
        let (before, after) = (policies(&before), policies(&after));
        let (before, after) = (decide(&before, &request), decide(&after, &request));
        let rank = |verdict| match verdict {
            Allowed => 2,
            Undecided => 1,
            ImplicitlyDenied | ExplicitlyDenied => 0,
        };
        match added["Effect"] == "Allow" {
            true => prop_assert!(rank(before.verdict) <= rank(after.verdict)),
            false => prop_assert!(rank(before.verdict) >= rank(after.verdict)),
        }
        // What is undecided may lack nothing: it may depend on a Deny alone.
        prop_assert!(after.verdict == Undecided || (after.verdict == ImplicitlyDenied) != after.lacks.is_empty());
        prop_assert!((after.verdict == Undecided) != after.depends_on.is_empty());
        prop_assert!((after.verdict == ExplicitlyDenied) == after.by.iter().any(|by| by.effect == Effect::Deny));
    }
}
