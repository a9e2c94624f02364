//! What is not known before a request: policy variables and holes, numbered.

impl Unknown {
    /// The key of a policy variable.
    pub fn key(&self) -> Option<&str> {
        match self {
            Unknown::Variable(name) => Some(name.split(',').next().unwrap_or(name).trim()),
            Unknown::Hole(_) | Unknown::Segment(_) => None,
        }
    }
}

/// The names, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    known: Vec<Unknown>,
}

/// A text that only the request knows, or what fills in a hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// `${key}` or `${key, 'default'}`: what stands between the braces, in lower case but for the default.
    Variable(String),
    /// A hole, by its name.
    Hole(String),
    /// One that holds no colon.
    Segment(String),
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

    /// The number of a hole.
    pub fn hole(&mut self, name: &str) -> u32 {
        self.number(Unknown::Hole(name.to_owned()))
    }

    /// The number of a hole that holds no colon.
    pub fn segment(&mut self, name: &str) -> u32 {
        self.number(Unknown::Segment(name.to_owned()))
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

    /// Whether any of them is a hole.
    pub fn has_hole(&self) -> bool {
        self.known.iter().any(|name| matches!(name, Unknown::Hole(_) | Unknown::Segment(_)))
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
