//! What the trail itself says of its key.

use serde_json::Value as Json;

use super::{Look, Looking, State};
use crate::guide::Setup;
use crate::guide::accounts::Accounts;
use crate::guide::reads::{What, is_key};
use crate::steps::guide::Trail;

/// The prefix of the keys of the log files of all trails that write to the bucket; `None` where they have none in
/// common, or the trails were not collected.
///
/// CloudTrail guide, "Finding your CloudTrail log files": `PREFIX/AWSLogs/`, and after it the id of the organization
/// whose trail it is.
pub(in crate::guide) fn log_prefix(setup: &Setup<'_>, accounts: &Accounts, trail: &Trail) -> Option<String> {
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
    let mut prefixes: Vec<String> = own
        .map(|trail| {
            let prefix = text(trail, "S3KeyPrefix").filter(|prefix| !prefix.is_empty());
            let prefix = prefix.map_or(String::new(), |prefix| format!("{}/", prefix.trim_end_matches('/')));
            let is_organization = trail.get("IsOrganizationTrail") == Some(&Json::Bool(true));
            let id = organization.filter(|_| is_organization).map_or(String::new(), |id| format!("{id}/"));
            format!("{prefix}AWSLogs/{id}")
        })
        .collect();
    prefixes.dedup();
    if prefixes.len() == 1 { prefixes.pop() } else { None }
}

impl Looking<'_> {
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
        let first = own.first()?;
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
