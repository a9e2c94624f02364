//! What the trail itself says of its key.

use serde_json::Value as Json;

use super::{Look, Looking, State};
use crate::guide::reads;

impl Looking<'_> {
    /// How step 2 stands where the trail says that there is no key to give the role, or another one than the
    /// values name; `None` where the key's policy decides.
    pub(super) fn trail(&self) -> Option<Look> {
        let trails = self.accounts.json(self.account, reads::TRAILS)?;
        let bucket = self.setup.value("YOUR_S3_BUCKET")?;
        let text = |trail: &Json, name: &str| trail.get(name).and_then(Json::as_str).map(str::to_owned);
        let own = trails.get("trailList")?.as_array()?.iter();
        let own: Vec<&Json> =
            own.filter(|trail| text(trail, "S3BucketName").as_deref() == Some(bucket)).collect();
        let first = own.first()?;
        let name = text(first, "Name").unwrap_or_default();
        let keys: Vec<String> = own.iter().filter_map(|trail| text(trail, "KmsKeyId")).collect();
        let given = self.setup.value("YOUR_CLOUDTRAIL_KEY_ARN");
        let (state, detail) = match (keys.first(), given) {
            (None, _) => (
                State::Missing,
                format!(
                    "the trail {name} has no KMS key: its log files need no decrypting, and there is no key policy; \
                     give the trail a key, or ask Expel to do without"
                ),
            ),
            (Some(key), None) => (
                State::CannotTell,
                format!("there is no value for YOUR_CLOUDTRAIL_KEY_ARN; the trail {name} has `{key}`"),
            ),
            (Some(key), Some(given)) if !keys.iter().any(|key| key == given) => (
                State::Different,
                format!("the trail {name} encrypts with `{key}`, and not with YOUR_CLOUDTRAIL_KEY_ARN"),
            ),
            _ => return None,
        };
        let mut look = Look::new(state, detail);
        look.looked_at = vec![self.looked_at(&format!("{}.json", reads::TRAILS))];
        Some(look)
    }
}
