//! The policies that are given, by file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::analyze::decide::{Layer, Policies, fit};
use crate::analyze::evaluate::{Asked, Prepared};
use crate::analyze::request::{Caller, ContextValue, Request};
use crate::cli::choice::pointer;
use crate::cli::{Failure, Terminal, input};
use crate::document::{self, Counting, Details, Document, Hints};
use crate::kind::Kind;
use crate::policy::Statement;
use crate::policy::template::{Case, Choice, MOST_CASES, Settled};
use crate::read;
use crate::report::can as report;
use crate::report::human;
use crate::source::Source;
use crate::span::Span;

/// Which policies have a say.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct Given {
    /// A policy of the caller: of the user, a group or the role; may be repeated
    ///
    /// Of an answer of `aws iam get-account-authorization-details`, the policies of the caller are taken: those of the
    /// user or role and of its groups, the managed policies attached to these, and the permissions boundary.
    #[arg(long, value_name = "FILE", conflicts_with = "ndjson", help_heading = "Policies")]
    identity: Vec<String>,
    /// The policy of the resource: bucket, key, topic, queue, …, or the role's trust policy
    #[arg(long, value_name = "FILE", conflicts_with = "ndjson", help_heading = "Policies")]
    resource_policy: Option<String>,
    /// A policy of the caller's session; may be repeated
    #[arg(long, value_name = "FILE", conflicts_with = "ndjson", help_heading = "Policies")]
    session: Vec<String>,
    /// The caller's permissions boundary
    #[arg(long, value_name = "FILE", conflicts_with = "ndjson", help_heading = "Policies")]
    boundary: Option<String>,
    /// The policy of the VPC endpoint that the request goes through
    #[arg(long, value_name = "FILE", conflicts_with = "ndjson", help_heading = "Policies")]
    endpoint: Vec<String>,
    /// The service control policies of one level; once for each level
    #[arg(long, value_name = "FILE[,FILE…]", conflicts_with = "ndjson", help_heading = "Policies")]
    scp: Vec<String>,
    /// The resource control policies of one level; once for each level
    #[arg(long, value_name = "FILE[,FILE…]", conflicts_with = "ndjson", help_heading = "Policies")]
    rcp: Vec<String>,
    /// In a file with several policies, the one at this JSON pointer; may be repeated for further files
    #[arg(
        long,
        value_name = "POINTER",
        value_parser = pointer,
        conflicts_with = "ndjson",
        help_heading = "Policies"
    )]
    at: Vec<String>,
}

/// A policy that was given.
struct Read {
    file: String,
    layer: Layer,
    /// Which of the levels of its layer, of policies that limit by level.
    level: usize,
    /// What it is called in the details of an account, and whether these have it.
    of_details: Option<(String, bool)>,
    /// `None` where its template leaves it out.
    document: Option<Document>,
}

/// The policies, read.
#[derive(Default)]
pub(super) struct Opened {
    pub(super) policies: Policies,
    /// Each policy, in the order of its layer.
    pub(super) given: Vec<report::Given>,
    /// What is settled, where the templates of the policies leave choices: "if `IsProd` is true".
    pub(super) clause: Option<String>,
}

/// What `--assume` settles.
pub(super) struct Assumed(pub(super) Vec<(String, String)>);

impl Assumed {
    /// Refuses a name that settles nothing, as a slip would leave the question open or answer another one.
    fn check(&self, documents: &[(Layer, Document)]) -> Result<(), Failure> {
        for (at, (name, value)) in self.0.iter().enumerate() {
            if let Some((_, other)) =
                self.0[..at].iter().find(|(known, other)| known == name && other != value)
            {
                return Err(Failure::new(format!("`{name}` is assumed to be `{other}` and `{value}`"))
                    .help("give one value for each name"));
            }
            let is_condition = |document: &Document| {
                document.has_condition(name)
                    || document.policy.choices.contains(&Choice::Condition(name.clone()))
            };
            let names_condition = documents.iter().any(|(_, document)| is_condition(document));
            if names_condition && value.parse::<bool>().is_err() {
                return Err(Failure::new(format!(
                    "`{name}` is a condition, which is true or false, not `{value}`"
                ))
                .help(format!("write --assume {name}=true or --assume {name}=false")));
            }
            let label = format!("`{name}`");
            let alone = Assumed(vec![(name.clone(), value.clone())]).settled();
            let is_used = |document: &Document| {
                let mut around = document.around().iter().map(|around| &around.label);
                document.has_parameter(name)
                    || around.any(|known| known.contains(&label))
                    || document.settled(Some(&alone)).policy != document.policy
            };
            if !names_condition && !documents.iter().any(|(_, document)| is_used(document)) {
                let failure = Failure::new(format!("`{name}={value}` settles nothing in the policies"));
                let statements = documents.iter().flat_map(|(_, document)| &document.policy.statements);
                let mut labels = statements.flat_map(|statement| statement.unknowns());
                return Err(failure.help(match labels.find_map(|(label, _)| report::name_to_assume(label)) {
                    Some(name) => format!("a policy depends on `{name}`: write --assume {name}=VALUE"),
                    None => "give a condition that a policy depends on, as --assume IsProd=true, or a parameter, as --assume Env=prod".to_owned(),
                }));
            }
        }
        let settled = self.settled();
        let mut contradictions =
            documents.iter().filter_map(|(_, document)| document.contradiction(&settled));
        match contradictions.next() {
            Some(why) => Err(Failure::new(format!("what is assumed cannot be so: {why}"))
                .help("assume only what does not follow from the rest")),
            None => Ok(()),
        }
    }

