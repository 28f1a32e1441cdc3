//! What an error's text is known to mean.

/// A known cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What it is.
    pub title: String,
    /// What mends it.
    pub remedy: String,
}

/// The cause that a text names, if it names one that is known.
pub fn cause(text: &str) -> Option<Known> {
    let known = |title: &str, remedy: String| Some(Known { title: title.into(), remedy });
    let quoted = |before: &str| {
        let rest = &text[text.rfind(before)? + before.len()..];
        Some(&rest[..rest.find('\'')?])
    };
    if text.contains("attempted relative import with no known parent package") {
        return known(
            "a package's directory is on PYTHONPATH",
            "take <root>/service out of PYTHONPATH".into(),
        );
    }
    if let Some(library) = text.rsplit_once(": cannot open shared object file").map(|(before, _)| before) {
        let name = library.rsplit([' ', '\n']).next().unwrap_or_default();
        return known(
            "the loader does not find a library",
            format!("-L DIR, with the directory that has {name}"),
        );
    }
    match quoted("No module named '")? {
        "trans_dh_service" => {
            known("nothing stands for the bare name", "run it by heygem-run, and without --no-bridge".into())
        }
        module => {
            let package = module.split('.').next().unwrap_or(module);
            known("a module is missing in this Python", format!("python -m pip install {package}"))
        }
    }
}
