//! What is not known before a request: policy variables and a template's function calls, numbered.

impl Unknown {
    /// The key of a policy variable.
    pub fn key(&self) -> Option<&str> {
        match self {
            Unknown::Variable(name) => Some(name.split(',').next().unwrap_or(name).trim()),
            Unknown::Template(_) => None,
        }
    }
}

/// The names, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    known: Vec<Unknown>,
}

/// A text that only the request, or a template, knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// `${key}` or `${key, 'default'}`: what stands between the braces, in lower case but for the default.
    Variable(String),
    /// `{"Ref": "…"}`
    Template(String),
}

impl Names {
    /// The number of a policy variable.
    pub fn variable(&mut self, name: &str) -> u32 {
        let folded = match name.split_once(',') {
            Some((key, default)) => format!("{},{default}", key.to_ascii_lowercase()),
            None => name.to_ascii_lowercase(),
        };
        self.number(Unknown::Variable(folded))
    }

    /// The number of a template's function call.
    pub fn template(&mut self, text: &str) -> u32 {
        self.number(Unknown::Template(text.to_owned()))
    }

    pub fn get(&self, number: u32) -> Option<&Unknown> {
        self.known.get(number as usize)
    }

    /// The keys of the policy variables.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.known.iter().filter_map(Unknown::key)
    }

    /// Whether any of them is a policy variable.
    pub fn has_variable(&self) -> bool {
        self.known.iter().any(|name| matches!(name, Unknown::Variable(_)))
    }

    /// Whether any of them is a template's function call.
    pub fn has_template(&self) -> bool {
        self.known.iter().any(|name| matches!(name, Unknown::Template(_)))
    }

    fn number(&mut self, name: Unknown) -> u32 {
        let known = self.known.iter().position(|known| *known == name);
        let number = known.unwrap_or_else(|| {
            self.known.push(name);
            self.known.len() - 1
        });
        u32::try_from(number).unwrap_or(u32::MAX)
    }
}
