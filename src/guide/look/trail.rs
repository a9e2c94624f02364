//! What the trail itself says of its key.

use serde_json::Value as Json;

use super::{Look, Looking, State};
use crate::guide::Setup;
use crate::guide::accounts::{Accounts, Found};
use crate::guide::reads::{What, is_key};
use crate::guide::things::account_of;
use crate::steps::guide::Trail;

/// Where a trail writes in its bucket.
struct Written {
    /// The name of the trail.
    trail: String,
    /// The prefix that all accounts have whose log files it writes. CloudTrail guide, "Finding your CloudTrail log files":
    /// `PREFIX/AWSLogs/`, and after it the id of the organization whose trail it is.
    prefix: String,
    /// The longest prefix that all its log files have, as far as that is known.
    longest: String,
    /// Whether the id of the organization comes next, and is not known.
    is_open: bool,
}

/// Where the trails write whose bucket is the guide's; `None` where they were not collected.
fn written(setup: &Setup<'_>, accounts: &Accounts, trail: &Trail) -> Option<Vec<Written>> {
    let account = setup.id(setup.place(&trail.account)?)?;
    let trails = accounts.json(account, setup.read(What::Trails, ""))?;
    let bucket = setup.name_of(&trail.bucket)?;
    let text = |trail: &Json, name: &str| trail.get(name).and_then(Json::as_str).map(str::to_owned);
    // The ARN of an account of the organization has the organization's id.
    let organization = accounts.json(account, setup.read(What::Organization, ""));
    let organization = organization.as_ref().and_then(|answer| answer.pointer("/Accounts/0/Arn")?.as_str());
    let organization = organization.and_then(|arn| arn.split('/').nth(1)).filter(|id| id.starts_with("o-"));
    let own = trails.get("trailList")?.as_array()?.iter();
    let own = own.filter(|trail| text(trail, "S3BucketName").as_deref() == Some(bucket));
    let written = own.map(|trail| {
        let prefix = text(trail, "S3KeyPrefix").filter(|prefix| !prefix.is_empty());
        let prefix = prefix.map_or(String::new(), |prefix| format!("{}/", prefix.trim_end_matches('/')));
        let is_organization = trail.get("IsOrganizationTrail") == Some(&Json::Bool(true));
        let id = organization.filter(|_| is_organization).map_or(String::new(), |id| format!("{id}/"));
        let prefix = format!("{prefix}AWSLogs/{id}");
        let arn = text(trail, "TrailARN");
        let owner = arn.as_deref().and_then(account_of).unwrap_or(account);
        let longest = if is_organization { prefix.clone() } else { format!("{prefix}{owner}/CloudTrail/") };
        let is_open = is_organization && id.is_empty();
        Written { trail: text(trail, "Name").unwrap_or_default(), prefix, longest, is_open }
    });
    Some(written.collect())
}

/// The prefix of the keys of the log files of all trails that write to the bucket; `None` where they have none in
/// common, or the trails were not collected.
pub(in crate::guide) fn log_prefix(setup: &Setup<'_>, accounts: &Accounts, trail: &Trail) -> Option<String> {
    let mut prefixes: Vec<String> =
        written(setup, accounts, trail)?.into_iter().map(|written| written.prefix).collect();
    prefixes.dedup();
    if prefixes.len() == 1 { prefixes.pop() } else { None }
}

/// What is wrong with a prefix that was given, beside the trails that were collected: it leaves out log files of each.
pub(in crate::guide) fn wrong_prefix(setup: &Setup<'_>, accounts: &Accounts) -> Option<String> {
    let trail = setup.guide.trail.as_ref()?;
    let name = trail.prefix.as_ref().filter(|name| setup.is_given(name))?;
    let value = setup.value(name)?;
    let written = written(setup, accounts, trail)?;
    let first = written.first().filter(|_| !written.iter().any(|written| written.fits(value)))?;
    Some(format!(
        "{name} is `{value}`, but the trail {} writes to `{}`: log files would be left out; remove {name}, and the guide \
         takes the prefix from the trail",
        first.trail, first.prefix
    ))
}

/// The trails whose log files a prefix that was given leaves out while it has those of another one: the name of each, and the prefix
/// that it writes to.
pub(in crate::guide) fn left_out(setup: &Setup<'_>, accounts: &Accounts) -> Vec<(String, String)> {
    let trail = setup.guide.trail.as_ref();
    let given = trail.and_then(|trail| {
        let name = trail.prefix.as_deref().filter(|name| setup.is_given(name))?;
        Some((setup.value(name)?, written(setup, accounts, trail)?))
    });
    let Some((value, written)) = given else { return Vec::new() };
    let others = written.into_iter().filter(|written| !written.fits(value));
    others.map(|written| (written.trail, written.prefix)).collect()
}