    fn settled(&self) -> Settled {
        let mut settled = Settled::default();
        for (name, value) in &self.0 {
            if let Ok(holds) = value.parse() {
                settled.conditions.insert(name.clone(), holds);
            }
            settled.parameters.insert(name.clone(), value.clone());
        }
        settled
    }
}

impl Given {
    /// Whether the answer depends on who asks.
    pub(super) fn needs_principal(&self) -> bool {
        self.resource_policy.is_some() || !self.rcp.is_empty()
    }

    /// The policies, as far as they are there by what is assumed.
    pub(super) fn read(&self, asked: Parties<'_>, assumed: &Assumed) -> Result<Gathered, Failure> {
        let settled = assumed.settled();
        let Gathered { read, keys, .. } = self.files(asked)?;
        let documents: Vec<(Layer, Document)> =
            read.iter().filter_map(|read| Some((read.layer, read.document.clone()?))).collect();
        assumed.check(&documents)?;
        let settle = |read: Read| {
            let document = read.document.filter(|document| {
                let settled = document.following(&settled);
                !settled.leaves_out(document.around())
            });
            let document = document.map(|document| document.settled(Some(&document.following(&settled))));
            Read { document, ..read }
        };
        Ok(Gathered { read: read.into_iter().map(settle).collect(), keys, settled })
    }

    /// Reads the policies, in the order of their layers, and names those that details of an account were searched for.
    fn files(&self, asked: Parties<'_>) -> Result<Gathered, Failure> {
        let (mut read, mut keys) = (Vec::new(), Vec::new());
        let mut boundaries = Vec::new();
        for file in &self.identity {
            let taken = match self.open_file(file, Layer::Identity, asked)? {
                Holding::One(document, others) => {
                    read.push(one(file, Layer::Identity, 0, *document));
                    others
                }
                Holding::Details(policies, own) => {
                    keys.extend(own);
                    policies
                }
            };
            for policy in taken {
                let boundary = policy.layer == Layer::Boundary;
                let policies = if boundary { &mut boundaries } else { &mut read };
                let of_details = Some((policy.name, policy.is_held));
                policies.push(Read { of_details, ..one(file, policy.layer, 0, policy.document) });
            }
        }
        let given = [
            (self.resource_policy.as_slice(), Layer::Resource),
            (self.session.as_slice(), Layer::Session),
            (self.boundary.as_slice(), Layer::Boundary),
            (self.endpoint.as_slice(), Layer::Endpoint),
            (self.scp.as_slice(), Layer::Scp),
            (self.rcp.as_slice(), Layer::Rcp),
        ];
        for (files, layer) in given {
            for (level, files) in files.iter().enumerate() {
                let by_level = matches!(layer, Layer::Scp | Layer::Rcp);
                let files = if by_level { files.split(',').collect() } else { vec![files.as_str()] };
                for file in files {
                    let Holding::One(document, _) = self.open_file(file, layer, (None, asked.1))? else {
                        continue;
                    };
                    read.push(one(file, layer, level, *document));
                }
            }
            if layer == Layer::Boundary {
                read.append(&mut boundaries);
            }
        }
        if read.iter().filter(|read| read.layer == Layer::Boundary).count() > 1 {
            return Err(Failure::new("there are two permissions boundaries, and a user or role has one")
                .help("leave out --boundary: the details of the account name the boundary"));
        }
        let unused = self.at.iter().find(|pointer| {
            let mut documents = read.iter().filter_map(|read| read.document.as_ref());
            !documents.any(|document| document.pointer() == **pointer)
        });
        match unused {
            Some(pointer) => Err(Failure::new(format!("no policy that is taken is at `{pointer}`"))
                .help("--at chooses the policy of a file that holds several")),
            None => Ok(Gathered { read, keys, settled: Settled::default() }),
        }
    }

