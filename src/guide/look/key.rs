//! A step that is about a key, or names one, is not done while the key cannot be used.

use super::{Look, Looking, State};
use crate::guide::key_state::KeyState;
use crate::guide::reads::{What, is_key};
use crate::placeholder;

impl Looking<'_> {
    /// How the document stands where a key that it is about, or names, cannot be used, or where that is not known of the
    /// step's own key.
    pub(super) fn key(&self) -> Option<Look> {
        let (setup, document) = (self.setup, self.document);
        let settings = document.settings.as_ref().map(|settings| settings.text());
        let texts = [document.texts(None).concat(), settings.unwrap_or_default()].concat();
        let named: Vec<&str> =
            placeholder::tokens(&texts).iter().map(|token| setup.packs.canonical(token.name)).collect();
        let keys = setup.reads().iter().filter(|read| matches!(read.what, What::KeyState | What::Alias));
        let mut looks = keys.filter_map(|read| {
            let key = read.parameter;
            if !is_key(document, key) && !named.contains(&key) {
                return None;
            }
            let is_own = self.step.documents.iter().any(|document| is_key(document, key));
            let (state, detail, commands) = match setup.key_state(self.accounts, key)? {
                KeyState::Usable => return None,
                KeyState::Unknown(why) if is_own => (State::CannotTell, why, Vec::new()),
                KeyState::Unknown(_) => return None,
                KeyState::Unusable(fault) if is_own => {
                    (State::Different, setup.to_do(key, fault), setup.enabling(key, fault))
                }
                KeyState::Unusable(fault) => {
                    let detail = format!("it names the key {}, which is {}", setup.key_name(key), fault.is);
                    (State::Different, detail, Vec::new())
                }
            };
            Some(Look { is_in_way: true, commands, ..Look::new(state, detail) })
        });
        looks.next()
    }
}