/// The trails that write to the bucket, where no prefix is that of all of them.
pub(in crate::guide) fn apart(setup: &Setup<'_>, accounts: &Accounts) -> Option<String> {
    let trail = setup.guide.trail.as_ref()?;
    let written = written(setup, accounts, trail)?;
    let first = written.first()?;
    let is_one = written.iter().all(|other| other.prefix == first.prefix);
    let named = written.iter().map(|written| format!("{} to `{}`", written.trail, written.prefix));
    (!is_one).then(|| named.collect::<Vec<_>>().join(", "))
}

impl Written {
    /// Whether all log files of the trail have a prefix, as far as that is known.
    fn fits(&self, prefix: &str) -> bool {
        self.longest.starts_with(prefix) || (self.is_open && prefix.starts_with(&self.prefix))
    }
}

impl Looking<'_> {
    /// Where a notification may be limited to the trail's prefix, and the trails are not known: why, and the account that they
    /// are in.
    pub(super) fn without_trails(&self) -> Option<(String, String)> {
        let setup = self.setup;
        let trail = setup.guide.trail.as_ref()?;
        if !self.takes_prefix() {
            return None;
        }
        let account = setup.id(setup.place(&trail.account)?)?;
        let read = setup.read(What::Trails, "")?;
        if written(setup, self.accounts, trail).is_some() {
            return None;
        }
        let why = match self.accounts.found(account, read) {
            Found::Answer(_) => format!("{}.json has no list of trails", read.name),
            found => self.unknown(found, ("the trail's prefix, on which this depends,", false)).detail,
        };
        Some((why, account.to_owned()))
    }

    /// Whether the document may be limited to the prefix of the trail's log files.
    pub(super) fn takes_prefix(&self) -> bool {
        let prefix = self.setup.guide.trail.as_ref().and_then(|trail| trail.prefix.as_ref());
        prefix.is_some() && self.document.variants.values().any(|variant| variant.with.as_ref() == prefix)
    }

    /// That other trails of the bucket encrypt with other keys than the one that the document is about, in words.
    pub(super) fn other_keys(&self) -> Option<String> {
        let trail = self.setup.guide.trail.as_ref().filter(|trail| is_key(self.document, &trail.key))?;
        let trails = self.accounts.json(self.account, self.setup.read(What::Trails, ""))?;
        let (bucket, own) = (self.setup.name_of(&trail.bucket)?, self.setup.value(&trail.key)?);
        let text = |trail: &Json, name: &str| trail.get(name).and_then(Json::as_str).map(str::to_owned);
        let all = trails.get("trailList")?.as_array()?.iter();
        let of_bucket = all.filter(|trail| text(trail, "S3BucketName").as_deref() == Some(bucket));
        let others = of_bucket.filter_map(|trail| Some((text(trail, "Name")?, text(trail, "KmsKeyId")?)));
        let others: Vec<String> = others
            .filter(|(_, key)| key != own)
            .map(|(name, key)| format!("the trail {name} encrypts with another key, `{key}`"))
            .collect();
        (!others.is_empty()).then(|| others.join("; "))
    }

    /// How the step on the trail's key stands where the trail says that there is no key to give the role, or another one than the
    /// values name; `None` where the key's policy decides.
    pub(super) fn trail(&self) -> Option<Look> {
        let trail = self.setup.guide.trail.as_ref().filter(|trail| is_key(self.document, &trail.key))?;
        let read = self.setup.read(What::Trails, "")?;
        let trails = self.accounts.json(self.account, Some(read))?;
        let bucket = self.setup.name_of(&trail.bucket)?;
        let text = |trail: &Json, name: &str| trail.get(name).and_then(Json::as_str).map(str::to_owned);
        let own = trails.get("trailList")?.as_array()?.iter();
        let own: Vec<&Json> =
            own.filter(|trail| text(trail, "S3BucketName").as_deref() == Some(bucket)).collect();
        let Some(first) = own.first() else {
            let read_at = self.looked_at(&format!("{}.json", read.name));
            let detail = format!(
                "no trail of {} writes to the bucket {bucket}: is {} right?",
                self.account, trail.bucket
            );
            let look = Look::new(State::Different, detail);
            return Some(Look { looked_at: vec![read_at], is_in_way: true, ..look });
        };
        let name = text(first, "Name").unwrap_or_default();
        let keys: Vec<String> = own.iter().filter_map(|trail| text(trail, "KmsKeyId")).collect();
        let (parameter, vendor) = (&trail.key, &self.setup.guide.vendor);
        let given = self.setup.value(parameter);
        let (state, detail) = match (keys.first(), given) {
            (None, _) => (
                State::Missing,
                format!(
                    "the trail {name} has no KMS key: its log files need no decrypting, and there is no key policy; \
                     give the trail a key, or ask {vendor} to do without"
                ),
            ),
            (Some(key), Some(given)) if !keys.iter().any(|key| key == given) => (
                State::Different,
                format!("the trail {name} encrypts with `{key}`, and not with {parameter}"),
            ),
            _ => return None,
        };
        let mut look = Look::new(state, detail);
        look.looked_at = vec![self.looked_at(&format!("{}.json", read.name))];
        Some(look)
    }
}
