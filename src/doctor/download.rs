//! What `download.sh` fetches, read from its lines.

use std::path::PathBuf;

use crate::shell::quote;

/// A file that the script fetches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// Where to, seen from the root.
    pub path: PathBuf,
    /// The command that does it.
    pub line: String,
}

/// Reads `wget URL -O FILE`, `curl -o FILE URL`, `aria2c -d DIR -o FILE URL`, a command a line, and `cd` between them. What has
/// a variable in it can't be told.
pub fn fetches(script: &str) -> Vec<Fetch> {
    let mut directory = PathBuf::new();
    let mut found = Vec::new();
    for line in script.replace("\\\n", " ").lines() {
        for command in line.split("&&").flat_map(|part| part.split(';')) {
            let Ok(words) = shell_words::split(command) else { continue };
            match words.first().map(String::as_str) {
                Some("cd") => directory.extend(words.get(1).filter(|to| !to.contains('$'))),
                Some(program @ ("wget" | "curl" | "aria2c")) => {
                    let path = destination(program, &words[1..]).filter(|path| !path.contains('$'));
                    found.extend(path.map(|path| {
                        let line = match directory.as_os_str().is_empty() {
                            true => command.trim().to_owned(),
                            false => format!("cd {} && {}", quote(&directory), command.trim()),
                        };
                        Fetch { path: directory.join(path), line }
                    }));
                }
                _ => {}
            }
        }
    }
    found
}

/// Where a command puts what it fetches.
fn destination(program: &str, words: &[String]) -> Option<String> {
    let value = |options: &[&str]| {
        words.iter().enumerate().find_map(|(index, word)| {
            options.iter().find_map(|option| match word.strip_prefix(option)? {
                "" => words.get(index + 1).cloned(),
                attached if option.starts_with("--") => attached.strip_prefix('=').map(str::to_owned),
                attached => Some(attached.to_owned()),
            })
        })
    };
    let url = words.iter().find(|word| word.contains("://"))?;
    let last = url.split(['?', '#']).next()?.rsplit('/').next().filter(|name| !name.is_empty());
    let (file, place) = match program {
        "wget" => (value(&["-O", "--output-document"]), value(&["-P", "--directory-prefix"])),
        "curl" if words.iter().any(|word| word == "-O" || word == "--remote-name" || word == "-LO") => {
            (last.map(str::to_owned), None)
        }
        "curl" => return value(&["-o", "--output", "-Lo"]),
        _ => (value(&["-o", "--out"]), value(&["-d", "--dir"])),
    };
    // wget leaves its directory aside where a file is named.
    let place = place.filter(|_| program != "wget" || file.is_none());
    let file = file.or(last.map(str::to_owned))?;
    Some(place.map_or(file.clone(), |place| format!("{}/{file}", place.trim_end_matches('/'))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_tells_what_it_fetches() {
        let table: &[(&str, &[&str])] = &[
            ("wget https://h/a.onnx -O face/a.onnx", &["face/a.onnx"]),
            ("wget -O face/a.onnx \\\n  https://h/x", &["face/a.onnx"]),
            ("wget -qc --output-document=a.pt https://h/x && echo done", &["a.pt"]),
            ("wget -P models https://h/b.pt?raw=1", &["models/b.pt"]),
            ("wget https://h/b.pt", &["b.pt"]),
            ("curl -L -o a.pt https://h/x; curl -LO https://h/c.pt", &["a.pt", "c.pt"]),
            ("curl https://h/x > a.pt", &[]),
            ("aria2c -d models -o a.pt https://h/x", &["models/a.pt"]),
            ("mkdir -p w\ncd w\nwget https://h/a.pt", &["w/a.pt"]),
            ("# wget https://h/a.pt\nset -e\necho 'wget", &[]),
            ("wget $BASE/a.pt -O $DIR/a.pt", &[]),
        ];
        for (script, expected) in table {
            let paths: Vec<_> = fetches(script).into_iter().map(|fetch| fetch.path).collect();
            assert_eq!(paths, expected.iter().map(PathBuf::from).collect::<Vec<_>>(), "{script}");
        }
    }
}
