//! What the trail itself says of its key.

use serde_json::Value as Json;

use super::{Look, Looking, State};
use crate::guide::reads::{What, is_key};

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
            (Some(key), None) => (
                State::CannotTell,
                format!("there is no value for {parameter}; the trail {name} has `{key}`"),
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
