//! `can`: may this principal do this?

mod policies;
mod stream;

use std::path::PathBuf;

use super::args::Global;
use super::choice::Format;
use super::{Exit, Failure, Terminal};
use crate::analyze::decide::{Verdict, agreed, decide};
use crate::analyze::request::{Caller, Context, ContextValue, Request};
use crate::lint::request::doubts;
use crate::policy::{Arn, is_account_id};
use crate::report::can as report;
use crate::report::json;

/// Say whether a request is allowed, and why
///
/// Decides as AWS does, over the policies that are given: those of the caller, of the resource, and
/// those that limit them. A file is a policy, or an answer of the AWS CLI with one in it. What is not
/// given is taken not to be there.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Can {
    /// Who asks: an ARN, a service such as s3.amazonaws.com, or anonymous
    #[arg(long, value_name = "ARN", value_parser = Caller::read, help_heading = "Request")]
    principal: Option<Caller>,
    /// The action it calls; case does not matter
    #[arg(
        long,
        value_name = "SERVICE:ACTION",
        value_parser = action,
        required_unless_present = "ndjson",
        help_heading = "Request"
    )]
    action: Option<String>,
    /// To what: an ARN, or * for an action that names none [default: the resource's policy may tell]
    #[arg(long, value_name = "ARN", value_parser = resource, help_heading = "Request")]
    resource: Option<String>,
    /// The account of the resource [default: that in its ARN, else the caller's]
    #[arg(long, value_name = "ACCOUNT", value_parser = account, help_heading = "Request")]
    resource_account: Option<String>,
    /// A condition key; once more for each further value of the same key
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value, help_heading = "Request")]
    context: Vec<(String, String)>,
    /// Take a condition of a template as true or false, a parameter, resource or attribute (Queue.Arn) as a text; may be
    /// repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value, conflicts_with = "ndjson", help_heading = "Policies")]
    assume: Vec<(String, String)>,
    #[command(flatten)]
    given: policies::Given,
    /// How to write the answer
    #[arg(long, value_enum, default_value = "human", value_name = "FORMAT", help_heading = "Output")]
    format: Format,
    /// Read {"id", "policies", "request"} one a line, from FILE or standard input, and answer one a line
    #[arg(
        long,
        conflicts_with_all = ["format", "action", "principal", "resource", "resource_account", "context"],
        help_heading = "Many requests"
    )]
    ndjson: bool,
    /// The lines
    #[arg(value_name = "FILE", requires = "ndjson", help_heading = "Many requests")]
    file: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  polmerge can --principal arn:aws:iam::222222222222:role/Reader \\
      --action s3:GetObject --resource arn:aws:s3:::logs/x \\
      --resource-account 111111111111 \\
      --identity reader.json --resource-policy bucket-policy.json
  polmerge can --principal s3.amazonaws.com --action sns:Publish \\
      --resource-policy topic.json \\
      --resource arn:aws:sns:us-east-1:111111111111:topic \\
      --context aws:SourceAccount=111111111111
  aws iam get-role --role-name Expel | polmerge can --action sts:AssumeRole \\
      --principal arn:aws:iam::222222222222:role/x --resource-policy - \\
      --identity theirs.json
  aws iam get-account-authorization-details > account.json
  polmerge can --principal \"$ROLE\" --action s3:ListAllMyBuckets --resource '*' \\
      --identity account.json
  polmerge can --principal \"$ROLE\" --action sts:AssumeRole \\
      --resource \"$OTHER_ROLE\" \\
      --identity account.json --resource-policy account.json
  polmerge can --principal \"$ROLE\" --action ec2:DescribeInstances \\
      --resource '*' --identity own.json \\
      --scp root.json --scp unit.json,unit-2.json
  polmerge can --ndjson scenarios.ndjson

Exit status:
  0  it is allowed; with --ndjson: every line was answered
  1  it is denied
  2  a file cannot be read or is not such a policy, or the command line is wrong
  3  undecided: it depends on what is not known of a policy, or on what AWS does
     not document";

impl Can {
    pub(super) fn run(self, _: &Global, terminal: &Terminal) -> Result<Exit, Failure> {
        if self.ndjson {
            return stream::run(self.file.as_deref());
        }
        let assumed = policies::Assumed(self.assume.clone());
        let gathered = self.given.read((self.principal.as_ref(), self.resource.as_deref()), &assumed)?;
        let mut cases = gathered.open(None, terminal)?;
        let Some(opened) = cases.first() else { return Err(Failure::new("there is no policy to decide by")) };
        let mut request = self.request(opened)?;
        gathered.complete(&mut request)?;
        let warnings = doubts(&request);
        for warning in &warnings {
            terminal.warning(warning);
        }
        let decided = |cases: &[policies::Opened]| {
            agreed(cases.iter().map(|case| (case.clause.clone(), decide(&case.policies, &request))).collect())
                .is_some_and(|decision| decision.verdict != Verdict::Undecided)
        };
        // Of many cases, those count in which the request may get another answer.
        if !decided(&cases) {
            cases = gathered.open(Some(&gathered.about(&request)), terminal)?;
        }
        let Some(opened) = cases.first() else { return Err(Failure::new("there is no policy to decide by")) };
        let decisions =
            cases.iter().map(|case| (case.clause.clone(), decide(&case.policies, &request))).collect();
        let Some(decision) = agreed(decisions) else {
            return Err(Failure::new("there is nothing to decide by"));
        };
        let told = report::Told {
            request: &request,
            decision: &decision,
            policies: &opened.given,
            warnings: &warnings,
        };
        match self.format {
            Format::Human => terminal.report(&report::human(&told, terminal.out)),
            Format::Json => terminal.data(&json::pretty(&report::Answer::new(&told))),
        }
        Ok(match decision.verdict {
            Verdict::Allowed => Exit::Yes,
            Verdict::ImplicitlyDenied | Verdict::ExplicitlyDenied => Exit::No,
            Verdict::Undecided => Exit::Undecided,
        })
    }

