//! Plans for the member accounts: a StackSet, and what it cannot do.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::accounts::{accounts, check, guide, plan, root, states};

/// Four accounts in the organization.
fn of_four_accounts(folder: &Path) {
    let all = ["111111111111", "222222222222", "333333333333", "444444444444"];
    let all = all.map(|id| json!({ "Id": id, "State": "ACTIVE" }));
    std::fs::write(folder.join("111111111111/organization.json"), json!({ "Accounts": all }).to_string())
        .unwrap();
}

/// Everything that is known of the StackSet.
pub(super) fn stack_set(folder: &Path, access: &str, accounts: Option<&[&str]>) {
    let write =
        |file: &str, text: String| std::fs::write(folder.join("111111111111").join(file), text).unwrap();
    write("stack-sets.json", json!({ "Status": access }).to_string());
    let _ = std::fs::remove_file(folder.join("111111111111/stack-instances.json"));
    match accounts {
        None => write(
            "stack-instances.error",
            "An error occurred (StackSetNotFoundException) when …\n".to_owned(),
        ),
        Some(accounts) => {
            let stacks: Vec<Value> =
                accounts.iter().map(|account| json!({ "Account": account, "Status": "CURRENT" })).collect();
            write("stack-instances.json", json!({ "Summaries": stacks }).to_string());
            let _ = std::fs::remove_file(folder.join("111111111111/stack-set.error"));
            let fixture = root().join("fixtures/accounts/111111111111/stack-set.json");
            std::fs::copy(fixture, folder.join("111111111111/stack-set.json")).unwrap();
        }
    }
}

