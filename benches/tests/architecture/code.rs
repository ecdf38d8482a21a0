//! The text of the sources, without what is not code: comments, strings and `#[cfg(test)]` items become spaces, so that
//! every line keeps its number.
//!
//! This is no parser: what a macro makes is not seen, and a `use …::*` hides which names it brings.

use std::fs;
use std::path::{Path, PathBuf};

/// A file of Rust code.
pub(crate) struct File {
    /// Relative to the workspace, with `/`.
    pub(crate) path: String,
    pub(crate) code: String,
}

/// Every file of Rust code below a folder of the workspace, sorted, without those that are modules of tests.
pub(crate) fn below(folder: &str) -> Vec<File> {
    let top = crate::root();
    let mut paths = Vec::new();
    collect(&top.join(folder), &mut paths);
    paths.sort();
    assert!(!paths.is_empty(), "{folder} has no Rust code: has it moved?");
    let mut tests: Vec<PathBuf> = Vec::new();
    let mut files = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("cannot read {}: {e}", path.display()));
        let (code, modules) = without_tests(&masked(&text));
        tests.extend(modules.iter().flat_map(|name| module_paths(&path, name)));
        files.push((path, code));
    }
    files.retain(|(path, _)| !tests.iter().any(|test| path == test || path.starts_with(test)));
    let relative = |path: &Path| path.strip_prefix(&top).expect("it is below").to_string_lossy().replace('\\', "/");
    files.into_iter().map(|(path, code)| File { path: relative(&path), code }).collect()
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("cannot list {}: {e}", folder.display()));
    for entry in entries {
        let path = entry.expect("an entry of a folder").path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// Where `mod name;` of a file may stand: as a file, and as a folder.
fn module_paths(file: &Path, name: &str) -> [PathBuf; 2] {
    let stem = file.file_stem().unwrap_or_default();
    let folder = match stem.to_str() {
        Some("mod" | "lib" | "main") => file.with_file_name(""),
        _ => file.with_extension(""),
    };
    [folder.join(format!("{name}.rs")), folder.join(name)]
}

impl File {
    /// Each place where a text stands that is not a part of a longer name, as `path:line`.
    pub(crate) fn places(&self, wanted: &str) -> Vec<String> {
        self.find(wanted).map(|at| format!("{}: {wanted}", self.place(at))).collect()
    }

    /// `path:line` of a position.
    pub(crate) fn place(&self, at: usize) -> String {
        format!("{}:{}", self.path, self.code[..at].matches('\n').count() + 1)
    }

    fn find(&self, wanted: &str) -> impl Iterator<Item = usize> {
        self.code.match_indices(wanted).map(|(at, _)| at).filter(move |at| is_whole(&self.code, *at, wanted))
    }

    /// Everything that `use` brings in: position, full path, and the name by which this file calls it.
    pub(crate) fn imports(&self) -> Vec<(usize, String, String)> {
        let mut imports = Vec::new();
        for at in self.find("use") {
            let before = self.code[..at].trim_end().trim_end_matches("pub").trim_end();
            if before.is_empty() || before.ends_with(['{', '}', ';', ']', ')']) {
                let tree = self.code[at + 3..].split(';').next().unwrap_or_default();
                let mut found = Vec::new();
                expand("", tree, &mut found);
                imports.extend(found.into_iter().map(|(path, name)| (at, path, name)));
            }
        }
        imports
    }

    /// What other crates see of this file, by lines that begin with `pub`: position and text, up to the body.
    ///
    /// The lint `unreachable_pub` sees to it that no `pub` stands where it means less. A public trait or enum is taken
    /// whole: all that is in it is public.
    pub(crate) fn public_items(&self) -> Vec<(usize, &str)> {
        let mut items = Vec::new();
        let mut at = 0;
        for line in self.code.split_inclusive('\n') {
            let start = at + (line.len() - line.trim_start_matches(' ').len());
            at += line.len();
            let Some(item) = self.code[start..].strip_prefix("pub ") else { continue };
            let whole = ["trait ", "enum ", "unsafe trait "].iter().any(|word| item.starts_with(word));
            let end = if whole {
                block_end(&self.code[start..])
            } else if item.starts_with("use ") {
                self.code[start..].find(';').unwrap_or(0)
            } else {
                self.code[start..].find(['{', ';']).unwrap_or(0).min(field_end(&self.code[start..]))
            };
            items.push((start, &self.code[start..start + end]));
        }
        items
    }
}

/// The end of `pub name: Type,`; of all else the end of the text.
fn field_end(text: &str) -> usize {
    let line = text.lines().next().unwrap_or_default();
    let is_item = ["fn ", "const ", "static ", "struct ", "type ", "mod ", "async ", "unsafe "];
    let is_field = !is_item.iter().any(|word| line["pub ".len()..].starts_with(word));
    if is_field { line.len() } else { text.len() }
}

/// The end of the first `{…}`, or of the `;` before it.
fn block_end(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            ';' if depth == 0 => return at,
            '}' if depth == 1 => return at + 1,
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Whether a word at a place is not a part of a longer one.
pub(crate) fn is_whole(text: &str, at: usize, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    let before = text[..at].chars().next_back().is_some_and(part_of_name);
    let after = text[at + word.len()..].chars().next().is_some_and(part_of_name);
    let is_part = before && word.starts_with(part_of_name) || after && word.ends_with(part_of_name);
    !is_part
}

/// Takes `a::{b, c::d as e}` apart.
fn expand(prefix: &str, tree: &str, into: &mut Vec<(String, String)>) {
    let tree = tree.trim();
    if let Some(open) = tree.find('{') {
        let inner = &tree[open + 1..tree.rfind('}').unwrap_or(tree.len())];
        let prefix = format!("{prefix}{}", tree[..open].trim());
        let mut depth = 0;
        let parts = inner.split(|c: char| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            c == ',' && depth == 0
        });
        for part in parts.filter(|part| !part.trim().is_empty()) {
            expand(&prefix, part, into);
        }
        return;
    }
    let (path, name) = match tree.split_once(" as ") {
        Some((path, name)) => (path.trim(), name.trim()),
        None => (tree, tree.rsplit("::").next().unwrap_or_default()),
    };
    let path = format!("{prefix}{path}");
    let (path, name) = match path.strip_suffix("::self") {
        Some(module) if name == "self" => {
            (module.to_owned(), module.rsplit("::").next().unwrap_or_default().to_owned())
        }
        Some(module) => (module.to_owned(), name.to_owned()),
        None => (path.clone(), name.to_owned()),
    };
    into.push((path, name));
}

/// The text with comments and the inside of strings as spaces.
fn masked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = not_code(&chars, at);
        if end > at {
            out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

/// Where the comment, string or character that begins here ends; `at` if none does.
fn not_code(chars: &[char], at: usize) -> usize {
    let starts = |word: &str| word.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
    if starts("//") {
        return chars[at..].iter().position(|c| *c == '\n').map_or(chars.len(), |length| at + length);
    }
    if starts("/*") {
        return comment_end(chars, at);
    }
    let in_name = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match chars[at] {
        '"' => string_end(chars, at),
        'r' | 'b' | 'c' if !in_name => raw_string_end(chars, at).unwrap_or(at),
        // 'x' or '\n', but not the lifetime 'x.
        '\'' if chars.get(at + 1) == Some(&'\\') => {
            let close = chars.iter().skip(at + 3).position(|c| *c == '\'');
            close.map_or(chars.len(), |length| at + 3 + length + 1)
        }
        '\'' if chars.get(at + 2) == Some(&'\'') => at + 3,
        _ => at,
    }
}

fn comment_end(chars: &[char], at: usize) -> usize {
    let mut depth = 0;
    let mut end = at;
    while end + 1 < chars.len() {
        match (chars[end], chars[end + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                end += 1;
                continue;
            }
        }
        end += 2;
        if depth == 0 {
            return end;
        }
    }
    chars.len()
}

fn string_end(chars: &[char], open: usize) -> usize {
    let mut end = open + 1;
    while end < chars.len() {
        match chars[end] {
            '\\' => end += 2,
            '"' => return end + 1,
            _ => end += 1,
        }
    }
    chars.len()
}

/// The end of `r"…"`, `r#"…"#`, `br"…"`; nothing for a name that begins so.
fn raw_string_end(chars: &[char], at: usize) -> Option<usize> {
    let raw = (at..chars.len().min(at + 2)).find(|i| chars[*i] == 'r')?;
    let hashes = chars[raw + 1..].iter().take_while(|c| **c == '#').count();
    let open = raw + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let closes = |end: &usize| {
        chars[*end] == '"' && chars[end + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes
    };
    Some((open + 1..chars.len()).find(closes).map_or(chars.len(), |end| end + 1 + hashes))
}

/// The code without `#[cfg(test)]` items, and the names of those that are modules in files of their own.
fn without_tests(code: &str) -> (String, Vec<String>) {
    const MARK: &str = "#[cfg(test)]";
    let mut out = String::with_capacity(code.len());
    let mut modules = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(MARK) {
        let item = &rest[at + MARK.len()..];
        let end = block_end(item) + usize::from(item[block_end(item)..].starts_with(';'));
        let declared = item[..end].split("mod ").last().and_then(|name| name.strip_suffix(';'));
        modules.extend(declared.filter(|_| item[..end].contains("mod ")).map(|name| name.trim().to_owned()));
        out.push_str(&rest[..at]);
        out.extend(rest[at..at + MARK.len() + end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &item[end..];
    }
    out.push_str(rest);
    (out, modules)
}

#[test]
fn only_code_is_read() {
    let text = r##"use std::{fs, io::{self as i, Read}};
// std::env in a comment /* of a line */ "
/* std::env /* in a comment */ still */ fn a<'a>(c: &'a str) -> char { '"' }
const S: &str = "std::env \" still"; const R: &str = r#"std::env " still"#;
#[cfg(test)]
mod tests { fn b() { x.unwrap() } }
#[cfg(test)] mod more;
#[cfg(test)] fn four() -> [u8; 4] { x.unwrap() }
pub fn last() -> std::env::Args { let env = std::environment; }
"##;
    let (code, modules) = without_tests(&masked(text));
    let file = File { path: "a.rs".to_owned(), code };
    assert_eq!(file.places("std::env"), ["a.rs:9: std::env"]);
    assert!(file.places(".unwrap()").is_empty());
    assert_eq!(modules, ["more"]);
    let imports: Vec<_> = file.imports().into_iter().map(|(_, path, name)| format!("{path} as {name}")).collect();
    assert_eq!(imports, ["std::fs as fs", "std::io as i", "std::io::Read as Read"]);
}

#[test]
fn public_is_what_others_see() {
    let code = "   \npub struct A {\n    pub b: B<C>,\n    d: D,\n    pub(crate) e: E,\n}\npub(super) fn f(g: G) {}\n\
                pub fn h(\n    i: I,\n) -> J {\n    k::K\n}\npub trait L {\n    fn m(&self) -> N;\n}\npub type O = P;\n";
    let file = File { path: "a.rs".to_owned(), code: code.to_owned() };
    let items = file.public_items();
    assert_eq!(items.len(), 5, "{items:?}");
    let seen: String = items.iter().map(|(_, text)| *text).collect();
    for name in ["A", "B", "C", "h", "I", "J", "L", "N", "P"] {
        assert!(seen.contains(name), "{name} is public: {seen}");
    }
    for name in ["D", "E", "G", "k::K"] {
        assert!(!seen.contains(name), "{name} is private: {seen}");
    }
}
