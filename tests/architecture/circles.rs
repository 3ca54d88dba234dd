//! Which file uses which, and where files use each other in a circle.
//!
//! A name that a `mod.rs` only hands on (`pub use walk::Walk`) counts as a use of the file that defines it.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::SourceFile;

/// The files by their module's path (`audit::judgement::required`; of a `mod.rs`, its folder's), and what each uses.
pub struct Graph {
    files: BTreeMap<Vec<String>, usize>,
    handed_on: BTreeMap<(Vec<String>, String), Vec<String>>,
    pub uses: Vec<BTreeSet<usize>>,
}

impl Graph {
    pub fn of(files: &[SourceFile]) -> Self {
        let modules = files.iter().enumerate().map(|(number, file)| (module_of(&file.path), number)).collect();
        let mut graph = Self { files: modules, handed_on: BTreeMap::new(), uses: vec![BTreeSet::new(); files.len()] };
        for file in files {
            let module = module_of(&file.path);
            for path in file.handed_on() {
                let (Some(name), from) = (path.last().cloned(), absolute(&module, &path)) else { continue };
                graph.handed_on.insert((module.clone(), name), from);
            }
        }
        for (number, file) in files.iter().enumerate() {
            let module = module_of(&file.path);
            let used = file.paths_used().into_iter().filter_map(|path| graph.file_of(&absolute(&module, &path)));
            graph.uses[number] = used.filter(|other| *other != number).collect();
        }
        graph
    }

    /// The file that defines what a path names.
    fn file_of(&self, path: &[String]) -> Option<usize> {
        let mut path = path.to_vec();
        for _ in 0..8 {
            let length = (0..=path.len()).rev().find(|length| self.files.contains_key(&path[..*length]))?;
            let module = path[..length].to_vec();
            let handed_on = path.get(length).and_then(|name| self.handed_on.get(&(module.clone(), name.clone())));
            match handed_on {
                Some(from) if from[..from.len() - 1] != module[..] => {
                    path = from.iter().chain(&path[length + 1..]).cloned().collect();
                }
                _ => return self.files.get(&module).copied(),
            }
        }
        None
    }

    /// Files that use each other in a circle, each circle once: those that are left when files that use none of the rest, or that
    /// none of the rest uses, are taken away again and again.
    pub fn circle(&self) -> BTreeSet<usize> {
        let mut left: BTreeSet<usize> = (0..self.uses.len()).collect();
        loop {
            let used: BTreeSet<usize> = left.iter().flat_map(|file| &self.uses[*file]).copied().collect();
            let kept: BTreeSet<usize> = left
                .iter()
                .copied()
                .filter(|file| used.contains(file) && self.uses[*file].iter().any(|other| left.contains(other)))
                .collect();
            if kept.len() == left.len() {
                return left;
            }
            left = kept;
        }
    }
}

/// `src/audit/judgement/zones.rs` is `audit::judgement::zones`.
fn module_of(path: &str) -> Vec<String> {
    let parts = path.trim_start_matches("src/").trim_end_matches(".rs").split('/');
    parts.filter(|part| !matches!(*part, "mod" | "lib" | "main")).map(str::to_owned).collect()
}

/// A path as it is from the crate's root.
fn absolute(module: &[String], path: &[String]) -> Vec<String> {
    let mut at: Vec<String> = module.to_vec();
    let mut rest = path;
    while let Some((first, others)) = rest.split_first() {
        match first.as_str() {
            "crate" => at.clear(),
            "self" => {}
            "super" => {
                at.pop();
            }
            _ => break,
        }
        rest = others;
    }
    at.extend(rest.iter().cloned());
    at
}