#[test]
fn member_accounts_get_the_role_by_a_stack_set() {
    let (from, to) = (accounts("members"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("member-plans"));
    let _ = std::fs::remove_dir_all(&to);
    let organization = |states: &[(&str, &str)]| {
        let all: Vec<Value> =
            states.iter().map(|(account, state)| json!({ "Id": account, "State": state })).collect();
        std::fs::write(from.join("111111111111/organization.json"), json!({ "Accounts": all }).to_string())
            .unwrap();
    };
    let folder = |number: u32| to.join(format!("{number:04}/2-management-111111111111"));
    let read = |number: u32, file: &str| std::fs::read_to_string(folder(number).join(file)).unwrap();
    organization(&[
        ("111111111111", "ACTIVE"),
        ("222222222222", "ACTIVE"),
        ("333333333333", "ACTIVE"),
        ("444444444444", "SUSPENDED"),
        ("555555555555", "ACTIVE"),
        ("$(touch here)", "ACTIVE"),
    ]);

    // Not collected: nothing is planned, and it is said.
    std::fs::remove_file(from.join("111111111111/stack-instances.json")).unwrap();
    // Lines are broken wherever they are full.
    let said = |output: Output| {
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(
        said(plan(&from, &to, &[]))
            .contains("step 1 in member accounts: the StackSet ExpelIAMStackSet was not")
    );
    assert!(!folder(1).exists());

    // The account that was collected has the role already, so no stack could make it.
    std::fs::create_dir(from.join("555555555555")).unwrap();
    for file in ["role.json", "role-inline.json", "role-attached.json", "role-attached-1.json"] {
        std::fs::copy(from.join("111111111111").join(file), from.join("555555555555").join(file)).unwrap();
    }
    stack_set(&from, "DISABLED", None);
    plan(&from, &to, &[]);
    let run = read(2, "run.sh");
    let at = |text: &str| run.find(text).unwrap_or_else(|| panic!("no {text} in {run}"));
    assert!(at("sts get-caller-identity") < at("activate-organizations-access"));
    assert!(at("activate-organizations-access") < at("create-stack-set "));
    assert!(at("create-stack-set ") < at("create-stack-instances "));
    assert!(run.contains("Accounts=222222222222,555555555555,AccountFilterType=DIFFERENCE"), "{run}");
    assert!(run.contains("its stacks in 1 member account"), "{run}");
    let set = run.lines().find(|line| line.contains("create-stack-set ")).unwrap();
    assert!(set.ends_with(r#" --tags "Key=polmerge-plan,Value=$mark""#), "{set}");
    let template: Value = serde_json::from_str(&read(2, "documents/02-step1-stack-set.json")).unwrap();
    let policy = &template["Resources"]["ExpelAccessPolicy"]["Properties"]["PolicyDocument"];
    assert!(!policy.to_string().contains("s3:"), "{policy:#}");
    let back = read(2, "rollback.sh");
    let at = |text: &str| back.find(text).unwrap_or_else(|| panic!("no {text} in {back}"));
    assert!(at("delete-stack-instances ") < at("delete-stack-set "));
    assert!(at("delete-stack-set ") < at("deactivate-organizations-access"));
    for script in ["run.sh", "rollback.sh"] {
        let checked = Command::new("bash").arg("-n").arg(folder(2).join(script)).output().unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    }
    let step1 = || check(&from, &[])["steps"][0]["detail"].as_str().unwrap().to_owned();
    assert_eq!(states(&check(&from, &[]))[0], "missing", "the member account has no role");
    assert!(step1().ends_with("; no StackSet exists for 1 member account: guide plan creates one"));

    stack_set(&from, "DISABLED_PERMANENTLY", None);
    assert!(
        said(plan(&from, &to, &[]))
            .contains("polmerge render step1 --as cloudformation --variant member-account")
    );

    // There, but empty: only its stacks are made.
    stack_set(&from, "ENABLED", Some(&[]));
    plan(&from, &to, &[]);
    let run = read(4, "run.sh");
    assert!(!run.contains("create-stack-set ") && run.contains("create-stack-instances "), "{run}");
    // There, with other accounts than those that lack the role: somebody is to look at it.
    stack_set(&from, "ENABLED", Some(&["666666666666"]));
    assert!(said(plan(&from, &to, &[])).contains("has no stack that is as it should be in 333333333333"));
    stack_set(&from, "ENABLED", Some(&["333333333333"]));
    assert!(!said(plan(&from, &to, &[])).contains("member accounts"));
    assert!(step1().ends_with("and in 1 member account by the StackSet"), "{}", step1());
}

/// No stack can create a role where there is one of its name: such an account has a script of its own.
#[test]
fn a_member_account_with_a_role_of_the_name_has_its_own_script() {
    let (from, to) = (accounts("own-role"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("own-role-plans"));
    let _ = std::fs::remove_dir_all(&to);
    of_four_accounts(&from);
    std::fs::create_dir(from.join("333333333333")).unwrap();
    // With other contents.
    let role = json!({ "Role": { "RoleName": "ExpelAssumeRole", "Arn": "arn:aws:iam::333333333333:role/ExpelAssumeRole",
        "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [] } } });
    std::fs::write(from.join("333333333333/role.json"), role.to_string()).unwrap();
    for (file, list) in [("role-inline", "PolicyNames"), ("role-attached", "AttachedPolicies")] {
        std::fs::write(from.join(format!("333333333333/{file}.json")), json!({ list: [] }).to_string())
            .unwrap();
    }
    stack_set(&from, "ENABLED", None);
    let said = String::from_utf8(plan(&from, &to, &[]).stdout).unwrap();
    assert!(said.contains("3-member-333333333333/run.sh\n  step 1: who may assume the role\n"), "{said}");
    let run = std::fs::read_to_string(to.join("0001/2-management-111111111111/run.sh")).unwrap();
    assert!(run.contains("Accounts=222222222222,333333333333,AccountFilterType=DIFFERENCE"), "{run}");
    let run = std::fs::read_to_string(to.join("0001/3-member-333333333333/run.sh")).unwrap();
    assert!(run.contains("!= '333333333333' ]") && run.contains("update-assume-role-policy"), "{run}");
    // So has one whose stack failed for that reason, but not one whose role a stack created.
    stack_set(&from, "ENABLED", Some(&["333333333333", "444444444444"]));
    let said = String::from_utf8(plan(&from, &to, &[]).stdout).unwrap();
    assert!(said.contains("update the StackSet ExpelIAMStackSet") && !said.contains("3-member"), "{said}");
    let instances = from.join("111111111111/stack-instances.json");
    let text = std::fs::read_to_string(&instances).unwrap();
    std::fs::write(&instances, text.replacen("CURRENT", "INOPERABLE", 1)).unwrap();
    let said = String::from_utf8(plan(&from, &to, &[]).stdout).unwrap();
    assert!(said.contains("3-member-333333333333/run.sh"), "{said}");
    // One that was not collected is to be, where CloudFormation says that the role is in the way, and only then.
    std::fs::remove_dir_all(from.join("333333333333")).unwrap();
    for (reason, is_taken) in [("ExpelAssumeRole already exists", true), ("Access denied", false)] {
        let mut answer: Value = serde_json::from_str(&text).unwrap();
        for stack in answer["Summaries"].as_array_mut().unwrap() {
            stack["Status"] = json!("OUTDATED");
            stack["StackInstanceStatus"] = json!({ "DetailedStatus": "FAILED" });
            stack["StatusReason"] =
                json!(format!("ResourceLogicalId:Role, ResourceType:AWS::IAM::Role, {reason}"));
        }
        std::fs::write(&instances, answer.to_string()).unwrap();
        let words = |output: Output| {
            let text = String::from_utf8(output.stdout).unwrap();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let arguments = ["check", "--values", "fixtures/expel.toml", "--from", from.to_str().unwrap()];
        let said = words(guide(&arguments));
        let taken = "333333333333 (FAILED, as what it creates exists there), 444444444444 (FAILED, as";
        assert_eq!(said.contains(taken), is_taken, "{said}");
        let collect = "333333333333, then to 444444444444; it only reads";
        assert_eq!(said.contains(collect), is_taken, "{said}");
        assert_eq!(said.contains("step 1: a plan cannot do this"), !is_taken, "{said}");
        assert_eq!(said.contains("(FAILED: ResourceLogicalId:Role"), !is_taken, "{said}");
        assert_eq!(said.contains("create-stack-instances"), !is_taken, "{said}");
        let said = words(plan(&from, &to, &[]));
        let failed = "its stack failed in 333333333333, 444444444444, as what it creates exists there: run";
        assert_eq!(said.contains(failed), is_taken, "{said}");
    }
}

/// An account in which a stack failed keeps the role from no other, and one without a good stack gets a command that brings it.
#[test]
fn a_member_account_without_a_good_stack_gets_a_command() {
    let (from, to) =
        (accounts("good-stacks"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("good-stacks-plans"));
    let _ = std::fs::remove_dir_all(&to);
    of_four_accounts(&from);
    // CloudFormation API, StackSetOperationPreferences: by default, the first failure ends an operation.
    let preferences = "--operation-preferences FailureTolerancePercentage=100,MaxConcurrentPercentage=100";
    stack_set(&from, "ENABLED", None);
    plan(&from, &to, &[]);
    for script in ["run.sh", "rollback.sh"] {
        let path = to.join("0001/2-management-111111111111").join(script);
        let text = std::fs::read_to_string(path).unwrap();
        let operation = text.lines().find(|line| line.contains("operation=$(aws")).unwrap();
        assert!(operation.contains(preferences), "{operation}");
        assert!(
            text.contains("list-stack-set-operation-results"),
            "an operation succeeds that failed in accounts"
        );
    }

    let words = |output: Output| {
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let next =
        || words(guide(&["check", "--values", "fixtures/expel.toml", "--from", from.to_str().unwrap()]));
    let instances = from.join("111111111111/stack-instances.json");
    let create = format!(
        "aws cloudformation create-stack-instances --stack-set-name ExpelIAMStackSet --deployment-targets \
         \"OrganizationalUnitIds=$(aws organizations list-roots --query 'Roots[0].Id' --output \
         text),Accounts=444444444444,AccountFilterType=INTERSECTION\" --regions 'us-east-1' {preferences}"
    );
    for (status, detailed) in
        [("OUTDATED", "CANCELLED"), ("OUTDATED", "FAILED"), ("INOPERABLE", "INOPERABLE")]
    {
        stack_set(&from, "ENABLED", Some(&["333333333333", "444444444444"]));
        let mut answer: Value = serde_json::from_str(&std::fs::read_to_string(&instances).unwrap()).unwrap();
        answer["Summaries"][1]["Status"] = json!(status);
        answer["Summaries"][1]["StackInstanceStatus"] = json!({ "DetailedStatus": detailed });
        std::fs::write(&instances, answer.to_string()).unwrap();
        for said in [next(), words(plan(&from, &to, &[]))] {
            assert!(said.contains(&create), "{create}\n{said}");
            // One that could not be deleted is in no further operation (StackInstanceSummary).
            let is_stuck = status == "INOPERABLE";
            assert_eq!(said.contains("delete-stack-instances --retain-stacks"), is_stuck, "{said}");
        }
        assert!(next().contains(&format!("not as it should be in 444444444444 ({detailed})")), "{}", next());
    }
    // So it is beside an account that a plan can do something in.
    let role = json!({ "Role": { "RoleName": "ExpelAssumeRole", "Arn": "arn:aws:iam::333333333333:role/ExpelAssumeRole",
        "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [] } } });
    std::fs::create_dir(from.join("333333333333")).unwrap();
    std::fs::write(from.join("333333333333/role.json"), role.to_string()).unwrap();
    for (file, list) in [("role-inline", "PolicyNames"), ("role-attached", "AttachedPolicies")] {
        std::fs::write(from.join(format!("333333333333/{file}.json")), json!({ list: [] }).to_string())
            .unwrap();
    }
    stack_set(&from, "ENABLED", Some(&["555555555555"]));
    let said = next();
    assert!(said.contains("no stack of the StackSet in 444444444444"), "{said}");
    assert!(said.contains(&create), "{said}");
    // Where all is as it should be, nothing of this is said.
    stack_set(&from, "ENABLED", Some(&["444444444444"]));
    let said = next();
    assert!(
        said.contains("333333333333: the trust policy does not have") && !said.contains("444444444444"),
        "{said}"
    );
}

/// What was collected of a member account before its stack was created says nothing of the role: the StackSet does.
#[test]
fn a_member_account_that_had_no_role_has_that_of_its_stack() {
    let (from, to) =
        (accounts("no-role-then"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-role-then-plans"));
    let _ = std::fs::remove_dir_all(&to);
    of_four_accounts(&from);
    std::fs::create_dir(from.join("333333333333")).unwrap();
    for file in ["role", "role-inline", "role-attached"] {
        let error = "An error occurred (NoSuchEntity) when calling …\n";
        std::fs::write(from.join(format!("333333333333/{file}.error")), error).unwrap();
    }
    stack_set(&from, "ENABLED", None);
    let said = String::from_utf8(plan(&from, &to, &[]).stdout).unwrap();
    assert!(said.contains("its stacks in 2 member accounts"), "{said}");
    let step1 = || check(&from, &[])["steps"][0].clone();
    assert_eq!(step1()["state"], "missing");
    stack_set(&from, "ENABLED", Some(&["333333333333", "444444444444"]));
    assert_eq!(step1()["state"], "done");
    assert!(step1()["detail"].as_str().unwrap().ends_with("and in 2 member accounts by the StackSet"));
    stack_set(&from, "ENABLED", Some(&["444444444444"]));
    assert_eq!(step1()["state"], "missing");
    assert!(step1()["detail"].as_str().unwrap().ends_with("no stack of the StackSet in 333333333333"));
}

/// A role of that name under another path is another role: nothing is put on it, and no stack can create the right one.
#[test]
fn a_member_account_with_a_role_under_another_path_is_left_out() {
    let (from, to) =
        (accounts("other-path"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("other-path-plans"));
    let _ = std::fs::remove_dir_all(&to);
    of_four_accounts(&from);
    let member = from.join("333333333333");
    std::fs::create_dir(&member).unwrap();
    let text = std::fs::read_to_string(from.join("111111111111/role.json")).unwrap();
    let arn = "arn:aws:iam::333333333333:role/old/ExpelAssumeRole";
    std::fs::write(member.join("role.json"), {
        let mut role: Value = serde_json::from_str(&text).unwrap();
        role["Role"]["Arn"] = json!(arn);
        role.to_string()
    })
    .unwrap();
    for (file, list) in [("role-inline", "PolicyNames"), ("role-attached", "AttachedPolicies")] {
        std::fs::write(member.join(format!("{file}.json")), json!({ list: [] }).to_string()).unwrap();
    }
    stack_set(&from, "ENABLED", None);
    let said = String::from_utf8(plan(&from, &to, &[]).stdout).unwrap();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains(&format!("step 1 in 333333333333: the role is `{arn}`, the value has path `/`;")),
        "{said}"
    );
    assert_eq!(said.matches("step 1 in 333333333333").count(), 1, "{said}");
    assert!(!to.join("0001/3-member-333333333333").exists());
    let run = std::fs::read_to_string(to.join("0001/2-management-111111111111/run.sh")).unwrap();
    assert!(run.contains("Accounts=222222222222,333333333333,AccountFilterType=DIFFERENCE"), "{run}");
    // What is planned is promised, and what is not is said.
    let from = from.display().to_string();
    let said = guide(&["check", "--values", "fixtures/expel.toml", "--from", &from]).stdout;
    let said = String::from_utf8(said).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("writes the commands for steps 1 (in part), 5, 6, 7, 8, and"), "{said}");
    assert!(said.contains("step 1: a plan cannot do all of this; change what its row reports"), "{said}");
}