    /// The policy in a file, or those of the caller in the details of an account.
    fn open_file(
        &self,
        path: &str,
        layer: Layer,
        (caller, resource): Parties<'_>,
    ) -> Result<Holding, Failure> {
        let source = read::read(Path::new(path))?;
        let text = source.text().to_owned();
        let hints = Hints { kind: layer.kind(), ..Hints::default() };
        let mut file = document::open(source, &Hints::default());
        let name = file.source.name().to_owned();
        // Of two layers that one file is given for, a pointer to a trust policy is for that of the resource.
        let names_principal = layer.kind().is_none_or(|kind| kind.names_principal());
        let fits = |document: &Document| document.kind.names_principal() == names_principal;
        let pointers = || file.documents.iter().filter(|one| fits(one)).map(Document::pointer);
        let mut at: Vec<String> =
            self.at.iter().filter(|at| pointers().any(|pointer| pointer == **at)).cloned().collect();
        let details = Details::read(&file);
        if let (Some(Caller::Aws(arn)), Some(details), true) = (caller, &details, at.is_empty()) {
            let Some(policies) = details.policies(arn) else {
                let failure = Failure::new(format!("`{name}` has no user or role `{arn}`"));
                return Err(failure.help(match file.cut_off() {
                    Some(_) => "the answer is cut off: get all of it, without --max-items",
                    None => "write the ARN that the answer has, or that of a session of the role",
                }));
            };
            let take = |policy: Counting| {
                let layer = if policy.is_boundary { Layer::Boundary } else { Layer::Identity };
                let held = policy.document.and_then(|at| file.documents.get(at)).cloned();
                let is_held = held.is_some();
                let document =
                    held.unwrap_or_else(|| Document::unknown_of(&name, Kind::Identity, &policy.name));
                Taken { layer, name: policy.name, is_held, document }
            };
            let policies = policies.into_iter().map(take).collect();
            return Ok(Holding::Details(policies, details.keys(arn)));
        }
        if let (Layer::Resource, Some(details), Some(arn), true) = (layer, &details, resource, at.is_empty())
        {
            at.extend(details.trust_policy(arn));
        }
        let index = match file.documents.len() {
            // What is wrong with its text, or that it has no `Statement`, is said as of a policy.
            0 => return Ok(Holding::One(Box::new(file.whole(&hints)), Vec::new())),
            1 => 0,
            // Pointers that are none of this file's choose nothing in it.
            _ => {
                let at = if at.is_empty() { &self.at } else { &at };
                input::meant(path, &file.documents, at, |_| false)?
            }
        };
        let mut document = file.documents.swap_remove(index);
        if layer.kind().is_some_and(|kind| kind != document.kind) {
            document = document::open(Source::new(name, text.as_str()), &hints).documents.swap_remove(index);
        }
        if let Some(Caller::Aws(arn)) = caller.filter(|_| at.is_empty())
            && let Some(owner) = document::other_owner(&text, document.pointer(), arn)
        {
            return Err(Failure::new(format!("`{path}` has a policy of {owner}, and not of `{arn}`"))
                .help("to take it all the same, choose it with --at"));
        }
        // What else the resource of a template has, by names that are not read.
        let beside = file.named_beside(document.pointer()).into_iter().map(|maker| {
            let is_boundary = maker.label.contains("PermissionsBoundary");
            let layer = if is_boundary { Layer::Boundary } else { Layer::Identity };
            let what = format!("{}, which is not read", maker.label);
            let document = Document::unknown_of(file.source.name(), Kind::Identity, &what);
            Taken { layer, name: what, is_held: false, document }
        });
        let beside = beside.collect();
        // Each file is a stack, with parameters of its own.
        Ok(Holding::One(Box::new(document.in_stack(path)), beside))
    }
}

/// Who asks, and for what.
type Parties<'r> = (Option<&'r Caller>, Option<&'r str>);

