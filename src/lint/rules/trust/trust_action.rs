use crate::diagnostic::Severity;
use crate::lint::facts::action_values;
use crate::lint::rule::rule;
use crate::lint::{Check, Context, trust};
use crate::policy::{Action, Statement};

rule! {
    /// An action of a trust policy does not take on the role, or stands for more than that.
    ///
    /// ## Why
    ///
    /// A trust policy is about the actions that take on its role (`sts:AssumeRole`, `sts:AssumeRoleWithSAML`,
    /// `sts:AssumeRoleWithWebIdentity`) and what the session carries with it (`sts:TagSession`,
    /// `sts:SetSourceIdentity`, `sts:SetContext`). IAM refuses others. A wildcard or `NotAction` lets a
    /// principal choose among them: also to name itself as it likes, and to bring tags that other policies trust. The last
    /// three are asked for only while a role is assumed: a policy that allows none of the first three lets no one in.
    ///
    /// ## Examples
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "ec2.amazonaws.com" },
    ///     "Action": "sts:GetCallerIdentity"
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:*" }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "pods.eks.amazonaws.com" },
    ///     "Action": [ "sts:AssumeRole", "sts:TagSession" ]
    ///   }
    /// }
    /// ```
    name: "trust-action", group: Trust, severity: Error, since: "0.1.0",
    rows: ["TRU-05", "TRU-08"],
    peers: ["cfn-nag:F2", "cfn-nag:W14"],
    kinds: [Trust],
    gives_way_to: ["foreign-action", "invalid-action", "unknown-action"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = &statement.action else { return };
    if element.negated {
        if statement.allows() {
            let finding = cx
                .finding(element.key, "`NotAction` lets the principals take on the role in every other way");
            let level = finding.severity.min(Severity::Warning);
            cx.report(
                finding
                    .severity(level)
                    .help("write \"Action\" with the one that is meant, such as \"sts:AssumeRole\""),
            );
        }
        return;
    }
    for value in action_values(statement) {
        let action = Action::new(&value.text);
        let known = trust::ASSUME.iter().chain(&trust::BESIDE);
        let meant = known.filter(|known| action.matches(known)).count();
        let finding = match meant {
            0 => cx
                .finding(value.span, format!("`{}` does not take on a role", value.text))
                .label("IAM takes `sts:AssumeRole` and its kin only")
                .help("allow it in a policy of the role; this one says who may assume it"),
            1 if lets_no_one_in(&action, statement, cx) => cx
                .finding(value.span, format!("`{}` alone does not let anyone assume the role", value.text))
                .label("no statement allows the call that it comes with")
                .help("add \"sts:AssumeRole\", or the action with which the principal assumes the role"),
            1 => continue,
            // A Deny of all of them is as it should be.
            _ if !statement.allows() => continue,
            more if more == trust::ASSUME.len() && is_all_ways(&action) => continue,
            _ => {
                let finding =
                    cx.finding(value.span, format!("`{}` is more than taking on the role", value.text));
                let level =
                    if action.is_any() { finding.severity } else { finding.severity.min(Severity::Warning) };
                finding
                    .severity(level)
                    .label("also tags and a source identity of the caller's choice")
                    .help("write the actions that are meant, such as \"sts:AssumeRole\"")
            }
        };
        cx.report(finding);
    }
}

/// Whether an action is asked for only while a role is assumed, and no statement of the policy may allow that.
fn lets_no_one_in(action: &Action, statement: &Statement, cx: &Context<'_>) -> bool {
    let does_not_assume = |statement: &Statement| {
        statement.is_complete() && !trust::ASSUME.iter().any(|assume| trust::names(statement, assume))
    };
    let mut allows = cx.document.policy.statements.iter().filter(|statement| !statement.denies());
    statement.allows()
        && trust::BESIDE.iter().any(|beside| action.matches(beside))
        && allows.all(does_not_assume)
}

/// `sts:AssumeRole*`: which of them a principal can use is a matter of its type.
fn is_all_ways(action: &Action) -> bool {
    !trust::BESIDE.iter().any(|beside| action.matches(beside))
}
