//! Where `wget`, `curl` and `aria2c` put what they fetch, by their options.

/// Options of one letter that have a value, by program.
const VALUED: [(&str, &str); 3] = [
    ("curl", "AbcCdDeEFhHKmoPQrtTuUwxXyYz"),
    ("wget", "aABDeGiIlnOoPQRtTUwX"),
    ("aria2c", "dijklmMoOpPrRsStTuUvVxXyY"),
];

/// The words behind a program, and which letters of it have values.
pub struct FetchOptions<'w> {
    program: &'w str,
    words: &'w [String],
    valued: &'w str,
}

impl<'w> FetchOptions<'w> {
    /// Those of `wget`, `curl` or `aria2c`.
    pub fn new(program: &'w str, words: &'w [String]) -> Self {
        let valued = VALUED.iter().find(|(name, _)| *name == program).map_or("", |(_, letters)| *letters);
        Self { program, words, valued }
    }

    /// The value of an option; empty for one that has none. Letters may stand together: `-fsSLo FILE`.
    fn value(&self, letter: char, long: &str) -> Option<String> {
        self.words.iter().enumerate().find_map(|(index, word)| {
            let next = || self.words.get(index + 1).cloned().unwrap_or_default();
            if let Some(rest) = word.strip_prefix("--") {
                let (name, value) =
                    rest.split_once('=').map_or((rest, None), |(name, value)| (name, Some(value)));
                return (name == long).then(|| value.map_or_else(next, str::to_owned));
            }
            let letters = word.strip_prefix('-')?;
            let ends = letters.find(|c| self.valued.contains(c)).map_or(letters.len(), |at| at + 1);
            let at = letters[..ends].find(letter)?;
            let rest = &letters[at + letter.len_utf8()..];
            Some(if rest.is_empty() { next() } else { rest.to_owned() })
        })
    }

    fn has(&self, letter: char, long: &str) -> bool {
        self.value(letter, long).is_some()
    }

    /// Where a command puts what it fetches.
    pub fn destination(&self) -> Option<String> {
        let url = self.words.iter().find(|word| word.contains("://"))?;
        let last = url.split(['?', '#']).next()?.rsplit('/').next().filter(|name| !name.is_empty());
        let (file, place) = match self.program {
            "wget" => (self.value('O', "output-document"), self.value('P', "directory-prefix")),
            "curl" => {
                let named = self.value('o', "output");
                let is_told =
                    named.is_some() || self.has('O', "remote-name") || self.has('O', "remote-name-all");
                is_told.then_some(())?;
                (named, self.value('\0', "output-dir"))
            }
            _ => (self.value('o', "out"), self.value('d', "dir")),
        };
        // wget leaves its directory aside where a file is named.
        let place = place.filter(|_| self.program != "wget" || file.is_none());
        let file = file.or(last.map(str::to_owned))?;
        Some(place.map_or(file.clone(), |place| format!("{}/{file}", place.trim_end_matches('/'))))
    }

    /// Without a name for the file, wget makes another beside one that is there; so does aria2c in any case.
    pub fn spares(&self) -> bool {
        match self.program {
            "wget" => {
                !self.has('O', "output-document") || self.has('c', "continue") || self.has('n', "no-clobber")
            }
            "curl" => {
                self.has('C', "continue-at")
                    || self.has('\0', "no-clobber")
                    || self.has('\0', "skip-existing")
            }
            _ => true,
        }
    }
}