    fn request(&self, opened: &policies::Opened) -> Result<Request, Failure> {
        let of_policy = || opened.resource_arn().map(str::to_owned);
        let Some(resource) = self.resource.clone().or_else(of_policy) else {
            return Err(Failure::new("which resource? `--resource` is missing").help(
                "write --resource ARN, or --resource '*' for an action that names none, as s3:ListAllMyBuckets",
            ));
        };
        if let Some(own) = opened.resource_arn().filter(|own| is_another(&resource, own)) {
            return Err(Failure::new(format!(
                "the resource policy is attached to `{own}`, not to `{resource}`"
            ))
            .help("give the policy of that resource, or none"));
        }
        if self.principal.is_none() && self.given.needs_principal() {
            return Err(Failure::new("who asks? `--principal` is missing")
                .help("write --principal with an ARN, a service such as s3.amazonaws.com, or anonymous"));
        }
        Ok(Request {
            principal: self.principal.clone(),
            action: self.action.clone().unwrap_or_default(),
            resource,
            resource_account: self.resource_account.clone(),
            context: context(&self.context).map_err(Failure::new)?,
            ..Request::default()
        })
    }
}

/// The keys; one that is given several times is one of many values.
fn context(given: &[(String, String)]) -> Result<Context, String> {
    let mut keys: Vec<(&str, Vec<String>)> = Vec::new();
    for (key, value) in given {
        match keys.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(key)) {
            Some((_, values)) => values.push(value.clone()),
            None => keys.push((key, vec![value.clone()])),
        }
    }
    let mut context = Context::default();
    for (key, values) in keys {
        context.insert(key, ContextValue::of(key, values)?);
    }
    Ok(context)
}

fn action(text: &str) -> Result<String, String> {
    match text.split_once(':') {
        Some((service, name))
            if !service.is_empty()
                && !name.is_empty()
                && !text.contains(['*', '?', ' '])
                && !name.contains(':') =>
        {
            Ok(text.to_owned())
        }
        _ => Err(format!("`{text}` is no action: one is service:Action, as s3:GetObject, without wildcards")),
    }
}

/// Whether a resource is another one than `own`, which is what a policy is attached to: another bucket, or one in another
/// bucket, another key, queue or topic. An access point is not a part of its bucket's ARN.
fn is_another(resource: &str, own: &str) -> bool {
    let (Some(asked), Some(attached)) = (Arn::parse(resource), Arn::parse(own)) else { return false };
    let same_service =
        asked.service == attached.service && asked.region.is_empty() == attached.region.is_empty();
    let is_one = match attached.service {
        "s3" => attached.region.is_empty(),
        "kms" => asked.resource.starts_with("key/"),
        service => ["sns", "sqs"].contains(&service),
    };
    let rest = asked.resource.strip_prefix(attached.resource);
    same_service && is_one && !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
}

fn resource(text: &str) -> Result<String, String> {
    match Arn::parse(text) {
        _ if text == "*" => Ok(text.to_owned()),
        Some(arn) if is_pattern(text, &arn) => Err(format!(
            "`{text}` is a pattern: write the ARN of one resource, without wildcards, or * for an action that names none"
        )),
        Some(_) => Ok(text.to_owned()),
        None => Err(format!("`{text}` is not a resource: write its ARN, or * for an action that names none")),
    }
}

/// Whether a text is more than the ARN of one resource. That of a log group may end in `:*`.
fn is_pattern(text: &str, arn: &Arn<'_>) -> bool {
    let end = arn.after_log_group().map_or(0, str::len);
    text.get(..text.len() - end).unwrap_or(text).contains(['*', '?'])
}

fn account(text: &str) -> Result<String, String> {
    match is_account_id(text) {
        true => Ok(text.to_owned()),
        false => Err("an account has twelve digits".to_owned()),
    }
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not KEY=VALUE, as aws:SourceIp=203.0.113.7")),
    }
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!(
            "`{text}` is not NAME=VALUE; write a condition of the template as IsProd=true, a parameter as Env=prod"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed() {
        let group = "arn:aws:logs:eu-west-1:111111111111:log-group";
        for resource_of_logs in [format!("{group}:/aws/lambda/f:*"), format!("{group}:g")] {
            assert_eq!(resource(&resource_of_logs), Ok(resource_of_logs));
        }
        let wider = [format!("{group}:g*:*"), format!("{group}:*"), format!("{group}:g:log-stream:*")];
        let others = ["arn:aws:s3:::b/*", "arn:aws:s3:::b?", "arn:*:s3:::b", "arn:aws:sqs:eu-west-1:1:q:*"];
        for pattern in wider.iter().map(String::as_str).chain(others) {
            assert!(resource(pattern).unwrap_err().contains("is a pattern"), "{pattern}");
        }
        assert!(action("s3:GetObject").is_ok() && action("s3:Get*").is_err() && action("GetObject").is_err());
        assert!(resource("*").is_ok() && resource("bucket").is_err());
        assert!(name_and_value("IsProd").unwrap_err().contains("IsProd=true"));
        assert!(key_and_value("aws:PrincipalTag/a=b=c") == Ok(("aws:PrincipalTag/a".into(), "b=c".into())));
        let given =
            [("k", "1"), ("K", "2"), ("k", "3"), ("l", "")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let context = context(&given).unwrap();
        assert_eq!(context.get("k").unwrap().values(), ["1", "2", "3"]);
        assert_eq!(context.get("l"), Some(&ContextValue::One(String::new())));
    }
}
