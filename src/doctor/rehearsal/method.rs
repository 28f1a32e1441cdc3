//! The start methods of `multiprocessing`.

use std::collections::BTreeSet;
use std::fmt;

/// How a child is started, in the order in which they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StartMethod {
    Fork,
    Spawn,
    ForkServer,
}

/// The start methods of which something holds; none where it is of no child.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StartMethods(BTreeSet<StartMethod>);

impl StartMethod {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Fork, "fork"), (Self::Spawn, "spawn"), (Self::ForkServer, "forkserver")];
}

impl StartMethods {
    pub fn named(name: &str) -> Self {
        let named = StartMethod::ALL.into_iter().filter(|(_, known)| *known == name);
        Self(named.map(|(method, _)| method).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn add(&mut self, others: &Self) {
        self.0.extend(&others.0);
    }
}

impl fmt::Display for StartMethods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = StartMethod::ALL.iter().filter(|(method, _)| self.0.contains(method));
        let names: Vec<&str> = named.map(|(_, name)| *name).collect();
        f.write_str(&names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_told_once_and_in_one_order() {
        let mut methods = StartMethods::default();
        assert!(methods.is_empty());
        for name in ["forkserver", "fork", "", "forkserver", "other"] {
            methods.add(&StartMethods::named(name));
        }
        assert_eq!(methods.to_string(), "fork, forkserver");
    }
}