/// What a file holds.
enum Holding {
    /// A policy, and what its resource has besides.
    One(Box<Document>, Vec<Taken>),
    Details(Vec<Taken>, Vec<(String, String)>),
}

/// A policy of the caller that was taken from the details of an account, or that a template names.
struct Taken {
    layer: Layer,
    name: String,
    /// Whether the answer has it; else nothing is known of it.
    is_held: bool,
    document: Document,
}

fn one(file: &str, layer: Layer, level: usize, document: Document) -> Read {
    Read { file: file.to_owned(), layer, level, of_details: None, document: Some(document) }
}

/// Policies that were read, with what is assumed of them.
pub(super) struct Gathered {
    read: Vec<Read>,
    /// What the details of an account say of the caller, by condition keys.
    keys: Vec<(String, String)>,
    settled: Settled,
}

/// What of the policies a request can depend on.
pub(super) struct About {
    /// The choices of the statements that are about it in some case.
    choices: Vec<Choice>,
    /// Of each policy, the statements of which none is, in no case.
    others: Vec<Vec<Span>>,
}

impl Gathered {
    /// Puts the tags and the id of the caller into a request that does not say them. A session may have other tags than its
    /// role.
    pub(super) fn complete(&self, request: &mut Request) -> Result<(), Failure> {
        let is_user = matches!(&request.principal, Some(Caller::Aws(arn)) if arn.contains(":user/"));
        for (key, value) in &self.keys {
            match request.context.get(key).map(ContextValue::values) {
                Some([given]) if given == value => {}
                Some(_) if is_user => {
                    return Err(Failure::new(format!("`{key}` is `{value}` in the details of the account"))
                        .help("leave it out of --context, or give the policies of the user one by one"));
                }
                Some(_) => {}
                None => request.context.insert(key, ContextValue::One(value.clone())),
            }
        }
        Ok(())
    }

    /// The policies in each case of their templates, as far as nothing is assumed of these: all cases, or those that
    /// something depends on.
    pub(super) fn open(&self, about: Option<&About>, terminal: &Terminal) -> Result<Vec<Opened>, Failure> {
        let nothing = Document::nothing();
        let plain: Vec<&Document> =
            self.read.iter().map(|read| read.document.as_ref().unwrap_or(&nothing)).collect();
        let cases =
            Document::cases_by(&plain, |choice| about.is_none_or(|about| about.choices.contains(choice)));
        let mut opened: Vec<Opened> = cases
            .iter()
            .map(|case| self.in_case(&self.read, about, case, terminal))
            .collect::<Result<_, Failure>>()?;
        // What is said of the policies is said as of the case in which most of them are there.
        opened.sort_by_key(|opened| std::cmp::Reverse(opened.given.len()));
        // Some may be rewritten.
        let rewritten = self.read.iter().find_map(|read| read.document.as_ref()?.rewritten_by());
        if let Some(label) = rewritten {
            let other = |document: &Document| match document.rewritten_by() {
                Some(_) => document.unknown(),
                None => document.clone(),
            };
            let others = self.read.iter().map(|read| Read {
                file: read.file.clone(),
                of_details: read.of_details.clone(),
                document: read.document.as_ref().map(other),
                ..*read
            });
            let mut other = self.in_case(&others.collect::<Vec<_>>(), about, &cases[0], terminal)?;
            other.clause = Some(format!("if {label} rewrites the policy"));
            opened.push(other);
        }
        Ok(opened)
    }

    fn in_case(
        &self,
        read: &[Read],
        about: Option<&About>,
        case: &Case,
        terminal: &Terminal,
    ) -> Result<Opened, Failure> {
        let mut opened = Opened { clause: case.clause(), ..Opened::default() };
        let mut policies = Policies::default();
        // A level of which every policy is left out limits nothing.
        let (mut scp, mut rcp) =
            (BTreeMap::<usize, Vec<Prepared>>::new(), BTreeMap::<usize, Vec<Prepared>>::new());
        for (at, (read, of_case)) in read.iter().zip(&case.settled).enumerate() {
            let Some(document) = &read.document else { continue };
            let settled = document.following(&self.settled.with(of_case));
            if settled.leaves_out(document.around()) {
                continue;
            }
            let document = document.settled(Some(&settled));
            // What matches the request in no case says nothing of it.
            let others = about.map_or(&[][..], |about| &about.others[at]);
            let is_other = |one: &&Statement| others.iter().any(|span| span.contains(one.span));
            let places: Vec<usize> =
                document.policy.statements.iter().filter(is_other).map(|one| one.index).collect();
            let prepared = opened.add(document, read, terminal)?.without(&places);
            match read.layer {
                Layer::Identity => policies.identity.push(prepared),
                Layer::Resource => policies.resource = Some(prepared),
                Layer::Session => policies.session.push(prepared),
                Layer::Boundary => policies.boundary.push(prepared),
                Layer::Endpoint => policies.endpoint.push(prepared),
                Layer::Scp => scp.entry(read.level).or_default().push(prepared),
                Layer::Rcp => rcp.entry(read.level).or_default().push(prepared),
            }
        }
        policies.scp = scp.into_values().collect();
        policies.rcp = rcp.into_values().collect();
        opened.policies = policies;
        Ok(opened)
    }

