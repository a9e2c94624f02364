//! The policies that are given, by file.

use std::path::Path;

use crate::analyze::decide::{Layer, Policies, fit};
use crate::analyze::evaluate::Prepared;
use crate::cli::{Failure, Terminal, input};
use crate::document::{self, Document, Hints};
use crate::policy::template::{Case, Choice, Settled};
use crate::read;
use crate::report::human;

/// Which policies have a say.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct Given {
    /// A policy of the caller: of the user, a group or the role; may be repeated
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
}

/// The policies, read.
#[derive(Default)]
pub(super) struct Opened {
    pub(super) policies: Policies,
    /// Each policy by its layer, in the order of its layer.
    pub(super) documents: Vec<(Layer, Document)>,
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
            let is_used = |document: &Document| {
                let mut around = document.around().iter().map(|around| &around.label);
                document.text().contains(name.as_str())
                    || document.has_parameter(name)
                    || around.any(|known| known.contains(&label))
            };
            if !documents.iter().any(|(_, document)| is_used(document)) {
                return Err(Failure::new(format!("`{name}={value}` settles nothing in the policies")).help(
                    "give a condition that a policy depends on, as --assume IsProd=true, or a parameter, as --assume Env=prod",
                ));
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

    /// The policies in each case of their templates, as far as nothing is assumed of these.
    pub(super) fn open(&self, assumed: &Assumed, terminal: &Terminal) -> Result<Vec<Opened>, Failure> {
        let settled = assumed.settled();
        let read = |file: &String, layer| open(file, layer);
        let all = |files: &[String], layer| {
            files.iter().map(|file| Ok((layer, read(file, layer)?))).collect::<Result<Vec<_>, Failure>>()
        };
        let levels = |given: &[String], layer| {
            let files =
                given.iter().flat_map(|level| level.split(',')).map(str::to_owned).collect::<Vec<_>>();
            all(&files, layer)
        };
        let mut documents = all(&self.identity, Layer::Identity)?;
        documents.extend(all(self.resource_policy.as_slice(), Layer::Resource)?);
        documents.extend(all(&self.session, Layer::Session)?);
        documents.extend(all(self.boundary.as_slice(), Layer::Boundary)?);
        documents.extend(all(&self.endpoint, Layer::Endpoint)?);
        documents.extend(levels(&self.scp, Layer::Scp)?);
        documents.extend(levels(&self.rcp, Layer::Rcp)?);
        assumed.check(&documents)?;
        let settle = |(layer, document): (Layer, Document)| {
            let settled = document.following(&settled);
            let is_there = !settled.leaves_out(document.around());
            (layer, is_there.then(|| document.settled(Some(&settled))))
        };
        let documents: Vec<(Layer, Option<Document>)> = documents.into_iter().map(settle).collect();
        let nothing = Document::nothing();
        let plain: Vec<&Document> =
            documents.iter().map(|(_, document)| document.as_ref().unwrap_or(&nothing)).collect();
        let cases = Document::cases_of(&plain);
        let mut opened: Vec<Opened> = cases
            .iter()
            .map(|case| self.in_case(&documents, &settled, case, terminal))
            .collect::<Result<_, Failure>>()?;
        // What is said of the policies is said as of the case in which most of them are there.
        opened.sort_by_key(|opened| std::cmp::Reverse(opened.documents.len()));
        // Some may be rewritten.
        let rewritten = documents.iter().find_map(|(_, document)| document.as_ref()?.rewritten_by());
        if let Some(label) = rewritten {
            let other = |document: &Document| match document.rewritten_by() {
                Some(_) => document.unknown(),
                None => document.clone(),
            };
            let others = documents.iter().map(|(layer, document)| (*layer, document.as_ref().map(other)));
            let mut other = self.in_case(&others.collect::<Vec<_>>(), &settled, &cases[0], terminal)?;
            other.clause = Some(format!("if {label} rewrites the policy"));
            opened.push(other);
        }
        Ok(opened)
    }

    fn in_case(
        &self,
        documents: &[(Layer, Option<Document>)],
        settled: &Settled,
        case: &Case,
        terminal: &Terminal,
    ) -> Result<Opened, Failure> {
        let mut opened = Opened { clause: case.clause(), ..Opened::default() };
        let mut rest = documents.iter().zip(&case.settled);
        let mut all = |files: &[String], layer: Layer| -> Result<Vec<Prepared>, Failure> {
            let own = rest.by_ref().take(files.len());
            let there = own.zip(files).filter_map(|(((_, document), of_case), file)| {
                let document = document.as_ref()?;
                let settled = document.following(&settled.with(of_case));
                let is_there = !settled.leaves_out(document.around());
                is_there.then(|| (document.settled(Some(&settled)), file))
            });
            there.map(|(document, file)| opened.add(document, file, layer, terminal)).collect()
        };
        let identity = all(&self.identity, Layer::Identity)?;
        let resource = all(self.resource_policy.as_slice(), Layer::Resource)?.pop();
        let session = all(&self.session, Layer::Session)?;
        let boundary = all(self.boundary.as_slice(), Layer::Boundary)?;
        let endpoint = all(&self.endpoint, Layer::Endpoint)?;
        let mut levels = |given: &[String], layer| -> Result<Vec<Vec<Prepared>>, Failure> {
            let files = |level: &String| level.split(',').map(str::to_owned).collect::<Vec<_>>();
            let levels: Vec<_> =
                given.iter().map(|level| all(&files(level), layer)).collect::<Result<_, Failure>>()?;
            // A level of which every policy is left out limits nothing.
            Ok(levels.into_iter().filter(|level| !level.is_empty()).collect())
        };
        let scp = levels(&self.scp, Layer::Scp)?;
        let rcp = levels(&self.rcp, Layer::Rcp)?;
        opened.policies = Policies { identity, resource, session, boundary, endpoint, scp, rcp };
        Ok(opened)
    }
}

impl Opened {
    /// The ARN of the resource, where the file with its policy tells.
    pub(super) fn resource_arn(&self) -> Option<&str> {
        let (_, document) = self.documents.iter().find(|(layer, _)| *layer == Layer::Resource)?;
        document.resource.as_deref()
    }

    fn add(
        &mut self,
        document: Document,
        file: &str,
        layer: Layer,
        terminal: &Terminal,
    ) -> Result<Prepared, Failure> {
        let prepared = fit(&document, layer).map_err(|problems| {
            let shown: Vec<_> = problems.into_iter().take(5).map(|problem| (&document, problem)).collect();
            terminal.comment(&human::findings(&shown, terminal.err));
            let what = layer.kind().map_or_else(|| document.kind.with_article(), |kind| kind.with_article());
            Failure::new(format!("`{file}` cannot be taken as {what}")).help("Nothing was decided.")
        })?;
        self.documents.push((layer, document));
        Ok(prepared)
    }
}

/// The policy in a file.
fn open(path: &str, layer: Layer) -> Result<Document, Failure> {
    let source = read::read(Path::new(path))?;
    let hints = Hints { kind: layer.kind(), ..Hints::default() };
    let mut file = document::open(source, &hints);
    match file.documents.len() {
        1 => {}
        // What is wrong with its text, or that it has no `Statement`, is said as of a policy.
        0 => return Ok(file.whole(&hints)),
        _ => return Err(input::which(path, &file.documents)),
    }
    file.documents.pop().ok_or_else(|| Failure::new(format!("`{path}` holds no policy")))
}