    /// What of the policies a request can depend on, where they make more cases than are looked at.
    pub(super) fn about(&self, request: &Request) -> About {
        let asked = Asked::new(request);
        let mut about = About { choices: Vec::new(), others: Vec::new() };
        for Read { layer, document, .. } in &self.read {
            let Some(document) = document else {
                about.others.push(Vec::new());
                continue;
            };
            let statements = &document.policy.statements;
            let mut is_about: Vec<bool> = statements.iter().map(|one| one.choices.is_empty()).collect();
            let cases_of = |at: usize| match is_about[at] {
                true => None,
                false => document.cases_of_choices(&statements[at].choices, MOST_CASES),
            };
            let cases: Vec<Option<Vec<Case>>> = (0..statements.len()).map(cases_of).collect();
            // Of several statements one case each is read at once, as what one statement says depends on its own
            // choices alone.
            for turn in 0..MOST_CASES {
                let mut rounds: Vec<(Settled, Vec<usize>)> = Vec::new();
                for (at, cases) in cases.iter().enumerate().filter(|(at, _)| !is_about[*at]) {
                    let Some(cases) = cases else { continue };
                    let Some(settled) = cases.get(turn).and_then(|case| case.settled.first()) else {
                        continue;
                    };
                    match rounds.iter_mut().find(|(others, _)| others.agrees_with(settled)) {
                        Some((others, places)) => {
                            *others = others.with(settled);
                            places.push(at);
                        }
                        None => rounds.push((settled.clone(), vec![at])),
                    }
                }
                for (settled, places) in rounds {
                    let alone = document.settled(Some(&self.settled.with(&settled)));
                    let matching = fit(&alone, *layer).ok().map(|one| -> Vec<Span> {
                        let places: BTreeSet<usize> =
                            one.outcomes(&asked).map(|outcome| outcome.statement).collect();
                        let matching = alone.policy.statements.iter();
                        matching.filter(|one| places.contains(&one.index)).map(|one| one.span).collect()
                    });
                    for at in places {
                        let is_in = |span: &Span| statements[at].span.contains(*span);
                        is_about[at] = match &matching {
                            Some(matching) => matching.iter().any(is_in),
                            // It is not known of which statement it cannot be taken.
                            None => alone.policy.statements.iter().any(|one| is_in(&one.span)),
                        };
                    }
                }
            }
            let mut others = Vec::new();
            for ((statement, is_about), cases) in statements.iter().zip(is_about).zip(cases) {
                match is_about || cases.is_none() {
                    true => about.choices.extend(statement.choices.iter().cloned()),
                    false => others.push(statement.span),
                }
            }
            about.others.push(others);
        }
        about
    }
}

impl Opened {
    /// The ARN of the resource, where the file with its policy tells.
    pub(super) fn resource_arn(&self) -> Option<&str> {
        let given = self.given.iter().find(|given| given.layer == Layer::Resource)?;
        given.document.resource.as_deref()
    }

    fn add(&mut self, document: Document, read: &Read, terminal: &Terminal) -> Result<Prepared, Failure> {
        let layer = read.layer;
        let prepared = fit(&document, layer).map_err(|problems| {
            let shown: Vec<_> = problems.into_iter().take(5).map(|problem| (&document, problem)).collect();
            terminal.comment(&human::findings(&shown, terminal.err));
            let what = layer.kind().map_or_else(|| document.kind.with_article(), |kind| kind.with_article());
            Failure::new(format!("`{}` cannot be taken as {what}", read.file)).help("Nothing was decided.")
        })?;
        let (name, is_held) = read.of_details.clone().map_or((None, true), |(name, held)| (Some(name), held));
        self.given.push(report::Given { layer, document, name, is_held });
        Ok(prepared)
    }
}
